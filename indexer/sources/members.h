/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * members: a JSON object (RFC 8259) whose members are strings or null, read without making a tree of it.
 *
 * What most lines of a JSONL file are.  For all else, and for what is no JSON, there is jansson, which also says why.
 */
#ifndef VOISIN_INDEXER_SOURCES_MEMBERS_H
#define VOISIN_INDEXER_SOURCES_MEMBERS_H

#include <stdbool.h>

#include "base/str.h"

enum { MEMBERS_MOST = 24 };

struct members {
	struct member {
		struct str key;
		struct str value; /* empty for null */
	} list[MEMBERS_MOST];
	size_t n;
};

/*
 * Reads the object that `line` is; what has escapes is put into `space`, of at least line.len bytes, and the rest borrowed from
 * `line`.  False where it is anything else: another value, a member that is neither, a key twice, more members, a NUL
 * that is written as an escape, bytes that are not UTF-8.
 */
bool members_read(struct str line, char *space, struct members *ret_members);

/* The value of a key, or NULL. */
const struct str *members_find(const struct members *members, struct str key);

#endif
