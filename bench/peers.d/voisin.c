/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Voisin in process: search_run() from the query's text to ten ids.  Indexed by voisin-index; docs: driver.h.
 */
#include <err.h>
#include <stdlib.h>

#include "base/arena.h"
#include "base/clock.h"
#include "bench/peers.d/driver.h"
#include "query/search.h"
#include "store/reader.h"

enum { SECONDS = 60 };

#define ANSWER_BYTES ((size_t)64 << 20)

struct voisin_reader {
	struct store_reader *store;
	struct analyzer *analyzer;
	struct arena *answer;
};

static void *
voisin_open_index(const char *index)
{
	struct voisin_reader *reader = calloc(1, sizeof(*reader));
	struct error error;

	if (reader == NULL || arena_new(ANSWER_BYTES, &reader->answer) != STATUS_OK)
		errx(1, "out of memory");
	if (analyzer_new(&reader->analyzer, &error) != STATUS_OK ||
	    store_reader_open(index, &reader->store, &error) != STATUS_OK)
		errx(1, "%s", error.message);
	return reader;
}

static void
voisin_close_index(void *p)
{
	struct voisin_reader *reader = p;

	store_reader_close(reader->store);
	analyzer_free(reader->analyzer);
	arena_free(reader->answer);
	free(reader);
}

static long
voisin_ask(void *p, const struct driver_query *query, bool count_all)
{
	struct voisin_reader *reader = p;
	const struct search_params params = {
		.q = str_of(query->voisin),
		.limit = DRIVER_HITS,
		.ids_only = true,
		.exact_total = count_all,
		.deadline_ns = clock_mono_ns() + (int64_t)SECONDS * 1000000000,
	};
	struct search_result result;
	struct error error;
	enum status status = search_run(reader->store, reader->analyzer, &params, reader->answer, &result, &error);
	long hits = DRIVER_NO;

	if (status == STATUS_OK)
		hits = count_all ? (long)result.total : (long)result.n_hits;
	else
		warnx("%s: %s", query->voisin, error.message);
	arena_reset(reader->answer);
	return hits;
}

int
main(int argc, char **argv)
{
	static const struct driver driver = {
		.open = voisin_open_index, .close = voisin_close_index, .ask = voisin_ask
	};

	return driver_main(argc, argv, &driver);
}
