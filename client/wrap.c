/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "client/wrap.h"

/* More than any reply holds. */
enum { WORD_BYTES = 4 * 1024 * 1024 };

void
wrap_init(struct wrap *wrap, const struct screen *screen, struct buf *out, size_t indent)
{
	*wrap = (struct wrap) { .screen = screen, .out = out, .indent = indent };
	buf_init(&wrap->word, WORD_BYTES);
}

static void
begin_line(struct wrap *wrap)
{
	for (size_t i = 0; i < wrap->indent; i++)
		(void)buf_append_char(wrap->out, ' ');
	wrap->column = wrap->indent;
}

/* Puts the word on this line or, where it does not fit, on the next. */
static void
place_word(struct wrap *wrap)
{
	size_t need = wrap->word_columns + (wrap->blank ? 1 : 0);

	if (wrap->word.len == 0)
		return;
	if (wrap->column > wrap->indent && wrap->column + need > wrap->screen->width) {
		(void)buf_append_char(wrap->out, '\n');
		wrap->column = 0;
	}
	if (wrap->column == 0)
		begin_line(wrap);
	else if (wrap->blank && wrap->column > wrap->indent) {
		(void)buf_append_char(wrap->out, ' ');
		wrap->column++;
	}
	(void)buf_append_str(wrap->out, buf_str(&wrap->word));
	wrap->column += wrap->word_columns;
	buf_reset(&wrap->word);
	wrap->word_columns = 0;
	wrap->blank = false;
}

static void
add_character(struct wrap *wrap, struct str text, size_t columns)
{
	if (text.len == 1 && text.p[0] == ' ') {
		place_word(wrap);
		wrap->blank = true;
		return;
	}
	if (wrap->word_columns > 0 && wrap->indent + wrap->word_columns + columns > wrap->screen->width)
		place_word(wrap);
	(void)buf_append_str(&wrap->word, text);
	wrap->word_columns += columns;
}

static void
toggle_mark(struct wrap *wrap, bool begin)
{
	if (begin)
		screen_begin(wrap->screen, &wrap->word, STYLE_MARK);
	else
		screen_end(wrap->screen, &wrap->word, STYLE_MARK);
	wrap->word_columns += screen_mark_columns(wrap->screen);
}

void
wrap_add(struct wrap *wrap, struct str text, bool mark)
{
	char bytes[SCREEN_CHARACTER_BYTES];
	size_t off = 0;

	if (mark)
		toggle_mark(wrap, true);
	while (off < text.len) {
		size_t columns;
		struct str shown = screen_character(text, &off, bytes, &columns);

		add_character(wrap, shown, columns);
	}
	if (mark)
		toggle_mark(wrap, false);
}

void
wrap_done(struct wrap *wrap)
{
	place_word(wrap);
	if (wrap->column > 0)
		(void)buf_append_char(wrap->out, '\n');
	buf_done(&wrap->word);
}
