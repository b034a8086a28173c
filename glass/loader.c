/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "glass/loader.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/process.h"
#include "glass/documents.h"
#include "glass/inverted.h"
#include "glass/version.h"

enum { PROCESSES = 2, WAIT_MS = 200 };

struct job {
	const char *dir;
	unsigned n_collectors;
	const struct tee *tee;
	void (*run)(const struct job *job, struct version *version, enum status *status, struct error *error);
};

/* What a process answers: its part of the version file, or why there is none. */
struct answer {
	enum status status;
	struct error error;
	struct version version;
};

enum status
loader_check(const char *dir, struct error *reterr)
{
	return version_check_empty(dir, reterr);
}

/* ---- The two processes ----------------------------------------------------------------------- */

static void
write_inverted(const struct job *job, struct version *version, enum status *status, struct error *error)
{
	struct inverted inverted;

	*status = inverted_write(job->dir, job->n_collectors, job->tee, &inverted, error);
	if (*status != STATUS_OK)
		return;
	version->roots[VERSION_POSTLIST] = inverted.postings;
	version->roots[VERSION_POSITION] = inverted.positions;
	version->stats = inverted.stats;
}

static void
write_documents(const struct job *job, struct version *version, enum status *status, struct error *error)
{
	*status = documents_write_terms(job->dir, job->n_collectors, &version->roots[VERSION_TERMLIST], error);
	if (*status == STATUS_OK)
		*status = documents_write_data(job->dir, job->n_collectors, &version->roots[VERSION_DOCDATA], error);
}

static void
job_main(int fd, void *arg)
{
	const struct job *job = arg;
	struct answer answer;

	memset(&answer, 0, sizeof(answer));
	job->run(job, &answer.version, &answer.status, &answer.error);
	(void)process_send(fd, &answer, sizeof(answer));
}

/* ---- Waiting for them ------------------------------------------------------------------------ */

/* Until a process has something to say or is gone. */
static enum status
wait_for(int fd, const struct loader_stop *stop, struct error *reterr)
{
	struct pollfd poll_fd = { fd, POLLIN, 0 };

	for (;;) {
		int n = poll(&poll_fd, 1, WAIT_MS);

		if (stop != NULL && stop->stop_cb(stop->arg))
			return error_set(reterr, STATUS_CANCELLED, ERROR_NO_OFFSET, "stopped by a signal");
		if (n > 0)
			return STATUS_OK;
		if (n < 0 && errno != EINTR)
			return error_errno(reterr, STATUS_IO, errno, "cannot wait for a process");
	}
}

static enum status
take_answer(struct process *process, const struct loader_stop *stop, struct answer *answer, struct error *reterr)
{
	enum status status = wait_for(process->fd, stop, reterr);
	bool answered;

	if (status != STATUS_OK)
		return status;
	answered = process_receive(process->fd, answer, sizeof(*answer));
	status = process_wait(process, reterr);
	if (status != STATUS_OK)
		return status;
	if (!answered)
		return error_set(reterr, STATUS_INTERNAL, ERROR_NO_OFFSET, "a child process ended without an answer");
	if (answer->status != STATUS_OK && reterr != NULL)
		*reterr = answer->error;
	return answer->status;
}

static enum status
run_jobs(const char *dir, unsigned n_collectors, const struct tee *tee, const struct loader_stop *stop,
    struct answer answers[PROCESSES], struct error *reterr)
{
	struct job jobs[PROCESSES] = { { dir, n_collectors, tee, write_inverted },
		{ dir, n_collectors, NULL, write_documents } };
	struct process processes[PROCESSES] = { { 0, -1 }, { 0, -1 } };
	enum status status = STATUS_OK;

	for (size_t i = 0; status == STATUS_OK && i < PROCESSES; i++)
		status = process_start(&processes[i], job_main, &jobs[i], reterr);
	for (size_t i = 0; status == STATUS_OK && i < PROCESSES; i++)
		status = take_answer(&processes[i], stop, &answers[i], reterr);
	for (size_t i = 0; i < PROCESSES; i++)
		process_stop(&processes[i]);
	return status;
}

/* ---- The folder ------------------------------------------------------------------------------ */

static enum status
remove_temporary(const char *dir, struct error *reterr)
{
	DIR *folder = opendir(dir);
	const struct dirent *entry;
	enum status status = STATUS_OK;

	if (folder == NULL)
		return error_errno(reterr, STATUS_IO, errno, "cannot open folder %s", dir);
	while (status == STATUS_OK && (entry = readdir(folder)) != NULL) {
		size_t len = strlen(entry->d_name);

		if (len > 4 && strcmp(entry->d_name + len - 4, ".tmp") == 0 &&
		    unlinkat(dirfd(folder), entry->d_name, 0) != 0)
			status = error_errno(reterr, STATUS_IO, errno, "cannot remove %s/%s", dir, entry->d_name);
	}
	(void)closedir(folder);
	return status;
}

/* The library wants to see these two files, also where there is nothing in them. */
static enum status
make_file(const char *dir, const char *name, struct error *reterr)
{
	char path[PATH_MAX];
	int fd;

	(void)snprintf(path, sizeof(path), "%s/%s", dir, name);
	fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0666);
	if (fd < 0 || close(fd) != 0)
		return error_errno(reterr, STATUS_IO, errno, "cannot make %s", path);
	return STATUS_OK;
}

enum status
loader_write(const char *dir, unsigned n_collectors, const struct tee *tee, const struct loader_stop *stop,
    uint32_t *ret_documents, struct error *reterr)
{
	struct answer answers[PROCESSES];
	struct version version;
	enum status status = run_jobs(dir, n_collectors, tee, stop, answers, reterr);

	if (status != STATUS_OK)
		return status;
	version = answers[0].version;
	version.roots[VERSION_TERMLIST] = answers[1].version.roots[VERSION_TERMLIST];
	version.roots[VERSION_DOCDATA] = answers[1].version.roots[VERSION_DOCDATA];
	version.roots[VERSION_SPELLING].empty = version.roots[VERSION_SYNONYM].empty = true;
	status = make_file(dir, "postlist.glass", reterr);
	if (status == STATUS_OK)
		status = make_file(dir, "termlist.glass", reterr);
	if (status == STATUS_OK)
		status = remove_temporary(dir, reterr);
	if (status == STATUS_OK)
		status = dir_sync(dir, reterr);
	if (status == STATUS_OK)
		status = version_write(dir, &version, reterr);
	if (status == STATUS_OK)
		*ret_documents = version.stats.documents;
	return status;
}
