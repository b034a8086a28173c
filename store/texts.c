/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "store/texts.h"

#include <stdlib.h>
/* For ZDICT_trainFromBuffer_fastCover(), which the library exports and does not promise to keep; without it this does not link. */
#define ZDICT_STATIC_LINKING_ONLY
#include <zdict.h>
#include <zstd.h>
#include <zstd_errors.h>

#include "store/schema.h"

enum {
	/* Higher ones cost more time than their bytes are worth: docs/performance.md. */
	LEVEL = 3,
	/* Documents that are fewer than a sample share the dictionary among themselves alone. */
	SHARE_OF_FEW = 32,
	/*
	 * The pieces that a dictionary is made of, and by strings of how many bytes they are chosen.  The library would try five lengths of
	 * pieces, in five times the time, for a result that is 0.1 % worse (docs/performance.md).
	 */
	PIECE_BYTES = 400,
	STRING_BYTES = 8
};

/* Of no frame: lines begin with it. */
static const char lines_start = 'i';

struct texts {
	ZSTD_DCtx *unpacker;
	ZSTD_DDict *to_unpack; /* NULL without a dictionary */
	ZSTD_CCtx *packer;
	ZSTD_CDict *to_pack; /* NULL without a dictionary, and where nothing is packed */
	char *frame;
	size_t room; /* for it */
};

/* ---- The dictionary -------------------------------------------------------------------------- */

static size_t
dictionary_bytes(size_t sample_bytes)
{
	return sample_bytes >= TEXTS_SAMPLE_BYTES ? LIMIT_DICTIONARY_BYTES : sample_bytes / SHARE_OF_FEW;
}

enum status
texts_train(const char *lines, const size_t *lengths, size_t n, struct buf *out, struct error *reterr)
{
	const ZDICT_fastCover_params_t parameters = {
		.k = PIECE_BYTES, .d = STRING_BYTES, .zParams = { .compressionLevel = LEVEL }
	};
	size_t bytes = 0;
	size_t len;
	struct hash hash;
	char *dictionary;

	for (size_t i = 0; i < n; i++)
		bytes += lengths[i];
	if (n < TEXTS_SAMPLE_LEAST || bytes < TEXTS_SAMPLE_LEAST_BYTES)
		return STATUS_OK;
	dictionary = malloc(dictionary_bytes(bytes));
	if (dictionary == NULL)
		return error_set(reterr, STATUS_NOMEM, ERROR_NO_OFFSET, "out of memory");
	len = ZDICT_trainFromBuffer_fastCover(
	    dictionary, dictionary_bytes(bytes), lines, lengths, (unsigned)n, parameters);
	if (!ZDICT_isError(len)) {
		hash = hash_of((struct str) { dictionary, len });
		(void)buf_append(out, hash.bytes, HASH_BYTES);
		(void)buf_append(out, dictionary, len);
	}
	free(dictionary);
	/* Of documents that are all the same none can be made. */
	if (ZSTD_getErrorCode(len) == ZSTD_error_memory_allocation || buf_status(out) != STATUS_OK)
		return error_set(reterr, STATUS_NOMEM, ERROR_NO_OFFSET, "out of memory");
	return STATUS_OK;
}

/* Whether it is what texts_train() made: with another one every text might be unpacked, and none rightly. */
static enum status
check_dictionary(struct str value, struct str *ret_dictionary, struct error *reterr)
{
	struct str dictionary;
	struct hash hash;

	if (value.len <= HASH_BYTES || value.len > TEXTS_VALUE_BYTES)
		return error_set(reterr, STATUS_CORRUPT, ERROR_NO_OFFSET,
		    "the index is damaged: its dictionary of texts has %zu bytes", value.len);
	dictionary = (struct str) { value.p + HASH_BYTES, value.len - HASH_BYTES };
	hash = hash_of(dictionary);
	if (memcmp(hash.bytes, value.p, HASH_BYTES) != 0 ||
	    ZDICT_isError(ZDICT_getDictHeaderSize(dictionary.p, dictionary.len)))
		return error_set(reterr, STATUS_CORRUPT, ERROR_NO_OFFSET,
		    "the index is damaged: its dictionary of texts is not what was stored");
	*ret_dictionary = dictionary;
	return STATUS_OK;
}

static bool
make_packer(struct texts *texts, struct str dictionary)
{
	texts->packer = ZSTD_createCCtx();
	texts->to_pack = ZSTD_createCDict(dictionary.p, dictionary.len, LEVEL);
	return texts->packer != NULL && texts->to_pack != NULL &&
	       !ZSTD_isError(ZSTD_CCtx_setParameter(texts->packer, ZSTD_c_checksumFlag, 1)) &&
	       !ZSTD_isError(ZSTD_CCtx_setParameter(texts->packer, ZSTD_c_dictIDFlag, 0)) &&
	       !ZSTD_isError(ZSTD_CCtx_refCDict(texts->packer, texts->to_pack));
}

static enum status
make(struct texts *texts, struct str value, bool packs, struct error *reterr)
{
	struct str dictionary;
	enum status status;

	texts->unpacker = ZSTD_createDCtx();
	if (texts->unpacker == NULL)
		return error_set(reterr, STATUS_NOMEM, ERROR_NO_OFFSET, "out of memory");
	if (value.len == 0)
		return STATUS_OK;
	status = check_dictionary(value, &dictionary, reterr);
	if (status != STATUS_OK)
		return status;
	texts->to_unpack = ZSTD_createDDict(dictionary.p, dictionary.len);
	if (texts->to_unpack == NULL || (packs && !make_packer(texts, dictionary)))
		return error_set(reterr, STATUS_NOMEM, ERROR_NO_OFFSET, "out of memory");
	return STATUS_OK;
}

