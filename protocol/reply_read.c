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
is_count(const json_t *value)
{
	return json_is_integer(value) && json_integer_value(value) >= 0;
}

/* Places and delays are help, not substance: one that makes no sense is left out. */
static void
read_error_data(const json_t *data, struct reply *reply)
{
	const json_t *column = json_object_get(data, "column");
	const json_t *offset = json_object_get(data, "offset");
	const json_t *retry = json_object_get(data, "retry_after_ms");

	if (is_count(column) && is_count(offset)) {
		reply->has_place = true;
		reply->column = (size_t)json_integer_value(column);
		reply->offset = (size_t)json_integer_value(offset);
	}
	if (is_count(retry) && json_integer_value(retry) <= INT_MAX)
		reply->retry_after_ms = (unsigned)json_integer_value(retry);
}

static enum status
read_error(const json_t *error, struct reply *reply, struct error *reterr)
{
	const json_t *code = json_object_get(error, "code");

	if (!json_is_integer(code) || json_integer_value(code) < INT_MIN || json_integer_value(code) > INT_MAX)
		return refuse(reterr, tr("its error has no code"));
	if (!json_is_string(json_object_get(error, "message")))
		return refuse(reterr, tr("its error has no message"));
	reply->code = (int)json_integer_value(code);
	reply->status = protocol_status(reply->code);
	reply->message = json_str(json_object_get(error, "message"));
	read_error_data(json_object_get(error, "data"), reply);
	return STATUS_OK;
}

static enum status
read_root(struct reply *reply, struct error *reterr)
{
	const json_t *error = json_object_get(reply->root, "error");

	if (!json_is_object(reply->root))
		return refuse(reterr, tr("it is not a JSON object"));
	if (!str_eq(json_str(json_object_get(reply->root, "jsonrpc")), STR("2.0")))
		return refuse(reterr, tr("it is not JSON-RPC 2.0"));
	reply->id = json_object_get(reply->root, "id");
	reply->result = json_object_get(reply->root, "result");
	if (!json_is_integer(reply->id) && !json_is_string(reply->id) && !json_is_null(reply->id))
		return refuse(reterr, tr("it has no id"));
	if ((reply->result != NULL) == (error != NULL))
		return refuse(reterr, tr("it must have either a result or an error"));
	if (error != NULL)
		return read_error(error, reply, reterr);
	if (!json_is_object(reply->result))
		return refuse(reterr, tr("its result is not an object"));
	return STATUS_OK;
}

enum status
reply_read(struct str line, struct reply *ret_reply, struct error *reterr)
{
	struct reply reply = { .code = 0 };
	struct error why;
	enum status status;

	if (line.len > REPLY_READ_BYTES)
		return error_set(reterr, STATUS_LIMIT, ERROR_NO_OFFSET, "the server's reply is longer than %d bytes",
		    REPLY_READ_BYTES);
	status = json_read(line, REPLY_JSON_DEPTH, REPLY_JSON_KEYS, &reply.root, &why);
	if (status == STATUS_NOMEM)
		return error_set(reterr, status, ERROR_NO_OFFSET, "%s", why.message);
	if (status != STATUS_OK) {
		(void)refuse(reterr, why.message);
		if (reterr != NULL)
			reterr->code = status;
		return status;
	}
	status = read_root(&reply, reterr);
	if (status != STATUS_OK) {
		json_decref(reply.root);
		return status;
	}
	*ret_reply = reply;
	return STATUS_OK;
}

void
reply_done(struct reply *reply)
{
	json_decref(reply->root);
	*reply = (struct reply) { .code = 0 };
}
