/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "glass/btree.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/file.h"
#include "glass/pack.h"

/*
 * A block, numbers with the highest byte first:
 *
 *	0         4      5         7           9        11
 *	revision  level  max free  total free  dir end  directory ->   free   <- items
 *
 * The directory has the offset of each item, in the order of the keys.  An item of a leaf is
 *
 *	length - 3, with flags   key length   key   component, but not of the first   tag
 *	2 bytes                  1                  2
 *
 * and one of a branch
 *
 *	block below   key length   key   component
 *	4             1                  2
 */
enum {
	REVISION = 1,
	DIR_START = 11,
	DIR_ENTRY_BYTES = 2,
	LEAF_HEAD_BYTES = 3, /* length and key length */
	COMPONENT_BYTES = 2,
	BRANCH_HEAD_BYTES = 5,
	BLOCK_ITEMS = 4, /* so many of the longest items fit into a block */
	ITEM_BYTES = (BTREE_BLOCK_BYTES - DIR_START - BLOCK_ITEMS * DIR_ENTRY_BYTES) / BLOCK_ITEMS,
	COMPONENTS = 65535, /* of one tag */
	FLAG_COMPRESSED = 0x80,
	FLAG_LAST = 0x40,
	FLAG_FIRST = 0x20,
	LEVELS = 10, /* the library gives up there */
	FILL_KEY_BYTES = 34, /* a piece that fills a block has to be that much longer than its key */
	OUT_BYTES = 1024 * 1024
};

/* What parts a block from the one before it. */
struct separator {
	unsigned len;
	unsigned component;
	unsigned char key[BTREE_KEY_BYTES];
};

struct level {
	unsigned char *block;
	size_t dir_end;
	size_t items; /* offset of the lowest item */
	struct separator before; /* parts this block from the one before it */
};

struct btree {
	char path[PATH_MAX];
	int fd; /* -1 before the first entry */
	bool dense;
	struct level levels[LEVELS];
	unsigned top; /* the highest level in use */
	uint32_t blocks; /* with a number */
	uint64_t entries;
	struct separator last; /* key and component of the last item */
	char *out; /* blocks to be written */
	size_t n_out;
};

/* ---- The file -------------------------------------------------------------------------------- */

enum status
btree_open(const char *path, bool dense, struct btree **ret_btree, struct error *reterr)
{
	struct btree *btree = calloc(1, sizeof(*btree));

	if (btree == NULL)
		return error_set(reterr, STATUS_NOMEM, ERROR_NO_OFFSET, "out of memory");
	btree->fd = -1;
	btree->dense = dense;
	if (snprintf(btree->path, sizeof(btree->path), "%s", path) >= PATH_MAX) {
		free(btree);
		return error_set(reterr, STATUS_LIMIT, ERROR_NO_OFFSET, "the path of the index is longer than %d bytes",
		    PATH_MAX - 1);
	}
	*ret_btree = btree;
	return STATUS_OK;
}

void
btree_close(struct btree *btree)
{
	if (btree == NULL)
		return;
	if (btree->fd >= 0)
		(void)close(btree->fd);
	for (unsigned j = 0; j < LEVELS; j++)
		free(btree->levels[j].block);
	free(btree->out);
	free(btree);
}

static enum status
flush(struct btree *btree, struct error *reterr)
{
	struct error why;
	enum status status = fd_write_all(btree->fd, (struct str) { btree->out, btree->n_out }, &why);

	if (status != STATUS_OK)
		return error_set(reterr, status, ERROR_NO_OFFSET, "cannot write %s: %s", btree->path, why.message);
	btree->n_out = 0;
	return STATUS_OK;
}

/* Gives the block of a level its number and hands it to the file. */
static enum status
write_block(struct btree *btree, unsigned j, uint32_t *ret_number, struct error *reterr)
{
	struct level *level = &btree->levels[j];
	unsigned free_bytes = (unsigned)(level->items - level->dir_end);
	enum status status = STATUS_OK;

	if (btree->blocks == UINT32_MAX)
		return error_set(reterr, STATUS_LIMIT, ERROR_NO_OFFSET, "%s has run out of block numbers", btree->path);
	pack_be32(level->block, REVISION);
	level->block[4] = (unsigned char)j;
	pack_be16(level->block + 5, free_bytes);
	pack_be16(level->block + 7, free_bytes);
	pack_be16(level->block + 9, (unsigned)level->dir_end);
	memset(level->block + level->dir_end, 0, free_bytes);
	memcpy(btree->out + btree->n_out, level->block, BTREE_BLOCK_BYTES);
	btree->n_out += BTREE_BLOCK_BYTES;
	if (btree->n_out == OUT_BYTES)
		status = flush(btree, reterr);
	*ret_number = btree->blocks++;
	return status;
}

/* ---- Blocks ---------------------------------------------------------------------------------- */

static void
empty_block(struct level *level)
{
	level->dir_end = DIR_START;
	level->items = BTREE_BLOCK_BYTES;
}

static size_t
room(const struct level *level)
{
	return level->items - level->dir_end;
}

