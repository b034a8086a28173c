/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * writable: Xapian::WritableDatabase, and the poison that a failed write leaves.
 *
 * A write is two steps: a check, which refuses what we can refuse and changes nothing, and the act.
 * Xapian drops the whole batch when an act throws, so the first such failure is kept and answers
 * every later write.
 */
#include <cstdint>
#include <memory>

#include "xapian-c/fence.hh"
#include "xapian-c/handles.hh"

static_assert(XC_DB_CREATE_OR_OPEN == Xapian::DB_CREATE_OR_OPEN, "flags");
static_assert(XC_DB_CREATE_OR_OVERWRITE == Xapian::DB_CREATE_OR_OVERWRITE, "flags");
static_assert(XC_DB_CREATE == Xapian::DB_CREATE, "flags");
static_assert(XC_DB_OPEN == Xapian::DB_OPEN, "flags");
static_assert(XC_DB_NO_SYNC == Xapian::DB_NO_SYNC, "flags");
static_assert(XC_DB_FULL_SYNC == Xapian::DB_FULL_SYNC, "flags");
static_assert(XC_DB_DANGEROUS == Xapian::DB_DANGEROUS, "flags");
static_assert(XC_DB_NO_TERMLIST == Xapian::DB_NO_TERMLIST, "flags");
static_assert(XC_DB_RETRY_LOCK == Xapian::DB_RETRY_LOCK, "flags");

namespace {

const unsigned open_flags = XC_DB_OPEN | XC_DB_NO_SYNC | XC_DB_FULL_SYNC | XC_DB_DANGEROUS | XC_DB_NO_TERMLIST |
			    XC_DB_RETRY_LOCK | XC_BACKEND_GLASS;

/* Below this many terms even the longest make no list past XC_TERMLIST_BYTES. */
const xc_termcount safe_terms = XC_TERMLIST_BYTES / (XC_TERM_BYTES + 8);

enum status
poisoned(const struct xc_writable *writable, struct error *reterr) noexcept
{
	return error_set(reterr, writable->failure.code, ERROR_NO_OFFSET,
	    "an earlier write failed and took its batch with it; close, open and replay (%s)",
	    writable->failure.message);
}

template <typename Check, typename Act>
enum status
fence_write(struct xc_writable *writable, struct error *reterr, Check &&check, Act &&act) noexcept
{
	if (writable->failure.code != STATUS_OK)
		return poisoned(writable, reterr);
	enum status status = fence(reterr, check);
	if (status != STATUS_OK)
		return status;
	status = fence(&writable->failure, act);
	if (status != STATUS_OK && reterr != nullptr)
		*reterr = writable->failure;
	return status;
}

enum status
transaction_check(const struct xc_writable *writable, bool wanted, struct error *reterr) noexcept
{
	if (writable->in_transaction == wanted)
		return STATUS_OK;
	return error_set(reterr, STATUS_INVALID, ERROR_NO_OFFSET,
	    wanted ? "there is no transaction to end" : "not possible inside a transaction");
}

enum status
docid_check(xc_docid docid, struct error *reterr) noexcept
{
	if (docid == 0)
		return error_set(reterr, STATUS_INVALID, ERROR_NO_OFFSET, "0 is not a document id");
	return STATUS_OK;
}

/* Glass keeps a document's terms in one item, whose size it would refuse only in the midst of the write. */
enum status
termlist_check(const struct xc_document *doc, struct error *reterr)
{
	size_t total = 0;

	if (doc->doc.termlist_count() <= safe_terms)
		return STATUS_OK;
	for (auto it = doc->doc.termlist_begin(); it != doc->doc.termlist_end(); ++it)
		total += (*it).size() + 8;
	if (total > XC_TERMLIST_BYTES)
		return error_set(reterr, STATUS_LIMIT, ERROR_NO_OFFSET,
		    "the terms of the document take %zu bytes: the limit is %d", total, (int)XC_TERMLIST_BYTES);
	return STATUS_OK;
}

enum status
next_docid_check(const struct xc_writable *writable, struct error *reterr)
{
	if (writable->db.get_lastdocid() == UINT32_MAX)
		return error_set(
		    reterr, STATUS_LIMIT, ERROR_NO_OFFSET, "the last document id is in use: the index must be rebuilt");
	return STATUS_OK;
}

void
give_docid(xc_docid docid, xc_docid *ret_docid) noexcept
{
	if (ret_docid != nullptr)
		*ret_docid = docid;
}

} // namespace

