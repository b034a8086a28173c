/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "protocol/protocol.h"

static const char *const method_names[METHOD_COUNT] = {
#define XX(code, name) [METHOD_##code] = name,
	PROTOCOL_METHODS(XX)
#undef XX
};

static const struct {
	enum status status;
	int code;
} codes[] = {
#define XX(status, code) { STATUS_##status, code },
	PROTOCOL_CODES(XX)
#undef XX
	/* Only read backwards: JSON-RPC's own codes. */
	{ STATUS_INVALID, RPC_PARSE_ERROR },
	{ STATUS_INVALID, RPC_INVALID_REQUEST },
	{ STATUS_INVALID, RPC_INVALID_PARAMS },
	{ STATUS_NOT_FOUND, RPC_METHOD_NOT_FOUND },
};

const char *
method_name(enum method method)
{
	return method_names[method];
}

bool
method_find(struct str name, enum method *ret_method)
{
	for (int i = 0; i < METHOD_COUNT; i++) {
		if (str_eq(name, str_of(method_names[i]))) {
			*ret_method = (enum method)i;
			return true;
		}
	}
	return false;
}

int
protocol_code(enum status status)
{
	for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++) {
		if (codes[i].status == status)
			return codes[i].code;
	}
	return RPC_INTERNAL_ERROR;
}

enum status
protocol_status(int code)
{
	for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++) {
		if (codes[i].code == code)
			return codes[i].status;
	}
	return STATUS_INTERNAL;
}
