/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * load: one run of the generator, as a line of JSON (bench/load makes tables of many).
 *
 *	bench_load SERVER REQUESTS RATE SECONDS CONNECTIONS PIPELINE churn|keep
 *
 * REQUESTS is a file, a line for each request: all of it behind the id, "method":"ping"} say.  RATE 0 is a closed loop.
 */
#include <err.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/buf.h"
#include "base/file.h"
#include "bench/generator.h"

enum { FILE_BYTES = 64 * 1024 * 1024, ARGUMENTS = 8 };

/* The lines of `text`; *ret_n of them.  Ends the program where there are none. */
static struct str *
split_lines(const struct buf *text, size_t *ret_n)
{
	struct str *lines = calloc(text->len + 1, sizeof(*lines));
	size_t n = 0, start = 0;

	if (lines == NULL)
		errx(1, "out of memory");
	for (size_t i = 0; i < text->len; i++) {
		if (text->data[i] != '\n')
			continue;
		if (i > start)
			lines[n++] = (struct str) { text->data + start, i - start };
		start = i + 1;
	}
	if (n == 0)
		errx(2, "there are no requests");
	*ret_n = n;
	return lines;
}

static double
number(const char *text, double least, double most)
{
	char *end;
	double value = strtod(text, &end);

	if (end == text || *end != '\0' || !(value >= least && value <= most))
		errx(2, "want a number from %g to %g, not \"%s\"", least, most, text);
	return value;
}

static void
print_times(const char *name, const struct histogram *times)
{
	static const struct {
		const char *name;
		double share;
	} quantiles[] = { { "p50", 0.5 }, { "p90", 0.9 }, { "p99", 0.99 }, { "p999", 0.999 } };

	(void)printf(",\"%s\":{\"n\":%" PRIu64 ",\"max\":%.1f", name, times->n, (double)times->max / 1000);
	for (size_t i = 0; i < sizeof(quantiles) / sizeof(quantiles[0]); i++)
		(void)printf(
		    ",\"%s\":%.1f", quantiles[i].name, (double)histogram_quantile(times, quantiles[i].share) / 1000);
	(void)printf("}");
}

static void
print_result(const struct generator_result *result)
{
	(void)printf("{\"sent\":%" PRIu64 ",\"results\":%" PRIu64 ",\"busy\":%" PRIu64 ",\"errors\":%" PRIu64
		     ",\"lost\":%" PRIu64 ",\"seconds\":%.3f",
	    result->sent, result->results, result->busy, result->errors, result->lost, result->seconds);
	print_times("us", &result->times);
	print_times("busy_us", &result->busy_times);
	print_times("overhead_us", &result->overheads);
	(void)printf("}\n");
}

int
main(int argc, char **argv)
{
	static struct generator_result result;
	struct generator_options options;
	struct error error;
	struct buf text;
	struct str *lines;

	if (argc != ARGUMENTS)
		errx(2, "usage: bench_load SERVER REQUESTS RATE SECONDS CONNECTIONS PIPELINE churn|keep");
	buf_init(&text, FILE_BYTES);
	if (file_read(argv[2], &text, &error) != STATUS_OK)
		errx(1, "%s", error.message);
	options = (struct generator_options) {
		.server = argv[1],
		.rate = number(argv[3], 0, 1e6),
		.seconds = number(argv[4], 0.001, 86400),
		.connections = (uint32_t)number(argv[5], 1, 16384),
		.pipeline = (uint32_t)number(argv[6], 1, 1000),
		.churn = strcmp(argv[7], "churn") == 0,
	};
	lines = split_lines(&text, &options.n_requests);
	options.requests = lines;
	if (generator_run(&options, &result, &error) != STATUS_OK)
		errx(1, "%s", error.message);
	print_result(&result);
	free(lines);
	buf_done(&text);
	return 0;
}
