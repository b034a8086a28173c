/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * fork() and not posix_spawn(): the limits must hold before the command begins.  The indexer has one thread, and
 * between fork and exec only system calls are made.
 */
#include "indexer/sources/child.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/limits.h"

enum { NOT_STARTED = 127, WRITTEN_BYTES = 64 * 1024 * 1024 /* of each file that a command makes */, OPEN_FILES = 64 };

extern char **environ;

struct child {
	pid_t pid;
	int output;
	int64_t deadline_ms;
};

/* ---- In the child ---------------------------------------------------------------------------- */

static void
limit(int resource, rlim_t most)
{
	struct rlimit limits;

	if (getrlimit((__rlimit_resource_t)resource, &limits) != 0)
		_exit(NOT_STARTED);
	if (limits.rlim_max != RLIM_INFINITY && limits.rlim_max < most)
		most = limits.rlim_max;
	limits = (struct rlimit) { most, most };
	if (setrlimit((__rlimit_resource_t)resource, &limits) != 0)
		_exit(NOT_STARTED);
}

/* Standard output is `output`; what else is open closes by itself, but for the three streams. */
static void
set_up(int input, int output)
{
	int nowhere = open("/dev/null", O_RDWR | O_CLOEXEC);

	(void)setpgid(0, 0);
	if (nowhere < 0 || dup2(input, STDIN_FILENO) < 0 || dup2(output, STDOUT_FILENO) < 0 ||
	    dup2(nowhere, STDERR_FILENO) < 0)
		_exit(NOT_STARTED);
	limit(RLIMIT_AS, LIMIT_FILTER_BYTES);
	limit(RLIMIT_CPU, LIMIT_FILTER_MS / 1000);
	limit(RLIMIT_FSIZE, WRITTEN_BYTES);
	limit(RLIMIT_NOFILE, OPEN_FILES);
	limit(RLIMIT_CORE, 0);
	(void)signal(SIGPIPE, SIG_DFL);
	(void)signal(SIGXFSZ, SIG_DFL);
	(void)signal(SIGINT, SIG_DFL);
	(void)signal(SIGTERM, SIG_DFL);
}

/* ---- In the parent --------------------------------------------------------------------------- */

static enum status
no_memory(struct error *reterr)
{
	return error_set(reterr, STATUS_NOMEM, ERROR_NO_OFFSET, "out of memory");
}

/* The words with `path` for %s, malloc'd in one piece. */
static char **
fill_in(char *const *command, const char *path)
{
	size_t n = 0, bytes = 0, path_len = strlen(path);
	char **words;
	char *to;

	for (; command[n] != NULL; n++) {
		bytes += strlen(command[n]) + 1;
		for (const char *p = strstr(command[n], "%s"); p != NULL; p = strstr(p + 2, "%s"))
			bytes += path_len;
	}
	words = malloc((n + 1) * sizeof(*words) + bytes);
	if (words == NULL)
		return NULL;
	to = (char *)(words + n + 1);
	for (size_t i = 0; i < n; i++) {
		words[i] = to;
		for (const char *p = command[i]; *p != '\0';) {
			if (i > 0 && p[0] == '%' && p[1] == 's') {
				memcpy(to, path, path_len);
				to += path_len;
				p += 2;
			} else
				*to++ = *p++;
		}
		*to++ = '\0';
	}
	words[n] = NULL;
	return words;
}

/* PATH and TMPDIR are the caller's; nothing else is. */
static char **
make_environment(char space[2][PATH_MAX + 8])
{
	static char *environment[5];
	const char *path = getenv("PATH"), *tmp = getenv("TMPDIR");
	size_t n = 0;

	(void)snprintf(space[0], PATH_MAX + 8, "PATH=%s", path != NULL && path[0] != '\0' ? path : "/usr/bin:/bin");
	environment[n++] = space[0];
	environment[n++] = "LC_ALL=C.UTF-8";
	environment[n++] = "HOME=/nonexistent";
	if (tmp != NULL) {
		(void)snprintf(space[1], PATH_MAX + 8, "TMPDIR=%s", tmp);
		environment[n++] = space[1];
	}
	environment[n] = NULL;
	return environment;
}

/* Starts it.  `failure` is a pipe that exec closes, and errno of what failed comes through it. */
static void
exec_child(char **words, char **environment, int input, int output, int failure)
{
	int errnum;

	set_up(input, output);
	environ = environment;
	(void)execvp(words[0], words);
	errnum = errno;
	(void)!write(failure, &errnum, sizeof(errnum));
	_exit(NOT_STARTED);
}

static void
close_pair(int pair[2])
{
	for (int i = 0; i < 2; i++) {
		if (pair[i] >= 0)
			(void)close(pair[i]);
		pair[i] = -1;
	}
}

static void
reap(struct child *child, int *ret_wait)
{
	while (waitpid(child->pid, ret_wait, 0) < 0 && errno == EINTR)
		;
}

