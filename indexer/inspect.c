/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is found is gathered as one JSON object, which is written as it is or line by line.
 */
#include "indexer/inspect.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/file.h"
#include "base/i18n.h"
#include "base/limits.h"
#include "indexer/jsonline.h"
#include "indexer/walk.h"
#include "store/inspect.h"
#include "store/lock.h"

static enum status
no_memory(struct error *reterr)
{
	return error_set(reterr, STATUS_NOMEM, ERROR_NO_OFFSET, "out of memory");
}

/* Writes `object` as one line.  Takes it. */
static enum status
print_json(json_t *object, struct error *reterr)
{
	if (!jsonline_write(object))
		return error_set(reterr, STATUS_IO, ERROR_NO_OFFSET, "standard output cannot be written");
	return STATUS_OK;
}

static enum status
flush(struct error *reterr)
{
	if (fflush(stdout) != 0 || ferror(stdout))
		return error_set(reterr, STATUS_IO, ERROR_NO_OFFSET, "standard output cannot be written");
	return STATUS_OK;
}

/* ---- What is in it --------------------------------------------------------------------------- */

/* A source of the settings, and what the index has of it; the last one is for what is in none. */
struct share {
	struct str name;
	char **paths; /* resolved where they are there */
	size_t n_paths;
	uint64_t files;
	uint64_t documents;
};

struct stats {
	struct share *shares;
	size_t n;
	json_t *counts; /* that is being filled */
};

static bool
is_below(struct str path, struct str top)
{
	return str_has_prefix(path, top) && (path.len == top.len || path.p[top.len] == '/' || str_eq(top, STR("/")));
}

static enum status
count_file(void *arg, const struct store_file *file)
{
	struct stats *stats = arg;
	size_t i;

	for (i = 0; i + 1 < stats->n; i++) {
		size_t p = 0;

		while (p < stats->shares[i].n_paths && !is_below(file->path, str_of(stats->shares[i].paths[p])))
			p++;
		if (p < stats->shares[i].n_paths)
			break;
	}
	stats->shares[i].files++;
	stats->shares[i].documents += file->documents;
	return STATUS_OK;
}

static enum status
count_term(void *arg, struct str value, uint32_t documents)
{
	struct stats *stats = arg;
	char key[32];

	(void)snprintf(key, sizeof(key), "%.*s", (int)(value.len < 31 ? value.len : 31), value.p);
	return json_object_set_new(stats->counts, key, json_integer(documents)) == 0 ? STATUS_OK : STATUS_NOMEM;
}

static enum status
count_table(void *arg, const char *name, uint64_t bytes)
{
	struct stats *stats = arg;

	return json_object_set_new(stats->counts, name, json_integer((json_int_t)bytes)) == 0 ? STATUS_OK
											      : STATUS_NOMEM;
}

static void
stats_done(struct stats *stats)
{
	for (size_t i = 0; stats->shares != NULL && i < stats->n; i++) {
		for (size_t p = 0; p < stats->shares[i].n_paths; p++)
			free(stats->shares[i].paths[p]);
		free(stats->shares[i].paths);
	}
	free(stats->shares);
}

/* A path that is not there now may have been: it counts as it is written. */
static enum status
resolve_paths(struct share *share, const struct settings_source *source, const struct source_formats *formats,
    struct error *reterr)
{
	share->name = source->name;
	share->paths = calloc(source->n_paths + 1, sizeof(*share->paths));
	if (share->paths == NULL)
		return no_memory(reterr);
	for (; share->n_paths < source->n_paths; share->n_paths++) {
		char **path = &share->paths[share->n_paths];

		if (walk_resolve(source->paths[share->n_paths], formats, path, NULL) != STATUS_OK)
			*path = strdup(source->paths[share->n_paths]);
		if (*path == NULL)
			return no_memory(reterr);
	}
	return STATUS_OK;
}

