/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "store/inspect.h"

#include <dirent.h>
#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "base/limits.h"
#include "invfile/cursor.h"
#include "invfile/file.h"
#include "store/encode.h"
#include "store/generation.h"
#include "store/layername.h"
#include "store/layers.h"
#include "store/manifest.h"
#include "store/path.h"
#include "store/schema.h"
#include "store/texts.h"

enum { REPORT_BYTES = 4096, REPORT_SHOWN = 120 };

enum status
store_inspect_files(const struct store_reader *reader, enum status (*visit)(void *arg, const struct store_file *file),
    void *arg, struct error *reterr)
{
	return filerecord_each(store_reader_database(reader), visit, arg, reterr);
}

static uint64_t
first_bytes(struct str value)
{
	uint64_t number = 0;

	memcpy(&number, value.p, value.len < sizeof(number) ? value.len : sizeof(number));
	return number;
}

static enum status
visit_versions(struct xc_values *ids, struct xc_values *contents,
    enum status (*visit)(void *arg, uint32_t docid, uint64_t id, uint64_t content), void *arg, struct error *reterr)
{
	uint32_t docid, other;
	struct str id, content;
	enum status status;

	while ((status = xc_values_next(ids, &docid, &id, reterr)) == STATUS_OK) {
		uint64_t number = first_bytes(id);

		status = xc_values_skip_to(contents, docid, &other, &content, reterr);
		if (status == STATUS_END || (status == STATUS_OK && other != docid))
			return error_set(reterr, STATUS_CORRUPT, ERROR_NO_OFFSET,
			    "the index is damaged: document %lu has no fingerprint", (unsigned long)docid);
		if (status == STATUS_OK)
			status = visit(arg, docid, number, first_bytes(content));
		if (status != STATUS_OK)
			return status;
	}
	return status == STATUS_END ? STATUS_OK : status;
}

enum status
store_inspect_versions(const struct store_reader *reader,
    enum status (*visit)(void *arg, uint32_t docid, uint64_t id, uint64_t content), void *arg, struct error *reterr)
{
	struct xc_database *db = store_reader_database(reader);
	struct xc_values *ids = NULL;
	struct xc_values *contents = NULL;
	enum status status = xc_database_valuestream(db, SCHEMA_VALUE_TIE, &ids, reterr);

	if (status == STATUS_OK)
		status = xc_database_valuestream(db, SCHEMA_VALUE_CONTENT, &contents, reterr);
	if (status == STATUS_OK)
		status = visit_versions(ids, contents, visit, arg, reterr);
	xc_values_free(contents);
	xc_values_free(ids);
	return status;
}

/* Whether what stands behind the prefix is a value of that kind: other prefixes begin with the same letter. */
static bool
is_value(enum store_term_kind kind, struct str value)
{
	size_t i;

	for (i = 0; i < value.len; i++)
		if (kind == STORE_TERM_YEAR ? value.p[i] < '0' || value.p[i] > '9'
					    : value.p[i] < 'a' || value.p[i] > 'z')
			return false;
	return kind == STORE_TERM_YEAR ? i == 4 : i > 0;
}

enum status
store_inspect_terms(const struct store_reader *reader, enum store_term_kind kind,
    enum status (*visit)(void *arg, struct str value, uint32_t documents), void *arg, struct error *reterr)
{
	struct str prefix = kind == STORE_TERM_YEAR ? STR(SCHEMA_PREFIX_YEAR) : STR(SCHEMA_PREFIX_LANGUAGE);
	struct xc_terms *terms;
	struct str term;
	enum status status = xc_database_allterms(store_reader_database(reader), prefix, &terms, reterr);

	if (status != STATUS_OK)
		return status;
	while ((status = xc_terms_next(terms, &term, reterr)) == STATUS_OK) {
		struct str value = { term.p + prefix.len, term.len - prefix.len };
		xc_doccount documents;

		if (!is_value(kind, value))
			continue;
		status = xc_terms_termfreq(terms, &documents, reterr);
		if (status == STATUS_OK)
			status = visit(arg, value, documents);
		if (status != STATUS_OK)
			break;
	}
	xc_terms_free(terms);
	return status == STATUS_END ? STATUS_OK : status;
}

static enum status
visit_folder(const char *path, DIR *folder, enum status (*visit)(void *arg, const char *name, uint64_t bytes),
    void *arg, struct error *reterr)
{
	const struct dirent *entry;
	enum status status = STATUS_OK;

	while (status == STATUS_OK && (errno = 0, entry = readdir(folder)) != NULL) {
		char full[PATH_MAX];
		struct stat st;

		status = path_join(full, path, entry->d_name, reterr);
		/* A file that a commit has just replaced is none to count. */
		if (status == STATUS_OK && lstat(full, &st) == 0 && S_ISREG(st.st_mode))
			status = visit(arg, entry->d_name, (uint64_t)st.st_size);
	}
	if (status == STATUS_OK && errno != 0)
		status = error_errno(reterr, STATUS_IO, errno, "cannot read folder %s", path);
	return status;
}

