/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "stemmer/words.h"

#include <stdlib.h>
#include <sys/random.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/utf8.h"
#include "stemmer/chars.h"
#include "stemmer/inflection.h"
#include "stemmer/lexicon.h"
#include "stemmer/ordinal.h"
#include "stemmer/overrides.h"
#include "stemmer/stem.h"

enum {
	FIRST_SLOTS = 1 << 12,
	RAW_BYTES_MAX = 255, /* longer spellings are worked out each time that they are met */
	STEMS_MAX = LEXICON_FORMS_MAX + 1,
	KEPT_BYTES = 32 * 1024 * 1024, /* of words; some 200,000 */
	QUERY_BYTES = 1024 * 1024, /* of stems that words_query_stems() made since the last trim */
	RECALLED = 2048 /* words whose loose stems are kept; a power of two */
};

#define ARENA_BYTES ((size_t)1 << 30)

/* One way to write a word.  The table is open-addressed, with linear probing, at most half full. */
struct slot {
	const char *raw; /* NULL: empty */
	uint32_t len;
	uint32_t hash;
	const struct word *word;
};

/* What ACCENTS_LOOSE looks a word up by, which takes far longer to work out than what else a query asks of a word. */
struct loose_stems {
	const struct word *word; /* NULL: of none */
	const struct str *v;
	size_t n;
};

struct words {
	struct stemmer *stemmer;
	struct arena *arena; /* words and spellings */
	struct arena *query_arena;
	struct loose_stems recalled[RECALLED]; /* by the words' numbers, the last one of each place */
	struct slot *slots;
	size_t n_slots; /* a power of two */
	size_t n_used;
	uint32_t n_words;
	uint32_t numbering;
	uint64_t seed; /* secret, so that no text can be made to collide */
};

/* Stems under construction: distinct, sorted. */
struct stems {
	char bytes[STEMS_MAX][LIMIT_WORD_BYTES];
	struct str items[STEMS_MAX];
	uint32_t n;
};

static uint64_t
make_seed(const struct words *words)
{
	uint64_t seed = 0;

	if (getrandom(&seed, sizeof(seed), GRND_NONBLOCK) != (ssize_t)sizeof(seed))
		seed = (uint64_t)clock_mono_ns() ^ (uint64_t)(uintptr_t)words;
	return seed;
}

enum status
words_new(struct words **ret_words)
{
	struct words *words = calloc(1, sizeof(*words));

	if (words == NULL)
		return STATUS_NOMEM;
	words->n_slots = FIRST_SLOTS;
	words->seed = make_seed(words);
	words->slots = calloc(words->n_slots, sizeof(*words->slots));
	if (words->slots == NULL || stemmer_new(&words->stemmer) != STATUS_OK ||
	    arena_new(ARENA_BYTES, &words->arena) != STATUS_OK ||
	    arena_new(QUERY_BYTES, &words->query_arena) != STATUS_OK) {
		words_free(words);
		return STATUS_NOMEM;
	}
	*ret_words = words;
	return STATUS_OK;
}

void
words_free(struct words *words)
{
	if (words == NULL)
		return;
	stemmer_free(words->stemmer);
	arena_free(words->arena);
	arena_free(words->query_arena);
	free(words->slots);
	free(words);
}

enum status
words_trim(struct words *words)
{
	struct slot *slots;
	struct arena *arena;

	arena_reset(words->query_arena);
	if (arena_used(words->arena) + words->n_slots * sizeof(*slots) <= KEPT_BYTES)
		return STATUS_OK;
	slots = calloc(FIRST_SLOTS, sizeof(*slots));
	if (slots == NULL || arena_new(ARENA_BYTES, &arena) != STATUS_OK) {
		free(slots);
		return STATUS_NOMEM;
	}
	arena_free(words->arena);
	free(words->slots);
	words->arena = arena;
	words->slots = slots;
	words->n_slots = FIRST_SLOTS;
	words->n_used = 0;
	words->n_words = 0;
	words->numbering++;
	memset(words->recalled, 0, sizeof(words->recalled));
	return STATUS_OK;
}

