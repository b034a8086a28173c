/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "glass/inverted.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/buf.h"
#include "base/limits.h"
#include "glass/cascade.h"
#include "glass/keys.h"
#include "glass/pack.h"
#include "glass/poslist.h"
#include "glass/slots.h"

enum {
	/*
	 * Of postings.  The library makes chunks of 2,000; smaller ones are skipped in faster, for no more bytes:
	 * AND of two words took 0.75 of the time, a word 0.9, phrases and NEAR the same (docs/performance.md).
	 */
	CHUNK_BYTES = 500,
	VALUE_CHUNK_BYTES = 2000,
	ENTRY_BYTES = 2 * PACK_UINT_BYTES, /* of a posting */
	KEY_BYTES = 2 * BTREE_KEY_BYTES,
	TAG_BYTES = 64 * 1024 * 1024
};

/*
 * A list that is cut into chunks; the first has the key of the list, and the others, behind it, their first docid.
 * A chunk is written when the next one begins, since it says whether it is the last.
 */
struct chunk {
	const struct merge_key *key;
	uint32_t first; /* docid */
	uint32_t last;
	bool is_first;
	size_t n;
	unsigned char entries[CHUNK_BYTES + ENTRY_BYTES];
};

struct writer {
	struct merge *merge;
	struct btree *postings;
	struct btree *positions;
	struct inverted_stats stats;
	struct slots slots; /* of the one that is looked at */
	struct buf tag;
	struct chunk chunk;
	const struct tee *tee; /* or NULL */
	enum tee_wish wish; /* of the list at hand */
	struct poslist read; /* positions of the posting at hand */
	unsigned char *coded; /* the same as the table has them */
	size_t capacity;
};

/* ---- Chunks of postings ---------------------------------------------------------------------- */

/* The key of a list with a docid behind it; a term, which has no end of its own, is closed by a NUL before. */
static struct str
key_with_docid(struct str key, bool is_term, uint32_t docid, unsigned char space[KEY_BYTES])
{
	unsigned char *p = space + key.len;

	memcpy(space, key.p, key.len);
	if (is_term)
		*p++ = 0;
	p = pack_docid(p, docid);
	return (struct str) { (const char *)space, (size_t)(p - space) };
}

static bool
is_lengths(struct str key)
{
	return str_eq(key, KEYS_LENGTHS);
}

/*
 *	of the first chunk: documents, occurrences, first docid - 1
 *	whether it is the last one, as a digit; last docid - first docid; wdf; then gap - 1 and wdf again and again
 */
static enum status
write_chunk(struct writer *writer, bool is_last, struct error *reterr)
{
	const struct chunk *chunk = &writer->chunk;
	const struct merge_key *key = chunk->key;
	bool lengths = is_lengths(key->key);
	unsigned char space[KEY_BYTES];
	unsigned char tag[5 * PACK_UINT_BYTES + sizeof(chunk->entries)];
	unsigned char *p = tag;
	struct str name = key->key;

	if (chunk->is_first) {
		p = pack_uint(p, lengths ? 0 : key->records);
		p = pack_uint(p, lengths ? 0 : key->sum);
		p = pack_uint(p, chunk->first - 1);
	} else
		name = key_with_docid(key->key, !lengths, chunk->first, space);
	*p++ = is_last ? '1' : '0';
	p = pack_uint(p, chunk->last - chunk->first);
	memcpy(p, chunk->entries, chunk->n);
	p += chunk->n;
	return btree_add(writer->postings, name, (struct str) { (const char *)tag, (size_t)(p - tag) }, false, reterr);
}

static enum status
add_posting(struct writer *writer, const struct record *record, struct error *reterr)
{
	struct chunk *chunk = &writer->chunk;
	unsigned char *p;
	enum status status = STATUS_OK;

	if (chunk->n >= CHUNK_BYTES) {
		status = write_chunk(writer, false, reterr);
		chunk->is_first = false;
		chunk->n = 0;
	}
	p = chunk->entries + chunk->n;
	if (chunk->n == 0)
		chunk->first = record->docid;
	else
		p = pack_uint(p, record->docid - chunk->last - 1);
	chunk->last = record->docid;
	p = pack_uint(p, record->number);
	chunk->n = (size_t)(p - chunk->entries);
	return status;
}

/* ---- Terms and lengths ----------------------------------------------------------------------- */

