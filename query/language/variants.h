/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * variants: the table of names that are written in several ways.
 *
 * Read from plain text, a group a line, its alternatives between commas; # begins a comment.
 *
 *	Bachar, Bashar
 *	el-Assad, al-Assad, Assad
 *	ONU, Nations unies
 *
 * An alternative is found by its folded words joined by blanks, "el assad", so that capitals, accents
 * and typography do not count.  Groups are not joined: what stands in two of them stands for the
 * alternatives of both, and these not for each other.  What is done with a query: expand.h.
 */
#ifndef VOISIN_QUERY_LANGUAGE_VARIANTS_H
#define VOISIN_QUERY_LANGUAGE_VARIANTS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "base/str.h"
#include "stemmer/analyzer.h"

enum {
	VARIANTS_FILE_BYTES = 4 * 1024 * 1024,
	VARIANTS_ALTERNATIVES = 16, /* of one group */
	VARIANTS_WORDS = 12 /* of one alternative */
};

struct variants;

/* Makes an empty table.  STATUS_NOMEM or STATUS_OK. */
enum status variants_new(struct variants **ret_variants, struct error *reterr) MUST_CHECK;

/* NULL is accepted. */
void variants_free(struct variants *variants);

/*
 * Adds the groups of `text`; `name`, of the file, is for messages alone.  `analyzer` is used during
 * the call.  STATUS_INVALID, or STATUS_LIMIT for what is too much: the message begins with
 * "name:line: ", and the table is then fit for variants_free() alone.
 */
enum status variants_add(struct variants *variants, struct analyzer *analyzer, struct str text, const char *name,
    struct error *reterr) MUST_CHECK;

/* The same of a file.  STATUS_IO or STATUS_INVALID where it cannot be read. */
enum status variants_add_file(
    struct variants *variants, struct analyzer *analyzer, const char *path, struct error *reterr) MUST_CHECK;

uint32_t variants_n_groups(const struct variants *variants);

/* Words of the longest alternative; 0 of an empty table. */
uint32_t variants_longest(const struct variants *variants);

struct variant {
	struct str text; /* as it stands in the file: "Nations unies" */
	struct str key; /* "nations unies" */
	uint32_t n_words;
};

/*
 * All alternatives of the groups in which `key` stands, `key` itself left out, each key once and in
 * the order of the files: as many as fit into `ret_v`; returns their number.  The strings are
 * borrowed until variants_free().  Cost: one look into a hash table where there are none.
 */
uint32_t variants_find(const struct variants *variants, struct str key, struct variant *ret_v, uint32_t max);

#endif
