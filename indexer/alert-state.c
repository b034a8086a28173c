/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "indexer/alert-state.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <jansson.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/file.h"
#include "store/hash.h"
#include "store/lock.h"

enum { SEEN_BYTES_MAX = INT_MAX, PENDING_BYTES = 16 * 1024, TAIL_BYTES = 512 * 1024 * 1024 };

#define SEEN_MAGIC "voisin seen 1"

/* What `seen` begins with; the pairs follow. */
struct header {
	char magic[16];
	char stamp[ALERT_STAMP_BYTES];
	uint64_t n;
	struct hash pairs;
};

static enum status
no_memory(struct error *reterr)
{
	return error_set(reterr, STATUS_NOMEM, ERROR_NO_OFFSET, "out of memory");
}

static enum status
name_in(const struct alert_state *state, const char *name, char path[PATH_MAX], struct error *reterr)
{
	if (snprintf(path, PATH_MAX, "%s/%s", state->dir, name) >= PATH_MAX)
		return error_set(reterr, STATUS_LIMIT, ERROR_NO_OFFSET, "the path %.150s is too long", state->dir);
	return STATUS_OK;
}

/* ---- Pairs ----------------------------------------------------------------------------------- */

uint64_t
alert_number(struct str s)
{
	struct hash hash = hash_of(s);
	uint64_t number;

	memcpy(&number, hash.bytes, sizeof(number));
	return number;
}

bool
alert_pairs_add(struct alert_pairs *pairs, uint64_t first, uint64_t second)
{
	if (pairs->n == pairs->capacity) {
		size_t capacity = pairs->capacity > 0 ? pairs->capacity * 2 : 256;
		struct alert_pair *v = realloc(pairs->v, capacity * sizeof(*v));

		if (v == NULL)
			return false;
		pairs->v = v;
		pairs->capacity = capacity;
	}
	pairs->v[pairs->n++] = (struct alert_pair) { first, second };
	return true;
}

static int
compare_pairs(const void *a, const void *b)
{
	const struct alert_pair *one = a;
	const struct alert_pair *other = b;

	if (one->first != other->first)
		return one->first < other->first ? -1 : 1;
	return (one->second > other->second) - (one->second < other->second);
}

void
alert_pairs_sort(struct alert_pairs *pairs)
{
	if (pairs->n > 1)
		qsort(pairs->v, pairs->n, sizeof(*pairs->v), compare_pairs);
}

/* The first of those that are not before `key`. */
static size_t
lower_bound(const struct alert_pair *v, size_t n, struct alert_pair key)
{
	size_t low = 0;

	while (low < n) {
		size_t middle = low + (n - low) / 2;

		if (compare_pairs(&v[middle], &key) < 0)
			low = middle + 1;
		else
			n = middle;
	}
	return low;
}

const struct alert_pair *
alert_pairs_find(const struct alert_pairs *pairs, uint64_t first)
{
	size_t at = lower_bound(pairs->v, pairs->n, (struct alert_pair) { first, 0 });

	return at < pairs->n && pairs->v[at].first == first ? &pairs->v[at] : NULL;
}

bool
alert_state_is_reported(const struct alert_state *state, uint64_t alert, uint64_t id)
{
	const struct alert_pairs *reported = &state->reported;
	size_t at = lower_bound(reported->v, state->n_sorted, (struct alert_pair) { alert, id });

	return at < state->n_sorted && reported->v[at].first == alert && reported->v[at].second == id;
}

/* ---- Opening --------------------------------------------------------------------------------- */

/* A table that is not whole is as good as none: documents would be new that are not, so a new one begins. */
static void
parse_seen(struct alert_state *state, struct str data)
{
	struct header header;
	struct hash found;

	state->is_new = true;
	if (data.len < sizeof(header))
		return;
	memcpy(&header, data.p, sizeof(header));
	data = (struct str) { data.p + sizeof(header), data.len - sizeof(header) };
	found = hash_of(data);
	if (memcmp(header.magic, SEEN_MAGIC, sizeof(SEEN_MAGIC)) != 0 || !hash_eq(&found, &header.pairs) ||
	    header.n != data.len / sizeof(struct alert_pair) || data.len % sizeof(struct alert_pair) != 0)
		return;
	for (size_t i = 0; i < header.n; i++) {
		struct alert_pair pair;

		memcpy(&pair, data.p + i * sizeof(pair), sizeof(pair));
		if (!alert_pairs_add(&state->seen, pair.first, pair.second))
			return;
	}
	memcpy(state->stamp, header.stamp, sizeof(state->stamp));
	state->stamp[sizeof(state->stamp) - 1] = '\0';
	state->is_new = false;
}

