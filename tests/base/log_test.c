/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/log.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/utf8.h"
#include "tests/base/cmocka_first.h"

/*
 * Runs `speak` in a child whose standard error is a pipe; gives what it wrote, and its exit status.
 * A child that returns from `speak` exits with 0.
 */
static int
heard(void (*speak)(void), char *text, size_t size)
{
	size_t len = 0;
	int fds[2], status;
	pid_t child;
	ssize_t n;

	assert_int_equal(pipe(fds), 0);
	(void)fflush(NULL);
	child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		(void)dup2(fds[1], STDERR_FILENO);
		speak();
		_exit(0);
	}
	(void)close(fds[1]);
	while (len < size - 1 && (n = read(fds[0], text + len, size - 1 - len)) > 0)
		len += (size_t)n;
	text[len] = '\0';
	(void)close(fds[0]);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static void
speak_levels(void)
{
	log_init("voisind", LOG_LEVEL_INFO);
	log_debug("unheard=%d", 1);
	log_info("event=start port=%d", 7117);
	log_warnx("event=slow");
	errno = ENOENT;
	log_warn("event=open path=%s", "x");
	log_init("voisin-index", LOG_LEVEL_WARN);
	log_info("unheard");
	log_init("voisin", LOG_LEVEL_DEBUG);
	log_debug("heard");
}

static void
test_levels_and_program(void **state)
{
	char text[1000];

	(void)state;
	assert_int_equal(heard(speak_levels, text, sizeof(text)), 0);
	assert_string_equal(text, "voisind info event=start port=7117\n"
				  "voisind warn event=slow\n"
				  "voisind warn event=open path=x: No such file or directory\n"
				  "voisin debug heard\n");
}

static void
speak_hostile(void)
{
	log_init("voisind", LOG_LEVEL_INFO);
	log_info("q=\"%s\"", "a\nvoisind info forged=1\r");
	log_info("q=\"%s\"", "\x1B[31m\x07\x7F\t");
	log_info("q=\"%s\"", "\xC2\x80\xC2\x9B\xC2\x9F\xC2\xA0");
	log_info("q=\"%s\"", "\xFF\xE2\x82z\xED\xA0\x80");
	log_info("q=\"%s\"", "cessez‑le‑feu près d’Alep \xF0\x9F\x98\x80");
}

/* C0, DEL, C1 and what is not UTF-8 are written as bytes; French is left alone. */
static void
test_no_input_forges_a_line(void **state)
{
	char text[1000];

	(void)state;
	assert_int_equal(heard(speak_hostile, text, sizeof(text)), 0);
	assert_string_equal(text, "voisind info q=\"a\\x0avoisind info forged=1\\x0d\"\n"
				  "voisind info q=\"\\x1b[31m\\x07\\x7f\\x09\"\n"
				  "voisind info q=\"\\xc2\\x80\\xc2\\x9b\\xc2\\x9f\xC2\xA0\"\n"
				  "voisind info q=\"\\xff\\xe2\\x82z\\xed\\xa0\\x80\"\n"
				  "voisind info q=\"cessez‑le‑feu près d’Alep \xF0\x9F\x98\x80\"\n");
}

/* Messages around every internal size, of letters and of bytes that grow fourfold when escaped. */
static void
speak_long(void)
{
	static const int lengths[] = { 2000, 2047, 2048, 2049, 8191, 8192, 8193, 20000 };
	static char letters[20000], controls[20000];

	memset(letters, 'a', sizeof(letters));
	memset(controls, '\x01', sizeof(controls));
	log_init("a-program-of-some-length", LOG_LEVEL_INFO);
	for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
		log_info("%.*s", lengths[i], letters);
		errno = EACCES;
		log_warn("%.*s", lengths[i], controls);
	}
}

static void
test_long_messages_are_cut_but_stay_lines(void **state)
{
	static char text[400 * 1000];
	const char *line = text;
	int lines = 0;

	(void)state;
	assert_int_equal(heard(speak_long, text, sizeof(text)), 0);
	for (const char *end; (end = strchr(line, '\n')) != NULL; line = end + 1) {
		assert_true(str_has_prefix(str_of(line), STR("a-program-of-some-length ")));
		assert_in_range(end - line, 2000, 10000);
		lines++;
	}
	assert_int_equal(lines, 16);
	assert_string_equal(line, "");
}

