/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * table: lines of a case file, and \xHH and \*N{text} in them.
 */
#ifndef VOISIN_TESTS_PROTOCOL_TABLE_H
#define VOISIN_TESTS_PROTOCOL_TABLE_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
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

/* Appends `text` with each \*N{some} in it written N times; what is repeated must hold no }. */
static inline enum status
table_repeat(struct buf *out, const char *text)
{
	unsigned times;
	int skip;

	while (*text != '\0') {
		const char *end = strchr(text, '}');

		skip = 0;
		if (end == NULL || sscanf(text, "\\*%6u{%n", &times, &skip) != 1 || skip == 0) {
			(void)buf_append_char(out, *text++);
			continue;
		}
		while (times-- > 0)
			(void)buf_append(out, text + skip, (size_t)(end - text - skip));
		text = end + 1;
	}
	return buf_status(out);
}

#endif
