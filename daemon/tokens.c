/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "daemon/tokens.h"

#include <openssl/crypto.h>
#include <openssl/sha.h>
#include <stdlib.h>

struct token {
	char name[TOKEN_NAME_BYTES + 1];
	unsigned char digest[SHA256_DIGEST_LENGTH];
};

struct tokens {
	unsigned n;
	struct token v[TOKENS_MAX];
};

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

/* The next word of a line, taken from it. */
static struct str
take_word(struct str *line)
{
	struct str word;

	while (line->len > 0 && is_blank(line->p[0]))
		*line = (struct str) { line->p + 1, line->len - 1 };
	word = (struct str) { line->p, 0 };
	while (word.len < line->len && !is_blank(line->p[word.len]))
		word.len++;
	*line = (struct str) { line->p + word.len, line->len - word.len };
	return word;
}

/* Printable ASCII, so that a token can be typed and sent without thought, and a name stands in the log as it is. */
static bool
is_printable(struct str word)
{
	for (size_t i = 0; i < word.len; i++) {
		if (word.p[i] <= ' ' || word.p[i] >= 0x7F || word.p[i] == '"')
			return false;
	}
	return true;
}

/* What is wrong never shows the token. */
static enum status
add(struct tokens *tokens, struct str line, const char *path, unsigned number, struct error *reterr)
{
	struct str name = take_word(&line), token = take_word(&line);
	struct token *added = &tokens->v[tokens->n];

	if (name.len == 0 || name.p[0] == '#')
		return STATUS_OK;
	if (token.len == 0 || take_word(&line).len > 0 || !is_printable(name) || !is_printable(token))
		return error_set(reterr, STATUS_INVALID, ERROR_NO_OFFSET,
		    "%s:%u: a line is a name and a token, both of printable ASCII", path, number);
	if (name.len > TOKEN_NAME_BYTES || token.len < TOKEN_BYTES_MIN || token.len > TOKEN_BYTES_MAX)
		return error_set(reterr, STATUS_INVALID, ERROR_NO_OFFSET,
		    "%s:%u: a name has at most %d bytes, a token %d to %d", path, number, TOKEN_NAME_BYTES,
		    TOKEN_BYTES_MIN, TOKEN_BYTES_MAX);
	if (tokens->n == TOKENS_MAX)
		return error_set(
		    reterr, STATUS_LIMIT, ERROR_NO_OFFSET, "%s:%u: more than %d tokens", path, number, TOKENS_MAX);
	memcpy(added->name, name.p, name.len);
	(void)SHA256((const unsigned char *)token.p, token.len, added->digest);
	tokens->n++;
	return STATUS_OK;
}

static enum status
add_all(struct tokens *tokens, struct str text, const char *path, struct error *reterr)
{
	enum status status = STATUS_OK;
	unsigned number = 0;

	while (text.len > 0 && status == STATUS_OK) {
		const char *newline = memchr(text.p, '\n', text.len);
		struct str line = { text.p, newline != NULL ? (size_t)(newline - text.p) : text.len };
		size_t used = newline != NULL ? line.len + 1 : line.len;

		status = add(tokens, line, path, ++number, reterr);
		text = (struct str) { text.p + used, text.len - used };
	}
	if (status == STATUS_OK && tokens->n == 0)
		status = error_set(reterr, STATUS_INVALID, ERROR_NO_OFFSET, "%s holds no token", path);
	return status;
}

enum status
tokens_new(struct str text, const char *path, struct tokens **ret_tokens, struct error *reterr)
{
	struct tokens *tokens = calloc(1, sizeof(*tokens));
	enum status status;

	if (tokens == NULL)
		return error_set(reterr, STATUS_NOMEM, ERROR_NO_OFFSET, "no memory for tokens");
	status = add_all(tokens, text, path, reterr);
	if (status != STATUS_OK) {
		tokens_free(tokens);
		return status;
	}
	*ret_tokens = tokens;
	return STATUS_OK;
}

void
tokens_free(struct tokens *tokens)
{
	free(tokens);
}

const char *
tokens_find(const struct tokens *tokens, struct str token)
{
	unsigned char digest[SHA256_DIGEST_LENGTH];
	const char *found = NULL;

	(void)SHA256((const unsigned char *)token.p, token.len, digest);
	/* All of them, whichever it is. */
	for (unsigned i = 0; i < tokens->n; i++) {
		if (CRYPTO_memcmp(digest, tokens->v[i].digest, sizeof(digest)) == 0)
			found = tokens->v[i].name;
	}
	return found;
}
