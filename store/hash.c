/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * BLAKE2b as RFC 7693 describes it: section 3.1 gives the mixing function G, 3.2 the compression F.
 */
#include "store/hash.h"

#include <string.h>

static const uint64_t initial[8] = { 0x6a09e667f3bcc908u, 0xbb67ae8584caa73bu, 0x3c6ef372fe94f82bu, 0xa54ff53a5f1d36f1u,
	0x510e527fade682d1u, 0x9b05688c2b3e6c1fu, 0x1f83d9abfb41bd6bu, 0x5be0cd19137e2179u };

/* Section 2.7: the order in which the words of a block are mixed, round by round. */
static const unsigned char sigma[10][16] = {
	{ 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15 },
	{ 14, 10, 4, 8, 9, 15, 13, 6, 1, 12, 0, 2, 11, 7, 5, 3 },
	{ 11, 8, 12, 0, 5, 2, 15, 13, 10, 14, 3, 6, 7, 1, 9, 4 },
	{ 7, 9, 3, 1, 13, 12, 11, 14, 2, 6, 5, 10, 4, 0, 15, 8 },
	{ 9, 0, 5, 7, 2, 4, 10, 15, 14, 1, 11, 12, 6, 8, 3, 13 },
	{ 2, 12, 6, 10, 0, 11, 8, 3, 4, 13, 7, 5, 15, 14, 1, 9 },
	{ 12, 5, 1, 15, 14, 13, 4, 10, 0, 7, 6, 3, 9, 2, 8, 11 },
	{ 13, 11, 7, 14, 12, 1, 3, 9, 5, 0, 15, 4, 8, 6, 2, 10 },
	{ 6, 15, 14, 9, 11, 3, 0, 8, 12, 2, 13, 7, 1, 4, 10, 5 },
	{ 10, 2, 8, 4, 7, 6, 1, 5, 15, 11, 9, 14, 3, 12, 13, 0 },
};

static inline uint64_t
rotate_right(uint64_t x, unsigned n)
{
	return (x >> n) | (x << (64 - n));
}

static inline uint64_t
load_le64(const unsigned char *p)
{
	uint64_t x = 0;

	for (unsigned i = 0; i < 8; i++)
		x |= (uint64_t)p[i] << (8 * i);
	return x;
}

static inline void
mix(uint64_t v[16], unsigned a, unsigned b, unsigned c, unsigned d, uint64_t x, uint64_t y)
{
	v[a] += v[b] + x;
	v[d] = rotate_right(v[d] ^ v[a], 32);
	v[c] += v[d];
	v[b] = rotate_right(v[b] ^ v[c], 24);
	v[a] += v[b] + y;
	v[d] = rotate_right(v[d] ^ v[a], 16);
	v[c] += v[d];
	v[b] = rotate_right(v[b] ^ v[c], 63);
}

static void
compress(struct hash_state *state, const unsigned char *block, bool last)
{
	uint64_t v[16];
	uint64_t m[16];

	for (unsigned i = 0; i < 8; i++) {
		v[i] = state->h[i];
		v[i + 8] = initial[i];
	}
	for (unsigned i = 0; i < 16; i++)
		m[i] = load_le64(block + 8 * i);
	v[12] ^= state->total;
	if (last)
		v[14] = ~v[14];
	for (unsigned round = 0; round < 12; round++) {
		const unsigned char *s = sigma[round % 10];

		mix(v, 0, 4, 8, 12, m[s[0]], m[s[1]]);
		mix(v, 1, 5, 9, 13, m[s[2]], m[s[3]]);
		mix(v, 2, 6, 10, 14, m[s[4]], m[s[5]]);
		mix(v, 3, 7, 11, 15, m[s[6]], m[s[7]]);
		mix(v, 0, 5, 10, 15, m[s[8]], m[s[9]]);
		mix(v, 1, 6, 11, 12, m[s[10]], m[s[11]]);
		mix(v, 2, 7, 8, 13, m[s[12]], m[s[13]]);
		mix(v, 3, 4, 9, 14, m[s[14]], m[s[15]]);
	}
	for (unsigned i = 0; i < 8; i++)
		state->h[i] ^= v[i] ^ v[i + 8];
}

void
hash_init(struct hash_state *state)
{
	memcpy(state->h, initial, sizeof(initial));
	state->h[0] ^= 0x01010000u ^ HASH_BYTES; /* the parameter block: fanout 1, depth 1, no key */
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
