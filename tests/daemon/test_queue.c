/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The queue as tables: what is pushed into which lane, who loses, in which order the rest comes out.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "daemon/queue.h"

enum { LANES = 4, JOBS = 32, QUEUE_MAX = 6 };

struct bench {
	struct queue queue;
	struct lane lanes[BANDS][LANES];
	struct job jobs[JOBS]; /* numbered by their place */
	unsigned n_jobs;
};

static void
bench_init(struct bench *bench, uint32_t max)
{
	memset(bench, 0, sizeof(*bench));
	queue_init(&bench->queue, max);
	for (int i = 0; i < LANES; i++) {
		lane_init(&bench->lanes[BAND_SHORT][i], BAND_SHORT);
		lane_init(&bench->lanes[BAND_LONG][i], BAND_LONG);
	}
}

/* The lane of a letter: 'a' is the first one of short requests, 'A' of long ones. */
static struct lane *
lane_of(struct bench *bench, char letter)
{
	return letter >= 'a' ? &bench->lanes[BAND_SHORT][letter - 'a'] : &bench->lanes[BAND_LONG][letter - 'A'];
}

/* Pushes a job for each letter; writes the number of the loser of each push, '.' for none. */
static void
push_all(struct bench *bench, const char *letters, char *losers)
{
	for (; *letters != '\0'; letters++) {
		struct job *job = &bench->jobs[bench->n_jobs];
		struct job *loser;

		job->number = bench->n_jobs++;
		job->id = (struct str) { letters, 1 };
		loser = queue_push(&bench->queue, lane_of(bench, *letters), job);
		*losers++ = loser == NULL ? '.' : (char)('0' + (int)loser->number);
		if (loser != NULL)
			assert_null(loser->lane);
	}
	*losers = '\0';
}

static void
pop_all(struct bench *bench, char *numbers)
{
	struct job *job;

	while ((job = queue_pop(&bench->queue, LONG_TOO)) != NULL) {
		assert_null(job->lane);
		*numbers++ = (char)('0' + (int)job->number);
	}
	*numbers = '\0';
}

/* What is pushed into an empty queue, which pushes lose whom, and the order in which the others come out. */
struct pushes {
	const char *pushed;
	const char *losers;
	const char *order;
};

static void
check_pushes(const struct pushes *pushes)
{
	struct bench bench;
	char losers[JOBS + 1], order[JOBS + 1];

	bench_init(&bench, QUEUE_MAX);
	push_all(&bench, pushes->pushed, losers);
	assert_string_equal(losers, pushes->losers);
	pop_all(&bench, order);
	assert_string_equal(order, pushes->order);
	assert_int_equal(bench.queue.n_jobs, 0);
}

