/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * bench_reprints: what the index knows of reprints, for bench/reprints.
 *
 *	bench_reprints pairs DIR            each pair of documents that are reprints, as "ID TAB ID TAB LIKENESS"
 *	bench_reprints sign FILE.jsonl      the seconds that reading the words of all texts and signing them takes
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/log.h"
#include "bench/corpus.h"
#include "query/reprints/similar.h"

enum { ARENA_BYTES = 64 * 1024 * 1024, NS_PER_S = 1000 * 1000 * 1000 };

static void
must(enum status status, const struct error *error)
{
	if (status != STATUS_OK)
		fatalx("%s", error->message);
}

/* The pairs of one document with those behind it. */
static void
print_pairs(struct likeness *likeness, uint32_t docid, struct arena *arena)
{
	const struct store_reader *reader = likeness_reader(likeness);
	struct fingerprint fingerprint;
	struct similar_list list;
	struct str id, other;
	struct error error;

	arena_reset(arena);
	must(fingerprint_read(reader, docid, &fingerprint, &error), &error);
	must(similar_find(likeness, &fingerprint, arena, &list, &error), &error);
	must(store_reader_id(reader, docid, arena, &id, &error), &error);
	for (uint32_t i = 0; i < list.n; i++) {
		if (list.v[i].fingerprint.docid < docid)
			continue;
		must(store_reader_id(reader, list.v[i].fingerprint.docid, arena, &other, &error), &error);
		(void)printf("%.*s\t%.*s\t%.6f\n", STR_FMT(id), STR_FMT(other), list.v[i].likeness);
	}
}

static void
pairs(const char *dir)
{
	struct store_reader *reader;
	struct likeness *likeness;
	struct xc_postings *all;
	struct arena *arena;
	struct error error;
	uint32_t docid;
	enum status status;

	must(store_reader_open(dir, &reader, &error), &error);
	must(likeness_new(reader, &likeness, &error), &error);
	if (arena_new(ARENA_BYTES, &arena) != STATUS_OK)
		fatalx("out of memory");
	must(xc_database_postlist(store_reader_database(reader), (struct str) { "", 0 }, &all, &error), &error);
	while ((status = xc_postings_next(all, &docid, &error)) == STATUS_OK)
		print_pairs(likeness, docid, arena);
	if (status != STATUS_END)
		must(status, &error);
	xc_postings_free(all);
	arena_free(arena);
	likeness_free(likeness);
	store_reader_close(reader);
}

static int64_t
cpu_ns(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
	return (int64_t)now.tv_sec * NS_PER_S + now.tv_nsec;
}

static void
sign(const char *path)
{
	struct word_list words = { NULL, 0, 0 };
	struct corpus_document document;
	struct signature signature;
	struct corpus *corpus;
	struct error error;
	int64_t spent_ns = 0;
	enum status status;

	must(corpus_open(path, &corpus, &error), &error);
	while ((status = corpus_next(corpus, &document, &error)) == STATUS_OK) {
		int64_t began_ns = cpu_ns();

		if (word_list_read(&words, document.text) != STATUS_OK)
			fatalx("out of memory");
		(void)signature_of(&words, &signature);
		spent_ns += cpu_ns() - began_ns;
	}
	if (status != STATUS_END)
		must(status, &error);
	word_list_done(&words);
	corpus_close(corpus);
	(void)printf("%.3f\n", (double)spent_ns / NS_PER_S);
}

int
main(int argc, char **argv)
{
	log_init("bench_reprints", LOG_LEVEL_INFO);
	if (argc == 3 && strcmp(argv[1], "pairs") == 0)
		pairs(argv[2]);
	else if (argc == 3 && strcmp(argv[1], "sign") == 0)
		sign(argv[2]);
	else
		fatalx("usage: bench_reprints pairs DIR | sign FILE.jsonl");
	return fflush(stdout) == 0 ? 0 : 1;
}
