/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * report: what a run tells: refusals as they happen, and one line at the end.
 *
 *	voisin-index: refused: /srv/presse/afp.jsonl:17: the text is empty
 *	in other languages than French, and not stemmed: 2; from other encodings than UTF-8: 7; with characters mended: 1
 *	added 20, changed 3, deleted 1, unchanged 4210, moved 2, refused 1 in 1.2 s, 3.4 MB/s
 */
#ifndef VOISIN_INDEXER_REPORT_H
#define VOISIN_INDEXER_REPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "indexer/progress.h"
#include "indexer/source.h"
#include "store/writer.h"

struct report {
	uint64_t added;
	uint64_t changed;
	uint64_t deleted;
	uint64_t unchanged;
	uint64_t moved; /* as they were, in a file with another name */
	uint64_t refused;
	uint64_t foreign; /* documents of this run that are not in French */
	uint64_t notes[SOURCE_NOTES];
	uint64_t lines; /* of the documents of this run, those that are not blank */
	uint64_t aside; /* of them, those that are set aside */
	uint64_t bytes; /* read */
	int64_t start_ms;
	struct progress *progress; /* borrowed */
	bool json; /* refusals and the end as JSON lines on standard output */
};

void report_init(struct report *report, struct progress *progress, bool json);

/* Counts a document. */
void report_put(struct report *report, enum store_put what);

/*
 * Counts a refusal and writes it to standard error.  `line` is 0 where the whole of `path` is meant.  Bytes
 * that could forge a line or upset a terminal are written as \xNN.
 */
void report_refused(struct report *report, struct str path, size_t line, const char *why);

/* The same of a document that was counted as `was` before it failed to be written. */
void report_lost(struct report *report, struct str id, enum store_put was, const char *why);

/*
 * Writes the last line to standard output: what was done, and, as JSON, how the run ended; before it, where there is
 * any of it, what was done to texts.  STATUS_IO where that fails.
 */
enum status report_summary(const struct report *report, bool dry_run, const struct error *how) MUST_CHECK;

/* Appends `s` with control characters and what is not UTF-8 as \xNN. */
enum status report_escape(struct buf *out, struct str s);

#endif
