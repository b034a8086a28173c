/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * error: what went wrong, by value, never allocated.
 *
 * Fallible functions take `struct error *reterr` last; NULL means that nobody wants to know more
 * than the status.  The message names the thing that is wrong and, where it helps, what to do.
 */
#ifndef VOISIN_BASE_ERROR_H
#define VOISIN_BASE_ERROR_H

#include <stddef.h>

#include "base/status.h"

enum { ERROR_MESSAGE_BYTES = 256 };

/* `off` when the error has no place in an input. */
#define ERROR_NO_OFFSET ((size_t)-1)

struct error {
	enum status code;
	size_t off; /* byte offset into the input at fault, or ERROR_NO_OFFSET */
	char message[ERROR_MESSAGE_BYTES]; /* UTF-8, one line, NUL-terminated */
};

/*
 * Fills *reterr (which may be NULL) and returns `code`, so that a failure reads
 * `return error_set(reterr, STATUS_LIMIT, ERROR_NO_OFFSET, "...", ...)`.
 * A message that does not fit is cut at a character boundary.  The format is translated here (i18n.h):
 * it must be a literal, so that it is in the catalog.
 */
enum status error_set(struct error *reterr, enum status code, size_t off, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* The same with no place, and errno's text behind the message: "cannot open x: No such file". */
enum status error_errno(struct error *reterr, enum status code, int errnum, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* errno's text in the language of messages.  Static. */
const char *error_errno_text(int errnum);

/*
 * What comes back is `code`, written so that the compiler sees it: it then knows that a caller who
 * fails this way does not go on to use what was not set.
 */
#define ERROR_RETURNS(code, call)                    \
	__extension__({                              \
		const enum status error_code = code; \
                                                     \
		(void)call;                          \
		error_code;                          \
	})
#define error_set(reterr, code, ...) ERROR_RETURNS((code), error_set((reterr), error_code, __VA_ARGS__))
#define error_errno(reterr, code, ...) ERROR_RETURNS((code), error_errno((reterr), error_code, __VA_ARGS__))

/* Most often there is no more to be said of it. */
#define error_no_memory(reterr) error_set((reterr), STATUS_NOMEM, ERROR_NO_OFFSET, "out of memory")

#endif
