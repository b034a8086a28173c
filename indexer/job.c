/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "indexer/job.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/i18n.h"
#include "base/limits.h"
#include "base/log.h"
#include "indexer/boilerplate.h"
#include "indexer/source.h"
#include "indexer/walk.h"
#include "store/writer.h"

enum {
	READ_BYTES = 64 * 1024,
	/* A file that was changed so short a time ago may change again without a new mtime. */
	SETTLE_SECONDS = 2,
	SURVEY_DOCUMENTS = 500
};

/* A file that has to be read. */
struct task {
	char *path;
	size_t name_len;
	uint64_t size;
	bool is_new; /* not known by that name */
};

struct job {
	const struct settings *settings;
	const struct options *options;
	struct report *report;
	const volatile sig_atomic_t *stop;
	struct store_writer *writer;
	struct boilerplate *boilerplate;
	struct task *tasks;
	size_t n_tasks;
	size_t capacity;
	uint64_t total; /* bytes of all tasks */
	/* of the file that is being read */
	struct str path;
	bool has_refusals;
	bool is_plain; /* the last document: in French, as far as is known */
};

static enum status
check_stop(const struct job *job, struct error *reterr)
{
	if (*job->stop == 0)
		return STATUS_OK;
	return error_set(reterr, STATUS_CANCELLED, ERROR_NO_OFFSET, "stopped by a signal");
}

static int64_t
mtime_of(const struct stat *st)
{
	return (int64_t)st->st_mtim.tv_sec * 1000000000 + st->st_mtim.tv_nsec;
}

/* ---- Looking --------------------------------------------------------------------------------- */

static enum status
add_task(struct job *job, const struct walk_file *file, bool is_new, struct error *reterr)
{
	char *path = strdup(file->path.p);

	if (path != NULL && job->n_tasks == job->capacity) {
		size_t capacity = job->capacity > 0 ? job->capacity * 2 : 256;
		struct task *tasks = realloc(job->tasks, capacity * sizeof(*tasks));

		if (tasks == NULL) {
			free(path);
			path = NULL;
		} else {
			job->tasks = tasks;
			job->capacity = capacity;
		}
	}
	if (path == NULL)
		return error_set(reterr, STATUS_NOMEM, ERROR_NO_OFFSET, "out of memory");
	job->tasks[job->n_tasks++] = (struct task) { path, file->name_len, file->size, is_new };
	job->total += file->size;
	return STATUS_OK;
}

static enum status
file_cb(void *arg, const struct walk_file *file, struct error *reterr)
{
	struct job *job = arg;
	struct walk_file task = *file;
	struct store_file known;
	enum store_look look = STORE_FILE_SEEN;
	enum status status = check_stop(job, reterr);

	if (status == STATUS_OK)
		status =
		    store_writer_file_look(job->writer, file->path, file->size, file->mtime_ns, &known, &look, reterr);
	if (status != STATUS_OK || look == STORE_FILE_SEEN)
		return status;
	if (look == STORE_FILE_SAME) {
		job->report->unchanged += known.documents;
		return STATUS_OK;
	}
	/* A known file keeps the name that it was first indexed by, whatever path was given this time. */
	if (look == STORE_FILE_CHANGED)
		task.name_len = known.name_len;
	return add_task(job, &task, look == STORE_FILE_NEW, reterr);
}

static enum status
problem_cb(void *arg, struct str path, const char *why, struct error *reterr)
{
	struct job *job = arg;

	report_refused(job->report, path, 0, why);
	return store_writer_spare(job->writer, path, reterr);
}

static enum status
look_at_path(struct job *job, const char *path, const struct walk_patterns *excludes, struct error *reterr)
{
	struct walk_events events = { file_cb, problem_cb, job };
	char *real;
	enum status status = walk_resolve(path, job->settings->formats, &real, reterr);

	if (status != STATUS_OK)
		return status;
	status = store_writer_add_scope(job->writer, str_of(real), reterr);
	if (status == STATUS_OK)
		status = walk_run(real, job->settings->formats, excludes, &events, reterr);
	free(real);
	return status;
}

static enum status
look_at_source(struct job *job, const struct settings_source *source, struct error *reterr)
{
	struct walk_patterns excludes = { source->excludes, source->n_excludes };
	enum status status = store_writer_add_source(job->writer, reterr);

	for (size_t i = 0; status == STATUS_OK && i < source->n_paths; i++)
		status = look_at_path(job, source->paths[i], &excludes, reterr);
	return status;
}

/* ---- Reading --------------------------------------------------------------------------------- */

