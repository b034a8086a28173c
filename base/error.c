/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/error.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/i18n.h"

/* The functions behind the macros. */
#undef error_set
#undef error_errno

/* Cuts back to the end of the last whole UTF-8 character. */
static void
cut_at_character(char *text, size_t len)
{
	while (len > 0 && ((unsigned char)text[len] & 0xC0) == 0x80)
		len--;
	text[len] = '\0';
}

static void message_vprintf(struct error *error, const char *format, va_list args)
    __attribute__((format(printf, 2, 0)));

static void
message_vprintf(struct error *error, const char *format, va_list args)
{
	char last[ERROR_MESSAGE_BYTES + 1];
	int n = vsnprintf(last, sizeof(last), tr(format), args);

	if (n < 0)
		last[0] = '\0';
	else if (n >= ERROR_MESSAGE_BYTES)
		cut_at_character(last, ERROR_MESSAGE_BYTES - 1);
	memcpy(error->message, last, strlen(last) + 1);
}

enum status
error_set(struct error *reterr, enum status code, size_t off, const char *format, ...)
{
	va_list args;

	if (reterr == NULL)
		return code;
	reterr->code = code;
	reterr->off = off;
	va_start(args, format);
	message_vprintf(reterr, format, args);
	va_end(args);
	return code;
}

const char *
error_errno_text(int errnum)
{
	const char *text = strerrordesc_np(errnum);

	return tr(text != NULL ? text : N_("unknown error"));
}

enum status
error_errno(struct error *reterr, enum status code, int errnum, const char *format, ...)
{
	va_list args;
	char why[128];
	size_t used;

	if (reterr == NULL)
		return code;
	reterr->code = code;
	reterr->off = ERROR_NO_OFFSET;
	va_start(args, format);
	message_vprintf(reterr, format, args);
	va_end(args);
	used = strlen(reterr->message);
	(void)snprintf(why, sizeof(why), tr(": %s"), error_errno_text(errnum));
	if (used + strlen(why) >= sizeof(reterr->message)) {
		used = sizeof(reterr->message) - 1 - strlen(why);
		cut_at_character(reterr->message, used);
		used = strlen(reterr->message);
	}
	memcpy(reterr->message + used, why, strlen(why) + 1);
	return code;
}
