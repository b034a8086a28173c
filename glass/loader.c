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
#include "glass/relay.h"
#include "glass/version.h"

enum { PROCESS_DOCUMENTS, PROCESS_INVERTED, PROCESS_TEE, PROCESSES };

enum { WAIT_MS = 200 };

struct job {
	const char *dir;
	unsigned n_collectors;
	const struct documents_later *later; /* or NULL, as the others */
	const struct tee *tee;
	struct relay *relay; /* from where lists are merged to where the tee is told of them */
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

/* ---- The processes --------------------------------------------------------------------------- */

static void
write_inverted(const struct job *job, struct version *version, enum status *status, struct error *error)
{
	struct inverted inverted;
	struct tee told;

	if (job->tee != NULL)
		relay_tell(job->relay, job->tee, &told);
	*status = inverted_write(job->dir, job->n_collectors, job->tee != NULL ? &told : NULL, &inverted, error);
	if (*status != STATUS_OK)
		return;
	version->roots[VERSION_POSTLIST] = inverted.postings;
	version->roots[VERSION_POSITION] = inverted.positions;
	version->stats = inverted.stats;
}

static void
write_documents(const struct job *job, struct version *version, enum status *status, struct error *error)
{
	relay_free(job->relay);
	*status = documents_write_terms(job->dir, job->n_collectors, &version->roots[VERSION_TERMLIST], error);
	if (*status == STATUS_OK)
		*status = documents_write_data(
		    job->dir, job->n_collectors, job->later, &version->roots[VERSION_DOCDATA], error);
}

static void
tell_tee(const struct job *job, struct version *version, enum status *status, struct error *error)
{
	(void)version;
	*status = relay_listen(job->relay, job->tee, error);
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
	if (status == STATUS_OK && !answered)
		return error_set(reterr, STATUS_INTERNAL, ERROR_NO_OFFSET, "a child process ended without an answer");
	return status;
}

/* A process that could not go on because another one is gone says so; that one says why. */
static enum status
outcome_of(const struct answer answers[PROCESSES], struct error *reterr)
{
	const struct answer *failed = NULL;

	for (size_t i = 0; i < PROCESSES; i++)
		if (answers[i].status != STATUS_OK && (failed == NULL || failed->status == STATUS_CANCELLED))
			failed = &answers[i];
	if (failed == NULL)
		return STATUS_OK;
	if (reterr != NULL)
		*reterr = failed->error;
	return failed->status;
}

static enum status
take_answers(struct process processes[PROCESSES], const struct loader_stop *stop, struct answer answers[PROCESSES],
    struct error *reterr)
{
	memset(answers, 0, PROCESSES * sizeof(*answers));
	for (size_t i = 0; i < PROCESSES; i++) {
		enum status status =
		    processes[i].pid > 0 ? take_answer(&processes[i], stop, &answers[i], reterr) : STATUS_OK;

		if (status != STATUS_OK)
			return status;
		if (answers[i].status != STATUS_OK && answers[i].status != STATUS_CANCELLED)
			break;
	}
	return outcome_of(answers, reterr);
}

static enum status
run_jobs(const char *dir, unsigned n_collectors, const struct documents_later *later, const struct tee *tee,
    const struct loader_stop *stop, struct answer answers[PROCESSES], struct error *reterr)
{
	static void (*const runs[PROCESSES])(
	    const struct job *job, struct version *version, enum status *status, struct error *error) = {
		[PROCESS_DOCUMENTS] = write_documents, [PROCESS_INVERTED] = write_inverted, [PROCESS_TEE] = tell_tee
	};
	struct process processes[PROCESSES] = { { 0, -1 }, { 0, -1 }, { 0, -1 } };
	struct relay *relay = NULL;
	enum status status = tee != NULL ? relay_new(&relay, reterr) : STATUS_OK;

	for (size_t i = 0; status == STATUS_OK && i < PROCESSES; i++) {
		struct job job = { dir, n_collectors, later, tee, relay, runs[i] };

		if (i != PROCESS_TEE || tee != NULL)
			status = process_start(&processes[i], job_main, &job, reterr);
	}
	/* Who waits for another one is to see its end. */
	relay_free(relay);
	if (status == STATUS_OK)
		status = take_answers(processes, stop, answers, reterr);
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
loader_write(const char *dir, unsigned n_collectors, const struct documents_later *later, const struct tee *tee,
    const struct loader_stop *stop, uint32_t *ret_documents, struct error *reterr)
{
	struct answer answers[PROCESSES];
	struct version version;
	enum status status = run_jobs(dir, n_collectors, later, tee, stop, answers, reterr);

	if (status != STATUS_OK)
		return status;
	version = answers[PROCESS_INVERTED].version;
	version.roots[VERSION_TERMLIST] = answers[PROCESS_DOCUMENTS].version.roots[VERSION_TERMLIST];
	version.roots[VERSION_DOCDATA] = answers[PROCESS_DOCUMENTS].version.roots[VERSION_DOCDATA];
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
