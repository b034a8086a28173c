/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/file.h"

#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/base/cmocka_first.h"

/* Each test works in a folder of its own, which is the current one while it runs. */
static char folder[] = "/tmp/voisin-file-XXXXXX";

static int
enter_folder(void **state)
{
	(void)state;
	memcpy(folder + sizeof(folder) - 7, "XXXXXX", 6);
	return mkdtemp(folder) != NULL && chdir(folder) == 0 ? 0 : -1;
}

static int
leave_folder(void **state)
{
	char command[sizeof(folder) + 16];

	(void)state;
	(void)snprintf(command, sizeof(command), "rm -rf %s", folder);
	return chdir("/") == 0 && system(command) == 0 ? 0 : -1;
}

static void
put(const char *path, struct str bytes)
{
	FILE *file = fopen(path, "wb");

	assert_non_null(file);
	assert_int_equal(fwrite(bytes.p, 1, bytes.len, file), bytes.len);
	assert_int_equal(fclose(file), 0);
}

/* Reads with a maximum and gives the status; the message goes to *error. */
static enum status
read_with_max(const char *path, size_t max, struct error *error)
{
	struct buf out;
	enum status status;

	buf_init(&out, max);
	status = file_read(path, &out, error);
	buf_done(&out);
	return status;
}

static void
test_reads_all_bytes_behind_what_is_there(void **state)
{
	struct buf out;

	(void)state;
	put("a", STR("x\0y\n"));
	put("empty", STR(""));
	buf_init(&out, 100);
	assert_int_equal(buf_append_str(&out, STR("before ")), STATUS_OK);
	assert_int_equal(file_read("a", &out, NULL), STATUS_OK);
	assert_int_equal(file_read("empty", &out, NULL), STATUS_OK);
	assert_str(buf_str(&out), "before x\0y\n");
	buf_done(&out);
}

/* Longer than one chunk of 64 KiB. */
static void
test_reads_a_large_file(void **state)
{
	enum { LARGE = 3 * 64 * 1024 + 5 };
	char *bytes = malloc(LARGE);
	struct buf out;

	(void)state;
	assert_non_null(bytes);
	for (int i = 0; i < LARGE; i++)
		bytes[i] = (char)(i % 251);
	put("large", (struct str) { bytes, LARGE });
	buf_init(&out, LARGE);
	assert_int_equal(file_read("large", &out, NULL), STATUS_OK);
	assert_int_equal(out.len, LARGE);
	assert_memory_equal(out.data, bytes, LARGE);
	assert_int_equal(read_with_max("large", LARGE - 1, NULL), STATUS_LIMIT);
	buf_done(&out);
	free(bytes);
}

static void
test_limit_is_named(void **state)
{
	struct error error;

	(void)state;
	put("ten", STR("0123456789"));
	assert_int_equal(read_with_max("ten", 10, &error), STATUS_OK);
	assert_int_equal(read_with_max("ten", 9, &error), STATUS_LIMIT);
	assert_int_equal(error.code, STATUS_LIMIT);
	assert_string_equal(error.message, "ten is longer than 9 bytes");
}

/* A file whose size the system does not tell (st_size is 0 in /proc) is bounded all the same. */
static void
test_limit_without_a_size(void **state)
{
	struct error error;

	(void)state;
	assert_int_equal(read_with_max("/proc/self/maps", 10, &error), STATUS_LIMIT);
	assert_int_equal(read_with_max("/proc/self/maps", 1 << 20, &error), STATUS_OK);
}

static void
test_missing(void **state)
{
	struct error error;

	(void)state;
	assert_int_equal(read_with_max("nowhere/a", 10, &error), STATUS_NOT_FOUND);
	assert_string_equal(error.message, "cannot open nowhere/a: No such file or directory");
	put("a", STR(""));
	assert_int_equal(read_with_max("a/b", 10, &error), STATUS_IO);
	assert_string_equal(error.message, "cannot open a/b: Not a directory");
	assert_int_equal(symlink("loop", "loop"), 0);
	assert_int_equal(read_with_max("loop", 10, &error), STATUS_IO);
}

static void
listen_at(const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	assert_true(fd >= 0);
	(void)snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
	assert_int_equal(bind(fd, (const struct sockaddr *)&address, sizeof(address)), 0);
	assert_int_equal(close(fd), 0);
}

