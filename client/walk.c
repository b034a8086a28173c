/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * walk: many hits, a page at a time; the iterator of voisin.h.
 */
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "client/failure.h"
#include "client/voisin.h"

/* A page may be empty where the daemon checked many candidates in vain, but not for ever. */
enum { EMPTY_PAGES_MAX = 1000 };

struct walk_hits {
	unsigned wanted; /* still to be given, where the walk is not over all */
	unsigned page; /* at most so many a request */
};

struct voisin_walk {
	struct voisin *voisin;
	struct voisin_search search;
	char *q;
	char *cursor; /* owned; NULL where the walk is by offset */
	char *generation; /* of the first page, where the walk is by offset */
	struct walk_hits hits;
	struct voisin_result *result; /* the page */
	size_t next; /* in it */
	unsigned empty_pages;
	enum voisin_status status; /* sticks once it is not VOISIN_OK */
	struct voisin_error error;
};

static enum voisin_status
check(const struct voisin_search *search, struct voisin_error *reterr)
{
	if (search->q == NULL)
		return failure(reterr, VOISIN_INVALID, "there is no query");
	if (search->cursor == NULL && (search->limit > VOISIN_WINDOW || search->offset > VOISIN_WINDOW - search->limit))
		return failure(reterr, VOISIN_INVALID,
		    "offset + limit must be at most %d; only a walk over all hits goes further", VOISIN_WINDOW);
	return VOISIN_OK;
}

enum voisin_status
voisin_walk_new(struct voisin *voisin, const struct voisin_search *search, struct voisin_walk **ret_walk,
    struct voisin_error *reterr)
{
	enum voisin_status status = check(search, reterr);
	struct voisin_walk *walk;

	if (status != VOISIN_OK)
		return status;
	walk = calloc(1, sizeof(*walk));
	if (walk == NULL)
		return failure_nomem(reterr);
	walk->voisin = voisin;
	walk->search = *search;
	walk->q = strdup(search->q);
	walk->search.q = walk->q;
	walk->cursor = search->cursor != NULL ? strdup(search->cursor) : NULL;
	walk->search.cursor = walk->cursor;
	walk->hits.page = search->ids_only ? VOISIN_PAGE_IDS : VOISIN_PAGE_HITS;
	if (search->page > 0 && search->page < walk->hits.page)
		walk->hits.page = search->page;
	walk->hits.wanted = search->limit;
	if (walk->q == NULL || (search->cursor != NULL && walk->cursor == NULL)) {
		voisin_walk_free(walk);
		return failure_nomem(reterr);
	}
	*ret_walk = walk;
	return VOISIN_OK;
}

void
voisin_walk_free(struct voisin_walk *walk)
{
	if (walk == NULL)
		return;
	voisin_result_free(walk->result);
	free(walk->q);
	free(walk->cursor);
	free(walk->generation);
	free(walk);
}

/* Whether the page in hand was the last. */
static bool
is_last(const struct voisin_walk *walk)
{
	if (walk->cursor != NULL)
		return !walk->result->has_cursor;
	return walk->hits.wanted == 0 || walk->result->n_hits < walk->search.limit;
}

/* Makes *ret_copy a copy of `text`, in place of what it was. */
static enum voisin_status
replace(char **ret_copy, struct voisin_str text, struct voisin_error *reterr)
{
	char *copy = strndup(text.p, text.len);

	if (copy == NULL)
		return failure_nomem(reterr);
	free(*ret_copy);
	*ret_copy = copy;
	return VOISIN_OK;
}

/* Moves the search behind the page in hand, if there is one; the size of the next is asked later. */
static enum voisin_status
advance(struct voisin_walk *walk)
{
	if (walk->cursor == NULL) {
		if (walk->result != NULL)
			walk->search.offset += (unsigned)walk->result->n_hits;
		return VOISIN_OK;
	}
	if (walk->result == NULL)
		return VOISIN_OK;
	if (strcmp(walk->cursor, walk->result->cursor.p) == 0)
		return failure(&walk->error, VOISIN_PROTOCOL, "the server's cursor does not move");
	walk->empty_pages = walk->result->n_hits > 0 ? 0 : walk->empty_pages + 1;
	if (walk->empty_pages > EMPTY_PAGES_MAX)
		return failure(&walk->error, VOISIN_PROTOCOL, "the server's cursor leads nowhere");
	walk->search.cursor = NULL;
	if (replace(&walk->cursor, walk->result->cursor, &walk->error) != VOISIN_OK)
		return VOISIN_NOMEM;
	walk->search.cursor = walk->cursor;
	return VOISIN_OK;
}

/* Pages by offset only fit together where they are of one index. */
static enum voisin_status
check_generation(struct voisin_walk *walk)
{
	if (walk->cursor != NULL)
		return VOISIN_OK;
	if (walk->generation == NULL)
		return replace(&walk->generation, walk->result->generation, &walk->error);
	if (strcmp(walk->generation, walk->result->generation.p) != 0)
		return failure(&walk->error, VOISIN_STALE, "the index changed between two pages; please search again");
	return VOISIN_OK;
}

/* Asks for a page, and for half of it where it does not fit into one reply. */
static enum voisin_status
ask(struct voisin_walk *walk, struct voisin_result **ret_result)
{
	enum voisin_status status;

	for (;;) {
		walk->search.limit = walk->hits.page;
		if (walk->cursor == NULL && walk->hits.wanted < walk->hits.page)
			walk->search.limit = walk->hits.wanted;
		status = voisin_search(walk->voisin, &walk->search, ret_result, &walk->error);
		if (status != VOISIN_LIMIT || walk->error.has_place || walk->search.limit <= 1)
			return status;
		walk->hits.page = walk->search.limit / 2;
	}
}

static enum voisin_status
next_page(struct voisin_walk *walk)
{
	struct voisin_result *result = NULL;
	enum voisin_status status;

	if (walk->result != NULL && is_last(walk))
		return VOISIN_END;
	status = advance(walk);
	if (status == VOISIN_OK)
		status = ask(walk, &result);
	if (status != VOISIN_OK)
		return status;
	voisin_result_free(walk->result);
	walk->result = result;
	walk->next = 0;
	walk->hits.wanted -= walk->cursor == NULL ? (unsigned)result->n_hits : 0;
	return check_generation(walk);
}

enum voisin_status
voisin_walk_next(struct voisin_walk *walk, const struct voisin_hit **ret_hit, struct voisin_error *reterr)
{
	while (walk->status == VOISIN_OK && (walk->result == NULL || walk->next == walk->result->n_hits))
		walk->status = next_page(walk);
	if (walk->status == VOISIN_OK)
		*ret_hit = &walk->result->hits[walk->next++];
	else if (walk->status != VOISIN_END && reterr != NULL)
		*reterr = walk->error;
	return walk->status;
}

const struct voisin_result *
voisin_walk_result(const struct voisin_walk *walk)
{
	return walk->result;
}
