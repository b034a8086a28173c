/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "indexer/report.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/i18n.h"
#include "base/utf8.h"

enum { LINE_BYTES = 32 * 1024 };

void
report_init(struct report *report, struct progress *progress)
{
	memset(report, 0, sizeof(*report));
	report->progress = progress;
	report->start_ms = clock_mono_ms();
}

void
report_put(struct report *report, enum store_put what)
{
	switch (what) {
	case STORE_ADDED: report->added++; break;
	case STORE_CHANGED: report->changed++; break;
	case STORE_UNCHANGED: report->unchanged++; break;
	}
}

enum status
report_escape(struct buf *out, struct str s)
{
	for (size_t off = 0; off < s.len;) {
		size_t from = off;
		bool valid;
		uint32_t c = utf8_next(s, &off, &valid);

		if (valid && c >= 0x20 && (c < 0x7F || c > 0x9F) && c != 0x2028 && c != 0x2029) {
			(void)buf_append(out, s.p + from, off - from);
			continue;
		}
		for (size_t i = from; i < off; i++)
			(void)buf_printf(out, "\\x%02X", (unsigned)(unsigned char)s.p[i]);
	}
	return buf_status(out);
}

static void
write_refusal(struct report *report, struct str what, size_t line, const char *why)
{
	struct buf out;

	buf_init(&out, LINE_BYTES);
	(void)buf_append_str(&out, str_of(tr("voisin-index: refused: ")));
	(void)report_escape(&out, what);
	if (line > 0)
		(void)buf_printf(&out, ":%zu", line);
	(void)buf_printf(&out, tr(": %s"), "");
	(void)report_escape(&out, str_of(why));
	(void)buf_append_char(&out, '\n');
	progress_clear(report->progress);
	/* One write a line, so that lines of several programs do not mix; nothing better to do if it fails. */
	if (buf_status(&out) != STATUS_OK || fd_write_all(2, buf_str(&out), NULL) != STATUS_OK)
		(void)fprintf(stderr, "%s\n", tr("voisin-index: refused: (a line that could not be written)"));
	buf_done(&out);
}

void
report_refused(struct report *report, struct str path, size_t line, const char *why)
{
	report->refused++;
	write_refusal(report, path, line, why);
}

void
report_lost(struct report *report, struct str id, enum store_put was, const char *why)
{
	switch (was) {
	case STORE_ADDED: report->added--; break;
	case STORE_CHANGED: report->changed--; break;
	case STORE_UNCHANGED: report->unchanged--; break;
	}
	report->refused++;
	write_refusal(report, id, 0, why);
}

enum status
report_summary(const struct report *report, bool dry_run)
{
	double seconds = (double)(clock_mono_ms() - report->start_ms) / 1000;
	double rate = seconds > 0 ? (double)report->bytes / 1e6 / seconds : 0;
	int n;

	progress_clear(report->progress);
	n = printf(
	    tr("%sadded %llu, changed %llu, deleted %llu, unchanged %llu, moved %llu, refused %llu in %s s, %s MB/s\n"),
	    dry_run ? tr("dry run: ") : "", (unsigned long long)report->added, (unsigned long long)report->changed,
	    (unsigned long long)report->deleted, (unsigned long long)report->unchanged,
	    (unsigned long long)report->moved, (unsigned long long)report->refused, i18n_decimal(seconds, 1).text,
	    i18n_decimal(rate, 1).text);
	if (n < 0 || fflush(stdout) != 0)
		return STATUS_IO;
	return STATUS_OK;
}
