/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * An entry:
 *
 *	shared | rest, 4 bits each    15: a byte with how many more follows, of `shared` first
 *	the rest of the term
 *	documents, shape              a varint of documents * 4 + shape
 *	back, shape                   a varint of back * 4 + shape, only with SHAPE_MORE: how far before next_off the list begins;
 *	                              or with shape 3 in place of `back` the number of the term on whose list this one stands
 *	occurrences                   a varint, only with SHAPE_OTHER, and where it stands on another one
 *	bound                         a byte
 *	list_bytes                    a varint
 *
 * and before the first one of a group a varint: next_off, where the first list begins that is not an earlier term's.
 */
#include "invfile/dictionary.h"

#include "base/varint.h"
#include "invfile/bytes.h"

enum { NIBBLE = 15 };

/*
 * How often the term occurs: once in each document, never (its wdfs are 0), or else.  The last one: another number follows, and says that the
 * list is an earlier term's, or with SHAPE_HOSTED that it stands on one.
 */
enum { SHAPE_ONCE, SHAPE_NEVER, SHAPE_OTHER, SHAPE_MORE, SHAPE_HOSTED = SHAPE_MORE };

/* ---- Writing --------------------------------------------------------------------------------- */

void
dictionary_writer_init(struct dictionary_writer *writer)
{
	*writer = (struct dictionary_writer) { 0 };
	buf_init(&writer->keys, SIZE_MAX / 2);
	buf_init(&writer->groups, SIZE_MAX / 2);
}

void
dictionary_writer_done(struct dictionary_writer *writer)
{
	buf_done(&writer->keys);
	buf_done(&writer->groups);
}

static size_t
shared_len(const struct dictionary_writer *writer, struct str term)
{
	size_t n = 0;

	while (n < writer->last_len && n < term.len && writer->last[n] == (unsigned char)term.p[n])
		n++;
	return n;
}

static unsigned char *
put_lens(unsigned char *to, size_t shared, size_t rest)
{
	size_t high = shared < NIBBLE ? shared : NIBBLE;
	size_t low = rest < NIBBLE ? rest : NIBBLE;

	*to++ = (unsigned char)(high << 4 | low);
	if (high == NIBBLE)
		*to++ = (unsigned char)(shared - NIBBLE);
	if (low == NIBBLE)
		*to++ = (unsigned char)(rest - NIBBLE);
	return to;
}

static unsigned char *
put_hosted(unsigned char *to, const struct dictionary_entry *entry)
{
	to = varint_put(to, (uint64_t)entry->documents * 4 + SHAPE_MORE);
	to = varint_put(to, entry->host * 4 + SHAPE_HOSTED);
	to = varint_put(to, entry->occurrences);
	*to++ = entry->bound;
	return varint_put(to, entry->list_bytes);
}

static unsigned char *
put_numbers(unsigned char *to, const struct dictionary_entry *entry, uint64_t next_off)
{
	unsigned shape = SHAPE_OTHER;
	uint64_t back = next_off - entry->list_off;

	if (entry->host != DICTIONARY_NONE)
		return put_hosted(to, entry);
	if (entry->occurrences == entry->documents)
		shape = SHAPE_ONCE;
	else if (entry->occurrences == 0)
		shape = SHAPE_NEVER;
	to = varint_put(to, (uint64_t)entry->documents * 4 + (back > 0 ? SHAPE_MORE : shape));
	if (back > 0)
		to = varint_put(to, back * 4 + shape);
	if (shape == SHAPE_OTHER)
		to = varint_put(to, entry->occurrences);
	*to++ = entry->bound;
	return varint_put(to, entry->list_bytes);
}

static enum status
begin_group(struct dictionary_writer *writer, struct str term, struct buf *out)
{
	unsigned char bytes[VARINT_BYTES];

	writer->last_len = 0;
	(void)bytes_put_u64(bytes, str_start(term));
	(void)buf_append(&writer->keys, bytes, sizeof(uint64_t));
	(void)bytes_put_u32(bytes, (uint32_t)writer->bytes);
	(void)buf_append(&writer->groups, bytes, sizeof(uint32_t));
	return buf_append(out, bytes, (size_t)(varint_put(bytes, writer->next_off) - bytes));
}

enum status
dictionary_put(struct dictionary_writer *writer, struct str term, const struct dictionary_entry *entry, struct buf *out,
    struct error *reterr)
{
	unsigned char bytes[5 * VARINT_BYTES];
	size_t before = out->len;
	size_t shared;

	if (writer->bytes > UINT32_MAX)
		return error_set(reterr, STATUS_LIMIT, ERROR_NO_OFFSET, "the terms of the index take more than 4 GiB");
	if (writer->terms++ % DICTIONARY_GROUP == 0)
		(void)begin_group(writer, term, out);
	shared = shared_len(writer, term);
	(void)buf_append(out, bytes, (size_t)(put_lens(bytes, shared, term.len - shared) - bytes));
	(void)buf_append(out, term.p + shared, term.len - shared);
	(void)buf_append(out, bytes, (size_t)(put_numbers(bytes, entry, writer->next_off) - bytes));
	if (buf_status(out) != STATUS_OK || buf_status(&writer->keys) != STATUS_OK ||
	    buf_status(&writer->groups) != STATUS_OK)
		return error_set(reterr, STATUS_NOMEM, ERROR_NO_OFFSET, "out of memory");
	if (entry->list_off == writer->next_off)
		writer->next_off += entry->list_bytes;
	memcpy(writer->last, term.p, term.len);
	writer->last_len = term.len;
	writer->bytes += out->len - before;
	return STATUS_OK;
}

