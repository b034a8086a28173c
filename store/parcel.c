/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "store/parcel.h"

#include <assert.h>
#include <string.h>

/* A document is nothing but strings, so that each new field of it is carried over. */
enum { FIELDS = sizeof(struct store_document) / sizeof(struct str) };
static_assert(sizeof(struct store_document) % sizeof(struct str) == 0, "a document is strings alone");

/* Before the bytes of the fields. */
struct head {
	uint32_t docid;
	uint32_t what;
	struct hash file;
	uint32_t lengths[FIELDS];
};

size_t
parcel_bytes(const struct store_document *document)
{
	struct str fields[FIELDS];
	size_t bytes = sizeof(struct head);

	memcpy(fields, document, sizeof(fields));
	for (size_t i = 0; i < FIELDS; i++)
		bytes += fields[i].len;
	return bytes;
}

unsigned char *
parcel_write(unsigned char *to, const struct parcel *parcel)
{
	struct head head = { .docid = parcel->docid, .what = parcel->what, .file = parcel->file };
	struct str fields[FIELDS];
	unsigned char *p = to + sizeof(head);

	memcpy(fields, &parcel->document, sizeof(fields));
	for (size_t i = 0; i < FIELDS; i++) {
		head.lengths[i] = (uint32_t)fields[i].len;
		if (fields[i].len > 0)
			memcpy(p, fields[i].p, fields[i].len);
		p += fields[i].len;
	}
	memcpy(to, &head, sizeof(head));
	return p;
}

const unsigned char *
parcel_read(const unsigned char *from, struct parcel *ret_parcel)
{
	struct str fields[FIELDS];
	struct head head;

	memcpy(&head, from, sizeof(head));
	from += sizeof(head);
	for (size_t i = 0; i < FIELDS; i++) {
		fields[i] = (struct str) { (const char *)from, head.lengths[i] };
		from += fields[i].len;
	}
	ret_parcel->docid = head.docid;
	ret_parcel->what = head.what;
	ret_parcel->file = head.file;
	memcpy(&ret_parcel->document, fields, sizeof(fields));
	return from;
}
