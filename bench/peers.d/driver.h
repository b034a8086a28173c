/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * driver: what the programs of bench/peers have in common.  Each makes an index of one text and answers queries.
 *
 *	PROGRAM index TEXT.tsv INDEX       TEXT: number, tab, words with blanks between; ends when all is written
 *	PROGRAM query INDEX QUERIES.tsv    INDEX: a folder with an index "stems" and an index "forms"
 *
 * The second reads commands, one a line, until its input ends:
 *
 *	count    answers a line a query: how many documents match, exactly; -1 where the peer cannot say the query
 *	pass     asks each query that was counted for its ten best ids; answers one line, the microseconds of each,
 *	         with blanks between, 0 for one that cannot be said
 *
 * So the one who asks can let peers take turns, pass by pass, in processes that stay warm.
 *
 * A line of QUERIES.tsv: class, text ("stems" or "forms"), kind, terms, the same as surface words, the same for Voisin.
 * Terms stand with blanks between; of the kind "phrasenear" the phrase is parted from the word by a bar: "cess le feu|alep".
 */
#ifndef VOISIN_BENCH_DRIVER_H
#define VOISIN_BENCH_DRIVER_H

#include <stdbool.h>
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

enum driver_text { DRIVER_STEMS, DRIVER_FORMS, DRIVER_TEXTS };

/* NEAR and PHRASENEAR allow up to DRIVER_BETWEEN words between, in either order. */
enum driver_kind {
	DRIVER_TERM,
	DRIVER_AND,
	DRIVER_OR,
	DRIVER_PHRASE,
	DRIVER_NEAR,
	DRIVER_PHRASENEAR, /* all terms but the last are a phrase */
	DRIVER_PREFIX,
	DRIVER_KINDS
};

enum { DRIVER_HITS = 10, DRIVER_BETWEEN = 10, DRIVER_TERMS = 8, DRIVER_NO = -1 };

struct driver_query {
	enum driver_text text;
	enum driver_kind kind;
	char *terms[DRIVER_TERMS]; /* in one piece of memory, that of the first */
	size_t n_terms;
	char *voisin;
};

/* One peer.  Failures end the program (err(3)). */
struct driver {
	/* Makes an empty index, adds documents in the order of their numbers, and writes all to the disk. */
	void *(*create)(const char *index);
	void (*add)(void *writer, unsigned long number, char *words, size_t len);
	void (*finish)(void *writer);

	/* Opens what was made; closes it. */
	void *(*open)(const char *index);
	void (*close)(void *reader);

	/* The number of hits: all of them, or of the ten best, whose ids it has looked at.  DRIVER_NO: cannot be said. */
	long (*ask)(void *reader, const struct driver_query *query, bool count_all);
};

/* All of main().  A peer with create == NULL is indexed by another program. */
int driver_main(int argc, char **argv, const struct driver *driver);

/* Appends to the bytes at `out`, of `size`; ends the program where they are too few.  For the texts of queries. */
void driver_print(char *out, size_t size, const char *format, ...) __attribute__((format(printf, 3, 4)));

/*
 * Appends terms first..last-1, each between `quote`s, `between` parting them: driver_join(out, size, q, 0, 2, "\"", " AND ")
 * appends `"a" AND "b"`.
 */
void driver_join(char *out, size_t size, const struct driver_query *query, size_t first, size_t last, const char *quote,
    const char *between);

#ifdef __cplusplus
}
#endif

#endif