/* ---- Reading --------------------------------------------------------------------------------- */

/* Where a group is.  False where that is not in the dictionary. */
static bool
group_bounds(
    const struct dictionary *dictionary, uint64_t group, const unsigned char **ret_p, const unsigned char **ret_end)
{
	uint64_t start;
	uint64_t end;

	if (group >= dictionary->n_groups)
		return false;
	start = bytes_u32(dictionary->groups + group * 4);
	end = group + 1 < dictionary->n_groups ? bytes_u32(dictionary->groups + (group + 1) * 4) : dictionary->len;
	if (start >= end || end > dictionary->len)
		return false;
	*ret_p = dictionary->bytes + start;
	*ret_end = dictionary->bytes + end;
	return true;
}

/* The same, and where its first list begins that is not an earlier term's; *ret_p is then its first term. */
static bool
open_group(const struct dictionary *dictionary, uint64_t group, const unsigned char **ret_p,
    const unsigned char **ret_end, uint64_t *ret_next_off)
{
	return group_bounds(dictionary, group, ret_p, ret_end) && varint_get(ret_p, *ret_end, ret_next_off);
}

/* Reads how many bytes of a term are those of the one before it, and how many follow. */
static bool
get_lens(const unsigned char **from, const unsigned char *end, size_t *ret_shared, size_t *ret_rest)
{
	const unsigned char *p = *from;
	size_t lens[2];

	if (p == end)
		return false;
	lens[0] = *p >> 4;
	lens[1] = *p++ & NIBBLE;
	for (unsigned i = 0; i < 2; i++) {
		if (lens[i] < NIBBLE)
			continue;
		if (p == end)
			return false;
		lens[i] += *p++;
	}
	*ret_shared = lens[0];
	*ret_rest = lens[1];
	*from = p;
	return lens[1] <= (size_t)(end - p);
}

/* The first term of a group. */
static bool
group_term(const struct dictionary *dictionary, uint64_t group, struct str *ret_term)
{
	const unsigned char *p;
	const unsigned char *end;
	uint64_t next_off;
	size_t shared;
	size_t rest;

	if (!open_group(dictionary, group, &p, &end, &next_off) || !get_lens(&p, end, &shared, &rest) || shared > 0)
		return false;
	*ret_term = (struct str) { (const char *)p, rest };
	return true;
}

/* Where the list of an entry begins, and of what shape it is, where that is the list of an earlier term; or on whose it stands. */
static bool
get_more(const unsigned char **from, const unsigned char *end, struct dictionary_entry *entry, uint64_t *ret_shape)
{
	uint64_t more;

	if (!varint_get(from, end, &more))
		return false;
	if (more % 4 == SHAPE_HOSTED) {
		entry->host = more / 4;
		*ret_shape = SHAPE_OTHER;
		return true;
	}
	if (more / 4 == 0 || more / 4 > entry->list_off)
		return false;
	entry->list_off -= more / 4;
	*ret_shape = more % 4;
	return true;
}

/* All but the term; *next_off moves behind the list that is the entry's own. */
static bool
get_numbers(const unsigned char **from, const unsigned char *end, uint64_t *next_off, struct dictionary_entry *entry)
{
	uint64_t documents, shape;

	if (!varint_get(from, end, &documents) || documents / 4 > UINT32_MAX)
		return false;
	entry->documents = (uint32_t)(documents / 4);
	entry->list_off = *next_off;
	entry->host = DICTIONARY_NONE;
	shape = documents % 4;
	if (shape == SHAPE_MORE && !get_more(from, end, entry, &shape))
		return false;
	entry->occurrences = shape == SHAPE_ONCE ? entry->documents : 0;
	if (shape == SHAPE_OTHER && !varint_get(from, end, &entry->occurrences))
		return false;
	if (*from == end)
		return false;
	entry->bound = *(*from)++;
	if (!varint_get(from, end, &entry->list_bytes))
		return false;
	if (entry->list_off == *next_off)
		*next_off += entry->list_bytes;
	return true;
}

/* The last group of which the first term is not behind `term`, or the first one.  False where a group is damaged. */
static bool
find_group(const struct dictionary *dictionary, struct str term, uint64_t *ret_group)
{
	uint64_t key = str_start(term);
	uint64_t low = 0; /* what is looked for is in [low, high) */
	uint64_t high = dictionary->n_groups;

	while (high - low > 1) {
		uint64_t middle = low + (high - low) / 2;
		uint64_t start = bytes_u64(dictionary->keys + middle * sizeof(start));
		bool is_behind = start > key;
		struct str first;

		if (start == key) {
			if (!group_term(dictionary, middle, &first))
				return false;
			is_behind = str_cmp(first, term) > 0;
		}
		if (is_behind)
			high = middle;
		else
			low = middle;
	}
	*ret_group = low;
	return true;
}