/* None of these may make the reader wait: a FIFO has no writer here, /dev/zero no end. */
static void
test_refuses_what_is_no_regular_file(void **state)
{
	static const char *const paths[] = { "fifo", "link-to-fifo", ".", "/dev/zero", "/dev/null" };
	struct error error;

	(void)state;
	assert_int_equal(mkfifo("fifo", 0600), 0);
	assert_int_equal(symlink("fifo", "link-to-fifo"), 0);
	(void)alarm(10);
	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
		assert_int_equal(read_with_max(paths[i], 10, &error), STATUS_INVALID);
		assert_non_null(strstr(error.message, "is not a regular file"));
		assert_non_null(strstr(error.message, paths[i]));
	}
	listen_at("socket");
	assert_int_equal(read_with_max("socket", 10, &error), STATUS_IO);
	(void)alarm(0);
}

static void
assert_file(const char *path, struct str expected)
{
	struct buf out;

	buf_init(&out, 1 << 20);
	assert_int_equal(file_read(path, &out, NULL), STATUS_OK);
	assert_true(str_eq(buf_str(&out), expected));
	buf_done(&out);
}

static void
test_write_makes_and_replaces(void **state)
{
	char absolute[PATH_MAX];

	(void)state;
	assert_int_equal(mkdir("sub", 0700), 0);
	(void)snprintf(absolute, sizeof(absolute), "%s/sub/c", folder);
	assert_int_equal(file_write_atomic("a", STR("one"), NULL), STATUS_OK);
	assert_file("a", STR("one"));
	assert_int_equal(file_write_atomic("a", STR("x\0y"), NULL), STATUS_OK);
	assert_file("a", STR("x\0y"));
	assert_int_equal(file_write_atomic("sub/b", STR(""), NULL), STATUS_OK);
	assert_file("sub/b", STR(""));
	assert_int_equal(file_write_atomic(absolute, STR("c"), NULL), STATUS_OK);
	assert_file("sub/c", STR("c"));
	assert_int_equal(access("a.tmp", F_OK), -1);
	assert_int_equal(access("sub/b.tmp", F_OK), -1);
}

/* A write that fails leaves the old contents, and no temporary file. */
static void
test_failed_write_changes_nothing(void **state)
{
	struct error error;

	(void)state;
	assert_int_equal(file_write_atomic("nowhere/a", STR("x"), &error), STATUS_IO);
	assert_string_equal(error.message, "cannot create nowhere/a.tmp: No such file or directory");
	/* A folder that is not empty cannot be replaced by a file. */
	assert_int_equal(mkdir("full", 0700), 0);
	put("full/kept", STR("kept"));
	assert_int_equal(file_write_atomic("full", STR("x"), &error), STATUS_IO);
	assert_string_equal(error.message, "cannot rename full.tmp: Is a directory");
	assert_int_equal(access("full.tmp", F_OK), -1);
	assert_file("full/kept", STR("kept"));
}

static void
test_path_too_long(void **state)
{
	char path[PATH_MAX + 1];
	struct error error;

	(void)state;
	memset(path, 'a', sizeof(path) - 1);
	path[sizeof(path) - 1] = '\0';
	assert_int_equal(file_write_atomic(path, STR("x"), &error), STATUS_LIMIT);
	path[PATH_MAX - 4] = '\0';
	assert_int_equal(file_write_atomic(path, STR("x"), &error), STATUS_LIMIT);
	path[300] = '\0';
	assert_int_equal(file_write_atomic(path, STR("x"), &error), STATUS_IO);
}

static void
test_parent_sync(void **state)
{
	struct error error;
	char absolute[PATH_MAX];

	(void)state;
	assert_non_null(getcwd(absolute, sizeof(absolute)));
	assert_int_equal(parent_sync("a", NULL), STATUS_OK);
	assert_int_equal(parent_sync("a///", NULL), STATUS_OK);
	assert_int_equal(parent_sync("/", NULL), STATUS_OK);
	assert_int_equal(parent_sync("/a", NULL), STATUS_OK);
	assert_int_equal(parent_sync("./a/", NULL), STATUS_OK);
	assert_int_equal(parent_sync(absolute, NULL), STATUS_OK);
	assert_int_equal(parent_sync("nowhere/a/", &error), STATUS_IO);
	assert_non_null(strstr(error.message, "nowhere"));
}

