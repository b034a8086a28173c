/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * alert: the file of standing queries.
 *
 *	[alert treve]
 *	query = "cessez le feu" NEAR Alep
 *	file = /var/lib/voisin/treve.jsonl
 *
 *	[alert ministre]
 *	query = ministre AND démission
 *	mail = redaction@exemple.example
 *
 * A query has one way for its hits to go: a file, standard output, a mail or a command.
 */
#ifndef VOISIN_INDEXER_ALERT_H
#define VOISIN_INDEXER_ALERT_H

#include "base/arena.h"
#include "base/config.h"
#include "base/error.h"
#include "base/limits.h"

enum alert_way { ALERT_FILE, ALERT_STDOUT, ALERT_MAIL, ALERT_COMMAND };

struct alert {
	struct str name;
	unsigned line;
	struct str query;
	bool any; /* words side by side mean OR */
	enum alert_way way;
	const char *target; /* the file, the address; NUL-terminated */
	const char *words[LIMIT_ALERT_WORDS + 1]; /* of the command, ended by NULL */
};

struct alerts {
	struct alert *v;
	size_t n;
	const char *sendmail;
	/* owned */
	struct arena *arena;
	struct config *config;
};

/* Reads the file; queries that are no queries are refused here. */
enum status alerts_read(const char *path, struct alerts *ret_alerts, struct error *reterr) MUST_CHECK;

/* Also after a failure; zeroed alerts are accepted. */
void alerts_done(struct alerts *alerts);

#endif