/* How many bytes two strings begin with in common, of which both have `from` for certain. */
static size_t
common_len(struct str a, const unsigned char *b, size_t b_len)
{
	size_t n = 0;

	while (n < a.len && n < b_len && (unsigned char)a.p[n] == b[n])
		n++;
	return n;
}

/*
 * Looks for a term without putting the others together: while the entries are before it, it is enough to know how much of it the last
 * one had.  One that shares more with the last one than that is before it too; one that shares less is behind it.  *ret_i is how many are before
 * it.
 */
static enum status
find_in_group(
    const unsigned char *p, const unsigned char *end, struct str term, struct dictionary_entry *entry, uint64_t *ret_i)
{
	uint64_t next_off;
	size_t same = 0;
	size_t shared;
	size_t rest;

	if (!varint_get(&p, end, &next_off))
		return STATUS_CORRUPT;
	for (*ret_i = 0; p < end; ++*ret_i) {
		size_t more = 0;

		if (!get_lens(&p, end, &shared, &rest))
			return STATUS_CORRUPT;
		if (shared < same)
			return STATUS_NOT_FOUND;
		if (shared == same) {
			more = common_len((struct str) { term.p + same, term.len - same }, p, rest);
			same += more;
			/* At its end, or where the two part, the greater one is behind. */
			if (same < term.len && more < rest && p[more] > (unsigned char)term.p[same])
				return STATUS_NOT_FOUND;
			if (same == term.len && more < rest)
				return STATUS_NOT_FOUND;
		}
		p += rest;
		if (!get_numbers(&p, end, &next_off, entry))
			return STATUS_CORRUPT;
		if (same == term.len && shared + rest == same)
			return STATUS_OK;
	}
	return STATUS_NOT_FOUND;
}

enum status
dictionary_find(
    const struct dictionary *dictionary, struct str term, struct dictionary_entry *ret_entry, uint64_t *ret_number)
{
	const unsigned char *p;
	const unsigned char *end;
	uint64_t group;
	enum status status;

	if (dictionary->terms == 0 || term.len == 0)
		return STATUS_NOT_FOUND;
	if (!find_group(dictionary, term, &group) || !group_bounds(dictionary, group, &p, &end))
		return STATUS_CORRUPT;
	status = find_in_group(p, end, term, ret_entry, ret_number);
	*ret_number += group * DICTIONARY_GROUP;
	return status;
}

enum status
dictionary_get(const struct dictionary *dictionary, uint64_t number, struct dictionary_entry *ret_entry)
{
	const unsigned char *p;
	const unsigned char *end;
	uint64_t next_off;
	size_t shared;
	size_t rest;

	if (number >= dictionary->terms || !open_group(dictionary, number / DICTIONARY_GROUP, &p, &end, &next_off))
		return STATUS_CORRUPT;
	for (uint64_t i = 0; i <= number % DICTIONARY_GROUP; i++) {
		if (!get_lens(&p, end, &shared, &rest))
			return STATUS_CORRUPT;
		p += rest;
		if (!get_numbers(&p, end, &next_off, ret_entry))
			return STATUS_CORRUPT;
	}
	return STATUS_OK;
}

/* ---- Walking --------------------------------------------------------------------------------- */

static enum status
enter_group(struct dictionary_walk *walk)
{
	if (!open_group(walk->dictionary, walk->group, &walk->p, &walk->end, &walk->next_off))
		return STATUS_CORRUPT;
	walk->group++;
	walk->term_len = 0;
	return STATUS_OK;
}

enum status
dictionary_walk_begin(struct dictionary_walk *walk, const struct dictionary *dictionary, struct str from)
{
	if (!find_group(dictionary, from, &walk->group))
		return STATUS_CORRUPT;
	walk->dictionary = dictionary;
	walk->p = walk->end = NULL;
	walk->term_len = 0;
	walk->next_off = 0;
	walk->left = dictionary->terms - walk->group * DICTIONARY_GROUP;
	return STATUS_OK;
}

enum status
dictionary_walk_next(struct dictionary_walk *walk, struct str *ret_term, struct dictionary_entry *ret_entry)
{
	size_t shared;
	size_t rest;

	if (walk->left == 0)
		return STATUS_END;
	if (walk->p == walk->end && enter_group(walk) != STATUS_OK)
		return STATUS_CORRUPT;
	if (!get_lens(&walk->p, walk->end, &shared, &rest) || shared > walk->term_len ||
	    shared + rest > sizeof(walk->term))
		return STATUS_CORRUPT;
	memcpy(walk->term + shared, walk->p, rest);
	walk->term_len = shared + rest;
	walk->p += rest;
	if (!get_numbers(&walk->p, walk->end, &walk->next_off, ret_entry))
		return STATUS_CORRUPT;
	walk->left--;
	*ret_term = (struct str) { (const char *)walk->term, walk->term_len };
	return STATUS_OK;
}
