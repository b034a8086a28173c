/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "store/known.h"

_Static_assert(sizeof(struct known_file) == 56, "an entry has holes");
_Static_assert(sizeof(struct known_record) == 20, "an entry has holes");

const struct flat_kind *
known_files(void)
{
	static const struct flat_kind kind = { "known-files", "voisin known 1\n", sizeof(struct known_file) };

	return &kind;
}

const struct flat_kind *
known_records(void)
{
	static const struct flat_kind kind = { "known-records", "voisin recs 2\n", sizeof(struct known_record) };

	return &kind;
}
