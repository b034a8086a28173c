/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "glass/lists.h"

#include <stdlib.h>

#include "glass/btree.h"
#include "glass/pack.h"

enum {
	BLOCK_BITS = 20, /* of memory; an address is block << BLOCK_BITS | offset */
	BLOCK_BYTES = 1 << BLOCK_BITS,
	BLOCKS = 1 << (32 - BLOCK_BITS),
	INLINE_BYTES = 28, /* of a key */
	CHUNK_LEAST = 16,
	CHUNK_MOST = 4096,
	LINK_BYTES = 4, /* the next chunk's address, at the end of a chunk */
	LINE_BYTES = 64 /* of the processor's cache */
};

/* One cache line. */
struct entry {
	uint32_t hash;
	uint32_t first; /* chunk */
	uint32_t tail; /* where the next byte goes; where there is no room, where the link goes */
	uint16_t room; /* in the last chunk */
	uint16_t key_len;
	uint32_t docid; /* of the last record */
	uint32_t records;
	uint64_t sum;
	uint32_t bytes;
	union {
		char key[INLINE_BYTES];
		uint32_t address; /* of a longer one */
	};
};

struct sorted {
	uint64_t start; /* the key's first eight bytes, so that most comparisons are of numbers */
	uint32_t entry;
};

struct lists {
	unsigned char **blocks;
	size_t n_blocks;
	size_t used; /* of the last block */
	struct entry *entries;
	size_t n;
	size_t capacity;
	uint32_t *slots; /* open addressing: number of the entry + 1, 0 for none */
	size_t n_slots; /* a power of two */
	struct sorted *sorted;
};

enum status
lists_new(struct lists **ret_lists, struct error *reterr)
{
	struct lists *lists = calloc(1, sizeof(*lists));

	if (lists != NULL)
		lists->blocks = calloc(BLOCKS, sizeof(*lists->blocks));
	if (lists == NULL || lists->blocks == NULL) {
		free(lists);
		return error_set(reterr, STATUS_NOMEM, ERROR_NO_OFFSET, "out of memory");
	}
	*ret_lists = lists;
	return STATUS_OK;
}

void
lists_reset(struct lists *lists)
{
	for (size_t i = 0; i < lists->n_blocks; i++)
		free(lists->blocks[i]);
	free(lists->entries);
	free(lists->slots);
	free(lists->sorted);
	*lists = (struct lists) { .blocks = lists->blocks };
}

void
lists_free(struct lists *lists)
{
	if (lists == NULL)
		return;
	lists_reset(lists);
	free(lists->blocks);
	free(lists);
}

size_t
lists_bytes(const struct lists *lists)
{
	return lists->n_blocks * BLOCK_BYTES + lists->capacity * (sizeof(*lists->entries) + sizeof(*lists->sorted)) +
	       lists->n_slots * sizeof(*lists->slots);
}

/* ---- Memory ---------------------------------------------------------------------------------- */

static unsigned char *
at(const struct lists *lists, uint32_t address)
{
	return lists->blocks[address >> BLOCK_BITS] + (address & (BLOCK_BYTES - 1));
}

/* At most CHUNK_MOST bytes in one block. */
static enum status
take(struct lists *lists, size_t bytes, uint32_t *ret_address, struct error *reterr)
{
	if (lists->n_blocks == 0 || BLOCK_BYTES - lists->used < bytes) {
		if (lists->n_blocks == BLOCKS)
			return error_set(
			    reterr, STATUS_LIMIT, ERROR_NO_OFFSET, "one document fills more than 4 GiB of memory");
		lists->blocks[lists->n_blocks] = malloc(BLOCK_BYTES);
		if (lists->blocks[lists->n_blocks] == NULL)
			return error_set(reterr, STATUS_NOMEM, ERROR_NO_OFFSET, "out of memory");
		lists->n_blocks++;
		lists->used = 0;
	}
	*ret_address = (uint32_t)((lists->n_blocks - 1) << BLOCK_BITS | lists->used);
	lists->used += bytes;
	return STATUS_OK;
}

/* The size of the chunk that follows `bytes` bytes of a list, link included. */
static size_t
chunk_size(uint64_t bytes)
{
	size_t size = CHUNK_LEAST;

	while (size < bytes && size < CHUNK_MOST)
		size *= 2;
	return size;
}

