/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * tee: who else is told of the postings while they are written.
 *
 * The merge of the runs gives each list once, in order: another index of the same documents can be written along with it.  All but
 * `wish` is called in one process, a child of loader_write()'s caller, in this order:
 *
 *	start
 *	length    for each document, ascending
 *	begin     for each term of which anything is wished for, ascending by bytes
 *	add       for each of its documents, ascending
 *	finish    where all else went well
 *
 * A callback that fails ends the loading with its status and error.  The process ends without cleaning up.  `wish` is asked of each term in another
 * process, the one that merges (relay.h), and knows nothing of these calls.
 */
#ifndef VOISIN_GLASS_TEE_H
#define VOISIN_GLASS_TEE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/str.h"

/* What is wanted of a list. */
enum tee_wish {
	TEE_NOTHING,
	TEE_LIST,
	TEE_POSITIONS_ALONE, /* the list; and its positions are for the tee, the database has none */
	TEE_ALONE /* the database has nothing of it: to be said of the terms that are `for_tee` (collector.h), and of no others */
};

struct tee {
	void *arg;
	enum status (*start_cb)(void *arg, struct error *reterr);
	enum status (*length_cb)(void *arg, uint32_t docid, uint32_t length, struct error *reterr);
	enum tee_wish (*wish_cb)(void *arg, struct str term);
	enum status (*begin_cb)(
	    void *arg, struct str term, uint32_t documents, uint64_t occurrences, struct error *reterr);
	/* `positions` are n, strictly ascending, borrowed for the call. */
	enum status (*add_cb)(
	    void *arg, uint32_t docid, uint32_t wdf, const uint32_t *positions, size_t n, struct error *reterr);
	enum status (*finish_cb)(void *arg, struct error *reterr);
};

#endif
