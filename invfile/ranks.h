/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ranks: where the positions of a list that is being written are among those of one that was written, its host.
 *
 * The list of a surface form is a part of its stem's: most positions of the form in a document are all that the stem has there, so that their
 * ranks take few bits or none.  Whether it is so is found out here, posting by posting.  Lists and dictionary are read back from the
 * two files that they are being written to, as far as these were there when the first host was looked for.
 */
#ifndef VOISIN_INVFILE_RANKS_H
#define VOISIN_INVFILE_RANKS_H

#include "invfile/cursor.h"
#include "invfile/dictionary.h"
#include "invfile/output.h"

struct ranks {
	/* What was written, mapped; nothing yet where lists is NULL: */
	const unsigned char *lists; /* the file from its first byte on */
	uint64_t lists_off; /* where in it lists begin */
	size_t lists_end; /* of those that are mapped, with the bytes that reads may reach into */
	const unsigned char *terms;
	size_t terms_bytes;
	uint64_t n_groups;
	size_t touched; /* bytes of hosts since pages were given back */
	uint32_t last_docid;
	/* The host of the list at hand, where there is one: */
	bool has_host;
	bool is_same; /* so far all postings are the host's too */
	struct dictionary_entry entry;
	uint64_t number;
	struct invfile_term host;
	struct cursor cursor;
	struct cursor_positions positions; /* the host's */
	uint32_t *v;
	size_t capacity;
};

/* All zero is one that has mapped nothing; done unmaps. */
void ranks_done(struct ranks *ranks);

/*
 * Maps what was written, writing what is still in the buffers.  To be called once, before the functions below.  STATUS_IO, STATUS_NOMEM.
 */
enum status ranks_map(struct ranks *ranks, struct output *lists, uint64_t lists_off, struct output *terms,
    const struct dictionary_writer *dictionary, uint32_t last_docid, struct error *reterr) MUST_CHECK;

/*
 * Takes the list of `term` for the host of the list that begins, of so many documents.  *ret_found is false where there is no such list, or none that
 * could be.  STATUS_CORRUPT: what was written cannot be read.
 */
enum status ranks_begin(struct ranks *ranks, const struct dictionary_writer *dictionary, struct str term,
    uint32_t documents, bool *ret_found, struct error *reterr) MUST_CHECK;

/* The list at hand has no host. */
void ranks_end(struct ranks *ranks);

/*
 * The ranks of n positions in a document, borrowed until the next call; NULL where the host does not have them all.  Documents ascend.
 * STATUS_NOMEM, STATUS_CORRUPT.
 */
enum status ranks_find(struct ranks *ranks, uint32_t docid, uint32_t wdf, const uint32_t *positions, uint32_t n,
    const uint32_t **ret_ranks, struct error *reterr) MUST_CHECK;

#endif
