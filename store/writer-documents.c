/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Documents: who owns which id, and what changed.
 */
#include <stdlib.h>

#include "base/limits.h"
#include "base/utf8.h"
#include "store/encode.h"
#include "store/schema.h"
#include "store/writer-internal.h"

/* ---- What the database says ------------------------------------------------------------------ */

enum status
writer_find_id(struct store_writer *writer, struct str id, uint32_t *ret_docid, struct error *reterr)
{
	char space[LIMIT_ID_BYTES + 1];
	struct xc_database *db = writer_database(writer);
	struct xc_postings *postings;
	enum status status;

	if (db == NULL)
		return STATUS_NOT_FOUND;
	status = writer->batch != NULL ? batch_settle_id(writer->batch, id, reterr) : STATUS_OK;
	if (status != STATUS_OK)
		return status;
	db = writer_database(writer);
	status = xc_database_postlist(db, postings_id_term(id, space, sizeof(space)), &postings, reterr);
	if (status != STATUS_OK)
		return status;
	status = xc_postings_next(postings, ret_docid, reterr);
	xc_postings_free(postings);
	return status == STATUS_END ? STATUS_NOT_FOUND : status;
}

/* The hash of the file that a document belongs to, from its XF term. */
static enum status
owner_of(struct store_writer *writer, uint32_t docid, struct hash *ret_file, struct error *reterr)
{
	struct xc_terms *terms;
	struct str term = { "", 0 };
	enum status status = xc_database_termlist(writer_database(writer), docid, &terms, reterr);

	if (status != STATUS_OK)
		return status;
	status = xc_terms_skip_to(terms, STR(SCHEMA_PREFIX_FILE), &term, reterr);
	if (status == STATUS_OK && (term.len != POSTINGS_FILE_TERM_BYTES ||
				       !hash_from_hex((struct str) { term.p + 2, HASH_HEX_BYTES }, ret_file)))
		status = STATUS_END;
	if (status == STATUS_END)
		status = error_set(reterr, STATUS_CORRUPT, ERROR_NO_OFFSET,
		    "the index is damaged: document %lu has no file", (unsigned long)docid);
	xc_terms_free(terms);
	return status;
}

struct stored {
	struct hash content;
	uint32_t words;
};

static enum status
read_stored(struct store_writer *writer, uint32_t docid, struct stored *ret_stored, struct error *reterr)
{
	struct xc_document *doc;
	struct str value;
	char decimal[16] = "0";
	enum status status = xc_database_document(writer_database(writer), docid, &doc, reterr);

	if (status != STATUS_OK)
		return status;
	memset(ret_stored, 0, sizeof(*ret_stored));
	status = xc_document_value(doc, SCHEMA_VALUE_CONTENT, &value, reterr);
	if (status == STATUS_OK && value.len == HASH_BYTES)
		memcpy(ret_stored->content.bytes, value.p, HASH_BYTES);
	if (status == STATUS_OK)
		status = xc_document_value(doc, SCHEMA_VALUE_WORDS, &value, reterr);
	if (status == STATUS_OK && value.len < sizeof(decimal))
		memcpy(decimal, value.p, value.len);
	ret_stored->words = (uint32_t)strtoul(decimal, NULL, 10);
	xc_document_free(doc);
	return status;
}

enum status
writer_words_of(struct store_writer *writer, uint32_t docid, uint32_t *ret_words, struct error *reterr)
{
	struct stored stored;
	enum status status = read_stored(writer, docid, &stored, reterr);

	if (status == STATUS_OK)
		*ret_words = stored.words;
	return status;
}

/* ---- Claiming an id --------------------------------------------------------------------------- */

static int
compare_docids(const void *a, const void *b)
{
	uint32_t one = *(const uint32_t *)a;
	uint32_t other = *(const uint32_t *)b;

	return (one > other) - (one < other);
}

static const uint32_t *
find_docid(const uint32_t *ids, size_t n, uint32_t docid)
{
	return n > 0 ? bsearch(&docid, ids, n, sizeof(*ids), compare_docids) : NULL;
}

