/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * slots: of each value slot, how many documents have a value in it, and the least and the greatest one.
 */
#ifndef VOISIN_GLASS_SLOTS_H
#define VOISIN_GLASS_SLOTS_H

#include <stdint.h>

#include "base/error.h"
#include "base/str.h"

/* A string of its own. */
struct slot_bound {
	char *p;
	size_t len;
	size_t capacity;
};

struct slot {
	uint32_t number;
	uint64_t values;
	struct slot_bound lower;
	struct slot_bound upper;
};

struct slots {
	struct slot *slots; /* ascending */
	size_t n;
	size_t capacity;
};

/* All zero is without slots; done frees it, and makes it so. */
void slots_done(struct slots *slots);

/* Notes `values` more values of a slot, all from `lower` to `upper` (copied where they are new bounds).  STATUS_NOMEM. */
enum status slots_note(struct slots *slots, uint32_t number, uint64_t values, struct str lower, struct str upper,
    struct error *reterr) MUST_CHECK;

#endif
