/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "client/call.h"

#include <inttypes.h>
#include <openssl/crypto.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/i18n.h"
#include "base/utf8.h"
#include "client/failure.h"
#include "client/wire.h"

enum { TIMEOUT_MAX_MS = 24 * 60 * 60 * 1000 };

struct voisin {
	struct address address;
	int timeout_ms;
	struct wire wire;
	char *token; /* owned; NULL: none */
	int64_t last_id;
	bool has_language;
	enum language language; /* of messages, where has_language */
	bool answered; /* on this connection: it may since have been closed for idleness */
};

static int64_t
deadline(const struct voisin *voisin)
{
	return clock_mono_ns() + (int64_t)voisin->timeout_ms * 1000 * 1000;
}

enum voisin_status
voisin_set_language(struct voisin *voisin, const char *language, struct voisin_error *reterr)
{
	for (unsigned i = 0; language != NULL && i18n_name(i) != NULL; i++) {
		if (strcmp(language, i18n_name(i)) == 0) {
			voisin->has_language = true;
			voisin->language = (enum language)i;
			return VOISIN_OK;
		}
	}
	if (language != NULL)
		return failure(reterr, VOISIN_INVALID, "a language is \"en\", \"fr\" or NULL");
	voisin->has_language = false;
	return VOISIN_OK;
}

void
voisin_close(struct voisin *voisin)
{
	if (voisin == NULL)
		return;
	wire_done(&voisin->wire);
	if (voisin->token != NULL)
		OPENSSL_cleanse(voisin->token, strlen(voisin->token));
	free(voisin->token);
	free(voisin);
}

/* Reads the next line as a reply; its line is out of the buffer afterwards. */
static enum voisin_status
next_reply(struct voisin *voisin, int64_t deadline_ns, struct reply *ret_reply, struct voisin_error *reterr)
{
	struct error why;
	struct str line;
	enum voisin_status status = wire_read_line(&voisin->wire, deadline_ns, &line, reterr);
	enum status read;

	if (status != VOISIN_OK)
		return status;
	read = reply_read(line, ret_reply, &why);
	wire_take_line(&voisin->wire, line);
	if (read == STATUS_NOMEM)
		return failure_nomem(reterr);
	if (read != STATUS_OK)
		return failure_of(reterr, VOISIN_PROTOCOL, &why);
	if (voisin->wire.in.len > 0) {
		reply_done(ret_reply);
		return failure(reterr, VOISIN_PROTOCOL, "the server sent more than it was asked for");
	}
	return VOISIN_OK;
}

/* Whether a reply is the one to `id`.  An error with id null is that of the connection itself. */
static bool
is_answer(const struct reply *reply, int64_t id)
{
	if (value_is(reply->id, VALUE_NULL))
		return reply->result == NULL;
	return value_is(reply->id, VALUE_INTEGER) && reply->id->as.integer == id;
}

static enum voisin_status
exchange(
    struct voisin *voisin, struct str line, int64_t deadline_ns, struct reply *ret_reply, struct voisin_error *reterr)
{
	struct reply reply;
	enum voisin_status status = wire_send(&voisin->wire, line, deadline_ns, reterr);

	if (status == VOISIN_OK)
		status = next_reply(voisin, deadline_ns, &reply, reterr);
	if (status != VOISIN_OK)
		return status;
	if (!is_answer(&reply, voisin->last_id)) {
		reply_done(&reply);
		return failure(reterr, VOISIN_PROTOCOL, "the server answered another request");
	}
	*ret_reply = reply;
	return VOISIN_OK;
}

static enum voisin_status refused(const struct reply *reply, struct voisin_error *reterr);

