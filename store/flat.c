/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "store/flat.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "store/path.h"

/* What the file begins with; the mark tells machines of another byte order. */
struct header {
	char magic[FLAT_MAGIC_BYTES];
	uint64_t mark;
	uint64_t n;
	struct hash manifest;
	struct hash entries; /* of all that follows */
};

enum { MARK = 0x01020304, NAME_BYTES = 64 };

_Static_assert(sizeof(struct header) == 64, "the header has holes");

struct flat {
	void *map;
	size_t map_bytes;
	const char *entries;
	size_t entry_bytes;
	size_t n;
};

/* ---- Reading --------------------------------------------------------------------------------- */

/* Whether the mapped bytes are a whole table of that kind and state. */
static bool
is_whole(const struct flat *flat, const struct flat_kind *kind, const struct hash *manifest)
{
	const struct header *header = flat->map;
	size_t bytes = flat->map_bytes - sizeof(*header);
	struct hash found;

	if (memcmp(header->magic, kind->magic, sizeof(header->magic)) != 0 || header->mark != MARK ||
	    !hash_eq(&header->manifest, manifest) || header->n != bytes / kind->entry_bytes ||
	    bytes % kind->entry_bytes != 0)
		return false;
	found = hash_of((struct str) { flat->entries, bytes });
	return hash_eq(&found, &header->entries);
}

static struct flat *
map_file(int fd, const struct flat_kind *kind)
{
	struct flat *flat;
	struct stat st;

	if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode) || st.st_size < (off_t)sizeof(struct header))
		return NULL;
	flat = calloc(1, sizeof(*flat));
	if (flat == NULL)
		return NULL;
	flat->map_bytes = (size_t)st.st_size;
	flat->map = mmap(NULL, flat->map_bytes, PROT_READ, MAP_PRIVATE | MAP_POPULATE, fd, 0);
	if (flat->map == MAP_FAILED) {
		free(flat);
		return NULL;
	}
	flat->entries = (const char *)flat->map + sizeof(struct header);
	flat->entry_bytes = kind->entry_bytes;
	flat->n = (flat->map_bytes - sizeof(struct header)) / kind->entry_bytes;
	return flat;
}

enum status
flat_open(const char *dir, const struct flat_kind *kind, const struct hash *manifest, struct flat **ret_flat,
    struct error *reterr)
{
	char path[PATH_MAX];
	struct flat *flat = NULL;
	enum status status = path_join(path, dir, kind->name, reterr);
	int fd;

	*ret_flat = NULL;
	if (status != STATUS_OK)
		return status;
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	if (fd < 0)
		return STATUS_OK; /* it can be done without */
	flat = map_file(fd, kind);
	(void)close(fd);
	if (flat != NULL && !is_whole(flat, kind, manifest)) {
		flat_close(flat);
		flat = NULL;
	}
	*ret_flat = flat;
	return STATUS_OK;
}

void
flat_close(struct flat *flat)
{
	if (flat == NULL)
		return;
	(void)munmap(flat->map, flat->map_bytes);
	free(flat);
}

size_t
flat_count(const struct flat *flat)
{
	return flat->n;
}

const void *
flat_at(const struct flat *flat, size_t i)
{
	return flat->entries + i * flat->entry_bytes;
}

static uint64_t
first_bytes(const struct hash *hash)
{
	uint64_t number = 0;

	for (size_t i = 0; i < sizeof(number); i++)
		number = number << 8 | hash->bytes[i];
	return number;
}

/* An entry begins with its key. */
static int
compare_at(const struct flat *flat, size_t i, const struct hash *key)
{
	return memcmp(flat_at(flat, i), key->bytes, HASH_BYTES);
}

size_t
flat_find(const struct flat *flat, const struct hash *key)
{
	/* entries[low..high) may hold it: widened by doubling from where it should be, then halved. */
	size_t low = (size_t)(((unsigned __int128)first_bytes(key) * flat->n) >> 64);
	size_t high = low;
	size_t step = 16;

	while (low > 0 && compare_at(flat, low, key) > 0) {
		low = low > step ? low - step : 0;
		step *= 2;
	}
	step = 16;
	while (high < flat->n && compare_at(flat, high, key) <= 0) {
		high = flat->n - high > step ? high + step : flat->n;
		step *= 2;
	}
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int order = compare_at(flat, middle, key);

		if (order == 0)
			return middle;
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return FLAT_NONE;
}

/* ---- Writing --------------------------------------------------------------------------------- */

int
flat_compare(const void *a, const void *b)
{
	return memcmp(a, b, HASH_BYTES);
}

static bool
is_sorted(const char *entries, size_t n, size_t entry_bytes)
{
	for (size_t i = 1; i < n; i++)
		if (flat_compare(entries + (i - 1) * entry_bytes, entries + i * entry_bytes) > 0)
			return false;
	return true;
}

static enum status
write_table(const char *path, const struct header *header, struct str entries, struct error *reterr)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0666);
	enum status status;

	if (fd < 0)
		return error_errno(reterr, STATUS_IO, errno, "cannot create %s", path);
	status = fd_write_all(fd, (struct str) { (const char *)header, sizeof(*header) }, reterr);
	if (status == STATUS_OK)
		status = fd_write_all(fd, entries, reterr);
	if (close(fd) != 0 && status == STATUS_OK)
		status = error_errno(reterr, STATUS_IO, errno, "cannot close %s", path);
	return status;
}

enum status
flat_write(const char *dir, const struct flat_kind *kind, const struct hash *manifest, void *entries, size_t n,
    struct error *reterr)
{
	struct str bytes = { entries, n * kind->entry_bytes };
	struct header header = { .mark = MARK, .n = n, .manifest = *manifest };
	char path[PATH_MAX];
	char made[PATH_MAX];
	char name[NAME_BYTES];
	enum status status = path_join(path, dir, kind->name, reterr);

	(void)snprintf(name, sizeof(name), "%s.tmp", kind->name);
	if (status == STATUS_OK)
		status = path_join(made, dir, name, reterr);
	if (status != STATUS_OK)
		return status;
	if (!is_sorted(entries, n, kind->entry_bytes))
		qsort(entries, n, kind->entry_bytes, flat_compare);
	memcpy(header.magic, kind->magic, sizeof(header.magic));
	header.entries = hash_of(bytes);
	/* No fsync: what a power cut leaves of it is not whole, is seen to be so, and is made again. */
	status = write_table(made, &header, bytes, reterr);
	if (status == STATUS_OK && rename(made, path) != 0)
		status = error_errno(reterr, STATUS_IO, errno, "cannot rename %s", made);
	if (status != STATUS_OK)
		(void)unlink(made);
	return status;
}
