/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * matcher-proximity: whether words stand near each other in a document in which they all are.
 *
 * All three tests leap: each operand keeps a place in its positions, a place only moves forward, and it moves as far as the others
 * rule out what lies before.  Operands are opened when it is their turn, those with the fewest positions first where the
 * order is free, so that the long lists of common words are often not read at all.
 *
 *	exact phrase   the operands agree on where it starts: position less place in the phrase
 *	phrase         for each position of the first operand the earliest ones of the others behind it; `last - first < window`
 *	near           the places' first and last are less than `window` apart.  Two stems of one word share a position, which
 *	               counts for one operand alone: where places coincide, an assignment of distinct positions is looked
 *	               for by augmenting paths (Kuhn, "The Hungarian Method for the Assignment Problem", 1955).
 */
#include "invfile/matcher-walk.h"
#include "invfile/numbers.h"

#define NO_POSITION BLOCK_NO_POSITION

/* Merges ascending positions into others, from the last to the first; what is in both is there twice, which does no harm. */
static bool
positions_merge(struct matcher *matcher, struct cursor_positions *into, const struct cursor_positions *from)
{
	size_t i = into->n, j = from->n;

	if (!numbers_reserve(&into->v, &into->capacity, i + j)) {
		(void)matcher_fail(matcher, STATUS_NOMEM, NULL);
		return false;
	}
	into->n = i + j;
	while (j > 0) {
		bool is_own = i > 0 && into->v[i - 1] > from->v[j - 1];
		uint32_t pos = is_own ? into->v[--i] : from->v[--j];

		into->v[i + j] = pos;
	}
	return true;
}

static bool
slot_merge(struct matcher *matcher, struct slot *slot, const struct disjunction *disjunction)
{
	slot->merged.n = 0;
	for (uint32_t i = 0; i < disjunction->n; i++) {
		struct leaf *leaf = (struct leaf *)disjunction->children[i];

		if (leaf->walk.docid != disjunction->walk.docid)
			continue;
		if (!leaf_read_positions(matcher, leaf) || !positions_merge(matcher, &slot->merged, &leaf->positions))
			return false;
	}
	return true;
}

/* Reads the positions and goes before the first; false where there is none, or the match has failed. */
static bool
slot_open(struct matcher *matcher, struct slot *slot)
{
	const struct cursor_positions *positions = &slot->merged;

	if (slot->walk->kind == WALK_LEAF) {
		struct leaf *leaf = (struct leaf *)slot->walk;

		positions = &leaf->positions;
		if (!leaf_read_positions(matcher, leaf))
			return false;
	} else if (!slot_merge(matcher, slot, (const struct disjunction *)slot->walk)) {
		return false;
	}
	slot->v = positions->v;
	slot->n = positions->n;
	slot->at = 0;
	return slot->n > 0;
}

/* The same where positions are only asked for in their order: then they need not all be read. */
static bool
slot_open_run(struct matcher *matcher, struct slot *slot)
{
	struct leaf *leaf = (struct leaf *)slot->walk;

	slot->is_run = slot->walk->kind == WALK_LEAF && leaf->positions_docid != leaf->cursor.docid &&
		       cursor_open_run(&leaf->cursor, &slot->run);
	if (!slot->is_run)
		return slot_open(matcher, slot);
	matcher->steps -= (int64_t)((slot->run.end - slot->run.next) / MATCHER_POSITIONS_STEP);
	return true;
}

/* The first position >= pos that is not before the place, where the place then is; NO_POSITION if there is none. */
static inline uint64_t
slot_seek(struct slot *slot, uint64_t pos)
{
	while (slot->at < slot->n && slot->v[slot->at] < pos)
		slot->at++;
	return slot->at < slot->n ? slot->v[slot->at] : NO_POSITION;
}

