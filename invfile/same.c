/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "invfile/same.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "base/str.h"

enum {
	SLOTS_LEAST = 1 << 12,
	SLOTS_MOST = 1 << 20,
	SLOTS_OF_DOCUMENT = 64, /* a thousand articles have some sixty terms each */
	CHUNK_BYTES = 4096,
	PAGE_BYTES = 4096,
	LARGE_BYTES = 2 * 1024 * 1024,
	WAYS = 4 /* slots of a line of the processor's cache in which a list may be */
};

enum { LEN_BITS = 24, OFF_BITS = 64 - LEN_BITS };

/* A list that was written. */
struct slot {
	uint64_t place; /* off << LEN_BITS | len; 0: none, for a file does not begin with a list */
	uint64_t
	    key; /* its bytes, where they are no more than eight, as those of most equal lists are; or else their hash */
};

struct same {
	uint64_t n_slots; /* a power of two */
	struct slot slots[];
};

/* Each look is at another page. */
static void
ask_for_large_pages(uintptr_t start, size_t bytes)
{
	uintptr_t page = (start + PAGE_BYTES - 1) / PAGE_BYTES * PAGE_BYTES;

	if (bytes >= LARGE_BYTES)
		(void)madvise((void *)page, bytes - PAGE_BYTES, MADV_HUGEPAGE);
}

enum status
same_new(uint32_t documents, struct same **ret_same, struct error *reterr)
{
	uint64_t n = SLOTS_LEAST;

	while (n < SLOTS_MOST && n / SLOTS_OF_DOCUMENT < documents)
		n *= 2;
	*ret_same = calloc(1, sizeof(**ret_same) + (size_t)n * sizeof(struct slot));
	if (*ret_same == NULL)
		return error_set(reterr, STATUS_NOMEM, ERROR_NO_OFFSET, "out of memory");
	ask_for_large_pages((uintptr_t)*ret_same, (size_t)n * sizeof(struct slot));
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

/* Whether the list of a slot that has the same length and the same key is the same. */
static enum status
is_same(const struct slot *slot, const struct output *output, const unsigned char *bytes, size_t len, bool *ret_same,
    struct error *reterr)
{
	*ret_same = true;
	if (len <= sizeof(slot->key))
		return STATUS_OK;
	return compare(output, slot->place >> LEN_BITS, bytes, len, ret_same, reterr);
}

enum status
same_find(struct same *same, struct output *output, uint64_t off, uint64_t *ret_off, struct error *reterr)
{
	size_t len = (size_t)(output_len(output) - off);
	const unsigned char *bytes = output_unwritten(output, off);
	uint64_t hash, key;
	bool found = false;
	enum status status = STATUS_OK;

	*ret_off = off;
	if (bytes == NULL || len >> LEN_BITS != 0 || off >> OFF_BITS != 0)
		return STATUS_OK;
	hash = hash_of_bytes(bytes, len);
	key = len <= sizeof(key) ? str_load((struct str) { (const char *)bytes, len }) : hash;
	for (uint64_t i = 0; status == STATUS_OK && !found && i < WAYS; i++) {
		struct slot *slot = &same->slots[(hash ^ i) & (same->n_slots - 1)];

		if (slot->place == 0) {
			*slot = (struct slot) { off << LEN_BITS | len, key };
			break;
		}
		if ((slot->place & ((1u << LEN_BITS) - 1)) == len && slot->key == key)
			status = is_same(slot, output, bytes, len, &found, reterr);
		if (found)
			*ret_off = slot->place >> LEN_BITS;
	}
	if (found)
		output_take_back(output, off);
	return status;
}