/* Shows the token on a new connection. */
static enum voisin_status
authenticate(struct voisin *voisin, int64_t deadline_ns, struct voisin_error *reterr)
{
	const struct request request = { .id = STR("0"), .method = METHOD_AUTH, .token = str_of(voisin->token) };
	int64_t last_id = voisin->last_id;
	struct reply reply;
	struct buf line;
	enum voisin_status status;

	buf_init(&line, LIMIT_REQUEST_BYTES);
	if (request_write(&line, &request) != STATUS_OK) {
		buf_done(&line);
		return failure_nomem(reterr);
	}
	voisin->last_id = 0;
	status = exchange(voisin, buf_str(&line), deadline_ns, &reply, reterr);
	voisin->last_id = last_id;
	OPENSSL_cleanse(line.data, line.cap);
	buf_done(&line);
	if (status != VOISIN_OK)
		return status;
	if (reply.result == NULL)
		status = refused(&reply, reterr);
	reply_done(&reply);
	return status;
}

/* Connects, and shows the token if there is one. */
static enum voisin_status
reach(struct voisin *voisin, int64_t deadline_ns, struct voisin_error *reterr)
{
	enum voisin_status status = wire_connect(&voisin->wire, &voisin->address, deadline_ns, reterr);

	if (status == VOISIN_OK && voisin->token != NULL)
		status = authenticate(voisin, deadline_ns, reterr);
	if (status != VOISIN_OK)
		wire_close(&voisin->wire);
	return status;
}

/* Whether a token sent there can be read by others on its way. */
static bool
is_exposed(const struct address *address)
{
	return !address->is_unix && !address->is_tls && strcmp(address->host, "localhost") != 0 &&
	       strcmp(address->host, "::1") != 0 && strncmp(address->host, "127.", 4) != 0;
}

static enum voisin_status
prepare(struct voisin *voisin, const struct voisin_security *security, struct voisin_error *reterr)
{
	if (security->token != NULL) {
		if (is_exposed(&voisin->address) && !security->allow_plain_token)
			return failure(reterr, VOISIN_INVALID,
			    "a token is not sent in plain text to another machine: use tls:HOST:PORT");
		voisin->token = strdup(security->token);
		if (voisin->token == NULL)
			return failure_nomem(reterr);
	}
	if (security->ca_file != NULL)
		return wire_trust(&voisin->wire, security->ca_file, reterr);
	return VOISIN_OK;
}

enum voisin_status
voisin_open_secure(const char *server, const struct voisin_security *security, int timeout_ms,
    struct voisin **ret_voisin, struct voisin_error *reterr)
{
	struct voisin *voisin;
	struct address address;
	enum voisin_status status;

	if (timeout_ms < 0 || timeout_ms > TIMEOUT_MAX_MS)
		return failure(reterr, VOISIN_INVALID, "a timeout must be from 0 to %d milliseconds", TIMEOUT_MAX_MS);
	status = address_parse(server != NULL ? server : VOISIN_DEFAULT_SERVER, &address, reterr);
	if (status != VOISIN_OK)
		return status;
	voisin = calloc(1, sizeof(*voisin));
	if (voisin == NULL)
		return failure_nomem(reterr);
	voisin->address = address;
	voisin->timeout_ms = timeout_ms > 0 ? timeout_ms : VOISIN_DEFAULT_TIMEOUT_MS;
	wire_init(&voisin->wire);
	status = prepare(voisin, security, reterr);
	if (status == VOISIN_OK)
		status = reach(voisin, deadline(voisin), reterr);
	if (status != VOISIN_OK) {
		voisin_close(voisin);
		return status;
	}
	*ret_voisin = voisin;
	return VOISIN_OK;
}

enum voisin_status
voisin_open(const char *server, int timeout_ms, struct voisin **ret_voisin, struct voisin_error *reterr)
{
	static const struct voisin_security none = { .token = NULL };

	return voisin_open_secure(server, &none, timeout_ms, ret_voisin, reterr);
}

/*
 * A connection that has answered before may have been closed for idleness, with or without a word.
 * All methods only read, so the request may be sent a second time, on a new connection.
 */
