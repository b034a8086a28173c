/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * enquire: Xapian::Enquire, weights, orders, deciders, and the match itself.
 */
#include <cmath>
#include <memory>

#include "xapian-c/fence.hh"
#include "xapian-c/handles.hh"
#include "xapian-c/sources.hh"

using Xapian::Enquire;

static_assert(XC_DOCID_DESCENDING == static_cast<int>(Enquire::DESCENDING) &&
		  XC_DOCID_ASCENDING == static_cast<int>(Enquire::ASCENDING) &&
		  XC_DOCID_DONT_CARE == static_cast<int>(Enquire::DONT_CARE),
    "orders");

struct xc_enquire {
	Xapian::Database db;
	Xapian::Enquire enquire;
	Xapian::Query query;
	xc_termcount qlen = 0;
	xc_decider decider = nullptr;
	void *ctx = nullptr;

	explicit xc_enquire(const Xapian::Database &db_) : db(db_), enquire(db_)
	{
	}
};

namespace {

/* Xapian shows a decider the document's id in its shard; the caller is owed the one in the whole. */
class decider_call : public Xapian::MatchDecider {
	const xc_decider decider;
	void *const ctx;
	const struct shard &now;

      public:
	decider_call(xc_decider decider_, void *ctx_, const struct shard &now_)
	    : decider(decider_), ctx(ctx_), now(now_)
	{
	}

	bool operator()(const Xapian::Document &doc) const override
	{
		enum xc_decision decision = decider(ctx, shard_whole_docid(now, doc.get_docid()));

		if (decision == XC_ABORT)
			throw decider_aborted();
		return decision != XC_REJECT;
	}
};

Xapian::MSet
match_decided(struct xc_enquire *enquire, xc_doccount first, xc_doccount maxitems, xc_doccount checkatleast)
{
	struct shard now;
	decider_call decider(enquire->decider, enquire->ctx, now);
	Xapian::Query query = enquire->query;

	if (enquire->db.size() > 1)
		query = Xapian::Query(Xapian::Query::OP_FILTER, query, source_shard_probe(enquire->db, &now));
	enquire->enquire.set_query(query, enquire->qlen);
	return enquire->enquire.get_mset(first, maxitems, checkatleast, nullptr, &decider);
}

Xapian::MSet
match(struct xc_enquire *enquire, xc_doccount first, xc_doccount maxitems, xc_doccount checkatleast)
{
	if (enquire->decider != nullptr)
		return match_decided(enquire, first, maxitems, checkatleast);
	enquire->enquire.set_query(enquire->query, enquire->qlen);
	return enquire->enquire.get_mset(first, maxitems, checkatleast);
}

bool
is_parameter(double value) noexcept
{
	return std::isfinite(value) && value >= 0;
}

} // namespace

enum status
xc_enquire_new(struct xc_database *db, struct xc_enquire **ret_enquire, struct error *reterr) noexcept
{
	return fence(reterr, [&] {
		*ret_enquire = new struct xc_enquire(db->db);
		return STATUS_OK;
	});
}

void
xc_enquire_free(struct xc_enquire *enquire) noexcept
{
	delete enquire;
}

enum status
xc_enquire_set_query(
    struct xc_enquire *enquire, const struct xc_query *query, xc_termcount qlen, struct error *reterr) noexcept
{
	return fence(reterr, [&] {
		enquire->enquire.set_query(query->query, qlen);
		enquire->query = query->query;
		enquire->qlen = qlen;
		return STATUS_OK;
	});
}

enum status
xc_enquire_set_bm25(struct xc_enquire *enquire, const struct xc_bm25 *parameters, struct error *reterr) noexcept
{
	return fence(reterr, [&] {
		const struct xc_bm25 &p = *parameters;

		if (!is_parameter(p.k1) || !is_parameter(p.k2) || !is_parameter(p.k3) || !is_parameter(p.b) ||
		    p.b > 1 || !is_parameter(p.min_normlen))
			return error_set(reterr, STATUS_INVALID, ERROR_NO_OFFSET,
			    "BM25 parameters must be finite and not negative, and b at most 1: %g %g %g %g %g", p.k1,
			    p.k2, p.k3, p.b, p.min_normlen);
		enquire->enquire.set_weighting_scheme(Xapian::BM25Weight(p.k1, p.k2, p.k3, p.b, p.min_normlen));
		return STATUS_OK;
	});
}

