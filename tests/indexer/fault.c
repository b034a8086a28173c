/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * fault: what a disk, a kill and a clock do to a running voisin-index, as a test wants; loaded by LD_PRELOAD.
 *
 * The environment names the folder whose files it is about, FAULT_AREA, and a file of one struct plan, FAULT_PLAN, which
 * all processes of the run share (tests/indexer/fault.py writes it and reads there what came of it):
 *
 *	kinds = FAULT_SYNC, skip = 3, times = 1, action = EIO      the fourth fsync() or fdatasync() there fails
 *	kinds = FAULT_ALL, skip = 90, times = 1, action = ACT_KILL   all processes of the run are killed at the 91st call
 *	budget = 65536                                              the disk has that many bytes left, then ENOSPC
 *
 * With FAULT_LOG every change there is appended to that file, with its data, for tests/indexer/power.py to play back:
 * a struct entry, then `path_len` and `other_len` bytes of names, then `data_len` bytes.
 *
 * Files are those of the area by the name that they were opened with; a descriptor that is inherited stays one.
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

/* In the order of KINDS in fault.py. */
enum kind {
	FAULT_OPEN,
	FAULT_WRITE,
	FAULT_SYNC,
	FAULT_RENAME,
	FAULT_UNLINK,
	FAULT_MKDIR,
	FAULT_SYMLINK,
	FAULT_TRUNCATE,
	FAULT_CLOSE,
	FAULT_READ
};

/* plan->action: an errno, or one of these. */
enum { ACT_KILL = 1000, ACT_HALF, ACT_HALF_AND_KILL };

struct plan {
	_Atomic uint32_t kinds; /* bits of enum kind */
	_Atomic uint32_t skip;
	_Atomic uint32_t times;
	_Atomic uint32_t action;
	_Atomic uint32_t seen;
	_Atomic uint32_t done;
	_Atomic int64_t budget; /* bytes by which files may still grow; negative: no bound */
	_Atomic int64_t grown; /* bytes by which they grew, asked for or not */
	_Atomic int64_t jump_s; /* the time of day, after... */
	_Atomic uint32_t jump_skip; /* ...so many looks at it */
	_Atomic uint32_t looks;
};

/* The head of what is logged.  In the order of ENTRY in power.py. */
struct entry {
	uint32_t kind;
	uint32_t path_len;
	uint32_t other_len;
	uint32_t is_new; /* of an open: the file was made by it; of an open that cut it to nothing: 2 */
	uint64_t ino;
	uint64_t off;
	uint64_t data_len;
};

enum { DESCRIPTORS = 1024 };

static struct plan *plan;
static char area[PATH_MAX];
static size_t area_len;
static int log_fd = -1;
static bool is_ours[DESCRIPTORS];

