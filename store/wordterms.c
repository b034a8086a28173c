/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "store/wordterms.h"

#include <assert.h>
#include <stdlib.h>

#include "base/arena.h"
#include "base/limits.h"
#include "store/schema.h"

enum {
	KEPT_BYTES = 24 * 1024 * 1024, /* of terms; some 300,000 */
	FIRST_TERMS = 4096,
	FIRST_WORDS = 4096,
	FIRST_POOL = 1024,
	TERMS_MOST = 16 /* of a word: more than it has stems */
};

#define ARENA_BYTES ((size_t)1 << 30)

/* What a word's note says: nothing yet, one term's number, or where in the pool there are how many, and these. */
enum { NOTE_NONE = 0, NOTE_POOLED = 1 /* lowest bit */ };

struct notes {
	uint32_t *notes; /* by number of the word */
	size_t n;
};

struct wordterms {
	struct arena *arena; /* bytes of terms */
	struct wordterms_term *terms; /* by number; 0 is none */
	uint32_t last;
	size_t capacity;
	uint32_t *slots; /* open addressing: a term's number, 0 for none; twice as many as `capacity` */
	struct notes notes[WORDTERMS_KINDS];
	uint32_t *pool;
	size_t n_pool;
	size_t pool_capacity;
	uint32_t single; /* the one that was found last */
	uint32_t numbering;
	uint32_t words_numbering;
};

enum status
wordterms_new(struct wordterms **ret_wordterms, struct error *reterr)
{
	struct wordterms *wordterms = calloc(1, sizeof(*wordterms));

	if (wordterms == NULL || arena_new(ARENA_BYTES, &wordterms->arena) != STATUS_OK) {
		free(wordterms);
		return error_no_memory(reterr);
	}
	wordterms->numbering = 1;
	*ret_wordterms = wordterms;
	return STATUS_OK;
}

static void
forget_words(struct wordterms *wordterms)
{
	for (size_t i = 0; i < WORDTERMS_KINDS; i++) {
		free(wordterms->notes[i].notes);
		wordterms->notes[i] = (struct notes) { NULL, 0 };
	}
	wordterms->n_pool = 0;
}

static void
forget_terms(struct wordterms *wordterms)
{
	forget_words(wordterms);
	free(wordterms->terms);
	free(wordterms->slots);
	free(wordterms->pool);
	wordterms->terms = NULL;
	wordterms->slots = wordterms->pool = NULL;
	wordterms->last = 0;
	wordterms->capacity = wordterms->pool_capacity = 0;
}

void
wordterms_free(struct wordterms *wordterms)
{
	if (wordterms == NULL)
		return;
	forget_terms(wordterms);
	arena_free(wordterms->arena);
	free(wordterms);
}

void
wordterms_trim(struct wordterms *wordterms)
{
	size_t of_term = sizeof(*wordterms->terms) + 2 * sizeof(*wordterms->slots);

	if (arena_used(wordterms->arena) + wordterms->capacity * of_term <= KEPT_BYTES)
		return;
	forget_terms(wordterms);
	arena_reset(wordterms->arena);
	wordterms->numbering++;
}

uint32_t
wordterms_numbering(const struct wordterms *wordterms)
{
	return wordterms->numbering;
}

void
wordterms_expect(struct wordterms *wordterms, uint32_t words_numbering)
{
	if (wordterms->words_numbering != words_numbering)
		forget_words(wordterms);
	wordterms->words_numbering = words_numbering;
}

const struct wordterms_term *
wordterms_term(const struct wordterms *wordterms, uint32_t number)
{
	return &wordterms->terms[number];
}

/* ---- Terms ----------------------------------------------------------------------------------- */

/* FNV-1a (Fowler, Noll, Vo), folded; terms are met here once each. */
static size_t
hash_of_term(struct str term)
{
	uint64_t hash = 0xCBF29CE484222325u;

	for (size_t i = 0; i < term.len; i++)
		hash = (hash ^ (unsigned char)term.p[i]) * 0x100000001B3u;
	return (size_t)(hash ^ hash >> 32);
}

/* The slot that has the term, or the empty one where it belongs. */
static uint32_t *
slot_of(const struct wordterms *wordterms, struct str term)
{
	size_t mask = 2 * wordterms->capacity - 1;
	size_t i = hash_of_term(term) & mask;

	while (wordterms->slots[i] != 0 && !str_eq(wordterms->terms[wordterms->slots[i]].bytes, term))
		i = (i + 1) & mask;
	return &wordterms->slots[i];
}