enum status
store_inspect_tables(const char *dir, const struct store_reader *reader,
    enum status (*visit)(void *arg, const char *name, uint64_t bytes), void *arg, struct error *reterr)
{
	struct store_stats stats;
	char name[GENERATION_NAME_BYTES];
	char path[PATH_MAX];
	DIR *folder;
	enum status status = store_reader_stats(reader, &stats, reterr);

	if (status != STATUS_OK)
		return status;
	memcpy(name, stats.generation.p, stats.generation.len);
	name[stats.generation.len] = '\0';
	status = path_join(path, dir, name, reterr);
	if (status != STATUS_OK)
		return status;
	folder = opendir(path);
	if (folder == NULL)
		return error_errno(reterr, STATUS_IO, errno, "cannot open folder %s", path);
	status = visit_folder(path, folder, visit, arg, reterr);
	(void)closedir(folder);
	return status;
}

/* ---- Whether it is whole --------------------------------------------------------------------- */

static enum status
current_path(const char *dir, char ret_path[PATH_MAX], struct error *reterr)
{
	struct generation generation;
	enum status status = generation_current(dir, &generation, reterr);

	return status == STATUS_OK ? path_join(ret_path, dir, generation.name, reterr) : status;
}

enum status
store_inspect_hashes(const char *dir, bool *ret_sealed, struct error *reterr)
{
	char path[PATH_MAX];
	enum status status = current_path(dir, path, reterr);

	return status == STATUS_OK ? manifest_verify(path, ret_sealed, reterr) : status;
}

/* The first line of Xapian's report that is about an error is not marked; its last lines are the summary. */
static void
first_line(char *report)
{
	report[strcspn(report, "\r\n")] = '\0';
}

/* A layer's file, every list of it.  *ret_there is false where there is none. */
static enum status
check_file(const char *path, uint32_t number, bool *ret_there, struct error *reterr)
{
	char space[LAYERNAME_BYTES];
	char full[PATH_MAX];
	struct invfile *file = NULL;
	enum status status = path_join(full, path, layername_file(number, space), reterr);

	if (status == STATUS_OK)
		status = invfile_open(full, &file, reterr);
	if (status == STATUS_OK)
		status = invfile_verify(file, reterr);
	invfile_close(file);
	*ret_there = status != STATUS_NOT_FOUND;
	return status == STATUS_NOT_FOUND ? STATUS_OK : status;
}

static enum status
check_files(const char *path, struct xc_database *db, bool *ret_all_there, struct error *reterr)
{
	uint32_t numbers[LIMIT_LAYERS];
	uint32_t n = 0;
	bool lean = false, there;
	enum status status = layername_read(db, numbers, &n, reterr);

	*ret_all_there = n > 0;
	if (status == STATUS_OK)
		status = layers_are_lean(db, &lean, reterr);
	for (uint32_t i = 0; status == STATUS_OK && i < n; i++) {
		status = check_file(path, numbers[i], &there, reterr);
		*ret_all_there = *ret_all_there && there;
		if (status == STATUS_OK && !there && lean) {
			char space[LAYERNAME_BYTES];

			status = error_set(reterr, STATUS_CORRUPT, ERROR_NO_OFFSET,
			    "the index is damaged: there is no %s/%s", path, layername_file(numbers[i], space));
		}
	}
	return status;
}

/* How many layers have a document untouched; the last of them says how long it is. */
static uint32_t
layers_of(const struct layers *layers, uint32_t docid, uint32_t *ret_length)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < layers->n; i++) {
		const struct store_layer *layer = &layers->views[i];
		uint32_t number = invfile_number(layer->file, docid);

		if (number == CURSOR_END || invfile_docid(layer->file, number) != docid ||
		    store_touched_has(&layer->touched, number))
			continue;
		*ret_length = invfile_lengths(layer->file)[number];
		n++;
	}
	return n;
}

/* Whether a document of the database is in one layer, as long as it is there. */
static enum status
check_place(const struct layers *layers, uint32_t docid, uint32_t length, struct error *reterr)
{
	uint32_t there = 0;
	uint32_t n = layers_of(layers, docid, &there);

	if (n == 0)
		return error_set(reterr, STATUS_CORRUPT, ERROR_NO_OFFSET,
		    "the index is damaged: document %lu has no inverted file", (unsigned long)docid);
	if (n > 1)
		return error_set(reterr, STATUS_CORRUPT, ERROR_NO_OFFSET,
		    "the index is damaged: document %lu is in %u inverted files", (unsigned long)docid, (unsigned)n);
	if (length != there)
		return error_set(reterr, STATUS_CORRUPT, ERROR_NO_OFFSET,
		    "the index is damaged: document %lu has two lengths", (unsigned long)docid);
	return STATUS_OK;
}

