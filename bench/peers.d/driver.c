/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "bench/peers.d/driver.h"

#include <err.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"

enum { COLUMNS = 6 };

struct queries {
	struct driver_query *all;
	bool *unsaid;
	size_t n, room;
};

void
driver_print(char *out, size_t size, const char *format, ...)
{
	size_t used = strlen(out);
	va_list arguments;
	int len;

	va_start(arguments, format);
	len = vsnprintf(out + used, size - used, format, arguments);
	va_end(arguments);
	if (len < 0 || (size_t)len >= size - used)
		errx(1, "a query of more than %zu bytes", size);
}

void
driver_join(char *out, size_t size, const struct driver_query *query, size_t first, size_t last, const char *quote,
    const char *between)
{
	for (size_t i = first; i < last; i++)
		driver_print(out, size, "%s%s%s%s", i > first ? between : "", quote, query->terms[i], quote);
}

/* ---- Reading the queries ---- */

/* The place of a name in a list. */
static int
place_of(const char *name, const char *const *names, int n)
{
	for (int i = 0; i < n; i++) {
		if (strcmp(name, names[i]) == 0)
			return i;
	}
	errx(1, "the queries: there is no \"%s\"", name);
}

static char *
copy(const char *text)
{
	char *made = strdup(text);

	if (made == NULL)
		err(1, "out of memory");
	return made;
}

static struct driver_query
read_query(char *line)
{
	static const char *const texts[] = { "stems", "forms" };
	static const char *const kinds[] = { "term", "and", "or", "phrase", "near", "phrasenear", "prefix" };
	struct driver_query query = { .n_terms = 0 };
	char *columns[COLUMNS] = { NULL }, *terms, *term;
	size_t n = 0;

	line[strcspn(line, "\n")] = '\0';
	while (n < COLUMNS && (columns[n] = strsep(&line, "\t")) != NULL)
		n++;
	if (n < COLUMNS || line != NULL)
		errx(1, "the queries: want %d columns in each line", COLUMNS);
	query.text = (enum driver_text)place_of(columns[1], texts, DRIVER_TEXTS);
	query.kind = (enum driver_kind)place_of(columns[2], kinds, DRIVER_KINDS);
	terms = copy(columns[3]);
	while ((term = strsep(&terms, " |")) != NULL && query.n_terms < DRIVER_TERMS)
		query.terms[query.n_terms++] = term;
	query.voisin = copy(columns[5]);
	return query;
}

static void
read_queries(const char *path, struct queries *queries)
{
	FILE *file = fopen(path, "re");
	char *line = NULL;
	size_t size = 0;

	if (file == NULL)
		err(1, "cannot open %s", path);
	while (getline(&line, &size, file) >= 0) {
		if (queries->n == queries->room) {
			queries->room = queries->room == 0 ? 1024 : queries->room * 2;
			queries->all = reallocarray(queries->all, queries->room, sizeof(*queries->all));
			if (queries->all == NULL)
				err(1, "out of memory");
		}
		queries->all[queries->n++] = read_query(line);
	}
	free(line);
	fclose(file);
	queries->unsaid = calloc(queries->n + 1, sizeof(*queries->unsaid));
	if (queries->unsaid == NULL)
		err(1, "out of memory");
}

/* ---- Asking ---- */

static void
open_readers(const struct driver *driver, const char *folder, void *readers[DRIVER_TEXTS])
{
	static const char *const names[] = { "stems", "forms" };
	char path[PATH_MAX];

	if (driver->create == NULL) { /* one index for both */
		readers[DRIVER_STEMS] = readers[DRIVER_FORMS] = driver->open(folder);
		return;
	}
	for (int t = 0; t < DRIVER_TEXTS; t++) {
		path[0] = '\0';
		driver_print(path, sizeof(path), "%s/%s", folder, names[t]);
		readers[t] = driver->open(path);
	}
}

static void
run_count(const struct driver *driver, struct queries *queries, void *const readers[DRIVER_TEXTS])
{
	for (size_t i = 0; i < queries->n; i++) {
		const struct driver_query *query = &queries->all[i];
		long hits = driver->ask(readers[query->text], query, true);

		queries->unsaid[i] = hits == DRIVER_NO;
		printf("%ld\n", hits);
	}
}

static void
run_pass(const struct driver *driver, const struct queries *queries, void *const readers[DRIVER_TEXTS])
{
	for (size_t i = 0; i < queries->n; i++) {
		const struct driver_query *query = &queries->all[i];
		int64_t start = clock_mono_ns();

		if (!queries->unsaid[i] && driver->ask(readers[query->text], query, false) == DRIVER_NO)
			errx(1, "no answer to: %s", query->voisin);
		printf("%s%.1f", i > 0 ? " " : "", queries->unsaid[i] ? 0.0 : (double)(clock_mono_ns() - start) / 1e3);
	}
	putchar('\n');
}

static void
close_readers(const struct driver *driver, void *readers[DRIVER_TEXTS])
{
	driver->close(readers[DRIVER_STEMS]);
	if (readers[DRIVER_FORMS] != readers[DRIVER_STEMS])
		driver->close(readers[DRIVER_FORMS]);
}

static void
free_queries(struct queries *queries)
{
	for (size_t i = 0; i < queries->n; i++) {
		free(queries->all[i].terms[0]);
		free(queries->all[i].voisin);
	}
	free(queries->all);
	free(queries->unsaid);
}

static int
query_all(const struct driver *driver, const char *folder, const char *path)
{
	struct queries queries = { 0 };
	void *readers[DRIVER_TEXTS];
	char command[16];

	read_queries(path, &queries);
	open_readers(driver, folder, readers);
	while (fgets(command, sizeof(command), stdin) != NULL) {
		if (strcmp(command, "count\n") == 0)
			run_count(driver, &queries, readers);
		else if (strcmp(command, "pass\n") == 0)
			run_pass(driver, &queries, readers);
		else
			errx(2, "want count or pass, not: %s", command);
		if (fflush(stdout) != 0)
			err(1, "cannot write");
	}
	close_readers(driver, readers);
	free_queries(&queries);
	return 0;
}

static int
index_all(const struct driver *driver, const char *text, const char *index)
{
	FILE *file = fopen(text, "re");
	void *writer = driver->create(index);
	char *line = NULL;
	size_t size = 0;
	ssize_t len;

	if (file == NULL)
		err(1, "cannot open %s", text);
	while ((len = getline(&line, &size, file)) >= 0) {
		char *tab = strchr(line, '\t'), *end = line + len - 1;

		if (tab == NULL || *end != '\n')
			errx(1, "%s: want a number, a tab and words in each line", text);
		*end = '\0';
		driver->add(writer, strtoul(line, NULL, 10), tab + 1, (size_t)(end - tab - 1));
	}
	if (ferror(file))
		err(1, "cannot read %s", text);
	driver->finish(writer);
	free(line);
	fclose(file);
	return 0;
}

int
driver_main(int argc, char **argv, const struct driver *driver)
{
	if (argc == 4 && strcmp(argv[1], "index") == 0 && driver->create != NULL)
		return index_all(driver, argv[2], argv[3]);
	if (argc == 4 && strcmp(argv[1], "query") == 0)
		return query_all(driver, argv[2], argv[3]);
	errx(
	    2, "usage: %s %squery INDEX QUERIES.tsv", argv[0], driver->create != NULL ? "index TEXT.tsv INDEX | " : "");
}