uint32_t
words_numbering(const struct words *words)
{
	return words->numbering;
}

/* Eight bytes a step by multiplication and shift, keyed by the seed. */
static uint32_t
hash_bytes(const struct words *words, struct str s)
{
	uint64_t h = words->seed ^ s.len * 0x9E3779B97F4A7C15u;

	while (s.len > 8) {
		h = (h ^ str_load(s)) * 0xD6E8FEB86659FD93u;
		h ^= h >> 32;
		s.p += 8;
		s.len -= 8;
	}
	h = (h ^ str_load(s)) * 0xD6E8FEB86659FD93u;
	h ^= h >> 32;
	h = (h ^ words->seed) * 0xA0761D6478BD642Fu;
	return (uint32_t)(h >> 32);
}

/* The slot that holds `raw`, or the empty one where it belongs. */
static struct slot *
find_slot(const struct words *words, struct str raw, uint32_t hash)
{
	size_t i = hash & (words->n_slots - 1);

	for (;;) {
		struct slot *slot = &words->slots[i];

		if (slot->raw == NULL)
			return slot;
		if (slot->hash == hash && slot->len == raw.len && memcmp(slot->raw, raw.p, raw.len) == 0)
			return slot;
		i = (i + 1) & (words->n_slots - 1);
	}
}

static enum status
grow(struct words *words)
{
	struct slot *old = words->slots;
	size_t n_old = words->n_slots;

	words->slots = calloc(n_old * 2, sizeof(*words->slots));
	if (words->slots == NULL) {
		words->slots = old;
		return STATUS_NOMEM;
	}
	words->n_slots = n_old * 2;
	for (size_t i = 0; i < n_old; i++) {
		size_t to = old[i].hash & (words->n_slots - 1);

		if (old[i].raw == NULL)
			continue;
		while (words->slots[to].raw != NULL)
			to = (to + 1) & (words->n_slots - 1);
		words->slots[to] = old[i];
	}
	free(old);
	return STATUS_OK;
}

/* Enters a spelling, whose bytes live as long as the words do. */
static enum status
put(struct words *words, struct str raw, uint32_t hash, const struct word *word)
{
	if (words->n_used >= words->n_slots / 2 && grow(words) != STATUS_OK)
		return STATUS_NOMEM;
	*find_slot(words, raw, hash) = (struct slot) { raw.p, (uint32_t)raw.len, hash, word };
	words->n_used++;
	return STATUS_OK;
}

/* Inserts a stem where it belongs, unless it is there. */
static void
add_stem(struct stems *stems, struct str stem)
{
	uint32_t at = 0;
	char *bytes = stems->bytes[stems->n];

	while (at < stems->n && str_cmp(stems->items[at], stem) < 0)
		at++;
	if (at < stems->n && str_eq(stems->items[at], stem))
		return;
	if (stems->n == STEMS_MAX || stem.len > LIMIT_WORD_BYTES)
		return;
	memcpy(bytes, stem.p, stem.len);
	memmove(&stems->items[at + 1], &stems->items[at], (stems->n - at) * sizeof(stem));
	stems->items[at] = (struct str) { bytes, stem.len };
	stems->n++;
}

static enum status
add_stem_of(struct words *words, struct str form, struct stems *stems)
{
	struct str stem;
	enum status status = STATUS_OK;

	if (!override_stem(form, &stem))
		status = stemmer_stem(words->stemmer, form, &stem);
	if (status == STATUS_OK)
		add_stem(stems, stem);
	return status;
}

/* The stem of a form of the dictionary: of its singular or masculine, unless a table says otherwise. */
static enum status
add_form(struct words *words, struct str form, struct stems *stems)
{
	char base[LIMIT_WORD_BYTES];
	struct str stem;

	if (!override_stem(form, &stem))
		return add_stem_of(words, inflection_base(form, base), stems);
	add_stem(stems, stem);
	return STATUS_OK;
}

