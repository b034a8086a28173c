/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is told in one process arrives in the other, whole and in order, also what is longer than a buffer; and either one sees that the
 * other is gone.
 */
#include "tests/store/fixture.h"

#include "tests/base/own_process.h"

#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/process.h"
#include "glass/relay.h"

enum {
	LENGTHS = 5,
	FEW = 20 * 1000,
	SHORT = 300 * 1000,
	LONG = 1000 * 1000,
	NO_END = 100 * 1000 * 1000,
	DIES_AT = 1000
};

static struct error error;

/* What was told, as sums in which the order counts; shared by both processes. */
struct heard {
	uint64_t sum;
	uint64_t calls;
	uint64_t dies_at; /* or 0 */
	uint64_t fails_at; /* or 0 */
	bool waits; /* listens once all is told */
	enum status status; /* of relay_listen() */
	char message[64];
};

static enum status
hear(struct heard *heard, uint64_t number, struct error *reterr)
{
	heard->sum = heard->sum * 0x100000001B3u + number;
	if (++heard->calls == heard->dies_at)
		_exit(3);
	if (heard->calls == heard->fails_at)
		return error_set(reterr, STATUS_IO, ERROR_NO_OFFSET, "%s", "the disk is full");
	return STATUS_OK;
}

static enum status
start(void *arg, struct error *reterr)
{
	return hear(arg, 1, reterr);
}

static enum status
note_length(void *arg, uint32_t docid, uint32_t length, struct error *reterr)
{
	return hear(arg, (uint64_t)docid << 32 | length, reterr);
}

static enum tee_wish
wish_of(void *arg, struct str term)
{
	(void)arg;
	return term.len % 2 == 0 ? TEE_ALONE : TEE_NOTHING;
}

static enum status
begin_term(void *arg, struct str term, uint32_t documents, uint64_t occurrences, struct error *reterr)
{
	uint64_t number = documents + occurrences;

	for (size_t i = 0; i < term.len; i++)
		number = number * 31 + (unsigned char)term.p[i];
	return hear(arg, number, reterr);
}

static enum status
add_posting(void *arg, uint32_t docid, uint32_t wdf, const uint32_t *positions, size_t n, struct error *reterr)
{
	uint64_t number = (uint64_t)docid << 32 | wdf;

	for (size_t i = 0; i < n; i++)
		number = number * 31 + positions[i];
	return hear(arg, number + n, reterr);
}

static enum status
finish_sum(void *arg, struct error *reterr)
{
	return hear(arg, 2, reterr);
}

static struct tee
tee_of(struct heard *heard)
{
	return (struct tee) { heard, start, note_length, wish_of, begin_term, add_posting, finish_sum };
}

/* ---- What is told ---------------------------------------------------------------------------- */

/* Terms of all lengths, some of which have as many positions as the longest documents; up to `postings` of them. */
static enum status
tell_all(const struct tee *tee, uint32_t postings)
{
	static uint32_t positions[LONG];
	static const char bytes[256] = "a\0b";
	const size_t most = postings > FEW ? LONG : 10;
	enum status status = tee->start_cb(tee->arg, &error);

	for (uint32_t i = 0; i < LONG; i++)
		positions[i] = 3 * i;
	for (uint32_t i = 1; status == STATUS_OK && i <= LENGTHS; i++)
		status = tee->length_cb(tee->arg, 2 * i, UINT32_MAX - i, &error);
	for (uint32_t i = 1; status == STATUS_OK && i <= postings; i++) {
		size_t n = i % 100000 == 7 ? most : i % 4;

		if (i % 1000 == 1)
			status = tee->begin_cb(
			    tee->arg, (struct str) { bytes, 1 + i / 1000 % 250 }, i, UINT64_MAX - i, &error);
		if (status == STATUS_OK)
			status = tee->add_cb(tee->arg, i, i / 2, positions, n, &error);
	}
	return status == STATUS_OK ? tee->finish_cb(tee->arg, &error) : status;
}

struct ends {
	struct relay *relay;
	struct heard *heard;
};

static void
listen_main(int fd, void *arg)
{
	const struct ends *ends = arg;
	const struct tee tee = tee_of(ends->heard);
	struct error why;
	char byte;

	if (ends->heard->waits && !process_receive(fd, &byte, sizeof(byte)))
		return;
	ends->heard->status = relay_listen(ends->relay, &tee, &why);
	if (ends->heard->status != STATUS_OK)
		(void)snprintf(ends->heard->message, sizeof(ends->heard->message), "%.60s", why.message);
}

