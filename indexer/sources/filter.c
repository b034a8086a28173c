/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * filter: a file of any other format, by the command that makes text of it.  What the command writes is a page where
 * it begins like one, else plain text; of PDF, pdftotext writes a page, with the metadata in its head.
 */
#include <errno.h>
#include <unistd.h>

#include "base/limits.h"
#include "indexer/sources/child.h"
#include "indexer/sources/html.h"

enum status
filter_read(struct reading *reading, struct error *reterr)
{
	struct article article = { .number = 0 };
	struct error why;
	struct buf out;
	enum status status = stream_drain(reading->stream, &why);

	if (status == STATUS_OK && lseek(reading->file->fd, 0, SEEK_SET) != 0)
		status = error_errno(&why, STATUS_IO, errno, "cannot be read");
	buf_init(&out, LIMIT_SOURCE_BYTES);
	if (status == STATUS_OK)
		status = child_run(reading->command, reading->file->path.p, reading->file->fd, &out, &why);
	if (status != STATUS_OK)
		status = reading_refuse(reading, 0, &why, reterr);
	else if (html_looks_so(buf_str(&out)))
		status = html_give(reading, buf_str(&out), NULL, &article, reterr);
	else
		status = text_give(reading, buf_str(&out), NULL, &article, reterr);
	buf_done(&out);
	return status;
}
