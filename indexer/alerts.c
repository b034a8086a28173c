/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "indexer/alerts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "indexer/alert-state.h"
#include "indexer/deliver.h"
#include "query/search.h"
#include "store/inspect.h"

enum {
	IDS_ARENA_BYTES = LIMIT_ALERT_IDS * (LIMIT_ID_BYTES + 64) + 64 * 1024,
	SEARCH_ARENA_BYTES = 256 * 1024 * 1024,
	PASSAGES = 3,
	/* The index may be changed while it is looked through. */
	ATTEMPTS = 3
};

struct work {
	const struct alerts *alerts;
	struct alert_state state;
	struct store_reader *reader;
	struct analyzer *analyzer;
	struct arena *ids_arena;
	struct arena *arena; /* of one page of hits */
	struct alert_pairs now; /* all documents of the index */
	uint32_t *fresh; /* docids of what is new or changed */
	size_t n_fresh;
	size_t capacity;
	/* of the alert that is at work */
	struct buf lines;
	struct alert_pairs reports;
};

static enum status
no_memory(struct error *reterr)
{
	return error_set(reterr, STATUS_NOMEM, ERROR_NO_OFFSET, "out of memory");
}

/* ---- What is new ----------------------------------------------------------------------------- */

static bool
add_fresh(struct work *work, uint32_t docid)
{
	if (work->n_fresh == work->capacity) {
		size_t capacity = work->capacity > 0 ? work->capacity * 2 : 256;
		uint32_t *fresh = realloc(work->fresh, capacity * sizeof(*fresh));

		if (fresh == NULL)
			return false;
		work->fresh = fresh;
		work->capacity = capacity;
	}
	work->fresh[work->n_fresh++] = docid;
	return true;
}

static enum status
version_cb(void *arg, uint32_t docid, uint64_t id, uint64_t content)
{
	struct work *work = arg;
	const struct alert_pair *known = alert_pairs_find(&work->state.seen, id);

	if (!alert_pairs_add(&work->now, id, content))
		return STATUS_NOMEM;
	if ((known == NULL || known->second != content) && !add_fresh(work, docid))
		return STATUS_NOMEM;
	return STATUS_OK;
}

static enum status
find_fresh(struct work *work, struct error *reterr)
{
	enum status status = STATUS_STALE;

	for (int i = 0; status == STATUS_STALE && i < ATTEMPTS; i++) {
		work->now.n = 0;
		work->n_fresh = 0;
		status = store_reader_refresh(work->reader, NULL, reterr);
		if (status == STATUS_OK)
			status = store_inspect_versions(work->reader, version_cb, work, reterr);
	}
	if (status == STATUS_NOMEM)
		return no_memory(reterr);
	alert_pairs_sort(&work->now);
	return status;
}

/* ---- One alert ------------------------------------------------------------------------------- */

static enum status
take_hit(struct work *work, const struct alert *alert, const struct search_hit *hit, struct error *reterr)
{
	uint64_t name = alert_number(alert->name);
	uint64_t id = alert_number(hit->document.id);

	if (alert_state_is_reported(&work->state, name, id))
		return STATUS_OK;
	if (!alert_pairs_add(&work->reports, name, id))
		return no_memory(reterr);
	return deliver_line(&work->lines, alert, hit, reterr);
}

static enum status
search_page(struct work *work, const struct alert *alert, const struct search_params *params, struct buf *cursor,
    struct error *reterr)
{
	struct search_result result;
	enum status status;

	arena_reset(work->arena);
	status = search_run(work->reader, work->analyzer, params, work->arena, &result, reterr);
	for (uint32_t i = 0; status == STATUS_OK && i < result.n_hits; i++)
		status = take_hit(work, alert, &result.hits[i], reterr);
	if (status != STATUS_OK)
		return status;
	buf_reset(cursor);
	return buf_append_str(cursor, result.cursor) == STATUS_OK ? STATUS_OK : no_memory(reterr);
}

/* All hits of one alert among `ids`. */
static enum status
search_ids(struct work *work, const struct alert *alert, const struct str *ids, uint32_t n, struct error *reterr)
{
	struct search_params params = { .q = alert->query,
		.any = alert->any,
		.only = ids,
		.n_only = n,
		.all = true,
		.limit = LIMIT_HITS,
		.passages = PASSAGES };
	struct buf cursor;
	enum status status;

	buf_init(&cursor, 4096);
	do {
		char copy[4096];

		memcpy(copy, cursor.len > 0 ? cursor.data : "", cursor.len);
		params.cursor = (struct str) { copy, cursor.len };
		status = search_page(work, alert, &params, &cursor, reterr);
	} while (status == STATUS_OK && cursor.len > 0);
	buf_done(&cursor);
	return status;
}

