/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "daemon/queue.h"

void
queue_init(struct queue *queue, uint32_t max)
{
	TAILQ_INIT(&queue->ring);
	TAILQ_INIT(&queue->resting);
	queue->n_jobs = 0;
	queue->max = max;
	queue->served_ns = 0;
}

void
lane_init(struct lane *lane)
{
	TAILQ_INIT(&lane->jobs);
	lane->n_jobs = 0;
	lane->parked = false;
	lane->spent_ns = 0;
}

void
lane_charge(struct lane *lane, int64_t ns)
{
	lane->spent_ns += ns;
}

/* Puts a lane that has jobs last in the list that it belongs to. */
static void
enter(struct queue *queue, struct lane *lane)
{
	if (lane->parked)
		TAILQ_INSERT_TAIL(&queue->resting, lane, link);
	else
		TAILQ_INSERT_TAIL(&queue->ring, lane, link);
}

static void
leave(struct queue *queue, struct lane *lane)
{
	if (lane->parked)
		TAILQ_REMOVE(&queue->resting, lane, link);
	else
		TAILQ_REMOVE(&queue->ring, lane, link);
}

static void
take(struct queue *queue, struct lane *lane, struct job *job)
{
	TAILQ_REMOVE(&lane->jobs, job, link);
	job->lane = NULL;
	queue->n_jobs--;
	if (--lane->n_jobs == 0)
		leave(queue, lane);
}

static struct lane *
longest(const struct queue *queue)
{
	struct lane *best = NULL, *lane;

	TAILQ_FOREACH(lane, &queue->ring, link)
	{
		if (best == NULL || lane->n_jobs > best->n_jobs)
			best = lane;
	}
	TAILQ_FOREACH(lane, &queue->resting, link)
	{
		if (best == NULL || lane->n_jobs > best->n_jobs)
			best = lane;
	}
	return best;
}

struct job *
queue_push(struct queue *queue, struct lane *lane, struct job *job)
{
	struct job *loser = NULL;

	if (queue->n_jobs >= queue->max) {
		struct lane *victim = longest(queue);

		if (victim == NULL || victim->n_jobs < lane->n_jobs + 2)
			return job;
		loser = queue_take_from(queue, victim);
	}
	TAILQ_INSERT_TAIL(&lane->jobs, job, link);
	job->lane = lane;
	queue->n_jobs++;
	if (lane->n_jobs++ == 0) {
		if (lane->spent_ns < queue->served_ns)
			lane->spent_ns = queue->served_ns;
		enter(queue, lane);
	}
	return loser;
}

/* The lane that has cost the least; of several the one that has waited longest for its turn. */
static struct lane *
cheapest(const struct queue *queue)
{
	struct lane *best = TAILQ_FIRST(&queue->ring), *lane;

	TAILQ_FOREACH(lane, &queue->ring, link)
	{
		if (lane->spent_ns < best->spent_ns)
			best = lane;
	}
	return best;
}

struct job *
queue_pop(struct queue *queue)
{
	struct lane *lane = cheapest(queue);
	struct job *job;

	if (lane == NULL)
		return NULL;
	if (queue->served_ns < lane->spent_ns)
		queue->served_ns = lane->spent_ns;
	job = TAILQ_FIRST(&lane->jobs);
	take(queue, lane, job);
	if (lane->n_jobs > 0) {
		leave(queue, lane);
		enter(queue, lane);
	}
	return job;
}

struct job *
queue_take_from(struct queue *queue, struct lane *lane)
{
	struct job *job = TAILQ_LAST(&lane->jobs, job_list);

	if (job != NULL)
		take(queue, lane, job);
	return job;
}

void
queue_park(struct queue *queue, struct lane *lane, bool parked)
{
	if (lane->parked == parked)
		return;
	if (lane->n_jobs > 0)
		leave(queue, lane);
	lane->parked = parked;
	if (lane->n_jobs > 0)
		enter(queue, lane);
}
