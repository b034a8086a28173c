/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * iterators: term lists, posting lists, position lists and value streams.
 *
 * Xapian's iterators stand on their first item when they are made; ours stand before it, so that
 * `while (xc_..._next() == STATUS_OK)` is the whole loop.  A failure is kept and answered again: a
 * Xapian iterator that has thrown is in no state to go on.
 */
#include <cstdint>
#include <cstdlib>
#include <memory>

#include "xapian-c/fence.hh"
#include "xapian-c/handles.hh"

namespace {

/* Moves by `move`, unless the iterator has failed before, and says where that led. */
template <typename Iterator, typename Move, typename Read>
enum status
step(Iterator *iterator, struct error *reterr, Move &&move, Read &&read) noexcept
{
	if (iterator->where == Iterator::FAILED) {
		if (reterr != nullptr)
			*reterr = iterator->failure;
		return iterator->failure.code;
	}
	enum status status = fence(&iterator->failure, [&] {
		if (iterator->where != Iterator::END)
			move();
		iterator->where = iterator->it == decltype(iterator->it)() ? Iterator::END : Iterator::ON;
		if (iterator->where == Iterator::END)
			return STATUS_END;
		read();
		return STATUS_OK;
	});
	if (status == STATUS_OK || status == STATUS_END)
		return status;
	iterator->where = Iterator::FAILED;
	if (reterr != nullptr)
		*reterr = iterator->failure;
	return status;
}

template <typename Iterator>
void
advance(Iterator *iterator)
{
	if (iterator->where == Iterator::ON)
		++iterator->it;
}

/*
 * Forward only: an item at or behind the target stays.  (Xapian's list of all terms would go back.)
 * Where Xapian's iterator is at its end there is no item to compare.
 */
template <typename Iterator, typename Item, typename Target>
void
skip(Iterator *iterator, Item &&item, const Target &target)
{
	if (iterator->it != decltype(iterator->it)() && item() < target)
		iterator->it.skip_to(target);
}

/* Asks something of the current item. */
template <typename Iterator, typename Ask>
enum status
ask(Iterator *iterator, struct error *reterr, Ask &&question) noexcept
{
	return fence(reterr, [&] {
		if (iterator->where != Iterator::ON)
			return error_set(reterr, STATUS_INVALID, ERROR_NO_OFFSET, "the iterator stands on no item");
		question();
		return STATUS_OK;
	});
}

/* A new handle on an iterator of Xapian's, which `make` gives. */
template <typename Handle, typename Make>
enum status
make_iterator(Handle **ret_handle, struct error *reterr, Make &&make) noexcept
{
	return fence(reterr, [&] {
		auto made = std::make_unique<Handle>();

		made->it = make();
		*ret_handle = made.release();
		return STATUS_OK;
	});
}

} // namespace

/* Term lists. */

enum status
xc_database_termlist(struct xc_database *db, xc_docid docid, struct xc_terms **ret_terms, struct error *reterr) noexcept
{
	return make_iterator(ret_terms, reterr, [&] { return db->db.termlist_begin(docid); });
}

enum status
xc_database_allterms(
    struct xc_database *db, struct str prefix, struct xc_terms **ret_terms, struct error *reterr) noexcept
{
	return make_iterator(ret_terms, reterr, [&] { return db->db.allterms_begin(bytes_of(prefix)); });
}

enum status
xc_database_metadata_keys(
    struct xc_database *db, struct str prefix, struct xc_terms **ret_keys, struct error *reterr) noexcept
{
	return make_iterator(ret_keys, reterr, [&] { return db->db.metadata_keys_begin(bytes_of(prefix)); });
}

enum status
xc_database_spellings(struct xc_database *db, struct xc_terms **ret_words, struct error *reterr) noexcept
{
	return make_iterator(ret_words, reterr, [&] { return db->db.spellings_begin(); });
}

enum status
xc_database_synonyms(
    struct xc_database *db, struct str term, struct xc_terms **ret_terms, struct error *reterr) noexcept
{
	return make_iterator(ret_terms, reterr, [&] { return db->db.synonyms_begin(bytes_of(term)); });
}

