/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "store/known.h"

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

#define KNOWN_NAME "known-files"

/* What the file begins with; the mark tells machines of another byte order. */
struct header {
	char magic[16];
	uint64_t mark;
	uint64_t n;
	struct hash manifest;
	struct hash entries; /* of all that follows */
};

static const char magic[16] = "voisin known 1\n";

enum { MARK = 0x01020304 };

_Static_assert(sizeof(struct known_entry) == 56, "an entry has holes");
_Static_assert(sizeof(struct header) == 64, "the header has holes");

struct known {
	void *map;
	size_t map_bytes;
	const struct known_entry *entries;
	size_t n;
};

/* ---- Reading --------------------------------------------------------------------------------- */

/* Whether the mapped bytes are a whole table of that state. */
static bool
is_whole(const struct known *known, const struct hash *manifest)
{
	const struct header *header = known->map;
	struct hash found;

	if (memcmp(header->magic, magic, sizeof(magic)) != 0 || header->mark != MARK ||
	    !hash_eq(&header->manifest, manifest) ||
	    header->n != (known->map_bytes - sizeof(*header)) / sizeof(struct known_entry) ||
	    (known->map_bytes - sizeof(*header)) % sizeof(struct known_entry) != 0)
		return false;
	found =
	    hash_of((struct str) { (const char *)known->map + sizeof(*header), known->map_bytes - sizeof(*header) });
	return hash_eq(&found, &header->entries);
}

static struct known *
map_file(int fd)
{
	struct known *known;
	struct stat st;

	if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode) || st.st_size < (off_t)sizeof(struct header))
		return NULL;
	known = calloc(1, sizeof(*known));
	if (known == NULL)
		return NULL;
	known->map_bytes = (size_t)st.st_size;
	known->map = mmap(NULL, known->map_bytes, PROT_READ, MAP_PRIVATE | MAP_POPULATE, fd, 0);
	if (known->map == MAP_FAILED) {
		free(known);
		return NULL;
	}
	known->entries = (const struct known_entry *)((const char *)known->map + sizeof(struct header));
	known->n = (known->map_bytes - sizeof(struct header)) / sizeof(struct known_entry);
	return known;
}

enum status
known_open(const char *dir, const struct hash *manifest, struct known **ret_known, struct error *reterr)
{
	char path[PATH_MAX];
	struct known *known = NULL;
	enum status status = path_join(path, dir, KNOWN_NAME, reterr);
	int fd;

	*ret_known = NULL;
	if (status != STATUS_OK)
		return status;
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	if (fd < 0)
		return STATUS_OK; /* it can be done without */
	known = map_file(fd);
	(void)close(fd);
	if (known != NULL && !is_whole(known, manifest)) {
		known_close(known);
		known = NULL;
	}
	*ret_known = known;
	return STATUS_OK;
}

void
known_close(struct known *known)
{
	if (known == NULL)
		return;
	(void)munmap(known->map, known->map_bytes);
	free(known);
}

size_t
known_count(const struct known *known)
{
	return known->n;
}

const struct known_entry *
known_at(const struct known *known, size_t i)
{
	return &known->entries[i];
}

static uint64_t
first_bytes(const struct hash *hash)
{
	uint64_t number = 0;

	for (size_t i = 0; i < sizeof(number); i++)
		number = number << 8 | hash->bytes[i];
	return number;
}

static int
compare(const struct hash *a, const struct hash *b)
{
	return memcmp(a->bytes, b->bytes, HASH_BYTES);
}

size_t
known_find(const struct known *known, const struct hash *path)
{
	/* entries[low..high) may hold it: widened by doubling from where it should be, then halved. */
	size_t low = (size_t)(((unsigned __int128)first_bytes(path) * known->n) >> 64);
	size_t high = low;
	size_t step = 16;

	while (low > 0 && compare(&known->entries[low].path, path) > 0) {
		low = low > step ? low - step : 0;
		step *= 2;
	}
	step = 16;
	while (high < known->n && compare(&known->entries[high].path, path) <= 0) {
		high = known->n - high > step ? high + step : known->n;
		step *= 2;
	}
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int order = compare(&known->entries[middle].path, path);

		if (order == 0)
			return middle;
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return KNOWN_NONE;
}

/* ---- Writing --------------------------------------------------------------------------------- */

static int
compare_entries(const void *a, const void *b)
{
	return compare(&((const struct known_entry *)a)->path, &((const struct known_entry *)b)->path);
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
known_write(const char *dir, const struct hash *manifest, struct known_entry *entries, size_t n, struct error *reterr)
{
	struct str bytes = { (const char *)entries, n * sizeof(*entries) };
	struct header header = { .mark = MARK, .n = n, .manifest = *manifest };
	char path[PATH_MAX];
	char made[PATH_MAX];
	enum status status = path_join(path, dir, KNOWN_NAME, reterr);

	if (status == STATUS_OK)
		status = path_join(made, dir, KNOWN_NAME ".tmp", reterr);
	if (status != STATUS_OK)
		return status;
	if (n > 1)
		qsort(entries, n, sizeof(*entries), compare_entries);
	memcpy(header.magic, magic, sizeof(magic));
	header.entries = hash_of(bytes);
	/* No fsync: what a power cut leaves of it is not whole, is seen to be so, and is made again. */
	status = write_table(made, &header, bytes, reterr);
	if (status == STATUS_OK && rename(made, path) != 0)
		status = error_errno(reterr, STATUS_IO, errno, "cannot rename %s", made);
	if (status != STATUS_OK)
		(void)unlink(made);
	return status;
}
