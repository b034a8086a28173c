/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "store/reader.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/limits.h"
#include "invfile/file.h"
#include "store/counts.h"
#include "store/encode.h"
#include "store/ids.h"
#include "store/opened.h"
#include "store/path.h"
#include "store/postings.h"
#include "store/schema.h"

enum {
	GLANCE_NS = 500 * 1000,
	/* How often a generation that could not be opened is tried again. */
	RETRY_MS = 1000
};

struct store_reader {
	char dir[PATH_MAX];
	char version_path[PATH_MAX]; /* by way of `current` */
	struct opened opened;
	struct ids *ids; /* of what is opened */
	struct counts *counts; /* the same */
	uint64_t changes;
	int64_t looked_ns; /* when a commit or a switch was last looked for */
	char refused[GENERATION_NAME_BYTES];
	struct error refused_why;
	int64_t refused_ms;
	bool is_behind; /* what is opened may be of two commits: the last move to another one failed */
	bool goes_back; /* to an older generation, where this one is damaged */
	bool given_up; /* what is refused could be opened, and failed at a request */
	struct hash given_up_as; /* the state of its files */
};

/* ---- Moving on ------------------------------------------------------------------------------- */

/*
 * Whether nothing moved since the last look: `current` leads to the version file that was there before the database
 * was opened.  A commit and another generation have one with another inode, for ours is kept open.
 */
static bool
is_unmoved(const struct store_reader *reader)
{
	struct stat now;

	return !reader->is_behind && reader->opened.version_fd >= 0 && stat(reader->version_path, &now) == 0 &&
	       now.st_dev == reader->opened.version_dev && now.st_ino == reader->opened.version_ino;
}

/* Whether the folder at the generation's path is still the one that was opened. */
static bool
is_same_folder(const struct store_reader *reader, const struct generation *generation)
{
	char path[PATH_MAX];
	struct stat now;
	struct stat then;

	if (generation->number != reader->opened.generation.number ||
	    path_join(path, reader->dir, generation->name, NULL) != STATUS_OK)
		return false;
	return lstat(path, &now) == 0 && fstat(reader->opened.folder_fd, &then) == 0 && now.st_dev == then.st_dev &&
	       now.st_ino == then.st_ino;
}

static void
note_refused(struct store_reader *reader, const char *name, const struct error *why)
{
	(void)snprintf(reader->refused, sizeof(reader->refused), "%s", name);
	reader->refused_why = *why;
	reader->refused_ms = clock_mono_ms();
}

/* What was kept is of another state. */
static void
forget(struct store_reader *reader)
{
	ids_forget(reader->ids);
	counts_forget(reader->counts);
}

static void
move_to(struct store_reader *reader, const struct opened *opened)
{
	opened_done(&reader->opened);
	reader->opened = *opened;
	reader->is_behind = false;
	forget(reader);
	reader->refused[0] = '\0';
	reader->refused_why.message[0] = '\0';
	reader->given_up = false;
}

/* ---- Going back ------------------------------------------------------------------------------ */

/* What tells one state of a generation's files from another: a table that is mended in place has other times. */
static enum status
hash_state_of(const char *dir, const char *name, struct hash *ret_hash)
{
	char path[PATH_MAX];
	struct hash_state state;
	const struct dirent *entry;
	DIR *folder;
	enum status status = path_join(path, dir, name, NULL);

	if (status != STATUS_OK)
		return status;
	folder = opendir(path);
	if (folder == NULL)
		return STATUS_IO;
	hash_init(&state);
	while ((entry = readdir(folder)) != NULL) {
		struct stat st;
		uint64_t facts[] = { 0, 0, 0, 0 };

		if (fstatat(dirfd(folder), entry->d_name, &st, AT_SYMLINK_NOFOLLOW) == 0) {
			facts[0] = st.st_ino;
			facts[1] = (uint64_t)st.st_size;
			facts[2] = (uint64_t)st.st_ctim.tv_sec;
			facts[3] = (uint64_t)st.st_ctim.tv_nsec;
		}
		hash_field(&state, str_of(entry->d_name));
		hash_update(&state, (struct str) { (const char *)facts, sizeof(facts) });
	}
	(void)closedir(folder);
	hash_final(&state, ret_hash);
	return STATUS_OK;
}

