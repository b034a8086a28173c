/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "store/filerecord.h"

#include <inttypes.h>
#include <stdio.h>

void
filerecord_key(const struct hash *path_hash, char ret_key[FILERECORD_KEY_BYTES + 1])
{
	memcpy(ret_key, SCHEMA_META_FILE, sizeof(SCHEMA_META_FILE));
	hash_to_hex(path_hash, ret_key + sizeof(SCHEMA_META_FILE) - 1);
}

bool
filerecord_hash_of_key(struct str key, struct hash *ret_hash)
{
	struct str prefix = STR(SCHEMA_META_FILE);

	return str_has_prefix(key, prefix) &&
	       hash_from_hex((struct str) { key.p + prefix.len, key.len - prefix.len }, ret_hash);
}

enum status
filerecord_encode(const struct store_file *file, struct buf *out)
{
	char hex[HASH_HEX_BYTES + 1];

	hash_to_hex(&file->content, hex);
	(void)buf_printf(out, "1 %" PRIu64 " %" PRId64 " %" PRIu32 " %s %zu\n", file->size, file->mtime_ns,
	    file->documents, hex, file->name_len);
	return buf_append_str(out, file->path);
}

static bool
parse(struct str data, struct store_file *ret_file)
{
	const char *newline = data.len > 0 ? memchr(data.p, '\n', data.len) : NULL;
	char line[160];
	char hex[HASH_HEX_BYTES + 1];
	size_t len;
	struct store_file file;

	if (newline == NULL)
		return false;
	len = (size_t)(newline - data.p);
	if (len >= sizeof(line))
		return false;
	memcpy(line, data.p, len);
	line[len] = '\0';
	if (sscanf(line, "1 %" SCNu64 " %" SCNd64 " %" SCNu32 " %32s %zu", &file.size, &file.mtime_ns, &file.documents,
		hex, &file.name_len) != 5)
		return false;
	file.path = (struct str) { newline + 1, data.len - len - 1 };
	if (!hash_from_hex(str_of(hex), &file.content) || file.path.len == 0 || file.name_len > file.path.len)
		return false;
	*ret_file = file;
	return true;
}

enum status
filerecord_decode(struct str data, struct store_file *ret_file, struct error *reterr)
{
	if (!parse(data, ret_file))
		return error_set(reterr, STATUS_CORRUPT, ERROR_NO_OFFSET,
		    "the index is damaged: a file's record cannot be read; rebuild it with voisin-index --full");
	return STATUS_OK;
}

enum status
filerecord_each(struct xc_database *db, enum status (*visit)(void *arg, const struct store_file *file), void *arg,
    struct error *reterr)
{
	struct xc_terms *keys;
	struct str key, value;
	enum status status = xc_database_metadata_keys(db, STR(SCHEMA_META_FILE), &keys, reterr);

	if (status != STATUS_OK)
		return status;
	while ((status = xc_terms_next(keys, &key, reterr)) == STATUS_OK) {
		struct store_file file;

		status = xc_database_metadata(db, key, &value, reterr);
		if (status == STATUS_OK)
			status = filerecord_decode(value, &file, reterr);
		if (status == STATUS_OK)
			status = visit(arg, &file);
		if (status != STATUS_OK)
			break;
	}
	xc_terms_free(keys);
	return status == STATUS_END ? STATUS_OK : status;
}
