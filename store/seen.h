/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * seen: the files that a run has met, by the hash of their path.
 *
 * An open-addressing table; the keys are hashes already, so that their first bytes are the slot.
 */
#ifndef VOISIN_STORE_SEEN_H
#define VOISIN_STORE_SEEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"
#include "store/hash.h"

enum seen_state {
	SEEN_EXPECTED, /* is there, and will be read in this run */
	SEEN_SETTLED /* was read, or need not be: its documents are what they will be */
};

struct seen_file {
	struct hash path;
	enum seen_state state;
	bool used;
	uint32_t *missing; /* docids, ascending, of documents that it no longer holds; owned */
	size_t n_missing;
};

struct seen {
	struct seen_file *slots;
	size_t n;
	size_t capacity; /* a power of two */
};

/* All zero is an empty table; done frees it. */
void seen_done(struct seen *seen);

/* The file of that hash, or NULL; borrowed until the next seen_put(). */
struct seen_file *seen_get(const struct seen *seen, const struct hash *path);

/* The same, put in as SEEN_EXPECTED where it was not there.  STATUS_NOMEM. */
enum status seen_put(struct seen *seen, const struct hash *path, struct seen_file **ret_file) MUST_CHECK;

#endif