static enum status
document_cb(void *arg, const struct store_document *document, size_t line, struct error *reterr)
{
	struct job *job = arg;
	struct store_document marked = *document;
	enum store_put what;
	struct error why;
	enum status status = check_stop(job, reterr);

	if (status == STATUS_OK)
		status = boilerplate_mark(job->boilerplate, &marked, reterr);
	if (status != STATUS_OK)
		return status;
	status = store_writer_put(job->writer, &marked, &what, &why);
	if (status == STATUS_INVALID || status == STATUS_LIMIT) {
		job->has_refusals = true;
		report_refused(job->report, job->path, line, why.message);
		return STATUS_OK;
	}
	if (status != STATUS_OK) {
		*reterr = why;
		return status;
	}
	report_put(job->report, what);
	job->is_plain = document_is_stemmed(document);
	job->report->foreign += !job->is_plain;
	progress_add(job->report->progress, 0, 1);
	return STATUS_OK;
}

static void
expect_cb(void *arg, const struct str *records, size_t n)
{
	struct job *job = arg;

	store_writer_records_expect(job->writer, records, n);
}

/* A record that gave a document and is, byte for byte, as it was. */
static enum status
look_cb(void *arg, struct str record, bool *ret_same, struct error *reterr)
{
	struct job *job = arg;
	enum status status = check_stop(job, reterr);

	job->is_plain = false;
	if (status == STATUS_OK)
		status = store_writer_record_look(job->writer, record, ret_same, reterr);
	if (status != STATUS_OK || !*ret_same)
		return status;
	report_put(job->report, STORE_UNCHANGED);
	progress_add(job->report->progress, 0, 1);
	return STATUS_OK;
}

/* What the report has more to say of than that it is there is read each time. */
static void
keep_cb(void *arg)
{
	struct job *job = arg;

	if (job->is_plain)
		store_writer_record_keep(job->writer);
}

static void
refused_cb(void *arg, size_t line, const char *why)
{
	struct job *job = arg;

	job->has_refusals = true;
	report_refused(job->report, job->path, line, why);
}

static void
note_cb(void *arg, enum source_note note)
{
	struct job *job = arg;

	job->report->notes[note]++;
}

static void
read_cb(void *arg, size_t bytes)
{
	struct job *job = arg;

	job->report->bytes += bytes;
	progress_add(job->report->progress, bytes, 0);
}

static bool
title_cb(void *arg, struct str line)
{
	struct job *job = arg;

	return !boilerplate_has(job->boilerplate, line);
}

static void
lost_cb(void *arg, struct str id, enum store_put was, const struct error *why)
{
	struct job *job = arg;

	report_lost(job->report, id, was, why->message);
}

/* The hash of a file's bytes; leaves it at its beginning.  False where it cannot be read, or grew. */
static bool
hash_bytes(int fd, const struct stat *st, struct hash *ret_content)
{
	struct hash_tree tree;
	char chunk[READ_BYTES];
	uint64_t total = 0;
	ssize_t n;

	hash_tree_init(&tree);
	while ((n = read(fd, chunk, sizeof(chunk))) > 0) {
		hash_tree_update(&tree, (struct str) { chunk, (size_t)n });
		total += (uint64_t)n;
	}
	hash_tree_final(&tree, ret_content);
	return lseek(fd, 0, SEEK_SET) == 0 && n == 0 && total == (uint64_t)st->st_size;
}

/* Whether a file that only its mtime speaks against has the bytes that it had. */
static bool
has_known_content(int fd, const struct store_file *known, const struct stat *st)
{
	static const struct hash none;
	struct hash content;

	if (known->size != (uint64_t)st->st_size || hash_eq(&known->content, &none))
		return false;
	return hash_bytes(fd, st, &content) && hash_eq(&content, &known->content);
}

/* The mtime to note: none for a file that was changed a moment ago, or in the future. */
static int64_t
mtime_to_note(const struct stat *st)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_REALTIME, &now);
	return st->st_mtim.tv_sec + SETTLE_SECONDS < now.tv_sec ? mtime_of(st) : STORE_MTIME_UNSURE;
}

/* True, and the file is done with, where it is what it was. */
static enum status
keep_if_same(struct job *job, int fd, const struct stat *st, bool *ret_kept, struct error *reterr)
{
	struct store_file known;
	enum status status = store_writer_file_get(job->writer, job->path, &known, reterr);

	*ret_kept = false;
	if (status == STATUS_NOT_FOUND)
		return STATUS_OK;
	if (status != STATUS_OK)
		return status;
	if (!has_known_content(fd, &known, st))
		return STATUS_OK;
	read_cb(job, (size_t)st->st_size);
	job->report->unchanged += known.documents;
	known.path = job->path;
	known.mtime_ns = mtime_to_note(st);
	*ret_kept = true;
	return store_writer_file_keep(job->writer, &known, reterr);
}

