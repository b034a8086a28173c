/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Records: is a record of a file as it was, so that it need not be read?
 *
 * Answered by the table of known records (known.h) where there is one for this state of the index; where there is none, all
 * records are read, and the run ends with a new table.  A killed run leaves the index in a state that no table is of.
 */
#include <assert.h>
#include <stdlib.h>

#include "base/limits.h"
#include "store/path.h"
#include "store/writer-internal.h"

/* ---- A record -------------------------------------------------------------------------------- */

void
store_writer_records_expect(struct store_writer *writer, const struct str *records, size_t n)
{
	struct open_file *open = &writer->file;

	assert(n <= STORE_RECORDS_EXPECTED);
	open->n_expected = n;
	open->next_expected = 0;
	memcpy(open->expected, records, n * sizeof(*records));
	hash_each(&open->hash, records, n, open->expected_hashes);
}

/* The hash of a record of the open file. */
static struct hash
hash_record(struct open_file *open, struct str record)
{
	struct hash hash;

	while (open->next_expected < open->n_expected) {
		size_t i = open->next_expected++;

		if (open->expected[i].p == record.p && open->expected[i].len == record.len)
			return open->expected_hashes[i];
	}
	hash_each(&open->hash, &record, 1, &hash);
	return hash;
}

enum status
store_writer_record_look(struct store_writer *writer, struct str record, bool *ret_same, struct error *reterr)
{
	struct open_file *open = &writer->file;
	const struct flat *known = writer->records.known;
	size_t at;

	if (!open->is_open)
		return error_set(reterr, STATUS_INTERNAL, ERROR_NO_OFFSET, "a record outside of a file");
	*ret_same = false;
	open->put = 0;
	if (writer->options.dry_run)
		return STATUS_OK;
	open->asked = hash_record(open, record);
	at = known != NULL ? flat_find(known, &open->asked) : FLAT_NONE;
	if (at == FLAT_NONE || !writer_meet(writer, ((const struct known_record *)flat_at(known, at))->docid))
		return STATUS_OK;
	open->documents++;
	*ret_same = true;
	return STATUS_OK;
}

static bool
add_record(struct records *records, const struct known_record *record)
{
	if (records->n == records->capacity) {
		size_t capacity = records->capacity > 0 ? records->capacity * 2 : 1024;
		struct known_record *v = realloc(records->v, capacity * sizeof(*v));

		if (v == NULL)
			return false;
		records->v = v;
		records->capacity = capacity;
	}
	records->v[records->n++] = *record;
	return true;
}

void
store_writer_record_keep(struct store_writer *writer)
{
	struct known_record record = { writer->file.asked, writer->file.put };

	if (record.docid != 0 && !writer->options.dry_run && writer->records.n < LIMIT_KNOWN_RECORDS)
		(void)add_record(&writer->records, &record);
}

void
writer_note_stale(struct store_writer *writer, uint32_t docid)
{
	if (!writer->is_build && !writer->options.dry_run &&
	    docids_add(&writer->records.stale, docid, NULL) != STATUS_OK)
		writer->records.is_lost = true;
}

/* ---- The next table -------------------------------------------------------------------------- */

static int
compare_docids(const void *a, const void *b)
{
	uint32_t one = *(const uint32_t *)a;
	uint32_t other = *(const uint32_t *)b;

	return (one > other) - (one < other);
}

/* A record of this run counts, not what the table has of its document: they may be one and the same. */
static bool
is_stale(const struct docids *stale, uint32_t docid)
{
	return stale->n > 0 && bsearch(&docid, stale->ids, stale->n, sizeof(docid), compare_docids) != NULL;
}

/* Takes over from the table what still holds. */
static bool
add_known(struct records *records)
{
	size_t n = records->known != NULL ? flat_count(records->known) : 0;
	bool added = true;

	/* What this run read anew stands in both. */
	for (size_t i = 0; added && i < records->n; i++)
		added = docids_add(&records->stale, records->v[i].docid, NULL) == STATUS_OK;
	if (records->stale.n > 1)
		qsort(records->stale.ids, records->stale.n, sizeof(uint32_t), compare_docids);
	for (size_t i = 0; added && i < n && records->n < LIMIT_KNOWN_RECORDS; i++) {
		const struct known_record *record = flat_at(records->known, i);

		if (!is_stale(&records->stale, record->docid))
			added = add_record(records, record);
	}
	return added;
}

void
writer_make_records(struct store_writer *writer)
{
	struct records *records = &writer->records;

	if (records->is_made || records->is_lost || (records->known == NULL && records->n == 0))
		return;
	if (!add_known(records)) {
		records->is_lost = true;
		return;
	}
	if (records->n > 1)
		qsort(records->v, records->n, sizeof(*records->v), flat_compare);
	records->is_made = true;
}

void
writer_note_records(struct store_writer *writer)
{
	struct records *records = &writer->records;
	struct manifest *manifest = malloc(sizeof(*manifest));
	char path[PATH_MAX];
	bool whole = manifest != NULL && !records->is_lost && (records->known != NULL || records->n > 0) &&
		     path_join(path, writer->dir, writer->generation.name, NULL) == STATUS_OK &&
		     manifest_read(path, manifest, NULL) == STATUS_OK && manifest->sealed;

	/* In a run that changed nothing the table that there is holds on. */
	if (whole && (records->n > 0 || !hash_eq(&manifest->self, &records->manifest))) {
		writer_make_records(writer);
		/* One that is not written is seen not to hold: the next run is slower, and that is all. */
		whole = !records->is_lost && flat_write(writer->dir, known_records(), &manifest->self, records->v,
						 records->n, NULL) == STATUS_OK;
	}
	free(manifest);
}

void
writer_records_done(struct store_writer *writer)
{
	struct records *records = &writer->records;

	flat_close(records->known);
	free(records->v);
	free(records->stale.ids);
	*records = (struct records) { .known = NULL };
}
