/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "store/sample.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/blocks.h"
#include "store/path.h"

enum { CHUNK_BYTES = 16 * 1024 };

/* The blocks of one table that are looked at, in ascending order, and what their hashes should be. */
struct sample {
	uint64_t blocks[SAMPLE_BLOCKS];
	struct hash hashes[SAMPLE_BLOCKS];
	size_t n;
};

/* The next number of a sequence that looks random (Steele, Lea and Flood 2014, "SplitMix"). */
static uint64_t
next_number(uint64_t *state)
{
	uint64_t z = *state += 0x9e3779b97f4a7c15u;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
	z = (z ^ z >> 27) * 0x94d049bb133111ebu;
	return z ^ z >> 31;
}

/* The i-th of the parts that n blocks are cut into, as evenly as can be, begins here. */
static uint64_t
part_begin(uint64_t n, size_t i)
{
	return n / SAMPLE_BLOCKS * i + n % SAMPLE_BLOCKS * i / SAMPLE_BLOCKS;
}

/* One block of each part of the table; of the first part the first and of the last part the last one. */
static void
draw(struct sample *sample, uint64_t n, uint64_t *state)
{
	sample->n = n < SAMPLE_BLOCKS ? (size_t)n : SAMPLE_BLOCKS;
	for (size_t i = 0; i < sample->n; i++) {
		uint64_t begin = part_begin(n, i);
		uint64_t size = part_begin(n, i + 1) - begin;

		sample->blocks[i] = n <= SAMPLE_BLOCKS ? i : begin + next_number(state) % size;
	}
	if (sample->n == 0)
		return;
	sample->blocks[0] = 0;
	sample->blocks[sample->n - 1] = n - 1;
}

/* Reads exactly `size` bytes; false where there are fewer, or none can be read. */
static bool
read_all(int fd, void *out, size_t size, uint64_t off)
{
	size_t used = 0;

	while (used < size) {
		ssize_t n = pread(fd, (char *)out + used, size - used, (off_t)(off + used));

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
		used += (size_t)n;
	}
	return true;
}

/* Copies from the hashes of blocks [first, first + n) those that are looked at. */
static void
pick(struct sample *sample, const struct hash *hashes, uint64_t first, uint64_t n)
{
	for (size_t i = 0; i < sample->n; i++) {
		uint64_t block = sample->blocks[i];

		if (block >= first && block - first < n)
			sample->hashes[i] = hashes[block - first];
	}
}

/*
 * Reads the hashes of a table's n blocks from `fd` at *off, which moves behind them, and keeps those that are looked at.
 * False where they are not what the manifest says.
 */
static bool
read_hashes(int fd, uint64_t *off, uint64_t n, const struct hash *expected, struct sample *sample)
{
	struct hash chunk[CHUNK_BYTES / sizeof(struct hash)];
	const uint64_t room = sizeof(chunk) / sizeof(chunk[0]);
	struct hash_state state;
	struct hash found;

	hash_init(&state);
	for (uint64_t first = 0; first < n; first += room) {
		uint64_t here = n - first < room ? n - first : room;
		size_t bytes = (size_t)here * sizeof(struct hash);

		if (!read_all(fd, chunk, bytes, *off))
			return false;
		hash_update(&state, (struct str) { (const char *)chunk, bytes });
		pick(sample, chunk, first, here);
		*off += bytes;
	}
	hash_final(&state, &found);
	return hash_eq(&found, expected);
}

static enum status
open_in(const char *path, const char *name, int *ret_fd, struct error *reterr)
{
	char full[PATH_MAX];
	enum status status = path_join(full, path, name, reterr);

	if (status != STATUS_OK)
		return status;
	*ret_fd = open(full, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	if (*ret_fd < 0)
		return error_errno(reterr, errno == ENOENT ? STATUS_CORRUPT : STATUS_IO, errno, "cannot open %s", full);
	return STATUS_OK;
}

static enum status
compare(const char *path, const struct manifest_file *file, const struct sample *sample, struct error *reterr)
{
	char block[BLOCKS_BYTES];
	int fd = -1;
	enum status status = open_in(path, file->name, &fd, reterr);

	for (size_t i = 0; status == STATUS_OK && i < sample->n; i++) {
		uint64_t off = sample->blocks[i] * BLOCKS_BYTES;
		size_t bytes = file->size - off < sizeof(block) ? (size_t)(file->size - off) : sizeof(block);
		struct hash found = { { 0 } };

		if (read_all(fd, block, bytes, off))
			found = hash_of((struct str) { block, bytes });
		if (!hash_eq(&found, &sample->hashes[i]))
			status = error_set(reterr, STATUS_CORRUPT, ERROR_NO_OFFSET,
			    "the index is damaged: %s/%s is not as it was written, at byte %llu", path, file->name,
			    (unsigned long long)off);
	}
	if (fd >= 0)
		(void)close(fd);
	return status;
}

enum status
sample_check(
    const char *path, const struct manifest *manifest, enum manifest_part part, uint64_t seed, struct error *reterr)
{
	enum status status = STATUS_OK;
	struct sample sample;
	uint64_t off = 0;
	int fd;

	if (!manifest->sealed || !manifest->has_blocks || open_in(path, BLOCKS_NAME, &fd, NULL) != STATUS_OK)
		return STATUS_OK;
	for (size_t i = 0; status == STATUS_OK && i < manifest->n_files; i++) {
		const struct manifest_file *file = &manifest->files[i];
		uint64_t n = file->size / BLOCKS_BYTES + (file->size % BLOCKS_BYTES != 0);

		if (!blocks_is_hashed(file->name))
			continue;
		draw(&sample, n, &seed);
		if (!read_hashes(fd, &off, n, &file->hash, &sample))
			break;
		if (manifest_part_of(file->name) == part)
			status = compare(path, file, &sample, reterr);
	}
	(void)close(fd);
	return status;
}