static enum status
reserve_coded(struct writer *writer, size_t bytes, struct error *reterr)
{
	unsigned char *coded;

	if (bytes <= writer->capacity)
		return STATUS_OK;
	coded = realloc(writer->coded, 2 * bytes);
	if (coded == NULL)
		return error_set(reterr, STATUS_NOMEM, ERROR_NO_OFFSET, "out of memory");
	writer->coded = coded;
	writer->capacity = 2 * bytes;
	return STATUS_OK;
}

static enum status
read_positions(struct writer *writer, const struct record *record, struct error *reterr)
{
	writer->read.n = 0;
	return record->bytes.len > 0 ? poslist_unpack(record->bytes, &writer->read, reterr) : STATUS_OK;
}

/* Those that were read. */
static enum status
add_positions(struct writer *writer, uint32_t docid, struct error *reterr)
{
	unsigned char space[KEY_BYTES];
	struct str key = key_with_docid(writer->chunk.key->key, true, docid, space);
	const struct poslist *read = &writer->read;
	enum status status = reserve_coded(writer, POSLIST_BYTES(read->n), reterr);
	size_t len;

	if (status != STATUS_OK)
		return status;
	len = poslist_encode(read->v, read->n, writer->coded);
	return btree_add(writer->positions, key, (struct str) { (const char *)writer->coded, len }, false, reterr);
}

static void
note_length(struct inverted_stats *stats, const struct record *record)
{
	uint32_t length = (uint32_t)record->number;

	stats->documents++;
	stats->last_docid = record->docid;
	stats->total_length += length;
	if (length > stats->length_upper)
		stats->length_upper = length;
	if (length > 0 && (stats->length_lower == 0 || length < stats->length_lower))
		stats->length_lower = length;
}

/* ---- What else is told ----------------------------------------------------------------------- */

static enum status
tell_list(struct writer *writer, const struct merge_key *key, struct error *reterr)
{
	unsigned char space[BTREE_KEY_BYTES];
	struct str term = { (const char *)space, pack_unescape(space, key->key) };

	writer->wish = TEE_NOTHING;
	if (writer->tee == NULL || is_lengths(key->key))
		return STATUS_OK;
	writer->wish = writer->tee->wish_cb(writer->tee->arg, term);
	if (writer->wish == TEE_NOTHING)
		return STATUS_OK;
	return writer->tee->begin_cb(writer->tee->arg, term, (uint32_t)key->records, key->sum, reterr);
}

/* Its positions were read. */
static enum status
tell_posting(struct writer *writer, const struct record *record, struct error *reterr)
{
	return writer->tee->add_cb(
	    writer->tee->arg, record->docid, (uint32_t)record->number, writer->read.v, writer->read.n, reterr);
}

static enum status
tell_record(struct writer *writer, const struct record *record, bool lengths, struct error *reterr)
{
	if (writer->wish != TEE_NOTHING)
		return tell_posting(writer, record, reterr);
	if (lengths && writer->tee != NULL)
		return writer->tee->length_cb(writer->tee->arg, record->docid, (uint32_t)record->number, reterr);
	return STATUS_OK;
}

/* ---- Lists ----------------------------------------------------------------------------------- */

static enum status
collected_twice(const struct record *record, struct error *reterr)
{
	return error_set(
	    reterr, STATUS_INTERNAL, ERROR_NO_OFFSET, "document %lu was collected twice", (unsigned long)record->docid);
}

static enum status
add_record(struct writer *writer, const struct record *record, bool lengths, struct error *reterr)
{
	enum status status;

	if ((writer->chunk.n > 0 || !writer->chunk.is_first) && record->docid <= writer->chunk.last)
		return collected_twice(record, reterr);
	status = add_posting(writer, record, reterr);
	if (lengths)
		note_length(&writer->stats, record);
	else if (record->number > writer->stats.wdf_upper)
		writer->stats.wdf_upper = (uint32_t)record->number;
	if (status == STATUS_OK)
		status = read_positions(writer, record, reterr);
	if (status == STATUS_OK && writer->read.n > 0 && writer->wish != TEE_POSITIONS_ALONE)
		status = add_positions(writer, record->docid, reterr);
	return status == STATUS_OK ? tell_record(writer, record, lengths, reterr) : status;
}

