/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * PostgreSQL over a Unix socket: a tsvector with positions, and a GIN index on it.  INDEX is the folder of the server's socket; "index"
 * takes FOLDER/TABLE and fills the table TABLE.  docs: driver.h.
 *
 * PostgreSQL has no NEAR: it is an OR of all distances in both directions.  A tsvector keeps 256 positions a word and none
 * beyond 16,383.
 */
#include <err.h>
#include <libpq-fe.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/peers.d/driver.h"

enum { QUERY_BYTES = 8192, POSITION_MAX = 16383 };

struct table {
	PGconn *server;
	char *name;
	FILE *rows; /* of COPY, in memory */
	char *row;
	size_t row_len;
};

static void
execute(PGconn *server, const char *sql, ExecStatusType wanted)
{
	PGresult *result = PQexec(server, sql);

	if (PQresultStatus(result) != wanted)
		errx(1, "%s: %s", sql, PQerrorMessage(server));
	PQclear(result);
}

/* Connects to the server of FOLDER/TABLE. */
static struct table *
open_table(const char *index)
{
	struct table *table = calloc(1, sizeof(*table));
	char *folder = strdup(index), *slash = folder == NULL ? NULL : strrchr(folder, '/');
	const char *const keys[] = { "host", "user", "dbname", NULL };
	const char *const values[] = { folder, "postgres", "postgres", NULL };

	if (table == NULL || slash == NULL)
		errx(1, "want FOLDER/TABLE, not %s", index);
	*slash = '\0';
	table->name = strdup(slash + 1);
	if (table->name == NULL)
		err(1, "out of memory");
	table->server = PQconnectdbParams(keys, values, 0);
	if (PQstatus(table->server) != CONNECTION_OK)
		errx(1, "%s", PQerrorMessage(table->server));
	free(folder);
	return table;
}

static void
postgres_close(void *reader)
{
	struct table *table = reader;

	PQfinish(table->server);
	free(table->name);
	free(table);
}

static void *
postgres_create(const char *index)
{
	struct table *table = open_table(index);
	char sql[QUERY_BYTES] = "";

	driver_print(sql, sizeof(sql), "CREATE TABLE %s (id int, words tsvector)", table->name);
	execute(table->server, sql, PGRES_COMMAND_OK);
	sql[0] = '\0';
	driver_print(sql, sizeof(sql), "COPY %s FROM STDIN", table->name);
	execute(table->server, sql, PGRES_COPY_IN);
	table->rows = open_memstream(&table->row, &table->row_len);
	if (table->rows == NULL)
		err(1, "out of memory");
	return table;
}

/* A row of COPY: the number, a tab, and 'word':1 'other':2 ... */
static void
postgres_add(void *writer, unsigned long number, char *words, size_t len)
{
	struct table *table = writer;
	size_t position = 0;
	char *word;

	rewind(table->rows);
	fprintf(table->rows, "%lu\t", number);
	while (len > 0 && (word = strsep(&words, " ")) != NULL) {
		position += position < POSITION_MAX;
		fprintf(table->rows, "'%s':%zu ", word, position);
	}
	fputc('\n', table->rows);
	if (fflush(table->rows) != 0 || PQputCopyData(table->server, table->row, (int)table->row_len) != 1)
		errx(1, "document %lu: %s", number, PQerrorMessage(table->server));
}

static void
postgres_finish(void *writer)
{
	struct table *table = writer;
	char sql[QUERY_BYTES] = "";
	PGresult *result;

	if (PQputCopyEnd(table->server, NULL) != 1)
		errx(1, "%s", PQerrorMessage(table->server));
	result = PQgetResult(table->server);
	if (PQresultStatus(result) != PGRES_COMMAND_OK)
		errx(1, "%s", PQerrorMessage(table->server));
	PQclear(result);
	while ((result = PQgetResult(table->server)) != NULL)
		PQclear(result);
	driver_print(sql, sizeof(sql), "CREATE INDEX ON %s USING gin (words)", table->name);
	execute(table->server, sql, PGRES_COMMAND_OK);
	sql[0] = '\0';
	driver_print(sql, sizeof(sql), "VACUUM ANALYZE %s", table->name);
	execute(table->server, sql, PGRES_COMMAND_OK);
	fclose(table->rows);
	free(table->row);
	postgres_close(table);
}

static void *
postgres_open(const char *index)
{
	struct table *table = open_table(index);

	execute(table->server, "SET statement_timeout = 60000", PGRES_COMMAND_OK);
	return table;
}

static void
write_phrase(const struct driver_query *query, size_t n, char out[QUERY_BYTES])
{
	driver_print(out, QUERY_BYTES, "(");
	driver_join(out, QUERY_BYTES, query, 0, n, "'", " <-> ");
	driver_print(out, QUERY_BYTES, ")");
}

/* The phrase of all terms but the last, and that one, at each distance that is near.  Distances are from edge to edge. */
static void
write_near(const struct driver_query *query, char out[QUERY_BYTES])
{
	size_t phrase = query->n_terms - 1;
	const char *word = query->terms[phrase];

	for (int d = 1; d <= DRIVER_BETWEEN + 1; d++) {
		driver_print(out, QUERY_BYTES, d > 1 ? " | (" : "(");
		write_phrase(query, phrase, out);
		driver_print(out, QUERY_BYTES, " <%d> '%s') | ('%s' <%d> ", d, word, word, d);
		write_phrase(query, phrase, out);
		driver_print(out, QUERY_BYTES, ")");
	}
}

static void
write_query(const struct driver_query *query, char out[QUERY_BYTES])
{
	size_t n = query->n_terms;

	switch (query->kind) {
	case DRIVER_AND: driver_join(out, QUERY_BYTES, query, 0, n, "'", " & "); break;
	case DRIVER_OR: driver_join(out, QUERY_BYTES, query, 0, n, "'", " | "); break;
	case DRIVER_PREFIX: driver_print(out, QUERY_BYTES, "'%s':*", query->terms[0]); break;
	case DRIVER_NEAR:
	case DRIVER_PHRASENEAR: write_near(query, out); break;
	default: write_phrase(query, n, out);
	}
}

static long
postgres_ask(void *reader, const struct driver_query *query, bool count_all)
{
	struct table *table = reader;
	char words[QUERY_BYTES] = "", sql[QUERY_BYTES] = "";
	const char *const values[] = { words };
	PGresult *result;
	long hits;

	write_query(query, words);
	driver_print(sql, sizeof(sql),
	    count_all
		? "SELECT count(*) FROM %s WHERE words @@ $1::tsquery"
		: "SELECT id FROM %s WHERE words @@ $1::tsquery ORDER BY ts_rank(words, $1::tsquery) DESC LIMIT 10",
	    table->name);
	result = PQexecParams(table->server, sql, 1, NULL, values, NULL, NULL, 0);
	if (PQresultStatus(result) != PGRES_TUPLES_OK)
		errx(1, "%s: %s", words, PQerrorMessage(table->server));
	hits = count_all ? strtol(PQgetvalue(result, 0, 0), NULL, 10) : PQntuples(result);
	PQclear(result);
	return hits;
}

int
main(int argc, char **argv)
{
	static const struct driver driver = { postgres_create, postgres_add, postgres_finish, postgres_open,
		postgres_close, postgres_ask };

	return driver_main(argc, argv, &driver);
}
