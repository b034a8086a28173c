/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * bare_xapian: what a newcomer to Xapian writes, to be measured against.
 *
 *	bare_xapian index CORPUS.jsonl DB        makes an index with TermGenerator; prints documents, bytes of text
 *	bare_xapian parse DB <q.tsv >parsed.tsv  adds a column: the last one as a query, in hexadecimal
 *
 * All defaults: the French stemmer, STEM_SOME (stems without positions, surface forms with), flushes
 * after 10,000 documents, the text as the document's data.  QueryParser joins by AND.
 *
 * C++ outside xapian-c/, as bench/peers.d/xapian.cc is: TermGenerator and QueryParser are all that it is about, and
 * the binding leaves them out on purpose.
 */
#include <xapian.h>

#include <cstdio>
#include <exception>
#include <iostream>
#include <stdexcept>
#include <string>

#include "bench/corpus.h"

namespace {

std::string
string_of(struct str s)
{
	return std::string(s.p, s.len);
}

Xapian::Document
document_of(Xapian::TermGenerator &generator, const struct corpus_document &article)
{
	const std::string title = string_of(article.title), text = string_of(article.text);
	Xapian::Document document;

	generator.set_document(document);
	generator.index_text(title, 1, "S");
	generator.index_text(title);
	generator.increase_termpos();
	generator.index_text(text);
	document.set_data(title + "\n" + text);
	document.add_boolean_term("Q" + string_of(article.id));
	return document;
}

int
index(const char *corpus_path, const char *db_path)
{
	Xapian::WritableDatabase db(db_path, Xapian::DB_CREATE);
	Xapian::TermGenerator generator;
	struct corpus *corpus;
	struct corpus_document article;
	struct error error;
	size_t bytes = 0;
	enum status status = corpus_open(corpus_path, &corpus, &error);

	if (status != STATUS_OK)
		throw std::runtime_error(error.message);
	generator.set_stemmer(Xapian::Stem("french"));
	while ((status = corpus_next(corpus, &article, &error)) == STATUS_OK) {
		db.add_document(document_of(generator, article));
		bytes += article.title.len + article.text.len;
	}
	corpus_close(corpus);
	if (status != STATUS_END)
		throw std::runtime_error(error.message);
	db.commit();
	std::cout << db.get_doccount() << '\t' << bytes << std::endl;
	return std::cout ? 0 : 1;
}

std::string
hex_of(const std::string &bytes)
{
	static const char digits[] = "0123456789abcdef";
	std::string hex;

	for (char c : bytes) {
		const auto byte = static_cast<unsigned char>(c);

		hex += digits[byte >> 4];
		hex += digits[byte & 15];
	}
	return hex;
}

int
parse(const char *db_path)
{
	const unsigned flags = Xapian::QueryParser::FLAG_DEFAULT | Xapian::QueryParser::FLAG_WILDCARD;
	Xapian::QueryParser parser;
	std::string line;

	parser.set_database(Xapian::Database(db_path));
	parser.set_stemmer(Xapian::Stem("french"));
	parser.set_stemming_strategy(Xapian::QueryParser::STEM_SOME);
	parser.set_default_op(Xapian::Query::OP_AND);
	while (std::getline(std::cin, line)) {
		const std::string text = line.substr(line.rfind('\t') + 1);

		std::cout << line << '\t' << (text.empty() ? "" : hex_of(parser.parse_query(text, flags).serialise()))
			  << '\n';
	}
	std::cout.flush();
	return std::cout ? 0 : 1;
}

int
run(int argc, char **argv)
{
	const std::string verb = argc > 1 ? argv[1] : "";

	if (verb == "index" && argc == 4)
		return index(argv[2], argv[3]);
	if (verb == "parse" && argc == 3)
		return parse(argv[2]);
	std::fputs("usage: bench_bare_xapian index CORPUS.jsonl DB | parse DB\n", stderr);
	return 2;
}

} // namespace

int
main(int argc, char **argv)
{
	try {
		return run(argc, argv);
	} catch (const Xapian::Error &e) {
		std::fprintf(stderr, "bench_bare_xapian: %s\n", e.get_description().c_str());
	} catch (const std::exception &e) {
		std::fprintf(stderr, "bench_bare_xapian: %s\n", e.what());
	}
	return 1;
}
