/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "daemon/worker.h"

#include <fcntl.h>
#include <libgen.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#include "base/clock.h"
#include "base/cores.h"
#include "base/i18n.h"
#include "base/limits.h"
#include "base/log.h"
#include "daemon/frame.h"
#include "daemon/handlers.h"
#include "daemon/sandbox.h"
#include "daemon/sanitizer.h"
#include "daemon/self.h"
#include "daemon/settings.h"
#include "protocol/json.h"

enum { ARGUMENTS = 4 /* and any number of files of variants */, EXIT_FAILED = 2, MIB = 1024 * 1024 };
enum { OPEN_FILES = 256, PATH_BYTES = 4096, TOLD_BYTES = 64, NS_PER_US = 1000 };

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
limit_memory(const struct settings *settings)
{
	if (HAS_SANITIZER)
		return;
	limit(RLIMIT_DATA, (rlim_t)settings->worker_mib * MIB);
	limit(RLIMIT_STACK, (rlim_t)settings->worker_stack_mib * MIB);
}

/* The folders of the files of variants, each copied into its room. */
static void
find_folders(const struct settings *settings, char rooms[][PATH_BYTES], const char **folders)
{
	for (unsigned i = 0; i < settings->n_variants; i++) {
		(void)snprintf(rooms[i], PATH_BYTES, "%s", settings->variants[i]);
		folders[i] = dirname(rooms[i]);
	}
}

/*
 * From here on: the index and the files of names can be read, and that is all.  Of the index it is the folder
 * around it that is opened up: a rule holds for a folder and not for its name, so an index that is moved away and
 * made again would be out of reach.
 */