enum status
xc_database_synonym_keys(
    struct xc_database *db, struct str prefix, struct xc_terms **ret_terms, struct error *reterr) noexcept
{
	return make_iterator(ret_terms, reterr, [&] { return db->db.synonym_keys_begin(bytes_of(prefix)); });
}

enum status
xc_document_termlist(struct xc_document *doc, struct xc_terms **ret_terms, struct error *reterr) noexcept
{
	return make_iterator(ret_terms, reterr, [&] { return doc->doc.termlist_begin(); });
}

enum status
xc_query_terms(const struct xc_query *query, struct xc_terms **ret_terms, struct error *reterr) noexcept
{
	return make_iterator(ret_terms, reterr, [&] { return query->query.get_unique_terms_begin(); });
}

enum status
xc_terms_next(struct xc_terms *terms, struct str *ret_term, struct error *reterr) noexcept
{
	return step(
	    terms, reterr, [&] { advance(terms); }, [&] { lend(terms->lent, *terms->it, ret_term); });
}

enum status
xc_terms_skip_to(struct xc_terms *terms, struct str term, struct str *ret_term, struct error *reterr) noexcept
{
	return step(
	    terms, reterr,
	    [&] {
		    skip(
			terms, [&] { return *terms->it; }, bytes_of(term));
	    },
	    [&] { lend(terms->lent, *terms->it, ret_term); });
}

enum status
xc_terms_wdf(struct xc_terms *terms, xc_termcount *ret_wdf, struct error *reterr) noexcept
{
	return ask(terms, reterr, [&] { *ret_wdf = terms->it.get_wdf(); });
}

enum status
xc_terms_termfreq(struct xc_terms *terms, xc_doccount *ret_freq, struct error *reterr) noexcept
{
	return ask(terms, reterr, [&] { *ret_freq = terms->it.get_termfreq(); });
}

void
xc_terms_free(struct xc_terms *terms) noexcept
{
	delete terms;
}

/* Posting lists. */

enum status
xc_database_postlist(
    struct xc_database *db, struct str term, struct xc_postings **ret_postings, struct error *reterr) noexcept
{
	return make_iterator(ret_postings, reterr, [&] { return db->db.postlist_begin(bytes_of(term)); });
}

enum status
xc_postings_next(struct xc_postings *postings, xc_docid *ret_docid, struct error *reterr) noexcept
{
	return step(
	    postings, reterr, [&] { advance(postings); }, [&] { *ret_docid = *postings->it; });
}

enum status
xc_postings_skip_to(struct xc_postings *postings, xc_docid docid, xc_docid *ret_docid, struct error *reterr) noexcept
{
	return step(
	    postings, reterr,
	    [&] {
		    skip(
			postings, [&] { return *postings->it; }, docid);
	    },
	    [&] { *ret_docid = *postings->it; });
}

enum status
xc_postings_wdf(struct xc_postings *postings, xc_termcount *ret_wdf, struct error *reterr) noexcept
{
	return ask(postings, reterr, [&] { *ret_wdf = postings->it.get_wdf(); });
}

enum status
xc_postings_doclength(struct xc_postings *postings, xc_termcount *ret_length, struct error *reterr) noexcept
{
	return ask(postings, reterr, [&] { *ret_length = postings->it.get_doclength(); });
}

enum status
xc_postings_positions(struct xc_postings *postings, struct xc_positions **ret_positions, struct error *reterr) noexcept
{
	return ask(postings, reterr, [&] {
		auto made = std::make_unique<struct xc_positions>();

		made->it = postings->it.positionlist_begin();
		*ret_positions = made.release();
	});
}

void
xc_postings_free(struct xc_postings *postings) noexcept
{
	delete postings;
}

/* Position lists. */

enum status
xc_database_positions(struct xc_database *db, xc_docid docid, struct str term, struct xc_positions **ret_positions,
    struct error *reterr) noexcept
{
	return make_iterator(ret_positions, reterr, [&] { return db->db.positionlist_begin(docid, bytes_of(term)); });
}

