/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * table: lines of a case file, and \xHH in them.
 */
#ifndef VOISIN_TESTS_PROTOCOL_TABLE_H
#define VOISIN_TESTS_PROTOCOL_TABLE_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"

/* Opens a file beside the tests, or ends the program. */
static inline FILE *
table_open(const char *name)
{
	char path[4096];
	FILE *file;

	(void)snprintf(path, sizeof(path), "%s/%s", PROTOCOL_TEST_DIR, name);
	file = fopen(path, "r");
	if (file == NULL) {
		perror(path);
		exit(1);
	}
	return file;
}

/* The next line without its newline, in a buffer that getline() manages; NULL at the end. */
static inline char *
table_line(FILE *file, char **buffer, size_t *size)
{
	ssize_t len = getline(buffer, size, file);

	if (len <= 0)
		return NULL;
	if ((*buffer)[len - 1] == '\n')
		(*buffer)[len - 1] = '\0';
	return *buffer;
}

/* Decodes \xHH in place. */
static inline struct str
table_bytes(char *text)
{
	size_t len = 0;
	unsigned byte;

	for (const char *in = text; *in != '\0'; len++) {
		if (in[0] == '\\' && in[1] == 'x' && sscanf(in + 2, "%2x", &byte) == 1) {
			text[len] = (char)byte;
			in += 4;
		} else
			text[len] = *in++;
	}
	return (struct str) { text, len };
}

#endif
