/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "store/tier.h"

#include <limits.h>
#include <sys/stat.h>

#include "invfile/file.h"
#include "store/path.h"
#include "store/schema.h"

void
tier_done(struct tier *tier)
{
	invfile_close(tier->file);
	touched_done(&tier->touched);
	*tier = (struct tier) { 0 };
}

void
tier_give_up(struct tier *tier, const struct error *why)
{
	invfile_close(tier->file);
	tier->file = NULL;
	tier->layer.file = NULL;
	tier->why = *why;
}

/* ---- What a commit says ---------------------------------------------------------------------- */

/* Reads the set; false where it is the one that is known. */
static enum status
read_touched(struct tier *tier, struct xc_database *db, bool *ret_is_new, struct error *reterr)
{
	struct str value;
	struct hash said;
	enum status status = xc_database_metadata(db, STR(SCHEMA_META_TOUCHED), &value, reterr);

	if (status != STATUS_OK)
		return status;
	said = hash_of(value);
	*ret_is_new = !hash_eq(&said, &tier->said);
	if (!*ret_is_new)
		return STATUS_OK;
	tier->said = said;
	return touched_read(&tier->touched, value, reterr);
}

enum status
tier_is_lean(struct xc_database *db, bool *ret_lean, struct error *reterr)
{
	struct str value;
	uint32_t last;
	enum status status = xc_database_metadata(db, STR(SCHEMA_META_TOUCHED), &value, reterr);

	return status == STATUS_OK ? touched_read_head(value, &last, ret_lean, reterr) : status;
}

static enum status
note_view(struct tier *tier, struct xc_database *db, struct error *reterr)
{
	const struct touched *touched = &tier->touched;
	xc_docid last;
	enum status status = xc_database_lastdocid(db, &last, reterr);

	if (status != STATUS_OK)
		return status;
	tier->view = (struct store_touched) { .words = touched->words,
		.n_words = touched->n_words,
		.n_set = touched->n_set,
		.first = touched->last + 1,
		.has_any = touched->n_set > 0 || last > touched->last };
	tier->layer = (struct store_layer) { tier->file, tier->view };
	return STATUS_OK;
}

enum status
tier_follow(struct tier *tier, struct xc_database *db, struct error *reterr)
{
	bool is_new;
	enum status status = read_touched(tier, db, &is_new, reterr);

	if (status != STATUS_OK)
		return status;
	return note_view(tier, db, reterr);
}

/* ---- Opening --------------------------------------------------------------------------------- */

/* A file that has come from elsewhere, or has bounds for other weights, would answer wrongly. */
static enum status
check_file(const struct tier *tier, struct error *reterr)
{
	const struct bm25 *bm25 = invfile_bm25(tier->file);
	uint32_t last = invfile_last_docid(tier->file);

	if (last != tier->touched.last || invfile_documents(tier->file) != last)
		return error_set(reterr, STATUS_CORRUPT, ERROR_NO_OFFSET,
		    "it has %lu documents up to number %lu, and the index says %lu",
		    (unsigned long)invfile_documents(tier->file), (unsigned long)last,
		    (unsigned long)tier->touched.last);
	if (bm25->k1 < BM25_K1 || bm25->k1 > BM25_K1 || bm25->b < BM25_B || bm25->b > BM25_B ||
	    bm25->min_normlen < BM25_MIN_NORMLEN || bm25->min_normlen > BM25_MIN_NORMLEN)
		return error_set(reterr, STATUS_VERSION, ERROR_NO_OFFSET,
		    "it was made for other weights; voisin-index --full makes a new one");
	return STATUS_OK;
}

static enum status
open_file(struct tier *tier, const char *path, struct error *reterr)
{
	struct error why = { STATUS_OK, ERROR_NO_OFFSET, "" };
	char full[PATH_MAX];
	struct stat st;
	enum status status = path_join(full, path, SCHEMA_INVFILE, &why);

	if (status == STATUS_OK && stat(full, &st) == 0)
		tier->bytes = (uint64_t)st.st_size;
	if (status == STATUS_OK)
		status = invfile_open(full, &tier->file, &why);
	if (status == STATUS_OK)
		status = check_file(tier, &why);
	if (status == STATUS_OK)
		return STATUS_OK;
	if (tier->touched.lean)
		return error_set(
		    reterr, STATUS_CORRUPT, ERROR_NO_OFFSET, "the index is damaged: %s: %s", full, why.message);
	tier_give_up(tier, &why);
	return STATUS_OK;
}

enum status
tier_open(const char *path, struct xc_database *db, struct tier *ret_tier, struct error *reterr)
{
	struct tier tier = { .why = { STATUS_OK, ERROR_NO_OFFSET, "" } };
	bool is_new;
	enum status status = read_touched(&tier, db, &is_new, reterr);

	if (status == STATUS_OK && tier.touched.last > 0)
		status = open_file(&tier, path, reterr);
	if (status == STATUS_OK)
		status = note_view(&tier, db, reterr);
	if (status != STATUS_OK) {
		tier_done(&tier);
		return status;
	}
	*ret_tier = tier;
	return STATUS_OK;
}
