/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * reply_read: the client's half of reply.h.  Nothing that a server may send is taken on trust.
 */
#include <limits.h>

#include "base/i18n.h"
#include "protocol/reply.h"

static enum status
refuse(struct error *reterr, const char *why)
{
	return error_set(reterr, STATUS_INVALID, ERROR_NO_OFFSET, "the server's reply is not understood: %s", why);
}

static bool
is_count(const struct value *value)
{
	return value_is(value, VALUE_INTEGER) && value->as.integer >= 0;
}

/* Places and delays are help, not substance: one that makes no sense is left out. */
static void
read_error_data(const struct value *data, struct reply *reply)
{
	const struct value *column = value_get(data, "column");
	const struct value *offset = value_get(data, "offset");
	const struct value *retry = value_get(data, "retry_after_ms");

	if (is_count(column) && is_count(offset)) {
		reply->has_place = true;
		reply->column = (size_t)column->as.integer;
		reply->offset = (size_t)offset->as.integer;
	}
	if (is_count(retry) && retry->as.integer <= INT_MAX)
		reply->retry_after_ms = (unsigned)retry->as.integer;
}

static enum status
read_error(const struct value *error, struct reply *reply, struct error *reterr)
{
	const struct value *code = value_get(error, "code");

	if (!value_is(code, VALUE_INTEGER) || code->as.integer < INT_MIN || code->as.integer > INT_MAX)
		return refuse(reterr, tr("its error has no code"));
	if (!value_is(value_get(error, "message"), VALUE_STRING))
		return refuse(reterr, tr("its error has no message"));
	reply->code = (int)code->as.integer;
	reply->status = protocol_status(reply->code);
	reply->message = value_str(value_get(error, "message"));
	read_error_data(value_get(error, "data"), reply);
	return STATUS_OK;
}

static enum status
read_root(struct reply *reply, struct error *reterr)
{
	const struct value *error = value_get(reply->root, "error");

	if (!value_is(reply->root, VALUE_OBJECT))
		return refuse(reterr, tr("it is not a JSON object"));
	if (!str_eq(value_str(value_get(reply->root, "jsonrpc")), STR("2.0")))
		return refuse(reterr, tr("it is not JSON-RPC 2.0"));
	reply->id = value_get(reply->root, "id");
	reply->result = value_get(reply->root, "result");
	if (!value_is(reply->id, VALUE_INTEGER) && !value_is(reply->id, VALUE_STRING) &&
	    !value_is(reply->id, VALUE_NULL))
		return refuse(reterr, tr("it has no id"));
	if ((reply->result != NULL) == (error != NULL))
		return refuse(reterr, tr("it must have either a result or an error"));
	if (error != NULL)
		return read_error(error, reply, reterr);
	if (!value_is(reply->result, VALUE_OBJECT))
		return refuse(reterr, tr("its result is not an object"));
	return STATUS_OK;
}

/* Reads a line that the arena of the reply has. */
static enum status
read_line(struct str line, struct reply *reply, struct error *reterr)
{
	struct error why;
	enum status status = value_read(reply->arena, line, REPLY_JSON_DEPTH, REPLY_JSON_KEYS, &reply->root, &why);

	if (status == STATUS_NOMEM)
		return error_set(reterr, status, ERROR_NO_OFFSET, "%s", why.message);
	if (status == STATUS_OK)
		return read_root(reply, reterr);
	(void)refuse(reterr, why.message);
	if (reterr != NULL)
		reterr->code = status;
	return status;
}

enum status
reply_read(struct str line, struct reply *ret_reply, struct error *reterr)
{
	struct reply reply = { .code = 0 };
	struct str copy = { NULL, 0 };
	enum status status;

	if (line.len > REPLY_READ_BYTES)
		return error_set(reterr, STATUS_LIMIT, ERROR_NO_OFFSET, "the server's reply is longer than %d bytes",
		    REPLY_READ_BYTES);
	if (arena_new(REPLY_ARENA_BYTES, &reply.arena) == STATUS_OK)
		copy = arena_str(reply.arena, line);
	if (copy.p != NULL)
		status = read_line(copy, &reply, reterr);
	else
		status = error_set(reterr, STATUS_NOMEM, ERROR_NO_OFFSET, "out of memory");
	if (status != STATUS_OK) {
		arena_free(reply.arena);
		return status;
	}
	*ret_reply = reply;
	return STATUS_OK;
}

void
reply_done(struct reply *reply)
{
	arena_free(reply->arena);
	*reply = (struct reply) { .code = 0 };
}
