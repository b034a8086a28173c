/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * fuzz_reply: any line from a server, read as the result of each method.
 */
#include <stdint.h>
#include <stdlib.h>

#include "client/decode.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The line read anew, for decoders take a reply over; false where it is no result. */
static bool
read_result(struct str line, struct reply *ret_reply)
{
	if (reply_read(line, ret_reply, NULL) != STATUS_OK)
		return false;
	if (ret_reply->result != NULL)
		return true;
	reply_done(ret_reply);
	return false;
}

static void
decode_as_result(struct str line, bool ids_only, bool walk, unsigned matches)
{
	struct voisin_search search;
	struct voisin_result *result;
	struct reply reply;
	const char *bad;

	voisin_search_init(&search, "");
	search.limit = VOISIN_PAGE_HITS;
	search.ids_only = ids_only;
	search.cursor = walk ? "" : NULL;
	search.matches = matches;
	if (!read_result(line, &reply) || decode_result(&reply, &search, &result, &bad) != VOISIN_OK)
		return;
	for (size_t i = 0; i < result->n_hits; i++)
		free(voisin_hit_json(&result->hits[i]));
	voisin_result_free(result);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str line = { (const char *)data, size };
	struct voisin_explanation *explanation;
	struct voisin_document *document;
	struct voisin_pong pong;
	struct reply reply;
	const char *bad;

	decode_as_result(line, false, false, 10);
	decode_as_result(line, true, true, 0);
	if (read_result(line, &reply) && decode_explanation(&reply, &explanation, &bad) == VOISIN_OK)
		voisin_explanation_free(explanation);
	if (read_result(line, &reply) && decode_document(&reply, &document, &bad) == VOISIN_OK)
		voisin_document_free(document);
	if (read_result(line, &reply))
		(void)decode_pong(&reply, &pong, &bad);
	return 0;
}
