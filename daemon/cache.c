/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "daemon/cache.h"

#include <stdlib.h>
#include <sys/queue.h>
#include <sys/random.h>

enum {
	USUAL_BYTES = 2048, /* of an entry: there is a bucket for each that fits */
	SHARE = 8 /* no entry takes more than this part of the whole */
};

struct entry {
	TAILQ_ENTRY(entry) age;
	struct entry *next; /* in its bucket */
	uint64_t hash;
	uint32_t hits;
	size_t key_len;
	size_t value_len;
	char bytes[]; /* key, value */
};

struct cache {
	size_t max_bytes;
	struct cache_state state;
	uint64_t seed; /* so that nobody can choose keys that share a bucket */
	uint64_t names;
	uint64_t index;
	TAILQ_HEAD(entry_list, entry) ages; /* the first was not asked for longest */
	size_t n_buckets; /* a power of two */
	struct entry **buckets;
};

struct cache *
cache_new(size_t max_bytes)
{
	struct cache *cache = calloc(1, sizeof(*cache));

	if (cache == NULL)
		return NULL;
	cache->max_bytes = max_bytes;
	TAILQ_INIT(&cache->ages);
	for (cache->n_buckets = 1; cache->n_buckets < max_bytes / USUAL_BYTES;)
		cache->n_buckets *= 2;
	cache->buckets = calloc(cache->n_buckets, sizeof(struct entry *));
	if (cache->buckets == NULL) {
		free(cache);
		return NULL;
	}
	/* Without randomness it is a little slower in the worst case, and never wrong. */
	(void)!getrandom(&cache->seed, sizeof(cache->seed), GRND_NONBLOCK);
	return cache;
}

static size_t
cost(size_t key_len, size_t value_len)
{
	return sizeof(struct entry) + key_len + value_len;
}

static struct entry **
bucket(struct cache *cache, uint64_t hash)
{
	return &cache->buckets[hash & (cache->n_buckets - 1)];
}

static void
drop(struct cache *cache, struct entry *entry)
{
	struct entry **link = bucket(cache, entry->hash);

	while (*link != entry)
		link = &(*link)->next;
	*link = entry->next;
	TAILQ_REMOVE(&cache->ages, entry, age);
	cache->state.bytes -= cost(entry->key_len, entry->value_len);
	cache->state.entries--;
	free(entry);
}

static void
drop_all(struct cache *cache)
{
	struct entry *entry;

	while ((entry = TAILQ_FIRST(&cache->ages)) != NULL)
		drop(cache, entry);
}

void
cache_free(struct cache *cache)
{
	if (cache == NULL)
		return;
	drop_all(cache);
	free(cache->buckets);
	free(cache);
}

void
cache_use(struct cache *cache, uint64_t index, uint64_t names)
{
	if (index == cache->index && names == cache->names)
		return;
	drop_all(cache);
	cache->index = index;
	cache->names = names;
}

/* FNV-1a (Fowler, Noll and Vo), begun with the seed. */
static uint64_t
hash_of(const struct cache *cache, struct str key)
{
	uint64_t hash = cache->seed ^ 0xCBF29CE484222325u;

	for (size_t i = 0; i < key.len; i++)
		hash = (hash ^ (unsigned char)key.p[i]) * 0x100000001B3u;
	return hash ^ (hash >> 32);
}

static struct entry *
find(struct cache *cache, uint64_t hash, struct str key)
{
	for (struct entry *entry = *bucket(cache, hash); entry != NULL; entry = entry->next) {
		if (entry->hash == hash && str_eq(key, (struct str) { entry->bytes, entry->key_len }))
			return entry;
	}
	return NULL;
}

bool
cache_get(struct cache *cache, struct str key, struct cache_value *ret_value)
{
	struct entry *entry = find(cache, hash_of(cache, key), key);

	if (entry == NULL)
		return false;
	TAILQ_REMOVE(&cache->ages, entry, age);
	TAILQ_INSERT_TAIL(&cache->ages, entry, age);
	*ret_value =
	    (struct cache_value) { .bytes = { entry->bytes + entry->key_len, entry->value_len }, .hits = entry->hits };
	return true;
}

void
cache_put(struct cache *cache, struct str key, const struct cache_value *value)
{
	size_t bytes = cost(key.len, value->bytes.len);
	uint64_t hash = hash_of(cache, key);
	struct entry *entry;

	if (bytes > cache->max_bytes / SHARE || find(cache, hash, key) != NULL)
		return;
	while (cache->state.bytes + bytes > cache->max_bytes)
		drop(cache, TAILQ_FIRST(&cache->ages));
	entry = malloc(bytes);
	if (entry == NULL)
		return;
	*entry = (struct entry) { .next = *bucket(cache, hash),
		.hash = hash,
		.hits = value->hits,
		.key_len = key.len,
		.value_len = value->bytes.len };
	memcpy(entry->bytes, key.p, key.len);
	memcpy(entry->bytes + key.len, value->bytes.p, value->bytes.len);
	*bucket(cache, hash) = entry;
	TAILQ_INSERT_TAIL(&cache->ages, entry, age);
	cache->state.bytes += bytes;
	cache->state.entries++;
}

struct cache_state
cache_state(const struct cache *cache)
{
	return cache->state;
}
