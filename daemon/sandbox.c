/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "daemon/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <seccomp.h>
#include <signal.h>
#include <stddef.h>
#include <sys/mman.h>

#include "base/log.h"
#include "daemon/landlock.h"
#include "daemon/sanitizer.h"

/* Who may make a call. */
enum { NETWORK = 1 << SANDBOX_NETWORK, KEEPER = 1 << SANDBOX_KEEPER, WORKER = 1 << SANDBOX_WORKER };
enum { ALL = NETWORK | KEEPER | WORKER, FILES = KEEPER | WORKER };

struct row {
	unsigned roles;
	int call;
};

#define ROW(roles, name)                \
	{                               \
		(roles), SCMP_SYS(name) \
	}

/* What may be called with any arguments.  The keeper's list is also what a worker needs to start. */
static const struct row allowed[] = {
	/* bytes, memory, time, the end */
	ROW(ALL, read),
	ROW(ALL, readv),
	ROW(ALL, pread64),
	ROW(ALL, write),
	ROW(ALL, writev),
	ROW(ALL, close),
	ROW(ALL, fstat),
	ROW(ALL, newfstatat),
	ROW(ALL, lseek),
	ROW(ALL, fcntl),
	ROW(ALL, poll),
	ROW(ALL, ppoll),
	ROW(ALL, munmap),
	ROW(ALL, mremap),
	ROW(ALL, madvise),
	ROW(ALL, brk),
	ROW(ALL, futex),
	ROW(ALL, clock_gettime),
	ROW(ALL, clock_getres),
	ROW(ALL, clock_nanosleep),
	ROW(ALL, gettimeofday),
	ROW(ALL, time),
	ROW(ALL, getrandom),
	ROW(ALL, getrusage),
	ROW(ALL, sysinfo),
	ROW(ALL, getpid),
	ROW(ALL, gettid),
	ROW(ALL, getuid),
	ROW(ALL, geteuid),
	ROW(ALL, getgid),
	ROW(ALL, getegid),
	ROW(ALL, rt_sigaction),
	ROW(ALL, rt_sigprocmask),
	ROW(ALL, rt_sigreturn),
	ROW(ALL, sigaltstack),
	ROW(ALL, restart_syscall),
	ROW(ALL, sched_yield),
	ROW(ALL, getrlimit),
	ROW(ALL, exit),
	ROW(ALL, exit_group),

	/* clients */
	ROW(NETWORK, accept4),
	ROW(NETWORK, shutdown),
	ROW(NETWORK, getsockname),
	ROW(NETWORK, getpeername),
	ROW(NETWORK, setsockopt),
	ROW(NETWORK, getsockopt),
	ROW(NETWORK, recvfrom),
	ROW(NETWORK, sendto),
	ROW(NETWORK, epoll_wait),
	ROW(NETWORK, epoll_pwait),
	ROW(NETWORK, epoll_pwait2),
	ROW(NETWORK, epoll_ctl),
	ROW(NETWORK | KEEPER, recvmsg),
	ROW(NETWORK | KEEPER, sendmsg),
	ROW(NETWORK | KEEPER, wait4),
	ROW(NETWORK | KEEPER, waitid),

	/* files, for reading: see `guarded` for openat() */
	ROW(FILES, stat),
	ROW(FILES, lstat),
	ROW(FILES, statx),
	ROW(FILES, access),
	ROW(FILES, faccessat),
	ROW(FILES, faccessat2),
	ROW(FILES, readlink),
	ROW(FILES, readlinkat),
	ROW(FILES, getdents64),
	ROW(FILES, getcwd),
	ROW(FILES, fadvise64),
	ROW(FILES, readahead),
	ROW(FILES, dup),
	ROW(FILES, statfs),
	ROW(FILES, fstatfs),

	/* starting workers, and what these do before they enter their own sandbox */
	ROW(KEEPER, execve),
	ROW(KEEPER, socketpair),
	ROW(KEEPER, dup2),
	ROW(KEEPER, dup3),
	ROW(KEEPER, unlink),
	ROW(KEEPER, unlinkat),
	ROW(KEEPER, flock),
	ROW(KEEPER, prctl),
	ROW(KEEPER, seccomp),
	ROW(KEEPER, landlock_create_ruleset),
	ROW(KEEPER, landlock_add_rule),
	ROW(KEEPER, landlock_restrict_self),
	ROW(KEEPER, arch_prctl),
	ROW(KEEPER, set_tid_address),
	ROW(KEEPER, set_robust_list),
	ROW(KEEPER, rseq),
	ROW(KEEPER, setrlimit),
	ROW(KEEPER, prlimit64),
	ROW(KEEPER, sched_getaffinity),
};