enum status
texts_new(struct str value, bool packs, struct texts **ret_texts, struct error *reterr)
{
	struct texts *texts = calloc(1, sizeof(*texts));
	enum status status;

	if (texts == NULL)
		return error_set(reterr, STATUS_NOMEM, ERROR_NO_OFFSET, "out of memory");
	status = make(texts, value, packs, reterr);
	if (status != STATUS_OK) {
		texts_free(texts);
		return status;
	}
	*ret_texts = texts;
	return STATUS_OK;
}

enum status
texts_open(struct xc_database *db, bool packs, struct texts **ret_texts, struct error *reterr)
{
	struct str value;
	enum status status = xc_database_metadata(db, STR(SCHEMA_META_DICTIONARY), &value, reterr);

	return status == STATUS_OK ? texts_new(value, packs, ret_texts, reterr) : status;
}

void
texts_free(struct texts *texts)
{
	if (texts == NULL)
		return;
	(void)ZSTD_freeDCtx(texts->unpacker);
	(void)ZSTD_freeDDict(texts->to_unpack);
	(void)ZSTD_freeCCtx(texts->packer);
	(void)ZSTD_freeCDict(texts->to_pack);
	free(texts->frame);
	free(texts);
}

/* ---- Packing --------------------------------------------------------------------------------- */

static enum status
reserve(struct texts *texts, size_t room, struct error *reterr)
{
	char *frame;

	if (texts->room >= room)
		return STATUS_OK;
	frame = realloc(texts->frame, room);
	if (frame == NULL)
		return error_set(reterr, STATUS_NOMEM, ERROR_NO_OFFSET, "out of memory");
	texts->frame = frame;
	texts->room = room;
	return STATUS_OK;
}

enum status
texts_pack(struct texts *texts, struct str lines, struct str *ret_stored, bool *ret_packed, struct error *reterr)
{
	size_t len;
	enum status status;

	*ret_stored = lines;
	*ret_packed = false;
	if (texts->to_pack == NULL)
		return STATUS_OK;
	status = reserve(texts, ZSTD_compressBound(lines.len), reterr);
	if (status != STATUS_OK)
		return status;
	len = ZSTD_compress2(texts->packer, texts->frame, texts->room, lines.p, lines.len);
	if (ZSTD_isError(len))
		return error_set(reterr,
		    ZSTD_getErrorCode(len) == ZSTD_error_memory_allocation ? STATUS_NOMEM : STATUS_INTERNAL,
		    ERROR_NO_OFFSET, "the document cannot be packed: %s", ZSTD_getErrorName(len));
	if (len >= lines.len)
		return STATUS_OK;
	*ret_stored = (struct str) { texts->frame, len };
	*ret_packed = true;
	return STATUS_OK;
}

/* ---- Unpacking ------------------------------------------------------------------------------- */

/* The length that a frame says of itself, where it is one frame from end to end. */
static enum status
check_frame(const struct texts *texts, struct str frame, size_t *ret_len, struct error *reterr)
{
	unsigned long long len = ZSTD_getFrameContentSize(frame.p, frame.len);

	if (len == ZSTD_CONTENTSIZE_ERROR || len == ZSTD_CONTENTSIZE_UNKNOWN ||
	    ZSTD_findFrameCompressedSize(frame.p, frame.len) != frame.len)
		return error_set(
		    reterr, STATUS_CORRUPT, ERROR_NO_OFFSET, "the index is damaged: no document is stored here");
	if (len > LIMIT_DOCUMENT_BYTES)
		return error_set(reterr, STATUS_CORRUPT, ERROR_NO_OFFSET,
		    "the index is damaged: a document of %llu bytes, of which the limit is %d", len,
		    LIMIT_DOCUMENT_BYTES);
	if (texts->to_unpack == NULL)
		return error_set(reterr, STATUS_CORRUPT, ERROR_NO_OFFSET,
		    "the index is damaged: a document is packed, and there is no dictionary of texts");
	*ret_len = (size_t)len;
	return STATUS_OK;
}

static enum status
unpack(struct texts *texts, struct str frame, struct arena *arena, struct str *ret_lines, struct error *reterr)
{
	size_t len = 0, made;
	char *lines;
	enum status status = check_frame(texts, frame, &len, reterr);

	if (status != STATUS_OK)
		return status;
	lines = arena_alloc(arena, len + 1);
	if (lines == NULL)
		return error_set(reterr, STATUS_NOMEM, ERROR_NO_OFFSET, "no room for the document");
	made = ZSTD_decompress_usingDDict(texts->unpacker, lines, len, frame.p, frame.len, texts->to_unpack);
	if (made != len)
		return error_set(reterr, STATUS_CORRUPT, ERROR_NO_OFFSET,
		    "the index is damaged: a document cannot be unpacked: %s", ZSTD_getErrorName(made));
	*ret_lines = (struct str) { lines, len };
	return STATUS_OK;
}

enum status
texts_unpack(struct texts *texts, struct str stored, struct arena *arena, struct str *ret_lines, struct error *reterr)
{
	struct str lines;

	if (stored.len > 0 && stored.p[0] != lines_start)
		return unpack(texts, stored, arena, ret_lines, reterr);
	lines = arena_str(arena, stored);
	if (lines.p == NULL)
		return error_set(reterr, STATUS_NOMEM, ERROR_NO_OFFSET, "no room for the document");
	*ret_lines = lines;
	return STATUS_OK;
}