/* The stem of a word without any kin in the dictionary: a name, an ordinal, a new word. */
static enum status
add_unknown(struct words *words, struct str folded, struct stems *stems)
{
	char bytes[LIMIT_WORD_BYTES];
	size_t len = ordinal_stem(folded, bytes);

	if (len == 0)
		return add_stem_of(words, folded, stems);
	add_stem(stems, (struct str) { bytes, len });
	return STATUS_OK;
}

/* Copies a spelling without the apostrophes inside it. */
static struct str
without_apostrophes(struct str s, char out[LIMIT_WORD_BYTES])
{
	size_t n = 0;

	for (size_t i = 0; i < s.len; i++) {
		if (s.p[i] != '\'')
			out[n++] = s.p[i];
	}
	return n > 0 ? (struct str) { out, n } : s;
}

static bool
is_form(const struct lexicon_form *forms, size_t n, struct str word)
{
	for (size_t i = 0; i < n; i++) {
		if (str_eq((struct str) { forms[i].bytes, forms[i].len }, word))
			return true;
	}
	return false;
}

/* S(w) as the head of words.h says, or one of its variants for queries. */
static enum status
find_stems(struct words *words, struct str lower, struct str folded, enum accents accents, struct stems *ret_stems)
{
	char lower_bytes[LIMIT_WORD_BYTES], folded_bytes[LIMIT_WORD_BYTES];
	struct lexicon_form forms[LEXICON_FORMS_MAX];
	enum status status = STATUS_OK;
	struct str stem;
	bool is_known;
	size_t n;

	lower = without_apostrophes(lower, lower_bytes);
	folded = without_apostrophes(folded, folded_bytes);
	n = lexicon_find(folded, forms);
	/* A name of the table (Denis) is known as a form is: no accents are looked for (dénis). */
	is_known = is_form(forms, n, lower) || (n > 0 && override_stem(lower, &stem));
	ret_stems->n = 0;
	if (n == 0)
		return add_unknown(words, folded, ret_stems);
	if (is_known)
		status = add_form(words, lower, ret_stems);
	else if (accents == ACCENTS_STRICT)
		status = add_stem_of(words, lower, ret_stems);
	if (accents == ACCENTS_STRICT || (is_known && accents != ACCENTS_LOOSE))
		return status;
	if (override_stem(folded, &stem))
		add_stem(ret_stems, stem);
	for (size_t i = 0; i < n && status == STATUS_OK; i++) {
		struct str form = { forms[i].bytes, forms[i].len };

		/* Stemming is dear, and that of the word itself is there. */
		if (!is_known || !str_eq(form, lower))
			status = add_form(words, form, ret_stems);
	}
	return status;
}

/* Puts `s` at *to, or points to `kin` where that begins with the same bytes. */
static struct str
place(char **to, struct str s, struct str kin)
{
	struct str placed = { *to, s.len };

	if (str_has_prefix(kin, s))
		return (struct str) { kin.p, s.len };
	memcpy(*to, s.p, s.len);
	*to += s.len;
	return placed;
}

/* What place_stems() takes: the array, and behind it the bytes that `kin` does not begin with. */
static size_t
stems_size(const struct stems *stems, struct str kin)
{
	size_t size = stems->n * sizeof(struct str);

	for (uint32_t i = 0; i < stems->n; i++)
		size += str_has_prefix(kin, stems->items[i]) ? 0 : stems->items[i].len;
	return size;
}

static const struct str *
place_stems(void *at, const struct stems *stems, struct str kin)
{
	struct str *placed = at;
	char *to = (char *)(placed + stems->n);

	for (uint32_t i = 0; i < stems->n; i++)
		placed[i] = place(&to, stems->items[i], kin);
	return placed;
}

/*
 * A word is one piece of memory, as there may be two million of them:
 *
 *	struct word | struct str[n_stems] | other stems' bytes | surface | lower | folded
 */