/* Room for an item at the low end of the items, entered in the directory. */
static unsigned char *
new_item(struct level *level, size_t bytes)
{
	level->items -= bytes;
	pack_be16(level->block + level->dir_end, (unsigned)level->items);
	level->dir_end += DIR_ENTRY_BYTES;
	return level->block + level->items;
}

static void
put_branch_item(struct level *level, const struct separator *separator, uint32_t number)
{
	unsigned char *item = new_item(level, BRANCH_HEAD_BYTES + separator->len + COMPONENT_BYTES);

	pack_be32(item, number);
	item[4] = (unsigned char)separator->len;
	memcpy(item + BRANCH_HEAD_BYTES, separator->key, separator->len);
	pack_be16(item + BRANCH_HEAD_BYTES + separator->len, separator->component);
}

static enum status
start_level(struct btree *btree, unsigned j, struct error *reterr)
{
	struct level *level = &btree->levels[j];

	if (j == LEVELS)
		return error_set(
		    reterr, STATUS_LIMIT, ERROR_NO_OFFSET, "%s has more than %d levels", btree->path, LEVELS);
	level->block = malloc(BTREE_BLOCK_BYTES);
	if (level->block == NULL)
		return error_set(reterr, STATUS_NOMEM, ERROR_NO_OFFSET, "out of memory");
	empty_block(level);
	btree->top = j;
	return STATUS_OK;
}

/* Enters block `number` of the level below, which `separator` parts from the one before it. */
static enum status
enter(struct btree *btree, unsigned j, const struct separator *separator, uint32_t number, struct error *reterr)
{
	static const struct separator none = { 0, 0, "" };
	struct level *level = &btree->levels[j];
	size_t needed = BRANCH_HEAD_BYTES + separator->len + COMPONENT_BYTES + DIR_ENTRY_BYTES;
	enum status status = STATUS_OK;

	if (j > btree->top || j == LEVELS)
		status = start_level(btree, j, reterr);
	else if (room(level) < needed) {
		uint32_t full;

		status = write_block(btree, j, &full, reterr);
		if (status == STATUS_OK)
			status = enter(btree, j + 1, &level->before, full, reterr);
		empty_block(level);
	}
	if (status != STATUS_OK)
		return status;
	if (level->dir_end > DIR_START) {
		put_branch_item(level, separator, number);
		return STATUS_OK;
	}
	/* What parts the first block from its elder stands above; here it needs no key. */
	level->before = *separator;
	put_branch_item(level, &none, number);
	return STATUS_OK;
}

/* The least start of `key` that is greater than the key before it. */
static void
separate(const struct separator *last, struct str key, unsigned component, struct separator *ret_separator)
{
	size_t len = 0;

	while (len < last->len && len < key.len && last->key[len] == (unsigned char)key.p[len])
		len++;
	if (len < key.len)
		len++;
	memcpy(ret_separator->key, key.p, len);
	ret_separator->len = (unsigned)len;
	ret_separator->component = component;
}

/* Writes the leaf; the next item, which does not fit into it, begins another. */
static enum status
end_leaf(struct btree *btree, struct str key, unsigned component, struct error *reterr)
{
	struct level *leaf = &btree->levels[0];
	uint32_t number;
	enum status status = write_block(btree, 0, &number, reterr);

	if (status == STATUS_OK)
		status = enter(btree, 1, &leaf->before, number, reterr);
	if (status != STATUS_OK)
		return status;
	empty_block(leaf);
	separate(&btree->last, key, component, &leaf->before);
	return STATUS_OK;
}

/* ---- Entries --------------------------------------------------------------------------------- */

static enum status
put_piece(
    struct btree *btree, struct str key, struct str piece, unsigned component, unsigned flags, struct error *reterr)
{
	struct level *leaf = &btree->levels[0];
	size_t head = LEAF_HEAD_BYTES + key.len + (component > 1 ? (size_t)COMPONENT_BYTES : 0);
	unsigned char *item;
	enum status status = STATUS_OK;

	if (room(leaf) < head + piece.len + DIR_ENTRY_BYTES)
		status = end_leaf(btree, key, component, reterr);
	if (status != STATUS_OK)
		return status;
	item = new_item(leaf, head + piece.len);
	pack_be16(item, (unsigned)(head + piece.len - LEAF_HEAD_BYTES) | flags << 8);
	item[2] = (unsigned char)key.len;
	memcpy(item + LEAF_HEAD_BYTES, key.p, key.len);
	if (component > 1)
		pack_be16(item + LEAF_HEAD_BYTES + key.len, component);
	if (piece.len > 0)
		memcpy(item + head, piece.p, piece.len);
	memcpy(btree->last.key, key.p, key.len);
	btree->last.len = (unsigned)key.len;
	return STATUS_OK;
}