/* Tells so much to another process, and returns what telling said. */
static enum status
tell_other(struct heard *heard, uint32_t postings, struct process *process)
{
	struct relay *relay = NULL;
	const struct tee tee = tee_of(heard);
	struct tee told;
	enum status status;

	assert_int_equal(relay_new(&relay, &error), STATUS_OK);
	assert_int_equal(process_start(process, listen_main, &(struct ends) { relay, heard }, &error), STATUS_OK);
	relay_tell(relay, &tee, &told);
	assert_int_equal(told.wish_cb(told.arg, STR("ab")), TEE_ALONE);
	assert_int_equal(told.wish_cb(told.arg, STR("abc")), TEE_NOTHING);
	status = postings > 0 ? tell_all(&told, postings) : told.start_cb(told.arg, &error);
	relay_free(relay);
	return status;
}

/* One that was never used, and one whose ends were, leave neither descriptors nor memory. */
static void
test_nothing_is_left(void **state)
{
	struct heard *heard = *state;
	struct relay *relay;
	struct process process;
	int shared = count_mappings("/proc/self/maps", "/dev/zero");
	int descriptors = count_descriptors();

	relay_free(NULL);
	assert_int_equal(relay_new(&relay, &error), STATUS_OK);
	relay_free(relay);
	assert_int_equal(tell_other(heard, FEW, &process), STATUS_OK);
	assert_int_equal(process_wait(&process, &error), STATUS_OK);
	assert_int_equal(count_mappings("/proc/self/maps", "/dev/zero"), shared);
	assert_int_equal(count_descriptors(), descriptors);
}

static int
setup(void **state)
{
	void *shared = mmap(NULL, sizeof(struct heard), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	*state = shared;
	return shared == MAP_FAILED ? -1 : 0;
}

static int
teardown(void **state)
{
	return munmap(*state, sizeof(struct heard));
}

static void
test_all_arrives_in_order(void **state)
{
	struct heard *heard = *state;
	struct heard expected = { 0 };
	const struct tee tee = tee_of(&expected);
	struct process process;

	assert_int_equal(tell_all(&tee, SHORT), STATUS_OK);
	assert_true(expected.calls > SHORT + LENGTHS);
	assert_int_equal(tell_other(heard, SHORT, &process), STATUS_OK);
	assert_int_equal(process_wait(&process, &error), STATUS_OK);
	assert_int_equal(heard->status, STATUS_OK);
	assert_int_equal(heard->calls, expected.calls);
	assert_true(heard->sum == expected.sum);
}

/* All fits into the buffers, so that the one process is done before the other begins. */
static void
test_the_teller_does_not_wait(void **state)
{
	struct heard *heard = *state;
	struct heard expected = { 0 };
	const struct tee tee = tee_of(&expected);
	struct process process;

	heard->waits = true;
	assert_int_equal(tell_all(&tee, FEW), STATUS_OK);
	assert_int_equal(tell_other(heard, FEW, &process), STATUS_OK);
	assert_true(process_send(process.fd, "", 1));
	assert_int_equal(process_wait(&process, &error), STATUS_OK);
	assert_int_equal(heard->status, STATUS_OK);
	assert_int_equal(heard->calls, expected.calls);
	assert_true(heard->sum == expected.sum);
}

static void
test_the_listener_fails(void **state)
{
	struct heard *heard = *state;
	struct process process;

	heard->fails_at = DIES_AT;
	assert_int_equal(tell_other(heard, NO_END, &process), STATUS_CANCELLED);
	assert_int_equal(process_wait(&process, &error), STATUS_OK);
	assert_int_equal(heard->status, STATUS_IO);
	assert_string_equal(heard->message, "the disk is full");
	assert_int_equal(heard->calls, DIES_AT);
}

static void
test_the_listener_is_gone(void **state)
{
	struct heard *heard = *state;
	struct process process;

	heard->dies_at = DIES_AT;
	assert_int_equal(tell_other(heard, NO_END, &process), STATUS_CANCELLED);
	assert_int_equal(process_wait(&process, &error), STATUS_INTERNAL);
}

static void
test_the_teller_is_gone(void **state)
{
	struct heard *heard = *state;
	struct process process;

	assert_int_equal(tell_other(heard, 0, &process), STATUS_OK);
	assert_int_equal(process_wait(&process, &error), STATUS_OK);
	assert_int_equal(heard->status, STATUS_CANCELLED);
	assert_int_equal(heard->calls, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_all_arrives_in_order, setup, teardown),
		cmocka_unit_test_setup_teardown(test_nothing_is_left, setup, teardown),
		cmocka_unit_test_setup_teardown(test_the_teller_does_not_wait, setup, teardown),
		cmocka_unit_test_setup_teardown(test_the_listener_fails, setup, teardown),
		cmocka_unit_test_setup_teardown(test_the_listener_is_gone, setup, teardown),
		cmocka_unit_test_setup_teardown(test_the_teller_is_gone, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
