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
#include "indexer/source.h"
#include "indexer/walk.h"
#include "store/writer.h"

enum {
	READ_BYTES = 64 * 1024,
	/* A file that was changed so short a time ago may change again without a new mtime. */
	SETTLE_SECONDS = 2
};

/* A file that has to be read. */
struct task {
	char *path;
	size_t name_len;
	uint64_t size;
};

struct job {
	const struct options *options;
	struct report *report;
	const volatile sig_atomic_t *stop;
	struct store_writer *writer;
	struct task *tasks;
	size_t n_tasks;
	size_t capacity;
	uint64_t total; /* bytes of all tasks */
	/* of the file that is being read */
	struct str path;
	bool has_refusals;
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
add_task(struct job *job, const struct walk_file *file, struct error *reterr)
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
	job->tasks[job->n_tasks++] = (struct task) { path, file->name_len, file->size };
	job->total += file->size;
	return STATUS_OK;
}

static enum status
file_cb(void *arg, const struct walk_file *file, struct error *reterr)
{
	struct job *job = arg;
	struct walk_file task = *file;
	struct store_file known;
	enum status status = check_stop(job, reterr);

	if (status != STATUS_OK || store_writer_file_is_seen(job->writer, file->path))
		return status;
	status = store_writer_file_get(job->writer, file->path, &known, reterr);
	if (status == STATUS_OK && known.size == file->size && known.mtime_ns == file->mtime_ns) {
		job->report->unchanged += known.documents;
		known.path = file->path;
		return store_writer_file_keep(job->writer, &known, reterr);
	}
	if (status != STATUS_OK && status != STATUS_NOT_FOUND)
		return status;
	/* A known file keeps the name that it was first indexed by, whatever path was given this time. */
	if (status == STATUS_OK)
		task.name_len = known.name_len;
	status = store_writer_file_expect(job->writer, file->path, reterr);
	return status == STATUS_OK ? add_task(job, &task, reterr) : status;
}

static enum status
problem_cb(void *arg, struct str path, const char *why, struct error *reterr)
{
	struct job *job = arg;

	report_refused(job->report, path, 0, why);
	return store_writer_spare(job->writer, path, reterr);
}

static enum status
look(struct job *job, const char *path, struct error *reterr)
{
	struct walk_events events = { file_cb, problem_cb, job };
	char *real;
	enum status status = walk_resolve(path, &real, reterr);

	if (status != STATUS_OK)
		return status;
	status = store_writer_add_scope(job->writer, str_of(real), reterr);
	if (status == STATUS_OK)
		status = walk_run(real, &events, reterr);
	free(real);
	return status;
}

/* ---- Reading --------------------------------------------------------------------------------- */

static enum status
document_cb(void *arg, const struct store_document *document, size_t line, struct error *reterr)
{
	struct job *job = arg;
	enum store_put what;
	struct error why;
	enum status status = check_stop(job, reterr);

	if (status != STATUS_OK)
		return status;
	status = store_writer_put(job->writer, document, &what, &why);
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
	progress_add(job->report->progress, 0, 1);
	return STATUS_OK;
}

static void
refused_cb(void *arg, size_t line, const char *why)
{
	struct job *job = arg;

	job->has_refusals = true;
	report_refused(job->report, job->path, line, why);
}

static void
read_cb(void *arg, size_t bytes)
{
	struct job *job = arg;

	job->report->bytes += bytes;
	progress_add(job->report->progress, bytes, 0);
}

static void
lost_cb(void *arg, struct str id, enum store_put was, const struct error *why)
{
	struct job *job = arg;

	report_lost(job->report, id, was, why->message);
}

/* Whether a file that only its mtime speaks against has the bytes that it had. */
static bool
has_known_content(int fd, const struct store_file *known, const struct stat *st)
{
	static const struct hash none;
	struct hash_state state;
	struct hash content;
	char chunk[READ_BYTES];
	ssize_t n;

	if (known->size != (uint64_t)st->st_size || hash_eq(&known->content, &none))
		return false;
	hash_init(&state);
	while ((n = read(fd, chunk, sizeof(chunk))) > 0)
		hash_update(&state, (struct str) { chunk, (size_t)n });
	hash_final(&state, &content);
	return n == 0 && hash_eq(&content, &known->content);
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
	if (!has_known_content(fd, &known, st)) {
		(void)lseek(fd, 0, SEEK_SET);
		return STATUS_OK;
	}
	read_cb(job, (size_t)st->st_size);
	job->report->unchanged += known.documents;
	known.path = job->path;
	known.mtime_ns = mtime_to_note(st);
	*ret_kept = true;
	return store_writer_file_keep(job->writer, &known, reterr);
}

