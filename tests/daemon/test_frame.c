/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Frames through a real socketpair: whole, in pieces, cut short, forged.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "daemon/frame.h"

enum { BIG = 300 * 1024 /* more than a socket holds */ };

static void
make_pair(int ends[2])
{
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
}

static void
test_round_trip(void **state)
{
	struct frame sent = frame_make(FRAME_REPLY, 0x1234567890, 5), got;
	struct buf body;
	int ends[2];

	(void)state;
	make_pair(ends);
	buf_init(&body, 100);
	sent.status = STATUS_TIMEOUT;
	sent.hits = 7;
	sent.flags = FRAME_FLAG_ERROR;
	assert_int_equal(frame_write(ends[0], &sent, STR("hello"), NULL), STATUS_OK);
	assert_int_equal(frame_read(ends[1], &got, &body, NULL), STATUS_OK);
	assert_memory_equal(&got, &sent, sizeof(got));
	assert_string_equal(body.data, "hello");
	sent.length = 0;
	assert_int_equal(frame_write(ends[0], &sent, (struct str) { "", 0 }, NULL), STATUS_OK);
	assert_int_equal(frame_read(ends[1], &got, &body, NULL), STATUS_OK);
	assert_int_equal(body.len, 0);
	(void)close(ends[0]);
	assert_int_equal(frame_read(ends[1], &got, &body, NULL), STATUS_END);
	(void)close(ends[1]);
	buf_done(&body);
}

static void
test_larger_than_the_socket(void **state)
{
	struct frame frame = frame_make(FRAME_REPLY, 1, BIG);
	struct buf body;
	int ends[2], how;
	pid_t child;

	(void)state;
	make_pair(ends);
	buf_init(&body, FRAME_BYTES_MAX);
	child = fork();
	if (child == 0) {
		static char bytes[BIG];

		memset(bytes, 'x', sizeof(bytes));
		_exit(frame_write(ends[0], &frame, (struct str) { bytes, sizeof(bytes) }, NULL) == STATUS_OK ? 0 : 1);
	}
	assert_int_equal(frame_read(ends[1], &frame, &body, NULL), STATUS_OK);
	assert_int_equal(body.len, BIG);
	assert_int_equal(waitpid(child, &how, 0), child);
	assert_int_equal(how, 0);
	(void)close(ends[0]);
	(void)close(ends[1]);
	buf_done(&body);
}

/* Every proper part of a frame, followed by the end, is an error; nothing at all is the end. */
static void
test_cut_short(void **state)
{
	struct frame frame = frame_make(FRAME_REQUEST, 1, 3), got;
	char bytes[sizeof(frame) + 3];
	struct error error;
	struct buf body;
	int ends[2];

	(void)state;
	memcpy(bytes, &frame, sizeof(frame));
	memcpy(bytes + sizeof(frame), "abc", 3);
	buf_init(&body, 100);
	for (size_t len = 0; len < sizeof(bytes); len++) {
		make_pair(ends);
		assert_int_equal(fd_write_all(ends[0], (struct str) { bytes, len }, NULL), STATUS_OK);
		(void)close(ends[0]);
		assert_int_equal(frame_read(ends[1], &got, &body, &error), len == 0 ? STATUS_END : STATUS_IO);
		(void)close(ends[1]);
	}
	buf_done(&body);
}

/* A second frame at once, or a byte more than was said. */
static void
test_too_much(void **state)
{
	struct frame frame = frame_make(FRAME_REQUEST, 1, 3);
	struct error error;
	struct buf body;
	int ends[2];

	(void)state;
	buf_init(&body, 100);
	for (int i = 0; i < 2; i++) {
		make_pair(ends);
		assert_int_equal(frame_write(ends[0], &frame, STR("abc"), NULL), STATUS_OK);
		if (i == 0)
			assert_int_equal(frame_write(ends[0], &frame, STR("def"), NULL), STATUS_OK);
		else
			assert_int_equal(fd_write_all(ends[0], STR("d"), NULL), STATUS_OK);
		assert_int_equal(frame_read(ends[1], &frame, &body, &error), STATUS_IO);
		(void)close(ends[0]);
		(void)close(ends[1]);
	}
	buf_done(&body);
}

static void
test_forged(void **state)
{
	struct frame forged[] = {
		frame_make(FRAME_REPLY, 1, 0),
		frame_make((enum frame_kind)0, 1, 0),
		frame_make((enum frame_kind)(FRAME_REPLY + 1), 1, 0),
		frame_make(FRAME_REPLY, 1, FRAME_BYTES_MAX + 1),
		frame_make(FRAME_REPLY, 1, UINT32_MAX),
		frame_make(FRAME_REPLY, 1, 0),
	};
	struct frame fits = frame_make(FRAME_REPLY, 1, FRAME_BYTES_MAX);

	(void)state;
	forged[0].magic++;
	forged[5].status = STATUS_INTERNAL + 1;
	assert_true(frame_valid(&fits));
	for (size_t i = 0; i < sizeof(forged) / sizeof(forged[0]); i++)
		assert_false(frame_valid(&forged[i]));
}

/* The reader's buffer bounds what it takes, whatever the header says. */
static void
test_longer_than_the_reader_takes(void **state)
{
	struct frame frame = frame_make(FRAME_REQUEST, 1, 11);
	struct error error;
	struct buf body;
	int ends[2];

	(void)state;
	make_pair(ends);
	buf_init(&body, 10);
	assert_int_equal(frame_write(ends[0], &frame, STR("12345678901"), NULL), STATUS_OK);
	assert_int_equal(frame_read(ends[1], &frame, &body, &error), STATUS_LIMIT);
	(void)close(ends[0]);
	(void)close(ends[1]);
	buf_done(&body);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_round_trip),
		cmocka_unit_test(test_larger_than_the_socket),
		cmocka_unit_test(test_cut_short),
		cmocka_unit_test(test_too_much),
		cmocka_unit_test(test_forged),
		cmocka_unit_test(test_longer_than_the_reader_takes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
