/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "glass/run.h"

#include <stdio.h>
#include <stdlib.h>

/* A piece is written once it is so long. */
enum { PIECE_BYTES = 64 * 1024 };

void
run_name(unsigned collector, unsigned number, char ret_name[RUN_NAME_BYTES])
{
	(void)snprintf(ret_name, RUN_NAME_BYTES, "run-%u-%u.tmp", collector, number);
}

/* ---- Writing --------------------------------------------------------------------------------- */

static enum status
write_head(struct spool_writer *out, struct str key, uint64_t records, uint64_t sum, struct error *reterr)
{
	unsigned char head[3 * PACK_UINT_BYTES + BTREE_KEY_BYTES];
	unsigned char *p = pack_uint(head, key.len);

	memcpy(p, key.p, key.len);
	p = pack_uint(p + key.len, records);
	p = pack_uint(p, sum);
	return spool_write(out, (struct str) { (const char *)head, (size_t)(p - head) }, reterr);
}

/* All records of a list in one piece. */
static enum status
write_list(struct spool_writer *out, const struct lists *lists, const struct list *list, struct error *reterr)
{
	struct list_walk walk = { 0, 0 };
	struct str part;
	enum status status = write_head(out, list->key, list->records, list->sum, reterr);

	if (status == STATUS_OK && list->bytes > 0)
		status = spool_write_uint(out, list->bytes, reterr);
	while (status == STATUS_OK && lists_piece(lists, list, &walk, &part))
		status = spool_write(out, part, reterr);
	return status == STATUS_OK ? spool_write_uint(out, 0, reterr) : status;
}

enum status
run_write(struct lists *lists, const char *dir, const char *name, struct error *reterr)
{
	struct spool_writer out;
	enum status status = spool_create(&out, dir, name, reterr);

	if (status == STATUS_OK)
		status = lists_sort(lists, reterr);
	for (size_t i = 0; status == STATUS_OK && i < lists_count(lists); i++) {
		struct list list = lists_get(lists, i);

		status = write_list(&out, lists, &list, reterr);
	}
	if (status == STATUS_OK)
		status = spool_end(&out, reterr);
	spool_writer_done(&out);
	return status;
}

/* ---- Writing record by record ---------------------------------------------------------------- */

enum status
run_create(struct run_writer *writer, const char *dir, const char *name, struct error *reterr)
{
	writer->n = 0;
	return spool_create(&writer->spool, dir, name, reterr);
}

void
run_writer_done(struct run_writer *writer)
{
	spool_writer_done(&writer->spool);
	free(writer->piece);
	writer->piece = NULL;
	writer->capacity = 0;
}

static enum status
write_piece(struct run_writer *writer, struct error *reterr)
{
	enum status status = STATUS_OK;

	if (writer->n == 0)
		return STATUS_OK;
	status = spool_write_uint(&writer->spool, writer->n, reterr);
	if (status == STATUS_OK)
		status = spool_write(&writer->spool, (struct str) { (const char *)writer->piece, writer->n }, reterr);
	writer->n = 0;
	return status;
}

static enum status
make_room(struct run_writer *writer, size_t bytes, struct error *reterr)
{
	size_t capacity = writer->n + bytes > PIECE_BYTES ? writer->n + bytes : PIECE_BYTES;
	unsigned char *piece;

	if (capacity <= writer->capacity)
		return STATUS_OK;
	piece = realloc(writer->piece, capacity);
	if (piece == NULL)
		return error_set(reterr, STATUS_NOMEM, ERROR_NO_OFFSET, "out of memory");
	writer->piece = piece;
	writer->capacity = capacity;
	return STATUS_OK;
}

enum status
run_begin_key(struct run_writer *writer, struct str key, uint64_t records, uint64_t sum, struct error *reterr)
{
	writer->docid = 0;
	return write_head(&writer->spool, key, records, sum, reterr);
}

