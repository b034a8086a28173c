/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * job: a request from the moment that it was understood until it is answered.
 */
#ifndef VOISIN_DAEMON_JOB_H
#define VOISIN_DAEMON_JOB_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>

#include "base/i18n.h"
#include "base/str.h"
#include "protocol/request.h"

struct conn;
struct lane;

enum band { BAND_SHORT, BAND_LONG, BANDS }; /* how much a request asks for, see queue.h */

struct job {
	TAILQ_ENTRY(job) link; /* in its lane */
	struct conn *conn; /* NULL once the connection is gone: the reply is thrown away */
	struct lane *lane; /* that it waits in; NULL otherwise */
	uint64_t number; /* unique in this daemon, in logs and frames */
	enum method method;
	enum band band;
	enum language language; /* of messages */
	bool polls; /* once it has started: both ends poll for it and behind it (polling.h) */
	int64_t came_ns; /* on the monotonic clock */
	int64_t started_ns; /* when a worker got it; 0 before */
	struct str id; /* JSON text; in bytes[] */
	struct str line; /* the request line; in bytes[] */
	struct str q; /* its query, in bytes[], where that is to be logged */
	char bytes[];
};

/*
 * Copies the line, the id and, if it is wanted, the query; its language is the one of the moment.  NULL when memory
 * runs out.
 */
struct job *job_new(struct conn *conn, const struct request *request, struct str line, bool keep_query);

/* NULL is accepted. */
void job_free(struct job *job);

#endif