/* Whether the generation is the one that was given up, and its files are as they were. */
static bool
is_given_up(struct store_reader *reader, const struct generation *generation)
{
	struct hash now;

	if (!reader->given_up || strcmp(reader->refused, generation->name) != 0)
		return false;
	if (hash_state_of(reader->dir, generation->name, &now) != STATUS_OK || !hash_eq(&now, &reader->given_up_as))
		return false;
	reader->refused_ms = clock_mono_ms();
	return true;
}

/* Opens the newest whole generation before `refused`; STATUS_NOT_FOUND where there is none. */
static enum status
open_before(const struct store_reader *reader, const struct generation *refused, struct opened *ret_opened)
{
	struct generation generation = *refused;
	struct opened opened;
	enum status status;

	while ((status = generation_before(reader->dir, &generation, &generation, NULL)) == STATUS_OK) {
		if (opened_open(reader->dir, &generation, &opened, NULL) != STATUS_OK)
			continue;
		/* One that a run was killed in has no hashes that would say whether it is whole. */
		if (opened.sealed) {
			*ret_opened = opened;
			return STATUS_OK;
		}
		opened_done(&opened);
	}
	return status;
}

/* Serves the generation before `refused`, if this reader may and there is one. */
static bool
go_back(struct store_reader *reader, const struct generation *refused, const struct error *why)
{
	struct opened opened;

	if (!reader->goes_back || open_before(reader, refused, &opened) != STATUS_OK)
		return false;
	move_to(reader, &opened);
	note_refused(reader, refused->name, why);
	return true;
}

/* ---- Following ------------------------------------------------------------------------------- */

static bool
is_refused_lately(const struct store_reader *reader, const char *name)
{
	return strcmp(reader->refused, name) == 0 && clock_mono_ms() - reader->refused_ms < RETRY_MS;
}

/* Another generation is served: open it, or stay. */
static void
follow_switch(struct store_reader *reader, const struct generation *generation, bool *ret_changed)
{
	struct error why = { STATUS_OK, ERROR_NO_OFFSET, "" };
	struct opened opened;

	if (is_refused_lately(reader, generation->name) || is_given_up(reader, generation))
		return;
	if (opened_open(reader->dir, generation, &opened, &why) != STATUS_OK) {
		reader->given_up = false;
		note_refused(reader, generation->name, &why);
		return;
	}
	move_to(reader, &opened);
	*ret_changed = true;
}

/* The same generation: a commit in place.  What reopen() cannot do, a new object may. */
static enum status
follow_commit(struct store_reader *reader, bool *ret_changed, struct error *reterr)
{
	const struct generation generation = reader->opened.generation;
	struct error why = { STATUS_OK, ERROR_NO_OFFSET, "" };
	struct opened opened;
	bool changed = false;
	enum status status;

	opened_note_version(&reader->opened);
	status = xc_database_reopen(reader->opened.db, &changed, reterr);
	changed = changed || reader->is_behind;
	reader->is_behind = true;
	if (status == STATUS_OK && changed) {
		forget(reader);
		status = opened_follow(&reader->opened, reterr);
	}
	if (status == STATUS_OK) {
		reader->is_behind = false;
		*ret_changed = changed;
		return STATUS_OK;
	}
	status = opened_open(reader->dir, &reader->opened.generation, &opened, &why);
	if (status == STATUS_OK)
		move_to(reader, &opened);
	else if (!go_back(reader, &generation, &why)) {
		if (reterr != NULL)
			*reterr = why;
		return status;
	}
	*ret_changed = true;
	return STATUS_OK;
}

