/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The weightless posting sources that give all documents.
 *
 * Xapian clones a source for each shard and hands it a Database of that shard alone, without saying
 * which one it is.  Those that must know hold the whole database and look for the same internals.
 */
#include "xapian-c/sources.hh"

#include <algorithm>
#include <ctime>
#include <memory>

#include "xapian-c/fence.hh"

xc_docid
shard_whole_docid(const struct shard &shard, xc_docid docid) noexcept
{
	return (docid - 1) * shard.count + shard.index + 1;
}

xc_docid
shard_first_docid(const struct shard &shard, xc_docid docid) noexcept
{
	if (docid <= shard.index + 1)
		return 1;
	/* Rounded up, and written so that it cannot overflow. */
	return (docid - shard.index - 2) / shard.count + 2;
}

struct shard
shard_find(const Xapian::Database &whole, const Xapian::Database &one)
{
	struct shard shard;

	shard.count = static_cast<xc_docid>(whole.internal.size());
	while (shard.index < shard.count && whole.internal[shard.index].get() != one.internal[0].get())
		shard.index++;
	if (shard.index == shard.count)
		throw Xapian::InvalidArgumentError("the query was made for another database");
	return shard;
}

namespace {

/* Documents >= first of one shard, in docid order, without weight. */
class all_documents : public Xapian::PostingSource {
	Xapian::Database local;
	Xapian::PostingIterator it;
	Xapian::docid first = 1;
	Xapian::docid current = 0; /* 0: not begun */
	bool opened = false;
	bool ended = false;

	/* To the first real document >= docid. */
	void move_to(Xapian::docid docid)
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

      protected:
	/* Called before every step. */
	virtual void visit() = 0;

	void start(const Xapian::Database &db, Xapian::docid from)
	{
		local = db;
		it = Xapian::PostingIterator();
		first = from;
		current = 0;
		opened = ended = false;
	}

      public:
	Xapian::doccount get_termfreq_min() const override
	{
		Xapian::doccount count = local.get_doccount();

		return count - std::min(count, first - 1);
	}

	Xapian::doccount get_termfreq_max() const override
	{
		Xapian::docid last = local.get_lastdocid();

		return first > last ? 0 : std::min(local.get_doccount(), last - first + 1);
	}

	/* The share of the ids that are left. */
	Xapian::doccount get_termfreq_est() const override
	{
		double last = local.get_lastdocid();
		double share = first > last ? 0 : (last - first + 1) / last;
		Xapian::doccount est = static_cast<Xapian::doccount>(share * local.get_doccount());

		return std::clamp(est, get_termfreq_min(), get_termfreq_max());
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
		visit();
		if (current == UINT32_MAX)
			ended = true;
		else
			move_to(std::max(current + 1, first));
	}

	void skip_to(Xapian::docid docid, double) override
	{
		visit();
		if (docid > current)
			move_to(std::max(docid, first));
	}

	/* The caller knows that `docid` exists, so there is nothing to look up. */
	bool check(Xapian::docid docid, double) override
	{
		visit();
		if (docid < first)
			move_to(first);
		else if (docid > current)
			current = docid;
		return true;
	}
};

class docid_from : public all_documents {
	const Xapian::Database whole;
	const xc_docid docid;

	void visit() override
	{
	}

      public:
	docid_from(const Xapian::Database &whole_, xc_docid docid_) : whole(whole_), docid(docid_)
	{
	}

	void init(const Xapian::Database &db) override
	{
		start(db, shard_first_docid(shard_find(whole, db), docid));
	}

	PostingSource *clone() const override
	{
		return new docid_from(whole, docid);
	}

	std::string get_description() const override
	{
		return "docid_from(" + std::to_string(docid) + ")";
	}
};

class deadline : public all_documents {
	static const unsigned visits_per_look = 32;

	const uint64_t deadline_ns;
	unsigned visits = 0;

	void look() const
	{
		struct timespec now;

		clock_gettime(CLOCK_MONOTONIC, &now);
		if (static_cast<uint64_t>(now.tv_sec) * 1000000000u + static_cast<uint64_t>(now.tv_nsec) >= deadline_ns)
			throw deadline_passed();
	}

	void visit() override
	{
		if (++visits % visits_per_look == 0)
			look();
	}

      public:
	explicit deadline(uint64_t deadline_ns_) : deadline_ns(deadline_ns_)
	{
	}

	void init(const Xapian::Database &db) override
	{
		look();
		start(db, 1);
	}

	PostingSource *clone() const override
	{
		return new deadline(deadline_ns);
	}

	std::string get_description() const override
	{
		return "deadline";
	}
};

class shard_probe : public all_documents {
	const Xapian::Database whole;
	struct shard *const ret_shard;
	struct shard mine;

	void visit() override
	{
		*ret_shard = mine;
	}

      public:
	shard_probe(const Xapian::Database &whole_, struct shard *ret_shard_) : whole(whole_), ret_shard(ret_shard_)
	{
	}

	void init(const Xapian::Database &db) override
	{
		mine = shard_find(whole, db);
		start(db, 1);
	}

	PostingSource *clone() const override
	{
		return new shard_probe(whole, ret_shard);
	}

	std::string get_description() const override
	{
		return "shard_probe";
	}
};

} // namespace

Xapian::Query
source_query(std::unique_ptr<Xapian::PostingSource> source)
{
	Xapian::Query query(source->release());

	(void)source.release();
	return query;
}

Xapian::Query
source_docid_from(const Xapian::Database &whole, xc_docid docid)
{
	return source_query(std::make_unique<docid_from>(whole, docid));
}

Xapian::Query
source_deadline(uint64_t deadline_ns)
{
	return source_query(std::make_unique<deadline>(deadline_ns));
}

Xapian::Query
source_shard_probe(const Xapian::Database &whole, struct shard *ret_shard)
{
	return source_query(std::make_unique<shard_probe>(whole, ret_shard));
}
