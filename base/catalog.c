/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/catalog.h"

#include <stdint.h>
#include <stdlib.h>

#include "base/file.h"

/*
 *	 0  magic                      8  number of messages    16  offset of the translations' table
 *	 4  revision, major in the    12  offset of the messages' table
 *	    upper 16 bits
 *
 * A row of either table is the length of a string, without its NUL, and its offset.
 */
enum { HEAD_BYTES = 20, ROW_BYTES = 8, FILE_BYTES = 1024 * 1024 };

static const uint32_t magic = 0x950412DE;

struct catalog {
	struct buf file;
	bool swapped; /* written in the other order of bytes */
	uint32_t count;
	uint32_t messages; /* offsets of the two tables */
	uint32_t translations;
};

static uint32_t
number_at(const struct catalog *catalog, size_t off)
{
	uint32_t number;

	memcpy(&number, catalog->file.data + off, sizeof(number));
	return catalog->swapped ? __builtin_bswap32(number) : number;
}

/* The string of a row whose table is known to be in the file. */
static struct str
string_at(const struct catalog *catalog, uint32_t table, uint32_t row)
{
	size_t off = (size_t)table + (size_t)row * ROW_BYTES;

	return (struct str) { catalog->file.data + number_at(catalog, off + 4), number_at(catalog, off) };
}

static bool
table_is_sound(const struct catalog *catalog, uint32_t table)
{
	size_t bytes = catalog->file.len;

	if (table > bytes || catalog->count > (bytes - table) / ROW_BYTES)
		return false;
	for (uint32_t row = 0; row < catalog->count; row++) {
		size_t at = (size_t)table + (size_t)row * ROW_BYTES;
		size_t len = number_at(catalog, at), off = number_at(catalog, at + 4);

		if (off >= bytes || len >= bytes - off || catalog->file.data[off + len] != '\0')
			return false;
	}
	return true;
}

static bool
is_sound(struct catalog *catalog)
{
	if (catalog->file.len < HEAD_BYTES)
		return false;
	if (number_at(catalog, 0) != magic) {
		catalog->swapped = true;
		if (number_at(catalog, 0) != magic)
			return false;
	}
	if (number_at(catalog, 4) >> 16 > 1)
		return false;
	catalog->count = number_at(catalog, 8);
	catalog->messages = number_at(catalog, 12);
	catalog->translations = number_at(catalog, 16);
	return table_is_sound(catalog, catalog->messages) && table_is_sound(catalog, catalog->translations);
}

enum status
catalog_open(const char *path, struct catalog **ret_catalog, struct error *reterr)
{
	struct catalog *catalog = calloc(1, sizeof(*catalog));
	enum status status;

	if (catalog == NULL)
		return error_set(reterr, STATUS_NOMEM, ERROR_NO_OFFSET, "out of memory");
	buf_init(&catalog->file, FILE_BYTES);
	status = file_read(path, &catalog->file, reterr);
	if (status == STATUS_OK && !is_sound(catalog))
		status = error_set(reterr, STATUS_INVALID, ERROR_NO_OFFSET, "%s is no catalog of messages", path);
	if (status != STATUS_OK) {
		catalog_free(catalog);
		return status;
	}
	*ret_catalog = catalog;
	return STATUS_OK;
}

void
catalog_free(struct catalog *catalog)
{
	if (catalog == NULL)
		return;
	buf_done(&catalog->file);
	free(catalog);
}

struct str
catalog_find(const struct catalog *catalog, const char *message)
{
	uint32_t low = 0, high = catalog->count;

	while (low < high) {
		uint32_t middle = low + (high - low) / 2;
		int order = strcmp(message, string_at(catalog, catalog->messages, middle).p);

		if (order == 0)
			return string_at(catalog, catalog->translations, middle);
		if (order < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return STR("");
}
