/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * fuzz_frame: any line from a client.  What is taken must be written and read again as itself, and
 * what is refused must give an error line that a client can read.
 */
#include <stdint.h>
#include <stdlib.h>

#include "base/limits.h"
#include "protocol/reply.h"
#include "protocol/request.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
must(bool condition)
{
	if (!condition)
		abort();
}

static void
check_taken(struct arena *arena, const struct request *request)
{
	struct buf first, second;
	struct request again;
	int code;

	/* Escapes may make a line longer than the one that was read. */
	buf_init(&first, 8 * LIMIT_REQUEST_BYTES);
	buf_init(&second, 8 * LIMIT_REQUEST_BYTES);
	must(request_write(&first, request) == STATUS_OK);
	if (first.len - 1 <= LIMIT_REQUEST_BYTES) {
		must(
		    request_parse(arena, (struct str) { first.data, first.len - 1 }, &again, NULL, &code) == STATUS_OK);
		must(request_write(&second, &again) == STATUS_OK);
		must(str_eq(buf_str(&first), buf_str(&second)));
	}
	buf_done(&first);
	buf_done(&second);
}

static void
check_refused(const struct request *request, const struct error *error, int code)
{
	struct reply reply;
	struct buf out;

	buf_init(&out, LIMIT_REPLY_BYTES);
	must(reply_error(&out, request->id, code, error, STR(""), 0) == STATUS_OK);
	must(reply_read((struct str) { out.data, out.len - 1 }, &reply, NULL) == STATUS_OK);
	must(reply.result == NULL && reply.code == code);
	reply_done(&reply);
	buf_done(&out);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str line = { (const char *)data, size };
	struct request request;
	struct arena *arena;
	struct error error;
	int code;

	if (arena_new(4 * 1024 * 1024, &arena) != STATUS_OK)
		return 0;
	if (request_parse(arena, line, &request, &error, &code) == STATUS_OK)
		check_taken(arena, &request);
	else
		check_refused(&request, &error, code);
	arena_free(arena);
	return 0;
}