static enum status
grow(struct lists *lists, struct entry *entry, struct error *reterr)
{
	size_t size = chunk_size(entry->bytes);
	uint32_t address;
	enum status status = take(lists, size, &address, reterr);

	if (status != STATUS_OK)
		return status;
	if (entry->bytes > 0)
		memcpy(at(lists, entry->tail), &address, LINK_BYTES);
	else
		entry->first = address;
	entry->tail = address;
	entry->room = (uint16_t)(size - LINK_BYTES);
	return STATUS_OK;
}

static enum status
append(struct lists *lists, struct entry *entry, struct str bytes, struct error *reterr)
{
	while (bytes.len > 0) {
		enum status status = entry->room == 0 ? grow(lists, entry, reterr) : STATUS_OK;
		size_t n = bytes.len < entry->room ? bytes.len : entry->room;

		if (status != STATUS_OK)
			return status;
		memcpy(at(lists, entry->tail), bytes.p, n);
		entry->tail += (uint32_t)n;
		entry->room = (uint16_t)(entry->room - n);
		entry->bytes += (uint32_t)n;
		bytes = (struct str) { bytes.p + n, bytes.len - n };
	}
	return STATUS_OK;
}

/* ---- Keys ------------------------------------------------------------------------------------ */

/* FNV-1a, eight bytes a step (Fowler, Noll, Vo), folded; chosen for speed, no guard against malice is needed. */
static uint32_t
hash_key(struct str key)
{
	const uint64_t prime = 0x100000001B3u;
	uint64_t hash = 0xCBF29CE484222325u;

	for (; key.len >= sizeof(hash); key = (struct str) { key.p + sizeof(hash), key.len - sizeof(hash) }) {
		hash = (hash ^ str_load(key)) * prime;
		hash ^= hash >> 29;
	}
	hash = (hash ^ str_load(key) ^ (uint64_t)key.len << 56) * prime;
	hash ^= hash >> 32;
	hash *= prime;
	return (uint32_t)(hash ^ hash >> 32);
}

static struct str
key_of(const struct lists *lists, const struct entry *entry)
{
	if (entry->key_len <= INLINE_BYTES)
		return (struct str) { entry->key, entry->key_len };
	return (struct str) { (const char *)at(lists, entry->address), entry->key_len };
}

static void
put_slot(struct lists *lists, uint32_t number)
{
	size_t slot = lists->entries[number].hash & (lists->n_slots - 1);

	while (lists->slots[slot] != 0)
		slot = (slot + 1) & (lists->n_slots - 1);
	lists->slots[slot] = number + 1;
}

static enum status
reserve(struct lists *lists, struct error *reterr)
{
	size_t capacity = lists->capacity > 0 ? lists->capacity * 2 : 4096;
	struct entry *entries;
	uint32_t *slots;

	if (lists->n < lists->capacity)
		return STATUS_OK;
	entries = aligned_alloc(LINE_BYTES, capacity * sizeof(*entries));
	if (entries == NULL)
		return error_set(reterr, STATUS_NOMEM, ERROR_NO_OFFSET, "out of memory");
	if (lists->n > 0)
		memcpy(entries, lists->entries, lists->n * sizeof(*entries));
	free(lists->entries);
	lists->entries = entries;
	slots = calloc(2 * capacity, sizeof(*slots));
	if (slots == NULL)
		return error_set(reterr, STATUS_NOMEM, ERROR_NO_OFFSET, "out of memory");
	free(lists->slots);
	lists->slots = slots;
	lists->n_slots = 2 * capacity;
	lists->capacity = capacity;
	for (size_t i = 0; i < lists->n; i++)
		put_slot(lists, (uint32_t)i);
	return STATUS_OK;
}

static enum status
new_entry(struct lists *lists, struct str key, uint32_t hash, uint32_t *ret_number, struct error *reterr)
{
	struct entry *entry;
	uint32_t address = 0;
	enum status status = reserve(lists, reterr);

	if (status == STATUS_OK && key.len > INLINE_BYTES)
		status = take(lists, key.len, &address, reterr);
	if (status != STATUS_OK)
		return status;
	entry = &lists->entries[lists->n];
	*entry = (struct entry) { .hash = hash, .key_len = (uint16_t)key.len };
	if (key.len > INLINE_BYTES) {
		entry->address = address;
		memcpy(at(lists, address), key.p, key.len);
	} else
		memcpy(entry->key, key.p, key.len);
	*ret_number = (uint32_t)lists->n++;
	put_slot(lists, *ret_number);
	return STATUS_OK;
}

