/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "store/hash.h"

#include <string.h>

void
hash_tree_init(struct hash_tree *tree)
{
	hash_init(&tree->top);
	tree->used = 0;
}

/* Hashes the leaves that are there, all of them whole or the last ones of the stream. */
static void
hash_leaves(struct hash_tree *tree)
{
	struct hash hashes[HASH_LEAVES];
	const unsigned char *inputs[HASH_LEAVES];
	size_t n = 0;

	for (size_t off = 0; off < tree->used; off += HASH_LEAF_BYTES)
		inputs[n++] = tree->leaves + off;
	if (tree->used == sizeof(tree->leaves))
		hash_of_four(inputs, HASH_LEAF_BYTES, hashes);
	else
		for (size_t i = 0; i < n; i++)
			hashes[i] = hash_of((struct str) {
			    (const char *)inputs[i], i + 1 < n ? HASH_LEAF_BYTES : tree->used - i * HASH_LEAF_BYTES });
	hash_update(&tree->top, (struct str) { (const char *)hashes, n * sizeof(*hashes) });
	tree->used = 0;
}

void
hash_tree_update(struct hash_tree *tree, struct str bytes)
{
	while (bytes.len > 0) {
		size_t room = sizeof(tree->leaves) - tree->used;
		size_t n = bytes.len < room ? bytes.len : room;

		memcpy(tree->leaves + tree->used, bytes.p, n);
		tree->used += n;
		if (tree->used == sizeof(tree->leaves))
			hash_leaves(tree);
		bytes = (struct str) { bytes.p + n, bytes.len - n };
	}
}

void
hash_tree_final(struct hash_tree *tree, struct hash *ret_hash)
{
	if (tree->used > 0)
		hash_leaves(tree);
	hash_final(&tree->top, ret_hash);
}
