/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/log.h"

#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/error.h"
#include "base/file.h"
#include "base/i18n.h"
#include "base/utf8.h"

/* Escaping makes four bytes of one; the rest of a line is the program, the level and errno's text. */
enum { TEXT_BYTES = 2 * 1024, LINE_BYTES = 4 * TEXT_BYTES + 512 };

/* Of the lines that wait: a pipe takes so many in one piece (pipe(7)). */
enum { WAITING_BYTES = 4096 };

static const char *program_name = "voisin";
static enum log_level least_level = LOG_LEVEL_INFO;
static char waiting[WAITING_BYTES];
static size_t n_waiting;

static const char *const level_names[] = {
	[LOG_LEVEL_DEBUG] = "debug",
	[LOG_LEVEL_INFO] = "info",
	[LOG_LEVEL_WARN] = "warn",
	[LOG_LEVEL_ERROR] = "error",
};

void
log_init(const char *program, enum log_level least)
{
	program_name = program;
	least_level = least;
}

/* Control characters (C0, DEL, C1) and bytes that are not UTF-8 become \xNN. */
static void
append_escaped(struct buf *line, struct str text)
{
	size_t off = 0, plain = 0; /* what begins at `plain` goes in as it is */

	while (off < text.len) {
		size_t start = off;
		bool valid;
		uint32_t c = utf8_next(text, &off, &valid);

		if (valid && c >= 0x20 && !(c >= 0x7F && c <= 0x9F))
			continue;
		(void)buf_append(line, text.p + plain, start - plain);
		for (plain = off; start < off; start++)
			(void)buf_printf(line, "\\x%02x", (unsigned)(unsigned char)text.p[start]);
	}
	(void)buf_append(line, text.p + plain, off - plain);
}

/* Log lines are English, for machines; what ends the program is for people. */
static void
append_errno(struct buf *line, enum log_level level, int errnum)
{
	if (level == LOG_LEVEL_ERROR)
		(void)buf_printf(line, tr(": %s"), error_errno_text(errnum));
	else
		(void)buf_printf(line, ": %s", strerror(errnum));
}

void
log_flush(void)
{
	size_t n = n_waiting;

	n_waiting = 0;
	if (n > 0)
		(void)!fd_write_all(STDERR_FILENO, (struct str) { waiting, n }, NULL);
}

/* One write a line, or for some whole ones, so that processes sharing the descriptor do not mix theirs. */
static void
put_line(struct str line, bool may_wait)
{
	if (!may_wait || line.len > sizeof(waiting) - n_waiting)
		log_flush();
	if (!may_wait || line.len > sizeof(waiting)) {
		(void)!fd_write_all(STDERR_FILENO, line, NULL);
		return;
	}
	memcpy(waiting + n_waiting, line.p, line.len);
	n_waiting += line.len;
}

static void write_line(enum log_level level, bool may_wait, int errnum, const char *format, va_list args)
    __attribute__((format(printf, 4, 0)));

static void
write_line(enum log_level level, bool may_wait, int errnum, const char *format, va_list args)
{
	char text[TEXT_BYTES];
	struct buf line;

	if (level < least_level)
		return;
	buf_init(&line, LINE_BYTES);
	(void)buf_printf(&line, "%s %s ", program_name, level_names[level]);
	(void)vsnprintf(text, sizeof(text), format, args);
	append_escaped(&line, str_of(text));
	if (errnum != 0)
		append_errno(&line, level, errnum);
	(void)buf_append_char(&line, '\n');
	put_line(buf_str(&line), may_wait);
	buf_done(&line);
}

#define LOG_LINE(level, errnum, may_wait)                                \
	do {                                                             \
		va_list args;                                            \
                                                                         \
		va_start(args, format);                                  \
		write_line((level), (may_wait), (errnum), format, args); \
		va_end(args);                                            \
	} while (0)

void
log_debug(const char *format, ...)
{
	LOG_LINE(LOG_LEVEL_DEBUG, 0, false);
}

void
log_info(const char *format, ...)
{
	LOG_LINE(LOG_LEVEL_INFO, 0, false);
}

void
log_info_later(const char *format, ...)
{
	LOG_LINE(LOG_LEVEL_INFO, 0, true);
}

void
log_warn(const char *format, ...)
{
	LOG_LINE(LOG_LEVEL_WARN, errno, false);
}

void
log_warnx(const char *format, ...)
{
	LOG_LINE(LOG_LEVEL_WARN, 0, false);
}

void
fatal(const char *format, ...)
{
	int errnum = errno;

	format = tr(format);
	LOG_LINE(LOG_LEVEL_ERROR, errnum, false);
	exit(2);
}

void
fatalx(const char *format, ...)
{
	format = tr(format);
	LOG_LINE(LOG_LEVEL_ERROR, 0, false);
	exit(2);
}