enum status
xc_enquire_set_bool_weight(struct xc_enquire *enquire, struct error *reterr) noexcept
{
	return fence(reterr, [&] {
		enquire->enquire.set_weighting_scheme(Xapian::BoolWeight());
		return STATUS_OK;
	});
}

enum status
xc_enquire_set_sort(
    struct xc_enquire *enquire, enum xc_sort sort, xc_valueno slot, bool reverse, struct error *reterr) noexcept
{
	return fence(reterr, [&] {
		switch (sort) {
		case XC_SORT_RELEVANCE: enquire->enquire.set_sort_by_relevance(); return STATUS_OK;
		case XC_SORT_VALUE: enquire->enquire.set_sort_by_value(slot, reverse); return STATUS_OK;
		case XC_SORT_VALUE_THEN_RELEVANCE:
			enquire->enquire.set_sort_by_value_then_relevance(slot, reverse);
			return STATUS_OK;
		case XC_SORT_RELEVANCE_THEN_VALUE:
			enquire->enquire.set_sort_by_relevance_then_value(slot, reverse);
			return STATUS_OK;
		}
		return error_set(reterr, STATUS_INVALID, ERROR_NO_OFFSET, "%u is not a way to sort", (unsigned)sort);
	});
}

enum status
xc_enquire_set_docid_order(struct xc_enquire *enquire, enum xc_docid_order order, struct error *reterr) noexcept
{
	return fence(reterr, [&] {
		if ((unsigned)order > XC_DOCID_DONT_CARE)
			return error_set(
			    reterr, STATUS_INVALID, ERROR_NO_OFFSET, "%u is not an order of docids", (unsigned)order);
		enquire->enquire.set_docid_order(static_cast<Enquire::docid_order>(order));
		return STATUS_OK;
	});
}

enum status
xc_enquire_set_collapse_key(struct xc_enquire *enquire, xc_valueno slot, xc_doccount max, struct error *reterr) noexcept
{
	return fence(reterr, [&] {
		if (slot != XC_NO_VALUENO && max == 0)
			return error_set(
			    reterr, STATUS_INVALID, ERROR_NO_OFFSET, "collapsing to 0 hits of each value leaves none");
		enquire->enquire.set_collapse_key(slot, max);
		return STATUS_OK;
	});
}

enum status
xc_enquire_set_cutoff(struct xc_enquire *enquire, unsigned percent, double weight, struct error *reterr) noexcept
{
	return fence(reterr, [&] {
		if (percent > 100 || !is_parameter(weight))
			return error_set(reterr, STATUS_INVALID, ERROR_NO_OFFSET,
			    "cutoff of %u %% and %g: a percentage is at most 100, a weight finite and not negative",
			    percent, weight);
		enquire->enquire.set_cutoff(static_cast<int>(percent), weight);
		return STATUS_OK;
	});
}

void
xc_enquire_set_decider(struct xc_enquire *enquire, xc_decider decider, void *ctx) noexcept
{
	enquire->decider = decider;
	enquire->ctx = ctx;
}

enum status
xc_enquire_matching_terms(
    struct xc_enquire *enquire, xc_docid docid, struct xc_terms **ret_terms, struct error *reterr) noexcept
{
	return fence(reterr, [&] {
		auto made = std::make_unique<struct xc_terms>();

		made->it = enquire->enquire.get_matching_terms_begin(docid);
		*ret_terms = made.release();
		return STATUS_OK;
	});
}

enum status
xc_enquire_mset(struct xc_enquire *enquire, xc_doccount first, xc_doccount maxitems, xc_doccount checkatleast,
    struct xc_mset **ret_mset, struct error *reterr) noexcept
{
	return fence(reterr, [&] {
		auto made = std::make_unique<struct xc_mset>();

		made->mset = match(enquire, first, maxitems, checkatleast);
		*ret_mset = made.release();
		return STATUS_OK;
	});
}