/* The id of a file that is one document, whose id is its name; empty for other files. */
static struct str
id_of_file(const struct job *job, struct str path, size_t name_len, char space[LIMIT_ID_BYTES])
{
	struct str name = { path.p + path.len - name_len, name_len };
	size_t len = source_id_of_file(job->settings->formats, name, space, LIMIT_ID_BYTES);

	return (struct str) { space, len <= LIMIT_ID_BYTES ? len : 0 };
}

/*
 * True, and the file is done with, where it is a known one under another name.  A document whose id was the name
 * has the new name as its id from now on, as if it were indexed anew.
 */
static enum status
move_if_known(
    struct job *job, const struct task *task, int fd, const struct stat *st, bool *ret_moved, struct error *reterr)
{
	struct store_file from;
	struct store_file to = { job->path, task->name_len, (uint64_t)st->st_size, mtime_to_note(st), 0, { { 0 } } };
	char old_space[LIMIT_ID_BYTES];
	char new_space[LIMIT_ID_BYTES];
	struct str old_id, new_id;
	bool has = false;
	enum status status = store_writer_has_vanished(job->writer, to.size, &has, reterr);

	*ret_moved = false;
	if (status != STATUS_OK || !has || !hash_bytes(fd, st, &to.content))
		return status;
	status = store_writer_take_vanished(job->writer, to.size, &to.content, &from, reterr);
	if (status != STATUS_OK)
		return status == STATUS_NOT_FOUND ? STATUS_OK : status;
	old_id = id_of_file(job, from.path, from.name_len, old_space);
	new_id = id_of_file(job, to.path, to.name_len, new_space);
	if (!source_formats_are_same(job->settings->formats, from.path, to.path))
		return STATUS_OK; /* text that is JSONL now, or the other way: other documents */
	status = store_writer_file_move(job->writer, &from, &to, old_id, new_id, reterr);
	if (status != STATUS_OK)
		return status == STATUS_INVALID ? STATUS_OK : status;
	read_cb(job, (size_t)st->st_size);
	job->report->moved += from.documents;
	*ret_moved = true;
	return STATUS_OK;
}

static bool
is_same_state(const struct stat *before, const struct stat *after)
{
	return before->st_size == after->st_size && mtime_of(before) == mtime_of(after);
}

static enum status
read_source(const struct job *job, const struct task *task, int fd, const struct stat *st,
    const struct source_events *events, struct hash *ret_content, struct error *reterr)
{
	struct str path = str_of(task->path);
	struct source_file file = { fd, path, { path.p + path.len - task->name_len, task->name_len }, mtime_of(st) };

	return source_read(job->settings->formats, &file, events, ret_content, reterr);
}

static enum status
read_documents(struct job *job, const struct task *task, int fd, const struct stat *st, struct error *reterr)
{
	struct source_events events = { document_cb, refused_cb, read_cb, note_cb, title_cb, job, expect_cb, look_cb,
		keep_cb };
	struct store_file file = { job->path, task->name_len, (uint64_t)st->st_size, mtime_to_note(st), 0, { { 0 } } };
	struct hash content = { { 0 } };
	struct stat after;
	enum status status = store_writer_file_begin(job->writer, &file, reterr);

	if (status != STATUS_OK)
		return status;
	job->has_refusals = false;
	status = read_source(job, task, fd, st, &events, &content, reterr);
	if (status != STATUS_OK)
		return status;
	if (fstat(fd, &after) != 0 || !is_same_state(st, &after))
		refused_cb(job, 0, tr("the file changed while it was read; the next run reads it again"));
	return store_writer_file_end(job->writer, &content, !job->has_refusals, reterr);
}

static enum status
read_open_file(struct job *job, const struct task *task, int fd, struct error *reterr)
{
	struct stat st;
	bool done;
	enum status status;

	if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode)) {
		refused_cb(job, 0, tr("not a regular file"));
		return STATUS_OK;
	}
	status =
	    task->is_new ? move_if_known(job, task, fd, &st, &done, reterr) : keep_if_same(job, fd, &st, &done, reterr);
	if (status != STATUS_OK || done)
		return status;
	return read_documents(job, task, fd, &st, reterr);
}

