/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "query/plan/frequency.h"

#include "query/plan/listed.h"
#include "store/schema.h"

/* What a leap to a document costs, in steps from one to the next (docs/inverted-file.md, section 8). */
enum { LEAP_STEPS = 32 };

bool
frequency_is_split(const struct store_reader *reader, struct str term)
{
	return store_reader_is_lean(reader) && schema_is_in_file_alone(term);
}

/* Walks the list until `enough` unchanged documents are found. */
static uint32_t
walk(struct cursor *cursor, const struct store_touched *touched, uint32_t enough)
{
	uint32_t n = 0;

	while (n < enough && cursor_next(cursor) != CURSOR_END)
		n += !store_touched_has(touched, cursor->docid);
	return n;
}

/* How many of the changed documents the list has. */
static uint32_t
leap(struct cursor *cursor, const struct store_touched *touched)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < touched->n_words; i++)
		for (uint64_t bits = touched->words[i]; bits != 0 && cursor->docid != CURSOR_END; bits &= bits - 1) {
			uint32_t docid = i * 64 + (uint32_t)__builtin_ctzll(bits);

			n += cursor_seek(cursor, docid) == docid;
		}
	return n;
}

enum status
frequency_unchanged(const struct store_reader *reader, const struct invfile_term *found, uint32_t enough,
    uint32_t *ret_documents, struct error *reterr)
{
	const struct store_touched *touched = store_reader_touched(reader);
	struct cursor cursor;
	uint32_t n;

	/* More than could have changed. */
	if (touched->n_set == 0 || (found->documents > touched->n_set && enough <= found->documents - touched->n_set)) {
		*ret_documents = found->documents < enough ? found->documents : enough;
		return STATUS_OK;
	}
	cursor_open(&cursor, store_reader_invfile(reader), found);
	if (found->documents / LEAP_STEPS > touched->n_set)
		n = found->documents - leap(&cursor, touched);
	else
		n = walk(&cursor, touched, enough);
	*ret_documents = n < enough ? n : enough;
	return listed_check(&cursor, reterr);
}

enum status
frequency_of(const struct store_reader *reader, struct str term, uint32_t *ret_documents, struct error *reterr)
{
	bool in_file = store_reader_invfile(reader) != NULL && schema_is_in_invfile(term);
	bool has_changed = in_file && store_reader_touched(reader)->has_any;
	struct invfile_term found = { .documents = 0 };
	uint32_t unchanged = 0, of_xapian = 0;
	enum status status = STATUS_OK;

	if (!in_file || has_changed)
		status = xc_database_termfreq(store_reader_database(reader), term, &of_xapian, reterr);
	if (status == STATUS_OK && in_file && (!has_changed || frequency_is_split(reader, term)))
		status = listed_find(reader, term, &found, reterr);
	if (status == STATUS_OK && found.documents > 0)
		status = frequency_unchanged(reader, &found, UINT32_MAX, &unchanged, reterr);
	if (status == STATUS_OK)
		*ret_documents = unchanged + of_xapian;
	return status;
}