static void
test_dir_sync(void **state)
{
	struct error error;

	(void)state;
	put("a", STR("x"));
	assert_int_equal(dir_sync(".", NULL), STATUS_OK);
	assert_int_equal(dir_sync("nowhere", &error), STATUS_IO);
	assert_string_equal(error.message, "cannot open folder nowhere: No such file or directory");
	assert_int_equal(dir_sync("a", &error), STATUS_IO);
}

static int alarm_notes[2];

static void
on_alarm(int signal_number)
{
	(void)signal_number;
	(void)!write(alarm_notes[1], "", 1);
}

/* Writes while a timer interrupts each millisecond, so that write() ends early, and with EINTR. */
static void
write_interrupted(int fd, struct str bytes)
{
	const struct sigaction action = { .sa_handler = on_alarm }; /* without SA_RESTART */
	const struct itimerval often = { .it_interval = { .tv_usec = 1000 }, .it_value = { .tv_usec = 1000 } };

	if (sigaction(SIGALRM, &action, NULL) != 0 || setitimer(ITIMER_REAL, &often, NULL) != 0)
		_exit(2);
	_exit(fd_write_all(fd, bytes, NULL) == STATUS_OK ? 0 : 1);
}

/* Until the writer, before a full pipe, was interrupted ten times. */
static void
wait_for_alarms(void)
{
	char note;

	for (int i = 0; i < 10; i++)
		assert_int_equal(read(alarm_notes[0], &note, 1), 1);
}

/* More than a pipe holds, to a reader that takes it in small bites: every byte arrives, once and in order. */
static void
test_write_all_through_a_pipe(void **state)
{
	enum { MUCH = 3 * 1000 * 1000 };
	char *sent = malloc(MUCH), *got = malloc(MUCH + 777);
	size_t len = 0;
	int fds[2], status;
	pid_t writer;
	ssize_t n;

	(void)state;
	assert_true(sent != NULL && got != NULL);
	for (int i = 0; i < MUCH; i++)
		sent[i] = (char)(i % 251);
	assert_int_equal(pipe(fds), 0);
	assert_int_equal(pipe2(alarm_notes, O_CLOEXEC), 0);
	assert_int_equal(fcntl(alarm_notes[1], F_SETFL, O_NONBLOCK), 0);
	writer = fork();
	assert_true(writer >= 0);
	if (writer == 0)
		write_interrupted(fds[1], (struct str) { sent, MUCH });
	(void)close(fds[1]);
	(void)close(alarm_notes[1]);
	wait_for_alarms();
	while (len <= MUCH && (n = read(fds[0], got + len, 777)) > 0)
		len += (size_t)n;
	(void)close(fds[0]);
	(void)close(alarm_notes[0]);
	assert_int_equal(len, MUCH);
	assert_memory_equal(got, sent, MUCH);
	assert_int_equal(waitpid(writer, &status, 0), writer);
	assert_int_equal(status, 0);
	free(sent);
	free(got);
}

static void
test_write_all_fails(void **state)
{
	struct error error;
	int full = open("/dev/full", O_WRONLY | O_CLOEXEC);

	(void)state;
	assert_int_equal(fd_write_all(-1, STR("x"), &error), STATUS_IO);
	assert_string_equal(error.message, "cannot write: Bad file descriptor");
	assert_int_equal(fd_write_all(-1, STR(""), &error), STATUS_OK);
	assert_true(full >= 0);
	assert_int_equal(fd_write_all(full, STR("x"), &error), STATUS_IO);
	assert_string_equal(error.message, "cannot write: No space left on device");
	(void)close(full);
}

#define IN_FOLDER(test) cmocka_unit_test_setup_teardown(test, enter_folder, leave_folder)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		IN_FOLDER(test_reads_all_bytes_behind_what_is_there),
		IN_FOLDER(test_reads_a_large_file),
		IN_FOLDER(test_limit_is_named),
		IN_FOLDER(test_limit_without_a_size),
		IN_FOLDER(test_missing),
		IN_FOLDER(test_refuses_what_is_no_regular_file),
		IN_FOLDER(test_write_makes_and_replaces),
		IN_FOLDER(test_failed_write_changes_nothing),
		IN_FOLDER(test_path_too_long),
		IN_FOLDER(test_dir_sync),
		IN_FOLDER(test_parent_sync),
		cmocka_unit_test(test_write_all_through_a_pipe),
		cmocka_unit_test(test_write_all_fails),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