/* The function that this one stands before. */
#define NEXT(name)                                             \
	static __typeof__(&(name)) next;                       \
	do {                                                   \
		if (next == NULL) {                            \
			void *found = dlsym(RTLD_NEXT, #name); \
			memcpy(&next, &found, sizeof(next));   \
		}                                              \
	} while (0)

__attribute__((constructor)) static void
begin(void)
{
	const char *plan_path = getenv("FAULT_PLAN");
	const char *log_path = getenv("FAULT_LOG");
	const char *dir = getenv("FAULT_AREA");
	int fd = plan_path != NULL ? (int)syscall(SYS_openat, AT_FDCWD, plan_path, O_RDWR | O_CLOEXEC) : -1;
	void *page = MAP_FAILED;

	if (fd >= 0)
		page = mmap(NULL, sizeof(*plan), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (page != MAP_FAILED)
		plan = page;
	if (fd >= 0)
		(void)syscall(SYS_close, fd);
	if (log_path != NULL)
		log_fd = (int)syscall(SYS_openat, AT_FDCWD, log_path, O_WRONLY | O_APPEND | O_CLOEXEC);
	if (dir != NULL)
		area_len = (size_t)snprintf(area, sizeof(area), "%s", dir);
}

/* ---- What is ours ---------------------------------------------------------------------------- */

/* The name from the root, without looking at links; false where it is none of the area. */
static bool
in_area(int folder, const char *name, char full[PATH_MAX])
{
	char at[64];
	ssize_t n = 0;

	if (area_len == 0 || name == NULL)
		return false;
	if (name[0] != '/') {
		(void)snprintf(at, sizeof(at), folder == AT_FDCWD ? "/proc/self/cwd" : "/proc/self/fd/%d", folder);
		n = readlink(at, full, PATH_MAX - 1);
		if (n < 0)
			return false;
	}
	if (snprintf(full + n, PATH_MAX - (size_t)n, "%s%s", n > 0 ? "/" : "", name) >= PATH_MAX - (int)n)
		return false;
	return strncmp(full, area, area_len) == 0 && (full[area_len] == '/' || full[area_len] == '\0');
}

static bool
has(int fd)
{
	return fd >= 0 && fd < DESCRIPTORS && is_ours[fd];
}

/* ---- The log --------------------------------------------------------------------------------- */

static uint64_t
inode_of(int fd)
{
	struct stat st;

	return fstat(fd, &st) == 0 ? (uint64_t)st.st_ino : 0;
}

static void
note(struct entry entry, const char *path, const char *other, const void *data)
{
	struct iovec parts[4];
	int saved = errno;

	if (log_fd < 0)
		return;
	entry.path_len = path != NULL ? (uint32_t)strlen(path) : 0;
	entry.other_len = other != NULL ? (uint32_t)strlen(other) : 0;
	parts[0] = (struct iovec) { &entry, sizeof(entry) };
	parts[1] = (struct iovec) { (void *)(uintptr_t)path, entry.path_len };
	parts[2] = (struct iovec) { (void *)(uintptr_t)other, entry.other_len };
	parts[3] = (struct iovec) { (void *)(uintptr_t)data, entry.data_len };
	(void)syscall(SYS_writev, log_fd, parts, 4);
	errno = saved;
}

/* ---- The plan -------------------------------------------------------------------------------- */

/* What is to be done to this call: 0 for nothing, an errno, ACT_HALF. */
static int
due(enum kind kind)
{
	uint32_t seen, skip;
	int action;

	if (plan == NULL || (atomic_load(&plan->kinds) >> kind & 1) == 0)
		return 0;
	seen = atomic_fetch_add(&plan->seen, 1);
	skip = atomic_load(&plan->skip);
	if (seen < skip || seen - skip >= atomic_load(&plan->times))
		return 0;
	(void)atomic_fetch_add(&plan->done, 1);
	action = (int)atomic_load(&plan->action);
	if (action == ACT_KILL || (action == ACT_HALF_AND_KILL && kind != FAULT_WRITE))
		(void)kill(0, SIGKILL);
	return action;
}

/* Whether the call is to fail, with errno set.  Only a write can be done by half. */
static bool
fails(enum kind kind)
{
	int action = due(kind);

	if (action == 0 || action == ACT_HALF)
		return false;
	errno = action;
	return true;
}

static bool
named_fails(enum kind kind, int folder, const char *name, char full[PATH_MAX], bool *ret_ours)
{
	*ret_ours = in_area(folder, name, full);
	return *ret_ours && fails(kind);
}

/* How many of n bytes there is room for. */
static size_t
room(int fd, off_t off, size_t n)
{
	struct stat st;
	int64_t growth, budget;

	if (plan == NULL || fstat(fd, &st) != 0)
		return n;
	growth = (int64_t)off + (int64_t)n - (int64_t)st.st_size;
	if (growth <= 0)
		return n;
	(void)atomic_fetch_add(&plan->grown, growth);
	if (atomic_load(&plan->budget) < 0)
		return n;
	budget = atomic_fetch_sub(&plan->budget, growth);
	if (budget >= growth)
		return n;
	(void)atomic_store(&plan->budget, 0);
	return budget <= 0 || (size_t)(growth - budget) >= n ? 0 : n - (size_t)(growth - budget);
}

/* ---- Opening and closing --------------------------------------------------------------------- */

static int
open_for(int folder, const char *name, int flags, mode_t mode)
{
	char full[PATH_MAX];
	bool ours = in_area(folder, name, full);
	struct stat st;
	bool is_new = ours && fstatat(folder, name, &st, AT_SYMLINK_NOFOLLOW) != 0;
	int fd;

	if (ours && fails(FAULT_OPEN))
		return -1;
	fd = (int)syscall(SYS_openat, folder, name, flags, mode);
	if (fd < 0 || fd >= DESCRIPTORS)
		return fd;
	is_ours[fd] = ours;
	if (ours && (flags & (O_CREAT | O_TRUNC)) != 0)
		note((struct entry) { .kind = FAULT_OPEN,
			 .ino = inode_of(fd),
			 .is_new = is_new                   ? 1
				   : (flags & O_TRUNC) != 0 ? 2
							    : 0 },
		    full, NULL, NULL);
	return fd;
}

#define OPENING(name)                                                     \
	int name(const char *path, int flags, ...)                        \
	{                                                                 \
		va_list args;                                             \
		mode_t mode;                                              \
                                                                          \
		va_start(args, flags);                                    \
		mode = (flags & O_CREAT) != 0 ? va_arg(args, mode_t) : 0; \
		va_end(args);                                             \
		return open_for(AT_FDCWD, path, flags, mode);             \
	}

OPENING(open)
OPENING(open64)

int
openat(int folder, const char *path, int flags, ...)
{
	va_list args;
	mode_t mode;

	va_start(args, flags);
	mode = (flags & O_CREAT) != 0 ? va_arg(args, mode_t) : 0;
	va_end(args);
	return open_for(folder, path, flags, mode);
}

/* What a hardened build calls. */
int __open_2(const char *path, int flags);
int
__open_2(const char *path, int flags)
{
	return open_for(AT_FDCWD, path, flags, 0);
}

int
close(int fd)
{
	bool ours = has(fd);
	int result;

	if (ours)
		is_ours[fd] = false;
	result = (int)syscall(SYS_close, fd);
	return ours && fails(FAULT_CLOSE) ? -1 : result;
}

/* The log's descriptor is none of the program's. */
int
close_range(unsigned int first, unsigned int last, int flags)
{
	unsigned int log = log_fd >= 0 ? (unsigned int)log_fd : ~0u;

	for (unsigned int fd = first; fd <= last && fd < DESCRIPTORS; fd++)
		is_ours[fd] = false;
	if (log < first || log > last)
		return (int)syscall(SYS_close_range, first, last, flags);
	if (log > first)
		(void)syscall(SYS_close_range, first, log - 1, flags);
	return log < last ? (int)syscall(SYS_close_range, log + 1, last, flags) : 0;
}

/* ---- Bytes ----------------------------------------------------------------------------------- */

static ssize_t
write_at(int fd, const void *from, size_t n, off_t off, bool is_placed)
{
	size_t fits = room(fd, off, n);
	int action = due(FAULT_WRITE);
	ssize_t written;

	if (fits == 0 && n > 0) {
		errno = ENOSPC;
		return -1;
	}
	if (action == ACT_HALF || action == ACT_HALF_AND_KILL) {
		fits = fits > 1 ? fits / 2 : fits;
	} else if (action != 0) {
		errno = action;
		return -1;
	}
	written = is_placed ? (ssize_t)syscall(SYS_pwrite64, fd, from, fits, off)
			    : (ssize_t)syscall(SYS_write, fd, from, fits);
	if (written > 0)
		note(
		    (struct entry) {
			.kind = FAULT_WRITE, .ino = inode_of(fd), .off = (uint64_t)off, .data_len = (uint64_t)written },
		    NULL, NULL, from);
	if (action == ACT_HALF_AND_KILL)
		(void)kill(0, SIGKILL);
	return written;
}

ssize_t
write(int fd, const void *from, size_t n)
{
	off_t off;
	struct stat st;

	if (!has(fd))
		return (ssize_t)syscall(SYS_write, fd, from, n);
	off = lseek(fd, 0, SEEK_CUR);
	if ((fcntl(fd, F_GETFL) & O_APPEND) != 0 && fstat(fd, &st) == 0)
		off = st.st_size;
	return write_at(fd, from, n, off, false);
}

ssize_t
pwrite(int fd, const void *from, size_t n, off_t off)
{
	if (!has(fd))
		return (ssize_t)syscall(SYS_pwrite64, fd, from, n, off);
	return write_at(fd, from, n, off, true);
}

ssize_t
read(int fd, void *to, size_t n)
{
	int action = has(fd) ? due(FAULT_READ) : 0;

	if (action == ACT_HALF && n > 1)
		n /= 2;
	else if (action != 0 && action != ACT_HALF) {
		errno = action;
		return -1;
	}
	return (ssize_t)syscall(SYS_read, fd, to, n);
}

ssize_t
pread(int fd, void *to, size_t n, off_t off)
{
	int action = has(fd) ? due(FAULT_READ) : 0;

	if (action == ACT_HALF && n > 1)
		n /= 2;
	else if (action != 0 && action != ACT_HALF) {
		errno = action;
		return -1;
	}
	return (ssize_t)syscall(SYS_pread64, fd, to, n, off);
}

static int
sync_with(long number, int fd)
{
	int result;

	if (!has(fd))
		return (int)syscall(number, fd);
	if (fails(FAULT_SYNC))
		return -1;
	result = (int)syscall(number, fd);
	if (result == 0)
		note((struct entry) { .kind = FAULT_SYNC, .ino = inode_of(fd) }, NULL, NULL, NULL);
	return result;
}

int
fsync(int fd)
{
	return sync_with(SYS_fsync, fd);
}

int
fdatasync(int fd)
{
	return sync_with(SYS_fdatasync, fd);
}

int
ftruncate(int fd, off_t size)
{
	int result;

	if (has(fd) && fails(FAULT_TRUNCATE))
		return -1;
	result = (int)syscall(SYS_ftruncate, fd, size);
	if (result == 0 && has(fd))
		note((struct entry) { .kind = FAULT_TRUNCATE, .ino = inode_of(fd), .off = (uint64_t)size }, NULL, NULL,
		    NULL);
	return result;
}

/* ---- Names ----------------------------------------------------------------------------------- */

int
rename(const char *from, const char *to)
{
	char full[PATH_MAX], other[PATH_MAX];
	bool ours;
	int result;

	if (named_fails(FAULT_RENAME, AT_FDCWD, from, full, &ours))
		return -1;
	result = (int)syscall(SYS_rename, from, to);
	if (result == 0 && ours && in_area(AT_FDCWD, to, other))
		note((struct entry) { .kind = FAULT_RENAME }, full, other, NULL);
	return result;
}

static int
unlink_for(int folder, const char *name, int flags)
{
	char full[PATH_MAX];
	bool ours;
	int result;

	if (named_fails(FAULT_UNLINK, folder, name, full, &ours))
		return -1;
	result = (int)syscall(SYS_unlinkat, folder, name, flags);
	if (result == 0 && ours)
		note((struct entry) { .kind = FAULT_UNLINK }, full, NULL, NULL);
	return result;
}

int
unlink(const char *name)
{
	return unlink_for(AT_FDCWD, name, 0);
}

int
unlinkat(int folder, const char *name, int flags)
{
	return unlink_for(folder, name, flags);
}

int
rmdir(const char *name)
{
	return unlink_for(AT_FDCWD, name, AT_REMOVEDIR);
}

int
mkdir(const char *name, mode_t mode)
{
	char full[PATH_MAX];
	struct stat st;
	bool ours;
	int result;

	if (named_fails(FAULT_MKDIR, AT_FDCWD, name, full, &ours))
		return -1;
	result = (int)syscall(SYS_mkdirat, AT_FDCWD, name, mode);
	if (result == 0 && ours && stat(name, &st) == 0)
		note((struct entry) { .kind = FAULT_MKDIR, .ino = (uint64_t)st.st_ino }, full, NULL, NULL);
	return result;
}

int
symlink(const char *target, const char *name)
{
	char full[PATH_MAX];
	bool ours;
	int result;

	if (named_fails(FAULT_SYMLINK, AT_FDCWD, name, full, &ours))
		return -1;
	result = (int)syscall(SYS_symlinkat, target, AT_FDCWD, name);
	if (result == 0 && ours)
		note((struct entry) { .kind = FAULT_SYMLINK }, full, target, NULL);
	return result;
}

/* ---- The time of day ------------------------------------------------------------------------- */

static time_t
jump(void)
{
	if (plan == NULL || atomic_fetch_add(&plan->looks, 1) < atomic_load(&plan->jump_skip))
		return 0;
	return (time_t)atomic_load(&plan->jump_s);
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

time_t
time(time_t *ret)
{
	struct timespec now = { 0, 0 };

	(void)clock_gettime(CLOCK_REALTIME, &now);
	if (ret != NULL)
		*ret = now.tv_sec;
	return now.tv_sec;
}