static enum status
make_shares(const struct settings *settings, struct stats *stats, struct error *reterr)
{
	enum status status = STATUS_OK;

	stats->n = settings->n_sources + 1;
	stats->shares = calloc(stats->n, sizeof(*stats->shares));
	if (stats->shares == NULL)
		return no_memory(reterr);
	for (size_t i = 0; status == STATUS_OK && i < settings->n_sources; i++)
		status = resolve_paths(&stats->shares[i], &settings->sources[i], settings->formats, reterr);
	return status;
}

static json_t *
share_json(const struct share *share)
{
	return json_pack("{s:s%, s:I, s:I}", "name", share->name.p != NULL ? share->name.p : "", share->name.len,
	    "documents", (json_int_t)share->documents, "files", (json_int_t)share->files);
}

static enum status
add_shares(struct stats *stats, json_t *all)
{
	json_t *sources = json_array();

	for (size_t i = 0; i < stats->n; i++) {
		const struct share *share = &stats->shares[i];

		/* The last one is for what is in no source, and worth a word where there is any. */
		if (i + 1 == stats->n && share->files == 0)
			continue;
		if (json_array_append_new(sources, share_json(share)) != 0)
			return STATUS_NOMEM;
	}
	return json_object_set_new(all, "sources", sources) == 0 ? STATUS_OK : STATUS_NOMEM;
}

static json_t *
new_counts(struct stats *stats, json_t *all, const char *name)
{
	stats->counts = json_object();
	(void)json_object_set_new(all, name, stats->counts);
	return json_object_get(all, name);
}

/* Null where there is none. */
static json_t *
invfile_json(const struct store_stats *numbers)
{
	if (numbers->invfile_bytes == 0 && numbers->invfile_why.len == 0)
		return json_null();
	return json_pack("{s:b, s:b, s:I, s:I, s:I, s:I, s:s%}", "used", (int)numbers->invfile_is_used, "needed",
	    (int)numbers->is_lean, "files", (json_int_t)numbers->invfile_layers, "bytes",
	    (json_int_t)numbers->invfile_bytes, "put", (json_int_t)numbers->invfile_put, "touched",
	    (json_int_t)numbers->invfile_touched, "why", numbers->invfile_why.p, numbers->invfile_why.len);
}

static enum status
gather(const struct settings *settings, const struct store_reader *reader, struct stats *stats, json_t *all,
    struct error *reterr)
{
	struct store_stats numbers;
	enum status status = store_reader_stats(reader, &numbers, reterr);

	if (status != STATUS_OK)
		return status;
	if (json_object_set_new(all, "index", json_string(settings->db)) != 0 ||
	    json_object_set_new(all, "generation", json_stringn(numbers.generation.p, numbers.generation.len)) != 0 ||
	    json_object_set_new(all, "revision", json_integer((json_int_t)numbers.revision)) != 0 ||
	    json_object_set_new(all, "documents", json_integer(numbers.documents)) != 0 ||
	    json_object_set_new(all, "words", json_integer((json_int_t)numbers.words)) != 0 ||
	    json_object_set_new(all, "inverted_file", invfile_json(&numbers)) != 0)
		return error_set(
		    reterr, STATUS_INVALID, ERROR_NO_OFFSET, "the index's name %s is not UTF-8", settings->db);
	status = store_inspect_files(reader, count_file, stats, reterr);
	if (status == STATUS_OK)
		status = add_shares(stats, all);
	if (status == STATUS_OK && new_counts(stats, all, "languages") != NULL)
		status = store_inspect_terms(reader, STORE_TERM_LANGUAGE, count_term, stats, reterr);
	if (status == STATUS_OK && new_counts(stats, all, "years") != NULL)
		status = store_inspect_terms(reader, STORE_TERM_YEAR, count_term, stats, reterr);
	if (status == STATUS_OK && new_counts(stats, all, "tables") != NULL)
		status = store_inspect_tables(settings->db, reader, count_table, stats, reterr);
	return status == STATUS_NOMEM ? no_memory(reterr) : status;
}

static unsigned long long
number_of(const json_t *object, const char *key)
{
	return (unsigned long long)json_integer_value(json_object_get(object, key));
}

