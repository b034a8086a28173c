/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "glass/pack.h"

unsigned char *
pack_last(unsigned char *to, uint32_t number)
{
	for (; number > 0; number >>= 8)
		*to++ = (unsigned char)number;
	return to;
}

/*
 * Two bytes below 0x8000.  Else as many more as it takes, and the first byte begins with one 1 bit for
 * each byte past the second, then a 0, then the number:
 *
 *	0x00007FFF   0vvvvvvv vvvvvvvv
 *	0x00008000   10vvvvvv vvvvvvvv vvvvvvvv
 *	0x00400000   110vvvvv vvvvvvvv vvvvvvvv vvvvvvvv
 */
unsigned char *
pack_docid(unsigned char *to, uint32_t docid)
{
	size_t len = 2;

	while (len < PACK_DOCID_BYTES && (uint64_t)docid >> (7 * len + 1) != 0)
		len++;
	for (size_t i = len; i-- > 0;) {
		to[i] = (unsigned char)docid;
		docid >>= 8;
	}
	to[0] |= (unsigned char)(0xFF00u >> (len - 2));
	return to + len;
}

unsigned char *
pack_escaped(unsigned char *to, struct str bytes)
{
	for (size_t i = 0; i < bytes.len; i++) {
		*to++ = (unsigned char)bytes.p[i];
		if (bytes.p[i] == '\0')
			*to++ = 0xFF;
	}
	return to;
}

size_t
pack_escaped_len(struct str bytes)
{
	size_t len = bytes.len;

	for (size_t i = 0; i < bytes.len; i++)
		len += bytes.p[i] == '\0';
	return len;
}

size_t
pack_unescape(unsigned char *to, struct str escaped)
{
	size_t len = 0;

	for (size_t i = 0; i < escaped.len; i++) {
		to[len++] = (unsigned char)escaped.p[i];
		i += escaped.p[i] == '\0';
	}
	return len;
}

bool
unpack_bytes(struct unpack *from, uint64_t len, struct str *ret_bytes)
{
	if (len > (uint64_t)(from->end - from->p))
		return false;
	*ret_bytes = (struct str) { (const char *)from->p, (size_t)len };
	from->p += len;
	return true;
}
