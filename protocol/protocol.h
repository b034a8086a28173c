/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * protocol: the names and numbers that both ends of the wire share (docs/protocol.md).
 *
 * JSON-RPC 2.0, one message a line.  This room turns bytes into requests and replies and back; it
 * opens no socket and knows nothing of the index.
 */
#ifndef VOISIN_PROTOCOL_PROTOCOL_H
#define VOISIN_PROTOCOL_PROTOCOL_H

#include <stdbool.h>

#include "base/status.h"
#include "base/str.h"

/* Grows with each change that an old client could notice; docs/protocol.md has the history. */
enum { PROTOCOL_VERSION = 1 };

#define PROTOCOL_METHODS(XX)     \
	XX(SEARCH, "search")     \
	XX(EXPLAIN, "explain")   \
	XX(SUGGEST, "suggest")   \
	XX(DOCUMENT, "document") \
	XX(REPRINTS, "reprints") \
	XX(STATS, "stats")       \
	XX(AUTH, "auth")         \
	XX(PING, "ping")

enum method {
#define XX(code, name) METHOD_##code,
	PROTOCOL_METHODS(XX)
#undef XX
};

enum { METHOD_COUNT = METHOD_PING + 1 };

/* The name of a method on the wire.  Static. */
const char *method_name(enum method method);

/* Finds a method by its name; false where there is none, and *ret_method is untouched. */
bool method_find(struct str name, enum method *ret_method);

/* Codes that JSON-RPC 2.0 itself gives (section 5.1). */
enum {
	RPC_PARSE_ERROR = -32700,
	RPC_INVALID_REQUEST = -32600,
	RPC_METHOD_NOT_FOUND = -32601,
	RPC_INVALID_PARAMS = -32602,
	RPC_INTERNAL_ERROR = -32603
};

/* What a status is on the wire.  RPC_INTERNAL_ERROR also stands for a number that is no status. */
#define PROTOCOL_CODES(XX)    \
	XX(INVALID, -32001)   \
	XX(LIMIT, -32002)     \
	XX(TIMEOUT, -32003)   \
	XX(BUSY, -32004)      \
	XX(STALE, -32005)     \
	XX(NOT_FOUND, -32006) \
	XX(CORRUPT, -32007)   \
	XX(VERSION, -32008)   \
	XX(IO, -32009)        \
	XX(NOMEM, -32010)     \
	XX(CANCELLED, -32011) \
	XX(DENIED, -32012)    \
	XX(INTERNAL, RPC_INTERNAL_ERROR)

/* The JSON-RPC code of a failure.  A refused query is STATUS_INVALID: -32001. */
int protocol_code(enum status status);

/* The status that a JSON-RPC code stands for; STATUS_INTERNAL for a code that is none of ours. */
enum status protocol_status(int code);

#endif