/* Whether exec succeeded: nothing comes through the pipe then. */
static enum status
check_started(struct child *child, const char *name, int failure, struct error *reterr)
{
	int errnum = 0, ignored;
	ssize_t n;

	do
		n = read(failure, &errnum, sizeof(errnum));
	while (n < 0 && errno == EINTR);
	if (n != (ssize_t)sizeof(errnum))
		return STATUS_OK;
	reap(child, &ignored);
	(void)close(child->output);
	return error_errno(reterr, errnum == ENOENT ? STATUS_NOT_FOUND : STATUS_IO, errnum, "cannot run %.80s", name);
}

static enum status
start(char **words, int input, struct child *ret_child, struct error *reterr)
{
	char space[2][PATH_MAX + 8];
	char **environment = make_environment(space);
	int output[2] = { -1, -1 }, failure[2] = { -1, -1 };
	enum status status;

	if (pipe2(output, O_CLOEXEC) != 0 || pipe2(failure, O_CLOEXEC) != 0 || (ret_child->pid = fork()) < 0) {
		status = error_errno(reterr, STATUS_IO, errno, "cannot run %.80s", words[0]);
		close_pair(output);
		close_pair(failure);
		return status;
	}
	if (ret_child->pid == 0)
		exec_child(words, environment, input, output[1], failure[1]);
	(void)setpgid(ret_child->pid, ret_child->pid);
	(void)close(output[1]);
	(void)close(failure[1]);
	ret_child->output = output[0];
	ret_child->deadline_ms = clock_mono_ms() + LIMIT_FILTER_MS;
	status = check_started(ret_child, words[0], failure[0], reterr);
	(void)close(failure[0]);
	return status;
}

/* Reads until its end of the pipe closes. */
static enum status
collect(struct child *child, const char *name, struct buf *out, struct error *reterr)
{
	char chunk[16 * 1024];

	for (;;) {
		int64_t left = child->deadline_ms - clock_mono_ms();
		struct pollfd waiting = { child->output, POLLIN, 0 };
		ssize_t n;

		if (left <= 0)
			return error_set(reterr, STATUS_TIMEOUT, ERROR_NO_OFFSET,
			    "%.80s took longer than %d s (LIMIT_FILTER_MS)", name, LIMIT_FILTER_MS / 1000);
		n = poll(&waiting, 1, (int)left);
		if (n == 0 || (n < 0 && errno == EINTR))
			continue;
		n = read(child->output, chunk, sizeof(chunk));
		if (n == 0)
			return STATUS_OK;
		if (n < 0 && errno != EINTR)
			return error_errno(reterr, STATUS_IO, errno, "cannot read what %.80s writes", name);
		if (n > 0 && buf_append(out, chunk, (size_t)n) == STATUS_LIMIT)
			return error_set(
			    reterr, STATUS_LIMIT, ERROR_NO_OFFSET, "%.80s writes more than %zu bytes", name, out->max);
		if (buf_status(out) != STATUS_OK)
			return no_memory(reterr);
	}
}

/*
 * Waits for the end, but not for ever: it may have closed its output and go on.  What it left behind in its group
 * is killed before its number is given back.
 */
static void
wait_for(struct child *child, int *ret_wait)
{
	struct timespec pause = { 0, 5 * 1000 * 1000 };
	siginfo_t info = { .si_pid = 0 };

	while (clock_mono_ms() < child->deadline_ms) {
		if (waitid(P_PID, (id_t)child->pid, &info, WEXITED | WNOHANG | WNOWAIT) != 0 || info.si_pid != 0)
			break;
		(void)nanosleep(&pause, NULL);
	}
	(void)kill(-child->pid, SIGKILL);
	reap(child, ret_wait);
}

static enum status
check_end(int wait, const char *name, struct error *reterr)
{
	if (WIFEXITED(wait) && WEXITSTATUS(wait) == 0)
		return STATUS_OK;
	if (WIFEXITED(wait))
		return error_set(reterr, STATUS_INVALID, ERROR_NO_OFFSET, "%.80s failed with exit status %d", name,
		    WEXITSTATUS(wait));
	return error_set(reterr, STATUS_INVALID, ERROR_NO_OFFSET, "%.80s was ended by signal %d", name,
	    WIFSIGNALED(wait) ? WTERMSIG(wait) : 0);
}

enum status
child_run(char *const *command, const char *path, int input, struct buf *out, struct error *reterr)
{
	char **words = fill_in(command, path);
	struct child child;
	int wait = 0;
	enum status status;

	if (words == NULL)
		return no_memory(reterr);
	status = start(words, input, &child, reterr);
	if (status == STATUS_OK) {
		status = collect(&child, words[0], out, reterr);
		if (status != STATUS_OK)
			(void)kill(-child.pid, SIGKILL);
		(void)close(child.output);
		wait_for(&child, &wait);
		if (status == STATUS_OK)
			status = check_end(wait, words[0], reterr);
	}
	free(words);
	return status;
}