static bool
is_worn_out(const struct voisin *voisin, enum voisin_status status, const struct reply *reply)
{
	if (!voisin->answered)
		return false;
	if (status == VOISIN_OK)
		return value_is(reply->id, VALUE_NULL);
	return status == VOISIN_IO && voisin->wire.in.len == 0;
}

static enum voisin_status
exchange_or_reconnect(struct voisin *voisin, struct str line, struct reply *ret_reply, struct voisin_error *reterr)
{
	int64_t deadline_ns = deadline(voisin);
	enum voisin_status status = VOISIN_OK;
	struct reply reply = { .root = NULL };

	if (voisin->wire.fd >= 0) {
		status = exchange(voisin, line, deadline_ns, &reply, reterr);
		if (!is_worn_out(voisin, status, &reply)) {
			*ret_reply = reply;
			return status;
		}
		reply_done(&reply);
	}
	voisin->answered = false;
	status = reach(voisin, deadline_ns, reterr);
	if (status != VOISIN_OK)
		return status;
	return exchange(voisin, line, deadline_ns, ret_reply, reterr);
}

static void
give_up(struct voisin *voisin)
{
	wire_close(&voisin->wire);
	voisin->answered = false;
}

/* The server's refusal as a failure of the call. */
static enum voisin_status
refused(const struct reply *reply, struct voisin_error *reterr)
{
	enum voisin_status status = (enum voisin_status)reply->status;
	int len = (int)(reply->message.len < sizeof(reterr->message) ? reply->message.len : sizeof(reterr->message));

	if (reterr == NULL)
		return status;
	(void)failure(reterr, status, "%.*s", len, reply->message.p);
	/* A long message was cut: at a character. */
	reterr->message[utf8_valid_prefix(str_of(reterr->message))] = '\0';
	reterr->rpc_code = reply->code;
	reterr->has_place = reply->has_place;
	reterr->column = reply->column;
	reterr->offset = reply->offset;
	reterr->retry_after_ms = reply->retry_after_ms;
	return status;
}

static enum voisin_status
write_line(struct voisin *voisin, struct request *request, struct buf *line, struct voisin_error *reterr)
{
	char id[32];
	enum status status;

	(void)snprintf(id, sizeof(id), "%" PRId64, ++voisin->last_id);
	request->id = str_of(id);
	request->has_lang = voisin->has_language;
	request->lang = voisin->language;
	status = request_write(line, request);
	request->id = STR("null");
	if (status == STATUS_NOMEM)
		return failure_nomem(reterr);
	if (status != STATUS_OK)
		return failure(reterr, VOISIN_LIMIT, "the request is longer than %d bytes", LIMIT_REQUEST_BYTES);
	return VOISIN_OK;
}

enum voisin_status
call(struct voisin *voisin, struct request *request, struct reply *ret_reply, struct voisin_error *reterr)
{
	enum voisin_status status;
	struct reply reply;
	struct buf line;

	buf_init(&line, LIMIT_REQUEST_BYTES + 1);
	status = write_line(voisin, request, &line, reterr);
	if (status != VOISIN_OK)
		goto out;
	status = exchange_or_reconnect(voisin, buf_str(&line), &reply, reterr);
	if (status != VOISIN_OK) {
		give_up(voisin);
		goto out;
	}
	voisin->answered = true;
	if (reply.result == NULL) {
		if (value_is(reply.id, VALUE_NULL))
			give_up(voisin);
		status = refused(&reply, reterr);
		reply_done(&reply);
		goto out;
	}
	*ret_reply = reply;
out:
	buf_done(&line);
	return status;
}

enum voisin_status
call_refuse(struct voisin *voisin, const char *where, struct voisin_error *reterr)
{
	give_up(voisin);
	return failure(reterr, VOISIN_PROTOCOL, "the server's reply is not understood: %s is missing or wrong", where);
}