static void
test_order_and_bound(void **state)
{
	static const struct pushes cases[] = {
		{ "", "", "" }, { "a", ".", "0" }, { "aaa", "...", "012" },
		{ "aabb", "....", "0213" }, /* lanes take turns */
		{ "aaaab", ".....", "04123" }, { "abcabc", "......", "012345" },
		{ "aaaaaa", "......", "012345" }, /* full */
		{ "aaaaaaa", "......6", "012345" }, /* its own lane is the longest: the newcomer loses */
		{ "aaaaaab", "......5", "061234" }, /* the newest of the longest lane gives way */
		{ "aaaaaabbbb", "......5439", "061728" }, /* until the lanes are as long */
		{ "aaabbbc", "......2", "036145" },
		{ "abcabca", "......6", "012345" }, /* all lanes are as long: the newcomer loses */
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		check_pushes(&cases[i]);
}

static void
test_parked_lane_waits(void **state)
{
	struct bench bench;
	char losers[JOBS + 1], order[JOBS + 1];

	(void)state;
	bench_init(&bench, QUEUE_MAX);
	queue_park(&bench.queue, lane_of(&bench, 'b'), true); /* while it is empty */
	push_all(&bench, "aabb", losers);
	queue_park(&bench.queue, lane_of(&bench, 'b'), true); /* again: no change */
	pop_all(&bench, order);
	assert_string_equal(order, "01");
	assert_int_equal(bench.queue.n_jobs, 2);
	push_all(&bench, "aa", losers);
	queue_park(&bench.queue, lane_of(&bench, 'a'), true);
	queue_park(&bench.queue, lane_of(&bench, 'b'), false);
	pop_all(&bench, order);
	assert_string_equal(order, "23");
	queue_park(&bench.queue, lane_of(&bench, 'a'), false);
	pop_all(&bench, order);
	assert_string_equal(order, "45");
}

/* Requests of clients that take nothing must not keep others out. */
static void
test_parked_lane_gives_way(void **state)
{
	struct bench bench;
	char losers[JOBS + 1];

	(void)state;
	bench_init(&bench, QUEUE_MAX);
	push_all(&bench, "aaaaaa", losers);
	queue_park(&bench.queue, lane_of(&bench, 'a'), true);
	push_all(&bench, "b", losers);
	assert_string_equal(losers, "5");
	/* Also where each of them has but one: a newcomer gets the place of any, be it of the other band. */
	bench_init(&bench, 3);
	push_all(&bench, "aBc", losers);
	queue_park(&bench.queue, lane_of(&bench, 'a'), true);
	queue_park(&bench.queue, lane_of(&bench, 'B'), true);
	push_all(&bench, "ddD", losers);
	assert_string_equal(losers, "014");
}

static void
test_take_from(void **state)
{
	struct bench bench;
	char losers[JOBS + 1], order[JOBS + 1];

	(void)state;
	bench_init(&bench, QUEUE_MAX);
	assert_null(queue_take_from(&bench.queue, lane_of(&bench, 'a')));
	push_all(&bench, "aabb", losers);
	assert_int_equal(queue_take_from(&bench.queue, lane_of(&bench, 'a'))->number, 1);
	assert_int_equal(queue_take_from(&bench.queue, lane_of(&bench, 'a'))->number, 0);
	assert_null(queue_take_from(&bench.queue, lane_of(&bench, 'a')));
	queue_park(&bench.queue, lane_of(&bench, 'b'), true);
	assert_int_equal(queue_take_from(&bench.queue, lane_of(&bench, 'b'))->number, 3);
	queue_park(&bench.queue, lane_of(&bench, 'b'), false);
	pop_all(&bench, order);
	assert_string_equal(order, "2");
	assert_int_equal(bench.queue.n_jobs, 0);
}

/* Whose requests cost much waits behind whose cost little; having been away earns nothing. */
static void
test_cost_counts(void **state)
{
	struct bench bench;
	char losers[JOBS + 1], order[JOBS + 1];

	(void)state;
	bench_init(&bench, QUEUE_MAX);
	push_all(&bench, "aabb", losers);
	queue_charge(&bench.queue, BAND_SHORT, lane_of(&bench, 'a'), 10);
	pop_all(&bench, order);
	assert_string_equal(order, "2301");
	/* Lane a has cost 10 and was served last: b and c begin there, and a is as good as they are. */
	push_all(&bench, "abc", losers);
	pop_all(&bench, order);
	assert_string_equal(order, "456");
	queue_charge(&bench.queue, BAND_SHORT, lane_of(&bench, 'c'), 1);
	push_all(&bench, "cba", losers);
	pop_all(&bench, order);
	assert_string_equal(order, "897");
}

/* Long requests, in capitals: they come after short ones, in turns of their own. */
static void
test_bands(void **state)
{
	static const struct pushes cases[] = {
		{ "AaBb", "....", "1302" }, { "AABab", ".....", "34021" }, { "AaAaAa", "......", "135024" },
		{ "AAAAa", "...3.", "4012" }, /* long ones have half of the places */
		{ "AAAB", "...2", "031" }, /* which their lanes share */
		{ "ABCDAaaaa", "...34...8", "567012" }, { "aaaaaaAAAA", "......5439", "012678" }, /* and are sure of */
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		check_pushes(&cases[i]);
}

/* Pops one job a time, each of which takes 10, and writes who it was of. */
static void
serve(struct bench *bench, enum long_rule rule, int n, char *letters)
{
	for (; n > 0; n--) {
		struct job *job = queue_pop(&bench->queue, rule);
		struct lane *lane;

		if (job == NULL)
			break;
		*letters++ = job->id.p[0];
		lane = lane_of(bench, job->id.p[0]);
		queue_charge(&bench->queue, lane->band, lane, 10);
	}
	*letters = '\0';
}

/* Where both bands have requests all the time, long ones get a fifth of the turns; without leave they get none. */
static void
test_bands_share_time(void **state)
{
	char losers[JOBS + 1], letters[JOBS + 1];
	struct bench bench;

	(void)state;
	bench_init(&bench, JOBS);
	push_all(&bench, "aaaaaaaaaaaaAAAA", losers);
	serve(&bench, LONG_NEVER, 2, letters);
	assert_string_equal(letters, "aa");
	serve(&bench, LONG_IF_DUE, 8, letters);
	assert_string_equal(letters, "AaaaAaaa");
	serve(&bench, LONG_NEVER, JOBS, letters);
	assert_string_equal(letters, "aaaa");
	serve(&bench, LONG_IF_DUE, JOBS, letters);
	assert_string_equal(letters, "A");
	serve(&bench, LONG_TOO, JOBS, letters);
	assert_string_equal(letters, "A");
	/* Having been away earns nothing: short requests do not make up for what long ones took meanwhile. */
	push_all(&bench, "AAA", losers);
	serve(&bench, LONG_TOO, JOBS, letters);
	push_all(&bench, "aaaaaaaaA", losers);
	serve(&bench, LONG_TOO, JOBS, letters);
	assert_string_equal(letters, "aaaaaAaaa");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_order_and_bound),
		cmocka_unit_test(test_parked_lane_waits),
		cmocka_unit_test(test_parked_lane_gives_way),
		cmocka_unit_test(test_take_from),
		cmocka_unit_test(test_cost_counts),
		cmocka_unit_test(test_bands),
		cmocka_unit_test(test_bands_share_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
