/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * settings-table: every option of voisind: name, kind, range, help, and where its value is.  Inside settings*.c only.
 */
#ifndef VOISIN_DAEMON_SETTINGS_TABLE_H
#define VOISIN_DAEMON_SETTINGS_TABLE_H

#include <stddef.h>

#include "daemon/settings.h"

enum settings_kind {
	KIND_NUMBER,
	KIND_FLAG,
	KIND_TEXT, /* a word of any kind */
	KIND_PATH, /* in a file: absolute, for a service runs in no folder that anyone has in mind */
	KIND_LISTEN, /* these two may be repeated */
	KIND_VARIANTS,
	KIND_HELP,
	KIND_VERSION
};

/* What a row is besides. */
enum {
	IN_FILE = 1, /* also a key of [daemon] */
	LIVE = 2 /* can be changed while the daemon serves */
};

struct settings_row {
	const char *name;
	enum settings_kind kind;
	int letter; /* of the short option, or 0 */
	unsigned is;
	size_t off; /* in struct settings, of a number, flag, text or path */
	const char *argument; /* in the usage; NULL for a number and where there is none */
	const char *help;
	uint32_t least, usual, most; /* of a number */
};

/* Rows of settings-table.c, then the bounds of a request, whose names have - where stats has _. */
enum { SETTINGS_WORDS = 16, SETTINGS_NUMBERS = 15, SETTINGS_ROWS = SETTINGS_WORDS + SETTINGS_NUMBERS + BOUND_COUNT };

struct settings_table {
	struct settings_row rows[SETTINGS_ROWS];
	struct config_key keys[SETTINGS_ROWS]; /* of [daemon] */
	size_t n_keys;
};

/* Static. */
const struct settings_table *settings_table(void);

/* Where the value of a row is. */
void *settings_place(const struct settings *settings, const struct settings_row *row);
uint32_t *settings_number(const struct settings *settings, const struct settings_row *row);

/* Sets a value from its text; NULL for a flag, which is on then.  STATUS_INVALID, STATUS_LIMIT. */
enum status settings_set(
    struct settings *settings, const struct settings_row *row, const char *text, struct error *reterr) MUST_CHECK;

/* Forgets the files of names, but for the shipped one. */
void settings_use_shipped_variants(struct settings *settings);

#endif
