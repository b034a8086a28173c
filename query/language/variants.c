/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "query/language/variants.h"

#include <stdlib.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/utf8.h"

enum {
	FIRST_SLOTS = 1024,
	MEMORY_BYTES = 64 * 1024 * 1024,
	KEY_BYTES = VARIANTS_WORDS * (LIMIT_WORD_BYTES + 1),
	SHOWN_BYTES = 60 /* of an alternative, in a message */
};

struct entry {
	struct variant variant;
	uint32_t first; /* of its group, which is a row of entries */
	uint32_t n;
	uint32_t next; /* with the same hash, + 1; 0 at the end */
};

struct variants {
	struct arena *arena; /* the strings */
	struct entry *entries;
	uint32_t n_entries;
	uint32_t cap_entries;
	uint32_t *slots; /* heads of chains of entries, + 1 */
	uint32_t n_slots; /* a power of two */
	uint32_t n_groups;
	uint32_t longest;
};

/* Where in which file a message is about. */
struct place {
	const char *name;
	unsigned line;
	struct error *reterr;
};

static enum status
no_memory(struct error *reterr)
{
	return error_set(reterr, STATUS_NOMEM, ERROR_NO_OFFSET, "out of memory for the table of variants");
}

enum status
variants_new(struct variants **ret_variants, struct error *reterr)
{
	struct variants *variants = calloc(1, sizeof(*variants));

	if (variants != NULL)
		variants->slots = calloc(FIRST_SLOTS, sizeof(*variants->slots));
	if (variants == NULL || variants->slots == NULL || arena_new(MEMORY_BYTES, &variants->arena) != STATUS_OK) {
		variants_free(variants);
		return no_memory(reterr);
	}
	variants->n_slots = FIRST_SLOTS;
	*ret_variants = variants;
	return STATUS_OK;
}

void
variants_free(struct variants *variants)
{
	if (variants == NULL)
		return;
	arena_free(variants->arena);
	free(variants->entries);
	free(variants->slots);
	free(variants);
}

uint32_t
variants_n_groups(const struct variants *variants)
{
	return variants->n_groups;
}

uint32_t
variants_longest(const struct variants *variants)
{
	return variants->longest;
}

/* FNV-1a (Fowler, Noll and Vo 1991). */
static uint32_t *
slot_of(const struct variants *variants, struct str key)
{
	uint32_t hash = 0x811c9dc5u;

	for (size_t i = 0; i < key.len; i++)
		hash = (hash ^ (unsigned char)key.p[i]) * 0x01000193u;
	return &variants->slots[hash & (variants->n_slots - 1)];
}

static void
link_entry(struct variants *variants, uint32_t i)
{
	uint32_t *slot = slot_of(variants, variants->entries[i].variant.key);

	variants->entries[i].next = *slot;
	*slot = i + 1;
}

/* Twice the slots, once there are as many entries. */
static enum status
grow_slots(struct variants *variants)
{
	uint32_t *slots;

	if (variants->n_entries < variants->n_slots)
		return STATUS_OK;
	slots = calloc((size_t)variants->n_slots * 2, sizeof(*slots));
	if (slots == NULL)
		return STATUS_NOMEM;
	free(variants->slots);
	variants->slots = slots;
	variants->n_slots *= 2;
	for (uint32_t i = 0; i < variants->n_entries; i++)
		link_entry(variants, i);
	return STATUS_OK;
}

static enum status
add_entry(struct variants *variants, struct variant variant)
{
	if (variants->n_entries == variants->cap_entries) {
		uint32_t cap = variants->cap_entries > 0 ? variants->cap_entries * 2 : FIRST_SLOTS;
		struct entry *entries = realloc(variants->entries, cap * sizeof(*entries));

		if (entries == NULL)
			return STATUS_NOMEM;
		variants->entries = entries;
		variants->cap_entries = cap;
	}
	variant.text = arena_str(variants->arena, variant.text);
	variant.key = arena_str(variants->arena, variant.key);
	if (variant.text.p == NULL || variant.key.p == NULL)
		return STATUS_NOMEM;
	variants->entries[variants->n_entries] = (struct entry) { .variant = variant };
	variants->n_entries++;
	if (variant.n_words > variants->longest)
		variants->longest = variant.n_words;
	return STATUS_OK;
}

