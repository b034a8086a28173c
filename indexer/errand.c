/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "indexer/errand.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/limits.h"

enum { EXIT_NOT_STARTED = 127 };

/* In the child. */
static void
become(const char *const *words, const char *variable, int input)
{
	const struct rlimit seconds = { LIMIT_ALERT_SECONDS, LIMIT_ALERT_SECONDS };
	const struct rlimit memory = { LIMIT_ALERT_MEMORY, LIMIT_ALERT_MEMORY };
	const struct rlimit none = { 0, 0 };
	const char *environment[] = { "PATH=/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin", variable, NULL };
	struct sigaction usual = { .sa_handler = SIG_DFL };
	int out = open("/dev/null", O_WRONLY);

	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	(void)setpgid(0, 0);
	(void)sigaction(SIGPIPE, &usual, NULL);
	(void)sigaction(SIGXFSZ, &usual, NULL);
	if (out < 0 || dup2(input, STDIN_FILENO) < 0 || dup2(out, STDOUT_FILENO) < 0 ||
	    setrlimit(RLIMIT_CPU, &seconds) != 0 || setrlimit(RLIMIT_AS, &memory) != 0 ||
	    setrlimit(RLIMIT_CORE, &none) != 0)
		_exit(EXIT_NOT_STARTED);
	/* Nothing of ours but the three: the index's lock above all. */
	(void)syscall(SYS_close_range, 3u, ~0u, 0u);
	(void)execve(words[0], (char *const *)(uintptr_t)words, (char *const *)(uintptr_t)environment);
	_exit(EXIT_NOT_STARTED);
}

/* Feeds the child; false when its time is up.  A child that does not want more has had enough. */
static bool
feed(int fd, struct str input, int64_t end_ms)
{
	while (input.len > 0) {
		struct pollfd poll_fd = { .fd = fd, .events = POLLOUT };
		int64_t left_ms = end_ms - clock_mono_ms();
		ssize_t n;

		if (left_ms <= 0)
			return false;
		if (poll(&poll_fd, 1, (int)left_ms) <= 0)
			continue;
		n = write(fd, input.p, input.len);
		if (n < 0 && errno != EAGAIN && errno != EINTR)
			return true;
		if (n > 0)
			input = (struct str) { input.p + n, input.len - (size_t)n };
	}
	return true;
}

/* Waits for its end, which a pidfd tells of; false when its time is up. */
static bool
wait_until(pid_t child, int64_t end_ms, int *ret_status)
{
	int pidfd = (int)syscall(SYS_pidfd_open, child, 0u);
	struct pollfd poll_fd = { .fd = pidfd, .events = POLLIN };
	bool ended = false;

	while (pidfd >= 0 && !ended && clock_mono_ms() < end_ms)
		ended = poll(&poll_fd, 1, (int)(end_ms - clock_mono_ms())) > 0;
	if (!ended)
		(void)kill(-child, SIGKILL);
	while (waitpid(child, ret_status, 0) < 0 && errno == EINTR)
		;
	if (pidfd >= 0)
		(void)close(pidfd);
	return ended;
}

static enum status
judge(const char *program, bool ended, int wait_status, struct error *reterr)
{
	if (!ended)
		return error_set(reterr, STATUS_TIMEOUT, ERROR_NO_OFFSET, "%.120s did not end within %d seconds",
		    program, LIMIT_ALERT_SECONDS);
	if (WIFSIGNALED(wait_status))
		return error_set(
		    reterr, STATUS_IO, ERROR_NO_OFFSET, "%.120s died of signal %d", program, WTERMSIG(wait_status));
	if (WEXITSTATUS(wait_status) == EXIT_NOT_STARTED)
		return error_set(reterr, STATUS_IO, ERROR_NO_OFFSET, "%.120s cannot be started", program);
	if (WEXITSTATUS(wait_status) != 0)
		return error_set(reterr, STATUS_IO, ERROR_NO_OFFSET, "%.120s ended with status %d", program,
		    WEXITSTATUS(wait_status));
	return STATUS_OK;
}

enum status
errand_run(const char *const *words, const char *variable, struct str input, struct error *reterr)
{
	int64_t end_ms = clock_mono_ms() + LIMIT_ALERT_SECONDS * 1000;
	int ends[2];
	int wait_status = 0;
	bool fed;
	bool ended;
	pid_t child;

	if (pipe2(ends, O_CLOEXEC) != 0)
		return error_errno(reterr, STATUS_IO, errno, "cannot make a pipe");
	child = fork();
	if (child == 0)
		become(words, variable, ends[0]);
	(void)close(ends[0]);
	if (child < 0) {
		(void)close(ends[1]);
		return error_errno(reterr, STATUS_IO, errno, "cannot start a process");
	}
	(void)setpgid(child, child);
	(void)fcntl(ends[1], F_SETFL, O_NONBLOCK);
	fed = feed(ends[1], input, end_ms);
	(void)close(ends[1]);
	ended = wait_until(child, fed ? end_ms : 0, &wait_status);
	return judge(words[0], ended, wait_status, reterr);
}
