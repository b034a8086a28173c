/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * config: reading of voisin.conf and files like it, and of nothing it means.
 *
 *	# a comment has a line of its own
 *	[source afp]
 *	path = /srv/presse/afp
 *	exclude = "brouillon "
 *
 * A program says in tables which sections and keys there are and of what kind their values are; what it gets is
 * a file in which every value is of its kind and in its range.  What is refused is named with file, line and key,
 * and with what would be right.  A section whose table has no keys belongs to another program: its lines must be
 * `key = value`, and that is all that is asked of them.  docs/man/voisin.conf.5 is the reference.
 */
#ifndef VOISIN_BASE_CONFIG_H
#define VOISIN_BASE_CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/str.h"

enum config_kind {
	CONFIG_TEXT, /* may stand in quotes, which keep blanks at its ends */
	CONFIG_VERBATIM, /* the same, but quotes are part of it: a query */
	CONFIG_BOOL, /* yes no true false on off oui non */
	CONFIG_NUMBER,
	CONFIG_SIZE, /* 16 MiB, in bytes */
	CONFIG_DURATION, /* 500 ms, in milliseconds */
	CONFIG_CHOICE /* one of `choices` */
};

struct config_key {
	const char *name;
	enum config_kind kind;
	bool repeats; /* may stand more than once in a section */
	int64_t least, most; /* of a number, size, duration: must be given; of a text, its bytes: most 0 for any */
	const char *const *choices; /* ended by NULL */
};

struct config_section {
	const char *name;
	bool is_named; /* [source NAME], as many as there are names; else [name], once */
	const struct config_key *keys; /* NULL: another program's */
	size_t n_keys;
};

struct config_value {
	const struct config_key *key;
	struct str text; /* as written, without quotes; a NUL stands behind it and none in it */
	int64_t number; /* bytes, milliseconds, 0 or 1, the number of the choice */
	unsigned line;
	const struct config_value *next; /* of the same key in the same section, in the order of the file */
};

struct config;
struct config_part; /* one section of a file */

/* Reads a file.  Fails at the first thing that is wrong.  `sections` must outlive the result. */
enum status config_read(const char *path, const struct config_section *sections, size_t n_sections,
    struct config **ret_config, struct error *reterr) MUST_CHECK;

/* The same of a file's contents; `path` is for messages. */
enum status config_parse(struct str contents, const char *path, const struct config_section *sections,
    size_t n_sections, struct config **ret_config, struct error *reterr) MUST_CHECK;

/* NULL is accepted.  With it go all its parts, values and their texts. */
void config_free(struct config *config);

/* The i-th section of that name, in the order of the file, or NULL. */
const struct config_part *config_part(const struct config *config, const char *section, size_t i);

/* What stands behind the section's name: "afp"; empty where it has none. */
struct str config_part_name(const struct config_part *part);
unsigned config_part_line(const struct config_part *part);

/* The (first) value of a key, or NULL where it is not there.  `part` may be NULL. */
const struct config_value *config_get(const struct config_part *part, const char *key);

/* The same with what holds where it is not there. */
int64_t config_number(const struct config_part *part, const char *key, int64_t otherwise);
struct str config_text(const struct config_part *part, const char *key, const char *otherwise);

/*
 * A refusal by the program, in the form of config's own: "voisin.conf:12: path: cannot open ...".  `key` is NULL
 * where no key is at fault.  Returns why->code.
 */
enum status config_refuse(
    const struct config *config, unsigned line, const char *key, const struct error *why, struct error *reterr);

#endif
