/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * session: what one run of voisin has in hand, and how it speaks and ends.
 */
#ifndef VOISIN_CLIENT_SESSION_H
#define VOISIN_CLIENT_SESSION_H

#include "base/buf.h"
#include "client/options.h"
#include "client/screen.h"
#include "client/voisin.h"

/* Exit statuses, as grep's. */
enum { EXIT_HITS = 0, EXIT_NONE = 1, EXIT_ERROR = 2 };

struct session {
	const struct options *options;
	struct voisin *voisin;
	struct screen screen;
	struct buf out; /* on its way to standard output */
	bool broken; /* standard output takes no more */
	struct concordance *concordance; /* where --kwic is sorted: its lines so far */
};

/* Does not connect yet. */
void session_init(struct session *session, const struct options *options);

void session_done(struct session *session);

/* Connects to the server of the options, $VOISIN_SERVER or the default. */
enum voisin_status session_connect(struct session *session, struct voisin_error *reterr);

/*
 * Writes what is in `out` once it is much (session_flush), or in any case (session_finish).  False:
 * it could not be written; that was said on standard error, save for a pipe that its reader closed.
 */
bool session_flush(struct session *session);
bool session_finish(struct session *session);

/* Says on standard error what went wrong, with the place in the query where there is one. */
int session_fail(struct session *session, const struct voisin_error *error);

/* Writes "voisin: ..." and a newline to standard error, the format translated, control characters made harmless. */
void complain(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* The question of the options, for the library. */
struct voisin_search session_search(const struct session *session);

#endif
