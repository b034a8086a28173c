/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Voisin through the daemon: from a request over a Unix socket to a parsed reply of ten ids.  INDEX is the server's
 * address ("unix:PATH"); docs: driver.h.
 */
#include <err.h>

#include "bench/peers.d/driver.h"
#include "client/voisin.h"

enum { TIMEOUT_MS = 60000 };

static void *
daemon_open(const char *server)
{
	struct voisin *client;
	struct voisin_error error;

	if (voisin_open(server, TIMEOUT_MS, &client, &error) != VOISIN_OK)
		errx(1, "%s", error.message);
	return client;
}

static void
daemon_close(void *client)
{
	voisin_close(client);
}

static long
daemon_ask(void *client, const struct driver_query *query, bool count_all)
{
	struct voisin_search search;
	struct voisin_result *result;
	struct voisin_error error;
	long hits;

	voisin_search_init(&search, query->voisin);
	search.limit = DRIVER_HITS;
	search.ids_only = true;
	search.exact_total = count_all;
	if (voisin_search(client, &search, &result, &error) != VOISIN_OK) {
		warnx("%s: %s", query->voisin, error.message);
		return DRIVER_NO;
	}
	hits = count_all ? (long)result->total : (long)result->n_hits;
	voisin_result_free(result);
	return hits;
}

int
main(int argc, char **argv)
{
	static const struct driver driver = { .open = daemon_open, .close = daemon_close, .ask = daemon_ask };

	return driver_main(argc, argv, &driver);
}