/* Each document of the database is untouched in one layer, and there are no others. */
static enum status
check_places(struct xc_database *db, const struct layers *layers, struct error *reterr)
{
	struct xc_postings *all;
	uint64_t untouched = 0, n = 0;
	xc_docid docid = 0;
	enum status status = xc_database_postlist(db, STR(""), &all, reterr);

	if (status != STATUS_OK)
		return status;
	while ((status = xc_postings_next(all, &docid, reterr)) == STATUS_OK) {
		xc_termcount length = 0;

		status = xc_postings_doclength(all, &length, reterr);
		if (status == STATUS_OK)
			status = check_place(layers, docid, length, reterr);
		if (status != STATUS_OK)
			break;
		n++;
	}
	xc_postings_free(all);
	for (uint32_t i = 0; i < layers->n; i++)
		untouched += layers->v[i].its.touched.last - layers->v[i].its.touched.n_set;
	if (status == STATUS_END && untouched != n)
		return error_set(reterr, STATUS_CORRUPT, ERROR_NO_OFFSET,
		    "the index is damaged: its inverted files have documents that it has not");
	return status == STATUS_END ? STATUS_OK : status;
}

/* An index that is not lean is whole without its inverted files; those that are there must be. */
static enum status
check_invfiles(const char *path, struct xc_database *db, struct error *reterr)
{
	struct layers layers = { .path = path };
	bool all_there;
	enum status status = check_files(path, db, &all_there, reterr);

	if (status == STATUS_OK && all_there)
		status = layers_follow(&layers, db, true, reterr);
	if (status == STATUS_OK && layers.why.code == STATUS_CORRUPT) {
		status = layers.why.code;
		if (reterr != NULL)
			*reterr = layers.why;
	}
	if (status == STATUS_OK && layers_in_use(&layers) > 0)
		status = check_places(db, &layers, reterr);
	layers_done(&layers);
	return status;
}

/* Whether a document's stored text can be had, and is the one that was put. */
static enum status
check_text(struct xc_database *db, struct texts *texts, struct arena *arena, xc_docid docid, struct error *reterr)
{
	struct store_document document;
	struct xc_document *doc;
	struct str data, content;
	struct hash hash;
	enum status status = xc_database_document(db, docid, &doc, reterr);

	if (status != STATUS_OK)
		return status;
	status = xc_document_data(doc, &data, reterr);
	if (status == STATUS_OK)
		status = texts_unpack(texts, data, arena, &data, reterr);
	if (status == STATUS_OK)
		status = document_decode(data, &document, reterr);
	if (status == STATUS_OK)
		status = xc_document_value(doc, SCHEMA_VALUE_CONTENT, &content, reterr);
	if (status == STATUS_OK) {
		hash = document_hash(&document);
		if (content.len != HASH_BYTES || memcmp(content.p, hash.bytes, HASH_BYTES) != 0)
			status = error_set(reterr, STATUS_CORRUPT, ERROR_NO_OFFSET,
			    "the index is damaged: what is stored is not what was put");
	}
	xc_document_free(doc);
	return status;
}

static enum status
check_each_text(struct xc_database *db, struct texts *texts, struct arena *arena, struct error *reterr)
{
	struct error why = { STATUS_OK, ERROR_NO_OFFSET, "" };
	struct xc_postings *all;
	xc_docid docid = 0;
	enum status status = xc_database_postlist(db, STR(""), &all, reterr);

	if (status != STATUS_OK)
		return status;
	while ((status = xc_postings_next(all, &docid, reterr)) == STATUS_OK) {
		arena_reset(arena);
		status = check_text(db, texts, arena, docid, &why);
		if (status != STATUS_OK) {
			status = error_set(
			    reterr, status, ERROR_NO_OFFSET, "document %lu: %s", (unsigned long)docid, why.message);
			break;
		}
	}
	xc_postings_free(all);
	return status == STATUS_END ? STATUS_OK : status;
}

static enum status
check_texts(struct xc_database *db, struct error *reterr)
{
	struct texts *texts = NULL;
	struct arena *arena = NULL;
	enum status status = texts_open(db, false, &texts, reterr);

	if (status == STATUS_OK && arena_new(LIMIT_DOCUMENT_BYTES + 1, &arena) != STATUS_OK)
		status = error_set(reterr, STATUS_NOMEM, ERROR_NO_OFFSET, "out of memory");
	if (status == STATUS_OK)
		status = check_each_text(db, texts, arena, reterr);
	arena_free(arena);
	texts_free(texts);
	return status;
}

enum status
store_inspect_structure(const char *dir, struct error *reterr)
{
	char path[PATH_MAX];
	char report[REPORT_BYTES] = "";
	struct xc_database *db = NULL;
	size_t errors = 0;
	enum status status = current_path(dir, path, reterr);

	if (status == STATUS_OK)
		status = xc_database_check(str_of(path), 0, report, sizeof(report), &errors, reterr);
	if (status != STATUS_OK)
		return status;
	if (errors > 0) {
		first_line(report);
		return error_set(reterr, STATUS_CORRUPT, ERROR_NO_OFFSET,
		    "the index is damaged: Xapian's check of %s finds %zu errors: %.*s", path, errors, REPORT_SHOWN,
		    report);
	}
	status = xc_database_open(str_of(path), XC_BACKEND_GLASS, &db, reterr);
	if (status == STATUS_OK)
		status = check_invfiles(path, db, reterr);
	if (status == STATUS_OK)
		status = check_texts(db, reterr);
	xc_database_close(db);
	return status;
}