static void
print_count(const char *name, const char *key, unsigned long long count)
{
	if (strcmp(name, "languages") == 0)
		(void)printf(tr("language %s: %llu documents\n"), key, count);
	else if (strcmp(name, "years") == 0)
		(void)printf(tr("year %s: %llu documents\n"), key, count);
	else
		(void)printf(tr("table %s: %llu bytes\n"), key, count);
}

static void
print_counts(const json_t *all, const char *name)
{
	const char *key;
	json_t *value;

	json_object_foreach(json_object_get(all, name), key, value)
	    print_count(name, key, (unsigned long long)json_integer_value(value));
}

static void
print_invfile(const json_t *invfile)
{
	if (json_is_null(invfile))
		(void)printf("%s\n", tr("no inverted files: searches are Xapian's alone"));
	else if (json_is_true(json_object_get(invfile, "used")))
		(void)printf(tr("inverted files in use: %llu; documents put since the last full build: %llu\n"),
		    number_of(invfile, "files"), number_of(invfile, "put"));
	else
		(void)printf(tr("inverted files not in use: %s\n"), json_string_value(json_object_get(invfile, "why")));
}

static enum status
print_stats(const json_t *all, struct error *reterr)
{
	size_t i;
	json_t *source;

	(void)printf(tr("index %s, %s, revision %llu\n"), json_string_value(json_object_get(all, "index")),
	    json_string_value(json_object_get(all, "generation")), number_of(all, "revision"));
	(void)printf(tr("%llu documents, %llu words\n"), number_of(all, "documents"), number_of(all, "words"));
	json_array_foreach(json_object_get(all, "sources"), i, source)
	{
		const char *name = json_string_value(json_object_get(source, "name"));

		if (name[0] != '\0')
			(void)printf(tr("source %s: %llu documents in %llu files\n"), name,
			    number_of(source, "documents"), number_of(source, "files"));
		else
			(void)printf(tr("no source: %llu documents in %llu files\n"), number_of(source, "documents"),
			    number_of(source, "files"));
	}
	print_invfile(json_object_get(all, "inverted_file"));
	print_counts(all, "languages");
	print_counts(all, "years");
	print_counts(all, "tables");
	return flush(reterr);
}

enum status
inspect_stats(const struct settings *settings, struct error *reterr)
{
	struct stats stats = { NULL, 0, NULL };
	struct store_reader *reader = NULL;
	json_t *all = json_object();
	enum status status = all != NULL ? store_reader_open(settings->db, &reader, reterr) : no_memory(reterr);

	if (status == STATUS_OK)
		status = make_shares(settings, &stats, reterr);
	if (status == STATUS_OK)
		status = gather(settings, reader, &stats, all, reterr);
	if (status == STATUS_OK)
		status = settings->options->json ? print_json(json_incref(all), reterr) : print_stats(all, reterr);
	json_decref(all);
	stats_done(&stats);
	store_reader_close(reader);
	return status;
}

/* ---- Whether it is whole --------------------------------------------------------------------- */

/* In the child: the check, and what it finds as one line to `out`.  Does not return. */
static void
check_and_exit(const char *db, int out, int lock_fd)
{
	const struct rlimit no_core = { 0, 0 };
	const struct rlimit time = { LIMIT_CHECK_S, LIMIT_CHECK_S };
	struct error error = { STATUS_OK, ERROR_NO_OFFSET, "" };
	enum status status;

	/* The lock is the parent's: it must not outlive it here. */
	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	lock_drop(lock_fd);
	(void)setrlimit(RLIMIT_CORE, &no_core);
	(void)setrlimit(RLIMIT_CPU, &time);
	status = store_inspect_structure(db, &error);
	if (status != STATUS_OK && fd_write_all(out, str_of(error.message), NULL) != STATUS_OK)
		_exit(2);
	_exit(status == STATUS_OK ? 0 : 1);
}

/* What the child wrote, until it ends. */
static void
read_message(int fd, char *message, size_t size)
{
	size_t used = 0;
	ssize_t n;

	while (used + 1 < size && ((n = read(fd, message + used, size - 1 - used)) > 0 || (n < 0 && errno == EINTR)))
		used += n > 0 ? (size_t)n : 0;
	message[used] = '\0';
}

