/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "invfile/same.h"

#include <stdlib.h>
#include <string.h>

#include "base/str.h"

enum {
	SLOTS_LEAST = 1 << 10,
	SLOTS_MOST = 1 << 20,
	SLOTS_OF_DOCUMENT = 256,
	CHUNK_BYTES = 4096,
	WAYS = 4 /* slots of a line of the processor's cache in which a list may be */
};

/* A list that was written; off 0: none, for a file does not begin with one. */
struct slot {
	uint64_t off;
	uint32_t len;
	uint32_t tag; /* of the hash, what the slot's number does not say */
};

struct same {
	uint64_t n_slots; /* a power of two */
	struct slot slots[];
};

enum status
same_new(uint32_t documents, struct same **ret_same, struct error *reterr)
{
	uint64_t n = SLOTS_LEAST;

	while (n < SLOTS_MOST && n / SLOTS_OF_DOCUMENT < documents)
		n *= 2;
	*ret_same = calloc(1, sizeof(**ret_same) + (size_t)n * sizeof(struct slot));
	if (*ret_same == NULL)
		return error_set(reterr, STATUS_NOMEM, ERROR_NO_OFFSET, "out of memory");
	(*ret_same)->n_slots = n;
	return STATUS_OK;
}

void
same_free(struct same *same)
{
	free(same);
}

/* FNV-1a (Fowler, Noll, Vo), eight bytes a step, folded. */
static uint64_t
hash_of_bytes(const unsigned char *bytes, size_t len)
{
	const uint64_t prime = UINT64_C(0x100000001b3);
	uint64_t hash = UINT64_C(0xcbf29ce484222325) ^ len;

	for (size_t done = 0; done < len; done += sizeof(hash)) {
		hash = (hash ^ str_load((struct str) { (const char *)bytes + done, len - done })) * prime;
		hash ^= hash >> 29;
	}
	hash *= prime;
	return hash ^ hash >> 32;
}

static enum status
compare(const struct output *output, uint64_t off, const unsigned char *bytes, size_t len, bool *ret_same,
    struct error *reterr)
{
	unsigned char chunk[CHUNK_BYTES];
	enum status status = STATUS_OK;

	*ret_same = true;
	for (size_t done = 0; status == STATUS_OK && *ret_same && done < len;) {
		size_t some = len - done < sizeof(chunk) ? len - done : sizeof(chunk);

		status = output_read(output, off + done, chunk, some, reterr);
		*ret_same = status == STATUS_OK && memcmp(chunk, bytes + done, some) == 0;
		done += some;
	}
	return status;
}

enum status
same_find(struct same *same, struct output *output, uint64_t off, uint64_t *ret_off, struct error *reterr)
{
	size_t len = (size_t)(output_len(output) - off);
	const unsigned char *bytes = output_unwritten(output, off);
	uint64_t hash;
	bool found = false;
	enum status status = STATUS_OK;

	*ret_off = off;
	if (bytes == NULL || len > UINT32_MAX)
		return STATUS_OK;
	hash = hash_of_bytes(bytes, len);
	for (uint64_t i = 0; status == STATUS_OK && !found && i < WAYS; i++) {
		struct slot *slot = &same->slots[(hash ^ i) & (same->n_slots - 1)];

		if (slot->off == 0) {
			*slot = (struct slot) { off, (uint32_t)len, (uint32_t)(hash >> 32) };
			break;
		}
		if (slot->len == len && slot->tag == (uint32_t)(hash >> 32))
			status = compare(output, slot->off, bytes, len, &found, reterr);
		if (found)
			*ret_off = slot->off;
	}
	if (found)
		output_take_back(output, off);
	return status;
}
