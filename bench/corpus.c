/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "bench/corpus.h"

#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

struct corpus {
	FILE *file;
	char *path;
	char *line; /* getline()'s */
	size_t line_size;
	size_t number; /* of the line, from 1 */
	json_t *object; /* holds the strings of the last document */
};

enum status
corpus_open(const char *path, struct corpus **ret_corpus, struct error *reterr)
{
	struct corpus *corpus = calloc(1, sizeof(*corpus));

	if (corpus == NULL)
		return error_set(reterr, STATUS_NOMEM, ERROR_NO_OFFSET, "out of memory for the corpus");
	corpus->path = strdup(path);
	corpus->file = fopen(path, "re");
	if (corpus->path == NULL || corpus->file == NULL) {
		int errnum = errno;

		corpus_close(corpus);
		return error_errno(reterr, STATUS_IO, errnum, "cannot open %s", path);
	}
	*ret_corpus = corpus;
	return STATUS_OK;
}

void
corpus_close(struct corpus *corpus)
{
	if (corpus == NULL)
		return;
	if (corpus->file != NULL)
		fclose(corpus->file);
	json_decref(corpus->object);
	free(corpus->line);
	free(corpus->path);
	free(corpus);
}

/* The string member `key`, empty where there is none. */
static struct str
member(const struct corpus *corpus, const char *key)
{
	const json_t *value = json_object_get(corpus->object, key);

	return (struct str) { json_is_string(value) ? json_string_value(value) : "", json_string_length(value) };
}

enum status
corpus_next(struct corpus *corpus, struct corpus_document *ret_document, struct error *reterr)
{
	struct corpus_document document;
	ssize_t len = getline(&corpus->line, &corpus->line_size, corpus->file);
	json_error_t error;

	if (len < 0 && ferror(corpus->file))
		return error_errno(reterr, STATUS_IO, errno, "cannot read %s", corpus->path);
	if (len < 0)
		return STATUS_END;
	corpus->number++;
	json_decref(corpus->object);
	corpus->object = json_loadb(corpus->line, (size_t)len, JSON_ALLOW_NUL, &error);
	if (corpus->object == NULL)
		return error_set(reterr, STATUS_INVALID, ERROR_NO_OFFSET, "%s, line %zu: no JSON: %s", corpus->path,
		    corpus->number, error.text);
	document = (struct corpus_document) { member(corpus, "id"), member(corpus, "title"), member(corpus, "text") };
	if (document.id.len == 0 || document.text.len == 0)
		return error_set(reterr, STATUS_INVALID, ERROR_NO_OFFSET,
		    "%s, line %zu: want an object with the strings id and text", corpus->path, corpus->number);
	*ret_document = document;
	return STATUS_OK;
}
