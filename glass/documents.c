/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "glass/documents.h"

#include <stdio.h>
#include <stdlib.h>

#include "glass/spool.h"
#include "glass/squeeze.h"

/* A file of a collector, or what comes later, and the document that comes next in it. */
struct source {
	struct spool_reader spool;
	const struct documents_later *later; /* NULL where it is a file */
	struct str data; /* of the document, if it is none, and whether they are packed */
	bool is_packed;
	uint64_t docid; /* UINT64_MAX at the end */
};

struct sources {
	struct source *sources;
	unsigned n;
	struct squeeze *squeeze; /* for what comes later */
};

void
documents_name(const char *kind, unsigned collector, char ret_name[DOCUMENTS_NAME_BYTES])
{
	(void)snprintf(ret_name, DOCUMENTS_NAME_BYTES, "%s-%u.tmp", kind, collector);
}

static enum status
next_later(struct source *source, struct error *reterr)
{
	uint32_t docid = 0;
	enum status status =
	    source->later->next_cb(source->later->arg, &docid, &source->data, &source->is_packed, reterr);

	source->docid = status == STATUS_END ? UINT64_MAX : docid;
	return status == STATUS_END ? STATUS_OK : status;
}

static enum status
next_docid(struct source *source, struct error *reterr)
{
	enum status status;

	if (source->later != NULL)
		return next_later(source, reterr);
	status = spool_at_end(&source->spool, reterr);
	if (status != STATUS_END)
		return status == STATUS_OK ? spool_read_uint(&source->spool, &source->docid, reterr) : status;
	source->docid = UINT64_MAX;
	return STATUS_OK;
}

static enum status
open_sources(struct sources *sources, const char *dir, const char *kind, unsigned n, struct error *reterr)
{
	char name[DOCUMENTS_NAME_BYTES];
	enum status status = STATUS_OK;

	sources->sources = calloc(n + 1, sizeof(*sources->sources));
	if (sources->sources == NULL)
		return error_set(reterr, STATUS_NOMEM, ERROR_NO_OFFSET, "out of memory");
	while (status == STATUS_OK && sources->n < n) {
		struct source *source = &sources->sources[sources->n];

		documents_name(kind, sources->n++, name);
		status = spool_open(&source->spool, dir, name, reterr);
		if (status == STATUS_OK)
			status = next_docid(source, reterr);
	}
	return status;
}

/* There is room for one more. */
static enum status
add_later(struct sources *sources, const struct documents_later *later, struct error *reterr)
{
	struct source *source = &sources->sources[sources->n];
	enum status status = squeeze_new(&sources->squeeze, reterr);

	if (status != STATUS_OK)
		return status;
	source->spool.fd = -1;
	source->later = later;
	sources->n++;
	return next_docid(source, reterr);
}

static void
close_sources(struct sources *sources)
{
	for (unsigned i = 0; i < sources->n; i++)
		spool_reader_done(&sources->sources[i].spool);
	free(sources->sources);
	squeeze_free(sources->squeeze);
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

/* `suffix` follows the docid in the tag's key. */
static enum status
add_tag(const struct source *source, struct btree *btree, struct str suffix, struct str tag, bool compressed,
    struct error *reterr)
{
	unsigned char key[PACK_DOCID_BYTES + 1];
	unsigned char *end = pack_docid(key, (uint32_t)source->docid);

	memcpy(end, suffix.p, suffix.len);
	end += suffix.len;
	return btree_add(btree, (struct str) { (const char *)key, (size_t)(end - key) }, tag, compressed, reterr);
}

/* Moves a tag from a file to the table.  None, with `may_lack`, if empty. */
static enum status
copy_tag(struct source *source, struct btree *btree, struct str suffix, bool may_lack, struct error *reterr)
{
	uint64_t len = 0;
	struct str tag = { "", 0 };
	enum status status = spool_read_uint(&source->spool, &len, reterr);

	if (status == STATUS_OK)
		status = spool_read(&source->spool, len >> 1, &tag, reterr);
	if (status != STATUS_OK || (tag.len == 0 && may_lack))
		return status;
	return add_tag(source, btree, suffix, tag, len & 1, reterr);
}

static enum status
copy_terms(const struct sources *sources, struct source *source, struct btree *btree, struct error *reterr)
{
	enum status status = copy_tag(source, btree, STR(""), false, reterr);

	(void)sources;
	return status == STATUS_OK ? copy_tag(source, btree, STR("\0"), true, reterr) : status;
}

static enum status
copy_data(const struct sources *sources, struct source *source, struct btree *btree, struct error *reterr)
{
	struct str tag = source->data;
	bool compressed = false;
	enum status status = STATUS_OK;

	if (source->later == NULL)
		return copy_tag(source, btree, STR(""), false, reterr);
	if (!source->is_packed)
		status = squeeze_tag(sources->squeeze, tag, &tag, &compressed, reterr);
	return status == STATUS_OK ? add_tag(source, btree, STR(""), tag, compressed, reterr) : status;
}

/* What tells the two tables apart. */
struct kind {
	const char *source;
	const char *table;
	enum status (*copy)(
	    const struct sources *sources, struct source *source, struct btree *btree, struct error *reterr);
};

static enum status
copy_all(const struct sources *sources, const struct kind *kind, struct btree *btree, struct error *reterr)
{
	struct source *source;
	enum status status = STATUS_OK;

	while (status == STATUS_OK && (source = first_source(sources)) != NULL) {
		status = kind->copy(sources, source, btree, reterr);
		if (status == STATUS_OK)
			status = next_docid(source, reterr);
	}
	return status;
}

static enum status
write_table(const char *dir, unsigned n, const struct documents_later *later, const struct kind *kind,
    struct btree_root *ret_root, struct error *reterr)
{
	char path[PATH_MAX];
	struct sources sources = { NULL, 0, NULL };
	struct btree *btree = NULL;
	enum status status;

	(void)snprintf(path, sizeof(path), "%s/%s", dir, kind->table);
	status = btree_open(path, true, &btree, reterr);
	if (status == STATUS_OK)
		status = open_sources(&sources, dir, kind->source, n, reterr);
	if (status == STATUS_OK && later != NULL)
		status = add_later(&sources, later, reterr);
	if (status == STATUS_OK)
		status = copy_all(&sources, kind, btree, reterr);
	if (status == STATUS_OK)
		status = btree_finish(btree, ret_root, reterr);
	close_sources(&sources);
	btree_close(btree);
	return status;
}

enum status
documents_write_terms(const char *dir, unsigned n_collectors, struct btree_root *ret_root, struct error *reterr)
{
	static const struct kind kind = { "terms", "termlist.glass", copy_terms };

	return write_table(dir, n_collectors, NULL, &kind, ret_root, reterr);
}

enum status
documents_write_data(const char *dir, unsigned n_collectors, const struct documents_later *later,
    struct btree_root *ret_root, struct error *reterr)
{
	static const struct kind kind = { "data", "docdata.glass", copy_data };

	return write_table(dir, n_collectors, later, &kind, ret_root, reterr);
}
