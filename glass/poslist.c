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

/* ---- In runs --------------------------------------------------------------------------------- */

size_t
poslist_pack(const uint32_t *pos, size_t n, unsigned char *to)
{
	unsigned char *p = pack_uint(to, pos[0]);

	for (size_t i = 1; i < n; i++)
		p = pack_uint(p, pos[i] - pos[i - 1] - 1);
	return (size_t)(p - to);
}

/* Each position takes a byte at least. */
static enum status
reserve(struct poslist *list, size_t bytes, struct error *reterr)
{
	uint32_t *v;

	if (bytes <= list->capacity)
		return STATUS_OK;
	v = realloc(list->v, 2 * bytes * sizeof(*v));
	if (v == NULL)
		return error_set(reterr, STATUS_NOMEM, ERROR_NO_OFFSET, "out of memory");
	list->v = v;
	list->capacity = 2 * bytes;
	return STATUS_OK;
}

enum status
poslist_unpack(struct str bytes, struct poslist *list, struct error *reterr)
{
	struct unpack from = { (const unsigned char *)bytes.p, (const unsigned char *)bytes.p + bytes.len };
	uint64_t least = 0; /* that the next one can be */
	size_t n = 0;
	enum status status = reserve(list, bytes.len, reterr);

	while (status == STATUS_OK && from.p < from.end) {
		uint64_t more = 0;

		if (!unpack_uint(&from, &more) || least > UINT32_MAX || more > UINT32_MAX - least)
			return error_set(
			    reterr, STATUS_CORRUPT, ERROR_NO_OFFSET, "a list of positions contradicts itself");
		list->v[n++] = (uint32_t)(least + more);
		least += more + 1;
	}
	list->n = n;
	return status;
}