static enum status
read_task(struct job *job, const struct task *task, struct error *reterr)
{
	enum status status = check_stop(job, reterr);
	struct error why;
	int fd;

	if (status != STATUS_OK)
		return status;
	job->path = str_of(task->path);
	fd = open(task->path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY);
	if (fd < 0) {
		(void)error_errno(&why, STATUS_IO, errno, "cannot be opened");
		refused_cb(job, 0, why.message);
		return STATUS_OK;
	}
	status = read_open_file(job, task, fd, reterr);
	(void)close(fd);
	return status;
}

/* ---- A first look at a new index: which lines recur? ------------------------------------------ */

struct survey {
	struct job *job;
	size_t documents; /* still wanted, of all files */
	size_t of_file; /* and of this one */
};

static enum status
survey_document_cb(void *arg, const struct store_document *document, size_t line, struct error *reterr)
{
	struct survey *survey = arg;
	enum status status = check_stop(survey->job, reterr);

	(void)line;
	if (status == STATUS_OK)
		status = boilerplate_note(survey->job->boilerplate, document, reterr);
	if (status != STATUS_OK)
		return status;
	survey->documents--;
	survey->of_file--;
	return survey->documents > 0 && survey->of_file > 0 ? STATUS_OK : STATUS_END;
}

/* What is wrong with a file is told when it is read to be indexed. */
static void
survey_refused_cb(void *arg, size_t line, const char *why)
{
	(void)arg;
	(void)line;
	(void)why;
}

static void
survey_read_cb(void *arg, size_t bytes)
{
	(void)arg;
	(void)bytes;
}

static void
survey_note_cb(void *arg, enum source_note note)
{
	(void)arg;
	(void)note;
}

static enum status
survey_task(struct survey *survey, const struct task *task, struct error *reterr)
{
	const struct source_events events = { survey_document_cb, survey_refused_cb, survey_read_cb, survey_note_cb,
		NULL, survey, NULL, NULL, NULL };
	int fd = open(task->path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY);
	enum status status = STATUS_OK;
	struct hash content;
	struct stat st;

	if (fd < 0)
		return STATUS_OK;
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode))
		status = read_source(survey->job, task, fd, &st, &events, &content, reterr);
	(void)close(fd);
	return status == STATUS_END ? STATUS_OK : status;
}

static enum status
survey(struct job *job, struct error *reterr)
{
	const size_t step = job->n_tasks / SURVEY_DOCUMENTS + 1, n = (job->n_tasks + step - 1) / step;
	struct survey survey = { job, SURVEY_DOCUMENTS, 0 };
	enum status status = STATUS_OK;

	for (size_t i = 0; status == STATUS_OK && survey.documents > 0 && i < job->n_tasks; i += step) {
		survey.of_file = (SURVEY_DOCUMENTS + n - 1) / n;
		status = survey_task(&survey, &job->tasks[i], reterr);
	}
	return status;
}

static bool
stop_cb(void *arg)
{
	const struct job *job = arg;

	progress_tick(job->report->progress);
	return *job->stop != 0;
}

/* ---- The run --------------------------------------------------------------------------------- */

static int
compare_tasks(const void *a, const void *b)
{
	const struct task *one = a;
	const struct task *other = b;

	return strcmp(one->path, other->path);
}

static enum status
read_files(struct job *job, struct error *reterr)
{
	enum status status = STATUS_OK;

	/* In one order always: where two documents have one id, it is the same that is refused. */
	if (job->n_tasks > 1)
		qsort(job->tasks, job->n_tasks, sizeof(job->tasks[0]), compare_tasks);
	progress_set_total(job->report->progress, job->total);
	if (store_writer_is_build(job->writer))
		status = survey(job, reterr);
	for (size_t i = 0; status == STATUS_OK && i < job->n_tasks; i++)
		status = read_task(job, &job->tasks[i], reterr);
	return status;
}

static bool
is_too_much(const struct store_sweep *sweep)
{
	return sweep->doomed > JOB_DELETES_FREE && sweep->doomed > sweep->known / 5;
}

static enum status
refuse_sweep(const struct store_sweep *sweep, struct str source, struct error *reterr)
{
	if (source.len > 0)
		return error_set(reterr, STATUS_LIMIT, ERROR_NO_OFFSET,
		    "%llu of %llu known documents of source %.*s are no longer there, and none was deleted: is a "
		    "folder "
		    "missing? If this is meant, run again with --allow-deletes",
		    (unsigned long long)sweep->doomed, (unsigned long long)sweep->known, STR_FMT(source));
	return error_set(reterr, STATUS_LIMIT, ERROR_NO_OFFSET,
	    "%llu of %llu known documents are no longer there, and none was deleted: is a folder missing? If "
	    "this is meant, run again with --allow-deletes",
	    (unsigned long long)sweep->doomed, (unsigned long long)sweep->known);
}

