/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/process.h"

#include <errno.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

/* What children do without, each one more than the descriptor; 0 where there is none. */
static int private_fds[PROCESS_PRIVATE_FDS];

static bool
replace_private(int old, int new)
{
	for (size_t i = 0; i < PROCESS_PRIVATE_FDS; i++) {
		if (private_fds[i] == old) {
			private_fds[i] = new;
			return true;
		}
	}
	return false;
}

bool
process_add_private(int fd)
{
	return replace_private(0, fd + 1);
}

void
process_remove_private(int fd)
{
	(void)replace_private(fd + 1, 0);
}

void
process_keep_only(int fd)
{
	if (fd > STDERR_FILENO + 1)
		(void)close_range(STDERR_FILENO + 1, (unsigned)fd - 1, 0);
	(void)close_range((unsigned)fd + 1, ~0u, 0);
}

static void
be_child(pid_t parent, int fd, void (*job)(int fd, void *arg), void *arg)
{
	struct sigaction ignore = { .sa_handler = SIG_IGN };

	if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 || getppid() != parent)
		_exit(1);
	for (size_t i = 0; i < PROCESS_PRIVATE_FDS; i++)
		if (private_fds[i] > 0)
			(void)close(private_fds[i] - 1);
	(void)sigaction(SIGINT, &ignore, NULL);
	(void)sigaction(SIGTERM, &ignore, NULL);
	job(fd, arg);
	_exit(0);
}

enum status
process_start(struct process *process, void (*job)(int fd, void *arg), void *arg, struct error *reterr)
{
	pid_t parent = getpid();
	int ends[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0)
		return error_errno(reterr, STATUS_IO, errno, "cannot start a process");
	process->pid = fork();
	if (process->pid == 0) {
		(void)close(ends[0]);
		be_child(parent, ends[1], job, arg);
	}
	(void)close(ends[1]);
	process->fd = ends[0];
	if (process->pid > 0)
		return STATUS_OK;
	(void)close(ends[0]);
	*process = (struct process) { 0, -1 };
	return error_errno(reterr, STATUS_IO, errno, "cannot start a process");
}

static int
reap(struct process *process)
{
	int how = 0;

	(void)close(process->fd);
	while (waitpid(process->pid, &how, 0) < 0 && errno == EINTR)
		continue;
	*process = (struct process) { 0, -1 };
	return how;
}

void
process_stop(struct process *process)
{
	if (process->pid == 0)
		return;
	(void)kill(process->pid, SIGKILL);
	(void)reap(process);
}

enum status
process_wait(struct process *process, struct error *reterr)
{
	int how = reap(process);

	if (WIFSIGNALED(how))
		return error_set(
		    reterr, STATUS_INTERNAL, ERROR_NO_OFFSET, "a child process was killed by signal %d", WTERMSIG(how));
	if (WEXITSTATUS(how) != 0)
		return error_set(
		    reterr, STATUS_INTERNAL, ERROR_NO_OFFSET, "a child process ended with status %d", WEXITSTATUS(how));
	return STATUS_OK;
}

bool
process_send(int fd, const void *bytes, size_t len)
{
	const char *p = bytes;

	while (len > 0) {
		ssize_t n = send(fd, p, len, MSG_NOSIGNAL);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
		p += n;
		len -= (size_t)n;
	}
	return true;
}

bool
process_receive(int fd, void *bytes, size_t len)
{
	char *p = bytes;

	while (len > 0) {
		ssize_t n = recv(fd, p, len, 0);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
		p += n;
		len -= (size_t)n;
	}
	return true;
}