static struct str
trim(struct str s)
{
	while (s.len > 0 && (s.p[0] == ' ' || s.p[0] == '\t')) {
		s.p++;
		s.len--;
	}
	while (s.len > 0 && (s.p[s.len - 1] == ' ' || s.p[s.len - 1] == '\t' || s.p[s.len - 1] == '\r'))
		s.len--;
	return s;
}

/* Cuts what stands before the next `sign`, or all, off *rest. */
static struct str
cut(struct str *rest, char sign)
{
	const char *at = rest->len > 0 ? memchr(rest->p, sign, rest->len) : NULL;
	struct str piece = { rest->p, at != NULL ? (size_t)(at - rest->p) : rest->len };

	rest->p += piece.len + (at != NULL ? 1 : 0);
	rest->len -= piece.len + (at != NULL ? 1 : 0);
	return piece;
}

/* The first bytes of an alternative, for a message. */
static struct str
shown(struct str text)
{
	while (text.len > SHOWN_BYTES)
		do {
			text.len--;
		} while (((unsigned char)text.p[text.len] & 0xC0) == 0x80);
	return text;
}

static enum status
refuse_words(const struct place *place, struct str text, size_t n)
{
	if (n == 0)
		return error_set(place->reterr, STATUS_INVALID, ERROR_NO_OFFSET, "%s:%u: there is no word in \"%.*s\"",
		    place->name, place->line, STR_FMT(shown(text)));
	return error_set(place->reterr, STATUS_LIMIT, ERROR_NO_OFFSET, "%s:%u: \"%.*s\" has more than %d words",
	    place->name, place->line, STR_FMT(shown(text)), VARIANTS_WORDS);
}

/* Adds one alternative to the group that began at entry `first`, unless it is there. */
static enum status
add_alternative(
    struct variants *variants, struct analyzer *analyzer, const struct place *place, uint32_t first, struct str text)
{
	const struct token *tokens;
	struct variant variant = { .text = text };
	struct buf key;
	size_t n;
	enum status status = analyzer_run(analyzer, text, 1, &tokens, &n, place->reterr);

	if (status != STATUS_OK)
		return status;
	if (n == 0 || n > VARIANTS_WORDS)
		return refuse_words(place, text, n);
	variant.n_words = (uint32_t)n;
	buf_init(&key, KEY_BYTES);
	for (size_t i = 0; i < n; i++) {
		if (i > 0)
			buf_append_char(&key, ' ');
		buf_append_str(&key, tokens[i].word->folded);
	}
	status = buf_status(&key);
	variant.key = buf_str(&key);
	for (uint32_t i = first; i < variants->n_entries && status == STATUS_OK; i++) {
		if (str_eq(variants->entries[i].variant.key, variant.key))
			status = STATUS_END;
	}
	if (status == STATUS_OK)
		status = add_entry(variants, variant);
	buf_done(&key);
	if (status != STATUS_OK && status != STATUS_END)
		return no_memory(place->reterr);
	return STATUS_OK;
}

/* Makes the entries from `first` on a group. */
static enum status
end_group(struct variants *variants, const struct place *place, uint32_t first)
{
	uint32_t n = variants->n_entries - first;

	/* Spellings that the analysis reads as one need no table. */
	if (n < 2) {
		variants->n_entries = first;
		return STATUS_OK;
	}
	for (uint32_t i = first; i < variants->n_entries; i++) {
		variants->entries[i].first = first;
		variants->entries[i].n = n;
		link_entry(variants, i);
	}
	variants->n_groups++;
	return grow_slots(variants) == STATUS_OK ? STATUS_OK : no_memory(place->reterr);
}