/* What only an intruder calls: the process ends at once. */
static const struct row deadly[] = {
	ROW(NETWORK | WORKER, execve),
	ROW(NETWORK | WORKER, execveat),
	ROW(NETWORK | WORKER, fork),
	ROW(NETWORK | WORKER, vfork),
	ROW(NETWORK | WORKER, clone),
	ROW(ALL, ptrace),
	ROW(ALL, process_vm_readv),
	ROW(ALL, process_vm_writev),
	ROW(ALL, bpf),
	ROW(ALL, userfaultfd),
	ROW(ALL, kexec_load),
	ROW(ALL, mount),
	ROW(ALL, pivot_root),
	ROW(ALL, chroot),
	ROW(ALL, unshare),
	ROW(ALL, setns),
	ROW(ALL, init_module),
	ROW(ALL, finit_module),
	ROW(ALL, add_key),
	ROW(ALL, request_key),
	ROW(ALL, keyctl),
	ROW(ALL, io_uring_setup),
};

/* What may be called where (argument & mask) == value. */
struct guard {
	struct row row;
	unsigned argument;
	scmp_datum_t mask;
	scmp_datum_t value;
};

enum { WRITING = O_ACCMODE | O_CREAT | O_TRUNC | O_APPEND };
enum {
	NAMESPACES = CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS |
		     CLONE_NEWCGROUP | CLONE_PTRACE
};

static const struct guard guarded[] = {
	{ ROW(FILES, openat), 2, WRITING, O_RDONLY }, { ROW(FILES, open), 1, WRITING, O_RDONLY },
	{ ROW(NETWORK | WORKER, mmap), 2, PROT_EXEC, 0 }, { ROW(NETWORK | WORKER, mprotect), 2, PROT_EXEC, 0 },
	{ ROW(KEEPER, mmap), 2, 0, 0 }, { ROW(KEEPER, mprotect), 2, 0, 0 },
	{ ROW(KEEPER, clone), 0, (unsigned)NAMESPACES, 0 }, { ROW(NETWORK, kill), 1, ~(scmp_datum_t)0, SIGKILL },
	{ ROW(NETWORK, kill), 1, ~(scmp_datum_t)0, SIGHUP },
	{ ROW(ALL, tgkill), 2, ~(scmp_datum_t)0, SIGABRT }, /* abort() */
};

static const char *const role_names[] = {
	[SANDBOX_NETWORK] = "network", [SANDBOX_KEEPER] = "keeper", [SANDBOX_WORKER] = "worker"
};

bool
sandbox_is_possible(void)
{
	return !HAS_SANITIZER;
}

/* A call that the machine does not have (stat on some) is no failure of adding a rule. */
static bool
add(scmp_filter_ctx filter, uint32_t action, const struct row *row, unsigned role)
{
	int result;

	if ((row->roles & role) == 0)
		return true;
	result = seccomp_rule_add(filter, action, row->call, 0);
	return result == 0 || result == -EDOM || result == -EFAULT;
}

static bool
add_guarded(scmp_filter_ctx filter, const struct guard *guard, unsigned role)
{
	int result;

	if ((guard->row.roles & role) == 0)
		return true;
	result = seccomp_rule_add(filter, SCMP_ACT_ALLOW, guard->row.call, 1,
	    SCMP_CMP(guard->argument, SCMP_CMP_MASKED_EQ, guard->mask, guard->value));
	return result == 0 || result == -EDOM || result == -EFAULT;
}

static bool
fill(scmp_filter_ctx filter, unsigned role)
{
	bool added = true;

	for (size_t i = 0; added && i < sizeof(allowed) / sizeof(allowed[0]); i++)
		added = add(filter, SCMP_ACT_ALLOW, &allowed[i], role);
	for (size_t i = 0; added && i < sizeof(deadly) / sizeof(deadly[0]); i++)
		added = add(filter, SCMP_ACT_KILL_PROCESS, &deadly[i], role);
	for (size_t i = 0; added && i < sizeof(guarded) / sizeof(guarded[0]); i++)
		added = add_guarded(filter, &guarded[i], role);
	/* The C library then goes on with clone(), whose flags can be looked at. */
	return added && seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3), 0) == 0;
}

static bool
load_filter(enum sandbox_role role)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ERRNO(EPERM));
	bool loaded;

	if (filter == NULL)
		return false;
	(void)seccomp_attr_set(filter, SCMP_FLTATR_CTL_LOG, 1);
	(void)seccomp_attr_set(filter, SCMP_FLTATR_CTL_OPTIMIZE, 2);
	loaded = fill(filter, 1U << role) && seccomp_load(filter) == 0;
	seccomp_release(filter);
	return loaded;
}

void
sandbox_enter(enum sandbox_role role, const struct sandbox_paths *paths)
{
	int abi;

	if (!sandbox_is_possible())
		return;
	abi = landlock_restrict(paths);
	if (abi < 0)
		log_warn("sandbox without Landlock process=%s", role_names[role]);
	if (!load_filter(role))
		log_warnx("sandbox without seccomp process=%s", role_names[role]);
	log_debug("sandbox process=%s landlock=%d", role_names[role], abi);
}
