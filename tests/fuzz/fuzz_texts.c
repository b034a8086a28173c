/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * fuzz_texts: any bytes as a stored text, as a dictionary with the hash that it should have, and as lines to be packed.
 */
#include <stdio.h>
#include <stdlib.h>

#include "store/encode.h"
#include "store/texts.h"

enum { INPUT_MAX = 64 * 1024, ARENA_BYTES = LIMIT_DOCUMENT_BYTES + 64, ARTICLES = 128, ARTICLE_BYTES = 1100 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* By a dictionary of numbered words. */
static struct texts *
open_texts(void)
{
	static char lines[ARTICLES * ARTICLE_BYTES + 16];
	size_t lengths[ARTICLES];
	uint32_t random = 1;
	struct texts *texts;
	struct buf value;

	for (size_t len = 0; len < ARTICLES * ARTICLE_BYTES;) {
		random = random * 1664525u + 1013904223u;
		len += (size_t)snprintf(lines + len, 16, "le mot %u, ", (random >> 16) % 500);
	}
	for (size_t i = 0; i < ARTICLES; i++)
		lengths[i] = ARTICLE_BYTES;
	buf_init(&value, TEXTS_VALUE_BYTES);
	if (texts_train(lines, lengths, ARTICLES, &value, NULL) != STATUS_OK || value.len == 0 ||
	    texts_new(buf_str(&value), true, &texts, NULL) != STATUS_OK)
		abort();
	buf_done(&value);
	return texts;
}

static void
unpack(struct texts *texts, struct str stored, struct arena *arena)
{
	struct error error = { STATUS_OK, ERROR_NO_OFFSET, "" };
	struct store_document document;
	struct str lines;
	enum status status;

	arena_reset(arena);
	status = texts_unpack(texts, stored, arena, &lines, &error);
	if (status == STATUS_OK)
		status = document_decode(lines, &document, &error);
	if (status != STATUS_OK && (status != STATUS_CORRUPT || error.message[0] == '\0'))
		abort();
}

/* The first bytes are the dictionary, as many as the first one says times 16, and what follows is packed by it. */
static void
unpack_by(struct str bytes, struct arena *arena)
{
	size_t len = bytes.len > 0 ? (size_t)(unsigned char)bytes.p[0] * 16 : 0;
	struct str dictionary = { bytes.p + 1, len };
	struct texts *texts = NULL;
	struct hash hash;
	struct buf value;

	if (len == 0 || len + 1 > bytes.len)
		return;
	hash = hash_of(dictionary);
	buf_init(&value, TEXTS_VALUE_BYTES);
	(void)buf_append(&value, hash.bytes, HASH_BYTES);
	if (buf_append_str(&value, dictionary) != STATUS_OK)
		abort();
	if (texts_new(buf_str(&value), true, &texts, NULL) == STATUS_OK)
		unpack(texts, (struct str) { dictionary.p + len, bytes.len - 1 - len }, arena);
	texts_free(texts);
	buf_done(&value);
}

static void
pack_and_unpack(struct texts *texts, struct str bytes, struct arena *arena)
{
	static char lines[INPUT_MAX + 3] = "id=";
	struct str whole = { lines, bytes.len + 3 };
	struct str stored, back;
	bool packed;

	memcpy(lines + 3, bytes.p, bytes.len);
	arena_reset(arena);
	if (texts_pack(texts, whole, &stored, &packed, NULL) != STATUS_OK ||
	    texts_unpack(texts, stored, arena, &back, NULL) != STATUS_OK || !str_eq(whole, back))
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct texts *texts;
	static struct arena *arena;
	struct str bytes = { (const char *)data, size };

	if (size == 0 || size > INPUT_MAX)
		return 0;
	if (texts == NULL) {
		texts = open_texts();
		if (arena_new(ARENA_BYTES, &arena) != STATUS_OK)
			abort();
	}
	unpack(texts, bytes, arena);
	unpack_by(bytes, arena);
	pack_and_unpack(texts, bytes, arena);
	return 0;
}
