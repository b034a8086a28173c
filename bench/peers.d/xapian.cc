/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Bare Xapian as its guide uses it: TermGenerator and a WritableDatabase with all defaults, Enquire with BM25.  docs: driver.h.
 *
 * The words are given as they are to be found, so there is no stemmer.  A phrase inside NEAR, which Xapian has no operator
 * for, is an AND of the words with a MatchDecider that reads their positions.
 *
 * C++, as bench/bare_xapian.cc is: TermGenerator and MatchDecider are what this is about, and xapian-c/ leaves them out.
 */
#include <xapian.h>

#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "bench/peers.d/driver.h"

namespace {

struct Writer {
	Xapian::WritableDatabase db;
	Xapian::TermGenerator generator;

	explicit Writer(const char *path) : db(path, Xapian::DB_CREATE)
	{
	}
};

/* Runs `body`; an exception ends the program. */
template <typename Body>
auto
or_die(Body body) -> decltype(body())
{
	try {
		return body();
	} catch (const Xapian::Error &e) {
		std::fprintf(stderr, "bench_peer_xapian: %s\n", e.get_description().c_str());
	} catch (const std::exception &e) {
		std::fprintf(stderr, "bench_peer_xapian: %s\n", e.what());
	}
	std::exit(1);
}

void *
xapian_create(const char *index)
{
	return or_die([&] { return new Writer(index); });
}

void
xapian_add(void *p, unsigned long, char *words, size_t len)
{
	auto *writer = static_cast<Writer *>(p);

	or_die([&] {
		Xapian::Document document;

		writer->generator.set_document(document);
		writer->generator.set_termpos(0);
		writer->generator.index_text(std::string(words, len));
		writer->db.add_document(document);
	});
}

void
xapian_finish(void *p)
{
	auto *writer = static_cast<Writer *>(p);

	or_die([&] { writer->db.commit(); });
	delete writer;
}

void *
xapian_open(const char *index)
{
	return or_die([&] { return new Xapian::Database(index); });
}

void
xapian_close(void *reader)
{
	delete static_cast<Xapian::Database *>(reader);
}

/* Whether some occurrence of the phrase of all terms but the last has that one near. */
class PhraseNear : public Xapian::MatchDecider {
	const Xapian::Database &db;
	std::vector<std::string> phrase;
	std::string word;

	static bool is_near(Xapian::termpos first, Xapian::termpos last, Xapian::termpos pos)
	{
		return pos > last ? pos - last - 1 <= DRIVER_BETWEEN : pos < first && first - pos - 1 <= DRIVER_BETWEEN;
	}

	/* Whether the phrase's other words stand behind its first one. */
	bool is_phrase(std::vector<Xapian::PositionIterator> &others, Xapian::docid id, Xapian::termpos first) const
	{
		for (size_t i = 0; i < others.size(); i++) {
			const auto wanted = first + static_cast<Xapian::termpos>(i) + 1;

			others[i].skip_to(wanted);
			if (others[i] == db.positionlist_end(id, phrase[i + 1]) || *others[i] != wanted)
				return false;
		}
		return true;
	}

      public:
	PhraseNear(const Xapian::Database &database, const struct driver_query *query)
	    : db(database), phrase(query->terms, query->terms + query->n_terms - 1),
	      word(query->terms[query->n_terms - 1])
	{
	}

	bool operator()(const Xapian::Document &document) const override
	{
		const Xapian::docid id = document.get_docid();
		const std::vector<Xapian::termpos> places(
		    db.positionlist_begin(id, word), db.positionlist_end(id, word));
		std::vector<Xapian::PositionIterator> others;

		for (size_t i = 1; i < phrase.size(); i++)
			others.push_back(db.positionlist_begin(id, phrase[i]));
		for (auto p = db.positionlist_begin(id, phrase[0]); p != db.positionlist_end(id, phrase[0]); ++p) {
			if (!is_phrase(others, id, *p))
				continue;
			for (const auto place : places) {
				if (is_near(*p, *p + static_cast<Xapian::termpos>(phrase.size()) - 1, place))
					return true;
			}
		}
		return false;
	}
};

Xapian::Query
query_of(const struct driver_query *query)
{
	const char *const *begin = query->terms, *const *end = query->terms + query->n_terms;
	const auto n = static_cast<Xapian::termcount>(query->n_terms);

	switch (query->kind) {
	case DRIVER_OR: return Xapian::Query(Xapian::Query::OP_OR, begin, end);
	case DRIVER_PHRASE: return Xapian::Query(Xapian::Query::OP_PHRASE, begin, end, n);
	case DRIVER_NEAR: return Xapian::Query(Xapian::Query::OP_NEAR, begin, end, DRIVER_BETWEEN + n);
	case DRIVER_PREFIX: return Xapian::Query(Xapian::Query::OP_WILDCARD, query->terms[0]);
	case DRIVER_TERM: return Xapian::Query(query->terms[0]);
	default: return Xapian::Query(Xapian::Query::OP_AND, begin, end);
	}
}

long
xapian_ask(void *reader, const struct driver_query *query, bool count_all)
{
	const auto &db = *static_cast<Xapian::Database *>(reader);

	return or_die([&] {
		const PhraseNear decider(db, query);
		Xapian::Enquire enquire(db);
		Xapian::docid last = 0;

		enquire.set_query(query_of(query));
		const auto hits = enquire.get_mset(0, count_all ? db.get_doccount() : Xapian::doccount(DRIVER_HITS), 0,
		    nullptr, query->kind == DRIVER_PHRASENEAR ? &decider : nullptr);
		for (auto hit = hits.begin(); hit != hits.end(); ++hit)
			last = *hit > last ? *hit : last;
		return last > db.get_lastdocid() ? long(DRIVER_NO) : static_cast<long>(hits.size());
	});
}

} // namespace

int
main(int argc, char **argv)
{
	static const struct driver driver = { xapian_create, xapian_add, xapian_finish, xapian_open, xapian_close,
		xapian_ask };

	return driver_main(argc, argv, &driver);
}