/* A list of which the database has nothing. */
static enum status
tell_alone(struct writer *writer, struct error *reterr)
{
	const struct record *record;
	uint32_t before = 0;
	enum status status;

	while ((status = merge_next_record(writer->merge, &record, reterr)) == STATUS_OK) {
		if (record->docid <= before)
			return collected_twice(record, reterr);
		before = record->docid;
		status = read_positions(writer, record, reterr);
		if (status == STATUS_OK)
			status = tell_posting(writer, record, reterr);
		if (status != STATUS_OK)
			return status;
	}
	return status == STATUS_END ? STATUS_OK : status;
}

static enum status
write_list(struct writer *writer, const struct merge_key *key, struct error *reterr)
{
	bool lengths = is_lengths(key->key);
	const struct record *record;
	enum status status;

	if (!lengths && key->sum > UINT32_MAX)
		return error_set(reterr, STATUS_LIMIT, ERROR_NO_OFFSET, "a word occurs %llu times: the limit is %lu",
		    (unsigned long long)key->sum, (unsigned long)UINT32_MAX);
	writer->chunk.key = key;
	writer->chunk.is_first = true;
	writer->chunk.n = 0;
	status = tell_list(writer, key, reterr);
	if (status == STATUS_OK && writer->wish == TEE_ALONE)
		return tell_alone(writer, reterr);
	while (status == STATUS_OK && (status = merge_next_record(writer->merge, &record, reterr)) == STATUS_OK)
		status = add_record(writer, record, lengths, reterr);
	return status == STATUS_END ? write_chunk(writer, true, reterr) : status;
}

/* ---- Values and metadata --------------------------------------------------------------------- */

/* The value of the last record is the one that counts. */
static enum status
write_metadata(struct writer *writer, const struct merge_key *key, struct error *reterr)
{
	const struct record *record;
	enum status status;

	buf_reset(&writer->tag);
	while ((status = merge_next_record(writer->merge, &record, reterr)) == STATUS_OK) {
		buf_reset(&writer->tag);
		status = buf_append_str(&writer->tag, record->bytes);
		if (status != STATUS_OK)
			return error_set(reterr, status, ERROR_NO_OFFSET, "%s", status_text(status));
	}
	if (status != STATUS_END || writer->tag.len == 0)
		return status == STATUS_END ? STATUS_OK : status;
	return btree_add(writer->postings, key->key, buf_str(&writer->tag), false, reterr);
}

static enum status
append_uint(struct buf *buf, uint64_t number)
{
	unsigned char bytes[PACK_UINT_BYTES];

	return buf_append(buf, bytes, (size_t)(pack_uint(bytes, number) - bytes));
}

/* How many values, the length of the least, it, and the greatest unless that is the same. */
static enum status
write_slot(struct writer *writer, const struct merge_key *key, struct error *reterr)
{
	const struct slot *slot = &writer->slots.slots[0];
	struct str lower = { slot->lower.p, slot->lower.len };
	struct str upper = { slot->upper.p, slot->upper.len };

	buf_reset(&writer->tag);
	(void)append_uint(&writer->tag, slot->values);
	(void)append_uint(&writer->tag, lower.len);
	(void)buf_append_str(&writer->tag, lower);
	if (!str_eq(lower, upper))
		(void)buf_append_str(&writer->tag, upper);
	if (buf_status(&writer->tag) != STATUS_OK)
		return error_set(
		    reterr, buf_status(&writer->tag), ERROR_NO_OFFSET, "%s", status_text(buf_status(&writer->tag)));
	return btree_add(writer->postings, key->key, buf_str(&writer->tag), false, reterr);
}

static enum status
write_value_stats(struct writer *writer, const struct merge_key *key, struct error *reterr)
{
	const struct record *record;
	enum status status;

	slots_done(&writer->slots);
	while ((status = merge_next_record(writer->merge, &record, reterr)) == STATUS_OK) {
		struct unpack bytes = { (const unsigned char *)record->bytes.p,
			(const unsigned char *)record->bytes.p + record->bytes.len };
		uint64_t len;
		struct str lower;

		if (!unpack_uint(&bytes, &len) || !unpack_bytes(&bytes, len, &lower))
			return error_set(reterr, STATUS_CORRUPT, ERROR_NO_OFFSET, "a temporary file is damaged");
		status = slots_note(&writer->slots, 0, record->number, lower,
		    (struct str) { (const char *)bytes.p, (size_t)(bytes.end - bytes.p) }, reterr);
		if (status != STATUS_OK)
			return status;
	}
	return status == STATUS_END ? write_slot(writer, key, reterr) : status;
}

