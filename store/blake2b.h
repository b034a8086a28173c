/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * blake2b: what the two ways of computing BLAKE2b (RFC 7693) share: hash.c for one input, hash-four.c for four.
 */
#ifndef VOISIN_STORE_BLAKE2B_H
#define VOISIN_STORE_BLAKE2B_H

#include <endian.h>
#include <stdint.h>
#include <string.h>

enum { BLAKE2B_ROUNDS = 12, BLAKE2B_ORDERS = 10 };

/* The parameter block for a digest of `bytes`: fanout 1, depth 1, no key. */
#define BLAKE2B_PARAMETERS(bytes) (0x01010000u ^ (bytes))

/* Section 2.6. */
static const uint64_t blake2b_initial[8] = { 0x6a09e667f3bcc908u, 0xbb67ae8584caa73bu, 0x3c6ef372fe94f82bu,
	0xa54ff53a5f1d36f1u, 0x510e527fade682d1u, 0x9b05688c2b3e6c1fu, 0x1f83d9abfb41bd6bu, 0x5be0cd19137e2179u };

/* Section 2.7: the order in which the words of a block are mixed, round by round. */
static const unsigned char blake2b_sigma[10][16] = {
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
blake2b_load(const unsigned char *p)
{
	uint64_t x;

	memcpy(&x, p, sizeof(x));
	return le64toh(x);
}

/* Section 3.1, the mixing function G; rotations by 32, 24, 16 and 63.  On numbers, or on vectors of them. */
#define BLAKE2B_ROTATE(x, n) ((x) >> (n) | (x) << (64 - (n)))
#define BLAKE2B_MIX(v, a, b, c, d, x, y)                \
	do {                                            \
		v[a] += v[b] + (x);                     \
		v[d] = BLAKE2B_ROTATE(v[d] ^ v[a], 32); \
		v[c] += v[d];                           \
		v[b] = BLAKE2B_ROTATE(v[b] ^ v[c], 24); \
		v[a] += v[b] + (y);                     \
		v[d] = BLAKE2B_ROTATE(v[d] ^ v[a], 16); \
		v[c] += v[d];                           \
		v[b] = BLAKE2B_ROTATE(v[b] ^ v[c], 63); \
	} while (0)

/* Section 3.2: a round of v over the words m; once down the columns, once along the diagonals. */
#define BLAKE2B_ROUND(v, m, s)                                    \
	do {                                                      \
		BLAKE2B_MIX(v, 0, 4, 8, 12, m[s[0]], m[s[1]]);    \
		BLAKE2B_MIX(v, 1, 5, 9, 13, m[s[2]], m[s[3]]);    \
		BLAKE2B_MIX(v, 2, 6, 10, 14, m[s[4]], m[s[5]]);   \
		BLAKE2B_MIX(v, 3, 7, 11, 15, m[s[6]], m[s[7]]);   \
		BLAKE2B_MIX(v, 0, 5, 10, 15, m[s[8]], m[s[9]]);   \
		BLAKE2B_MIX(v, 1, 6, 11, 12, m[s[10]], m[s[11]]); \
		BLAKE2B_MIX(v, 2, 7, 8, 13, m[s[12]], m[s[13]]);  \
		BLAKE2B_MIX(v, 3, 4, 9, 14, m[s[14]], m[s[15]]);  \
	} while (0)

#endif