/* Something moved, or may have: look what. */
static enum status
follow(struct store_reader *reader, bool *ret_changed, struct error *reterr)
{
	struct generation generation;
	struct error why = { STATUS_OK, ERROR_NO_OFFSET, "" };
	enum status status = generation_current(reader->dir, &generation, &why);

	if (status != STATUS_OK)
		note_refused(reader, "current", &why);
	else if (!is_same_folder(reader, &generation))
		follow_switch(reader, &generation, ret_changed);
	else {
		reader->refused[0] = '\0';
		return follow_commit(reader, ret_changed, reterr);
	}
	return STATUS_OK;
}

enum status
store_reader_refresh(struct store_reader *reader, bool *ret_changed, struct error *reterr)
{
	bool changed = false;
	enum status status = STATUS_OK;

	reader->looked_ns = clock_mono_ns();
	if (is_unmoved(reader))
		reader->refused[0] = '\0';
	else
		status = follow(reader, &changed, reterr);
	reader->changes += changed;
	if (status == STATUS_OK && ret_changed != NULL)
		*ret_changed = changed;
	return status;
}

enum status
store_reader_glance(struct store_reader *reader, struct error *reterr)
{
	if (clock_mono_ns() - reader->looked_ns < GLANCE_NS)
		return STATUS_OK;
	return store_reader_refresh(reader, NULL, reterr);
}

/* ---- Opening and doubting -------------------------------------------------------------------- */

static enum status
reader_new(const char *dir, struct store_reader **ret_reader, struct error *reterr)
{
	struct store_reader *reader = calloc(1, sizeof(*reader));

	if (reader == NULL || ids_new(&reader->ids) != STATUS_OK || counts_new(&reader->counts) != STATUS_OK) {
		if (reader != NULL)
			ids_free(reader->ids);
		free(reader);
		return error_set(reterr, STATUS_NOMEM, ERROR_NO_OFFSET, "out of memory");
	}
	reader->opened.folder_fd = reader->opened.version_fd = -1;
	if (snprintf(reader->dir, sizeof(reader->dir), "%s", dir) >= PATH_MAX ||
	    snprintf(reader->version_path, sizeof(reader->version_path), "%s/current/" OPENED_VERSION_FILE, dir) >=
		PATH_MAX) {
		store_reader_close(reader);
		return error_set(reterr, STATUS_LIMIT, ERROR_NO_OFFSET, "the name of the index folder is too long");
	}
	*ret_reader = reader;
	return STATUS_OK;
}

static enum status
reader_open(const char *dir, bool goes_back, struct store_reader **ret_reader, struct error *reterr)
{
	struct store_reader *reader;
	struct generation generation;
	struct error why = { STATUS_OK, ERROR_NO_OFFSET, "" };
	enum status status = reader_new(dir, &reader, reterr);

	if (status != STATUS_OK)
		return status;
	reader->goes_back = goes_back;
	status = generation_current(reader->dir, &generation, &why);
	if (status == STATUS_OK) {
		status = opened_open(reader->dir, &generation, &reader->opened, &why);
		if (status != STATUS_OK && go_back(reader, &generation, &why))
			status = STATUS_OK;
	}
	if (status != STATUS_OK) {
		store_reader_close(reader);
		if (reterr != NULL)
			*reterr = why;
		return status;
	}
	*ret_reader = reader;
	return STATUS_OK;
}

enum status
store_reader_open(const char *dir, struct store_reader **ret_reader, struct error *reterr)
{
	return reader_open(dir, false, ret_reader, reterr);
}

enum status
store_reader_open_or_before(const char *dir, struct store_reader **ret_reader, struct error *reterr)
{
	return reader_open(dir, true, ret_reader, reterr);
}

void
store_reader_close(struct store_reader *reader)
{
	if (reader == NULL)
		return;
	opened_done(&reader->opened);
	ids_free(reader->ids);
	counts_free(reader->counts);
	free(reader);
}

/*
 * The generation that is served cannot be right: another, or none.  What Xapian found out at a request may pass at the next
 * opening, so that this generation stays refused until its files are others.
 */