/* Chunks of values: length and value, then gap - 1, length and value again and again. */
static enum status
write_values(struct writer *writer, const struct merge_key *key, struct error *reterr)
{
	unsigned char space[KEY_BYTES];
	uint32_t first = 0;
	uint32_t last = 0;
	const struct record *record;
	enum status status;

	buf_reset(&writer->tag);
	while ((status = merge_next_record(writer->merge, &record, reterr)) == STATUS_OK) {
		if (writer->tag.len == 0)
			first = record->docid;
		else
			(void)append_uint(&writer->tag, record->docid - last - 1);
		last = record->docid;
		(void)append_uint(&writer->tag, record->bytes.len);
		status = buf_append_str(&writer->tag, record->bytes);
		if (status != STATUS_OK)
			return error_set(reterr, status, ERROR_NO_OFFSET, "%s", status_text(status));
		if (writer->tag.len < VALUE_CHUNK_BYTES)
			continue;
		status = btree_add(writer->postings, key_with_docid(key->key, false, first, space),
		    buf_str(&writer->tag), false, reterr);
		if (status != STATUS_OK)
			return status;
		buf_reset(&writer->tag);
	}
	if (status != STATUS_END || writer->tag.len == 0)
		return status == STATUS_END ? STATUS_OK : status;
	return btree_add(
	    writer->postings, key_with_docid(key->key, false, first, space), buf_str(&writer->tag), false, reterr);
}

/* ---- All of it ------------------------------------------------------------------------------- */

static enum status
write_key(struct writer *writer, const struct merge_key *key, struct error *reterr)
{
	const struct {
		struct str prefix;
		enum status (*write)(struct writer *writer, const struct merge_key *key, struct error *reterr);
	} kinds[] = { { KEYS_METADATA, write_metadata }, { KEYS_VALUE_STATS, write_value_stats },
		{ KEYS_VALUES, write_values } };

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (str_has_prefix(key->key, kinds[i].prefix))
			return kinds[i].write(writer, key, reterr);
	return write_list(writer, key, reterr);
}

static enum status
open_table(const char *dir, const char *name, struct btree **ret_btree, struct error *reterr)
{
	char path[PATH_MAX];

	if (snprintf(path, sizeof(path), "%s/%s", dir, name) >= PATH_MAX)
		return error_set(reterr, STATUS_LIMIT, ERROR_NO_OFFSET, "the path of the index is longer than %d bytes",
		    PATH_MAX - 1);
	return btree_open(path, false, ret_btree, reterr);
}

static enum status
write_all(struct writer *writer, struct inverted *inverted, struct error *reterr)
{
	struct merge_key key;
	const struct tee *tee = writer->tee;
	enum status status = tee != NULL ? tee->start_cb(tee->arg, reterr) : STATUS_OK;

	while (status == STATUS_OK && (status = merge_next_key(writer->merge, &key, reterr)) == STATUS_OK)
		status = write_key(writer, &key, reterr);
	if (status != STATUS_END)
		return status;
	status = btree_finish(writer->postings, &inverted->postings, reterr);
	inverted->stats = writer->stats;
	if (status == STATUS_OK)
		status = btree_finish(writer->positions, &inverted->positions, reterr);
	return status == STATUS_OK && tee != NULL ? tee->finish_cb(tee->arg, reterr) : status;
}

enum status
inverted_write(
    const char *dir, unsigned n_collectors, const struct tee *tee, struct inverted *ret_inverted, struct error *reterr)
{
	struct writer *writer = calloc(1, sizeof(*writer));
	enum status status;

	if (writer == NULL)
		return error_set(reterr, STATUS_NOMEM, ERROR_NO_OFFSET, "out of memory");
	buf_init(&writer->tag, TAG_BYTES);
	writer->tee = tee;
	status = open_table(dir, "postlist.glass", &writer->postings, reterr);
	if (status == STATUS_OK)
		status = open_table(dir, "position.glass", &writer->positions, reterr);
	if (status == STATUS_OK)
		status = cascade_open(dir, n_collectors, LIMIT_BUILD_RUNS, &writer->merge, reterr);
	if (status == STATUS_OK)
		status = write_all(writer, ret_inverted, reterr);
	merge_close(writer->merge);
	btree_close(writer->postings);
	btree_close(writer->positions);
	slots_done(&writer->slots);
	buf_done(&writer->tag);
	free(writer->read.v);
	free(writer->coded);
	free(writer);
	return status;
}
