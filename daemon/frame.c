/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "daemon/frame.h"

#include <errno.h>
#include <sys/uio.h>
#include <unistd.h>

#include "base/file.h"

enum { READ_BYTES = 64 * 1024 };

struct frame
frame_make(enum frame_kind kind, uint64_t number, size_t length)
{
	return (struct frame) {
		.magic = FRAME_MAGIC,
		.kind = (uint32_t)kind,
		.length = (uint32_t)length,
		.status = STATUS_OK,
		.number = number,
	};
}

void
frame_set_generation(struct frame *frame, struct str generation)
{
	size_t len = generation.len < FRAME_GENERATION_BYTES ? generation.len : FRAME_GENERATION_BYTES - 1;

	memset(frame->generation, 0, sizeof(frame->generation));
	memcpy(frame->generation, generation.p, len);
}

/* A word of ASCII that ends within its room: it goes to the log. */
static bool
is_word(const char text[FRAME_GENERATION_BYTES])
{
	size_t len = 0;

	while (len < FRAME_GENERATION_BYTES && text[len] > ' ' && text[len] < 0x7F)
		len++;
	return len < FRAME_GENERATION_BYTES && text[len] == '\0';
}

bool
frame_valid(const struct frame *frame)
{
	return frame->magic == FRAME_MAGIC && frame->kind >= FRAME_READY && frame->kind <= FRAME_REPLY &&
	       frame->status <= STATUS_INTERNAL && frame->length <= FRAME_BYTES_MAX && is_word(frame->generation);
}

/* Reads exactly `len` bytes.  STATUS_END where there is not even one. */
static enum status
read_exactly(int fd, char *to, size_t len, struct error *reterr)
{
	size_t have = 0;

	while (have < len) {
		ssize_t n = read(fd, to + have, len - have);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return error_errno(reterr, STATUS_IO, errno, "cannot read a frame");
		if (n == 0 && have == 0)
			return STATUS_END;
		if (n == 0)
			return error_set(reterr, STATUS_IO, ERROR_NO_OFFSET, "a frame ends early");
		have += (size_t)n;
	}
	return STATUS_OK;
}

/* Reads what is there: a header and what comes behind it, as far as that fits.  STATUS_END where there is nothing. */
static enum status
read_first(int fd, struct frame *frame, char chunk[READ_BYTES], size_t *ret_n, struct error *reterr)
{
	struct iovec parts[2] = { { .iov_base = frame, .iov_len = sizeof(*frame) },
		{ .iov_base = chunk, .iov_len = READ_BYTES } };
	enum status status;
	ssize_t n;

	do {
		n = readv(fd, parts, 2);
	} while (n < 0 && errno == EINTR);
	if (n < 0)
		return error_errno(reterr, STATUS_IO, errno, "cannot read a frame");
	if (n == 0)
		return STATUS_END;
	*ret_n = 0;
	if ((size_t)n >= sizeof(*frame)) {
		*ret_n = (size_t)n - sizeof(*frame);
		return STATUS_OK;
	}
	status = read_exactly(fd, (char *)frame + n, sizeof(*frame) - (size_t)n, reterr);
	return status == STATUS_END ? error_set(reterr, STATUS_IO, ERROR_NO_OFFSET, "a frame ends early") : status;
}

/* The `len` bytes of a frame, of which `have` are in `chunk`. */
static enum status
read_body(int fd, size_t len, char chunk[READ_BYTES], size_t have, struct buf *body, struct error *reterr)
{
	for (;;) {
		enum status status;

		if (buf_append(body, chunk, have) != STATUS_OK)
			return error_set(reterr, buf_status(body), ERROR_NO_OFFSET, "a frame does not fit");
		len -= have;
		if (len == 0)
			return STATUS_OK;
		have = len < READ_BYTES ? len : READ_BYTES;
		status = read_exactly(fd, chunk, have, reterr);
		if (status == STATUS_END)
			return error_set(reterr, STATUS_IO, ERROR_NO_OFFSET, "a frame has no bytes");
		if (status != STATUS_OK)
			return status;
	}
}

enum status
frame_read(int fd, struct frame *ret_frame, struct buf *body, struct error *reterr)
{
	char chunk[READ_BYTES];
	struct frame frame;
	size_t have;
	enum status status = read_first(fd, &frame, chunk, &have, reterr);

	if (status != STATUS_OK)
		return status;
	if (!frame_valid(&frame) || have > frame.length)
		return error_set(reterr, STATUS_IO, ERROR_NO_OFFSET, "what came is no frame");
	buf_reset(body);
	status = read_body(fd, frame.length, chunk, have, body, reterr);
	if (status == STATUS_OK)
		*ret_frame = frame;
	return status;
}

enum status
frame_write(int fd, const struct frame *frame, struct str body, struct error *reterr)
{
	struct frame head = *frame;
	struct iovec parts[2] = { { .iov_base = &head, .iov_len = sizeof(head) }, { .iov_len = body.len } };
	struct str rest;
	ssize_t n;

	/* writev() only reads; its iovec has no const. */
	memcpy(&parts[1].iov_base, &body.p, sizeof(body.p));
	do {
		n = writev(fd, parts, 2);
	} while (n < 0 && errno == EINTR);
	if (n < 0)
		return error_errno(reterr, STATUS_IO, errno, "cannot write a frame");
	if ((size_t)n < sizeof(head)) {
		rest = (struct str) { (const char *)&head + n, sizeof(head) - (size_t)n };
		n = sizeof(head);
		if (fd_write_all(fd, rest, reterr) != STATUS_OK)
			return STATUS_IO;
	}
	rest = (struct str) { body.p + ((size_t)n - sizeof(head)), body.len - ((size_t)n - sizeof(head)) };
	return fd_write_all(fd, rest, reterr);
}