enum status
xc_writable_open(struct str path, unsigned flags, unsigned block_size, struct xc_writable **ret_writable,
    struct error *reterr) noexcept
{
	return fence(reterr, [&] {
		enum status status = path_check(path, reterr);
		if (status == STATUS_OK)
			status = flags_check(flags, open_flags, reterr);
		if (status == STATUS_OK)
			status = block_size_check(block_size, reterr);
		if (status != STATUS_OK)
			return status;
		auto made = std::make_unique<struct xc_writable>();
		made->db =
		    Xapian::WritableDatabase(bytes_of(path), static_cast<int>(flags), static_cast<int>(block_size));
		made->view.db = made->db;
		*ret_writable = made.release();
		return STATUS_OK;
	});
}

void
xc_writable_close(struct xc_writable *writable) noexcept
{
	if (writable == nullptr)
		return;
	/* Xapian's close() commits, unless a transaction is open: so one always is. */
	(void)fence(nullptr, [&] {
		if (!writable->in_transaction)
			writable->db.begin_transaction(false);
		return STATUS_OK;
	});
	(void)fence(nullptr, [&] {
		writable->db.close();
		return STATUS_OK;
	});
	delete writable;
}

struct xc_database *
xc_writable_database(struct xc_writable *writable) noexcept
{
	return &writable->view;
}

enum status
xc_writable_poisoned(const struct xc_writable *writable) noexcept
{
	return writable->failure.code;
}

enum status
xc_writable_commit(struct xc_writable *writable, struct error *reterr) noexcept
{
	return fence_write(
	    writable, reterr, [&] { return transaction_check(writable, false, reterr); },
	    [&] {
		    writable->db.commit();
		    return STATUS_OK;
	    });
}

enum status
xc_writable_begin_transaction(struct xc_writable *writable, bool flushed, struct error *reterr) noexcept
{
	return fence_write(
	    writable, reterr, [&] { return transaction_check(writable, false, reterr); },
	    [&] {
		    writable->db.begin_transaction(flushed);
		    writable->in_transaction = true;
		    return STATUS_OK;
	    });
}

enum status
xc_writable_commit_transaction(struct xc_writable *writable, struct error *reterr) noexcept
{
	return fence_write(
	    writable, reterr, [&] { return transaction_check(writable, true, reterr); },
	    [&] {
		    writable->in_transaction = false;
		    writable->db.commit_transaction();
		    return STATUS_OK;
	    });
}

enum status
xc_writable_cancel_transaction(struct xc_writable *writable, struct error *reterr) noexcept
{
	return fence_write(
	    writable, reterr, [&] { return transaction_check(writable, true, reterr); },
	    [&] {
		    writable->in_transaction = false;
		    writable->db.cancel_transaction();
		    return STATUS_OK;
	    });
}

enum status
xc_writable_add_document(
    struct xc_writable *writable, const struct xc_document *doc, xc_docid *ret_docid, struct error *reterr) noexcept
{
	return fence_write(
	    writable, reterr,
	    [&] {
		    enum status status = next_docid_check(writable, reterr);
		    return status != STATUS_OK ? status : termlist_check(doc, reterr);
	    },
	    [&] {
		    give_docid(writable->db.add_document(doc->doc), ret_docid);
		    return STATUS_OK;
	    });
}

enum status
xc_writable_replace_document(
    struct xc_writable *writable, xc_docid docid, const struct xc_document *doc, struct error *reterr) noexcept
{
	return fence_write(
	    writable, reterr,
	    [&] {
		    enum status status = docid_check(docid, reterr);
		    return status != STATUS_OK ? status : termlist_check(doc, reterr);
	    },
	    [&] {
		    writable->db.replace_document(docid, doc->doc);
		    return STATUS_OK;
	    });
}