static enum status
run_alert(struct work *work, const struct alert *alert, const struct str *ids, uint32_t n, struct error *reterr)
{
	enum status status;

	buf_reset(&work->lines);
	work->reports.n = 0;
	status = search_ids(work, alert, ids, n, reterr);
	if (status != STATUS_OK || work->reports.n == 0)
		return status;
	return deliver_lines(work->alerts, alert, buf_str(&work->lines), &work->reports, &work->state, reterr);
}

/* ---- All ------------------------------------------------------------------------------------- */

/* The ids of some of the fresh documents; one that has gone meanwhile is left out. */
static enum status
read_ids(struct work *work, size_t from, size_t to, struct str *ids, uint32_t *ret_n, struct error *reterr)
{
	uint32_t n = 0;

	arena_reset(work->ids_arena);
	for (size_t i = from; i < to; i++) {
		enum status status = store_reader_id(work->reader, work->fresh[i], work->ids_arena, &ids[n], reterr);

		if (status == STATUS_OK)
			n++;
		else if (status != STATUS_NOT_FOUND)
			return status;
	}
	*ret_n = n;
	return STATUS_OK;
}

static enum status
run_some(struct work *work, size_t from, size_t to, void (*problem_cb)(const struct error *why), struct error *reterr)
{
	struct str ids[LIMIT_ALERT_IDS];
	uint32_t n = 0;
	enum status worst = STATUS_OK;
	enum status status = read_ids(work, from, to, ids, &n, reterr);

	if (status != STATUS_OK || n == 0)
		return status;
	for (size_t i = 0; i < work->alerts->n; i++) {
		const struct alert *alert = &work->alerts->v[i];
		struct error why;

		status = run_alert(work, alert, ids, n, &why);
		if (status == STATUS_OK)
			continue;
		worst = config_refuse(work->alerts->config, alert->line, NULL, &why, reterr);
		problem_cb(reterr);
	}
	return worst;
}

static enum status
run_all(struct work *work, void (*problem_cb)(const struct error *why), struct error *reterr)
{
	enum status worst = STATUS_OK;

	for (size_t from = 0; from < work->n_fresh; from += LIMIT_ALERT_IDS) {
		size_t to = from + LIMIT_ALERT_IDS < work->n_fresh ? from + LIMIT_ALERT_IDS : work->n_fresh;
		enum status status = run_some(work, from, to, problem_cb, reterr);

		worst = status != STATUS_OK ? status : worst;
	}
	return worst;
}

static enum status
open_work(struct work *work, const char *db, struct error *reterr)
{
	enum status status = store_reader_open(db, &work->reader, reterr);

	if (status == STATUS_OK)
		status = alert_state_open(db, &work->state, reterr);
	if (status == STATUS_OK)
		status = analyzer_new(&work->analyzer, reterr);
	if (status == STATUS_OK && (arena_new(IDS_ARENA_BYTES, &work->ids_arena) != STATUS_OK ||
				       arena_new(SEARCH_ARENA_BYTES, &work->arena) != STATUS_OK))
		status = no_memory(reterr);
	return status;
}

static void
close_work(struct work *work)
{
	alert_state_close(&work->state);
	store_reader_close(work->reader);
	analyzer_free(work->analyzer);
	arena_free(work->ids_arena);
	arena_free(work->arena);
	free(work->now.v);
	free(work->fresh);
	free(work->reports.v);
	buf_done(&work->lines);
}

static enum status
compare_and_run(struct work *work, void (*problem_cb)(const struct error *why), struct error *reterr)
{
	char stamp[ALERT_STAMP_BYTES];
	struct str now = store_reader_stamp(work->reader);
	enum status status;

	if (!work->state.is_new && str_eq(now, str_of(work->state.stamp)))
		return STATUS_OK;
	status = find_fresh(work, reterr);
	if (status != STATUS_OK)
		return status;
	(void)snprintf(stamp, sizeof(stamp), "%.*s", STR_FMT(store_reader_stamp(work->reader)));
	if (!work->state.is_new)
		status = run_all(work, problem_cb, reterr);
	return status == STATUS_OK ? alert_state_finish(&work->state, &work->now, stamp, reterr) : status;
}

enum status
alerts_run(const struct alerts *alerts, const char *db, void (*problem_cb)(const struct error *why), bool *ret_first,
    struct error *reterr)
{
	struct work work = { .alerts = alerts, .state = { .lock_fd = -1, .reported_fd = -1 } };
	enum status status;

	buf_init(&work.lines, LIMIT_ALERT_BYTES);
	status = open_work(&work, db, reterr);
	if (status == STATUS_OK) {
		*ret_first = work.state.is_new;
		status = compare_and_run(&work, problem_cb, reterr);
	}
	close_work(&work);
	return status;
}