static bool
is_same_state(const struct stat *before, const struct stat *after)
{
	return before->st_size == after->st_size && mtime_of(before) == mtime_of(after);
}

static enum status
read_documents(struct job *job, const struct task *task, int fd, const struct stat *st, struct error *reterr)
{
	struct source_events events = { document_cb, refused_cb, read_cb, job };
	struct store_file file = { job->path, task->name_len, (uint64_t)st->st_size, mtime_to_note(st), 0, { { 0 } } };
	struct str name = { job->path.p + job->path.len - task->name_len, task->name_len };
	struct hash content = { { 0 } };
	struct stat after;
	bool jsonl;
	enum status status = store_writer_file_begin(job->writer, &file, reterr);

	if (status != STATUS_OK)
		return status;
	job->has_refusals = false;
	(void)walk_is_source(job->path, &jsonl);
	if (jsonl)
		status = source_read_jsonl(fd, &events, &content, reterr);
	else
		status = source_read_text(fd, name, &events, &content, reterr);
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
	bool kept;
	enum status status;

	if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode)) {
		refused_cb(job, 0, tr("not a regular file"));
		return STATUS_OK;
	}
	status = keep_if_same(job, fd, &st, &kept, reterr);
	if (status != STATUS_OK || kept)
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
	for (size_t i = 0; status == STATUS_OK && i < job->n_tasks; i++)
		status = read_task(job, &job->tasks[i], reterr);
	return status;
}

static enum status
sweep(struct job *job, struct error *reterr)
{
	struct store_sweep plan;
	enum status status = store_writer_sweep_plan(job->writer, &plan, reterr);

	if (status != STATUS_OK)
		return status;
	if (!job->options->allow_deletes && plan.doomed > JOB_DELETES_FREE && plan.doomed > plan.known / 5)
		return error_set(reterr, STATUS_LIMIT, ERROR_NO_OFFSET,
		    "%llu of %llu known documents are no longer there, and none was deleted: is a folder missing? If "
		    "this is meant, run again with --allow-deletes",
		    (unsigned long long)plan.doomed, (unsigned long long)plan.known);
	status = store_writer_sweep(job->writer, reterr);
	if (status == STATUS_OK && !store_writer_is_build(job->writer))
		job->report->deleted += plan.doomed;
	return status;
}

static enum status
look_and_read(struct job *job, struct error *reterr)
{
	enum status status = STATUS_OK;

	for (size_t i = 0; status == STATUS_OK && i < job->options->n_paths; i++)
		status = look(job, job->options->paths[i], reterr);
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
	finished = store_writer_finish(job->writer, &why);
	if (finished != STATUS_OK) {
		*reterr = why;
		return finished;
	}
	return status;
}

enum status
job_run(const struct options *options, struct report *report, const volatile sig_atomic_t *stop, struct error *reterr)
{
	struct job job = { .options = options, .report = report, .stop = stop };
	struct store_writer_options writer_options = { options->full ? STORE_REBUILD : STORE_UPDATE, options->dry_run,
		lost_cb, &job };
	enum status status = STATUS_OK;

	for (size_t i = 0; status == STATUS_OK && i < options->n_paths; i++) {
		char *real = NULL;

		status = walk_resolve(options->paths[i], &real, reterr);
		free(real);
	}
	if (status == STATUS_OK)
		status = store_writer_open(options->db, &writer_options, &job.writer, reterr);
	if (status != STATUS_OK)
		return status;
	status = look_and_read(&job, reterr);
	status = finish(&job, status, reterr);
	store_writer_close(job.writer);
	for (size_t i = 0; i < job.n_tasks; i++)
		free(job.tasks[i].path);
	free(job.tasks);
	return status;
}
