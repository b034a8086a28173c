/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A posting source whose documents come from the callbacks of the caller.  For databases of one shard.
 */
#include <memory>

#include "xapian-c/fence.hh"
#include "xapian-c/sources.hh"

namespace {

/* What all clones of a source have in common: the callbacks, and which of them is at work. */
struct supply {
	const struct xc_source calls;
	const void *at_work = nullptr;

	explicit supply(const struct xc_source &calls_) : calls(calls_)
	{
	}
};

class supplied : public Xapian::PostingSource {
	const Xapian::Database whole;
	const std::shared_ptr<struct supply> supply;
	Xapian::docid current = 0; /* 0: not begun */

	void take(enum status status, Xapian::docid docid)
	{
		if (status != STATUS_OK)
			throw source_failed();
		if (docid <= current)
			throw Xapian::InvalidArgumentError("a source of documents went backwards");
		current = docid;
	}

	void check_at_work() const
	{
		if (supply->at_work != this)
			throw Xapian::InvalidOperationError("a source of documents is in use twice");
	}

      public:
	supplied(const Xapian::Database &whole_, std::shared_ptr<struct supply> supply_)
	    : whole(whole_), supply(std::move(supply_))
	{
	}

	void init(const Xapian::Database &db) override
	{
		(void)shard_find(whole, db);
		supply->at_work = this;
		current = 0;
		if (supply->calls.rewind(supply->calls.ctx) != STATUS_OK)
			throw source_failed();
		set_maxweight(supply->calls.weight_max);
	}

	Xapian::doccount get_termfreq_min() const override
	{
		return supply->calls.count_least;
	}

	Xapian::doccount get_termfreq_est() const override
	{
		return supply->calls.count_estimate;
	}

	Xapian::doccount get_termfreq_max() const override
	{
		return supply->calls.count_most;
	}

	Xapian::docid get_docid() const override
	{
		return current;
	}

	bool at_end() const override
	{
		return current == XC_SOURCE_END;
	}

	double get_weight() const override
	{
		return supply->calls.weight(supply->calls.ctx);
	}

	void next(double least) override
	{
		Xapian::docid docid = 0;
		enum status status;

		check_at_work();
		status = supply->calls.next(supply->calls.ctx, least, &docid);
		take(status, docid);
	}

	void skip_to(Xapian::docid docid, double least) override
	{
		Xapian::docid found = 0;
		enum status status;

		check_at_work();
		if (docid <= current)
			return;
		status = supply->calls.seek(supply->calls.ctx, docid, least, &found);
		take(status, found);
	}

	PostingSource *clone() const override
	{
		return new supplied(whole, supply);
	}

	std::string get_description() const override
	{
		return "source";
	}
};

} // namespace

Xapian::Query
source_supplied(const Xapian::Database &whole, const struct xc_source &source)
{
	return source_query(std::make_unique<supplied>(whole, std::make_shared<struct supply>(source)));
}