/* About how many positions there are; they are not read for it. */
static uint64_t
slot_size(const struct slot *slot)
{
	const struct disjunction *disjunction = (const struct disjunction *)slot->walk;
	uint64_t size = 0;

	if (slot->walk->kind == WALK_LEAF)
		return cursor_wdf(&((struct leaf *)slot->walk)->cursor);
	for (uint32_t i = 0; i < disjunction->n; i++)
		if (disjunction->children[i]->docid == disjunction->walk.docid)
			size += cursor_wdf(&((struct leaf *)disjunction->children[i])->cursor);
	return size;
}

/* The same in the mean of the documents, in 16ths. */
static uint64_t
slot_mean_size(const struct slot *slot)
{
	const struct disjunction *disjunction = (const struct disjunction *)slot->walk;
	uint64_t occurrences = 0;

	if (slot->walk->kind == WALK_LEAF)
		occurrences = ((const struct leaf *)slot->walk)->found.occurrences;
	else
		for (uint32_t i = 0; i < disjunction->n; i++)
			occurrences += ((const struct leaf *)disjunction->children[i])->found.occurrences;
	return occurrences * 16 / (slot->walk->most > 0 ? slot->walk->most : 1);
}

/* Puts the operands with the fewest positions first. */
static inline void
proximity_sort(struct proximity *proximity, uint64_t (*size_of)(const struct slot *slot))
{
	for (uint32_t i = 0; i < proximity->n; i++) {
		struct slot *slot = &proximity->slots[i];
		uint32_t at = i;

		slot->size = size_of(slot);
		for (; at > 0 && proximity->order[at - 1]->size > slot->size; at--)
			proximity->order[at] = proximity->order[at - 1];
		proximity->order[at] = slot;
	}
}

static bool
exact_phrase_holds(struct matcher *matcher, struct proximity *proximity)
{
	uint32_t n_open = 0;
	uint64_t start = 0;

	for (uint32_t i = 0; i < proximity->n;) {
		struct slot *slot = proximity->order[i];

		if (i == n_open) {
			if (!slot_open_run(matcher, slot))
				return false;
			n_open++;
		}
		uint64_t pos =
		    slot->is_run ? block_run_seek(&slot->run, start + slot->off) : slot_seek(slot, start + slot->off);
		if (pos == NO_POSITION)
			return false;
		i = pos == start + slot->off ? i + 1 : 0;
		start = pos - slot->off;
	}
	return true;
}

/*
 * The operands behind the first, each as early as can be behind the one before.  Returns the position at which the first would have
 * to be for the last one reached to be in the window: `base` where all are, NO_POSITION where an operand has no more.
 */
static uint64_t
phrase_follow(struct matcher *matcher, struct proximity *proximity, uint32_t *n_open, uint64_t base)
{
	uint64_t pos = base;

	for (uint32_t i = 1; i < proximity->n; i++) {
		struct slot *slot = &proximity->slots[i];
		uint64_t end;

		if (i == *n_open) {
			if (!slot_open(matcher, slot))
				return NO_POSITION;
			(*n_open)++;
		}
		pos = slot_seek(slot, pos + 1);
		if (pos == NO_POSITION)
			return NO_POSITION;
		end = pos + (proximity->n - i); /* behind the last operand, at the earliest */
		if (end - base > proximity->window)
			return end - proximity->window;
	}
	return base;
}

static bool
phrase_holds(struct matcher *matcher, struct proximity *proximity)
{
	struct slot *first = &proximity->slots[0];
	uint32_t n_open = 1;
	uint64_t base;

	if (!slot_open(matcher, first))
		return false;
	for (base = slot_seek(first, 0); base != NO_POSITION && !matcher_is_over(matcher);) {
		uint64_t next = phrase_follow(matcher, proximity, &n_open, base);

		if (next == base)
			return true;
		base = next == NO_POSITION ? NO_POSITION : slot_seek(first, next);
	}
	return false;
}

/* Which operand has taken a position: its index, or n. */
static uint32_t
near_taker(const struct proximity *proximity, uint32_t pos)
{
	uint32_t i = 0;

	while (i < proximity->n && !(proximity->has_taken[i] && proximity->taken[i] == pos))
		i++;
	return i;
}

