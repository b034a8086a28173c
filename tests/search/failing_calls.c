/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/search/failing_calls.h"

#include "base/arena.h"
#include "invfile/matcher.h"
#include "stemmer/analyzer.h"
#include "store/reader.h"
#include "xapian-c/source.h"

static unsigned long left; /* until one fails; 0 for none */
static enum status wanted;
static const char *failed; /* the name of the call */
static unsigned stale;

void
failing_calls_arm(unsigned long n, enum status status)
{
	left = n;
	wanted = status;
	failed = NULL;
}

const char *
failing_calls_disarm(void)
{
	left = 0;
	return failed;
}

void
failing_calls_stale(unsigned n)
{
	stale = n;
}

unsigned
failing_calls_stale_left(void)
{
	return stale;
}

static bool
is_to_fail(const char *name)
{
	if (left == 0 || --left > 0)
		return false;
	failed = name;
	return true;
}

/* A function of memory, by its parameters, and what of them is handed on. */
#define MEMORY(type, nothing, name, parameters, arguments)                      \
	type __real_##name parameters;                                          \
	type __wrap_##name parameters;                                          \
	type __wrap_##name parameters                                           \
	{                                                                       \
		return is_to_fail(#name) ? (nothing) : __real_##name arguments; \
	}

/* A function that answers a status, and its last parameter is reterr. */
#define CALL(name, parameters, arguments)                                                                \
	enum status __real_##name parameters;                                                            \
	enum status __wrap_##name parameters;                                                            \
	enum status __wrap_##name parameters                                                             \
	{                                                                                                \
		if (is_to_fail(#name))                                                                   \
			return error_set(reterr, wanted, ERROR_NO_OFFSET, "%s was made to fail", #name); \
		return __real_##name arguments;                                                          \
	}

MEMORY(void *, NULL, malloc, (size_t bytes), (bytes))
MEMORY(void *, NULL, calloc, (size_t n, size_t bytes), (n, bytes))
MEMORY(void *, NULL, realloc, (void *old, size_t bytes), (old, bytes))
MEMORY(void *, NULL, arena_alloc, (struct arena * arena, size_t bytes), (arena, bytes))
MEMORY(void *, NULL, arena_calloc, (struct arena * arena, size_t n, size_t bytes), (arena, n, bytes))
MEMORY(struct str, ((struct str) { NULL, 0 }), arena_str, (struct arena * arena, struct str s), (arena, s))

CALL(analyzer_run,
    (struct analyzer * analyzer, struct str text, uint32_t first_pos, const struct token **ret_tokens, size_t *ret_n,
	struct error *reterr),
    (analyzer, text, first_pos, ret_tokens, ret_n, reterr))

enum status __real_analyzer_query_stems(struct analyzer *analyzer, const struct word *word, enum accents accents,
    const struct str **ret_stems, size_t *ret_n);
enum status __wrap_analyzer_query_stems(struct analyzer *analyzer, const struct word *word, enum accents accents,
    const struct str **ret_stems, size_t *ret_n);

enum status
__wrap_analyzer_query_stems(struct analyzer *analyzer, const struct word *word, enum accents accents,
    const struct str **ret_stems, size_t *ret_n)
{
	if (is_to_fail("analyzer_query_stems"))
		return wanted;
	return __real_analyzer_query_stems(analyzer, word, accents, ret_stems, ret_n);
}

CALL(store_reader_glance, (struct store_reader * reader, struct error *reterr), (reader, reterr))
CALL(store_reader_refresh, (struct store_reader * reader, bool *ret_changed, struct error *reterr),
    (reader, ret_changed, reterr))
CALL(store_reader_stats, (const struct store_reader *reader, struct store_stats *ret_stats, struct error *reterr),
    (reader, ret_stats, reterr))
CALL(store_reader_id,
    (const struct store_reader *reader, uint32_t docid, struct arena *arena, struct str *ret_id, struct error *reterr),
    (reader, docid, arena, ret_id, reterr))
CALL(store_reader_document,
    (const struct store_reader *reader, uint32_t docid, struct arena *arena, struct store_document *ret_document,
	struct error *reterr),
    (reader, docid, arena, ret_document, reterr))

CALL(xc_database_allterms,
    (struct xc_database * db, struct str prefix, struct xc_terms **ret_terms, struct error *reterr),
    (db, prefix, ret_terms, reterr))
CALL(xc_database_document,
    (struct xc_database * db, xc_docid docid, struct xc_document **ret_doc, struct error *reterr),
    (db, docid, ret_doc, reterr))
CALL(xc_database_postlist,
    (struct xc_database * db, struct str term, struct xc_postings **ret_postings, struct error *reterr),
    (db, term, ret_postings, reterr))
CALL(xc_database_termfreq, (struct xc_database * db, struct str term, xc_doccount *ret_freq, struct error *reterr),
    (db, term, ret_freq, reterr))
CALL(xc_database_value_freq, (struct xc_database * db, xc_valueno slot, xc_doccount *ret_freq, struct error *reterr),
    (db, slot, ret_freq, reterr))
CALL(xc_document_value, (struct xc_document * doc, xc_valueno slot, struct str *ret_value, struct error *reterr),
    (doc, slot, ret_value, reterr))
CALL(xc_enquire_new, (struct xc_database * db, struct xc_enquire **ret_enquire, struct error *reterr),
    (db, ret_enquire, reterr))
CALL(
    xc_database_avlength, (struct xc_database * db, double *ret_length, struct error *reterr), (db, ret_length, reterr))
CALL(xc_database_doclength, (struct xc_database * db, xc_docid docid, xc_termcount *ret_length, struct error *reterr),
    (db, docid, ret_length, reterr))
CALL(xc_enquire_set_bm25, (struct xc_enquire * enquire, const struct xc_bm25 *parameters, struct error *reterr),
    (enquire, parameters, reterr))
CALL(xc_postings_wdf, (struct xc_postings * postings, xc_termcount *ret_wdf, struct error *reterr),
    (postings, ret_wdf, reterr))
CALL(xc_enquire_set_bool_weight, (struct xc_enquire * enquire, struct error *reterr), (enquire, reterr))
CALL(xc_enquire_set_query,
    (struct xc_enquire * enquire, const struct xc_query *query, xc_termcount qlen, struct error *reterr),
    (enquire, query, qlen, reterr))
CALL(xc_enquire_set_sort,
    (struct xc_enquire * enquire, enum xc_sort sort, xc_valueno slot, bool reverse, struct error *reterr),
    (enquire, sort, slot, reverse, reterr))
CALL(xc_mset_item, (const struct xc_mset *mset, xc_doccount i, struct xc_mset_item *ret_item, struct error *reterr),
    (mset, i, ret_item, reterr))
CALL(xc_mset_stats, (const struct xc_mset *mset, struct xc_mset_stats *ret_stats, struct error *reterr),
    (mset, ret_stats, reterr))
CALL(xc_positions_read,
    (struct xc_database * db, xc_docid docid, struct str term, struct xc_poslist *list, struct error *reterr),
    (db, docid, term, list, reterr))
CALL(xc_postings_skip_to, (struct xc_postings * postings, xc_docid docid, xc_docid *ret_docid, struct error *reterr),
    (postings, docid, ret_docid, reterr))
CALL(xc_postings_next, (struct xc_postings * postings, xc_docid *ret_docid, struct error *reterr),
    (postings, ret_docid, reterr))
CALL(xc_query_combine,
    (enum xc_op op, const struct xc_query *const *queries, size_t n, xc_termcount parameter,
	struct xc_query **ret_query, struct error *reterr),
    (op, queries, n, parameter, ret_query, reterr))
CALL(xc_query_deadline, (uint64_t deadline_ns, struct xc_query **ret_query, struct error *reterr),
    (deadline_ns, ret_query, reterr))
CALL(xc_query_description, (struct xc_query * query, struct str *ret_text, struct error *reterr),
    (query, ret_text, reterr))
CALL(xc_query_docid_from, (struct xc_database * db, xc_docid docid, struct xc_query **ret_query, struct error *reterr),
    (db, docid, ret_query, reterr))
CALL(xc_query_match_all, (struct xc_query * *ret_query, struct error *reterr), (ret_query, reterr))
CALL(xc_query_scale_weight,
    (const struct xc_query *query, double factor, struct xc_query **ret_query, struct error *reterr),
    (query, factor, ret_query, reterr))
CALL(xc_query_term,
    (struct str term, xc_termcount wqf, xc_termpos pos, struct xc_query **ret_query, struct error *reterr),
    (term, wqf, pos, ret_query, reterr))
CALL(xc_query_value_ge, (xc_valueno slot, struct str limit, struct xc_query **ret_query, struct error *reterr),
    (slot, limit, ret_query, reterr))
CALL(xc_query_value_range,
    (xc_valueno slot, struct str lower, struct str upper, struct xc_query **ret_query, struct error *reterr),
    (slot, lower, upper, ret_query, reterr))
CALL(xc_query_source,
    (struct xc_database * db, const struct xc_source *source, struct xc_query **ret_query, struct error *reterr),
    (db, source, ret_query, reterr))
CALL(invfile_find, (const struct invfile *file, struct str term, struct invfile_term *ret_term, struct error *reterr),
    (file, term, ret_term, reterr))
CALL(cursor_read_positions, (struct cursor * cursor, struct cursor_positions *ret_positions, struct error *reterr),
    (cursor, ret_positions, reterr))
CALL(matcher_new,
    (const struct invfile *file, const struct bm25_collection *collection, const struct matcher_node *root,
	const struct matcher_skip *skip, const struct matcher_tick *tick, bool is_weighted,
	struct matcher **ret_matcher, struct error *reterr),
    (file, collection, root, skip, tick, is_weighted, ret_matcher, reterr))
CALL(matcher_next, (struct matcher * matcher, double least, uint32_t *ret_docid, struct error *reterr),
    (matcher, least, ret_docid, reterr))
CALL(matcher_seek, (struct matcher * matcher, uint32_t docid, double least, uint32_t *ret_docid, struct error *reterr),
    (matcher, docid, least, ret_docid, reterr))
CALL(invfile_terms_begin,
    (struct invfile_terms * terms, const struct invfile *file, struct str prefix, struct error *reterr),
    (terms, file, prefix, reterr))
CALL(invfile_terms_seek, (struct invfile_terms * terms, struct str term, struct error *reterr), (terms, term, reterr))
CALL(invfile_terms_next,
    (struct invfile_terms * terms, struct str *ret_term, struct invfile_term *ret_found, struct error *reterr),
    (terms, ret_term, ret_found, reterr))
CALL(xc_terms_skip_to, (struct xc_terms * terms, struct str term, struct str *ret_term, struct error *reterr),
    (terms, term, ret_term, reterr))
CALL(xc_terms_termfreq, (struct xc_terms * terms, xc_doccount *ret_freq, struct error *reterr),
    (terms, ret_freq, reterr))
CALL(xc_terms_next, (struct xc_terms * terms, struct str *ret_term, struct error *reterr), (terms, ret_term, reterr))

CALL(xc_enquire_mset,
    (struct xc_enquire * enquire, xc_doccount first, xc_doccount maxitems, xc_doccount checkatleast,
	struct xc_mset **ret_mset, struct error *reterr),
    (enquire, first, maxitems, checkatleast, ret_mset, reterr))

/* Which every search begins with. */
enum status __real_xc_database_doccount(struct xc_database *db, xc_doccount *ret_count, struct error *reterr);
enum status __wrap_xc_database_doccount(struct xc_database *db, xc_doccount *ret_count, struct error *reterr);

enum status
__wrap_xc_database_doccount(struct xc_database *db, xc_doccount *ret_count, struct error *reterr)
{
	if (stale > 0) {
		stale--;
		return error_set(reterr, STATUS_STALE, ERROR_NO_OFFSET, "the index was made to change");
	}
	if (is_to_fail("xc_database_doccount"))
		return error_set(reterr, wanted, ERROR_NO_OFFSET, "xc_database_doccount was made to fail");
	return __real_xc_database_doccount(db, ret_count, reterr);
}
