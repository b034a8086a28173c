/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "stemmer/stem.h"

#include <libstemmer.h>
#include <limits.h>
#include <stdlib.h>

struct stemmer {
	struct sb_stemmer *snowball;
};

enum status
stemmer_new(struct stemmer **ret_stemmer)
{
	struct stemmer *stemmer = calloc(1, sizeof(*stemmer));

	if (stemmer == NULL)
		return STATUS_NOMEM;
	stemmer->snowball = sb_stemmer_new("french", "UTF_8");
	if (stemmer->snowball == NULL) {
		free(stemmer);
		return STATUS_NOMEM;
	}
	*ret_stemmer = stemmer;
	return STATUS_OK;
}

void
stemmer_free(struct stemmer *stemmer)
{
	if (stemmer == NULL)
		return;
	sb_stemmer_delete(stemmer->snowball);
	free(stemmer);
}

enum status
stemmer_stem(struct stemmer *stemmer, struct str word, struct str *ret_stem)
{
	const sb_symbol *stem;
	int len;

	if (word.len > INT_MAX)
		return STATUS_LIMIT;
	stem = sb_stemmer_stem(stemmer->snowball, (const sb_symbol *)word.p, (int)word.len);
	if (stem == NULL)
		return STATUS_NOMEM;
	len = sb_stemmer_length(stemmer->snowball);
	*ret_stem = len > 0 ? (struct str) { (const char *)stem, (size_t)len } : word;
	return STATUS_OK;
}
