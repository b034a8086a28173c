/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "store/claims.h"

#include <stdlib.h>

#include "base/buf.h"
#include "base/utf8.h"

enum { PATHS_BYTES = 8 * 1024 * 1024, PATH_TOLD_BYTES = 180 };

#define NO_PATH UINT32_MAX

struct claim {
	struct hash id;
	uint32_t file; /* where its path begins in `paths` + 1, or NO_PATH; 0 for a free slot */
};

struct claims {
	struct claim *slots;
	size_t n;
	size_t capacity; /* a power of two */
	struct buf paths; /* each with a NUL behind it */
	uint32_t file; /* the current one */
};

enum status
claims_new(struct claims **ret_claims, struct error *reterr)
{
	struct claims *claims = calloc(1, sizeof(*claims));

	if (claims == NULL)
		return error_set(reterr, STATUS_NOMEM, ERROR_NO_OFFSET, "out of memory");
	buf_init(&claims->paths, PATHS_BYTES);
	claims->file = NO_PATH;
	*ret_claims = claims;
	return STATUS_OK;
}

void
claims_free(struct claims *claims)
{
	if (claims == NULL)
		return;
	free(claims->slots);
	buf_done(&claims->paths);
	free(claims);
}

enum status
claims_begin_file(struct claims *claims, struct str path, struct error *reterr)
{
	size_t at = claims->paths.len;

	claims->file = NO_PATH;
	if (utf8_valid_prefix(path) < path.len || at + path.len + 1 > PATHS_BYTES)
		return STATUS_OK;
	(void)buf_append_str(&claims->paths, path);
	if (buf_append_char(&claims->paths, '\0') != STATUS_OK)
		return error_set(reterr, STATUS_NOMEM, ERROR_NO_OFFSET, "out of memory");
	claims->file = (uint32_t)at + 1;
	return STATUS_OK;
}

/* The slot of an id, or the free one where it would go. */
static struct claim *
slot_of(const struct claims *claims, const struct hash *id)
{
	uint64_t start = str_start((struct str) { (const char *)id->bytes, sizeof(id->bytes) });
	size_t at = (size_t)start & (claims->capacity - 1);

	while (claims->slots[at].file != 0 && !hash_eq(&claims->slots[at].id, id))
		at = (at + 1) & (claims->capacity - 1);
	return &claims->slots[at];
}

enum status
claims_check(const struct claims *claims, const struct hash *id, struct error *reterr)
{
	const struct claim *claim = claims->capacity > 0 ? slot_of(claims, id) : NULL;
	const char *path;

	if (claim == NULL || claim->file == 0)
		return STATUS_OK;
	if (claim->file == NO_PATH)
		return error_set(reterr, STATUS_INVALID, ERROR_NO_OFFSET, "duplicate id: another file has it already");
	if (claim->file == claims->file)
		return error_set(reterr, STATUS_INVALID, ERROR_NO_OFFSET, "duplicate id: the same file has it already");
	path = claims->paths.data + claim->file - 1;
	return error_set(
	    reterr, STATUS_INVALID, ERROR_NO_OFFSET, "duplicate id: %.*s has it already", PATH_TOLD_BYTES, path);
}

static enum status
grow(struct claims *claims, struct error *reterr)
{
	struct claims larger = { .capacity = claims->capacity > 0 ? claims->capacity * 2 : 4096 };

	larger.slots = calloc(larger.capacity, sizeof(*larger.slots));
	if (larger.slots == NULL)
		return error_set(reterr, STATUS_NOMEM, ERROR_NO_OFFSET, "out of memory");
	for (size_t i = 0; i < claims->capacity; i++)
		if (claims->slots[i].file != 0)
			*slot_of(&larger, &claims->slots[i].id) = claims->slots[i];
	free(claims->slots);
	claims->slots = larger.slots;
	claims->capacity = larger.capacity;
	return STATUS_OK;
}

enum status
claims_take(struct claims *claims, const struct hash *id, struct error *reterr)
{
	enum status status = STATUS_OK;

	if (claims->n >= claims->capacity / 4 * 3)
		status = grow(claims, reterr);
	if (status != STATUS_OK)
		return status;
	*slot_of(claims, id) = (struct claim) { *id, claims->file };
	claims->n++;
	return STATUS_OK;
}
