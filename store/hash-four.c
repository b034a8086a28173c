/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Four hashes side by side: each word of the state is a vector with a lane for each input, so that one instruction does a step
 * of all four where the processor has registers for that.  A lane whose input ends takes the next one.
 */
#include <stdbool.h>

#include "store/blake2b.h"
#include "store/hash.h"

enum { LANES = 4 };

typedef uint64_t lanes __attribute__((vector_size(LANES * sizeof(uint64_t))));

#define ALL(x) ((lanes) { (x), (x), (x), (x) })

/* `total` is how many bytes there are up to the end of the block, `last` all ones in a lane whose last block it is. */
static inline __attribute__((always_inline)) void
compress(lanes h[8], const unsigned char *const blocks[LANES], const lanes *total, const lanes *last)
{
	/* gcc does not see that all are set. */
	lanes v[16] = { { 0 } };
	lanes m[16] = { { 0 } };

	for (unsigned i = 0; i < 16; i++)
		m[i] = (lanes) { blake2b_load(blocks[0] + 8 * i), blake2b_load(blocks[1] + 8 * i),
			blake2b_load(blocks[2] + 8 * i), blake2b_load(blocks[3] + 8 * i) };
	for (unsigned i = 0; i < 8; i++) {
		v[i] = h[i];
		v[i + 8] = ALL(blake2b_initial[i]);
	}
	v[12] ^= *total;
	v[14] ^= *last;
#pragma GCC unroll 12
	for (unsigned round = 0; round < BLAKE2B_ROUNDS; round++)
		BLAKE2B_ROUND(v, m, blake2b_sigma[round % BLAKE2B_ORDERS]);
	for (unsigned i = 0; i < 8; i++)
		h[i] ^= v[i] ^ v[i + 8];
}

static inline __attribute__((always_inline)) void
take_lane(const lanes h[8], unsigned lane, struct hash *ret_hash)
{
	for (unsigned i = 0; i < HASH_BYTES; i++)
		ret_hash->bytes[i] = (unsigned char)(h[i / 8][lane] >> (8 * (i % 8)));
}

static inline __attribute__((always_inline)) void
hash_lanes(const unsigned char *const inputs[LANES], size_t len, struct hash ret_hashes[LANES])
{
	const unsigned char *blocks[LANES];
	lanes h[8];

	for (unsigned i = 0; i < 8; i++)
		h[i] = ALL(blake2b_initial[i]);
	h[0] ^= ALL((uint64_t)BLAKE2B_PARAMETERS(HASH_BYTES));
	for (size_t off = 0; off < len; off += HASH_BLOCK_BYTES) {
		const lanes total = ALL(off + HASH_BLOCK_BYTES);
		const lanes last = ALL(off + HASH_BLOCK_BYTES == len ? ~UINT64_C(0) : 0);

		for (unsigned lane = 0; lane < LANES; lane++)
			blocks[lane] = inputs[lane] + off;
		compress(h, blocks, &total, &last);
	}
	for (unsigned lane = 0; lane < LANES; lane++)
		take_lane(h, lane, &ret_hashes[lane]);
}

/* ---- Inputs of any lengths ------------------------------------------------------------------- */

/* What a lane is working on. */
struct work {
	const unsigned char *at;
	size_t left; /* from there */
	size_t number; /* of the input, or that behind the last: there is none left */
	unsigned char padded[HASH_BLOCK_BYTES]; /* its last block */
};

struct job {
	lanes h[8];
	lanes total;
	uint64_t initial[8];
	struct work works[LANES];
	const struct str *inputs;
	size_t n;
	size_t next; /* input */
};

static void
give_work(struct job *job, unsigned lane)
{
	struct work *work = &job->works[lane];

	work->number = job->next < job->n ? job->next++ : job->n;
	work->at = work->number < job->n ? (const unsigned char *)job->inputs[work->number].p : NULL;
	work->left = work->number < job->n ? job->inputs[work->number].len : 0;
	job->total[lane] = 0;
	for (unsigned i = 0; i < 8; i++)
		job->h[i][lane] = job->initial[i];
}

