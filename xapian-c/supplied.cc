/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Posting sources whose documents come from the caller: as bits, or from callbacks.  For databases of one shard.
 */
#include <algorithm>
#include <memory>

#include "xapian-c/fence.hh"
#include "xapian-c/sources.hh"

namespace {

enum { WORD_BITS = 64 };

/* Where the bits end the database's own list of documents goes on. */
class docids : public Xapian::PostingSource {
	const Xapian::Database whole;
	const struct xc_docids set;
	Xapian::Database local;
	Xapian::PostingIterator it;
	Xapian::docid current = 0; /* 0: not begun */
	bool opened = false;
	bool ended = false;

	/* The first bit that is set, from `docid` on; `first` where there is none below that. */
	Xapian::docid next_bit(Xapian::docid docid) const noexcept
	{
		uint32_t i = docid / WORD_BITS;
		uint64_t bits;

		if (docid >= set.first || i >= set.n_words)
			return set.first;
		bits = set.words[i] & UINT64_MAX << docid % WORD_BITS;
		while (bits == 0 && ++i < set.n_words)
			bits = set.words[i];
		if (bits == 0)
			return set.first;
		return std::min(set.first, i * WORD_BITS + static_cast<Xapian::docid>(__builtin_ctzll(bits)));
	}

	bool has(Xapian::docid docid) const noexcept
	{
		const uint32_t i = docid / WORD_BITS;

		return docid >= set.first || (i < set.n_words && (set.words[i] >> docid % WORD_BITS & 1) != 0);
	}

	/* To the first document >= docid, beyond the bits. */
	void move_behind(Xapian::docid docid)
	{
		if (!opened) {
			it = local.postlist_begin(std::string());
			opened = true;
		}
		it.skip_to(docid);
		ended = it == Xapian::PostingIterator();
		if (!ended)
			current = *it;
	}

	void move_to(Xapian::docid docid)
	{
		const Xapian::docid bit = next_bit(docid);

		if (bit < set.first)
			current = bit;
		else
			move_behind(std::max(docid, set.first));
	}

      public:
	docids(const Xapian::Database &whole_, const struct xc_docids &set_) : whole(whole_), set(set_)
	{
	}

	void init(const Xapian::Database &db) override
	{
		(void)shard_find(whole, db);
		local = db;
		it = Xapian::PostingIterator();
		current = 0;
		opened = ended = false;
	}

	Xapian::doccount get_termfreq_min() const override
	{
		return 0;
	}

	Xapian::doccount get_termfreq_est() const override
	{
		return get_termfreq_max();
	}

	Xapian::doccount get_termfreq_max() const override
	{
		const Xapian::docid last = local.get_lastdocid();
		const uint64_t behind = set.first > last ? 0 : uint64_t(last) - set.first + 1;

		return static_cast<Xapian::doccount>(std::min<uint64_t>(set.n_set + behind, local.get_doccount()));
	}

	Xapian::docid get_docid() const override
	{
		return current;
	}

	bool at_end() const override
	{
		return ended;
	}

	void next(double) override
	{
		if (current == UINT32_MAX)
			ended = true;
		else
			move_to(current + 1);
	}

	void skip_to(Xapian::docid docid, double) override
	{
		if (docid > current)
			move_to(docid);
	}

	/* The caller knows that `docid` exists, so there is nothing to look up. */
	bool check(Xapian::docid docid, double) override
	{
		if (docid <= current)
			return true;
		current = docid;
		return has(docid);
	}

	PostingSource *clone() const override
	{
		return new docids(whole, set);
	}

	std::string get_description() const override
	{
		return "docids(" + std::to_string(set.n_set) + ", from " + std::to_string(set.first) + ")";
	}
};

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
source_docids(const Xapian::Database &whole, const struct xc_docids &set)
{
	return source_query(std::make_unique<docids>(whole, set));
}

Xapian::Query
source_supplied(const Xapian::Database &whole, const struct xc_source &source)
{
	return source_query(std::make_unique<supplied>(whole, std::make_shared<struct supply>(source)));
}