static enum status
add_group(struct variants *variants, struct analyzer *analyzer, const struct place *place, struct str line)
{
	uint32_t first = variants->n_entries;
	bool more = memchr(line.p, ',', line.len) != NULL;

	if (!more)
		return error_set(place->reterr, STATUS_INVALID, ERROR_NO_OFFSET,
		    "%s:%u: a group needs two alternatives or more, with commas between", place->name, place->line);
	for (int n = 0; more; n++) {
		const char *comma = memchr(line.p, ',', line.len);
		struct str text = trim(cut(&line, ','));
		enum status status;

		more = comma != NULL;
		if (text.len == 0)
			return error_set(place->reterr, STATUS_INVALID, ERROR_NO_OFFSET,
			    "%s:%u: there is nothing before or behind a comma", place->name, place->line);
		if (n == VARIANTS_ALTERNATIVES)
			return error_set(place->reterr, STATUS_LIMIT, ERROR_NO_OFFSET,
			    "%s:%u: more than %d alternatives in a group", place->name, place->line,
			    VARIANTS_ALTERNATIVES);
		status = add_alternative(variants, analyzer, place, first, text);
		if (status != STATUS_OK)
			return status;
	}
	return end_group(variants, place, first);
}

/* Whether a line is UTF-8 without control characters. */
static bool
is_text(struct str line)
{
	for (size_t i = 0; i < line.len; i++) {
		unsigned char c = (unsigned char)line.p[i];

		if ((c < 0x20 && c != '\t' && c != '\r') || c == 0x7F)
			return false;
	}
	return utf8_valid_prefix(line) == line.len;
}

enum status
variants_add(
    struct variants *variants, struct analyzer *analyzer, struct str text, const char *name, struct error *reterr)
{
	struct place place = { .name = name, .reterr = reterr };

	/* A byte order mark, which some editors leave. */
	if (str_has_prefix(text, STR("\xEF\xBB\xBF"))) {
		text.p += 3;
		text.len -= 3;
	}
	while (text.len > 0) {
		struct str line = cut(&text, '\n');
		enum status status;

		place.line++;
		if (!is_text(line))
			return error_set(reterr, STATUS_INVALID, ERROR_NO_OFFSET,
			    "%s:%u: this line is not UTF-8, or holds control characters", name, place.line);
		line = trim(cut(&line, '#'));
		if (line.len == 0)
			continue;
		status = add_group(variants, analyzer, &place, line);
		if (status != STATUS_OK)
			return status;
	}
	return STATUS_OK;
}

enum status
variants_add_file(struct variants *variants, struct analyzer *analyzer, const char *path, struct error *reterr)
{
	struct buf text;
	enum status status;

	buf_init(&text, VARIANTS_FILE_BYTES);
	status = file_read(path, &text, reterr);
	if (status == STATUS_OK)
		status = variants_add(variants, analyzer, buf_str(&text), path, reterr);
	buf_done(&text);
	return status;
}

static bool
is_among(struct str key, const struct variant *v, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++) {
		if (str_eq(v[i].key, key))
			return true;
	}
	return false;
}

uint32_t
variants_find(const struct variants *variants, struct str key, struct variant *ret_v, uint32_t max)
{
	uint32_t n = 0, groups[VARIANTS_ALTERNATIVES], n_groups = 0;

	/* The chain has the last group first. */
	for (uint32_t i = *slot_of(variants, key); i != 0; i = variants->entries[i - 1].next) {
		if (str_eq(variants->entries[i - 1].variant.key, key) && n_groups < VARIANTS_ALTERNATIVES)
			groups[n_groups++] = i - 1;
	}
	while (n_groups-- > 0) {
		const struct entry *entry = &variants->entries[groups[n_groups]];

		for (uint32_t i = entry->first; i < entry->first + entry->n && n < max; i++) {
			const struct variant *variant = &variants->entries[i].variant;

			if (!str_eq(variant->key, key) && !is_among(variant->key, ret_v, n))
				ret_v[n++] = *variant;
		}
	}
	return n;
}