/* All sources together are asked too: a build may leave out what no source of this run holds. */
static enum status
check_sweep(const struct job *job, const struct store_sweep *all, struct error *reterr)
{
	if (job->options->allow_deletes)
		return STATUS_OK;
	for (size_t i = 0; i < job->settings->n_sources; i++) {
		struct store_sweep one = store_writer_sweep_of(job->writer, i);

		if (is_too_much(&one))
			return refuse_sweep(&one, job->settings->sources[i].name, reterr);
	}
	return is_too_much(all) ? refuse_sweep(all, STR(""), reterr) : STATUS_OK;
}

static enum status
sweep(struct job *job, struct error *reterr)
{
	struct store_sweep plan;
	enum status status = store_writer_sweep_plan(job->writer, &plan, reterr);

	if (status == STATUS_OK)
		status = check_sweep(job, &plan, reterr);
	if (status == STATUS_OK)
		status = store_writer_sweep(job->writer, reterr);
	if (status == STATUS_OK && !store_writer_is_build(job->writer))
		job->report->deleted += plan.doomed;
	return status;
}

static enum status
frequency_cb(void *arg, struct str term, uint32_t *ret_documents, struct error *reterr)
{
	struct job *job = arg;

	return store_writer_frequency(job->writer, term, ret_documents, reterr);
}

static enum status
look_and_read(struct job *job, struct error *reterr)
{
	enum status status = STATUS_OK;

	for (size_t i = 0; status == STATUS_OK && i < job->settings->n_sources; i++)
		status = look_at_source(job, &job->settings->sources[i], reterr);
	if (status == STATUS_OK)
		status = read_files(job, reterr);
	return status == STATUS_OK ? sweep(job, reterr) : status;
}

/* What was done is kept, also when the run was stopped or must not delete; a build is all or nothing. */
static enum status
finish(struct job *job, enum status status, struct error *reterr)
{
	bool partial = status == STATUS_CANCELLED || status == STATUS_LIMIT;
	struct error why;
	enum status finished;

	if (status != STATUS_OK && (!partial || store_writer_is_build(job->writer)))
		return status;
	if (store_writer_is_build(job->writer))
		progress_set_writing(job->report->progress);
	finished = store_writer_finish(job->writer, &why);
	if (finished != STATUS_OK) {
		*reterr = why;
		return finished;
	}
	return status;
}

/* Each touched document is looked for in two places. */
static void
tell_touched(const struct store_writer *writer)
{
	uint32_t touched, of;

	if (store_writer_many_touched(writer, &touched, &of))
		log_warnx(
		    "touched=%lu of=%lu why=\"searches are slower than they need be; voisin-index --full makes a new "
		    "inverted file\"",
		    (unsigned long)touched, (unsigned long)of);
}

enum status
job_run(const struct settings *settings, struct report *report, const volatile sig_atomic_t *stop, struct error *reterr)
{
	const struct options *options = settings->options;
	struct job job = { .settings = settings, .options = options, .report = report, .stop = stop };
	struct store_writer_options writer_options = { .mode = options->full ? STORE_REBUILD : STORE_UPDATE,
		.dry_run = options->dry_run,
		.refused_cb = lost_cb,
		.stop_cb = stop_cb,
		.arg = &job,
		.lean = !options->whole_database };
	enum status status = settings_check(settings, NULL, reterr);

	if (status == STATUS_OK)
		status = store_writer_open(settings->db, &writer_options, &job.writer, reterr);
	if (status != STATUS_OK)
		return status;
	if (store_writer_fallback(job.writer) != NULL)
		log_warnx("builder=xapian why=\"%s\"", store_writer_fallback(job.writer));
	status = boilerplate_new(frequency_cb, &job, &job.boilerplate, reterr);
	if (status == STATUS_OK)
		status = look_and_read(&job, reterr);
	status = finish(&job, status, reterr);
	tell_touched(job.writer);
	if (job.boilerplate != NULL)
		boilerplate_counts(job.boilerplate, &report->lines, &report->aside);
	boilerplate_free(job.boilerplate);
	store_writer_close(job.writer);
	for (size_t i = 0; i < job.n_tasks; i++)
		free(job.tasks[i].path);
	free(job.tasks);
	return status;
}
