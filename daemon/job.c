/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "daemon/job.h"

#include <stdlib.h>

#include "base/clock.h"

/* Copies a string behind what is there. */
static struct str
copy(char **at, struct str s)
{
	struct str copied = { *at, s.len };

	memcpy(*at, s.p, s.len);
	*at += s.len;
	return copied;
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
		.conn = conn, .method = request->method, .language = i18n_language(), .came_ns = clock_mono_ns()
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
