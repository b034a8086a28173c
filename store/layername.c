/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "store/layername.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "store/schema.h"

const char *
layername_file(uint32_t number, char space[LAYERNAME_BYTES])
{
	if (number == 0)
		return SCHEMA_INVFILE;
	(void)snprintf(space, LAYERNAME_BYTES, SCHEMA_INVFILE_LAYER "%" PRIu32, number);
	return space;
}

struct str
layername_key(uint32_t number, char space[LAYERNAME_BYTES])
{
	if (number == 0)
		return STR(SCHEMA_META_TOUCHED);
	return (struct str) { space, (size_t)snprintf(space, LAYERNAME_BYTES, SCHEMA_META_LAYER "%" PRIu32, number) };
}

/* A decimal number above 0 with no needless zeros, so that a layer has one name. */
static bool
read_number(struct str digits, uint32_t *ret_number)
{
	uint64_t number = 0;

	if (digits.len == 0 || digits.len > 10 || digits.p[0] == '0')
		return false;
	for (size_t i = 0; i < digits.len; i++) {
		if (digits.p[i] < '0' || digits.p[i] > '9')
			return false;
		number = number * 10 + (uint64_t)(digits.p[i] - '0');
	}
	*ret_number = (uint32_t)number;
	return number <= UINT32_MAX;
}

/* What stands behind `prefix`, as a number. */
static bool
read_behind(struct str text, struct str prefix, uint32_t *ret_number)
{
	return str_has_prefix(text, prefix) &&
	       read_number((struct str) { text.p + prefix.len, text.len - prefix.len }, ret_number);
}

bool
layername_is_file(const char *name, uint32_t *ret_number)
{
	uint32_t number = 0;

	if (strcmp(name, SCHEMA_INVFILE) != 0 && !read_behind(str_of(name), STR(SCHEMA_INVFILE_LAYER), &number))
		return false;
	if (ret_number != NULL)
		*ret_number = number;
	return true;
}

enum status
layername_damaged(struct error *reterr)
{
	return error_set(reterr, STATUS_CORRUPT, ERROR_NO_OFFSET,
	    "the index is damaged: what it says of its inverted files contradicts itself; rebuild it with "
	    "voisin-index --full");
}

/* Puts a number where it belongs among n others. */
static void
insert(uint32_t *numbers, uint32_t n, uint32_t number)
{
	for (; n > 0 && numbers[n - 1] > number; n--)
		numbers[n] = numbers[n - 1];
	numbers[n] = number;
}

/* The keys come in the order of their bytes, in which 10 is before 9. */
static enum status
read_keys(struct xc_terms *keys, uint32_t *numbers, uint32_t *n, struct error *reterr)
{
	struct str key;
	enum status status;

	while ((status = xc_terms_next(keys, &key, reterr)) == STATUS_OK) {
		uint32_t number;

		if (*n == 0 || *n == LIMIT_LAYERS || !read_behind(key, STR(SCHEMA_META_LAYER), &number))
			return layername_damaged(reterr);
		insert(numbers, (*n)++, number);
	}
	return status == STATUS_END ? STATUS_OK : status;
}

enum status
layername_read(struct xc_database *db, uint32_t ret_numbers[LIMIT_LAYERS], uint32_t *ret_n, struct error *reterr)
{
	struct xc_terms *keys;
	struct str of_build;
	uint32_t n = 0;
	enum status status = xc_database_metadata(db, STR(SCHEMA_META_TOUCHED), &of_build, reterr);

	if (status != STATUS_OK)
		return status;
	if (of_build.len > 0)
		ret_numbers[n++] = 0;
	status = xc_database_metadata_keys(db, STR(SCHEMA_META_LAYER), &keys, reterr);
	if (status != STATUS_OK)
		return status;
	status = read_keys(keys, ret_numbers, &n, reterr);
	xc_terms_free(keys);
	if (status == STATUS_OK)
		*ret_n = n;
	return status;
}

enum status
layername_highest(struct xc_database *db, uint32_t *ret_highest, struct error *reterr)
{
	struct str value;
	uint32_t highest = 0;
	enum status status = xc_database_metadata(db, STR(SCHEMA_META_LAYERS), &value, reterr);

	if (status == STATUS_OK && value.len > 0 && !read_number(value, &highest))
		return layername_damaged(reterr);
	if (status == STATUS_OK)
		*ret_highest = highest;
	return status;
}