static bool
give_up(struct store_reader *reader, const struct error *why)
{
	const struct generation generation = reader->opened.generation;
	struct hash state = { { 0 } };
	bool known = hash_state_of(reader->dir, generation.name, &state) == STATUS_OK;

	if (!go_back(reader, &generation, why))
		return false;
	reader->given_up = known;
	reader->given_up_as = state;
	reader->changes++;
	return true;
}

bool
store_reader_doubt(struct store_reader *reader, bool again, const struct error *why)
{
	struct error found = *why;
	struct opened opened;
	bool changed;

	/* What a damaged table looks like: see xapian-c/fence.cc.  A page that is cut off is an IO error. */
	if (why->code != STATUS_CORRUPT && why->code != STATUS_STALE && why->code != STATUS_IO &&
	    why->code != STATUS_INTERNAL)
		return false;
	if (store_reader_refresh(reader, &changed, NULL) == STATUS_OK && changed)
		return true;
	/* While a writer is at work, STALE may be true. */
	if (again)
		return (why->code == STATUS_CORRUPT || (why->code == STATUS_STALE && reader->opened.sealed)) &&
		       give_up(reader, &found);
	if (opened_open(reader->dir, &reader->opened.generation, &opened, &found) != STATUS_OK)
		return give_up(reader, &found);
	/* What is damaged may be an inverted file, which can be done without where the database is whole. */
	if (why->code == STATUS_CORRUPT && layers_in_use(&opened.layers) > 0 && !opened.layers.lean)
		layers_give_up(&opened.layers, why);
	/* Whatever else is refused stays so. */
	opened_done(&reader->opened);
	reader->opened = opened;
	reader->is_behind = false;
	forget(reader);
	reader->changes++;
	return true;
}

/* ---- Reading --------------------------------------------------------------------------------- */

struct xc_database *
store_reader_database(const struct store_reader *reader)
{
	return reader->opened.db;
}

bool
store_reader_is_lean(const struct store_reader *reader)
{
	return reader->opened.layers.lean;
}

const struct store_layer *
store_reader_layers(const struct store_reader *reader, uint32_t *ret_n)
{
	*ret_n = layers_in_use(&reader->opened.layers);
	return reader->opened.layers.views;
}

const struct store_layer *
store_reader_layer_of(const struct store_reader *reader, uint32_t docid, uint32_t *ret_number)
{
	uint32_t n;
	const struct store_layer *layers = store_reader_layers(reader, &n);

	while (n-- > 0) {
		uint32_t number = invfile_number(layers[n].file, docid);

		if (number == UINT32_MAX || invfile_docid(layers[n].file, number) != docid ||
		    store_touched_has(&layers[n].touched, number))
			continue;
		*ret_number = number;
		return &layers[n];
	}
	return NULL;
}

struct counts *
store_reader_counts(const struct store_reader *reader)
{
	return reader->counts;
}

uint64_t
store_reader_changes(const struct store_reader *reader)
{
	return reader->changes;
}

bool
store_reader_has_unstemmed(const struct store_reader *reader)
{
	return reader->opened.has_unstemmed;
}

struct str
store_reader_stamp(const struct store_reader *reader)
{
	return str_of(reader->opened.stamp);
}

enum status
store_reader_document(const struct store_reader *reader, uint32_t docid, struct arena *arena,
    struct store_document *ret_document, struct error *reterr)
{
	struct xc_document *doc;
	struct str data;
	enum status status = xc_database_document(reader->opened.db, docid, &doc, reterr);

	if (status != STATUS_OK)
		return status;
	status = xc_document_data(doc, &data, reterr);
	if (status == STATUS_OK)
		status = texts_unpack(reader->opened.texts, data, arena, &data, reterr);
	xc_document_free(doc);
	return status == STATUS_OK ? document_decode(data, ret_document, reterr) : status;
}

static enum status
copy_id(struct arena *arena, struct str id, struct str *ret_id, struct error *reterr)
{
	struct str copy = arena_str(arena, id);

	if (copy.p == NULL)
		return error_set(reterr, STATUS_NOMEM, ERROR_NO_OFFSET, "no room for an id");
	*ret_id = copy;
	return STATUS_OK;
}

