/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * passages: what of one text stands in another?
 *
 * A passage is a stretch of PASSAGE_WORDS or more words that two texts share: runs of at least PASSAGE_RUN words
 * that are the same, with at most PASSAGE_GAP other words between two of them on either side, since agency copy is
 * edited a little.  Each word of the first text is in at most one passage.
 *
 *	a   [Le cessez-le-feu est entré en vigueur à minuit] [dans les quartiers ...]
 *	b   [Le cessez-le-feu est entré en vigueur à minuit] pile [dans les quartiers ...]
 */
#ifndef VOISIN_REPRINTS_PASSAGES_H
#define VOISIN_REPRINTS_PASSAGES_H

#include "reprints/words.h"

enum { PASSAGE_RUN = 8, PASSAGE_GAP = 3, PASSAGE_WORDS = 15 };

struct shared_passage {
	size_t a, a_end; /* words of the first text */
	size_t b, b_end; /* of the second */
	size_t words; /* that are the same */
};

/* A text whose runs can be looked up; all zero is an empty one. */
struct passage_index {
	const struct word_list *words; /* borrowed */
	uint32_t *slots; /* number + 1 of a run's first word, 0 where empty */
	size_t capacity; /* a power of two */
};

/* Replaces what the index holds by the runs of `words`, which must outlive it.  STATUS_NOMEM leaves it empty. */
enum status passage_index_fill(struct passage_index *index, const struct word_list *words) MUST_CHECK;
void passage_index_done(struct passage_index *index);

/* A list that grows; all zero is an empty one. */
struct passage_list {
	struct shared_passage *v;
	size_t n;
	size_t capacity;
};

/* Replaces what the list holds by the passages that the indexed text shares with `b`, in the order of the former. */
enum status passage_list_find(
    struct passage_list *list, const struct passage_index *index, const struct word_list *b) MUST_CHECK;
void passage_list_done(struct passage_list *list);

#endif
