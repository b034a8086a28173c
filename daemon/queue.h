/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * queue: requests that wait for a worker, bounded and fair between connections.
 *
 * Each connection has a lane, first come first served.  Lanes take turns, one request each, so a
 * client that pipelines much waits behind itself.  Where the queue is full, a newcomer from a short
 * lane pushes out the newest request of the longest one; both kinds of loser are told `busy`.
 *
 *	lane A  a1 a2 a3 a4        order out: a1 b1 a2 b2 a3 a4
 *	lane B  b1 b2
 *
 * A parked lane keeps its requests but gets no turns: its client does not take its replies.
 */
#ifndef VOISIN_DAEMON_QUEUE_H
#define VOISIN_DAEMON_QUEUE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>

#include "daemon/job.h"

struct lane {
	TAILQ_HEAD(job_list, job) jobs;
	TAILQ_ENTRY(lane) link; /* in the ring while it has jobs and is not parked, else among the resting */
	uint32_t n_jobs;
	bool parked;
};

struct queue {
	TAILQ_HEAD(, lane) ring; /* the first is served next */
	TAILQ_HEAD(, lane) resting; /* parked lanes that have jobs */
	uint32_t n_jobs;
	uint32_t max;
};

void queue_init(struct queue *queue, uint32_t max);
void lane_init(struct lane *lane);

/*
 * Adds a job to a lane.  Returns the job that has no place, now the caller's: NULL, or the newest of
 * a lane that is longer by two or more, or `job` itself.
 */
struct job *queue_push(struct queue *queue, struct lane *lane, struct job *job);

/* Takes the job whose turn it is; NULL where there is none. */
struct job *queue_pop(struct queue *queue);

/* Takes the newest job of one lane, parked or not, whose connection ends; NULL where there is none. */
struct job *queue_take_from(struct queue *queue, struct lane *lane);

/* Parks a lane or lets it take part again. */
void queue_park(struct queue *queue, struct lane *lane, bool parked);

#endif
