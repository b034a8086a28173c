/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "daemon/queue.h"

/* What a nanosecond counts for where bands share time: long requests get one part in five at the least. */
static const int64_t weight[BANDS] = { [BAND_SHORT] = 1, [BAND_LONG] = 4 };

void
queue_init(struct queue *queue, uint32_t max)
{
	*queue = (struct queue) { .max = max };
	for (unsigned i = 0; i < BANDS; i++) {
		TAILQ_INIT(&queue->bands[i].ring);
		TAILQ_INIT(&queue->bands[i].resting);
	}
}

void
lane_init(struct lane *lane, enum band band)
{
	*lane = (struct lane) { .band = band };
	TAILQ_INIT(&lane->jobs);
}

void
queue_charge(struct queue *queue, enum band band, struct lane *lane, int64_t ns)
{
	queue->bands[band].spent_ns += weight[band] * ns;
	if (lane != NULL)
		lane->spent_ns += ns;
}

static void
lift(int64_t *level, int64_t to)
{
	if (*level < to)
		*level = to;
}

/* Which of its band's lists a lane that has jobs belongs to. */
static struct lane_list *
list_of(struct queue *queue, const struct lane *lane)
{
	struct queue_band *band = &queue->bands[lane->band];

	return lane->parked ? &band->resting : &band->ring;
}

/* Before a lane comes to those that take turns: a band that had none saves nothing up. */
static void
wake_band(struct queue *queue, const struct lane *lane)
{
	struct queue_band *band = &queue->bands[lane->band];

	if (!lane->parked && TAILQ_EMPTY(&band->ring))
		lift(&band->spent_ns, queue->served_ns);
}

static void
take(struct queue *queue, struct lane *lane, struct job *job)
{
	TAILQ_REMOVE(&lane->jobs, job, link);
	job->lane = NULL;
	queue->n_jobs--;
	queue->bands[lane->band].n_jobs--;
	if (--lane->n_jobs == 0)
		TAILQ_REMOVE(list_of(queue, lane), lane, link);
}

static struct lane *
longest(const struct lane_list *list)
{
	struct lane *best = NULL, *lane;

	TAILQ_FOREACH(lane, list, link)
	{
		if (best == NULL || lane->n_jobs > best->n_jobs)
			best = lane;
	}
	return best;
}

uint32_t
queue_half(const struct queue *queue)
{
	return (queue->max + 1) / 2;
}

/* The lane that gives way to a newcomer of `lane`, one of its own band where only that is full; NULL where none has to. */
static struct lane *
find_victim(const struct queue *queue, const struct lane *lane, bool band_is_full)
{
	const struct queue_band *own = &queue->bands[lane->band];
	const struct queue_band *other = &queue->bands[lane->band == BAND_SHORT ? BAND_LONG : BAND_SHORT];
	struct lane *victim = longest(&own->resting);

	if (victim == NULL && !band_is_full)
		victim = longest(&other->resting);
	if (victim == NULL && !band_is_full && other->n_jobs > queue_half(queue))
		victim = longest(&other->ring);
	if (victim != NULL)
		return victim;
	victim = longest(&own->ring);
	return victim != NULL && victim->n_jobs >= lane->n_jobs + 2 ? victim : NULL;
}

struct job *
queue_push(struct queue *queue, struct lane *lane, struct job *job)
{
	struct queue_band *band = &queue->bands[lane->band];
	bool band_is_full = lane->band == BAND_LONG && band->n_jobs >= queue_half(queue);
	struct job *loser = NULL;

	if (band_is_full || queue->n_jobs >= queue->max) {
		struct lane *victim = find_victim(queue, lane, band_is_full);

		if (victim == NULL)
			return job;
		loser = queue_take_from(queue, victim);
	}
	if (lane->n_jobs++ == 0) {
		lift(&lane->spent_ns, band->served_ns);
		wake_band(queue, lane);
		TAILQ_INSERT_TAIL(list_of(queue, lane), lane, link);
	}
	TAILQ_INSERT_TAIL(&lane->jobs, job, link);
	job->lane = lane;
	band->n_jobs++;
	queue->n_jobs++;
	return loser;
}

/* The band whose turn it is; NULL where nothing waits that may be taken. */
static struct queue_band *
next_band(struct queue *queue, enum long_rule rule)
{
	struct queue_band *brief = &queue->bands[BAND_SHORT], *lengthy = &queue->bands[BAND_LONG];
	bool due = rule != LONG_NEVER && lengthy->spent_ns < brief->spent_ns;

	if (!TAILQ_EMPTY(&lengthy->ring) && (due || (rule == LONG_TOO && TAILQ_EMPTY(&brief->ring))))
		return lengthy;
	return TAILQ_EMPTY(&brief->ring) ? NULL : brief;
}

/* The lane that has cost the least; of several the one that has waited longest for its turn. */
static struct lane *
cheapest(const struct queue_band *band)
{
	struct lane *best = TAILQ_FIRST(&band->ring), *lane;

	TAILQ_FOREACH(lane, &band->ring, link)
	{
		if (lane->spent_ns < best->spent_ns)
			best = lane;
	}
	return best;
}

struct job *
queue_pop(struct queue *queue, enum long_rule rule)
{
	struct queue_band *band = next_band(queue, rule);
	struct lane *lane;
	struct job *job;

	if (band == NULL)
		return NULL;
	lane = cheapest(band);
	lift(&queue->served_ns, band->spent_ns);
	lift(&band->served_ns, lane->spent_ns);
	job = TAILQ_FIRST(&lane->jobs);
	take(queue, lane, job);
	if (lane->n_jobs > 0) {
		TAILQ_REMOVE(&band->ring, lane, link);
		TAILQ_INSERT_TAIL(&band->ring, lane, link);
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
		TAILQ_REMOVE(list_of(queue, lane), lane, link);
	lane->parked = parked;
	if (lane->n_jobs == 0)
		return;
	wake_band(queue, lane);
	TAILQ_INSERT_TAIL(list_of(queue, lane), lane, link);
}