/* A message cut inside a character is still UTF-8 on the wire: the odd byte is escaped. */
static void
speak_accents(void)
{
	static char accents[2][4000];

	log_init("voisind", LOG_LEVEL_INFO);
	for (size_t shift = 0; shift < 2; shift++) {
		accents[shift][0] = 'x';
		for (size_t i = shift; i + 2 < sizeof(accents[shift]); i += 2)
			memcpy(accents[shift] + i, "é", 3);
		log_info("%s", accents[shift]);
	}
}

static void
test_cut_lines_are_utf8(void **state)
{
	static char text[40 * 1000];

	(void)state;
	assert_int_equal(heard(speak_accents, text, sizeof(text)), 0);
	assert_true(strlen(text) > 4000);
	assert_int_equal(utf8_valid_prefix(str_of(text)), strlen(text));
}

static void
speak_fatal(void)
{
	log_init("voisind", LOG_LEVEL_ERROR);
	errno = EADDRINUSE;
	fatal("cannot bind port=%d", 7117);
}

static void
speak_fatalx(void)
{
	log_init("voisind", LOG_LEVEL_ERROR);
	fatalx("no --db");
}

static void
test_fatal_exits_with_2(void **state)
{
	char text[200];

	(void)state;
	assert_int_equal(heard(speak_fatal, text, sizeof(text)), 2);
	assert_string_equal(text, "voisind error cannot bind port=7117: Address already in use\n");
	assert_int_equal(heard(speak_fatalx, text, sizeof(text)), 2);
	assert_string_equal(text, "voisind error no --db\n");
}

static void
mark(const char *text)
{
	(void)!write(STDERR_FILENO, text, strlen(text));
}

/* What waits comes at the flush, before any line that does not wait, and not twice. */
static void
speak_later(void)
{
	log_init("voisind", LOG_LEVEL_INFO);
	log_info_later("first");
	mark("nothing yet\n");
	log_info_later("second");
	log_flush();
	mark("flushed\n");
	log_info_later("third");
	log_warnx("fourth");
	log_flush();
	log_init("voisind", LOG_LEVEL_WARN);
	log_info_later("unheard");
	log_flush();
}

static void
test_lines_that_wait(void **state)
{
	char text[1000];

	(void)state;
	assert_int_equal(heard(speak_later, text, sizeof(text)), 0);
	assert_string_equal(text, "nothing yet\n"
				  "voisind info first\n"
				  "voisind info second\n"
				  "flushed\n"
				  "voisind info third\n"
				  "voisind warn fourth\n");
}

/* 4 KiB wait at the most, which are 42 of these lines, and no longer line. */
static void
speak_much_later(void)
{
	static char letters[78], controls[2000];

	memset(letters, 'a', sizeof(letters));
	memset(controls, '\x01', sizeof(controls));
	log_init("voisind", LOG_LEVEL_INFO);
	for (int i = 0; i < 45; i++)
		log_info_later("%03d %.*s", i, (int)sizeof(letters), letters);
	mark("three wait\n");
	log_info_later("%.*s", (int)sizeof(controls), controls);
	mark("none waits\n");
}

static void
test_only_so_much_waits(void **state)
{
	static char text[20000];
	const char *line = text;

	(void)state;
	assert_int_equal(heard(speak_much_later, text, sizeof(text)), 0);
	for (int i = 0; i < 45; i++) {
		char start[40];

		if (i == 42) {
			assert_true(str_has_prefix(str_of(line), STR("three wait\n")));
			line += strlen("three wait\n");
		}
		(void)snprintf(start, sizeof(start), "voisind info %03d aaa", i);
		assert_memory_equal(line, start, strlen(start));
		assert_int_equal(line[95], '\n');
		line += 96;
	}
	assert_true(str_has_prefix(str_of(line), STR("voisind info \\x01\\x01")));
	assert_int_equal(strlen(line), strlen("voisind info \nnone waits\n") + 4 * 2000);
	assert_string_equal(line + strlen(line) - strlen("\nnone waits\n"), "\nnone waits\n");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_levels_and_program),
		cmocka_unit_test(test_no_input_forges_a_line),
		cmocka_unit_test(test_long_messages_are_cut_but_stay_lines),
		cmocka_unit_test(test_cut_lines_are_utf8),
		cmocka_unit_test(test_fatal_exits_with_2),
		cmocka_unit_test(test_lines_that_wait),
		cmocka_unit_test(test_only_so_much_waits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
