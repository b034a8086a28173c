/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "glass/run.h"

#include <stdio.h>

void
run_name(unsigned collector, unsigned number, char ret_name[RUN_NAME_BYTES])
{
	(void)snprintf(ret_name, RUN_NAME_BYTES, "run-%u-%u.tmp", collector, number);
}

/* ---- Writing --------------------------------------------------------------------------------- */

static enum status
write_list(struct spool_writer *out, const struct lists *lists, const struct list *list, struct error *reterr)
{
	unsigned char head[4 * PACK_UINT_BYTES + BTREE_KEY_BYTES];
	unsigned char *p = pack_uint(head, list->key.len);
	struct list_walk walk = { 0, 0 };
	struct str piece;
	enum status status;

	memcpy(p, list->key.p, list->key.len);
	p = pack_uint(p + list->key.len, list->records);
	p = pack_uint(p, list->sum);
	p = pack_uint(p, list->bytes);
	status = spool_write(out, (struct str) { (const char *)head, (size_t)(p - head) }, reterr);
	while (status == STATUS_OK && lists_piece(lists, list, &walk, &piece))
		status = spool_write(out, piece, reterr);
	return status;
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
	if (status == STATUS_OK)
		status = spool_read_uint(&run->spool, &run->left, reterr);
	run->record = (struct record) { 0, 0, { "", 0 } };
	return status;
}

enum status
run_next_record(struct run *run, struct error *reterr)
{
	struct spool_reader *spool = &run->spool;
	const unsigned char *start;
	uint64_t gap = 0;
	uint64_t number = 0;
	uint64_t len = 0;
	enum status status;

	if (run->left == 0)
		return STATUS_END;
	status = spool_fill(spool, 3 * PACK_UINT_BYTES, reterr);
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
