/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * database: Xapian::Database, opening and what it knows of itself and of terms.
 */
#include <memory>

#include "xapian-c/fence.hh"
#include "xapian-c/handles.hh"

static_assert(sizeof(xc_docid) == sizeof(Xapian::docid), "docids are 32 bits");
static_assert(sizeof(xc_termcount) == sizeof(Xapian::termcount), "counts of terms are 32 bits");
static_assert(sizeof(xc_termpos) == sizeof(Xapian::termpos), "positions are 32 bits");
static_assert(XC_NO_VALUENO == Xapian::BAD_VALUENO, "no slot");
static_assert(XC_BACKEND_GLASS == Xapian::DB_BACKEND_GLASS, "flags");
static_assert(XC_BACKEND_STUB == Xapian::DB_BACKEND_STUB, "flags");

namespace {

void
give(Xapian::Database &&db, struct xc_database **ret_db)
{
	auto made = std::make_unique<struct xc_database>();

	made->db = std::move(db);
	*ret_db = made.release();
}

} // namespace

enum status
xc_database_open(struct str path, unsigned flags, struct xc_database **ret_db, struct error *reterr) noexcept
{
	return fence(reterr, [&] {
		enum status status = path_check(path, reterr);
		if (status == STATUS_OK)
			status = flags_check(flags, XC_BACKEND_GLASS | XC_BACKEND_STUB, reterr);
		if (status != STATUS_OK)
			return status;
		give(Xapian::Database(bytes_of(path), static_cast<int>(flags)), ret_db);
		return STATUS_OK;
	});
}

enum status
xc_database_open_remote(const char *host, unsigned port, unsigned timeout_ms, unsigned connect_timeout_ms,
    struct xc_database **ret_db, struct error *reterr) noexcept
{
	return fence(reterr, [&] {
		if (port == 0 || port > 65535)
			return error_set(
			    reterr, STATUS_INVALID, ERROR_NO_OFFSET, "port %u: must be from 1 to 65535", port);
		give(Xapian::Remote::open(host, port, timeout_ms, connect_timeout_ms), ret_db);
		return STATUS_OK;
	});
}

enum status
xc_database_new(struct xc_database **ret_db, struct error *reterr) noexcept
{
	return fence(reterr, [&] {
		give(Xapian::Database(), ret_db);
		return STATUS_OK;
	});
}

enum status
xc_database_add(struct xc_database *db, const struct xc_database *other, struct error *reterr) noexcept
{
	return fence(reterr, [&] {
		db->db.add_database(other->db);
		return STATUS_OK;
	});
}

size_t
xc_database_shards(const struct xc_database *db) noexcept
{
	return db->db.size();
}

void
xc_database_close(struct xc_database *db) noexcept
{
	delete db;
}

enum status
xc_database_reopen(struct xc_database *db, bool *ret_changed, struct error *reterr) noexcept
{
	return fence(reterr, [&] {
		bool changed = db->db.reopen();

		if (ret_changed != nullptr)
			*ret_changed = changed;
		return STATUS_OK;
	});
}

enum status
xc_database_keep_alive(struct xc_database *db, struct error *reterr) noexcept
{
	return fence(reterr, [&] {
		db->db.keep_alive();
		return STATUS_OK;
	});
}

enum status
xc_database_is_locked(struct xc_database *db, bool *ret_locked, struct error *reterr) noexcept
{
	return fence(reterr, [&] {
		*ret_locked = db->db.locked();
		return STATUS_OK;
	});
}

enum status
xc_database_uuid(struct xc_database *db, struct str *ret_uuid, struct error *reterr) noexcept
{
	return fence(reterr, [&] {
		lend(db->lent, db->db.get_uuid(), ret_uuid);
		return STATUS_OK;
	});
}

enum status
xc_database_revision(struct xc_database *db, uint64_t *ret_revision, struct error *reterr) noexcept
{
	return fence(reterr, [&] {
		*ret_revision = db->db.get_revision();
		return STATUS_OK;
	});
}

enum status
xc_database_doccount(struct xc_database *db, xc_doccount *ret_count, struct error *reterr) noexcept
{
	return fence(reterr, [&] {
		*ret_count = db->db.get_doccount();
		return STATUS_OK;
	});
}

enum status
xc_database_lastdocid(struct xc_database *db, xc_docid *ret_docid, struct error *reterr) noexcept
{
	return fence(reterr, [&] {
		*ret_docid = db->db.get_lastdocid();
		return STATUS_OK;
	});
}

enum status
xc_database_avlength(struct xc_database *db, double *ret_length, struct error *reterr) noexcept
{
	return fence(reterr, [&] {
		*ret_length = db->db.get_avlength();
		return STATUS_OK;
	});
}

