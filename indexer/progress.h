/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * progress: how far a run is, on standard error.
 *
 *	[=========>                ]  36%  2.9 MB/s  7,214 documents  0:12 left
 *
 * and while a build writes its tables, when all was read, how long it has been at it:
 *
 *	[==========================]  writing the index  7,214 documents  0:03
 *
 * On a terminal that line is written over itself; elsewhere, and only every half minute, it is a line of its own,
 * without the bar.  For programs each is a JSON object on standard output:
 *
 *	{"event":"progress","phase":"reading","done_bytes":2900000,"total_bytes":8000000,"documents":7214,"elapsed_ms":1000}
 */
#ifndef VOISIN_INDEXER_PROGRESS_H
#define VOISIN_INDEXER_PROGRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum progress_mode { PROGRESS_NONE, PROGRESS_BAR, PROGRESS_LINES, PROGRESS_JSON };

struct progress {
	enum progress_mode mode;
	uint64_t total; /* bytes to be read, 0 while that is not known */
	uint64_t done;
	uint64_t documents;
	int64_t start_ms;
	int64_t writing_ms; /* since when the index is written, 0 while documents are read */
	int64_t shown_ms;
	size_t shown_columns; /* of the line that is on the terminal, 0 for none */
};

/* Starts. */
void progress_init(struct progress *progress, enum progress_mode mode);

/* What suits standard error: the bar on a terminal, lines elsewhere. */
enum progress_mode progress_mode_of_stderr(void);

/* Sets how much there is to read, from now on. */
void progress_set_total(struct progress *progress, uint64_t total_bytes);

/* Notes what was done, and shows it if the last time was a while ago. */
void progress_add(struct progress *progress, uint64_t bytes, uint64_t documents);

/*
 * All is read: a bar, or JSON, shows that once, however little it was, and from here on that the index is written, now and then by
 * progress_tick().
 */
void progress_set_writing(struct progress *progress);

/* Shows it if the last time was a while ago. */
void progress_tick(struct progress *progress);

/* Wipes the line out, to make room for another or at the end. */
void progress_clear(struct progress *progress);

/* Writes the line as it would be shown in `columns` columns; for progress_add() and tests. */
void progress_print(const struct progress *progress, int64_t now_ms, size_t columns, char *out, size_t size);

#endif
