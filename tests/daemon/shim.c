/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * shim: makes calls of a running voisind fail, as a test wants (failing.py); loaded by LD_PRELOAD.
 *
 * The environment names a file, VOISIN_SHIM, of two struct plan: the network process reads the first, workers the
 * second; the keeper, a fork of the network process, reads that one's.  The test writes a plan while they run and reads there what came of it:
 *
 *	kind = SHIM_READ, skip = 3, times = 1, error = ECONNRESET    the fourth read() or readv() from now on fails
 *
 * times = UINT32_MAX makes all fail from there on.  SHIM_FRAME does not fail writev() but damages the frame that a
 * worker sends, SHIM_CLOCK moves the time of day; `error` says how then, or by how many seconds.  `live` counts the blocks of memory that are allocated and not freed.
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

/* In the order of KINDS in failing.py. */
enum kind {
	SHIM_OFF,
	SHIM_MALLOC,
	SHIM_READ,
	SHIM_WRITE,
	SHIM_WRITEV,
	SHIM_RECV,
	SHIM_SEND,
	SHIM_ACCEPT,
	SHIM_EPOLL_CTL,
	SHIM_EPOLL_WAIT,
	SHIM_SOCKETPAIR,
	SHIM_CLONE,
	SHIM_FRAME,
	SHIM_CLOCK
};

/* What SHIM_FRAME does to a frame, in plan->error. */
enum damage { DAMAGE_GARBLED, DAMAGE_HALF_AND_HANG, DAMAGE_HALF_AND_END, DAMAGE_TWICE, DAMAGE_LONG, DAMAGE_NUMBER };

enum { FRAME_NUMBER_OFF = 16, FRAME_LENGTH_OFF = 8, WORKER_FD = 3 };

struct plan {
	_Atomic uint32_t kind;
	_Atomic uint32_t skip;
	_Atomic uint32_t times;
	_Atomic uint32_t error;
	_Atomic uint32_t seen; /* calls of this kind since the test set it to 0 */
	_Atomic uint32_t failed;
	_Atomic int64_t live;
};

static struct plan *plan;

extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t n, size_t size);
extern void *__libc_realloc(void *block, size_t size);
extern void __libc_free(void *block);

