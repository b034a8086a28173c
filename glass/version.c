/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "glass/version.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>

#include "base/buf.h"
#include "base/file.h"
#include "glass/pack.h"
#include "glass/squeeze.h"

enum {
	MAGIC_BYTES = 14,
	/* The day of the format, 14 March 2016: years since 2014, month, day. */
	FORMAT = (2016 - 2014) << 9 | 3 << 5 | 14,
	FILE_BYTES = 256, /* the library reads no more */
	BLOCK_UNIT = 2048,
	FLAG_SEQUENTIAL = 2, /* a leaf's successor lies behind it in the file */
	FLAG_EMPTY = 1,
	REVISION = 1
};

static const char magic[] = "\x0F\x0DXapian Glass";

static unsigned char *
put_root(unsigned char *p, const struct btree_root *root, unsigned least_compressed)
{
	p = pack_uint(p, root->block);
	p = pack_uint(p, root->level << 2 | FLAG_SEQUENTIAL | (root->empty ? (unsigned)FLAG_EMPTY : 0));
	p = pack_uint(p, root->entries);
	p = pack_uint(p, BTREE_BLOCK_BYTES / BLOCK_UNIT);
	p = pack_uint(p, least_compressed);
	if (root->empty)
		return pack_uint(p, 0);
	/* The free list: its length, revision and the first block past the end, and two places of which there are none. */
	{
		unsigned char list[4 * PACK_UINT_BYTES] = { 0 };
		unsigned char *end = pack_uint(pack_uint(list, REVISION), root->blocks) + 4;

		p = pack_uint(p, (uint64_t)(end - list));
		memcpy(p, list, (size_t)(end - list));
		return p + (end - list);
	}
}

static unsigned char *
put_stats(unsigned char *p, const struct inverted_stats *stats)
{
	p = pack_uint(p, stats->documents);
	p = pack_uint(p, stats->last_docid - stats->documents);
	p = pack_uint(p, stats->length_lower);
	p = pack_uint(p, stats->wdf_upper);
	p = pack_uint(p, stats->length_upper - stats->wdf_upper);
	p = pack_uint(p, 0); /* the oldest changeset: none is kept */
	p = pack_uint(p, stats->total_length);
	return pack_uint(p, 0); /* the greatest frequency of a word for spelling */
}

/* At most six roots of 10 + 5 * 10 bytes and 8 numbers: the file always fits. */
static size_t
encode(const struct version *version, unsigned char file[2 * FILE_BYTES])
{
	static const unsigned least_compressed[VERSION_TABLES] = { [VERSION_DOCDATA] = SQUEEZE_LEAST_BYTES,
		[VERSION_TERMLIST] = SQUEEZE_LEAST_BYTES,
		[VERSION_SPELLING] = SQUEEZE_LEAST_BYTES,
		[VERSION_SYNONYM] = SQUEEZE_LEAST_BYTES };
	unsigned char *p = file + MAGIC_BYTES;

	memcpy(file, magic, MAGIC_BYTES);
	pack_be16(p, FORMAT);
	memcpy(p + 2, version->uuid, sizeof(version->uuid));
	p = pack_uint(p + 2 + sizeof(version->uuid), version->revision);
	for (size_t i = 0; i < VERSION_TABLES; i++)
		p = put_root(p, &version->roots[i], least_compressed[i]);
	p = put_stats(p, &version->stats);
	return (size_t)(p - file);
}

static enum status
join(char path[PATH_MAX], const char *dir, struct error *reterr)
{
	if (snprintf(path, PATH_MAX, "%s/iamglass", dir) < PATH_MAX)
		return STATUS_OK;
	return error_set(
	    reterr, STATUS_LIMIT, ERROR_NO_OFFSET, "the path of the index is longer than %d bytes", PATH_MAX - 1);
}

enum status
version_write(const char *dir, struct version *version, struct error *reterr)
{
	unsigned char file[2 * FILE_BYTES];
	char path[PATH_MAX];
	enum status status = join(path, dir, reterr);

	if (status != STATUS_OK)
		return status;
	if (getrandom(version->uuid, sizeof(version->uuid), 0) != (ssize_t)sizeof(version->uuid))
		return error_errno(reterr, STATUS_IO, errno, "cannot get random bytes");
	/* Version 4, made of random bits (RFC 9562, section 5.4). */
	version->uuid[6] = (unsigned char)((version->uuid[6] & 0x0F) | 0x40);
	version->uuid[8] = (unsigned char)((version->uuid[8] & 0x3F) | 0x80);
	version->revision = REVISION;
	return file_write_atomic(path, (struct str) { (const char *)file, encode(version, file) }, reterr);
}

enum status
version_check_empty(const char *dir, struct error *reterr)
{
	struct version version = { .revision = 0 };
	unsigned char expected[2 * FILE_BYTES];
	char path[PATH_MAX];
	struct buf file;
	enum status status = join(path, dir, reterr);

	buf_init(&file, FILE_BYTES);
	if (status == STATUS_OK)
		status = file_read(path, &file, reterr);
	for (size_t i = 0; i < VERSION_TABLES; i++)
		version.roots[i].empty = true;
	if (status == STATUS_OK && file.len >= MAGIC_BYTES + 2 + sizeof(version.uuid))
		memcpy(version.uuid, file.data + MAGIC_BYTES + 2, sizeof(version.uuid));
	if (status == STATUS_OK &&
	    !str_eq(buf_str(&file), (struct str) { (const char *)expected, encode(&version, expected) }))
		status = error_set(reterr, STATUS_VERSION, ERROR_NO_OFFSET,
		    "the installed Xapian library writes another format of its databases");
	buf_done(&file);
	return status;
}
