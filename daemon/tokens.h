/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * tokens: who may ask over TCP, by a secret that both sides have.
 *
 *	# name, blank, token of 16 characters or more
 *	redaction  q4v0hJ8kS2bYw1Zr7mNx
 *	archives   9TfLr3XcPz6uEd5WaKgB
 *
 * Tokens are not kept: only their SHA-256, and a token that comes is compared with all of them in a time that tells
 * nothing (CRYPTO_memcmp).  The name is what the log has.
 */
#ifndef VOISIN_DAEMON_TOKENS_H
#define VOISIN_DAEMON_TOKENS_H

#include "base/error.h"
#include "base/str.h"

enum {
	TOKENS_MAX = 64,
	TOKEN_BYTES_MIN = 16,
	TOKEN_BYTES_MAX = 256,
	TOKEN_NAME_BYTES = 32,
	TOKENS_FILE_BYTES = 32 * 1024
};

struct tokens;

/* Reads the text of a file of tokens; `path` is for messages.  STATUS_INVALID: reterr names the line. */
enum status tokens_new(struct str text, const char *path, struct tokens **ret_tokens, struct error *reterr) MUST_CHECK;

/* NULL is accepted. */
void tokens_free(struct tokens *tokens);

/* The name of the token, borrowed until tokens_free(); NULL where it is none of them. */
const char *tokens_find(const struct tokens *tokens, struct str token);

#endif
