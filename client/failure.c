/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "client/failure.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/i18n.h"

/* The public numbers are base's own, so that a status is converted by a cast. */
#define SAME(name) static_assert((int)VOISIN_##name == (int)STATUS_##name, #name)
SAME(OK);
SAME(END);
SAME(NOMEM);
SAME(INVALID);
SAME(NOT_FOUND);
SAME(BUSY);
SAME(STALE);
SAME(CORRUPT);
static_assert((int)VOISIN_WRONG_VERSION == (int)STATUS_VERSION, "VERSION");
SAME(IO);
SAME(LIMIT);
SAME(TIMEOUT);
SAME(CANCELLED);
SAME(DENIED);
SAME(INTERNAL);

const char *
voisin_status_name(enum voisin_status status)
{
	return status == VOISIN_PROTOCOL ? "protocol" : status_name((enum status)status);
}

__attribute__((format(printf, 3, 0))) static void
fill(struct voisin_error *reterr, enum voisin_status status, const char *format, va_list args)
{
	*reterr = (struct voisin_error) { .status = status };
	(void)vsnprintf(reterr->message, sizeof(reterr->message), tr(format), args);
}

enum voisin_status
failure(struct voisin_error *reterr, enum voisin_status status, const char *format, ...)
{
	va_list args;

	if (reterr == NULL)
		return status;
	va_start(args, format);
	fill(reterr, status, format, args);
	va_end(args);
	return status;
}

enum voisin_status
failure_errno(struct voisin_error *reterr, enum voisin_status status, int errnum, const char *format, ...)
{
	va_list args;
	size_t used;

	if (reterr == NULL)
		return status;
	va_start(args, format);
	fill(reterr, status, format, args);
	va_end(args);
	used = strlen(reterr->message);
	(void)snprintf(reterr->message + used, sizeof(reterr->message) - used, tr(": %s"), error_errno_text(errnum));
	return status;
}

enum voisin_status
failure_nomem(struct voisin_error *reterr)
{
	return failure(reterr, VOISIN_NOMEM, "out of memory");
}

enum voisin_status
failure_of(struct voisin_error *reterr, enum voisin_status status, const struct error *error)
{
	return failure(reterr, status, "%s", error->message);
}