enum status
lists_find(struct lists *lists, struct str key, uint32_t *ret_number, struct error *reterr)
{
	uint32_t hash = hash_key(key);

	if (lists->n_slots > 0)
		for (size_t slot = hash & (lists->n_slots - 1); lists->slots[slot] != 0;
		     slot = (slot + 1) & (lists->n_slots - 1)) {
			uint32_t number = lists->slots[slot] - 1;
			const struct entry *entry = &lists->entries[number];

			if (entry->hash != hash || !str_eq(key_of(lists, entry), key))
				continue;
			*ret_number = number;
			return STATUS_OK;
		}
	return new_entry(lists, key, hash, ret_number, reterr);
}

/* ---- Records --------------------------------------------------------------------------------- */

unsigned char *
record_head(const struct record *record, uint32_t docid_before, unsigned char *to)
{
	bool has_bytes = record->bytes.len > 0;

	to = pack_uint(to, record->docid - docid_before);
	to = pack_uint(to, record->number << 1 | has_bytes);
	return has_bytes ? pack_uint(to, record->bytes.len) : to;
}

void
lists_await(const struct lists *lists, uint32_t number)
{
	__builtin_prefetch(&lists->entries[number], 1);
}

void
lists_await_end(const struct lists *lists, uint32_t number)
{
	const struct entry *entry = &lists->entries[number];

	if (entry->bytes > 0)
		__builtin_prefetch(at(lists, entry->tail), 1);
}

enum status
lists_append(struct lists *lists, uint32_t number, const struct record *record, struct error *reterr)
{
	unsigned char head[RECORD_HEAD_BYTES];
	struct entry *entry = &lists->entries[number];
	size_t len = (size_t)(record_head(record, entry->docid, head) - head);
	enum status status = append(lists, entry, (struct str) { (const char *)head, len }, reterr);

	if (status == STATUS_OK)
		status = append(lists, entry, record->bytes, reterr);
	entry->docid = record->docid;
	entry->records++;
	entry->sum += record->number;
	return status;
}

enum status
lists_add(struct lists *lists, struct str key, const struct record *record, struct error *reterr)
{
	uint32_t number = 0;
	enum status status = lists_find(lists, key, &number, reterr);

	return status == STATUS_OK ? lists_append(lists, number, record, reterr) : status;
}

/* ---- Walking --------------------------------------------------------------------------------- */

static int
compare(const void *a, const void *b, void *arg)
{
	const struct sorted *one = a;
	const struct sorted *other = b;
	const struct lists *lists = arg;

	if (one->start != other->start)
		return one->start < other->start ? -1 : 1;
	return str_cmp(key_of(lists, &lists->entries[one->entry]), key_of(lists, &lists->entries[other->entry]));
}

enum status
lists_sort(struct lists *lists, struct error *reterr)
{
	free(lists->sorted);
	lists->sorted = calloc(lists->n + 1, sizeof(*lists->sorted));
	if (lists->sorted == NULL)
		return error_set(reterr, STATUS_NOMEM, ERROR_NO_OFFSET, "out of memory");
	for (size_t i = 0; i < lists->n; i++)
		lists->sorted[i] = (struct sorted) { str_start(key_of(lists, &lists->entries[i])), (uint32_t)i };
	if (lists->n > 1)
		qsort_r(lists->sorted, lists->n, sizeof(*lists->sorted), compare, lists);
	return STATUS_OK;
}

size_t
lists_count(const struct lists *lists)
{
	return lists->n;
}

struct list
lists_get(const struct lists *lists, size_t i)
{
	const struct entry *entry = &lists->entries[lists->sorted[i].entry];

	return (struct list) { key_of(lists, entry), entry->records, entry->sum, entry->bytes, entry->first };
}

bool
lists_piece(const struct lists *lists, const struct list *list, struct list_walk *walk, struct str *ret_piece)
{
	uint64_t left = list->bytes - walk->done;
	size_t size = chunk_size(walk->done) - LINK_BYTES;
	const unsigned char *chunk;

	if (left == 0)
		return false;
	if (walk->done == 0)
		walk->at = list->first;
	chunk = at(lists, walk->at);
	*ret_piece = (struct str) { (const char *)chunk, left < size ? (size_t)left : size };
	walk->done += ret_piece->len;
	if (left > size)
		memcpy(&walk->at, chunk + size, LINK_BYTES);
	return true;
}
