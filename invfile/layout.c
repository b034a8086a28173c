/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "invfile/layout.h"

enum { MAGIC_BYTES = 8, CHECKSUM_OFF = LAYOUT_BYTES - 8 };

/* The steps of FNV-1a (RFC 9923), of eight bytes each. */
#define PRIME UINT64_C(0x100000001b3)

uint64_t
layout_checksum(uint64_t checksum, const unsigned char *bytes, size_t len)
{
	for (size_t off = 0; off < len; off += sizeof(uint64_t))
		checksum = (checksum ^ bytes_u64(bytes + off)) * PRIME;
	return checksum;
}

/* A step over zeros is a multiplication, so that many of them are a power, by squares. */
uint64_t
layout_checksum_zeros(uint64_t checksum, uint64_t len)
{
	uint64_t power = PRIME;

	for (uint64_t steps = len / sizeof(uint64_t); steps > 0; steps /= 2) {
		if (steps % 2 == 1)
			checksum *= power;
		power *= power;
	}
	return checksum;
}

static uint64_t
bits_of(double number)
{
	uint64_t bits;

	memcpy(&bits, &number, sizeof(bits));
	return bits;
}

static double
double_of(uint64_t bits)
{
	double number;

	memcpy(&number, &bits, sizeof(number));
	return number;
}

enum status
layout_check_machine(struct error *reterr)
{
	if (htole32(1) == 1)
		return STATUS_OK;
	return error_set(reterr, STATUS_VERSION, ERROR_NO_OFFSET,
	    "there are no inverted files on this machine, which keeps the highest byte of a number first");
}

void
layout_put(unsigned char to[LAYOUT_BYTES], const struct layout *layout)
{
	unsigned char *p = to + MAGIC_BYTES;

	memset(to, 0, LAYOUT_BYTES);
	memcpy(to, LAYOUT_MAGIC, MAGIC_BYTES);
	p = bytes_put_u32(p, layout->version);
	p = bytes_put_u32(p, layout->documents);
	p = bytes_put_u32(p, layout->last_docid);
	p = bytes_put_u32(p, 0);
	p = bytes_put_u64(p, layout->total_length);
	p = bytes_put_u64(p, bits_of(layout->bm25.k1));
	p = bytes_put_u64(p, bits_of(layout->bm25.b));
	p = bytes_put_u64(p, bits_of(layout->bm25.min_normlen));
	p = bytes_put_u64(p, bits_of(layout->average_length));
	p = bytes_put_u64(p, layout->lists_off);
	p = bytes_put_u64(p, layout->lists_bytes);
	p = bytes_put_u64(p, layout->dictionary_off);
	p = bytes_put_u64(p, layout->dictionary_bytes);
	p = bytes_put_u64(p, layout->terms);
	p = bytes_put_u64(p, layout->groups_off);
	p = bytes_put_u64(p, layout->groups);
	p = bytes_put_u64(p, layout->file_bytes);
	p = bytes_put_u64(p, layout->checksum);
	(void)bytes_put_u64(p, layout->docids_off);
	(void)bytes_put_u64(to + CHECKSUM_OFF, layout_checksum(LAYOUT_CHECKSUM_START, to, CHECKSUM_OFF));
}

static uint32_t
take_u32(const unsigned char **from)
{
	*from += 4;
	return bytes_u32(*from - 4);
}

static uint64_t
take_u64(const unsigned char **from)
{
	*from += 8;
	return bytes_u64(*from - 8);
}

enum status
layout_get(const unsigned char from[LAYOUT_BYTES], struct layout *ret_layout)
{
	const unsigned char *p = from + MAGIC_BYTES;
	struct layout layout;

	if (memcmp(from, LAYOUT_MAGIC, MAGIC_BYTES) != 0)
		return STATUS_CORRUPT;
	layout.version = take_u32(&p);
	if (layout.version != LAYOUT_VERSION)
		return STATUS_VERSION;
	if (bytes_u64(from + CHECKSUM_OFF) != layout_checksum(LAYOUT_CHECKSUM_START, from, CHECKSUM_OFF))
		return STATUS_CORRUPT;
	layout.documents = take_u32(&p);
	layout.last_docid = take_u32(&p);
	p += 4;
	layout.total_length = take_u64(&p);
	layout.bm25.k1 = double_of(take_u64(&p));
	layout.bm25.b = double_of(take_u64(&p));
	layout.bm25.min_normlen = double_of(take_u64(&p));
	layout.average_length = double_of(take_u64(&p));
	layout.lists_off = take_u64(&p);
	layout.lists_bytes = take_u64(&p);
	layout.dictionary_off = take_u64(&p);
	layout.dictionary_bytes = take_u64(&p);
	layout.terms = take_u64(&p);
	layout.groups_off = take_u64(&p);
	layout.groups = take_u64(&p);
	layout.file_bytes = take_u64(&p);
	layout.checksum = take_u64(&p);
	layout.docids_off = take_u64(&p);
	*ret_layout = layout;
	return STATUS_OK;
}
