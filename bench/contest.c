/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "bench/contest.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/arena.h"
#include "base/clock.h"
#include "bench/baseline.h"
#include "client/voisin.h"
#include "query/language/parser.h"
#include "query/search.h"
#include "store/reader.h"

enum { HITS = 10, PASSAGES = 2, SECONDS = 60 };

#define TREES_BYTES ((size_t)256 << 20)
#define ANSWER_BYTES ((size_t)64 << 20)

struct contest {
	struct analyzer *analyzer;
	struct store_reader *reader;
	struct voisin *client;
	struct xc_database *same; /* an index of the same documents that is whole for Xapian */
	struct xc_database *bare;
	struct arena *trees;
	struct arena *answer;
};

const char *
contender_name(enum contender contender)
{
	static const char *const names[] = {
#define XX(code, name) name,
		CONTENDERS(XX)
#undef XX
	};

	return names[contender];
}

static enum status
of_client(enum voisin_status status, const struct voisin_error *error, struct error *reterr)
{
	if (status == VOISIN_OK)
		return STATUS_OK;
	return error_set(reterr, status == VOISIN_TIMEOUT ? STATUS_TIMEOUT : STATUS_IO, ERROR_NO_OFFSET, "voisind: %s",
	    error->message);
}

/* ---- Opening ---- */

static enum status
open_same(struct contest *contest, const char *db, struct error *reterr)
{
	char path[PATH_MAX], resolved[PATH_MAX];
	int len = snprintf(path, sizeof(path), "%s/current", db);

	if (len < 0 || (size_t)len >= sizeof(path) || realpath(path, resolved) == NULL)
		return error_set(
		    reterr, STATUS_IO, ERROR_NO_OFFSET, "%s: cannot find the generation that is served", db);
	return xc_database_open(str_of(resolved), 0, &contest->same, reterr);
}

/* Xapian must have the positions of the terms that it is given. */
static enum status
check_whole(const struct contest *contest, const char *whole, struct error *reterr)
{
	bool has_positions = false;
	enum status status = xc_database_has_positions(contest->same, &has_positions, reterr);

	if (status != STATUS_OK || has_positions)
		return status;
	return error_set(
	    reterr, STATUS_INVALID, ERROR_NO_OFFSET, "%s: not an index of voisin-index --full --whole-database", whole);
}

enum status
contest_open(const char *db, const char *whole, const char *server, const char *bare, struct contest **ret_contest,
    struct error *reterr)
{
	struct contest *contest = calloc(1, sizeof(*contest));
	struct voisin_error error;
	enum status status;

	if (contest == NULL)
		return error_set(reterr, STATUS_NOMEM, ERROR_NO_OFFSET, "out of memory");
	status = analyzer_new(&contest->analyzer, reterr);
	if (status == STATUS_OK)
		status = store_reader_open(db, &contest->reader, reterr);
	if (status == STATUS_OK)
		status = open_same(contest, whole, reterr);
	if (status == STATUS_OK)
		status = check_whole(contest, whole, reterr);
	if (status == STATUS_OK)
		status = xc_database_open(str_of(bare), 0, &contest->bare, reterr);
	if (status == STATUS_OK)
		status = of_client(voisin_open(server, SECONDS * 1000, &contest->client, &error), &error, reterr);
	if (status == STATUS_OK && (arena_new(TREES_BYTES, &contest->trees) != STATUS_OK ||
				       arena_new(ANSWER_BYTES, &contest->answer) != STATUS_OK))
		status = error_set(reterr, STATUS_NOMEM, ERROR_NO_OFFSET, "out of memory");
	if (status != STATUS_OK) {
		contest_close(contest);
		return status;
	}
	*ret_contest = contest;
	return STATUS_OK;
}

void
contest_close(struct contest *contest)
{
	if (contest == NULL)
		return;
	voisin_close(contest->client);
	store_reader_close(contest->reader);
	analyzer_free(contest->analyzer);
	xc_database_close(contest->same);
	xc_database_close(contest->bare);
	arena_free(contest->trees);
	arena_free(contest->answer);
	free(contest);
}

enum status
contest_prepare(struct contest *contest, struct question *question, struct error *reterr)
{
	const struct parser_options options = { .any = false, .accents = ACCENTS_TYPED };
	enum status status =
	    query_parse(contest->trees, contest->analyzer, str_of(question->text), &options, &question->query, reterr);

	if (status != STATUS_OK)
		return status;
	question->is_native = baseline_is_native(question->query.root);
	if (question->own.len == 0)
		return STATUS_OK;
	return xc_query_unserialise(question->own, &question->parsed, reterr);
}

void
question_done(struct question *question)
{
	xc_query_free(question->parsed);
	free(question->class);
	free(question->text);
	free((void *)(uintptr_t)question->own.p);
}

/* ---- Asking ---- */

