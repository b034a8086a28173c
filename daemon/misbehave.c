/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "daemon/misbehave.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Each answers what a system call does: -1 and errno where it was prevented. */

static long
open_file(void)
{
	return open("/etc/passwd", O_RDONLY | O_CLOEXEC);
}

static long
make_file(void)
{
	return open("/tmp/voisind-misbehaved", O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
}

static long
make_folder(void)
{
	return mkdir("/tmp/voisind-misbehaved", 0700);
}

static long
remove_file(void)
{
	return unlink("/tmp/voisind-misbehaved");
}

static long
make_socket(void)
{
	return socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
}

static long
become_shell(void)
{
	return execl("/bin/sh", "sh", "-c", "exit 0", (char *)NULL);
}

static long
start_process(void)
{
	pid_t pid = fork();

	if (pid == 0)
		_exit(0);
	return pid;
}

static long
end_init(void)
{
	return kill(1, SIGTERM);
}

static long
trace_parent(void)
{
	return ptrace(PTRACE_ATTACH, getppid(), NULL, NULL);
}

static long
become_root(void)
{
	return syscall(SYS_setuid, 0);
}

static long
make_code(void)
{
	void *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return page == MAP_FAILED ? -1 : 0;
}

static const struct {
	const char *name;
	long (*act)(void);
} acts[] = {
	{ "open", open_file },
	{ "create", make_file },
	{ "mkdir", make_folder },
	{ "unlink", remove_file },
	{ "socket", make_socket },
	{ "exec", become_shell },
	{ "fork", start_process },
	{ "kill", end_init },
	{ "ptrace", trace_parent },
	{ "root", become_root },
	{ "code", make_code },
};

bool
misbehave(const char *process, struct str q, struct error *reterr)
{
	for (size_t i = 0; i < sizeof(acts) / sizeof(acts[0]); i++) {
		char wanted[64];

		(void)snprintf(wanted, sizeof(wanted), "misbehave %s %s", process, acts[i].name);
		if (!str_eq(q, str_of(wanted)))
			continue;
		if (acts[i].act() >= 0)
			(void)error_set(reterr, STATUS_INTERNAL, ERROR_NO_OFFSET, "%s", "done");
		else
			(void)error_errno(reterr, STATUS_IO, errno, "%s", "prevented");
		return true;
	}
	return false;
}
