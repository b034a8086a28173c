/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * bytes: numbers as an inverted file has them, the lowest byte first.
 *
 * A read of bits takes eight bytes at a time and so up to BYTES_SLACK bytes behind the last one that counts: what is read must
 * have as many behind it.  In a file they are the gap behind the lists.
 */
#ifndef VOISIN_INVFILE_BYTES_H
#define VOISIN_INVFILE_BYTES_H

#include <endian.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

enum { BYTES_SLACK = 16 };

static inline uint32_t
bytes_u32(const unsigned char *from)
{
	uint32_t number;

	memcpy(&number, from, sizeof(number));
	return le32toh(number);
}

static inline uint64_t
bytes_u64(const unsigned char *from)
{
	uint64_t number;

	memcpy(&number, from, sizeof(number));
	return le64toh(number);
}

static inline unsigned char *
bytes_put_u32(unsigned char *to, uint32_t number)
{
	number = htole32(number);
	memcpy(to, &number, sizeof(number));
	return to + sizeof(number);
}

static inline unsigned char *
bytes_put_u64(unsigned char *to, uint64_t number)
{
	number = htole64(number);
	memcpy(to, &number, sizeof(number));
	return to + sizeof(number);
}

/* How many bits it takes: 0 for 0. */
static inline unsigned
bits_width(uint32_t number)
{
	return number == 0 ? 0 : 32 - (unsigned)__builtin_clz(number);
}

/* A number with the lowest `width` (0 to 32) bits set. */
static inline uint32_t
bits_mask(unsigned width)
{
	return (uint32_t)((UINT64_C(1) << width) - 1);
}

/* The i-th of a run of numbers of `width` bits each. */
static inline uint32_t
bits_get(const unsigned char *run, uint64_t i, unsigned width)
{
	uint64_t bit = i * width;

	return (uint32_t)(bytes_u64(run + bit / 8) >> (bit % 8)) & bits_mask(width);
}

/* How many bytes a run of n numbers takes. */
static inline uint64_t
bits_bytes(uint64_t n, unsigned width)
{
	return (n * width + 7) / 8;
}

/* Writes such a run and up to eight bytes of zeros behind it; returns the place behind the run. */
unsigned char *bits_put(unsigned char *to, const uint32_t *numbers, size_t n, unsigned width);

#endif
