/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Four hashes side by side: each word of the state is a vector with a lane for each input, so that one instruction does a step
 * of all four where the processor has registers for that.  As the four inputs have one length, all lanes end together.
 */
#include "store/blake2b.h"
#include "store/hash.h"

enum { LANES = 4 };

typedef uint64_t lanes __attribute__((vector_size(LANES * sizeof(uint64_t))));

#define ALL(x) ((lanes) { (x), (x), (x), (x) })

static inline __attribute__((always_inline)) void
compress(lanes h[8], const unsigned char *const inputs[LANES], size_t off, bool last)
{
	lanes v[16] = { { 0 } }; /* gcc does not see that all are set */
	lanes m[16];

	for (unsigned i = 0; i < 16; i++)
		for (unsigned lane = 0; lane < LANES; lane++)
			m[i][lane] = blake2b_load(inputs[lane] + off + 8 * i);
	for (unsigned i = 0; i < 8; i++) {
		v[i] = h[i];
		v[i + 8] = ALL(blake2b_initial[i]);
	}
	v[12] ^= ALL(off + HASH_BLOCK_BYTES);
	if (last)
		v[14] = ~v[14];
#pragma GCC unroll 12
	for (unsigned round = 0; round < BLAKE2B_ROUNDS; round++)
		BLAKE2B_ROUND(v, m, blake2b_sigma[round % BLAKE2B_ORDERS]);
	for (unsigned i = 0; i < 8; i++)
		h[i] ^= v[i] ^ v[i + 8];
}

static inline __attribute__((always_inline)) void
hash_lanes(const unsigned char *const inputs[LANES], size_t len, struct hash ret_hashes[LANES])
{
	lanes h[8];

	for (unsigned i = 0; i < 8; i++)
		h[i] = ALL(blake2b_initial[i]);
	h[0] ^= ALL((uint64_t)BLAKE2B_PARAMETERS(HASH_BYTES));
	for (size_t off = 0; off < len; off += HASH_BLOCK_BYTES)
		compress(h, inputs, off, off + HASH_BLOCK_BYTES == len);
	for (unsigned lane = 0; lane < LANES; lane++)
		for (unsigned i = 0; i < HASH_BYTES; i++)
			ret_hashes[lane].bytes[i] = (unsigned char)(h[i / 8][lane] >> (8 * (i % 8)));
}

#ifdef __x86_64__
static __attribute__((target("avx2"))) void
hash_avx2(const unsigned char *const inputs[LANES], size_t len, struct hash ret_hashes[LANES])
{
	hash_lanes(inputs, len, ret_hashes);
}
#endif

void
hash_of_four(const unsigned char *const inputs[4], size_t len, struct hash ret_hashes[4])
{
#ifdef __x86_64__
	if (__builtin_cpu_supports("avx2")) {
		hash_avx2(inputs, len, ret_hashes);
		return;
	}
#endif
	hash_lanes(inputs, len, ret_hashes);
}
