/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * generator: asks a daemon at a fixed rate, and measures each answer from when its request was due.
 *
 * An open loop: request i is due at start + i / rate, whether or not earlier ones are answered, and its time runs from
 * then.  A generator that waits for answers would ask less of a server that stalls, and not count those that
 * waited meanwhile (Tene's "coordinated omission").  With rate 0 it is a closed loop: each connection asks again when it is answered.
 */
#ifndef VOISIN_BENCH_GENERATOR_H
#define VOISIN_BENCH_GENERATOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/str.h"
#include "bench/histogram.h"

struct generator_options {
	const char *server; /* "unix:PATH" or "IPV4:PORT" */
	const struct str *requests; /* each all of a request behind its id: "method":...} */
	size_t n_requests; /* asked for in turn */
	double rate; /* a second, of all connections; 0: a closed loop */
	double seconds;
	uint32_t connections;
	uint32_t pipeline; /* of a closed loop: requests under way on each connection */
	bool churn; /* a connection for each request */
};

struct generator_result {
	uint64_t sent;
	uint64_t results;
	uint64_t busy;
	uint64_t errors; /* other refusals */
	uint64_t lost; /* connections that ended, and requests that were never answered */
	double seconds; /* from the first request to the last answer */
	struct histogram times; /* of results, in nanoseconds */
	struct histogram busy_times;
	struct histogram overheads; /* of results that say how many ms the search took: the rest of the time */
};

/* Runs to its end.  A failure is one to connect at the start. */
enum status generator_run(
    const struct generator_options *options, struct generator_result *ret_result, struct error *reterr) MUST_CHECK;

#endif