static enum status
ask_voisin(
    struct contest *contest, const struct question *question, bool ids_only, uint64_t *ret_total, struct error *reterr)
{
	const struct search_params params = {
		.q = str_of(question->text),
		.limit = HITS,
		.ids_only = ids_only,
		.exact_total = ret_total != NULL,
		.passages = ids_only ? 0 : PASSAGES,
		.deadline_ns = clock_mono_ns() + (int64_t)SECONDS * 1000000000,
	};
	struct search_result result;
	enum status status = search_run(contest->reader, contest->analyzer, &params, contest->answer, &result, reterr);

	if (status == STATUS_OK && ret_total != NULL)
		*ret_total = result.total;
	arena_reset(contest->answer);
	return status;
}

static enum status
ask_daemon(
    struct contest *contest, const struct question *question, bool ids_only, uint64_t *ret_total, struct error *reterr)
{
	struct voisin_search search;
	struct voisin_result *result;
	struct voisin_error error;
	enum voisin_status status;

	voisin_search_init(&search, question->text);
	search.limit = HITS;
	search.ids_only = ids_only;
	search.exact_total = ret_total != NULL;
	search.passages = ids_only ? 0 : PASSAGES;
	status = voisin_search(contest->client, &search, &result, &error);
	if (status != VOISIN_OK)
		return of_client(status, &error, reterr);
	if (ret_total != NULL)
		*ret_total = result->total;
	voisin_result_free(result);
	return STATUS_OK;
}

/* Looks at each hit, as whoever asks would, and where `data` is set at what is stored of it. */
static enum status
read_hits(struct xc_mset *mset, bool data, struct error *reterr)
{
	struct xc_mset_item item;
	struct str stored;

	for (xc_doccount i = 0; i < xc_mset_size(mset); i++) {
		enum status status = xc_mset_item(mset, i, &item, reterr);

		if (status == STATUS_OK && data)
			status = xc_mset_data(mset, i, &stored, reterr);
		if (status != STATUS_OK)
			return status;
	}
	return STATUS_OK;
}

static enum status
count_hits(const struct xc_mset *mset, uint64_t *ret_total, struct error *reterr)
{
	struct xc_mset_stats stats;
	enum status status = xc_mset_stats(mset, &stats, reterr);

	if (status == STATUS_OK)
		*ret_total = stats.lower;
	return status;
}

static enum status
ask_xapian(struct xc_database *db, const struct xc_query *query, bool data, uint64_t *ret_total, struct error *reterr)
{
	struct xc_enquire *enquire = NULL;
	struct xc_mset *mset = NULL;
	xc_doccount at_least = 0;
	enum status status = xc_enquire_new(db, &enquire, reterr);

	if (status == STATUS_OK)
		status = xc_enquire_set_query(enquire, query, 0, reterr);
	if (status == STATUS_OK && ret_total != NULL)
		status = xc_database_doccount(db, &at_least, reterr);
	if (status == STATUS_OK)
		status = xc_enquire_mset(enquire, 0, HITS, at_least, &mset, reterr);
	if (status == STATUS_OK)
		status = read_hits(mset, data, reterr);
	if (status == STATUS_OK && ret_total != NULL)
		status = count_hits(mset, ret_total, reterr);
	xc_mset_free(mset);
	xc_enquire_free(enquire);
	return status;
}

static enum status
ask_same_terms(
    struct contest *contest, const struct question *question, bool data, uint64_t *ret_total, struct error *reterr)
{
	struct xc_query *query;
	enum status status = baseline_build(&question->query, &query, reterr);

	if (status != STATUS_OK)
		return status;
	status = ask_xapian(contest->same, query, data, ret_total, reterr);
	xc_query_free(query);
	return status;
}

bool
contest_can(enum contender contender, const struct question *question)
{
	return contender != CONTENDER_XAPIAN_OWN || question->parsed != NULL;
}

enum status
contest_ask(struct contest *contest, enum contender contender, const struct question *question, uint64_t *ret_total,
    struct error *reterr)
{
	switch (contender) {
	case CONTENDER_VOISIN_IDS: return ask_voisin(contest, question, true, ret_total, reterr);
	case CONTENDER_VOISIN_PASSAGES: return ask_voisin(contest, question, false, ret_total, reterr);
	case CONTENDER_DAEMON_IDS: return ask_daemon(contest, question, true, ret_total, reterr);
	case CONTENDER_DAEMON_PASSAGES: return ask_daemon(contest, question, false, ret_total, reterr);
	case CONTENDER_XAPIAN_TERMS: return ask_same_terms(contest, question, false, ret_total, reterr);
	case CONTENDER_XAPIAN_DATA: return ask_same_terms(contest, question, true, ret_total, reterr);
	case CONTENDER_XAPIAN_OWN: return ask_xapian(contest->bare, question->parsed, false, ret_total, reterr);
	case CONTENDER_COUNT: break;
	}
	return error_set(reterr, STATUS_INTERNAL, ERROR_NO_OFFSET, "there is no contender %d", (int)contender);
}
