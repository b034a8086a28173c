/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * queue: requests that wait for a worker, bounded and fair between connections.
 *
 * Each connection has a lane, first come first served.  The lane that has cost workers the least time is next, so a
 * client of dear searches waits behind those of cheap ones; lanes that have cost the same take turns, one request
 * each, so a client that pipelines much waits behind itself.  Who was away saves nothing up: a lane that had no
 * requests begins at what the last one served has cost (start-time fair queueing; Goyal, Vin and Cheng 1996).  Where the
 * queue is full, a newcomer from a short lane pushes out the newest request of the longest one; both kinds of loser are
 * told `busy`.
 *
 *	lane A  a1 a2 a3 a4        order out: a1 b1 a2 b2 a3 a4
 *	lane B  b1 b2
 *
 * A parked lane keeps its requests but gets no turns: its client does not take its replies.  Its places are the first
 * that newcomers get.
 *
 * Requests that ask for much, such as a hundred hits with all their passages, are *long* and wait in a band of their own, in
 * which each connection has a lane too.  Were they served in their turns, a crowd of clients with one such request
 * each would make everybody else wait until all of them have been served once.  So short requests come first; long
 * ones get the time that these leave and at least a fifth of it, by the same fair queueing between the bands.
 * Of the places they have at most half, for they are a long wait, and are sure of that.
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
	enum band band;
	uint32_t n_jobs;
	bool parked;
	int64_t spent_ns; /* what it has cost, and at least what the others had when it came */
};

TAILQ_HEAD(lane_list, lane);

struct queue_band {
	struct lane_list ring; /* in the order of their last turns */
	struct lane_list resting; /* parked lanes that have jobs */
	uint32_t n_jobs;
	int64_t served_ns; /* spent_ns of the lane that was served last */
	int64_t spent_ns; /* what the band has cost, short requests counted in part, and at least what the other had */
};

struct queue {
	struct queue_band bands[BANDS];
	uint32_t n_jobs;
	uint32_t max;
	int64_t served_ns; /* spent_ns of the band that was served last */
};

void queue_init(struct queue *queue, uint32_t max);
void lane_init(struct lane *lane, enum band band);

/*
 * Adds a job to a lane.  Returns the job that has no place, now the caller's: NULL, or the newest of
 * a lane that is parked, or longer by two or more, or of short requests where long ones lack their half, or `job` itself.
 */
struct job *queue_push(struct queue *queue, struct lane *lane, struct job *job);

/* Whether queue_pop() may give a long request. */
enum long_rule {
	LONG_NEVER,
	LONG_IF_DUE, /* only where its band has had less than its fifth */
	LONG_TOO /* also where no short one waits */
};

/* Takes the job whose turn it is; NULL where there is none. */
struct job *queue_pop(struct queue *queue, enum long_rule rule);

/* Notes that a worker was busy so long with a job of this band; `lane` is NULL where its connection is gone. */
void queue_charge(struct queue *queue, enum band band, struct lane *lane, int64_t ns);

/* How many long requests may wait. */
uint32_t queue_half(const struct queue *queue);

/* Takes the newest job of one lane, parked or not, whose connection ends; NULL where there is none. */
struct job *queue_take_from(struct queue *queue, struct lane *lane);

/* Parks a lane or lets it take part again. */
void queue_park(struct queue *queue, struct lane *lane, bool parked);

#endif