static void
enter_sandbox(const struct settings *settings)
{
	char rooms[SETTINGS_VARIANTS_MAX][PATH_BYTES];
	const char *folders[SETTINGS_VARIANTS_MAX + 2] = { NULL };
	char db[PATH_BYTES];

	i18n_read_all();
	json_prepare();
	/* A sanitizer looks for leaks from a process of its own. */
	if (!sandbox_is_possible())
		return;
	limit(RLIMIT_NOFILE, OPEN_FILES);
	limit(RLIMIT_NPROC, 0);
	find_folders(settings, rooms, folders);
	(void)snprintf(db, sizeof(db), "%s", settings->db);
	folders[settings->n_variants] = dirname(db);
	sandbox_enter(SANDBOX_WORKER, &(struct sandbox_paths) { .readable = folders });
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

/* How the process did until a request came. */
struct condition {
	uint64_t memory_bytes;
	bool waited; /* for a core */
};

/* What the network process tells of its workers, and what it goes by. */
static void
describe(const struct handlers *handlers, const struct outcome *outcome, const struct condition *condition,
    struct frame *frame)
{
	struct cache_state cache = cache_state(handlers->cache);
	struct str why;

	frame->memory_bytes = condition->memory_bytes;
	frame->flags |= condition->waited ? FRAME_FLAG_WAITED : 0u;
	frame->cache_bytes = cache.bytes;
	frame->cache_entries = cache.entries;
	frame->flags |= outcome->cacheable ? FRAME_FLAG_CACHEABLE : 0u;
	frame->flags |= outcome->cached ? FRAME_FLAG_CACHED : 0u;
	frame->flags |= store_reader_refused(handlers->reader, &why).len > 0 ? FRAME_FLAG_REFUSED : 0u;
	frame_set_generation(frame, store_reader_stamp(handlers->reader));
}

/* Logs when what is published cannot be served, and when it can again; `told` is what was logged last. */
static void
tell_refusal(const struct store_reader *reader, char told[TOLD_BYTES])
{
	struct str why;
	struct str refused = store_reader_refused(reader, &why);
	struct str served = store_reader_stamp(reader);

	if (str_eq(refused, str_of(told)))
		return;
	(void)snprintf(told, TOLD_BYTES, "%.*s", (int)refused.len, refused.p);
	if (refused.len > 0)
		log_warnx("index refused name=%s served=%.*s why=\"%.*s\"", told, (int)served.len, served.p,
		    (int)why.len, why.p);
	else
		log_info("index accepted served=%.*s", (int)served.len, served.p);
}

/* Answers one request; STATUS_END where it was the last that this worker should answer. */
static enum status
serve_one(const struct handlers *handlers, uint64_t number, const struct condition *condition, struct str line,
    struct buf *out, struct error *reterr)
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
	frame.core = self_core();
	frame.status = (uint32_t)outcome.status;
	frame.hits = outcome.hits;
	describe(handlers, &outcome, condition, &frame);
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

/*
 * Waits for the next request, the first so many microseconds without sleeping (polling.h says when).  Who sleeps in read() is also
 * woken when the other end takes the reply before, for its socket can be written to then; poll() sleeps on.
 */
static void
await_request(uint32_t busy_us)
{
	struct pollfd fd = { .fd = WORKER_FD, .events = POLLIN };
	int64_t until = busy_us > 0 ? clock_mono_ns() + (int64_t)busy_us * NS_PER_US : 0;
	int found = 0;

	while (found == 0 && until > 0 && clock_mono_ns() < until) {
		found = poll(&fd, 1, 0);
		if (found == 0)
			cores_relax();
	}
	/* Whatever ends it, read() tells what is there. */
	if (found == 0)
		(void)poll(&fd, 1, -1);
}

static enum status
serve(const struct handlers *handlers, uint32_t busy_poll_us, struct error *reterr)
{
	char told[TOLD_BYTES] = "";
	struct buf line, out;
	enum status status;
	struct condition condition;
	uint32_t busy_us = 0, core = SELF_NO_CORE; /* that of the network process */

	tell_refusal(handlers->reader, told);
	buf_init(&line, LIMIT_REQUEST_BYTES);
	/* A reply and its newline. */
	buf_init(&out, bound_get(BOUND_REPLY_BYTES) + 1);
	do {
		struct frame frame;

		/* While nobody waits: these are calls of the kernel. */
		condition = (struct condition) { .memory_bytes = self_resident(),
			.waited = busy_poll_us > 0 && self_had_to_wait() };
		await_request(condition.waited || self_core() == core ? 0 : busy_us);
		status = frame_read(WORKER_FD, &frame, &line, reterr);
		busy_us = status == STATUS_OK && (frame.flags & FRAME_FLAG_POLL) != 0 ? busy_poll_us : 0;
		core = frame.core;
		if (status == STATUS_OK && frame.kind != FRAME_REQUEST)
			status = error_set(reterr, STATUS_IO, ERROR_NO_OFFSET, "what came is no request");
		if (status == STATUS_OK)
			status = serve_one(handlers, frame.number, &condition, buf_str(&line), &out, reterr);
		tell_refusal(handlers->reader, told);
	} while (status == STATUS_OK);
	buf_done(&line);
	buf_done(&out);
	return status == STATUS_END ? STATUS_OK : status;
}

static enum status
open_all(const struct settings *settings, struct handlers *handlers, struct error *reterr)
{
	struct error why;
	enum status status = store_reader_open_or_before(settings->db, &handlers->reader, reterr);

	if (status == STATUS_OK)
		status = analyzer_new(&handlers->analyzer, reterr);
	if (status == STATUS_OK)
		status =
		    names_new(settings->variants, settings->n_variants, handlers->analyzer, &handlers->names, reterr);
	if (status == STATUS_OK)
		status = vocabulary_new(&handlers->vocabulary, reterr);
	/* A request's arena may take half of the process's memory; the rest is Xapian's. */
	if (status == STATUS_OK && (handlers->cache = cache_new((size_t)settings->cache_mib * MIB)) == NULL)
		status = error_set(reterr, STATUS_NOMEM, ERROR_NO_OFFSET, "no memory for replies");
	if (status == STATUS_OK && arena_new((size_t)settings->worker_mib * (MIB / 2), &handlers->arena) != STATUS_OK)
		status = error_set(reterr, STATUS_NOMEM, ERROR_NO_OFFSET, "no memory for an arena");
	handlers->soft_deadline_ms = settings->soft_deadline_ms;
	/* The program that started this one has read them well; if they are spoilt since, names are but names. */
	if (status == STATUS_OK && names_load(handlers->names, &why) != STATUS_OK)
		log_warnx("variants not read why=\"%s\"", why.message);
	return status;
}

static int
work(const struct settings *settings)
{
	struct handlers handlers = { 0 };
	struct error error;
	enum status status = open_all(settings, &handlers, &error);
	bool opened = status == STATUS_OK;

	self_watch();
	if (opened && !settings->no_sandbox)
		enter_sandbox(settings);
	if (report(status, &error) != STATUS_OK)
		opened = false;
	if (opened) {
		status = serve(&handlers, settings->busy_poll_us, &error);
		if (status != STATUS_OK)
			log_warnx("worker ends status=%s why=\"%s\"", status_name(status), error.message);
	}
	cache_free(handlers.cache);
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
	struct settings settings = { .config = NULL };

	i18n_init();
	if (argc < ARGUMENTS || argc > ARGUMENTS + SETTINGS_VARIANTS_MAX ||
	    settings_take(&settings, argv[3], true) != STATUS_OK || fcntl(WORKER_FD, F_SETFD, FD_CLOEXEC) != 0)
		fatalx("%s is for voisind itself", WORKER_ARGUMENT);
	log_init("voisind", settings.verbose ? LOG_LEVEL_DEBUG : LOG_LEVEL_INFO);
	ignore_signals();
	(void)prctl(PR_SET_NAME, "voisind-worker");
	/* The socket's end tells the same, but not to a worker that is stopped or busy. */
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0)
		fatal("cannot tie the worker to its parent");
	settings.db = argv[2];
	for (int i = ARGUMENTS; i < argc; i++)
		settings.variants[settings.n_variants++] = argv[i];
	settings_use_bounds(&settings);
	limit_memory(&settings);
	return work(&settings);
}
