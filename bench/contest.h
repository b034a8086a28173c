/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * contest: one query, asked of each of those that are compared.
 */
#ifndef VOISIN_BENCH_CONTEST_H
#define VOISIN_BENCH_CONTEST_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "query/language/tree.h"

/*
 * Each gives the first ten hits.  Voisin reads the query's text; Xapian is handed terms or a parsed
 * query.  "Passages": with two passages a hit, which Xapian has nothing for; "texts": with what is
 * stored of each hit, which passages are cut from.
 */
#define CONTENDERS(XX)                           \
	XX(VOISIN_IDS, "Voisin, ids")            \
	XX(VOISIN_PASSAGES, "Voisin, passages")  \
	XX(DAEMON_IDS, "voisind, ids")           \
	XX(DAEMON_PASSAGES, "voisind, passages") \
	XX(XAPIAN_TERMS, "Xapian, same terms")   \
	XX(XAPIAN_DATA, "Xapian, same, texts")   \
	XX(XAPIAN_OWN, "Xapian, own index")

enum contender {
#define XX(code, name) CONTENDER_##code,
	CONTENDERS(XX)
#undef XX
	    CONTENDER_COUNT
};

/* Static. */
const char *contender_name(enum contender contender);

struct question {
	char *class;
	char *text; /* in Voisin's language */
	struct str own; /* serialised by Xapian's QueryParser; empty where that cannot say it */
	struct query query; /* parsed; in the contest's memory */
	struct xc_query *parsed; /* `own`, or NULL */
	bool is_native; /* Xapian's operators say it; else it gets an AND of the words */
};

struct contest;

/*
 * Opens the index in the folder `db`, one of the same documents for Xapian itself (voisin-index --whole-database), the daemon that serves the first at
 * `server`, and bare Xapian's index.
 */
enum status contest_open(const char *db, const char *whole, const char *server, const char *bare,
    struct contest **ret_contest, struct error *reterr) MUST_CHECK;

/* NULL is accepted. */
void contest_close(struct contest *contest);

/* Fills in what is made of class, text and own; question_done() gives it all back. */
enum status contest_prepare(struct contest *contest, struct question *question, struct error *reterr) MUST_CHECK;
void question_done(struct question *question);

/* Whether a contender can say the query. */
bool contest_can(enum contender contender, const struct question *question);

/* Asks.  With `ret_total` every hit is counted, else the ten first are enough (NULL). */
enum status contest_ask(struct contest *contest, enum contender contender, const struct question *question,
    uint64_t *ret_total, struct error *reterr) MUST_CHECK;

#endif