static enum status
make_word(struct words *words, const struct spelling *spelling, struct word **ret_word)
{
	struct str surface = { spelling->surface, spelling->surface_len };
	struct str lower = { spelling->lower, spelling->lower_len };
	struct str folded = { spelling->folded, spelling->folded_len };
	size_t bytes =
	    surface.len + (str_eq(lower, surface) ? 0 : lower.len) + (str_eq(folded, lower) ? 0 : folded.len);
	struct stems stems = { .n = 0 };
	size_t stems_bytes;
	struct word *word;
	char *to;

	if (!spelling->has_letters)
		add_stem(&stems, lower);
	else if (find_stems(words, lower, folded, ACCENTS_TYPED, &stems) != STATUS_OK)
		return STATUS_NOMEM;
	stems_bytes = stems_size(&stems, lower);
	word = arena_alloc(words->arena, sizeof(*word) + stems_bytes + bytes);
	if (word == NULL)
		return STATUS_NOMEM;
	to = (char *)(word + 1) + stems_bytes;
	word->surface = place(&to, surface, STR(""));
	word->lower = str_eq(lower, surface) ? word->surface : place(&to, lower, STR(""));
	word->folded = str_eq(folded, lower) ? word->lower : place(&to, folded, STR(""));
	word->stems = place_stems(word + 1, &stems, word->lower);
	word->n_stems = stems.n;
	word->number = words->n_words++;
	word->whole = STR("");
	word->rest = NULL;
	*ret_word = word;
	return STATUS_OK;
}

/* The word with this surface, made now where it is new. */
static enum status
intern(struct words *words, const struct spelling *spelling, const struct word **ret_word)
{
	struct str surface = { spelling->surface, spelling->surface_len };
	uint32_t hash = hash_bytes(words, surface);
	const struct slot *slot = find_slot(words, surface, hash);
	struct word *word;
	enum status status;

	if (slot->raw != NULL) {
		*ret_word = slot->word;
		return STATUS_OK;
	}
	status = make_word(words, spelling, &word);
	if (status != STATUS_OK)
		return status;
	*ret_word = word;
	return put(words, word->surface, hash, word);
}

/* The folded letters that a character of a solid writing is; 0 for marks and soft hyphens. */
static size_t
folded_letters(struct str character)
{
	struct spelling spelling;

	if ((unsigned char)character.p[0] < 0x80)
		return character.p[0] != '\n' && character.p[0] != '\r';
	normalize_word(character, TOKEN_WORD, &spelling, NULL);
	return spelling.folded_len;
}

/* The bytes of `raw` that fold to the first `n` letters, with what takes no letter behind them. */
static size_t
bytes_of_letters(struct str raw, size_t n)
{
	size_t off = 0, letters = 0;

	while (off < raw.len) {
		size_t next = off;

		(void)utf8_next(raw, &next, NULL);
		letters += folded_letters((struct str) { raw.p + off, next - off });
		if (letters > n)
			return off;
		off = next;
	}
	return off;
}

size_t
words_first_len(struct str raw, const struct word *first)
{
	return bytes_of_letters(raw, first->folded.len);
}

/* Works out the two words of a solid writing, `split` folded letters in the first. */
static enum status
learn_solid(struct words *words, struct str raw, uint32_t hash, const struct spelling *whole, size_t split,
    const struct word **ret_word)
{
	size_t first_len = bytes_of_letters(raw, split);
	struct spelling spelling;
	const struct word *rest;
	struct word *first;
	struct str kept;
	enum status status;

	normalize_word((struct str) { raw.p + first_len, raw.len - first_len }, TOKEN_WORD, &spelling, NULL);
	status = intern(words, &spelling, &rest);
	if (status != STATUS_OK)
		return status;
	normalize_word((struct str) { raw.p, first_len }, TOKEN_WORD, &spelling, NULL);
	status = make_word(words, &spelling, &first);
	if (status != STATUS_OK)
		return status;
	first->rest = rest;
	first->whole = arena_str(words->arena, (struct str) { whole->folded, whole->folded_len });
	kept = arena_str(words->arena, raw);
	if (first->whole.p == NULL || kept.p == NULL)
		return STATUS_NOMEM;
	*ret_word = first;
	return put(words, kept, hash, first);
}

