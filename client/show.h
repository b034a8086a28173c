/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * show: what voisin prints, one function a form.  Each asks the server, writes to session->out, and
 * answers with the exit status.
 */
#ifndef VOISIN_CLIENT_SHOW_H
#define VOISIN_CLIENT_SHOW_H

#include "client/session.h"

int show_hits(struct session *session);
int show_kwic(struct session *session);
int show_json(struct session *session);
int show_ids(struct session *session);
int show_count(struct session *session);
int show_explain(struct session *session);
int show_suggest(struct session *session);
int show_document(struct session *session);
int show_reprints(struct session *session);
int show_stats(struct session *session);
int show_ping(struct session *session);

/* What there is to say of the query besides its hits: a line each. */
void show_notes(struct session *session, const struct voisin_result *result);

/* The same as members of a JSON object. */
void show_json_notes(struct buf *out, const struct voisin_result *result);

/* Called once, before the first hit, and also where there is none. */
typedef void show_head_fn(struct session *session, const struct voisin_result *result);

/* Called for each hit.  False: what went wrong was said, and the walk ends with EXIT_ERROR. */
typedef bool show_hit_fn(struct session *session, const struct voisin_hit *hit);

/* Walks the hits of a search; `head` may be NULL.  The exit status. */
int show_walk(struct session *session, const struct voisin_search *search, show_head_fn *head, show_hit_fn *each);

/* A struct str of a string of the library's. */
static inline struct str
show_str(struct voisin_str s)
{
	return (struct str) { s.p, s.len };
}

#endif
