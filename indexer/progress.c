/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "indexer/progress.h"

#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/i18n.h"

enum {
	BAR_EVERY_MS = 100,
	LINE_EVERY_MS = 30 * 1000,
	JSON_EVERY_MS = 1000,
	BAR_COLUMNS = 28,
	LINE_BYTES = 256,
	COLUMNS_DEFAULT = 80
};

void
progress_init(struct progress *progress, enum progress_mode mode)
{
	memset(progress, 0, sizeof(*progress));
	progress->mode = mode;
	progress->start_ms = progress->shown_ms = clock_mono_ms();
}

enum progress_mode
progress_mode_of_stderr(void)
{
	return isatty(STDERR_FILENO) == 1 ? PROGRESS_BAR : PROGRESS_LINES;
}

void
progress_set_total(struct progress *progress, uint64_t total_bytes)
{
	progress->total = total_bytes;
	progress->start_ms = clock_mono_ms();
}

static size_t
terminal_columns(void)
{
	struct winsize size;

	if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0)
		return COLUMNS_DEFAULT;
	return size.ws_col;
}

/* 7214 -> "7,214", or in French "7 214" */
static void
print_grouped(uint64_t number, char *out, size_t size)
{
	char digits[24];
	int n = snprintf(digits, sizeof(digits), "%llu", (unsigned long long)number);
	size_t used = 0;

	for (int i = 0; i < n && used + 2 < size; i++) {
		if (i > 0 && (n - i) % 3 == 0)
			out[used++] = i18n_thousands();
		out[used++] = digits[i];
	}
	out[used] = '\0';
}

static void
print_time(double seconds, char *out, size_t size)
{
	unsigned long left = seconds < 0 || seconds > 1e8 ? 0 : (unsigned long)(seconds + 0.5);

	if (left >= 3600)
		(void)snprintf(out, size, "%lu:%02lu:%02lu", left / 3600, left / 60 % 60, left % 60);
	else
		(void)snprintf(out, size, "%lu:%02lu", left / 60, left % 60);
}

static void
print_bar(double part, char out[BAR_COLUMNS + 1])
{
	size_t full = (size_t)(part * (BAR_COLUMNS - 2));

	memset(out, ' ', BAR_COLUMNS);
	memset(out + 1, '=', full);
	if (full < BAR_COLUMNS - 2)
		out[1 + full] = '>';
	out[0] = '[';
	out[BAR_COLUMNS - 1] = ']';
	out[BAR_COLUMNS] = '\0';
}

static void
print_writing(const struct progress *progress, int64_t now_ms, char *out, size_t size)
{
	char bar[BAR_COLUMNS + 1];
	char documents[32];
	char since[32];

	print_bar(1, bar);
	print_grouped(progress->documents, documents, sizeof(documents));
	print_time((double)(now_ms - progress->writing_ms) / 1000, since, sizeof(since));
	(void)snprintf(out, size,
	    tr_plural("%s  writing the index  %s document  %s", "%s  writing the index  %s documents  %s",
		progress->documents),
	    bar, documents, since);
}

static void
print_reading(const struct progress *progress, int64_t now_ms, char *out, size_t size)
{
	char bar[BAR_COLUMNS + 1];
	char documents[32];
	char left[32] = "";
	double seconds = (double)(now_ms - progress->start_ms) / 1000;
	double part = progress->total > 0 ? (double)progress->done / (double)progress->total : 0;
	double rate = seconds > 0 ? (double)progress->done / seconds : 0;
	int n;

	if (part > 1)
		part = 1;
	print_bar(part, bar);
	print_grouped(progress->documents, documents, sizeof(documents));
	if (rate > 0 && progress->total >= progress->done)
		print_time((double)(progress->total - progress->done) / rate, left, sizeof(left));
	n = snprintf(out, size,
	    tr_plural("%s %3d%%  %s MB/s  %s document", "%s %3d%%  %s MB/s  %s documents", progress->documents), bar,
	    (int)(part * 100), i18n_decimal(rate / 1e6, 1).text, documents);
	if (left[0] != '\0' && n > 0 && (size_t)n < size)
		(void)snprintf(out + n, size - (size_t)n, tr("  %s left"), left);
}

