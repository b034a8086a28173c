/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Sphinx, by SphinxQL over a Unix socket.  INDEX is the folder with searchd's socket, "socket"; its two indexes are called stems and
 * forms.  It is indexed by Sphinx's own indexer (systems.py).  docs: driver.h.
 */
#include <err.h>
#include <mysql.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/peers.d/driver.h"

enum { QUERY_BYTES = 2048 };

static void *
sphinx_open(const char *folder)
{
	MYSQL *server = mysql_init(NULL);
	char path[QUERY_BYTES] = "";

	driver_print(path, sizeof(path), "%s/socket", folder);
	if (server == NULL || mysql_real_connect(server, NULL, "", "", "", 0, path, 0) == NULL)
		errx(1, "%s: %s", path, mysql_error(server));
	return server;
}

static void
sphinx_close(void *server)
{
	mysql_close(server);
	mysql_library_end();
}

/* Sphinx counts from word to word, so ten words between are eleven. */
static void
write_match(const struct driver_query *query, char match[QUERY_BYTES])
{
	size_t n = query->n_terms, phrase = n - 1;

	switch (query->kind) {
	case DRIVER_AND: driver_join(match, QUERY_BYTES, query, 0, n, "", " "); break;
	case DRIVER_OR: driver_join(match, QUERY_BYTES, query, 0, n, "", " | "); break;
	case DRIVER_PREFIX: driver_print(match, QUERY_BYTES, "%s*", query->terms[0]); break;
	case DRIVER_NEAR:
		driver_print(match, QUERY_BYTES, "%s NEAR/%d %s", query->terms[0], DRIVER_BETWEEN + 1, query->terms[1]);
		break;
	case DRIVER_PHRASENEAR:
		driver_print(match, QUERY_BYTES, "\\\"");
		driver_join(match, QUERY_BYTES, query, 0, phrase, "", " ");
		driver_print(match, QUERY_BYTES, "\\\" NEAR/%d %s", DRIVER_BETWEEN + 1, query->terms[phrase]);
		break;
	default:
		driver_print(match, QUERY_BYTES, "\\\"");
		driver_join(match, QUERY_BYTES, query, 0, n, "", " ");
		driver_print(match, QUERY_BYTES, "\\\"");
	}
}

/* Runs a statement and gives its rows. */
static MYSQL_RES *
rows_of(MYSQL *server, const char *sql)
{
	MYSQL_RES *rows;

	if (mysql_query(server, sql) != 0 || (rows = mysql_store_result(server)) == NULL)
		errx(1, "%s: %s", sql, mysql_error(server));
	return rows;
}

static long
total_found(MYSQL *server)
{
	MYSQL_RES *rows = rows_of(server, "SHOW META");
	MYSQL_ROW row;
	long total = DRIVER_NO;

	while ((row = mysql_fetch_row(rows)) != NULL) {
		if (strcmp(row[0], "total_found") == 0)
			total = strtol(row[1], NULL, 10);
	}
	mysql_free_result(rows);
	return total;
}

static long
sphinx_ask(void *server, const struct driver_query *query, bool count_all)
{
	char match[QUERY_BYTES] = "", sql[QUERY_BYTES] = "";
	MYSQL_RES *rows;
	long hits;

	write_match(query, match);
	driver_print(sql, sizeof(sql),
	    "SELECT id FROM %s WHERE MATCH('%s') LIMIT %d OPTION ranker=bm25, max_matches=%d",
	    query->text == DRIVER_FORMS ? "forms" : "stems", match, DRIVER_HITS, DRIVER_HITS);
	rows = rows_of(server, sql);
	hits = (long)mysql_num_rows(rows);
	mysql_free_result(rows);
	return count_all ? total_found(server) : hits;
}

int
main(int argc, char **argv)
{
	static const struct driver driver = { .open = sphinx_open, .close = sphinx_close, .ask = sphinx_ask };

	return driver_main(argc, argv, &driver);
}
