/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * hash: 128-bit fingerprints of contents, paths and files.
 *
 * BLAKE2b (RFC 7693) with a digest of 16 bytes and no key: two different inputs with one fingerprint
 * do not happen, neither by chance nor by intent, so that "same fingerprint" may be read as "same
 * bytes".  Not for: hash tables of strings from outside, secrets.
 *
 *	struct hash_state state;
 *	hash_init(&state);
 *	hash_field(&state, document->id);
 *	hash_field(&state, document->text);
 *	hash_final(&state, out);
 */
#ifndef VOISIN_STORE_HASH_H
#define VOISIN_STORE_HASH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"

enum { HASH_BYTES = 16, HASH_HEX_BYTES = 2 * HASH_BYTES, HASH_BLOCK_BYTES = 128 };

struct hash {
	unsigned char bytes[HASH_BYTES];
};

struct hash_state {
	uint64_t h[8];
	uint64_t total; /* bytes that were compressed */
	unsigned char block[HASH_BLOCK_BYTES];
	size_t used; /* bytes waiting in block */
};

void hash_init(struct hash_state *state);
void hash_update(struct hash_state *state, struct str bytes);

/* Adds the length and the bytes, so that no two lists of fields look alike. */
void hash_field(struct hash_state *state, struct str field);

/* Ends; the state must not be used again without hash_init(). */
void hash_final(struct hash_state *state, struct hash *ret_hash);

/* The hash of one string. */
struct hash hash_of(struct str bytes);

/*
 * The same of four inputs of `len` bytes, a multiple of HASH_BLOCK_BYTES and not 0: three times as fast as one after the other where
 * the processor has AVX2, and as fast elsewhere.
 */
void hash_of_four(const unsigned char *const inputs[4], size_t len, struct hash ret_hashes[4]);

/*
 * The hash of each of n inputs, under a salt: that of "BLAKE2: simpler, smaller, fast as MD5" (Aumasson et al. 2013, section 2.8), which RFC 7693
 * leaves out.  All four lanes are at work but at the end, so that many at a time are as fast as hash_of_four().
 */
void hash_each(const struct hash *salt, const struct str inputs[], size_t n, struct hash ret_hashes[]);

/*
 * The hash of a long stream, as the hash of the hashes of its leaves: as fast as hash_of_four().  Two streams have one hash where they have the
 * same bytes, in whatever pieces these come.
 */
enum { HASH_LEAF_BYTES = 4096, HASH_LEAVES = 4 };

struct hash_tree {
	struct hash_state top;
	size_t used; /* bytes waiting in the leaves */
	unsigned char leaves[HASH_LEAVES * HASH_LEAF_BYTES];
};

void hash_tree_init(struct hash_tree *tree);
void hash_tree_update(struct hash_tree *tree, struct str bytes);
void hash_tree_final(struct hash_tree *tree, struct hash *ret_hash);

bool hash_eq(const struct hash *a, const struct hash *b);

/* Lower-case hexadecimal digits, NUL-terminated. */
void hash_to_hex(const struct hash *hash, char ret_hex[HASH_HEX_BYTES + 1]);

/* Whether `hex` is what hash_to_hex() writes, and the hash where it is. */
bool hash_from_hex(struct str hex, struct hash *ret_hash);

#endif
