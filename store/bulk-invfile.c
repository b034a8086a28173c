/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "store/bulk-invfile.h"

#include <string.h>

#include "base/limits.h"
#include "invfile/writer.h"
#include "stemmer/analyzer.h"
#include "store/path.h"
#include "store/schema.h"

/*
 * Positions of surface forms are kept as ranks among their stem's but for forms that occur less often than HOSTED_LEAST, which save no more than it
 * takes to say whose stem it is, and for those that between one document in MIDDLE_LEAST and one in MIDDLE_MOST has: a rank takes a seek in the
 * stem's list to read, and these are the ones that exact phrases read most.  In what all documents have it is the next one.  Of 126,754 articles
 * that gives up 15 of 37 MB, and three quarters of what ranks would cost (docs/performance.md).
 */
enum { HOSTED_LEAST = 16, MIDDLE_LEAST = 32, MIDDLE_MOST = 2 };

static enum status
start(void *arg, struct error *reterr)
{
	const struct bm25 bm25 = { BM25_K1, BM25_B, BM25_MIN_NORMLEN };
	struct bulk_invfile *invfile = arg;
	enum status status = analyzer_new(&invfile->analyzer, reterr);

	return status == STATUS_OK ? invfile_writer_new(invfile->path, &bm25, &invfile->writer, reterr) : status;
}

static enum status
note_length(void *arg, uint32_t docid, uint32_t length, struct error *reterr)
{
	struct bulk_invfile *invfile = arg;

	invfile->documents++;
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

/* Whether it is a surface form that comes behind all stems (those that begin with a digit come first, and have no other form) and is to have ranks. */
static bool
wants_host(const struct bulk_invfile *invfile, struct str term, uint32_t documents, uint64_t occurrences)
{
	bool is_behind_stems = (unsigned char)term.p[0] > (unsigned char)SCHEMA_PREFIX_STEM[0];
	bool is_middling =
	    documents > invfile->documents / MIDDLE_LEAST && documents < invfile->documents / MIDDLE_MOST;

	return is_behind_stems && occurrences >= HOSTED_LEAST && !is_middling;
}

/*
 * A word is posted under its surface form and its stems at the same positions, so that the form's list is a part of any of theirs.  What the stem was is
 * read off the form, which has lost its accents and capitals: where that leads elsewhere the writer finds out.
 */
static enum status
name_host(struct bulk_invfile *invfile, struct str form, struct error *reterr)
{
	char term[LIMIT_TERM_BYTES] = SCHEMA_PREFIX_STEM;
	size_t prefix = strlen(SCHEMA_PREFIX_STEM);
	const struct token *tokens;
	const struct word *word;
	bool found = false;
	size_t n;
	enum status status = analyzer_run(invfile->analyzer, form, 1, &tokens, &n, reterr);

	if (status != STATUS_OK || n == 0)
		return status;
	word = tokens[0].word;
	for (uint32_t i = 0; status == STATUS_OK && !found && i < word->n_stems; i++) {
		struct str stem = word->stems[i];

		if (stem.len > sizeof(term) - prefix)
			continue;
		memcpy(term + prefix, stem.p, stem.len);
		status = invfile_writer_host(invfile->writer, (struct str) { term, prefix + stem.len }, &found, reterr);
	}
	return status;
}

static enum status
begin_term(void *arg, struct str term, uint32_t documents, uint64_t occurrences, struct error *reterr)
{
	struct bulk_invfile *invfile = arg;
	enum status status = invfile_writer_begin(invfile->writer, term, documents, occurrences, reterr);

	if (status == STATUS_OK && wants_host(invfile, term, documents, occurrences))
		status = name_host(invfile, term, reterr);
	return status;
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
	analyzer_free(invfile->analyzer);
	invfile->writer = NULL;
	invfile->analyzer = NULL;
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