static enum status
read_seen(struct alert_state *state, struct error *reterr)
{
	char path[PATH_MAX];
	struct buf data;
	enum status status = name_in(state, "seen", path, reterr);

	if (status != STATUS_OK)
		return status;
	buf_init(&data, SEEN_BYTES_MAX);
	status = file_read(path, &data, reterr);
	if (status == STATUS_OK || status == STATUS_NOT_FOUND) {
		parse_seen(state, status == STATUS_OK ? buf_str(&data) : STR(""));
		status = STATUS_OK;
	}
	buf_done(&data);
	return status;
}

/* A pair that a power cut left in part is cut off: its report is made again. */
static enum status
read_reported(struct alert_state *state, struct error *reterr)
{
	char path[PATH_MAX];
	struct buf data;
	off_t whole;
	enum status status = name_in(state, "reported", path, reterr);

	if (status != STATUS_OK)
		return status;
	state->reported_fd = open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0666);
	if (state->reported_fd < 0)
		return error_errno(reterr, STATUS_IO, errno, "cannot open %s", path);
	buf_init(&data, SEEN_BYTES_MAX);
	status = file_read(path, &data, reterr);
	whole = (off_t)(data.len / sizeof(struct alert_pair) * sizeof(struct alert_pair));
	for (off_t off = 0; status == STATUS_OK && off < whole; off += (off_t)sizeof(struct alert_pair)) {
		struct alert_pair pair;

		memcpy(&pair, data.data + off, sizeof(pair));
		if (!alert_pairs_add(&state->reported, pair.first, pair.second))
			status = no_memory(reterr);
	}
	if (status == STATUS_OK && (off_t)data.len > whole && ftruncate(state->reported_fd, whole) != 0)
		status = error_errno(reterr, STATUS_IO, errno, "cannot write %s", path);
	buf_done(&data);
	alert_pairs_sort(&state->reported);
	state->n_sorted = state->reported.n;
	return status;
}

/* ---- A file that a killed run was appending to ----------------------------------------------- */

/* Notes the ids of whole lines as reported; what is behind the last one goes. */
static enum status
take_lines(struct alert_state *state, uint64_t alert, struct str tail, size_t *ret_whole, struct error *reterr)
{
	struct alert_pairs found = { NULL, 0, 0 };
	const char *newline;
	enum status status = STATUS_OK;

	*ret_whole = 0;
	while (status == STATUS_OK && tail.len > 0 && (newline = memchr(tail.p, '\n', tail.len)) != NULL) {
		size_t len = (size_t)(newline - tail.p);
		json_t *line = json_loadb(tail.p, len, 0, NULL);
		const char *id = json_string_value(json_object_get(line, "id"));

		if (id != NULL && !alert_pairs_add(&found, alert, alert_number(str_of(id))))
			status = no_memory(reterr);
		json_decref(line);
		*ret_whole += len + 1;
		tail = (struct str) { tail.p + len + 1, tail.len - len - 1 };
	}
	if (status == STATUS_OK)
		status = alert_state_report(state, found.v, found.n, reterr);
	free(found.v);
	return status;
}

static enum status
mend_file(struct alert_state *state, uint64_t alert, uint64_t length, const char *path, struct error *reterr)
{
	struct buf data;
	size_t whole;
	enum status status;

	buf_init(&data, TAIL_BYTES);
	status = file_read(path, &data, reterr);
	/* Taken away, or begun anew, since: it tells nothing. */
	if (status == STATUS_NOT_FOUND || (status == STATUS_OK && data.len < length)) {
		buf_done(&data);
		return STATUS_OK;
	}
	if (status == STATUS_OK)
		status =
		    take_lines(state, alert, (struct str) { data.data + length, data.len - length }, &whole, reterr);
	if (status == STATUS_OK && length + whole < data.len && truncate(path, (off_t)(length + whole)) != 0)
		status = error_errno(reterr, STATUS_IO, errno, "cannot write %s", path);
	buf_done(&data);
	return status;
}

static enum status
mend_pending(struct alert_state *state, struct error *reterr)
{
	char path[PATH_MAX];
	struct buf data;
	uint64_t alert, length;
	int end = 0;
	enum status status = name_in(state, "pending", path, reterr);

	if (status != STATUS_OK)
		return status;
	buf_init(&data, PENDING_BYTES);
	status = file_read(path, &data, reterr);
	if (status == STATUS_NOT_FOUND) {
		buf_done(&data);
		return STATUS_OK;
	}
	/* Written by a rename, so that it is whole or not there. */
	if (status == STATUS_OK && data.len > 0 &&
	    sscanf(data.data, "%" SCNu64 " %" SCNu64 " %n", &alert, &length, &end) == 2 && end > 0)
		status = mend_file(state, alert, length, data.data + end, reterr);
	buf_done(&data);
	return status == STATUS_OK ? alert_state_end_file(state, reterr) : status;
}

enum status
alert_state_begin_file(
    struct alert_state *state, struct str alert, const char *path, uint64_t length, struct error *reterr)
{
	char name[PATH_MAX];
	struct buf text;
	enum status status = name_in(state, "pending", name, reterr);

