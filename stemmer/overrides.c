/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "stemmer/overrides.h"

struct row {
	uint64_t start; /* of the key's bytes, for comparing */
	const char *key;
	const char *value;
};

/* Made by table-build, sorted by key. */
static const struct row stems[] = {
#include "exceptions.inc"
};

static const struct row solids[] = {
#include "solid.inc"
};

enum { N_STEMS = sizeof(stems) / sizeof(stems[0]), N_SOLIDS = sizeof(solids) / sizeof(solids[0]) };

static const char *
find(const struct row *rows, size_t n, struct str key)
{
	const uint64_t start = str_start(key);
	size_t low = 0, high = n;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int order = rows[middle].start != start ? (rows[middle].start < start ? -1 : 1)
							: str_cmp(str_of(rows[middle].key), key);

		if (order == 0)
			return rows[middle].value;
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return NULL;
}

bool
override_stem(struct str form, struct str *ret_stem)
{
	const char *stem = find(stems, N_STEMS, form);

	if (stem == NULL)
		return false;
	*ret_stem = str_of(stem);
	return true;
}

size_t
override_split(struct str folded)
{
	const char *first = find(solids, N_SOLIDS, folded);

	return first != NULL ? strlen(first) : 0;
}

static bool
get_row(const struct row *rows, size_t n_rows, size_t n, struct str *ret_key, struct str *ret_value)
{
	if (n >= n_rows)
		return false;
	*ret_key = str_of(rows[n].key);
	*ret_value = str_of(rows[n].value);
	return true;
}

bool
override_stem_row(size_t n, struct str *ret_form, struct str *ret_stem)
{
	return get_row(stems, N_STEMS, n, ret_form, ret_stem);
}

bool
override_split_row(size_t n, struct str *ret_word, struct str *ret_first)
{
	return get_row(solids, N_SOLIDS, n, ret_word, ret_first);
}

/* FNV-1a of a string and the NUL behind it. */
static uint32_t
hash_string(uint32_t hash, const char *s)
{
	size_t len = strlen(s) + 1;

	for (size_t i = 0; i < len; i++)
		hash = (hash ^ (unsigned char)s[i]) * 16777619u;
	return hash;
}

static uint32_t
hash_rows(uint32_t hash, const struct row *rows, size_t n)
{
	for (size_t i = 0; i < n; i++)
		hash = hash_string(hash_string(hash, rows[i].key), rows[i].value);
	return hash;
}

uint32_t
override_hash(void)
{
	return hash_rows(hash_rows(2166136261u, stems, N_STEMS), solids, N_SOLIDS);
}
