/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * xapian_run: what plain Xapian finds.
 *
 *	xapian_run DOCUMENTS.tsv QUERIES.tsv DB     prints query, document; 100 documents a query, best first
 *
 * TermGenerator with the French stemmer on all words of documents and queries, an OR of the query's terms, BM25 as
 * Xapian sets it.  A line is an id, a tab, a text.
 */
#include <xapian.h>

#include <cstdio>
#include <exception>
#include <fstream>
#include <functional>
#include <iostream>
#include <stdexcept>
#include <string>
#include <vector>

namespace {

const Xapian::doccount HITS = 100;

void
each_line(const char *path, const std::function<void(const std::string &, const std::string &)> &take)
{
	std::ifstream file(path);
	std::string line;

	if (!file)
		throw std::runtime_error(std::string("cannot read ") + path);
	while (std::getline(file, line)) {
		const auto tab = line.find('\t');

		if (tab == std::string::npos)
			throw std::runtime_error(std::string("a line without a tab in ") + path);
		take(line.substr(0, tab), line.substr(tab + 1));
	}
}

Xapian::Document
document_of(Xapian::TermGenerator &generator, const std::string &text)
{
	Xapian::Document document;

	generator.set_document(document);
	generator.index_text(text);
	return document;
}

void
ask(const Xapian::Database &db, const Xapian::Document &question, const std::string &id)
{
	std::vector<Xapian::Query> terms;
	Xapian::Enquire enquire(db);

	for (auto term = question.termlist_begin(); term != question.termlist_end(); ++term)
		terms.emplace_back(*term, term.get_wdf());
	enquire.set_query(Xapian::Query(Xapian::Query::OP_OR, terms.begin(), terms.end()));
	enquire.set_weighting_scheme(Xapian::BM25Weight());
	const Xapian::MSet found = enquire.get_mset(0, HITS);
	for (auto hit = found.begin(); hit != found.end(); ++hit)
		std::cout << id << '\t' << hit.get_document().get_data() << '\n';
}

void
run(const char *documents, const char *queries, const char *path)
{
	Xapian::WritableDatabase db(path, Xapian::DB_CREATE);
	Xapian::TermGenerator generator;

	generator.set_stemmer(Xapian::Stem("french"));
	generator.set_stemming_strategy(Xapian::TermGenerator::STEM_ALL);
	each_line(documents, [&](const std::string &id, const std::string &text) {
		Xapian::Document document = document_of(generator, text);

		document.set_data(id);
		db.add_document(document);
	});
	db.commit();
	each_line(queries,
	    [&](const std::string &id, const std::string &text) { ask(db, document_of(generator, text), id); });
}

} // namespace

int
main(int argc, char **argv)
{
	if (argc != 4) {
		std::fputs("usage: xapian_run DOCUMENTS.tsv QUERIES.tsv DB\n", stderr);
		return 2;
	}
	try {
		run(argv[1], argv[2], argv[3]);
		std::cout.flush();
		return std::cout ? 0 : 1;
	} catch (const Xapian::Error &e) {
		std::fprintf(stderr, "xapian_run: %s\n", e.get_description().c_str());
	} catch (const std::exception &e) {
		std::fprintf(stderr, "xapian_run: %s\n", e.what());
	}
	return 1;
}