static enum status
reserve_term(struct wordterms *wordterms, struct error *reterr)
{
	size_t capacity = wordterms->capacity > 0 ? 2 * wordterms->capacity : FIRST_TERMS;
	struct wordterms_term *terms;
	uint32_t *slots;

	if ((size_t)wordterms->last + 1 < wordterms->capacity)
		return STATUS_OK;
	terms = realloc(wordterms->terms, capacity * sizeof(*terms));
	if (terms == NULL)
		return error_no_memory(reterr);
	wordterms->terms = terms;
	slots = calloc(2 * capacity, sizeof(*slots));
	if (slots == NULL)
		return error_no_memory(reterr);
	free(wordterms->slots);
	wordterms->slots = slots;
	wordterms->capacity = capacity;
	for (uint32_t i = 1; i <= wordterms->last; i++)
		*slot_of(wordterms, terms[i].bytes) = i;
	return STATUS_OK;
}

static enum status
number_of(struct wordterms *wordterms, struct str term, uint32_t *ret_number, struct error *reterr)
{
	struct str kept;
	uint32_t *slot;
	enum status status = reserve_term(wordterms, reterr);

	if (status != STATUS_OK)
		return status;
	slot = slot_of(wordterms, term);
	if (*slot == 0) {
		kept = arena_str(wordterms->arena, term);
		if (kept.p == NULL)
			return error_no_memory(reterr);
		wordterms->terms[++wordterms->last] =
		    (struct wordterms_term) { kept, schema_has_positions(kept), schema_is_in_invfile(kept) };
		*slot = wordterms->last;
	}
	*ret_number = *slot;
	return STATUS_OK;
}

/* ---- Words ----------------------------------------------------------------------------------- */

/* The numbers of a word's terms while they are worked out. */
struct found {
	uint32_t numbers[TERMS_MOST];
	size_t n;
};

/* Adds the term of `bytes`, cut at LIMIT_TERM_BYTES (a word is never that long); none of nothing. */
static enum status
add_term(struct wordterms *wordterms, const char *prefix, struct str bytes, struct found *found, struct error *reterr)
{
	char term[LIMIT_TERM_BYTES];
	size_t len = strlen(prefix);
	size_t more = bytes.len < sizeof(term) - len ? bytes.len : sizeof(term) - len;

	assert(found->n < TERMS_MOST);
	if (len + more == 0)
		return STATUS_OK;
	memcpy(term, prefix, len);
	if (more > 0)
		memcpy(term + len, bytes.p, more);
	return number_of(wordterms, (struct str) { term, len + more }, &found->numbers[found->n++], reterr);
}

static enum status
add_stems(
    struct wordterms *wordterms, const char *prefix, const struct word *word, struct found *found, struct error *reterr)
{
	enum status status = STATUS_OK;

	for (uint32_t i = 0; status == STATUS_OK && i < word->n_stems; i++)
		status = add_term(wordterms, prefix, word->stems[i], found, reterr);
	return status;
}

/* The folded form alone: what a document is found by that is not stemmed. */
static enum status
add_form(
    struct wordterms *wordterms, const char *prefix, const struct word *word, struct found *found, struct error *reterr)
{
	return add_term(wordterms, prefix, word->folded, found, reterr);
}

/* weekend is posted as week and end, and whole for prefixes and spelling. */
static enum status
add_surface(
    struct wordterms *wordterms, const char *prefix, const struct word *word, struct found *found, struct error *reterr)
{
	enum status status = add_term(wordterms, prefix, word->folded, found, reterr);

	if (status != STATUS_OK || word->whole.len == 0)
		return status;
	return add_term(wordterms, prefix, word->whole, found, reterr);
}