	if (status != STATUS_OK)
		return status;
	buf_init(&text, PENDING_BYTES);
	(void)buf_printf(&text, "%" PRIu64 " %" PRIu64 " %s", alert_number(alert), length, path);
	status = buf_status(&text) == STATUS_OK ? file_write_atomic(name, buf_str(&text), reterr) : no_memory(reterr);
	buf_done(&text);
	return status;
}

enum status
alert_state_end_file(struct alert_state *state, struct error *reterr)
{
	char path[PATH_MAX];
	enum status status = name_in(state, "pending", path, reterr);

	if (status == STATUS_OK && unlink(path) != 0 && errno != ENOENT)
		status = error_errno(reterr, STATUS_IO, errno, "cannot remove %s", path);
	return status == STATUS_OK ? dir_sync(state->dir, reterr) : status;
}

enum status
alert_state_open(const char *db, struct alert_state *state, struct error *reterr)
{
	enum status status;

	*state = (struct alert_state) { .lock_fd = -1, .reported_fd = -1 };
	if (snprintf(state->dir, sizeof(state->dir), "%s/alerts", db) >= (int)sizeof(state->dir))
		return error_set(reterr, STATUS_LIMIT, ERROR_NO_OFFSET, "the path %.150s is too long", db);
	if (mkdir(state->dir, 0777) != 0 && errno != EEXIST)
		return error_errno(reterr, STATUS_IO, errno, "cannot make the folder %s", state->dir);
	status = lock_take(state->dir, &state->lock_fd, reterr);
	if (status == STATUS_OK)
		status = read_seen(state, reterr);
	if (status == STATUS_OK)
		status = read_reported(state, reterr);
	if (status == STATUS_OK)
		status = mend_pending(state, reterr);
	if (status == STATUS_OK) {
		alert_pairs_sort(&state->reported);
		state->n_sorted = state->reported.n;
	}
	return status;
}

void
alert_state_close(struct alert_state *state)
{
	free(state->seen.v);
	free(state->reported.v);
	if (state->reported_fd >= 0)
		(void)close(state->reported_fd);
	lock_drop(state->lock_fd);
}

/* ---- Writing --------------------------------------------------------------------------------- */

enum status
alert_state_report(struct alert_state *state, const struct alert_pair *pairs, size_t n, struct error *reterr)
{
	enum status status;

	if (n == 0)
		return STATUS_OK;
	status = fd_write_all(state->reported_fd, (struct str) { (const char *)pairs, n * sizeof(*pairs) }, reterr);
	if (status == STATUS_OK && fdatasync(state->reported_fd) != 0)
		status = error_errno(reterr, STATUS_IO, errno, "cannot sync %s/reported", state->dir);
	for (size_t i = 0; status == STATUS_OK && i < n; i++)
		if (!alert_pairs_add(&state->reported, pairs[i].first, pairs[i].second))
			status = no_memory(reterr);
	return status;
}

static enum status
write_seen(const struct alert_state *state, const struct alert_pairs *now, const char *stamp, struct error *reterr)
{
	struct header header = { .n = now->n };
	struct str pairs = { (const char *)now->v, now->n * sizeof(*now->v) };
	char path[PATH_MAX];
	struct buf data;
	enum status status = name_in(state, "seen", path, reterr);

	if (status != STATUS_OK)
		return status;
	memcpy(header.magic, SEEN_MAGIC, sizeof(SEEN_MAGIC));
	(void)snprintf(header.stamp, sizeof(header.stamp), "%s", stamp);
	header.pairs = hash_of(pairs);
	buf_init(&data, SEEN_BYTES_MAX);
	(void)buf_append(&data, &header, sizeof(header));
	if (buf_append_str(&data, pairs) != STATUS_OK)
		status = no_memory(reterr);
	else
		status = file_write_atomic(path, buf_str(&data), reterr);
	buf_done(&data);
	return status;
}

/* Reports of documents that are no longer there, as pairs; what is left is written as a new file. */
static enum status
prune_reported(struct alert_state *state, const struct alert_pairs *now, struct error *reterr)
{
	char path[PATH_MAX];
	size_t kept = 0;
	enum status status = name_in(state, "reported", path, reterr);

	for (size_t i = 0; i < state->reported.n; i++)
		if (alert_pairs_find(now, state->reported.v[i].second) != NULL)
			state->reported.v[kept++] = state->reported.v[i];
	if (status != STATUS_OK || kept == state->reported.n)
		return status;
	state->reported.n = kept;
	return file_write_atomic(
	    path, (struct str) { (const char *)state->reported.v, kept * sizeof(*state->reported.v) }, reterr);
}

enum status
alert_state_finish(struct alert_state *state, const struct alert_pairs *now, const char *stamp, struct error *reterr)
{
	enum status status = write_seen(state, now, stamp, reterr);

	return status == STATUS_OK ? prune_reported(state, now, reterr) : status;
}
