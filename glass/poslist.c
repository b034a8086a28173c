/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "glass/poslist.h"

#include <stdlib.h>
#include <string.h>

#include "glass/pack.h"

static unsigned
width_of(uint32_t number)
{
	return number > 0 ? 32 - (unsigned)__builtin_clz(number) : 0;
}

/* ---- Writing --------------------------------------------------------------------------------- */

/* A stream of bits, the lowest of each byte first. */
struct bits {
	unsigned char *to;
	uint64_t waiting; /* bits that fill no byte yet */
	unsigned n; /* of them, below 8 between calls */
};

static void
put(struct bits *bits, uint32_t value, unsigned width)
{
	bits->waiting |= (uint64_t)value << bits->n;
	for (bits->n += width; bits->n >= 8; bits->n -= 8) {
		*bits->to++ = (unsigned char)bits->waiting;
		bits->waiting >>= 8;
	}
}

/*
 * One value of `outof` possible ones.  Where these are no power of two, codes are left over, and as many
 * values in the middle of the range are one bit shorter.
 */
static void
put_one_of(struct bits *bits, uint32_t value, uint32_t outof)
{
	unsigned width = width_of(outof - 1);
	uint32_t spare = (uint32_t)(((uint64_t)1 << width) - outof);
	uint32_t middle = (outof - spare) / 2;

	if (spare > 0 && value >= middle + spare)
		value = (value - (middle + spare)) | (uint32_t)1 << (width - 1);
	else if (spare > 0 && value >= middle)
		width--;
	put(bits, value, width);
}

/* All between pos[from] and pos[to], which the reader knows; the right half in a loop, so depth is the log. */
static void
put_between(struct bits *bits, const uint32_t *pos, size_t from, size_t to)
{
	while (from + 1 < to) {
		size_t mid = from + (to - from) / 2;
		uint32_t outof = pos[to] - pos[from] - (uint32_t)(to - from) + 1;
		uint32_t lowest = pos[from] + (uint32_t)(mid - from);

		put_one_of(bits, pos[mid] - lowest, outof);
		put_between(bits, pos, from, mid);
		from = mid;
	}
}

size_t
poslist_encode(const uint32_t *pos, size_t n, unsigned char *to)
{
	uint32_t last = pos[n - 1];
	struct bits bits = { pack_uint(to, last), 0, 0 };

	if (n > 1) {
		put_one_of(&bits, pos[0], last);
		put_one_of(&bits, (uint32_t)n - 2, last - pos[0]);
		put_between(&bits, pos, 0, n - 1);
		if (bits.n > 0)
			*bits.to++ = (unsigned char)bits.waiting;
	}
	return (size_t)(bits.to - to);
}

/* ---- Reading --------------------------------------------------------------------------------- */

/* The same stream, read.  Behind its end there are zeros, and `over` counts them. */
struct bits_in {
	const unsigned char *from;
	const unsigned char *end;
	uint64_t waiting;
	unsigned n;
	unsigned over; /* bytes */
};

static void
refill(struct bits_in *bits)
{
	uint64_t word = 0;

	if (bits->end - bits->from < (ptrdiff_t)sizeof(uint32_t)) {
		for (; bits->n <= 32; bits->n += 8)
			if (bits->from < bits->end)
				bits->waiting |= (uint64_t)*bits->from++ << bits->n;
			else
				bits->over++;
		return;
	}
	for (size_t i = 0; i < sizeof(uint32_t); i++)
		word |= (uint64_t)bits->from[i] << 8 * i;
	bits->from += sizeof(uint32_t);
	bits->waiting |= word << bits->n;
	bits->n += 32;
}

static uint32_t
take(struct bits_in *bits, unsigned width)
{
	uint32_t value;

	if (bits->n < width)
		refill(bits);
	value = (uint32_t)(bits->waiting & (((uint64_t)1 << width) - 1));
	bits->waiting >>= width;
	bits->n -= width;
	return value;
}

/* What put_one_of() wrote; below `outof`, whatever the bits are. */
static uint32_t
take_one_of(struct bits_in *bits, uint32_t outof)
{
	unsigned width = width_of(outof - 1);
	uint32_t spare = (uint32_t)(((uint64_t)1 << width) - outof);
	uint32_t middle = (outof - spare) / 2;
	uint32_t value;

	if (width == 0)
		return 0;
	value = take(bits, width - 1);
	if (value < middle && take(bits, 1) != 0)
		value += middle + spare;
	return value;
}

static void
take_between(struct bits_in *bits, uint32_t *pos, size_t from, size_t to)
{
	while (from + 1 < to) {
		size_t mid = from + (to - from) / 2;
		uint32_t outof = pos[to] - pos[from] - (uint32_t)(to - from) + 1;

		pos[mid] = pos[from] + (uint32_t)(mid - from) + take_one_of(bits, outof);
		take_between(bits, pos, from, mid);
		from = mid;
	}
}

static enum status
reserve(struct poslist *list, size_t n, struct error *reterr)
{
	uint32_t *v;

	if (n <= list->capacity)
		return STATUS_OK;
	v = realloc(list->v, 2 * n * sizeof(*v));
	if (v == NULL)
		return error_set(reterr, STATUS_NOMEM, ERROR_NO_OFFSET, "out of memory");
	list->v = v;
	list->capacity = 2 * n;
	return STATUS_OK;
}

static enum status
is_damaged(struct error *reterr)
{
	return error_set(reterr, STATUS_CORRUPT, ERROR_NO_OFFSET, "a list of positions contradicts itself");
}

/* Of two and more. */
static enum status
decode_many(struct bits_in *bits, uint32_t last, struct poslist *list, struct error *reterr)
{
	uint32_t first = last > 0 ? take_one_of(bits, last) : 0;
	size_t n = last > 0 ? (size_t)take_one_of(bits, last - first) + 2 : 0;
	enum status status;

	if (n == 0 || n > POSLIST_MOST)
		return is_damaged(reterr);
	status = reserve(list, n, reterr);
	if (status != STATUS_OK)
		return status;
	list->v[0] = first;
	list->v[n - 1] = last;
	list->n = n;
	take_between(bits, list->v, 0, n - 1);
	/* What was read ahead was not used. */
	return bits->over > bits->n / 8 ? is_damaged(reterr) : STATUS_OK;
}

enum status
poslist_decode(struct str bytes, struct poslist *list, struct error *reterr)
{
	struct unpack from = { (const unsigned char *)bytes.p, (const unsigned char *)bytes.p + bytes.len };
	struct bits_in bits;
	uint64_t last;
	enum status status = reserve(list, 1, reterr);

	if (status != STATUS_OK)
		return status;
	if (!unpack_uint(&from, &last) || last > UINT32_MAX)
		return is_damaged(reterr);
	list->v[0] = (uint32_t)last;
	list->n = 1;
	if (from.p == from.end)
		return STATUS_OK;
	bits = (struct bits_in) { from.p, from.end, 0, 0, 0 };
	return decode_many(&bits, (uint32_t)last, list, reterr);
}
