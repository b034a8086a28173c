/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "daemon/job.h"

#include <stdlib.h>

#include "base/clock.h"

struct job *
job_new(struct conn *conn, enum method method, struct str id, struct str line)
{
	struct job *job = malloc(sizeof(*job) + id.len + line.len);

	if (job == NULL)
		return NULL;
	*job = (struct job) { .conn = conn, .method = method, .language = i18n_language(), .came_ns = clock_mono_ns() };
	job->id = (struct str) { job->bytes, id.len };
	job->line = (struct str) { job->bytes + id.len, line.len };
	memcpy(job->bytes, id.p, id.len);
	memcpy(job->bytes + id.len, line.p, line.len);
	return job;
}

void
job_free(struct job *job)
{
	free(job);
}