__attribute__((constructor)) static void
begin(int argc, char **argv)
{
	const char *path = getenv("VOISIN_SHIM");
	bool is_worker = argc > 1 && strcmp(argv[1], "--worker-process") == 0;
	int fd = path != NULL ? open(path, O_RDWR | O_CLOEXEC) : -1;
	void *page;

	if (fd < 0)
		return;
	page = mmap(NULL, 2 * sizeof(*plan), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	(void)close(fd);
	if (page != MAP_FAILED)
		plan = (struct plan *)page + (is_worker ? 1 : 0);
}

/* Whether this call is one that is to fail. */
static bool
is_due(enum kind kind)
{
	uint32_t seen;

	if (plan == NULL || atomic_load(&plan->kind) != (uint32_t)kind)
		return false;
	seen = atomic_fetch_add(&plan->seen, 1);
	if (seen < atomic_load(&plan->skip) || seen - atomic_load(&plan->skip) >= atomic_load(&plan->times))
		return false;
	(void)atomic_fetch_add(&plan->failed, 1);
	return true;
}

static bool
fails(enum kind kind)
{
	if (!is_due(kind))
		return false;
	errno = (int)atomic_load(&plan->error);
	return true;
}

/* The function that this one stands before. */
#define NEXT(name)                                             \
	static __typeof__(&(name)) next;                       \
	do {                                                   \
		if (next == NULL) {                            \
			void *found = dlsym(RTLD_NEXT, #name); \
			memcpy(&next, &found, sizeof(next));   \
		}                                              \
	} while (0)

/* ---- Memory ---- */

static void *
counted(void *block)
{
	if (plan != NULL && block != NULL)
		(void)atomic_fetch_add(&plan->live, 1);
	return block;
}

void *
malloc(size_t size)
{
	return fails(SHIM_MALLOC) ? NULL : counted(__libc_malloc(size));
}

void *
calloc(size_t n, size_t size)
{
	return fails(SHIM_MALLOC) ? NULL : counted(__libc_calloc(n, size));
}

void *
realloc(void *block, size_t size)
{
	if (fails(SHIM_MALLOC))
		return NULL;
	return block == NULL ? counted(__libc_realloc(block, size)) : __libc_realloc(block, size);
}

void
free(void *block)
{
	if (plan != NULL && block != NULL)
		(void)atomic_fetch_sub(&plan->live, 1);
	__libc_free(block);
}

/* ---- Input and output ---- */

ssize_t
read(int fd, void *to, size_t n)
{
	NEXT(read);
	return fails(SHIM_READ) ? -1 : next(fd, to, n);
}

ssize_t
readv(int fd, const struct iovec *parts, int n)
{
	NEXT(readv);
	return fails(SHIM_READ) ? -1 : next(fd, parts, n);
}

ssize_t
write(int fd, const void *from, size_t n)
{
	NEXT(write);
	return fails(SHIM_WRITE) ? -1 : next(fd, from, n);
}

ssize_t
recv(int fd, void *to, size_t n, int flags)
{
	NEXT(recv);
	return fails(SHIM_RECV) ? -1 : next(fd, to, n, flags);
}

ssize_t
send(int fd, const void *from, size_t n, int flags)
{
	NEXT(send);
	return fails(SHIM_SEND) ? -1 : next(fd, from, n, flags);
}

/* Sends a copy of the frame's head and body, damaged, and says that all went well. */
static ssize_t
send_damaged(int fd, const struct iovec *parts, enum damage damage)
{
	static char bytes[1 << 21];
	size_t head = parts[0].iov_len, len = head + parts[1].iov_len;
	uint32_t length = UINT32_MAX;

	memcpy(bytes, parts[0].iov_base, head);
	memcpy(bytes + head, parts[1].iov_base, parts[1].iov_len);
	if (damage == DAMAGE_GARBLED)
		memset(bytes, 0xAA, head);
	else if (damage == DAMAGE_LONG)
		memcpy(bytes + FRAME_LENGTH_OFF, &length, sizeof(length));
	else if (damage == DAMAGE_NUMBER)
		bytes[FRAME_NUMBER_OFF] = (char)(bytes[FRAME_NUMBER_OFF] + 1);
	(void)!write(fd, bytes, damage == DAMAGE_HALF_AND_HANG || damage == DAMAGE_HALF_AND_END ? len / 2 : len);
	if (damage == DAMAGE_TWICE)
		(void)!write(fd, bytes, len);
	while (damage == DAMAGE_HALF_AND_HANG)
		(void)pause();
	if (damage == DAMAGE_HALF_AND_END)
		_exit(0);
	return (ssize_t)len;
}

ssize_t
writev(int fd, const struct iovec *parts, int n)
{
	NEXT(writev);
	if (fd == WORKER_FD && n == 2 && is_due(SHIM_FRAME))
		return send_damaged(fd, parts, (enum damage)atomic_load(&plan->error));
	return fails(SHIM_WRITEV) ? -1 : next(fd, parts, n);
}

/* ---- The rest ---- */

int
accept4(int fd, struct sockaddr *address, socklen_t *len, int flags)
{
	NEXT(accept4);
	return fails(SHIM_ACCEPT) ? -1 : next(fd, address, len, flags);
}

int
epoll_ctl(int epoll, int op, int fd, struct epoll_event *event)
{
	NEXT(epoll_ctl);
	return fails(SHIM_EPOLL_CTL) ? -1 : next(epoll, op, fd, event);
}

int
epoll_wait(int epoll, struct epoll_event *events, int max, int timeout)
{
	NEXT(epoll_wait);
	return fails(SHIM_EPOLL_WAIT) ? -1 : next(epoll, events, max, timeout);
}

int
socketpair(int domain, int type, int protocol, int ends[2])
{
	NEXT(socketpair);
	return fails(SHIM_SOCKETPAIR) ? -1 : next(domain, type, protocol, ends);
}

/* How the keeper starts a process. */
long
syscall(long number, ...)
{
	long argument[6];
	va_list args;

	NEXT(syscall);
	va_start(args, number);
	for (int i = 0; i < 6; i++)
		argument[i] = va_arg(args, long);
	va_end(args);
	if (number == SYS_clone && fails(SHIM_CLONE))
		return -1;
	return next(number, argument[0], argument[1], argument[2], argument[3], argument[4], argument[5]);
}

/* The time of day jumps; the monotonic clock, which deadlines are measured by, does not. */
static time_t
jump(void)
{
	return is_due(SHIM_CLOCK) ? (time_t)(int32_t)atomic_load(&plan->error) : 0;
}

int
clock_gettime(clockid_t clock, struct timespec *now)
{
	int result;

	NEXT(clock_gettime);
	result = next(clock, now);
	if (result == 0 && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE))
		now->tv_sec += jump();
	return result;
}

int
gettimeofday(struct timeval *now, void *zone)
{
	int result;

	NEXT(gettimeofday);
	result = next(now, zone);
	now->tv_sec += jump();
	return result;
}
