/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Groonga, in process, by its own commands.  docs: driver.h.
 *
 * The words are stored and then indexed in one go, which Groonga calls static construction and recommends for many documents.  It keeps
 * the stored words: an index without them is not what it is made for.
 */
#include <err.h>
#include <groonga.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/peers.d/driver.h"

enum { QUERY_BYTES = 4096 };

struct database {
	grn_ctx ctx;
	grn_obj *db, *documents, *words, value;
	char *answer; /* to the last command; the context's own */
};

/* Runs a command; returns its answer, which is borrowed until the next one. */
static const char *
run(struct database *database, const char *command)
{
	unsigned len;
	int flags;

	grn_ctx_send(&database->ctx, command, (unsigned)strlen(command), 0);
	if (database->ctx.rc != GRN_SUCCESS)
		errx(1, "%s: %s", command, database->ctx.errbuf);
	grn_ctx_recv(&database->ctx, &database->answer, &len, &flags);
	return database->answer;
}

static void
end(void)
{
	grn_fin();
}

/* The library is begun once, and ended when all is closed. */
static struct database *
start(void)
{
	static bool begun;
	struct database *database = calloc(1, sizeof(*database));

	if (!begun && (grn_init() != GRN_SUCCESS || atexit(end) != 0))
		errx(1, "groonga does not start");
	begun = true;
	if (database == NULL || grn_ctx_init(&database->ctx, 0) != GRN_SUCCESS)
		errx(1, "groonga does not start");
	return database;
}

static void
stop(struct database *database)
{
	grn_obj_close(&database->ctx, database->db);
	grn_ctx_fin(&database->ctx);
	free(database);
}

static void *
groonga_create(const char *index)
{
	struct database *database = start();

	database->db = grn_db_create(&database->ctx, index, NULL);
	if (database->db == NULL)
		errx(1, "%s: %s", index, database->ctx.errbuf);
	run(database, "table_create Documents TABLE_HASH_KEY UInt32");
	run(database, "column_create Documents words COLUMN_SCALAR LongText");
	run(database, "table_create Terms TABLE_PAT_KEY ShortText --default_tokenizer TokenDelimit");
	database->documents = grn_ctx_get(&database->ctx, "Documents", -1);
	database->words = grn_ctx_get(&database->ctx, "Documents.words", -1);
	GRN_TEXT_INIT(&database->value, 0);
	return database;
}

static void
groonga_add(void *writer, unsigned long number, char *words, size_t len)
{
	struct database *database = writer;
	uint32_t key = (uint32_t)number;
	grn_id id = grn_table_add(&database->ctx, database->documents, &key, sizeof(key), NULL);

	GRN_TEXT_SET(&database->ctx, &database->value, words, (unsigned)len);
	if (grn_obj_set_value(&database->ctx, database->words, id, &database->value, GRN_OBJ_SET) != GRN_SUCCESS)
		errx(1, "document %lu: %s", number, database->ctx.errbuf);
}

static void
groonga_finish(void *writer)
{
	struct database *database = writer;

	run(database, "column_create Terms index COLUMN_INDEX|WITH_POSITION Documents words");
	if (grn_obj_flush_recursive(&database->ctx, database->db) != GRN_SUCCESS)
		errx(1, "%s", database->ctx.errbuf);
	grn_obj_close(&database->ctx, &database->value);
	stop(database);
}

static void *
groonga_open(const char *index)
{
	struct database *database = start();

	database->db = grn_db_open(&database->ctx, index);
	if (database->db == NULL)
		errx(1, "%s: %s", index, database->ctx.errbuf);
	return database;
}

/* Groonga counts from word to word, so ten words between are eleven. */
static void
write_filter(const struct driver_query *query, char filter[QUERY_BYTES])
{
	const char *joint = query->kind == DRIVER_AND ? " && " : " || ";
	size_t n = query->n_terms;

	switch (query->kind) {
	case DRIVER_PHRASENEAR:
		driver_print(filter, QUERY_BYTES, "words *NP%d \"\\\\\"", DRIVER_BETWEEN + 1);
		driver_join(filter, QUERY_BYTES, query, 0, n - 1, "", " ");
		driver_print(filter, QUERY_BYTES, "\\\\\" \\\\\"%s\\\\\"\"", query->terms[n - 1]);
		break;
	case DRIVER_NEAR:
		driver_print(filter, QUERY_BYTES, "words *N%d \"", DRIVER_BETWEEN + 1);
		driver_join(filter, QUERY_BYTES, query, 0, n, "", " ");
		driver_print(filter, QUERY_BYTES, "\"");
		break;
	case DRIVER_AND:
	case DRIVER_OR:
		for (size_t i = 0; i < n; i++)
			driver_print(filter, QUERY_BYTES, "%swords @ \"%s\"", i > 0 ? joint : "", query->terms[i]);
		break;
	default:
		driver_print(filter, QUERY_BYTES, "words @ \"");
		driver_join(filter, QUERY_BYTES, query, 0, n, "", " ");
		driver_print(filter, QUERY_BYTES, "\"");
		break;
	}
}

static void
groonga_close(void *reader)
{
	stop(reader);
}

/* Of select's answer, [[[3],[["_key","UInt32"]],[17],...]], the number in front. */
static long
groonga_ask(void *reader, const struct driver_query *query, bool count_all)
{
	char filter[QUERY_BYTES] = "", command[QUERY_BYTES] = "";
	const char *answer;

	(void)count_all; /* it always counts */
	if (query->kind == DRIVER_PREFIX) {
		driver_print(
		    command, sizeof(command), "select Documents --match_columns words --query '%s*'", query->terms[0]);
	} else {
		write_filter(query, filter);
		driver_print(command, sizeof(command), "select Documents --filter '%s'", filter);
	}
	driver_print(command, sizeof(command), " --limit %d --output_columns _key --sort_keys -_score", DRIVER_HITS);
	answer = run(reader, command);
	answer = strstr(answer, "[[[");
	return answer == NULL ? DRIVER_NO : strtol(answer + 3, NULL, 10);
}

int
main(int argc, char **argv)
{
	static const struct driver driver = { groonga_create, groonga_add, groonga_finish, groonga_open, groonga_close,
		groonga_ask };

	return driver_main(argc, argv, &driver);
}