/* The id of one document, or why there is none. */
static enum status
read_id(
    const struct store_reader *reader, uint32_t docid, struct arena *arena, struct str *ret_id, struct error *reterr)
{
	struct xc_document *doc;
	struct str value;
	enum status status = xc_database_document(reader->opened.db, docid, &doc, reterr);

	if (status != STATUS_OK)
		return status;
	status = xc_document_value(doc, SCHEMA_VALUE_ID, &value, reterr);
	if (status == STATUS_OK && value.len == 0)
		status = error_set(reterr, STATUS_CORRUPT, ERROR_NO_OFFSET, "a document of the index has no id");
	if (status == STATUS_OK)
		status = copy_id(arena, value, ret_id, reterr);
	xc_document_free(doc);
	return status;
}

enum status
store_reader_id(
    const struct store_reader *reader, uint32_t docid, struct arena *arena, struct str *ret_id, struct error *reterr)
{
	struct str id;
	enum status status = ids_get(reader->ids, reader->opened.db, docid, &id, reterr);

	if (status != STATUS_OK)
		return status;
	return id.len > 0 ? copy_id(arena, id, ret_id, reterr) : read_id(reader, docid, arena, ret_id, reterr);
}

enum status
store_reader_find(const struct store_reader *reader, struct str id, uint32_t *ret_docid, struct error *reterr)
{
	char space[LIMIT_ID_BYTES + 1];
	struct xc_postings *postings;
	enum status status;

	if (id.len == 0 || id.len > LIMIT_ID_BYTES)
		return error_set(reterr, STATUS_NOT_FOUND, ERROR_NO_OFFSET, "no document has this id");
	status = xc_database_postlist(reader->opened.db, postings_id_term(id, space, sizeof(space)), &postings, reterr);
	if (status != STATUS_OK)
		return status;
	status = xc_postings_next(postings, ret_docid, reterr);
	xc_postings_free(postings);
	if (status == STATUS_END)
		return error_set(reterr, STATUS_NOT_FOUND, ERROR_NO_OFFSET, "no document has this id");
	return status;
}

struct str
store_reader_refused(const struct store_reader *reader, struct str *ret_why)
{
	*ret_why = str_of(reader->refused[0] != '\0' ? reader->refused_why.message : "");
	return str_of(reader->refused);
}

static void
note_layers(const struct layers *layers, struct store_stats *stats)
{
	stats->is_lean = layers->lean;
	stats->invfile_is_used = layers_in_use(layers) > 0;
	stats->invfile_why = str_of(layers->why.code != STATUS_OK ? layers->why.message : "");
	stats->invfile_layers = layers->n;
	for (uint32_t i = 0; i < layers->n; i++) {
		const struct touched *touched = &layers->v[i].its.touched;

		stats->invfile_bytes += layers->v[i].bytes;
		stats->invfile_touched += touched->n_set;
		if (i > 0)
			stats->invfile_put += touched->last - touched->n_set;
	}
}

enum status
store_reader_stats(const struct store_reader *reader, struct store_stats *ret_stats, struct error *reterr)
{
	struct store_stats stats = { 0 };
	char decimal[24] = "0";
	xc_doccount documents = 0;
	struct str words;
	enum status status = xc_database_doccount(reader->opened.db, &documents, reterr);

	if (status == STATUS_OK)
		status = xc_database_metadata(reader->opened.db, STR(SCHEMA_META_WORDS), &words, reterr);
	if (status != STATUS_OK)
		return status;
	if (words.len > 0 && words.len < sizeof(decimal)) {
		memcpy(decimal, words.p, words.len);
		decimal[words.len] = '\0';
	}
	stats.documents = documents;
	stats.words = strtoull(decimal, NULL, 10);
	stats.generation = str_of(reader->opened.generation.name);
	stats.revision = reader->opened.revision;
	note_layers(&reader->opened.layers, &stats);
	stats.refused_generation = store_reader_refused(reader, &stats.refused_why);
	*ret_stats = stats;
	return STATUS_OK;
}