enum status
xc_writable_replace_document_by_term(struct xc_writable *writable, struct str term, const struct xc_document *doc,
    xc_docid *ret_docid, struct error *reterr) noexcept
{
	return fence_write(
	    writable, reterr,
	    [&] {
		    enum status status = key_check(term, "a term", reterr);
		    if (status == STATUS_OK && !writable->db.term_exists(bytes_of(term)))
			    status = next_docid_check(writable, reterr);
		    return status != STATUS_OK ? status : termlist_check(doc, reterr);
	    },
	    [&] {
		    give_docid(writable->db.replace_document(bytes_of(term), doc->doc), ret_docid);
		    return STATUS_OK;
	    });
}

enum status
xc_writable_delete_document(struct xc_writable *writable, xc_docid docid, struct error *reterr) noexcept
{
	return fence_write(
	    writable, reterr,
	    [&] {
		    enum status status = docid_check(docid, reterr);
		    if (status == STATUS_OK)
			    (void)writable->db.get_doclength(docid); /* throws where there is no such document */
		    return status;
	    },
	    [&] {
		    writable->db.delete_document(docid);
		    return STATUS_OK;
	    });
}

enum status
xc_writable_delete_document_by_term(struct xc_writable *writable, struct str term, struct error *reterr) noexcept
{
	return fence_write(
	    writable, reterr, [&] { return key_check(term, "a term", reterr); },
	    [&] {
		    writable->db.delete_document(bytes_of(term));
		    return STATUS_OK;
	    });
}

enum status
xc_writable_set_metadata(struct xc_writable *writable, struct str key, struct str value, struct error *reterr) noexcept
{
	return fence_write(
	    writable, reterr,
	    [&] {
		    enum status status = key_check(key, "a metadata key", reterr);
		    return status != STATUS_OK ? status
					       : size_check(value, XC_METADATA_BYTES, "a metadata value", reterr);
	    },
	    [&] {
		    writable->db.set_metadata(bytes_of(key), bytes_of(value));
		    return STATUS_OK;
	    });
}

enum status
xc_writable_add_spelling(
    struct xc_writable *writable, struct str word, xc_termcount freq, struct error *reterr) noexcept
{
	return fence_write(
	    writable, reterr, [&] { return key_check(word, "a word to be spelled", reterr); },
	    [&] {
		    writable->db.add_spelling(bytes_of(word), freq);
		    return STATUS_OK;
	    });
}

enum status
xc_writable_remove_spelling(
    struct xc_writable *writable, struct str word, xc_termcount freq, struct error *reterr) noexcept
{
	return fence_write(
	    writable, reterr, [&] { return key_check(word, "a word to be spelled", reterr); },
	    [&] {
		    writable->db.remove_spelling(bytes_of(word), freq);
		    return STATUS_OK;
	    });
}

namespace {

enum status
synonym_check(struct str term, struct str synonym, struct error *reterr) noexcept
{
	enum status status = key_check(term, "a term", reterr);

	return status != STATUS_OK ? status : key_check(synonym, "a synonym", reterr);
}

} // namespace

enum status
xc_writable_add_synonym(
    struct xc_writable *writable, struct str term, struct str synonym, struct error *reterr) noexcept
{
	return fence_write(
	    writable, reterr, [&] { return synonym_check(term, synonym, reterr); },
	    [&] {
		    writable->db.add_synonym(bytes_of(term), bytes_of(synonym));
		    return STATUS_OK;
	    });
}

enum status
xc_writable_remove_synonym(
    struct xc_writable *writable, struct str term, struct str synonym, struct error *reterr) noexcept
{
	return fence_write(
	    writable, reterr, [&] { return synonym_check(term, synonym, reterr); },
	    [&] {
		    writable->db.remove_synonym(bytes_of(term), bytes_of(synonym));
		    return STATUS_OK;
	    });
}

enum status
xc_writable_clear_synonyms(struct xc_writable *writable, struct str term, struct error *reterr) noexcept
{
	return fence_write(
	    writable, reterr, [&] { return key_check(term, "a term", reterr); },
	    [&] {
		    writable->db.clear_synonyms(bytes_of(term));
		    return STATUS_OK;
	    });
}
