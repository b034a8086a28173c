/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * mbox: messages one behind the other (RFC 4155).  A message begins with a line "From ...", at the beginning or
 * behind an empty line; in it such lines are written ">From " (mboxrd), or not at all.
 */
#include <stdio.h>

#include "base/limits.h"
#include "indexer/sources/mail.h"

struct mbox {
	struct reading *reading;
	struct buf message;
	size_t number;
	bool line_started; /* the last piece did not end its line */
	bool after_blank; /* the last line was empty */
	bool skipping; /* the message is too long */
};

static enum status
end_message(struct mbox *mbox, struct error *reterr)
{
	enum status status = STATUS_OK;
	struct error why;

	if (mbox->skipping) {
		(void)error_set(&why, STATUS_LIMIT, ERROR_NO_OFFSET,
		    "the message is longer than %d bytes (LIMIT_SOURCE_BYTES)", LIMIT_SOURCE_BYTES);
		status = reading_refuse(mbox->reading, mbox->number, &why, reterr);
	} else if (mbox->number > 0)
		status = mail_give(mbox->reading, buf_str(&mbox->message), mbox->number, reterr);
	buf_reset(&mbox->message);
	mbox->skipping = false;
	return status;
}

/* ">From " is "From ", ">>From " is ">From ". */
static struct str
unquoted(struct str line)
{
	size_t n = 0;

	while (n < line.len && line.p[n] == '>')
		n++;
	if (n > 0 && str_has_prefix((struct str) { line.p + n, line.len - n }, STR("From ")))
		return (struct str) { line.p + 1, line.len - 1 };
	return line;
}

/* A line with its end, or a piece of one that is longer than what can be looked at. */
static enum status
take_piece(struct mbox *mbox, struct str piece, struct error *reterr)
{
	bool starts = !mbox->line_started;
	bool blank = starts && (str_eq(piece, STR("\n")) || str_eq(piece, STR("\r\n")));
	enum status status = STATUS_OK;

	if (starts && mbox->after_blank && str_has_prefix(piece, STR("From "))) {
		status = end_message(mbox, reterr);
		mbox->number++;
	} else if (!mbox->skipping && buf_append_str(&mbox->message, starts ? unquoted(piece) : piece) == STATUS_LIMIT)
		mbox->skipping = true;
	if (status == STATUS_OK && buf_status(&mbox->message) == STATUS_NOMEM)
		status = error_set(reterr, STATUS_NOMEM, ERROR_NO_OFFSET, "out of memory");
	mbox->line_started = piece.p[piece.len - 1] != '\n';
	mbox->after_blank = blank;
	return status;
}

static enum status
take_all(struct mbox *mbox, struct error *reterr)
{
	enum status status = STATUS_OK;
	struct error why;

	while (status == STATUS_OK) {
		struct str ahead;
		const char *newline;
		size_t want = 1;

		do {
			status = stream_fill(mbox->reading->stream, want, &ahead, &why);
			if (status != STATUS_OK)
				return reading_refuse(mbox->reading, 0, &why, reterr);
			newline = ahead.len > 0 ? memchr(ahead.p, '\n', ahead.len) : NULL;
			want = ahead.len + 1 < STREAM_AHEAD_BYTES ? ahead.len + 1 : STREAM_AHEAD_BYTES;
		} while (newline == NULL && ahead.len > 0 && ahead.len < STREAM_AHEAD_BYTES &&
			 stream_has_more(mbox->reading->stream));
		if (ahead.len == 0)
			break;
		if (newline != NULL)
			ahead.len = (size_t)(newline - ahead.p) + 1;
		status = take_piece(mbox, ahead, reterr);
		stream_skip(mbox->reading->stream, ahead.len);
	}
	return status;
}

enum status
mbox_read(struct reading *reading, struct error *reterr)
{
	struct mbox mbox = { .reading = reading, .after_blank = true };
	struct error why;
	enum status status;

	buf_init(&mbox.message, LIMIT_SOURCE_BYTES);
	status = take_all(&mbox, reterr);
	if (status == STATUS_OK && mbox.number == 0 && mbox.message.len > 0) {
		(void)error_set(&why, STATUS_INVALID, ERROR_NO_OFFSET, "it is no mbox: it has no line \"From ...\"");
		status = reading_refuse(reading, 0, &why, reterr);
	}
	if (status == STATUS_OK)
		status = end_message(&mbox, reterr);
	buf_done(&mbox.message);
	return status;
}
