/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "store/bulk-invfile.h"

#include "invfile/writer.h"
#include "store/path.h"
#include "store/schema.h"

static enum status
start(void *arg, struct error *reterr)
{
	const struct bm25 bm25 = { BM25_K1, BM25_B, BM25_MIN_NORMLEN };
	struct bulk_invfile *invfile = arg;

	return invfile_writer_new(invfile->path, &bm25, &invfile->writer, reterr);
}

static enum status
note_length(void *arg, uint32_t docid, uint32_t length, struct error *reterr)
{
	struct bulk_invfile *invfile = arg;

	return invfile_writer_length(invfile->writer, docid, length, reterr);
}

/* What the database leaves to the file. */
static enum tee_wish
wish_of(void *arg, struct str term)
{
	const struct bulk_invfile *invfile = arg;

	if (!schema_is_in_invfile(term))
		return TEE_NOTHING;
	if (invfile->lean)
		return TEE_ALONE;
	return schema_has_positions(term) ? TEE_LIST : TEE_POSITIONS_ALONE;
}

static enum status
begin_term(void *arg, struct str term, uint32_t documents, uint64_t occurrences, struct error *reterr)
{
	struct bulk_invfile *invfile = arg;

	return invfile_writer_begin(invfile->writer, term, documents, occurrences, reterr);
}

static enum status
add_posting(void *arg, uint32_t docid, uint32_t wdf, const uint32_t *positions, size_t n, struct error *reterr)
{
	struct bulk_invfile *invfile = arg;

	return invfile_writer_add(invfile->writer, docid, wdf, positions, n, reterr);
}

static enum status
finish(void *arg, struct error *reterr)
{
	struct bulk_invfile *invfile = arg;
	enum status status = invfile_writer_finish(invfile->writer, reterr);

	invfile_writer_free(invfile->writer);
	invfile->writer = NULL;
	return status;
}

enum status
bulk_invfile_tee(struct bulk_invfile *invfile, const char *dir, bool lean, struct tee *ret_tee, struct error *reterr)
{
	enum status status = path_join(invfile->path, dir, SCHEMA_INVFILE, reterr);

	if (status != STATUS_OK)
		return status;
	invfile->lean = lean;
	*ret_tee = (struct tee) { invfile, start, note_length, wish_of, begin_term, add_posting, finish };
	return STATUS_OK;
}
