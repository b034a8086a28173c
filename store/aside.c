/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "store/aside.h"

#include <stdio.h>

#include "base/limits.h"
#include "store/schema.h"

enum { SPAN_BYTES = 24 }; /* of one span as text, with the blank before it */

enum status
aside_append(struct buf *out, struct text_span span)
{
	char text[SPAN_BYTES];
	int n = snprintf(
	    text, sizeof(text), "%s%u+%u", buf_str(out).len > 0 ? " " : "", (unsigned)span.off, (unsigned)span.len);

	return buf_append(out, text, (size_t)n);
}

/* Takes a decimal of at most 32 bits. */
static bool
take_number(struct str *rest, uint32_t *ret_number)
{
	uint64_t number = 0;
	size_t n = 0;

	while (n < rest->len && n < 10 && rest->p[n] >= '0' && rest->p[n] <= '9')
		number = number * 10 + (uint64_t)(rest->p[n++] - '0');
	if (n == 0 || number > UINT32_MAX)
		return false;
	*rest = (struct str) { rest->p + n, rest->len - n };
	*ret_number = (uint32_t)number;
	return true;
}

static bool
take_char(struct str *rest, char c)
{
	if (rest->len == 0 || rest->p[0] != c)
		return false;
	*rest = (struct str) { rest->p + 1, rest->len - 1 };
	return true;
}

bool
aside_next(struct str *rest, struct text_span *ret_span)
{
	struct str next = *rest;

	(void)take_char(&next, ' ');
	if (!take_number(&next, &ret_span->off) || !take_char(&next, '+') || !take_number(&next, &ret_span->len))
		return false;
	*rest = next;
	return true;
}

enum status
aside_check(const struct store_document *document, struct error *reterr)
{
	struct str rest = document->aside;
	struct text_span span;
	uint64_t end = 0;
	size_t n = 0;

	while (aside_next(&rest, &span)) {
		if (++n > LIMIT_ASIDE_SPANS)
			return error_set(reterr, STATUS_LIMIT, ERROR_NO_OFFSET,
			    "more than %d parts of the text are set aside (limit aside_spans)", LIMIT_ASIDE_SPANS);
		if (span.len == 0 || span.off < end || (uint64_t)span.off + span.len > document->text.len)
			return error_set(reterr, STATUS_INVALID, ERROR_NO_OFFSET,
			    "the parts of the text that are set aside are not in order, or not in the text");
		end = (uint64_t)span.off + span.len;
	}
	if (rest.len > 0)
		return error_set(reterr, STATUS_INVALID, ERROR_NO_OFFSET,
		    "the parts of the text that are set aside cannot be read: \"%.*s\"",
		    (int)(rest.len < 40 ? rest.len : 40), rest.p);
	return STATUS_OK;
}

enum status
aside_run_body(struct analyzer *analyzer, const struct store_document *document, uint32_t title_words,
    const struct token **ret_tokens, size_t *ret_n, size_t *ret_n_read, struct error *reterr)
{
	struct text_span spans[LIMIT_ASIDE_SPANS];
	struct str rest = document->aside;
	size_t n = 0;

	while (n < LIMIT_ASIDE_SPANS && aside_next(&rest, &spans[n]))
		n++;
	return analyzer_run_aside(analyzer, document->text, spans, n, schema_body_first_pos(title_words),
	    SCHEMA_TITLE_GAP, ret_tokens, ret_n, ret_n_read, reterr);
}
