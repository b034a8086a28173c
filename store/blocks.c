/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "store/blocks.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/layername.h"

enum { REVISION_BYTES = 4, WAITING = 4 };

void
blocks_done(struct blocks *blocks)
{
	free(blocks->hashes);
	*blocks = (struct blocks) { NULL, 0 };
}

bool
blocks_is_hashed(const char *name)
{
	size_t len = strlen(name);

	return layername_is_file(name, NULL) || (len > 6 && strcmp(name + len - 6, ".glass") == 0);
}

/* Reads up to `size` bytes at `off`; fewer at the end of the file. */
static enum status
read_at(int fd, const char *path, void *out, size_t size, uint64_t off, size_t *ret_n, struct error *reterr)
{
	size_t used = 0;

	while (used < size) {
		ssize_t n = pread(fd, (char *)out + used, size - used, (off_t)(off + used));

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return error_errno(reterr, STATUS_IO, errno, "cannot read %s", path);
		if (n == 0)
			break;
		used += (size_t)n;
	}
	*ret_n = used;
	return STATUS_OK;
}

/* Whether the block is the one that was hashed before: it has the number of no later commit. */
static enum status
is_as_before(int fd, const char *path, uint64_t off, uint64_t revision, bool *ret_same, struct error *reterr)
{
	unsigned char number[REVISION_BYTES];
	size_t n;
	enum status status = read_at(fd, path, number, sizeof(number), off, &n, reterr);

	if (status != STATUS_OK)
		return status;
	*ret_same = n == sizeof(number) && ((uint64_t)number[0] << 24 | (uint64_t)number[1] << 16 |
					       (uint64_t)number[2] << 8 | number[3]) <= revision;
	return STATUS_OK;
}

/* Blocks that were read and are not hashed yet: as many as hash_of_four() takes. */
struct waiting {
	unsigned char bytes[WAITING][BLOCKS_BYTES];
	size_t len[WAITING]; /* less than a block at the end of a file alone */
	size_t at[WAITING]; /* the number of the block */
	size_t n;
};

static void
hash_waiting(struct waiting *waiting, struct blocks *blocks)
{
	const unsigned char *inputs[WAITING];
	struct hash hashes[WAITING];
	bool whole = waiting->n == WAITING;

	for (size_t i = 0; i < waiting->n; i++) {
		inputs[i] = waiting->bytes[i];
		whole = whole && waiting->len[i] == BLOCKS_BYTES;
	}
	if (whole)
		hash_of_four(inputs, BLOCKS_BYTES, hashes);
	for (size_t i = 0; i < waiting->n; i++)
		blocks->hashes[waiting->at[i]] =
		    whole ? hashes[i] : hash_of((struct str) { (const char *)inputs[i], waiting->len[i] });
	waiting->n = 0;
}

static enum status
hash_all(int fd, const char *path, const struct blocks *before, uint64_t revision, struct blocks *blocks,
    struct error *reterr)
{
	struct waiting waiting;
	enum status status = STATUS_OK;

	waiting.n = 0;
	for (size_t i = 0; status == STATUS_OK && i < blocks->n; i++) {
		uint64_t off = (uint64_t)i * BLOCKS_BYTES;
		size_t w = waiting.n;
		bool same = false;

		if (before != NULL && i < before->n)
			status = is_as_before(fd, path, off, revision, &same, reterr);
		if (same)
			blocks->hashes[i] = before->hashes[i];
		else if (status == STATUS_OK)
			status = read_at(fd, path, waiting.bytes[w], BLOCKS_BYTES, off, &waiting.len[w], reterr);
		if (same || status != STATUS_OK)
			continue;
		waiting.at[w] = i;
		if (++waiting.n == WAITING)
			hash_waiting(&waiting, blocks);
	}
	hash_waiting(&waiting, blocks);
	return status;
}

enum status
blocks_hash(int fd, const char *path, const struct blocks *before, uint64_t revision, struct blocks *ret_blocks,
    uint64_t *ret_size, struct hash *ret_hash, struct error *reterr)
{
	struct blocks blocks;
	struct stat st;
	enum status status;

	if (fstat(fd, &st) != 0)
		return error_errno(reterr, STATUS_IO, errno, "cannot stat %s", path);
	(void)posix_fadvise(fd, 0, 0, POSIX_FADV_SEQUENTIAL);
	blocks.n = ((size_t)st.st_size + BLOCKS_BYTES - 1) / BLOCKS_BYTES;
	blocks.hashes = calloc(blocks.n + 1, sizeof(*blocks.hashes));
	if (blocks.hashes == NULL)
		return error_set(reterr, STATUS_NOMEM, ERROR_NO_OFFSET, "out of memory");
	status = hash_all(fd, path, before, revision, &blocks, reterr);
	if (status != STATUS_OK) {
		blocks_done(&blocks);
		return status;
	}
	*ret_size = (uint64_t)st.st_size;
	*ret_hash = hash_of((struct str) { (const char *)blocks.hashes, blocks.n * sizeof(*blocks.hashes) });
	*ret_blocks = blocks;
	return STATUS_OK;
}