void
progress_print(const struct progress *progress, int64_t now_ms, size_t columns, char *out, size_t size)
{
	if (progress->writing_ms != 0)
		print_writing(progress, now_ms, out, size);
	else
		print_reading(progress, now_ms, out, size);
	if (columns > 0 && columns <= size && strlen(out) >= columns)
		out[columns - 1] = '\0';
}

static void
show_bar(struct progress *progress)
{
	char line[LINE_BYTES];
	size_t columns;

	progress_print(progress, progress->shown_ms, terminal_columns(), line, sizeof(line));
	columns = strlen(line);
	/* Blanks over what the line before had more: no control sequence, so that any terminal will do. */
	(void)fprintf(stderr, "\r%s%*s", line,
	    (int)(progress->shown_columns > columns ? progress->shown_columns - columns : 0), "");
	(void)fflush(stderr);
	progress->shown_columns = columns;
}

/* The same line without its bar, which ends with the first "] ". */
static void
show_line(struct progress *progress)
{
	char line[LINE_BYTES];
	const char *bar_end;

	progress_print(progress, progress->shown_ms, sizeof(line), line, sizeof(line));
	bar_end = strstr(line, "] ");
	(void)fprintf(stderr, "voisin-index: %s\n", bar_end != NULL ? bar_end + 2 : line);
}

static void
show_json(struct progress *progress)
{
	(void)printf("{\"event\":\"progress\",\"phase\":\"%s\",\"done_bytes\":%llu,\"total_bytes\":%llu,"
		     "\"documents\":%llu,\"elapsed_ms\":%lld}\n",
	    progress->writing_ms != 0 ? "writing" : "reading", (unsigned long long)progress->done,
	    (unsigned long long)progress->total, (unsigned long long)progress->documents,
	    (long long)(progress->shown_ms - progress->start_ms));
	(void)fflush(stdout);
}

static const struct {
	int every_ms;
	void (*show)(struct progress *progress);
} modes[] = {
	[PROGRESS_NONE] = { 0, NULL },
	[PROGRESS_BAR] = { BAR_EVERY_MS, show_bar },
	[PROGRESS_LINES] = { LINE_EVERY_MS, show_line },
	[PROGRESS_JSON] = { JSON_EVERY_MS, show_json },
};

static void
show(struct progress *progress, int64_t now_ms)
{
	progress->shown_ms = now_ms;
	modes[progress->mode].show(progress);
}

void
progress_add(struct progress *progress, uint64_t bytes, uint64_t documents)
{
	progress->done += bytes;
	progress->documents += documents;
	progress_tick(progress);
}

void
progress_set_writing(struct progress *progress)
{
	/* However short it was: how reading went, and that writing has begun. */
	bool is_shown = progress->mode == PROGRESS_BAR || progress->mode == PROGRESS_JSON;

	if (is_shown)
		show(progress, clock_mono_ms());
	progress->writing_ms = clock_mono_ms();
	if (is_shown)
		show(progress, progress->writing_ms);
}

void
progress_tick(struct progress *progress)
{
	int64_t now_ms;

	if (progress->mode == PROGRESS_NONE)
		return;
	now_ms = clock_mono_ms();
	if (now_ms - progress->shown_ms < modes[progress->mode].every_ms)
		return;
	show(progress, now_ms);
}

void
progress_clear(struct progress *progress)
{
	if (progress->shown_columns == 0)
		return;
	(void)fprintf(stderr, "\r%*s\r", (int)progress->shown_columns, "");
	(void)fflush(stderr);
	progress->shown_columns = 0;
}
