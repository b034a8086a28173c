/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * log: lines on standard error, for programs only; libraries return errors instead.
 *
 * A line is `program level message`, where the message is written as key=value words.  Control
 * characters and bytes that are not UTF-8 are escaped, so that no input can forge a line.
 * The ...x forms add nothing; log_warn and fatal add errno's text.
 */
#ifndef VOISIN_BASE_LOG_H
#define VOISIN_BASE_LOG_H

enum log_level { LOG_LEVEL_DEBUG, LOG_LEVEL_INFO, LOG_LEVEL_WARN, LOG_LEVEL_ERROR };

/* Names the program (a static string) and the least level that is written. */
void log_init(const char *program, enum log_level least);

void log_debug(const char *format, ...) __attribute__((format(printf, 1, 2)));
void log_info(const char *format, ...) __attribute__((format(printf, 1, 2)));
void log_warn(const char *format, ...) __attribute__((format(printf, 1, 2)));
void log_warnx(const char *format, ...) __attribute__((format(printf, 1, 2)));

/*
 * As log_info(), but the line may wait for the next one that does not, for log_flush(), or until there are 4 KiB: for lines of
 * which there are many, in a process that flushes them when it has nothing else to do, and at its end.
 */
void log_info_later(const char *format, ...) __attribute__((format(printf, 1, 2)));
void log_flush(void);

/* Only at start-up: writes the line, its message in the language of i18n.h, and exits with status 2. */
void fatal(const char *format, ...) __attribute__((format(printf, 1, 2), noreturn));
void fatalx(const char *format, ...) __attribute__((format(printf, 1, 2), noreturn));

#endif