enum status
run_add_record(struct run_writer *writer, const struct record *record, struct error *reterr)
{
	enum status status = make_room(writer, RECORD_HEAD_BYTES + record->bytes.len, reterr);
	unsigned char *p;

	if (status != STATUS_OK)
		return status;
	p = record_head(record, writer->docid, writer->piece + writer->n);
	if (record->bytes.len > 0)
		memcpy(p, record->bytes.p, record->bytes.len);
	writer->n = (size_t)(p - writer->piece) + record->bytes.len;
	writer->docid = record->docid;
	return writer->n >= PIECE_BYTES ? write_piece(writer, reterr) : STATUS_OK;
}

enum status
run_end_key(struct run_writer *writer, struct error *reterr)
{
	enum status status = write_piece(writer, reterr);

	return status == STATUS_OK ? spool_write_uint(&writer->spool, 0, reterr) : status;
}

enum status
run_end(struct run_writer *writer, struct error *reterr)
{
	return spool_end(&writer->spool, reterr);
}

/* ---- Reading --------------------------------------------------------------------------------- */

enum status
run_open(struct run *run, const char *dir, const char *name, struct error *reterr)
{
	run->left = 0;
	run->key_len = 0;
	return spool_open(&run->spool, dir, name, reterr);
}

void
run_done(struct run *run)
{
	spool_reader_done(&run->spool);
}

enum status
run_next_key(struct run *run, struct error *reterr)
{
	uint64_t len = 0;
	struct str key = { "", 0 };
	enum status status = spool_at_end(&run->spool, reterr);

	if (status == STATUS_OK)
		status = spool_read_uint(&run->spool, &len, reterr);
	if (status == STATUS_OK)
		status = spool_read(&run->spool, len, &key, reterr);
	if (status == STATUS_OK && key.len > sizeof(run->key))
		status = spool_is_damaged(&run->spool, reterr);
	if (status != STATUS_OK)
		return status;
	memcpy(run->key, key.p, key.len);
	run->key_len = key.len;
	status = spool_read_uint(&run->spool, &run->records, reterr);
	if (status == STATUS_OK)
		status = spool_read_uint(&run->spool, &run->sum, reterr);
	run->left = 0;
	run->at_end = false;
	run->record = (struct record) { 0, 0, { "", 0 } };
	return status;
}

/* Once a piece is through, how long the next one is: 0 behind the last. */
static enum status
begin_piece(struct run *run, struct error *reterr)
{
	enum status status = STATUS_OK;

	if (!run->at_end && run->left == 0) {
		status = spool_read_uint(&run->spool, &run->left, reterr);
		run->at_end = status == STATUS_OK && run->left == 0;
	}
	return status == STATUS_OK && run->at_end ? STATUS_END : status;
}

enum status
run_next_record(struct run *run, struct error *reterr)
{
	struct spool_reader *spool = &run->spool;
	const unsigned char *start;
	uint64_t gap = 0;
	uint64_t number = 0;
	uint64_t len = 0;
	enum status status = begin_piece(run, reterr);

	if (status == STATUS_OK)
		status = spool_fill(spool, RECORD_HEAD_BYTES, reterr);
	if (status != STATUS_OK)
		return status;
	start = spool->window.p;
	if (!unpack_uint(&spool->window, &gap) || !unpack_uint(&spool->window, &number) ||
	    ((number & 1) != 0 && !unpack_uint(&spool->window, &len)))
		return spool_is_damaged(spool, reterr);
	len += (uint64_t)(spool->window.p - start);
	if (len > run->left)
		return spool_is_damaged(spool, reterr);
	run->left -= len;
	len -= (uint64_t)(spool->window.p - start);
	run->record.docid += (uint32_t)gap;
	run->record.number = number >> 1;
	run->record.bytes = (struct str) { "", 0 };
	return len > 0 ? spool_read(spool, len, &run->record.bytes, reterr) : STATUS_OK;
}
