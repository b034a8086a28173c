/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * mset: Xapian::MSet, whose own operator[] checks nothing.
 */
#include <memory>

#include "xapian-c/fence.hh"
#include "xapian-c/handles.hh"

namespace {

enum status
item_check(const struct xc_mset *mset, xc_doccount i, struct error *reterr) noexcept
{
	if (i >= mset->mset.size())
		return error_set(reterr, STATUS_INVALID, ERROR_NO_OFFSET, "hit %u of a match set of %u", i,
		    (unsigned)mset->mset.size());
	return STATUS_OK;
}

/* Reads something of hit i, which is there. */
template <typename Read>
enum status
fence_item(const struct xc_mset *mset, xc_doccount i, struct error *reterr, Read &&read) noexcept
{
	return fence(reterr, [&] {
		enum status status = item_check(mset, i, reterr);
		if (status == STATUS_OK)
			read(mset->mset[i]);
		return status;
	});
}

} // namespace

void
xc_mset_free(struct xc_mset *mset) noexcept
{
	delete mset;
}

xc_doccount
xc_mset_size(const struct xc_mset *mset) noexcept
{
	return mset->mset.size();
}

enum status
xc_mset_stats(const struct xc_mset *mset, struct xc_mset_stats *ret_stats, struct error *reterr) noexcept
{
	return fence(reterr, [&] {
		const Xapian::MSet &from = mset->mset;
		struct xc_mset_stats stats;

		stats.size = from.size();
		stats.first = from.get_firstitem();
		stats.lower = from.get_matches_lower_bound();
		stats.estimated = from.get_matches_estimated();
		stats.upper = from.get_matches_upper_bound();
		stats.uncollapsed_lower = from.get_uncollapsed_matches_lower_bound();
		stats.uncollapsed_estimated = from.get_uncollapsed_matches_estimated();
		stats.uncollapsed_upper = from.get_uncollapsed_matches_upper_bound();
		stats.max_attained = from.get_max_attained();
		stats.max_possible = from.get_max_possible();
		*ret_stats = stats;
		return STATUS_OK;
	});
}

enum status
xc_mset_item(const struct xc_mset *mset, xc_doccount i, struct xc_mset_item *ret_item, struct error *reterr) noexcept
{
	return fence_item(mset, i, reterr, [&](const Xapian::MSetIterator &hit) {
		struct xc_mset_item item;

		item.docid = *hit;
		item.rank = hit.get_rank();
		item.weight = hit.get_weight();
		item.percent = hit.get_percent();
		item.collapse_count = hit.get_collapse_count();
		*ret_item = item;
	});
}

enum status
xc_mset_sort_key(struct xc_mset *mset, xc_doccount i, struct str *ret_key, struct error *reterr) noexcept
{
	return fence_item(
	    mset, i, reterr, [&](const Xapian::MSetIterator &hit) { lend(mset->lent, hit.get_sort_key(), ret_key); });
}

enum status
xc_mset_collapse_key(struct xc_mset *mset, xc_doccount i, struct str *ret_key, struct error *reterr) noexcept
{
	return fence_item(mset, i, reterr,
	    [&](const Xapian::MSetIterator &hit) { lend(mset->lent, hit.get_collapse_key(), ret_key); });
}

enum status
xc_mset_document(struct xc_mset *mset, xc_doccount i, struct xc_document **ret_doc, struct error *reterr) noexcept
{
	return fence_item(mset, i, reterr, [&](const Xapian::MSetIterator &hit) {
		auto made = std::make_unique<struct xc_document>();

		made->doc = hit.get_document();
		*ret_doc = made.release();
	});
}

enum status
xc_mset_data(struct xc_mset *mset, xc_doccount i, struct str *ret_data, struct error *reterr) noexcept
{
	return fence_item(mset, i, reterr,
	    [&](const Xapian::MSetIterator &hit) { lend(mset->lent, hit.get_document().get_data(), ret_data); });
}

enum status
xc_mset_fetch(struct xc_mset *mset, struct error *reterr) noexcept
{
	return fence(reterr, [&] {
		/* Xapian 1.4.22 begins at rank 0 whatever the page, and crashes on any but the first. */
		if (mset->mset.get_firstitem() == 0 && !mset->mset.empty())
			mset->mset.fetch();
		return STATUS_OK;
	});
}

enum status
xc_mset_term(const struct xc_mset *mset, struct str term, xc_doccount *ret_freq, double *ret_weight,
    struct error *reterr) noexcept
{
	return fence(reterr, [&] {
		const std::string name = bytes_of(term);
		double weight = mset->mset.get_termweight(name);

		*ret_freq = mset->mset.get_termfreq(name);
		*ret_weight = weight;
		return STATUS_OK;
	});
}