static enum status
work_out(struct wordterms *wordterms, enum wordterms_kind kind, const struct word *word, struct found *found,
    struct error *reterr)
{
	static const struct {
		const char *prefix;
		enum status (*add)(struct wordterms *wordterms, const char *prefix, const struct word *word,
		    struct found *found, struct error *reterr);
	} kinds[WORDTERMS_KINDS] = {
		[WORDTERMS_STEMS] = { SCHEMA_PREFIX_STEM, add_stems },
		[WORDTERMS_TITLE_STEMS] = { SCHEMA_PREFIX_TITLE_STEM, add_stems },
		[WORDTERMS_ASIDE_STEMS] = { SCHEMA_PREFIX_ASIDE_STEM, add_stems },
		[WORDTERMS_FORMS] = { SCHEMA_PREFIX_STEM SCHEMA_MARK_UNSTEMMED, add_form },
		[WORDTERMS_TITLE_FORMS] = { SCHEMA_PREFIX_TITLE_STEM SCHEMA_MARK_UNSTEMMED, add_form },
		[WORDTERMS_ASIDE_FORMS] = { SCHEMA_PREFIX_ASIDE_STEM SCHEMA_MARK_UNSTEMMED, add_form },
		[WORDTERMS_SURFACE] = { "", add_surface },
		[WORDTERMS_ASIDE_SURFACE] = { SCHEMA_PREFIX_ASIDE, add_surface },
	};

	found->n = 0;
	return kinds[kind].add(wordterms, kinds[kind].prefix, word, found, reterr);
}

static enum status
reserve_note(struct notes *notes, uint32_t word, struct error *reterr)
{
	size_t n = notes->n > 0 ? notes->n : FIRST_WORDS;
	uint32_t *larger;

	while (n <= word)
		n *= 2;
	if (n == notes->n)
		return STATUS_OK;
	larger = realloc(notes->notes, n * sizeof(*larger));
	if (larger == NULL)
		return error_no_memory(reterr);
	memset(larger + notes->n, NOTE_NONE, (n - notes->n) * sizeof(*larger));
	*notes = (struct notes) { larger, n };
	return STATUS_OK;
}

/* Puts how many there are and these behind the pool. */
static enum status
pool(struct wordterms *wordterms, const struct found *found, uint32_t *ret_note, struct error *reterr)
{
	size_t capacity = wordterms->pool_capacity > 0 ? wordterms->pool_capacity : FIRST_POOL;
	uint32_t *larger;

	while (capacity < wordterms->n_pool + 1 + found->n)
		capacity *= 2;
	if (capacity > wordterms->pool_capacity) {
		larger = realloc(wordterms->pool, capacity * sizeof(*larger));
		if (larger == NULL)
			return error_no_memory(reterr);
		wordterms->pool = larger;
		wordterms->pool_capacity = capacity;
	}
	*ret_note = (uint32_t)wordterms->n_pool << 1 | NOTE_POOLED;
	wordterms->pool[wordterms->n_pool] = (uint32_t)found->n;
	memcpy(wordterms->pool + wordterms->n_pool + 1, found->numbers, found->n * sizeof(found->numbers[0]));
	wordterms->n_pool += 1 + found->n;
	return STATUS_OK;
}

static enum status
learn(struct wordterms *wordterms, enum wordterms_kind kind, const struct word *word, struct error *reterr)
{
	struct notes *notes = &wordterms->notes[kind];
	struct found found;
	uint32_t note;
	enum status status = reserve_note(notes, word->number, reterr);

	if (status == STATUS_OK)
		status = work_out(wordterms, kind, word, &found, reterr);
	if (status != STATUS_OK)
		return status;
	note = found.n == 1 ? found.numbers[0] << 1 : NOTE_NONE;
	if (found.n != 1)
		status = pool(wordterms, &found, &note, reterr);
	if (status == STATUS_OK)
		notes->notes[word->number] = note;
	return status;
}

enum status
wordterms_find(struct wordterms *wordterms, enum wordterms_kind kind, const struct word *word,
    const uint32_t **ret_numbers, size_t *ret_n, struct error *reterr)
{
	const struct notes *notes = &wordterms->notes[kind];
	const uint32_t *pooled;
	uint32_t note;

	if (word->number >= notes->n || notes->notes[word->number] == NOTE_NONE) {
		enum status status = learn(wordterms, kind, word, reterr);

		if (status != STATUS_OK)
			return status;
	}
	note = notes->notes[word->number];
	if ((note & NOTE_POOLED) == 0) {
		wordterms->single = note >> 1;
		*ret_numbers = &wordterms->single;
		*ret_n = 1;
		return STATUS_OK;
	}
	pooled = wordterms->pool + (note >> 1);
	*ret_n = *pooled;
	*ret_numbers = pooled + 1;
	return STATUS_OK;
}

void
wordterms_await(const struct wordterms *wordterms, enum wordterms_kind kind, const struct word *word)
{
	const struct notes *notes = &wordterms->notes[kind];

	if (word->number < notes->n)
		__builtin_prefetch(&notes->notes[word->number]);
}
