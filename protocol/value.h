/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * value: JSON (RFC 8259) as it was read: a tree in an arena.
 *
 * A request is read twice, by the network process and by the worker that runs it, and a reply once, by its client.  With a
 * library that makes a hash table of each object these were a third of the processor's time of a search over a socket, so
 * what is well formed is read here, in one pass: a list of members a few long needs no table.  Why something is refused is
 * left to Jansson (json_refuse()), which has the better words for it.
 *
 *	status = value_read(arena, line, LIMIT_JSON_DEPTH, LIMIT_JSON_KEYS, &root, &error);
 *	q = value_str(value_get(value_get(root, "params"), "q"));
 */
#ifndef VOISIN_PROTOCOL_VALUE_H
#define VOISIN_PROTOCOL_VALUE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/error.h"

enum value_kind {
	VALUE_NULL,
	VALUE_FALSE,
	VALUE_TRUE,
	VALUE_INTEGER,
	VALUE_REAL,
	VALUE_STRING,
	VALUE_ARRAY,
	VALUE_OBJECT
};

struct value {
	enum value_kind kind;
	uint32_t n; /* of an array or object: values in it */
	struct str key; /* where it is a member of an object */
	union {
		struct str text; /* of a string, which may hold U+0000 */
		int64_t integer;
		double real;
		const struct value *first; /* of an array or object: in the order of the text; NULL where it is empty */
	} as;
	const struct value *next; /* in the same array or object */
	struct str source; /* the value as it is written in the text */
};

/*
 * Reads one value that fills `text`, blanks aside.  Refused, besides what RFC 8259 refuses: invalid UTF-8, keys that occur
 * twice, numbers past 64 bits or a double, a byte order mark, nesting deeper than `max_depth`, an object of more than
 * `max_keys` keys, U+0000 in a key.
 *
 * *ret_value lives in `arena` and borrows from `text`.  STATUS_INVALID or STATUS_LIMIT: reterr says what and at which byte.
 * STATUS_NOMEM.  Costs a pass over the text, and for each object its keys squared.
 */
enum status value_read(struct arena *arena, struct str text, unsigned max_depth, unsigned max_keys,
    const struct value **ret_value, struct error *reterr) MUST_CHECK;

/* The member of an object; NULL where there is none, or `object` is NULL or no object. */
const struct value *value_get(const struct value *object, const char *key);

/* Whether it is there and of that kind. */
static inline bool
value_is(const struct value *value, enum value_kind kind)
{
	return value != NULL && value->kind == kind;
}

/* The text of a string; the empty one for any other value, and for NULL. */
static inline struct str
value_str(const struct value *value)
{
	return value_is(value, VALUE_STRING) ? value->as.text : (struct str) { "", 0 };
}

/* The first of the values in an array or object; NULL for any other value. */
static inline const struct value *
value_first(const struct value *value)
{
	return value_is(value, VALUE_ARRAY) || value_is(value, VALUE_OBJECT) ? value->as.first : NULL;
}

/* How many values an array or object has; 0 for any other value. */
static inline uint32_t
value_count(const struct value *value)
{
	return value_is(value, VALUE_ARRAY) || value_is(value, VALUE_OBJECT) ? value->n : 0;
}

/* Each value in an array or object; `i` counts them. */
#define value_foreach(list, i, item) \
	for ((i) = 0, (item) = value_first(list); (item) != NULL; (i)++, (item) = (item)->next)

#endif
