/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "daemon/job.h"

#include <stdlib.h>

#include "base/clock.h"

/* Hits, each with the passages and matches that are asked for; by default a search asks for 30. */
enum { LONG_PARTS = 300 };

/* Copies a string behind what is there. */
static struct str
copy(char **at, struct str s)
{
	struct str copied = { *at, s.len };

	memcpy(*at, s.p, s.len);
	*at += s.len;
	return copied;
}

/*
 * What can be told before a request is run.  Reprints are found by comparing texts; what a search costs is mostly what
 * it shows: a page takes a millisecond, a hundred hits with ten passages each some 15.
 */
static enum band
band_of(const struct request *request)
{
	const struct request_search *search = &request->search;
	uint64_t each = search->ids_only ? 0 : 1 + (uint64_t)search->passages + search->matches;

	if (request->method == METHOD_REPRINTS)
		return BAND_LONG;
	return request->method == METHOD_SEARCH && search->limit * each >= LONG_PARTS ? BAND_LONG : BAND_SHORT;
}

struct job *
job_new(struct conn *conn, const struct request *request, struct str line, bool keep_query)
{
	struct str q = keep_query ? request->search.q : (struct str) { "", 0 };
	struct job *job = malloc(sizeof(*job) + request->id.len + line.len + q.len);
	char *at;

	if (job == NULL)
		return NULL;
	*job = (struct job) {
		.conn = conn,
		.method = request->method,
		.band = band_of(request),
		.language = i18n_language(),
		.came_ns = clock_mono_ns(),
	};
	at = job->bytes;
	job->id = copy(&at, request->id);
	job->line = copy(&at, line);
	job->q = copy(&at, q);
	return job;
}

void
job_free(struct job *job)
{
	free(job);
}
