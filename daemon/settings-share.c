/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/i18n.h"
#include "daemon/settings-table.h"

enum { HELP_COLUMN = 24 };

/* ---- From process to process ---- */

static bool
is_shared(const struct settings_row *row)
{
	return row->kind == KIND_NUMBER || row->kind == KIND_FLAG;
}

static uint32_t
shared_value(const struct settings *settings, const struct settings_row *row)
{
	return row->kind == KIND_FLAG ? *(const bool *)settings_place(settings, row) : *settings_number(settings, row);
}

/* "2 256 64 ...": in the order of the table, which both processes have. */
enum status
settings_share(const struct settings *settings, struct buf *out)
{
	const struct settings_table *table = settings_table();

	for (int i = 0; i < SETTINGS_ROWS; i++) {
		if (is_shared(&table->rows[i]))
			(void)buf_printf(out, "%u ", shared_value(settings, &table->rows[i]));
	}
	return buf_status(out);
}

static bool
in_range(const struct settings_row *row, unsigned long value)
{
	return row->kind == KIND_FLAG ? value <= 1 : value >= row->least && value <= row->most;
}

enum status
settings_take(struct settings *settings, const char *shared, bool all)
{
	const struct settings_table *table = settings_table();
	struct settings taken = *settings;

	for (int i = 0; i < SETTINGS_ROWS; i++) {
		const struct settings_row *row = &table->rows[i];
		unsigned long value;
		char *end;

		if (!is_shared(row))
			continue;
		value = strtoul(shared, &end, 10);
		if (end == shared || *end != ' ' || !in_range(row, value))
			return STATUS_INVALID;
		shared = end + 1;
		if (!all && (row->is & LIVE) == 0)
			continue;
		if (row->kind == KIND_FLAG)
			*(bool *)settings_place(&taken, row) = value != 0;
		else
			*settings_number(&taken, row) = (uint32_t)value;
	}
	if (*shared != '\0')
		return STATUS_INVALID;
	*settings = taken;
	return STATUS_OK;
}

static bool
same_text(const char *a, const char *b)
{
	return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

static bool
same_list(const char *const *a, unsigned n_a, const char *const *b, unsigned n_b)
{
	bool same = n_a == n_b;

	for (unsigned i = 0; same && i < n_a; i++)
		same = same_text(a[i], b[i]);
	return same;
}

static bool
is_same(const struct settings_row *row, const struct settings *a, const struct settings *b)
{
	switch (row->kind) {
	case KIND_NUMBER:
	case KIND_FLAG: return shared_value(a, row) == shared_value(b, row);
	case KIND_TEXT:
	case KIND_PATH:
		return same_text(*(const char **)settings_place(a, row), *(const char **)settings_place(b, row));
	case KIND_LISTEN:
		return (b->listen_is_usual && a->n_listen == 0) ||
		       same_list(a->listen, a->n_listen, b->listen, b->n_listen);
	case KIND_VARIANTS: return same_list(a->variants, a->n_variants, b->variants, b->n_variants);
	default: return true;
	}
}

void
settings_compare(const struct settings *before, const struct settings *after, void (*tell)(const char *name))
{
	const struct settings_table *table = settings_table();

	for (int i = 0; i < SETTINGS_ROWS; i++) {
		if ((table->rows[i].is & LIVE) == 0 && !is_same(&table->rows[i], before, after))
			tell(table->rows[i].name);
	}
}

/* ---- Help ---- */

static void
print_word(const struct settings_row *row)
{
	char left[64];

	if (row->letter != 0)
		(void)snprintf(left, sizeof(left), "-%c, --%s", row->letter, row->name);
	else
		(void)snprintf(left, sizeof(left), "--%s", row->name);
	if (row->argument != NULL)
		(void)snprintf(left + strlen(left), sizeof(left) - strlen(left), " %s", tr(row->argument));
	printf("  %-*s  %s\n", HELP_COLUMN, left, tr(row->help));
}

bool
settings_help(void)
{
	const struct settings_table *table = settings_table();

	printf("%s", tr("usage: voisind --db DIR [--listen ADDRESS]... [options]\n"
			"       voisind --config FILE [options]\n"
			"Serves the search index in folder DIR, in the foreground, until SIGTERM.\n\n"));
	for (int i = 0; i < SETTINGS_WORDS + SETTINGS_NUMBERS; i++) {
		if (table->rows[i].kind != KIND_NUMBER)
			print_word(&table->rows[i]);
	}
	printf("\n%s\n", tr("bounds, with their defaults:"));
	for (int i = 0; i < SETTINGS_ROWS; i++) {
		if (table->rows[i].kind == KIND_NUMBER)
			printf(
			    "  --%-24s %8u   %s\n", table->rows[i].name, table->rows[i].usual, tr(table->rows[i].help));
	}
	return fflush(stdout) == 0 && !ferror(stdout);
}
