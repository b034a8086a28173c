/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "client/screen.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include <utf8proc.h>

#include "base/utf8.h"

enum { WIDTH_DEFAULT = 80, WIDTH_MIN = 20, WIDTH_MAX = 1000 };

static const char *const style_begin[] = {
	[STYLE_TITLE] = "\033[1m",
	[STYLE_FAINT] = "\033[2m",
	[STYLE_MARK] = "\033[1;31m",
	[STYLE_ERROR] = "\033[1;31m",
};

static size_t
bounded_width(unsigned long width)
{
	if (width < WIDTH_MIN)
		return WIDTH_MIN;
	return width < WIDTH_MAX ? width : WIDTH_MAX;
}

static size_t
find_width(int fd)
{
	const char *columns = getenv("COLUMNS");
	struct winsize size;

	if (columns != NULL && columns[0] >= '1' && columns[0] <= '9')
		return bounded_width(strtoul(columns, NULL, 10));
	if (ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
		return bounded_width(size.ws_col);
	return WIDTH_DEFAULT;
}

static bool
find_color(int fd, enum color color)
{
	const char *no_color = getenv("NO_COLOR"), *term = getenv("TERM");

	if (color != COLOR_AUTO)
		return color == COLOR_ALWAYS;
	if (no_color != NULL && no_color[0] != '\0')
		return false;
	return isatty(fd) == 1 && term != NULL && strcmp(term, "dumb") != 0;
}

struct screen
screen_of(int fd, enum color color)
{
	return (struct screen) {
		.is_terminal = isatty(fd) == 1,
		.color = find_color(fd, color),
		.width = find_width(fd),
	};
}

void
screen_begin(const struct screen *screen, struct buf *out, enum style style)
{
	if (screen->color)
		(void)buf_append_str(out, str_of(style_begin[style]));
	else if (style == STYLE_MARK)
		(void)buf_append_char(out, '*');
}

void
screen_end(const struct screen *screen, struct buf *out, enum style style)
{
	if (screen->color)
		(void)buf_append_str(out, STR("\033[0m"));
	else if (style == STYLE_MARK)
		(void)buf_append_char(out, '*');
}

size_t
screen_mark_columns(const struct screen *screen)
{
	return screen->color ? 0 : 1;
}

/* C0, DEL, C1, line and paragraph separators, and the bidirectional controls. */
static bool
is_command(uint32_t c)
{
	return c < 0x20 || (c >= 0x7F && c <= 0x9F) || c == 0x200E || c == 0x200F || c == 0x061C ||
	       (c >= 0x2028 && c <= 0x202E) || (c >= 0x2066 && c <= 0x2069);
}

struct str
screen_character(struct str s, size_t *off, char text[SCREEN_CHARACTER_BYTES], size_t *ret_columns)
{
	uint32_t c = utf8_next(s, off, NULL);
	int n;

	if (c == '\n' || c == '\t')
		c = ' ';
	if (is_command(c)) {
		n = snprintf(text, SCREEN_CHARACTER_BYTES, c < 0x100 ? "\\x%02x" : "\\u%04x", (unsigned)c);
		*ret_columns = (size_t)n;
	} else {
		n = (int)utf8_encode(c, text);
		*ret_columns = (size_t)utf8proc_charwidth((utf8proc_int32_t)c);
	}
	return (struct str) { text, (size_t)n };
}

size_t
screen_append(struct buf *out, struct str s)
{
	char text[SCREEN_CHARACTER_BYTES];
	size_t off = 0, total = 0, columns;

	while (off < s.len) {
		(void)buf_append_str(out, screen_character(s, &off, text, &columns));
		total += columns;
	}
	return total;
}

void
screen_append_lines(struct buf *out, struct str s)
{
	char text[SCREEN_CHARACTER_BYTES];
	size_t off = 0, columns;

	while (off < s.len) {
		if (s.p[off] == '\n' || s.p[off] == '\t')
			(void)buf_append_char(out, s.p[off++]);
		else
			(void)buf_append_str(out, screen_character(s, &off, text, &columns));
	}
}

void
screen_append_json(struct buf *out, struct str json)
{
	size_t off = 0;

	/* Outside strings JSON is plain ASCII, so that an escape is always inside one. */
	while (off < json.len) {
		size_t start = off;
		uint32_t c = utf8_next(json, &off, NULL);

		if (is_command(c) && c >= 0x7F)
			(void)buf_printf(out, "\\u%04x", (unsigned)c);
		else
			(void)buf_append(out, json.p + start, off - start);
	}
}

size_t
screen_columns(struct str s)
{
	char text[SCREEN_CHARACTER_BYTES];
	size_t off = 0, total = 0, columns;

	while (off < s.len) {
		(void)screen_character(s, &off, text, &columns);
		total += columns;
	}
	return total;
}

size_t
screen_cut(struct str s, size_t columns, bool from_end)
{
	char text[SCREEN_CHARACTER_BYTES];
	size_t total = screen_columns(s);
	size_t skip = total > columns ? total - columns : 0;
	size_t off = 0, passed = 0, width;

	if (!from_end)
		skip = columns;
	/* From the end, leave out until what is left fits; from the start, take while it fits. */
	while (off < s.len) {
		size_t next = off;

		(void)screen_character(s, &next, text, &width);
		if (from_end ? passed >= skip && width > 0 : passed + width > skip)
			break;
		passed += width;
		off = next;
	}
	return off;
}
