/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * opened: one generation, opened and held against its manifest.  What is served, and when to move on, is for reader.h.
 */
#ifndef VOISIN_STORE_OPENED_H
#define VOISIN_STORE_OPENED_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/error.h"
#include "store/generation.h"
#include "store/layers.h"
#include "store/reader.h"
#include "store/texts.h"
#include "xapian-c/xapian-c.h"

/* Each commit puts another file in its place. */
#define OPENED_VERSION_FILE "iamglass"

enum { OPENED_STAMP_BYTES = GENERATION_NAME_BYTES + 24 };

struct opened {
	struct generation generation;
	char *path;
	int folder_fd; /* keeps the folder's inode from being used again, so that a swap is seen */
	int version_fd; /* the same for the database's version file, which each commit replaces; -1: not known */
	dev_t version_dev;
	ino_t version_ino;
	struct xc_database *db;
	char stamp[OPENED_STAMP_BYTES];
	uint64_t revision;
	bool has_unstemmed; /* words without stems */
	struct layers layers;
	struct texts *texts; /* what stored documents are unpacked by */
	bool sealed; /* when it was opened */
};

/*
 * Opens a generation of the index in folder `dir`.  STATUS_CORRUPT where it is not there or not as its manifest says, of which
 * sample.h says how much is compared; STATUS_VERSION, STATUS_IO.
 */
enum status opened_open(
    const char *dir, const struct generation *generation, struct opened *ret_opened, struct error *reterr) MUST_CHECK;

/* May be called again, and of one that was never opened if its descriptors are -1. */
void opened_done(struct opened *opened);

/*
 * Notes which version file is there.  To be called before the database is opened or reopened: a commit between the two is
 * then looked into once too often, and never missed.
 */
void opened_note_version(struct opened *opened);

/* Notes what holds for another revision: to be called after the database was reopened. */
enum status opened_follow(struct opened *opened, struct error *reterr) MUST_CHECK;

#endif
