/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * BLAKE2b as RFC 7693 describes it: section 3.1 gives the mixing function G, 3.2 the compression F.
 */
#include "store/hash.h"

#include <string.h>

#include "store/blake2b.h"

static void
compress(struct hash_state *state, const unsigned char *block, bool last)
{
	uint64_t v[16];
	uint64_t m[16];

	for (unsigned i = 0; i < 8; i++) {
		v[i] = state->h[i];
		v[i + 8] = blake2b_initial[i];
	}
	for (unsigned i = 0; i < 16; i++)
		m[i] = blake2b_load(block + 8 * i);
	v[12] ^= state->total;
	if (last)
		v[14] = ~v[14];
		/* Unrolled, each order is known to the compiler: a third faster. */
#pragma GCC unroll 12
	for (unsigned round = 0; round < BLAKE2B_ROUNDS; round++)
		BLAKE2B_ROUND(v, m, blake2b_sigma[round % BLAKE2B_ORDERS]);
	for (unsigned i = 0; i < 8; i++)
		state->h[i] ^= v[i] ^ v[i + 8];
}

void
hash_init(struct hash_state *state)
{
	memcpy(state->h, blake2b_initial, sizeof(blake2b_initial));
	state->h[0] ^= BLAKE2B_PARAMETERS(HASH_BYTES);
	state->total = 0;
	state->used = 0;
}

void
hash_update(struct hash_state *state, struct str bytes)
{
	const unsigned char *p = (const unsigned char *)bytes.p;
	size_t left = bytes.len;

	while (left > 0) {
		size_t n = HASH_BLOCK_BYTES - state->used;

		/* A full block waits: the last one is compressed differently. */
		if (n == 0) {
			state->total += HASH_BLOCK_BYTES;
			compress(state, state->block, false);
			state->used = 0;
			n = HASH_BLOCK_BYTES;
		}
		if (n > left)
			n = left;
		memcpy(state->block + state->used, p, n);
		state->used += n;
		p += n;
		left -= n;
	}
}

void
hash_field(struct hash_state *state, struct str field)
{
	char length[8];

	for (unsigned i = 0; i < 8; i++)
		length[i] = (char)(unsigned char)((uint64_t)field.len >> (8 * i));
	hash_update(state, (struct str) { length, sizeof(length) });
	hash_update(state, field);
}

void
hash_final(struct hash_state *state, struct hash *ret_hash)
{
	memset(state->block + state->used, 0, HASH_BLOCK_BYTES - state->used);
	state->total += state->used;
	compress(state, state->block, true);
	for (unsigned i = 0; i < HASH_BYTES; i++)
		ret_hash->bytes[i] = (unsigned char)(state->h[i / 8] >> (8 * (i % 8)));
}

struct hash
hash_of(struct str bytes)
{
	struct hash_state state;
	struct hash hash;

	hash_init(&state);
	hash_update(&state, bytes);
	hash_final(&state, &hash);
	return hash;
}

bool
hash_eq(const struct hash *a, const struct hash *b)
{
	return memcmp(a->bytes, b->bytes, HASH_BYTES) == 0;
}

void
hash_to_hex(const struct hash *hash, char ret_hex[HASH_HEX_BYTES + 1])
{
	static const char digits[] = "0123456789abcdef";

	for (size_t i = 0; i < HASH_BYTES; i++) {
		ret_hex[2 * i] = digits[hash->bytes[i] >> 4];
		ret_hex[2 * i + 1] = digits[hash->bytes[i] & 15];
	}
	ret_hex[HASH_HEX_BYTES] = '\0';
}

static int
hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return -1;
}

bool
hash_from_hex(struct str hex, struct hash *ret_hash)
{
	struct hash hash;

	if (hex.len != HASH_HEX_BYTES)
		return false;
	for (size_t i = 0; i < HASH_BYTES; i++) {
		int high = hex_digit(hex.p[2 * i]);
		int low = hex_digit(hex.p[2 * i + 1]);

		if (high < 0 || low < 0)
			return false;
		hash.bytes[i] = (unsigned char)(high << 4 | low);
	}
	*ret_hash = hash;
	return true;
}