enum status
xc_database_total_length(struct xc_database *db, uint64_t *ret_length, struct error *reterr) noexcept
{
	return fence(reterr, [&] {
		*ret_length = db->db.get_total_length();
		return STATUS_OK;
	});
}

enum status
xc_database_has_positions(struct xc_database *db, bool *ret_has, struct error *reterr) noexcept
{
	return fence(reterr, [&] {
		*ret_has = db->db.has_positions();
		return STATUS_OK;
	});
}

enum status
xc_database_doclength(struct xc_database *db, xc_docid docid, xc_termcount *ret_length, struct error *reterr) noexcept
{
	return fence(reterr, [&] {
		*ret_length = db->db.get_doclength(docid);
		return STATUS_OK;
	});
}

enum status
xc_database_unique_terms(struct xc_database *db, xc_docid docid, xc_termcount *ret_count, struct error *reterr) noexcept
{
	return fence(reterr, [&] {
		*ret_count = db->db.get_unique_terms(docid);
		return STATUS_OK;
	});
}

enum status
xc_database_doclength_bounds(
    struct xc_database *db, xc_termcount *ret_lower, xc_termcount *ret_upper, struct error *reterr) noexcept
{
	return fence(reterr, [&] {
		xc_termcount lower = db->db.get_doclength_lower_bound();

		*ret_upper = db->db.get_doclength_upper_bound();
		*ret_lower = lower;
		return STATUS_OK;
	});
}

enum status
xc_database_termfreq(struct xc_database *db, struct str term, xc_doccount *ret_freq, struct error *reterr) noexcept
{
	return fence(reterr, [&] {
		*ret_freq = db->db.get_termfreq(bytes_of(term));
		return STATUS_OK;
	});
}

enum status
xc_database_collfreq(struct xc_database *db, struct str term, xc_termcount *ret_freq, struct error *reterr) noexcept
{
	return fence(reterr, [&] {
		*ret_freq = db->db.get_collection_freq(bytes_of(term));
		return STATUS_OK;
	});
}

enum status
xc_database_term_exists(struct xc_database *db, struct str term, bool *ret_exists, struct error *reterr) noexcept
{
	return fence(reterr, [&] {
		*ret_exists = db->db.term_exists(bytes_of(term));
		return STATUS_OK;
	});
}

enum status
xc_database_wdf_upper_bound(
    struct xc_database *db, struct str term, xc_termcount *ret_bound, struct error *reterr) noexcept
{
	return fence(reterr, [&] {
		*ret_bound = db->db.get_wdf_upper_bound(bytes_of(term));
		return STATUS_OK;
	});
}

enum status
xc_database_value_freq(struct xc_database *db, xc_valueno slot, xc_doccount *ret_freq, struct error *reterr) noexcept
{
	return fence(reterr, [&] {
		*ret_freq = db->db.get_value_freq(slot);
		return STATUS_OK;
	});
}

enum status
xc_database_value_lower_bound(
    struct xc_database *db, xc_valueno slot, struct str *ret_bound, struct error *reterr) noexcept
{
	return fence(reterr, [&] {
		lend(db->lent, db->db.get_value_lower_bound(slot), ret_bound);
		return STATUS_OK;
	});
}

enum status
xc_database_value_upper_bound(
    struct xc_database *db, xc_valueno slot, struct str *ret_bound, struct error *reterr) noexcept
{
	return fence(reterr, [&] {
		lend(db->lent, db->db.get_value_upper_bound(slot), ret_bound);
		return STATUS_OK;
	});
}

enum status
xc_database_metadata(struct xc_database *db, struct str key, struct str *ret_value, struct error *reterr) noexcept
{
	return fence(reterr, [&] {
		lend(db->lent, db->db.get_metadata(bytes_of(key)), ret_value);
		return STATUS_OK;
	});
}

enum status
xc_database_suggest(
    struct xc_database *db, struct str word, unsigned max_edits, struct str *ret_word, struct error *reterr) noexcept
{
	return fence(reterr, [&] {
		enum status status = key_check(word, "a word to be spelled", reterr);
		if (status != STATUS_OK)
			return status;
		lend(db->lent, db->db.get_spelling_suggestion(bytes_of(word), max_edits), ret_word);
		return STATUS_OK;
	});
}

enum status
xc_database_document(
    struct xc_database *db, xc_docid docid, struct xc_document **ret_doc, struct error *reterr) noexcept
{
	return fence(reterr, [&] {
		auto made = std::make_unique<struct xc_document>();

		made->doc = db->db.get_document(docid);
		*ret_doc = made.release();
		return STATUS_OK;
	});
}
