/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "glass/documents.h"

#include <stdio.h>
#include <stdlib.h>

#include "glass/spool.h"

enum { KINDS = 2 /* of files that one table is made of, at most */ };

/* A file of a collector, and the document that comes next in it. */
struct source {
	struct spool_reader spool;
	uint64_t docid; /* UINT64_MAX at the end */
};

struct sources {
	struct source *sources;
	unsigned n;
};

void
documents_name(const char *kind, unsigned collector, char ret_name[DOCUMENTS_NAME_BYTES])
{
	(void)snprintf(ret_name, DOCUMENTS_NAME_BYTES, "%s-%u.tmp", kind, collector);
}

static enum status
next_docid(struct source *source, struct error *reterr)
{
	enum status status = spool_at_end(&source->spool, reterr);

	if (status != STATUS_END)
		return status == STATUS_OK ? spool_read_uint(&source->spool, &source->docid, reterr) : status;
	source->docid = UINT64_MAX;
	return STATUS_OK;
}

/* The files of one kind. */
static enum status
open_kind(struct sources *sources, const char *dir, const char *kind, unsigned n, struct error *reterr)
{
	char name[DOCUMENTS_NAME_BYTES];
	enum status status = STATUS_OK;

	for (unsigned i = 0; status == STATUS_OK && i < n; i++) {
		struct source *source = &sources->sources[sources->n++];

		documents_name(kind, i, name);
		status = spool_open(&source->spool, dir, name, reterr);
		if (status == STATUS_OK)
			status = next_docid(source, reterr);
	}
	return status;
}

static enum status
open_sources(struct sources *sources, const char *dir, const char *const kinds[KINDS], unsigned n, struct error *reterr)
{
	enum status status = STATUS_OK;

	sources->n = 0;
	sources->sources = calloc((size_t)KINDS * n + 1, sizeof(*sources->sources));
	if (sources->sources == NULL)
		return error_set(reterr, STATUS_NOMEM, ERROR_NO_OFFSET, "out of memory");
	for (size_t i = 0; status == STATUS_OK && i < KINDS && kinds[i] != NULL; i++)
		status = open_kind(sources, dir, kinds[i], n, reterr);
	return status;
}

static void
close_sources(struct sources *sources)
{
	for (unsigned i = 0; i < sources->n; i++)
		spool_reader_done(&sources->sources[i].spool);
	free(sources->sources);
}

/* The one with the least docid, or NULL at the end of all. */
static struct source *
first_source(const struct sources *sources)
{
	struct source *first = NULL;

	for (unsigned i = 0; i < sources->n; i++)
		if (sources->sources[i].docid != UINT64_MAX &&
		    (first == NULL || sources->sources[i].docid < first->docid))
			first = &sources->sources[i];
	return first;
}

/* Moves a tag from a source to the table; `suffix` follows the docid in its key.  None, with `may_lack`, if empty. */
static enum status
copy_tag(struct source *source, struct btree *btree, struct str suffix, bool may_lack, struct error *reterr)
{
	unsigned char key[PACK_DOCID_BYTES + 1];
	unsigned char *end = pack_docid(key, (uint32_t)source->docid);
	uint64_t len = 0;
	struct str tag = { "", 0 };
	enum status status = spool_read_uint(&source->spool, &len, reterr);

	if (status == STATUS_OK)
		status = spool_read(&source->spool, len >> 1, &tag, reterr);
	if (status != STATUS_OK || (tag.len == 0 && may_lack))
		return status;
	memcpy(end, suffix.p, suffix.len);
	end += suffix.len;
	return btree_add(btree, (struct str) { (const char *)key, (size_t)(end - key) }, tag, len & 1, reterr);
}

static enum status
copy_terms(struct source *source, struct btree *btree, struct error *reterr)
{
	enum status status = copy_tag(source, btree, STR(""), false, reterr);

	return status == STATUS_OK ? copy_tag(source, btree, STR("\0"), true, reterr) : status;
}

static enum status
copy_data(struct source *source, struct btree *btree, struct error *reterr)
{
	return copy_tag(source, btree, STR(""), false, reterr);
}

static enum status
copy_all(const struct sources *sources, struct btree *btree,
    enum status (*copy)(struct source *source, struct btree *btree, struct error *reterr), struct error *reterr)
{
	struct source *source;
	enum status status = STATUS_OK;

	while (status == STATUS_OK && (source = first_source(sources)) != NULL) {
		status = copy(source, btree, reterr);
		if (status == STATUS_OK)
			status = next_docid(source, reterr);
	}
	return status;
}

/* What tells the two tables apart. */
struct kind {
	const char *sources[KINDS];
	const char *table;
	enum status (*copy)(struct source *source, struct btree *btree, struct error *reterr);
};

static enum status
write_table(const char *dir, unsigned n, const struct kind *kind, struct btree_root *ret_root, struct error *reterr)
{
	char path[PATH_MAX];
	struct sources sources = { NULL, 0 };
	struct btree *btree = NULL;
	enum status status;

	(void)snprintf(path, sizeof(path), "%s/%s", dir, kind->table);
	status = btree_open(path, true, &btree, reterr);
	if (status == STATUS_OK)
		status = open_sources(&sources, dir, kind->sources, n, reterr);
	if (status == STATUS_OK)
		status = copy_all(&sources, btree, kind->copy, reterr);
	if (status == STATUS_OK)
		status = btree_finish(btree, ret_root, reterr);
	close_sources(&sources);
	btree_close(btree);
	return status;
}

enum status
documents_write_terms(const char *dir, unsigned n_collectors, struct btree_root *ret_root, struct error *reterr)
{
	static const struct kind kind = { { "terms", NULL }, "termlist.glass", copy_terms };

	return write_table(dir, n_collectors, &kind, ret_root, reterr);
}

enum status
documents_write_data(const char *dir, unsigned n_collectors, struct btree_root *ret_root, struct error *reterr)
{
	static const struct kind kind = { { "data", "later" }, "docdata.glass", copy_data };

	return write_table(dir, n_collectors, &kind, ret_root, reterr);
}
