/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * SQLite's FTS5, without a copy of the text (content='').  docs: driver.h.
 *
 * The index is written in one transaction, without a journal and in one piece ("optimize"), which is the fastest that FTS5 can do;
 * hits come in the order of its BM25.
 */
#include <err.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>

#include "bench/peers.d/driver.h"

enum { QUERY_BYTES = 2048 };

struct database {
	sqlite3 *db;
	sqlite3_stmt *insert, *best, *count;
};

static void
execute(sqlite3 *db, const char *sql)
{
	char *message = NULL;

	if (sqlite3_exec(db, sql, NULL, NULL, &message) != SQLITE_OK)
		errx(1, "%s: %s", sql, message);
}

static sqlite3_stmt *
prepare(sqlite3 *db, const char *sql)
{
	sqlite3_stmt *statement;

	if (sqlite3_prepare_v2(db, sql, -1, &statement, NULL) != SQLITE_OK)
		errx(1, "%s: %s", sql, sqlite3_errmsg(db));
	return statement;
}

static struct database *
open_database(const char *path)
{
	struct database *database = calloc(1, sizeof(*database));

	if (database == NULL)
		errx(1, "out of memory");
	if (sqlite3_open(path, &database->db) != SQLITE_OK)
		errx(1, "%s: %s", path, sqlite3_errmsg(database->db));
	return database;
}

static void *
sqlite_create(const char *index)
{
	struct database *database = open_database(index);

	execute(database->db,
	    "PRAGMA journal_mode=OFF; PRAGMA cache_size=-262144;"
	    "CREATE VIRTUAL TABLE t USING fts5(words, content='', tokenize=\"unicode61 remove_diacritics 0\"); BEGIN");
	database->insert = prepare(database->db, "INSERT INTO t(rowid, words) VALUES(?, ?)");
	return database;
}

static void
sqlite_add(void *writer, unsigned long number, char *words, size_t len)
{
	struct database *database = writer;

	sqlite3_bind_int64(database->insert, 1, (sqlite3_int64)number);
	sqlite3_bind_text64(database->insert, 2, words, len, SQLITE_STATIC, SQLITE_UTF8);
	if (sqlite3_step(database->insert) != SQLITE_DONE)
		errx(1, "%s", sqlite3_errmsg(database->db));
	sqlite3_reset(database->insert);
}

static void
sqlite_finish(void *writer)
{
	struct database *database = writer;

	sqlite3_finalize(database->insert);
	execute(database->db, "COMMIT; INSERT INTO t(t) VALUES('optimize')");
	if (sqlite3_close(database->db) != SQLITE_OK)
		errx(1, "%s", sqlite3_errmsg(database->db));
	free(database);
}

static void *
sqlite_open_index(const char *index)
{
	struct database *database = open_database(index);

	execute(database->db, "PRAGMA cache_size=-1048576; PRAGMA mmap_size=8589934592");
	database->best = prepare(database->db, "SELECT rowid FROM t WHERE t MATCH ? ORDER BY rank LIMIT 10");
	database->count = prepare(database->db, "SELECT count(*) FROM t WHERE t MATCH ?");
	return database;
}

static void
sqlite_close_index(void *reader)
{
	struct database *database = reader;

	sqlite3_finalize(database->best);
	sqlite3_finalize(database->count);
	sqlite3_close(database->db);
	free(database);
}

/* FTS5 counts the words between, as Voisin does. */
static void
write_match(const struct driver_query *query, char match[QUERY_BYTES])
{
	size_t n = query->n_terms, phrase = n - 1;

	switch (query->kind) {
	case DRIVER_AND: driver_join(match, QUERY_BYTES, query, 0, n, "\"", " AND "); break;
	case DRIVER_OR: driver_join(match, QUERY_BYTES, query, 0, n, "\"", " OR "); break;
	case DRIVER_NEAR:
	case DRIVER_PHRASENEAR:
		driver_print(match, QUERY_BYTES, "NEAR(\"");
		driver_join(match, QUERY_BYTES, query, 0, phrase, "", " ");
		driver_print(match, QUERY_BYTES, "\" \"%s\", %d)", query->terms[phrase], DRIVER_BETWEEN);
		break;
	default:
		driver_print(match, QUERY_BYTES, "\"");
		driver_join(match, QUERY_BYTES, query, 0, n, "", " ");
		driver_print(match, QUERY_BYTES, query->kind == DRIVER_PREFIX ? "\"*" : "\"");
	}
}

static long
sqlite_ask(void *reader, const struct driver_query *query, bool count_all)
{
	struct database *database = reader;
	sqlite3_stmt *statement = count_all ? database->count : database->best;
	char match[QUERY_BYTES] = "";
	long hits = 0;
	int result;

	write_match(query, match);
	sqlite3_bind_text(statement, 1, match, -1, SQLITE_STATIC);
	while ((result = sqlite3_step(statement)) == SQLITE_ROW)
		hits = count_all ? (long)sqlite3_column_int64(statement, 0)
				 : hits + (sqlite3_column_int64(statement, 0) > 0);
	if (result != SQLITE_DONE)
		errx(1, "%s: %s", match, sqlite3_errmsg(database->db));
	sqlite3_reset(statement);
	return hits;
}

int
main(int argc, char **argv)
{
	static const struct driver driver = { sqlite_create, sqlite_add, sqlite_finish, sqlite_open_index,
		sqlite_close_index, sqlite_ask };

	return driver_main(argc, argv, &driver);
}
