/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "indexer/report.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/i18n.h"
#include "base/utf8.h"
#include "indexer/jsonline.h"

enum { LINE_BYTES = 32 * 1024 };

void
report_init(struct report *report, struct progress *progress, bool json)
{
	memset(report, 0, sizeof(*report));
	report->json = json;
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

/* Bytes that are not UTF-8 are \xNN in JSON too. */
static bool
write_refusal_json(struct str what, size_t line, const char *why)
{
	struct buf name;
	struct buf reason;
	bool written = false;

	buf_init(&name, LINE_BYTES);
	buf_init(&reason, LINE_BYTES);
	if (report_escape(&name, what) == STATUS_OK && report_escape(&reason, str_of(why)) == STATUS_OK)
		written = jsonline_write(
		    json_pack("{s:s, s:s%, s:I, s:s%}", "event", "refused", "what", name.len > 0 ? name.data : "",
			name.len, "line", (json_int_t)line, "why", reason.len > 0 ? reason.data : "", reason.len));
	buf_done(&name);
	buf_done(&reason);
	return written;
}

static void
write_refusal(struct report *report, struct str what, size_t line, const char *why)
{
	struct buf out;

	if (report->json && write_refusal_json(what, line, why))
		return;

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

static bool
write_end(const struct report *report, bool dry_run, double seconds, const struct error *how)
{
	return jsonline_write(
	    json_pack("{s:s, s:s, s:s, s:b, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:f}", "event",
		"end", "status", status_name(how->code), "message", how->message, "dry_run", (int)dry_run, "added",
		(json_int_t)report->added, "changed", (json_int_t)report->changed, "deleted",
		(json_int_t)report->deleted, "unchanged", (json_int_t)report->unchanged, "moved",
		(json_int_t)report->moved, "refused", (json_int_t)report->refused, "other_languages",
		(json_int_t)report->foreign, "converted", (json_int_t)report->notes[SOURCE_CONVERTED], "mended",
		(json_int_t)report->notes[SOURCE_REPAIRED], "lines", (json_int_t)report->lines, "lines_aside",
		(json_int_t)report->aside, "bytes", (json_int_t)report->bytes, "seconds", seconds));
}

enum status
report_summary(const struct report *report, bool dry_run, const struct error *how)
{
	double seconds = (double)(clock_mono_ms() - report->start_ms) / 1000;
	double rate = seconds > 0 ? (double)report->bytes / 1e6 / seconds : 0;
	int n;

	progress_clear(report->progress);
	if (report->json)
		return write_end(report, dry_run, seconds, how) ? STATUS_OK : STATUS_IO;
	if (report->foreign + report->notes[SOURCE_CONVERTED] + report->notes[SOURCE_REPAIRED] > 0 &&
	    printf(
		tr("in other languages than French, and not stemmed: %llu; from other encodings than UTF-8: %llu; with "
		   "characters mended: %llu\n"),
		(unsigned long long)report->foreign, (unsigned long long)report->notes[SOURCE_CONVERTED],
		(unsigned long long)report->notes[SOURCE_REPAIRED]) < 0)
		return STATUS_IO;
	if (report->moved > 0 && printf(tr("moved, in files with another name and the same bytes: %llu\n"),
				     (unsigned long long)report->moved) < 0)
		return STATUS_IO;
	if (report->aside > 0 && printf(tr("lines that are set aside as no part of an article: %llu of %llu\n"),
				     (unsigned long long)report->aside, (unsigned long long)report->lines) < 0)
		return STATUS_IO;
	n = printf(tr("%sadded %llu, changed %llu, deleted %llu, unchanged %llu, refused %llu in %s s, %s MB/s\n"),
	    dry_run ? tr("dry run: ") : "", (unsigned long long)report->added, (unsigned long long)report->changed,
	    (unsigned long long)report->deleted, (unsigned long long)(report->unchanged + report->moved),
	    (unsigned long long)report->refused, i18n_decimal(seconds, 1).text, i18n_decimal(rate, 1).text);
	if (n < 0 || fflush(stdout) != 0)
		return STATUS_IO;
	return STATUS_OK;
}