enum status
xc_positions_next(struct xc_positions *positions, xc_termpos *ret_pos, struct error *reterr) noexcept
{
	return step(
	    positions, reterr, [&] { advance(positions); }, [&] { *ret_pos = *positions->it; });
}

enum status
xc_positions_skip_to(struct xc_positions *positions, xc_termpos pos, xc_termpos *ret_pos, struct error *reterr) noexcept
{
	return step(
	    positions, reterr,
	    [&] {
		    skip(
			positions, [&] { return *positions->it; }, pos);
	    },
	    [&] { *ret_pos = *positions->it; });
}

void
xc_positions_free(struct xc_positions *positions) noexcept
{
	delete positions;
}

namespace {

/* Room for one more position.  Doubling: a document's positions are bounded where they were added. */
enum status
poslist_grow(struct xc_poslist *list, struct error *reterr) noexcept
{
	size_t capacity = list->capacity == 0 ? 32 : list->capacity * 2;
	void *pos =
	    capacity > SIZE_MAX / sizeof(*list->pos) ? nullptr : realloc(list->pos, capacity * sizeof(*list->pos));

	if (pos == nullptr)
		return error_set(reterr, STATUS_NOMEM, ERROR_NO_OFFSET, "no memory for %zu positions", capacity);
	list->pos = static_cast<xc_termpos *>(pos);
	list->capacity = capacity;
	return STATUS_OK;
}

} // namespace

enum status
xc_positions_read(
    struct xc_database *db, xc_docid docid, struct str term, struct xc_poslist *list, struct error *reterr) noexcept
{
	return fence(reterr, [&] {
		size_t n = 0;

		list->n = 0;
		db->term.assign(term.len == 0 ? "" : term.p, term.len);
		const Xapian::PositionIterator end;
		for (Xapian::PositionIterator it = db->db.positionlist_begin(docid, db->term); it != end; ++it) {
			if (n == list->capacity && poslist_grow(list, reterr) != STATUS_OK)
				return STATUS_NOMEM;
			list->pos[n++] = *it;
		}
		list->n = n;
		return STATUS_OK;
	});
}

void
xc_poslist_done(struct xc_poslist *list) noexcept
{
	free(list->pos);
	*list = {};
}

/* Values. */

enum status
xc_database_valuestream(
    struct xc_database *db, xc_valueno slot, struct xc_values **ret_values, struct error *reterr) noexcept
{
	return make_iterator(ret_values, reterr, [&] { return db->db.valuestream_begin(slot); });
}

enum status
xc_document_values(struct xc_document *doc, struct xc_values **ret_values, struct error *reterr) noexcept
{
	return fence(reterr, [&] {
		auto made = std::make_unique<struct xc_values>();

		made->it = doc->doc.values_begin();
		made->by_docid = false;
		*ret_values = made.release();
		return STATUS_OK;
	});
}

namespace {

uint32_t
value_key(const struct xc_values *values)
{
	return values->by_docid ? values->it.get_docid() : values->it.get_valueno();
}

void
read_value(struct xc_values *values, uint32_t *ret_key, struct str *ret_value)
{
	uint32_t key = value_key(values);

	lend(values->lent, *values->it, ret_value);
	*ret_key = key;
}

} // namespace

enum status
xc_values_next(struct xc_values *values, uint32_t *ret_key, struct str *ret_value, struct error *reterr) noexcept
{
	return step(
	    values, reterr, [&] { advance(values); }, [&] { read_value(values, ret_key, ret_value); });
}

enum status
xc_values_skip_to(
    struct xc_values *values, uint32_t key, uint32_t *ret_key, struct str *ret_value, struct error *reterr) noexcept
{
	return step(
	    values, reterr,
	    [&] {
		    skip(
			values, [&] { return value_key(values); }, key);
	    },
	    [&] { read_value(values, ret_key, ret_value); });
}

void
xc_values_free(struct xc_values *values) noexcept
{
	delete values;
}