static enum status
refuse_duplicate(struct store_writer *writer, const struct hash *owner, struct error *reterr)
{
	struct store_file file;

	if (hash_eq(owner, &writer->file.hash))
		return error_set(reterr, STATUS_INVALID, ERROR_NO_OFFSET, "duplicate id: the same file has it already");
	if (writer_get_record(writer, owner, &file, NULL) == STATUS_OK && utf8_valid_prefix(file.path) == file.path.len)
		return error_set(reterr, STATUS_INVALID, ERROR_NO_OFFSET, "duplicate id: %.*s has it already",
		    (int)(file.path.len < 180 ? file.path.len : 180), file.path.p);
	return error_set(reterr, STATUS_INVALID, ERROR_NO_OFFSET, "duplicate id: another file has it already");
}

/* Whether the current file may take a document from `owner`. */
static enum status
check_takeover(struct store_writer *writer, const struct hash *owner, uint32_t docid, struct error *reterr)
{
	const struct seen_file *seen = seen_get(&writer->seen, owner);
	struct store_file file;
	enum status status;

	if (writer_is_kept(writer, owner))
		return refuse_duplicate(writer, owner, reterr);
	if (seen != NULL && seen->state == SEEN_SETTLED && find_docid(seen->missing, seen->n_missing, docid) == NULL)
		return refuse_duplicate(writer, owner, reterr);
	if (seen != NULL)
		return STATUS_OK;
	/* Not met: it has vanished, or this run does not look there. */
	status = writer_get_record(writer, owner, &file, reterr);
	if (status == STATUS_NOT_FOUND)
		return STATUS_OK;
	if (status != STATUS_OK)
		return status;
	if (writer_source_of(writer, file.path) == NULL || paths_cover(&writer->spared, file.path))
		return refuse_duplicate(writer, owner, reterr);
	return STATUS_OK;
}

/* Whether a document that the current file gave before was met in it; NULL where it gave none. */
static bool *
met_of(struct store_writer *writer, uint32_t docid)
{
	const struct open_file *open = &writer->file;
	const uint32_t *found = find_docid(open->before.ids, open->before.n, docid);

	return found != NULL ? &open->met[found - open->before.ids] : NULL;
}

bool
writer_meet(struct store_writer *writer, uint32_t docid)
{
	bool *met = met_of(writer, docid);

	if (met == NULL || *met)
		return false;
	*met = true;
	return true;
}

/* Whether the current file may put that document, and whether it was its own already. */
static enum status
claim(struct store_writer *writer, uint32_t docid, bool *ret_own, struct error *reterr)
{
	struct open_file *open = &writer->file;
	bool *met = met_of(writer, docid);
	struct hash owner;
	enum status status;

	if (met != NULL && *met)
		return refuse_duplicate(writer, &open->hash, reterr);
	*ret_own = met != NULL;
	if (met != NULL) {
		*met = true;
		return STATUS_OK;
	}
	status = owner_of(writer, docid, &owner, reterr);
	if (status != STATUS_OK)
		return status;
	if (hash_eq(&owner, &open->hash))
		return refuse_duplicate(writer, &owner, reterr);
	return check_takeover(writer, &owner, docid, reterr);
}

/* A dry run changes nothing, so that it has to remember who took which id. */
static enum status
claim_dry(struct store_writer *writer, struct str id, struct error *reterr)
{
	struct hash hash = hash_of(id);
	struct seen_file *seen;

	if (!writer->options.dry_run)
		return STATUS_OK;
	if (seen_get(&writer->dry_ids, &hash) != NULL)
		return error_set(reterr, STATUS_INVALID, ERROR_NO_OFFSET, "duplicate id: this run has met it already");
	if (seen_put(&writer->dry_ids, &hash, &seen) != STATUS_OK)
		return error_set(reterr, STATUS_NOMEM, ERROR_NO_OFFSET, "out of memory");
	return STATUS_OK;
}

static enum status
write_document(struct store_writer *writer, uint32_t docid, const struct store_document *document, uint32_t old_words,
    enum store_put what, struct error *reterr)
{
	struct xc_document *doc;
	uint32_t words;
	enum status status;