/* Makes the file and the first leaf, which begins with an item that has no key and counts as no entry. */
static enum status
start(struct btree *btree, struct error *reterr)
{
	unsigned char *item;
	enum status status = start_level(btree, 0, reterr);

	if (status != STATUS_OK)
		return status;
	btree->out = malloc(OUT_BYTES);
	if (btree->out == NULL)
		return error_set(reterr, STATUS_NOMEM, ERROR_NO_OFFSET, "out of memory");
	btree->fd = open(btree->path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
	if (btree->fd < 0)
		return error_errno(reterr, STATUS_IO, errno, "cannot make %s", btree->path);
	item = new_item(&btree->levels[0], LEAF_HEAD_BYTES);
	pack_be16(item, (FLAG_FIRST | FLAG_LAST) << 8);
	item[2] = 0;
	return STATUS_OK;
}

/* How much of a tag that need not be cut goes into the first piece: all, or in a dense table what fills the block. */
static size_t
dense_piece(const struct btree *btree, struct str key, size_t tag_len)
{
	size_t head = DIR_ENTRY_BYTES + LEAF_HEAD_BYTES + key.len;
	size_t left = room(&btree->levels[0]);

	if (!btree->dense || left < head + key.len + FILL_KEY_BYTES || left >= head + tag_len)
		return tag_len;
	return left - head;
}

/* How much of a tag that has to be cut goes into the first piece: what fills the block, where that is worth it. */
static size_t
first_piece(const struct btree *btree, struct str key, size_t tag_len)
{
	size_t head = LEAF_HEAD_BYTES + key.len + COMPONENT_BYTES;
	size_t most = ITEM_BYTES - head;
	size_t left = room(&btree->levels[0]) % (ITEM_BYTES + DIR_ENTRY_BYTES);

	if (tag_len <= most + COMPONENT_BYTES)
		return dense_piece(btree, key, tag_len);
	if (left > DIR_ENTRY_BYTES + head) {
		left -= DIR_ENTRY_BYTES + head;
		if (left >= (tag_len - COMPONENT_BYTES) % most || left >= key.len + FILL_KEY_BYTES)
			return left + COMPONENT_BYTES;
	}
	return most + COMPONENT_BYTES;
}

static enum status
check_entry(const struct btree *btree, struct str key, struct error *reterr)
{
	struct str last = { (const char *)btree->last.key, btree->last.len };

	if (key.len > BTREE_KEY_BYTES)
		return error_set(reterr, STATUS_LIMIT, ERROR_NO_OFFSET, "a key of %s has %zu bytes: the limit is %d",
		    btree->path, key.len, BTREE_KEY_BYTES);
	if (key.len == 0 || (btree->entries > 0 && str_cmp(last, key) >= 0))
		return error_set(
		    reterr, STATUS_INTERNAL, ERROR_NO_OFFSET, "the keys of %s are out of order", btree->path);
	return STATUS_OK;
}

enum status
btree_add(struct btree *btree, struct str key, struct str tag, bool compressed, struct error *reterr)
{
	size_t most = ITEM_BYTES - (LEAF_HEAD_BYTES + key.len + COMPONENT_BYTES);
	unsigned flags = FLAG_FIRST | (compressed ? (unsigned)FLAG_COMPRESSED : 0);
	size_t piece;
	enum status status = check_entry(btree, key, reterr);

	if (status == STATUS_OK && btree->fd < 0)
		status = start(btree, reterr);
	if (status != STATUS_OK)
		return status;
	if (tag.len / most >= COMPONENTS)
		return error_set(reterr, STATUS_LIMIT, ERROR_NO_OFFSET,
		    "an entry of %s has %zu bytes: the limit is %zu", btree->path, tag.len, most * COMPONENTS);
	piece = first_piece(btree, key, tag.len);
	for (unsigned component = 1; status == STATUS_OK; component++) {
		if (piece == tag.len)
			flags |= FLAG_LAST;
		status = put_piece(btree, key, (struct str) { tag.p, piece }, component, flags, reterr);
		if (piece == tag.len)
			break;
		tag = (struct str) { tag.p + piece, tag.len - piece };
		piece = tag.len < most ? tag.len : most;
		flags &= ~(unsigned)FLAG_FIRST;
	}
	btree->entries++;
	return status;
}

/* ---- The end --------------------------------------------------------------------------------- */

/* Writes the last block of each level; that of the highest is the root. */
static enum status
write_spine(struct btree *btree, uint32_t *ret_root, struct error *reterr)
{
	enum status status = STATUS_OK;

	for (unsigned j = 0; status == STATUS_OK; j++) {
		status = write_block(btree, j, ret_root, reterr);
		if (j == btree->top)
			break;
		if (status == STATUS_OK)
			status = enter(btree, j + 1, &btree->levels[j].before, *ret_root, reterr);
	}
	return status;
}

enum status
btree_finish(struct btree *btree, struct btree_root *ret_root, struct error *reterr)
{
	struct btree_root root = { .empty = btree->fd < 0, .entries = btree->entries };
	enum status status;

	if (root.empty) {
		*ret_root = root;
		return STATUS_OK;
	}
	status = write_spine(btree, &root.block, reterr);
	if (status == STATUS_OK)
		status = flush(btree, reterr);
	if (status == STATUS_OK && fsync(btree->fd) != 0)
		status = error_errno(reterr, STATUS_IO, errno, "cannot sync %s", btree->path);
	if (status != STATUS_OK)
		return status;
	root.blocks = btree->blocks;
	root.level = btree->top;
	*ret_root = root;
	return STATUS_OK;
}
