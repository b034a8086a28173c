/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/cores.h"

#include <limits.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/file.h"

enum { TEXT_BYTES = 64 * 1024, PAUSES = 100 };

/* Reads a file of the kernel as a string; false where it cannot be read. */
static bool
read_text(const char *path, struct buf *text)
{
	buf_reset(text);
	return file_read(path, text, NULL) == STATUS_OK && buf_append_char(text, '\0') == STATUS_OK;
}

/* "50000 100000": microseconds that may be used, of so many; "max 100000" for no quota. */
static unsigned
paid_by(const char *quota)
{
	char *end;
	unsigned long long used, of;

	used = strtoull(quota, &end, 10);
	if (end == quota || *end != ' ')
		return UINT_MAX;
	of = strtoull(end, NULL, 10);
	if (of == 0 || used / of >= UINT_MAX)
		return UINT_MAX;
	return used / of > 0 ? (unsigned)(used / of) : 1;
}

static unsigned
paid_in(const char *mount, const char *group, struct buf *text)
{
	char path[PATH_MAX];
	int n = snprintf(path, sizeof(path), "%s%s/cpu.max", mount, group);

	/* The outermost group has no such file. */
	return n > 0 && (size_t)n < sizeof(path) && read_text(path, text) ? paid_by(text->data) : UINT_MAX;
}

/* The name of the group in the one hierarchy of version 2, "0::/system.slice/voisind.service"; false where there is none. */
static bool
find_group(const char *groups, struct buf *text, char group[PATH_MAX])
{
	char *line;

	if (!read_text(groups, text))
		return false;
	for (line = text->data; line != NULL && strncmp(line, "0::", 3) != 0;) {
		line = strchr(line, '\n');
		line = line != NULL ? line + 1 : NULL;
	}
	if (line == NULL)
		return false;
	(void)snprintf(group, PATH_MAX, "%.*s", (int)strcspn(line + 3, "\n"), line + 3);
	return true;
}

unsigned
cores_paid(const char *groups, const char *mount)
{
	char group[PATH_MAX];
	unsigned least = UINT_MAX, paid;
	struct buf text;
	char *slash;

	buf_init(&text, TEXT_BYTES);
	if (find_group(groups, &text, group)) {
		do {
			slash = strrchr(group, '/');
			paid = paid_in(mount, group, &text);
			least = paid < least ? paid : least;
			if (slash != NULL)
				*slash = '\0';
		} while (slash != NULL);
	}
	buf_done(&text);
	return least;
}

void
cores_relax(void)
{
	for (int i = 0; i < PAUSES; i++) {
#if defined(__x86_64__) || defined(__i386__)
		__builtin_ia32_pause();
#elif defined(__aarch64__)
		__asm__ volatile("isb" ::: "memory");
#else
		__asm__ volatile("" ::: "memory");
#endif
	}
}

unsigned
cores_count(void)
{
	unsigned paid = cores_paid("/proc/self/cgroup", "/sys/fs/cgroup");
	unsigned n = 1;
	cpu_set_t set;

	if (sched_getaffinity(0, sizeof(set), &set) == 0)
		n = (unsigned)CPU_COUNT(&set);
	return n < paid ? n : paid;
}