static enum status
judge(int wait_status, const char *message, struct error *reterr)
{
	if (WIFEXITED(wait_status) && WEXITSTATUS(wait_status) == 0)
		return STATUS_OK;
	if (WIFSIGNALED(wait_status))
		return error_set(reterr, STATUS_CORRUPT, ERROR_NO_OFFSET,
		    "the index is damaged: Xapian's check of it died of signal %d (%s)", WTERMSIG(wait_status),
		    strsignal(WTERMSIG(wait_status)));
	return error_set(reterr, STATUS_CORRUPT, ERROR_NO_OFFSET, "%s",
	    message[0] != '\0' ? message : tr("Xapian's check of the index did not end well"));
}

static enum status
check_in_child(const char *db, int lock_fd, struct error *reterr)
{
	char message[ERROR_MESSAGE_BYTES];
	int ends[2];
	int wait_status = 0;
	pid_t child;

	(void)fflush(stdout);
	if (pipe(ends) != 0)
		return error_errno(reterr, STATUS_IO, errno, "cannot make a pipe");
	child = fork();
	if (child == 0) {
		(void)close(ends[0]);
		check_and_exit(db, ends[1], lock_fd);
	}
	(void)close(ends[1]);
	if (child > 0)
		read_message(ends[0], message, sizeof(message));
	(void)close(ends[0]);
	if (child < 0)
		return error_errno(reterr, STATUS_IO, errno, "cannot start a process");
	while (waitpid(child, &wait_status, 0) < 0)
		if (errno != EINTR)
			return error_errno(reterr, STATUS_IO, errno, "cannot wait for a process");
	return judge(wait_status, message, reterr);
}

static const char *
word_of(enum status status, bool sealed)
{
	if (status != STATUS_OK)
		return "damaged";
	return sealed ? "ok" : "none";
}

static enum status
tell(const struct settings *settings, const char *hashes, const struct error *hashes_why, const char *structure,
    const struct error *structure_why, struct error *reterr)
{
	if (settings->options->json)
		return print_json(
		    json_pack("{s:s, s:s, s:s, s:s, s:s}", "index", settings->db, "hashes", hashes, "hashes_why",
			hashes_why->message, "structure", structure, "structure_why", structure_why->message),
		    reterr);
	if (hashes_why->message[0] != '\0')
		(void)printf("%s\n", hashes_why->message);
	else if (strcmp(hashes, "ok") == 0)
		(void)printf("%s\n", tr("hashes: every byte is as it was written"));
	else
		(void)printf(
		    "%s\n", tr("hashes: there are none, as the last run did not end; the next one makes them"));
	(void)printf("%s\n",
	    structure_why->message[0] != '\0' ? structure_why->message : tr("structure: Xapian finds nothing wrong"));
	return flush(reterr);
}

enum status
inspect_verify(const struct settings *settings, struct error *reterr)
{
	struct error hashes_why = { STATUS_OK, ERROR_NO_OFFSET, "" };
	struct error structure_why = { STATUS_OK, ERROR_NO_OFFSET, "" };
	enum status hashes, structure, told;
	bool sealed = false;
	int lock_fd;
	enum status status = lock_take(settings->db, &lock_fd, reterr);

	if (status != STATUS_OK)
		return status;
	hashes = store_inspect_hashes(settings->db, &sealed, &hashes_why);
	structure = check_in_child(settings->db, lock_fd, &structure_why);
	lock_drop(lock_fd);
	told = tell(settings, word_of(hashes, sealed), &hashes_why, word_of(structure, true), &structure_why, reterr);
	if (told != STATUS_OK)
		return told;
	if (hashes == STATUS_OK && structure == STATUS_OK)
		return STATUS_OK;
	return error_set(
	    reterr, STATUS_CORRUPT, ERROR_NO_OFFSET, "the index is not whole; rebuild it with voisin-index --full");
}
