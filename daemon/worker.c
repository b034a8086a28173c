/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "daemon/worker.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#include "base/i18n.h"
#include "base/limits.h"
#include "base/log.h"
#include "daemon/frame.h"
#include "daemon/handlers.h"

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define HAS_SANITIZER 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define HAS_SANITIZER 1
#endif
#endif
#ifndef HAS_SANITIZER
#define HAS_SANITIZER 0
#endif

enum { ARGUMENTS = 6 /* and any number of files of variants */, EXIT_FAILED = 2, MIB = 1024 * 1024, STACK_MIB = 8 };

struct worker_options {
	const char *db;
	unsigned long soft_deadline_ms;
	unsigned long mib;
	const char *const *variants;
	unsigned n_variants;
};

/* The files of variants are to be read again. */
static volatile sig_atomic_t hung_up;

static void
note_hangup(int number)
{
	(void)number;
	hung_up = 1;
}

/* Signals to the whole group (Ctrl-C, systemd) are for the network process, which then drains. */
static void
ignore_signals(void)
{
	static const int signals[] = { SIGPIPE, SIGINT, SIGTERM };
	const struct sigaction hangup = { .sa_handler = note_hangup, .sa_flags = SA_RESTART };

	for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
		(void)signal(signals[i], SIG_IGN);
	(void)sigaction(SIGHUP, &hangup, NULL);
}

static void
limit(int resource, rlim_t bytes)
{
	struct rlimit bound = { .rlim_cur = bytes, .rlim_max = bytes };

	if (setrlimit((__rlimit_resource_t)resource, &bound) != 0)
		log_warn("worker runs without a limit resource=%d", resource);
}

/*
 * RLIMIT_DATA makes malloc fail, which ends as STATUS_NOMEM.  A sanitizer's shadow memory alone is
 * larger, so there is no limit under one.
 */
static void
limit_memory(unsigned long mib)
{
	if (HAS_SANITIZER)
		return;
	limit(RLIMIT_DATA, (rlim_t)mib * MIB);
	limit(RLIMIT_STACK, (rlim_t)STACK_MIB * MIB);
}

/* Tells the network process how the start went. */
static enum status
report(enum status start, const struct error *why)
{
	struct str message = str_of(start == STATUS_OK ? "" : why->message);
	struct frame frame = frame_make(start == STATUS_OK ? FRAME_READY : FRAME_UNUSABLE, 0, message.len);

	frame.status = (uint32_t)start;
	return frame_write(WORKER_FD, &frame, message, NULL);
}

/* Answers one request; STATUS_END where it was the last that this worker should answer. */
static enum status
serve_one(const struct handlers *handlers, uint64_t number, struct str line, struct buf *out, struct error *reterr)
{
	bool force = hung_up != 0;
	struct outcome outcome;
	struct frame frame;
	enum status status;

	hung_up = 0;
	names_refresh(handlers->names, force);
	handlers_run(handlers, line, out, &outcome);
	if (buf_status(out) != STATUS_OK)
		return error_set(reterr, buf_status(out), ERROR_NO_OFFSET, "no memory for a reply");
	frame = frame_make(FRAME_REPLY, number, out->len);
	frame.status = (uint32_t)outcome.status;
	frame.hits = outcome.hits;
	if (outcome.status != STATUS_OK)
		frame.flags |= FRAME_FLAG_ERROR;
	/* Memory that ran out once is in pieces: a new process is cheaper than a sick one. */
	if (outcome.status == STATUS_NOMEM)
		frame.flags |= FRAME_FLAG_LAST;
	status = frame_write(WORKER_FD, &frame, buf_str(out), reterr);
	if (status == STATUS_OK && outcome.status == STATUS_NOMEM)
		return STATUS_END;
	return status;
}

static enum status
serve(const struct handlers *handlers, struct error *reterr)
{
	struct buf line, out;
	enum status status;

	buf_init(&line, LIMIT_REQUEST_BYTES);
	buf_init(&out, FRAME_BYTES_MAX);
	do {
		struct frame frame;

		status = frame_read(WORKER_FD, &frame, &line, reterr);
		if (status == STATUS_OK && frame.kind != FRAME_REQUEST)
			status = error_set(reterr, STATUS_IO, ERROR_NO_OFFSET, "what came is no request");
		if (status == STATUS_OK)
			status = serve_one(handlers, frame.number, buf_str(&line), &out, reterr);
	} while (status == STATUS_OK);
	buf_done(&line);
	buf_done(&out);
	return status == STATUS_END ? STATUS_OK : status;
}

static enum status
open_all(const struct worker_options *options, struct handlers *handlers, struct error *reterr)
{
	struct error why;
	enum status status = store_reader_open(options->db, &handlers->reader, reterr);

	if (status == STATUS_OK)
		status = analyzer_new(&handlers->analyzer, reterr);
	if (status == STATUS_OK)
		status =
		    names_new(options->variants, options->n_variants, handlers->analyzer, &handlers->names, reterr);
	if (status == STATUS_OK)
		status = vocabulary_new(&handlers->vocabulary, reterr);
	/* A request's arena may take half of the process's memory; the rest is Xapian's. */
	if (status == STATUS_OK && arena_new(options->mib * (MIB / 2), &handlers->arena) != STATUS_OK)
		status = error_set(reterr, STATUS_NOMEM, ERROR_NO_OFFSET, "no memory for an arena");
	handlers->soft_deadline_ms = (uint32_t)options->soft_deadline_ms;
	/* The program that started this one has read them well; if they are spoilt since, names are but names. */
	if (status == STATUS_OK && names_load(handlers->names, &why) != STATUS_OK)
		log_warnx("variants not read why=\"%s\"", why.message);
	return status;
}

static int
work(const struct worker_options *options)
{
	struct handlers handlers = { 0 };
	struct error error;
	enum status status = open_all(options, &handlers, &error);
	bool opened = status == STATUS_OK;

	if (report(status, &error) != STATUS_OK)
		opened = false;
	if (opened) {
		status = serve(&handlers, &error);
		if (status != STATUS_OK)
			log_warnx("worker ends status=%s why=\"%s\"", status_name(status), error.message);
	}
	arena_free(handlers.arena);
	vocabulary_free(handlers.vocabulary);
	names_free(handlers.names);
	analyzer_free(handlers.analyzer);
	store_reader_close(handlers.reader);
	return opened && status == STATUS_OK ? 0 : EXIT_FAILED;
}

int
worker_main(int argc, char **argv)
{
	struct worker_options options;

	i18n_init();
	if (argc < ARGUMENTS || fcntl(WORKER_FD, F_SETFD, FD_CLOEXEC) != 0)
		fatalx("%s is for voisind itself", WORKER_ARGUMENT);
	log_init("voisind", strcmp(argv[5], "1") == 0 ? LOG_LEVEL_DEBUG : LOG_LEVEL_INFO);
	ignore_signals();
	(void)prctl(PR_SET_NAME, "voisind-worker");
	/* The socket's end tells the same, but not to a worker that is stopped or busy. */
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0)
		fatal("cannot tie the worker to its parent");
	options = (struct worker_options) {
		.db = argv[2],
		.soft_deadline_ms = strtoul(argv[3], NULL, 10),
		.mib = strtoul(argv[4], NULL, 10),
		.variants = (const char *const *)argv + ARGUMENTS,
		.n_variants = (unsigned)(argc - ARGUMENTS),
	};
	limit_memory(options.mib);
	return work(&options);
}