/* Works a spelling out that was not met before. */
static enum status
learn(struct words *words, struct str raw, uint32_t hash, enum token_kind kind, const struct word **ret_word)
{
	struct spelling spelling;
	struct str kept;
	size_t split = 0;
	enum status status;

	normalize_word(raw, kind, &spelling, NULL);
	if (kind == TOKEN_WORD && raw.len <= RAW_BYTES_MAX)
		split = override_split((struct str) { spelling.folded, spelling.folded_len });
	if (split > 0)
		return learn_solid(words, raw, hash, &spelling, split, ret_word);
	status = intern(words, &spelling, ret_word);
	if (status != STATUS_OK || raw.len > RAW_BYTES_MAX || str_eq(raw, (*ret_word)->surface))
		return status;
	kept = arena_str(words->arena, raw);
	return kept.p != NULL ? put(words, kept, hash, *ret_word) : STATUS_NOMEM;
}

uint32_t
words_hash(const struct words *words, struct str raw)
{
	uint32_t hash = hash_bytes(words, raw);

	__builtin_prefetch(&words->slots[hash & (words->n_slots - 1)]);
	return hash;
}

void
words_await(const struct words *words, uint32_t hash)
{
	const struct slot *slot = &words->slots[hash & (words->n_slots - 1)];

	if (slot->raw == NULL)
		return;
	__builtin_prefetch(slot->raw);
	__builtin_prefetch(slot->word);
}

enum status
words_get(struct words *words, struct str raw, uint32_t hash, enum token_kind kind, const struct word **ret_word)
{
	const struct slot *slot;

	if (raw.len > RAW_BYTES_MAX)
		return learn(words, raw, 0, kind, ret_word);
	slot = find_slot(words, raw, hash);
	if (slot->raw == NULL)
		return learn(words, raw, hash, kind, ret_word);
	*ret_word = slot->word;
	return STATUS_OK;
}

static bool
has_letters(struct str lower)
{
	struct spelling spelling;

	normalize_word(lower, TOKEN_WORD, &spelling, NULL);
	return spelling.has_letters;
}

/* Works the stems out, into `arena`; what has no letters has its own alone. */
static enum status
make_stems(struct words *words, const struct word *word, enum accents accents, struct arena *arena,
    const struct str **ret_stems, size_t *ret_n)
{
	struct stems stems;
	void *placed;

	*ret_stems = word->stems;
	*ret_n = word->n_stems;
	if (!has_letters(word->lower))
		return STATUS_OK;
	if (find_stems(words, word->lower, word->folded, accents, &stems) != STATUS_OK)
		return STATUS_NOMEM;
	placed = arena_alloc(arena, stems_size(&stems, word->lower));
	if (placed == NULL)
		return STATUS_NOMEM;
	*ret_stems = place_stems(placed, &stems, word->lower);
	*ret_n = stems.n;
	return STATUS_OK;
}

static enum status
recall_stems(struct words *words, const struct word *word, const struct str **ret_stems, size_t *ret_n)
{
	struct loose_stems *recalled = &words->recalled[word->number % RECALLED];
	struct loose_stems made = { .word = word };

	if (recalled->word != word) {
		enum status status = make_stems(words, word, ACCENTS_LOOSE, words->arena, &made.v, &made.n);

		if (status != STATUS_OK)
			return status;
		*recalled = made;
	}
	*ret_stems = recalled->v;
	*ret_n = recalled->n;
	return STATUS_OK;
}

enum status
words_query_stems(
    struct words *words, const struct word *word, enum accents accents, const struct str **ret_stems, size_t *ret_n)
{
	if (accents == ACCENTS_TYPED) {
		*ret_stems = word->stems;
		*ret_n = word->n_stems;
		return STATUS_OK;
	}
	if (accents == ACCENTS_LOOSE)
		return recall_stems(words, word, ret_stems, ret_n);
	return make_stems(words, word, accents, words->query_arena, ret_stems, ret_n);
}
