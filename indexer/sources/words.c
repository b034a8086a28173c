/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "indexer/sources/words.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n';
}

/* Copies the word at *from to *to, NUL-terminated, and moves both behind it.  False for an open quote. */
static bool
take_word(const char **from, char **to)
{
	char quote = '\0';
	const char *p = *from;
	char *out = *to;

	for (; *p != '\0' && (quote != '\0' || !is_blank(*p)); p++) {
		if (quote == '\0' && (*p == '\'' || *p == '"'))
			quote = *p;
		else if (*p == quote)
			quote = '\0';
		else if (*p == '\\' && quote != '\'' && p[1] != '\0')
			*out++ = *++p;
		else
			*out++ = *p;
	}
	*out++ = '\0';
	*from = p;
	*to = out;
	return quote == '\0';
}

enum status
words_split(const char *command, char ***ret_words, struct error *reterr)
{
	size_t head = (LIMIT_FILTER_WORDS + 1) * sizeof(char *);
	char **words = malloc(head + strlen(command) + LIMIT_FILTER_WORDS + 1);
	char *to = (char *)words + head;
	size_t n = 0;

	if (words == NULL)
		return error_set(reterr, STATUS_NOMEM, ERROR_NO_OFFSET, "out of memory");
	for (;;) {
		const char *from = command;

		while (is_blank(*from))
			from++;
		if (*from == '\0')
			break;
		if (n == LIMIT_FILTER_WORDS) {
			free(words);
			return error_set(reterr, STATUS_LIMIT, ERROR_NO_OFFSET,
			    "a command has more than %d words (LIMIT_FILTER_WORDS)", LIMIT_FILTER_WORDS);
		}
		words[n++] = to;
		if (!take_word(&from, &to)) {
			free(words);
			return error_set(
			    reterr, STATUS_INVALID, ERROR_NO_OFFSET, "a quote is not closed in: %.80s", command);
		}
		command = from;
	}
	words[n] = NULL;
	if (n == 0 || words[0][0] == '\0') {
		free(words);
		return error_set(reterr, STATUS_INVALID, ERROR_NO_OFFSET, "there is no command");
	}
	*ret_words = words;
	return STATUS_OK;
}
