/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * document: Xapian::Document, with every term and value measured before it goes in.
 */
#include <memory>

#include "xapian-c/fence.hh"
#include "xapian-c/handles.hh"

namespace {

enum status
postings_check(const struct xc_document *doc, size_t n, struct error *reterr) noexcept
{
	if (n > XC_DOCUMENT_POSTINGS - doc->postings)
		return error_set(reterr, STATUS_LIMIT, ERROR_NO_OFFSET, "more than %d positions in one document",
		    (int)XC_DOCUMENT_POSTINGS);
	return STATUS_OK;
}

enum status
ascending_check(const xc_termpos *pos, size_t n, struct error *reterr) noexcept
{
	for (size_t i = 1; i < n; i++)
		if (pos[i - 1] >= pos[i])
			return error_set(reterr, STATUS_INVALID, i, "positions must ascend: number %zu is %u, after %u",
			    i, pos[i], pos[i - 1]);
	return STATUS_OK;
}

enum status
slot_check(xc_valueno slot, struct error *reterr) noexcept
{
	if (slot == XC_NO_VALUENO)
		return error_set(reterr, STATUS_INVALID, ERROR_NO_OFFSET, "%u is not a value slot", slot);
	return STATUS_OK;
}

} // namespace

enum status
xc_document_new(struct xc_document **ret_doc, struct error *reterr) noexcept
{
	return fence(reterr, [&] {
		*ret_doc = new struct xc_document();
		return STATUS_OK;
	});
}

void
xc_document_free(struct xc_document *doc) noexcept
{
	delete doc;
}

enum status
xc_document_docid(struct xc_document *doc, xc_docid *ret_docid, struct error *reterr) noexcept
{
	return fence(reterr, [&] {
		*ret_docid = doc->doc.get_docid();
		return STATUS_OK;
	});
}

enum status
xc_document_set_data(struct xc_document *doc, struct str data, struct error *reterr) noexcept
{
	return fence(reterr, [&] {
		enum status status = size_check(data, XC_DATA_BYTES, "document data", reterr);
		if (status != STATUS_OK)
			return status;
		doc->doc.set_data(bytes_of(data));
		return STATUS_OK;
	});
}

enum status
xc_document_data(struct xc_document *doc, struct str *ret_data, struct error *reterr) noexcept
{
	return fence(reterr, [&] {
		lend(doc->lent, doc->doc.get_data(), ret_data);
		return STATUS_OK;
	});
}

enum status
xc_document_add_term(struct xc_document *doc, struct str term, xc_termcount wdf_inc, struct error *reterr) noexcept
{
	return fence(reterr, [&] {
		enum status status = key_check(term, "a term", reterr);
		if (status != STATUS_OK)
			return status;
		doc->doc.add_term(bytes_of(term), wdf_inc);
		return STATUS_OK;
	});
}

enum status
xc_document_add_boolean_term(struct xc_document *doc, struct str term, struct error *reterr) noexcept
{
	return xc_document_add_term(doc, term, 0, reterr);
}

enum status
xc_document_add_posting(
    struct xc_document *doc, struct str term, xc_termpos pos, xc_termcount wdf_inc, struct error *reterr) noexcept
{
	return xc_document_add_postings(doc, term, &pos, 1, wdf_inc, reterr);
}

enum status
xc_document_add_postings(struct xc_document *doc, struct str term, const xc_termpos *pos, size_t n,
    xc_termcount wdf_inc, struct error *reterr) noexcept
{
	return fence(reterr, [&] {
		enum status status = key_check(term, "a term", reterr);
		if (status == STATUS_OK)
			status = postings_check(doc, n, reterr);
		if (status == STATUS_OK)
			status = ascending_check(pos, n, reterr);
		if (status != STATUS_OK)
			return status;
		const std::string name = bytes_of(term);
		for (size_t i = 0; i < n; i++)
			doc->doc.add_posting(name, pos[i], wdf_inc);
		doc->postings += n;
		return STATUS_OK;
	});
}

enum status
xc_document_remove_term(struct xc_document *doc, struct str term, struct error *reterr) noexcept
{
	return fence(reterr, [&] {
		doc->doc.remove_term(bytes_of(term));
		return STATUS_OK;
	});
}

enum status
xc_document_clear_terms(struct xc_document *doc, struct error *reterr) noexcept
{
	return fence(reterr, [&] {
		doc->doc.clear_terms();
		doc->postings = 0;
		return STATUS_OK;
	});
}

enum status
xc_document_termlist_count(struct xc_document *doc, xc_termcount *ret_count, struct error *reterr) noexcept
{
	return fence(reterr, [&] {
		*ret_count = doc->doc.termlist_count();
		return STATUS_OK;
	});
}

enum status
xc_document_set_value(struct xc_document *doc, xc_valueno slot, struct str value, struct error *reterr) noexcept
{
	return fence(reterr, [&] {
		enum status status = slot_check(slot, reterr);
		if (status == STATUS_OK)
			status = size_check(value, XC_DATA_BYTES, "a value", reterr);
		if (status != STATUS_OK)
			return status;
		doc->doc.add_value(slot, bytes_of(value));
		return STATUS_OK;
	});
}

enum status
xc_document_value(struct xc_document *doc, xc_valueno slot, struct str *ret_value, struct error *reterr) noexcept
{
	return fence(reterr, [&] {
		enum status status = slot_check(slot, reterr);
		if (status != STATUS_OK)
			return status;
		lend(doc->lent, doc->doc.get_value(slot), ret_value);
		return STATUS_OK;
	});
}

enum status
xc_document_remove_value(struct xc_document *doc, xc_valueno slot, struct error *reterr) noexcept
{
	return fence(reterr, [&] {
		doc->doc.remove_value(slot);
		return STATUS_OK;
	});
}

enum status
xc_document_clear_values(struct xc_document *doc, struct error *reterr) noexcept
{
	return fence(reterr, [&] {
		doc->doc.clear_values();
		return STATUS_OK;
	});
}