/* Gives operand i a position before `end`, moving others to other ones where that helps. */
static bool
near_give(struct proximity *proximity, uint32_t i, uint64_t end)
{
	const struct slot *slot = proximity->order[i];

	proximity->is_asked[i] = true;
	for (size_t at = slot->at; at < slot->n && slot->v[at] < end; at++) {
		uint32_t taker = near_taker(proximity, slot->v[at]);

		if (taker < proximity->n && (proximity->is_asked[taker] || !near_give(proximity, taker, end)))
			continue;
		proximity->has_taken[i] = true;
		proximity->taken[i] = slot->v[at];
		return true;
	}
	return false;
}

/* Whether each operand can have a position of its own, from its place on and before `end`. */
static bool
near_assign(struct proximity *proximity, uint64_t end)
{
	memset(proximity->has_taken, 0, proximity->n * sizeof(*proximity->has_taken));
	for (uint32_t i = 0; i < proximity->n; i++) {
		memset(proximity->is_asked, 0, proximity->n * sizeof(*proximity->is_asked));
		if (!near_give(proximity, i, end))
			return false;
	}
	return true;
}

/* The least and the greatest of the places of the first n operands. */
static void
near_extent(const struct proximity *proximity, uint32_t n, uint64_t *ret_least, uint64_t *ret_greatest)
{
	uint64_t least = NO_POSITION, greatest = 0;

	for (uint32_t i = 0; i < n; i++) {
		uint64_t pos = proximity->order[i]->v[proximity->order[i]->at];

		least = pos < least ? pos : least;
		greatest = pos > greatest ? pos : greatest;
	}
	*ret_least = least;
	*ret_greatest = greatest;
}

/* Moves the first n operands to `pos` or behind it. */
static bool
near_move(struct proximity *proximity, uint32_t n, uint64_t pos)
{
	for (uint32_t i = 0; i < n; i++)
		if (slot_seek(proximity->order[i], pos) == NO_POSITION)
			return false;
	return true;
}

/*
 * With all places as early as can be from `least` on, a match that begins there has its positions before least + window; where
 * there is none, the next one to begin is behind `least`.
 */
static bool
near_holds(struct matcher *matcher, struct proximity *proximity)
{
	const uint64_t window = proximity->window;
	uint32_t n_open = 0;
	uint64_t least = 0, greatest = 0;

	proximity_sort(proximity, slot_size);
	while (!matcher_is_over(matcher)) {
		if (greatest - least >= window) {
			if (!near_move(proximity, n_open, greatest - window + 1))
				return false;
		} else if (n_open < proximity->n) {
			uint64_t from = greatest >= window ? greatest - window + 1 : 0;

			if (!slot_open(matcher, proximity->order[n_open]) ||
			    slot_seek(proximity->order[n_open], from) == NO_POSITION)
				return false;
			n_open++;
		} else {
			if (near_assign(proximity, least + window))
				return true;
			if (!near_move(proximity, n_open, least + 1))
				return false;
		}
		near_extent(proximity, n_open, &least, &greatest);
	}
	return false;
}

bool
proximity_holds(struct matcher *matcher, struct proximity *proximity)
{
	return proximity->holds_cb(matcher, proximity);
}

void
proximity_init(struct proximity *proximity, bool is_ordered)
{
	/* Xapian's guesses, so that what is estimated is the same. */
	if (!is_ordered) {
		proximity->holds_cb = near_holds;
		proximity->share = 1.0 / 2;
	} else if (proximity->window == proximity->n) {
		/* Read one by one, positions cost less than to ask in each document who has fewer. */
		proximity_sort(proximity, slot_mean_size);
		proximity->holds_cb = exact_phrase_holds;
		proximity->share = 1.0 / 4;
	} else {
		proximity->holds_cb = phrase_holds;
		proximity->share = 1.0 / 3;
	}
}