	if (writer->bulk != NULL)
		return bulk_put(writer->bulk, document, reterr);
	if (writer->batch == NULL) {
		status = postings_build(writer->builder, document, &writer->file.hash, &doc, &words, reterr);
		if (status == STATUS_OK)
			xc_document_free(doc);
		return status;
	}
	status = writer_unseal(writer, reterr);
	if (status != STATUS_OK)
		return status;
	return batch_put(writer->batch, docid, document, &writer->file.hash, old_words, what, reterr);
}

static enum status
put_known(struct store_writer *writer, uint32_t docid, const struct store_document *document, enum store_put *ret_put,
    struct error *reterr)
{
	struct hash content = document_hash(document);
	struct stored stored;
	bool own = false;
	bool same;
	enum status status = claim(writer, docid, &own, reterr);

	if (status == STATUS_OK)
		status = read_stored(writer, docid, &stored, reterr);
	if (status != STATUS_OK)
		return status;
	writer->file.put = docid;
	same = hash_eq(&stored.content, &content);
	*ret_put = same ? STORE_UNCHANGED : STORE_CHANGED;
	if (same && own)
		return STATUS_OK;
	writer_note_stale(writer, docid);
	status = write_document(writer, docid, document, stored.words, *ret_put, reterr);
	/* It is of another file from here on. */
	return status == STATUS_OK && !own && writer->batch != NULL ? batch_settle(writer->batch, reterr) : status;
}

static enum status
put_new(struct store_writer *writer, const struct store_document *document, struct error *reterr)
{
	uint32_t docid = writer->batch != NULL ? batch_next_docid(writer->batch) : 0;
	enum status status = write_document(writer, docid, document, 0, STORE_ADDED, reterr);

	writer->added += status == STATUS_OK;
	/* The bulk loader numbers documents as they come. */
	writer->file.put = writer->bulk != NULL ? writer->added : docid;
	return status;
}

enum status
store_writer_put(
    struct store_writer *writer, const struct store_document *document, enum store_put *ret_put, struct error *reterr)
{
	enum store_put what = STORE_ADDED;
	uint32_t docid;
	enum status status;

	if (!writer->file.is_open)
		return error_set(reterr, STATUS_INTERNAL, ERROR_NO_OFFSET, "a document outside of a file");
	writer->file.put = 0;
	status = document_check(document, reterr);
	if (status == STATUS_OK)
		status = claim_dry(writer, document->id, reterr);
	if (status == STATUS_OK) {
		status = writer_find_id(writer, document->id, &docid, reterr);
		if (status == STATUS_NOT_FOUND)
			status = put_new(writer, document, reterr);
		else if (status == STATUS_OK)
			status = put_known(writer, docid, document, &what, reterr);
	}
	if (status != STATUS_OK) {
		writer->file.put = 0;
		return status;
	}
	writer->file.documents++;
	*ret_put = what;
	return STATUS_OK;
}

enum status
store_writer_delete(struct store_writer *writer, struct str id, struct error *reterr)
{
	uint32_t docid;
	uint32_t words = 0;
	enum status status = writer_find_id(writer, id, &docid, reterr);

	if (status == STATUS_NOT_FOUND)
		return error_set(reterr, STATUS_NOT_FOUND, ERROR_NO_OFFSET, "no document has this id");
	if (status == STATUS_OK)
		status = writer_words_of(writer, docid, &words, reterr);
	if (status == STATUS_OK)
		status = writer_unseal(writer, reterr);
	if (status != STATUS_OK || writer->batch == NULL)
		return status;
	writer_note_stale(writer, docid);
	status = batch_delete(writer->batch, docid, words, reterr);
	writer->deleted += status == STATUS_OK;
	return status;
}

enum status
store_writer_frequency(struct store_writer *writer, struct str term, uint32_t *ret_documents, struct error *reterr)
{
	struct xc_database *db = writer->is_build ? NULL : writer_database(writer);

	if (db == NULL) {
		*ret_documents = 0;
		return STATUS_OK;
	}
	return writer->batch != NULL ? batch_frequency(writer->batch, term, ret_documents, reterr)
				     : xc_database_termfreq(db, term, ret_documents, reterr);
}
