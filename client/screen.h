/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * screen: text from elsewhere, fit for a terminal.
 *
 * No byte of a document may reach the terminal as a command: control characters are shown as \x1b,
 * and so are the marks that turn the direction of writing around.  Columns are counted as terminals
 * do: none for a combining mark, two for a wide character (Unicode Standard Annex 11).
 */
#ifndef VOISIN_CLIENT_SCREEN_H
#define VOISIN_CLIENT_SCREEN_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "client/options.h"

struct screen {
	bool is_terminal;
	bool color;
	size_t width; /* columns */
};

enum style { STYLE_TITLE, STYLE_FAINT, STYLE_MARK, STYLE_ERROR };

/*
 * Looks at descriptor `fd` and the environment: COLUMNS, NO_COLOR (https://no-color.org), TERM.
 * 80 columns where nothing says more.
 */
struct screen screen_of(int fd, enum color color);

/* Begins and ends a style.  Without colour, marked words stand between two *, and the rest is plain. */
void screen_begin(const struct screen *screen, struct buf *out, enum style style);
void screen_end(const struct screen *screen, struct buf *out, enum style style);

/* How many columns the mark's two ends take: 0 with colour, 1 without. */
size_t screen_mark_columns(const struct screen *screen);

/*
 * Takes one character of `s` at *off, moves behind it, and gives what to show for it in text[] and
 * how many columns that takes.  A newline or tab is a blank.
 */
enum { SCREEN_CHARACTER_BYTES = 12 };
struct str screen_character(struct str s, size_t *off, char text[SCREEN_CHARACTER_BYTES], size_t *ret_columns);

/* Appends all of `s` so; returns the columns. */
size_t screen_append(struct buf *out, struct str s);

/* The same, with newlines and tabs as they are. */
void screen_append_lines(struct buf *out, struct str s);

/* Appends JSON text so that it means the same and holds no character that a terminal would obey. */
void screen_append_json(struct buf *out, struct str json);

/* How many columns `s` takes. */
size_t screen_columns(struct str s);

/*
 * The offset in `s` at which its last (from_end) or first `columns` columns begin or end.  Never
 * between a letter and its combining marks.
 */
size_t screen_cut(struct str s, size_t columns, bool from_end);

#endif