/* The next block of a lane.  Whether it is the last. */
static bool
next_block(struct work *work, const unsigned char **ret_block)
{
	if (work->left > HASH_BLOCK_BYTES) {
		*ret_block = work->at;
		work->at += HASH_BLOCK_BYTES;
		work->left -= HASH_BLOCK_BYTES;
		return false;
	}
	memset(work->padded, 0, sizeof(work->padded));
	if (work->left > 0)
		memcpy(work->padded, work->at, work->left);
	*ret_block = work->padded;
	return true;
}

static inline __attribute__((always_inline)) void
hash_inputs(struct job *job, struct hash ret_hashes[])
{
	bool goes_on = true;

	while (goes_on) {
		const unsigned char *blocks[LANES];
		lanes last = ALL(0);

		for (unsigned lane = 0; lane < LANES; lane++) {
			bool is_last = next_block(&job->works[lane], &blocks[lane]);

			job->total[lane] += is_last ? job->works[lane].left : HASH_BLOCK_BYTES;
			last[lane] = is_last ? ~UINT64_C(0) : 0;
		}
		compress(job->h, blocks, &job->total, &last);
		goes_on = false;
		for (unsigned lane = 0; lane < LANES; lane++) {
			if (last[lane] != 0 && job->works[lane].number < job->n)
				take_lane(job->h, lane, &ret_hashes[job->works[lane].number]);
			if (last[lane] != 0)
				give_work(job, lane);
			goes_on = goes_on || job->works[lane].number < job->n;
		}
	}
}

/* ---- By what the processor has --------------------------------------------------------------- */

/* How many ways there are besides the plain one: AVX2 and AVX-512.  Tests have fewer, as other processors do. */
#ifndef HASH_WAYS
#define HASH_WAYS 2
#endif

#ifdef __x86_64__
/* Both ways, compiled for what `features` says. */
#define COMPILED_FOR(name, features)                                                                         \
	static __attribute__((target(features))) void four_##name(                                           \
	    const unsigned char *const inputs[LANES], size_t len, struct hash ret_hashes[LANES])             \
	{                                                                                                    \
		hash_lanes(inputs, len, ret_hashes);                                                         \
	}                                                                                                    \
                                                                                                             \
	static __attribute__((target(features))) void each_##name(struct job *job, struct hash ret_hashes[]) \
	{                                                                                                    \
		hash_inputs(job, ret_hashes);                                                                \
	}

COMPILED_FOR(avx2, "avx2")
/* Its rotations are one instruction. */
COMPILED_FOR(avx512, "avx512f,avx512vl")

#define CALL_BEST(way, ...)                                                                       \
	(HASH_WAYS > 1 && __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512f") \
		? way##_avx512(__VA_ARGS__)                                                       \
	    : HASH_WAYS > 0 && __builtin_cpu_supports("avx2") ? way##_avx2(__VA_ARGS__)           \
							      : way##_plain(__VA_ARGS__))
#else
#define CALL_BEST(way, ...) way##_plain(__VA_ARGS__)
#endif

static void
four_plain(const unsigned char *const inputs[LANES], size_t len, struct hash ret_hashes[LANES])
{
	hash_lanes(inputs, len, ret_hashes);
}

static void
each_plain(struct job *job, struct hash ret_hashes[])
{
	hash_inputs(job, ret_hashes);
}

void
hash_of_four(const unsigned char *const inputs[4], size_t len, struct hash ret_hashes[4])
{
	CALL_BEST(four, inputs, len, ret_hashes);
}

void
hash_each(const struct hash *salt, const struct str inputs[], size_t n, struct hash ret_hashes[])
{
	struct job job = { .inputs = inputs, .n = n };

	memcpy(job.initial, blake2b_initial, sizeof(job.initial));
	job.initial[0] ^= BLAKE2B_PARAMETERS(HASH_BYTES);
	job.initial[4] ^= blake2b_load(salt->bytes);
	job.initial[5] ^= blake2b_load(salt->bytes + 8);
	for (unsigned lane = 0; lane < LANES; lane++)
		give_work(&job, lane);
	CALL_BEST(each, &job, ret_hashes);
}
