/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "store/touched.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "glass/pack.h"

enum { WORD_BITS = 64 };

void
touched_done(struct touched *touched)
{
	free(touched->words);
	*touched = (struct touched) { 0 };
}

/* The set of nothing, of a file with documents up to `last`. */
static enum status
make_empty(struct touched *touched, uint32_t last, struct error *reterr)
{
	*touched = (struct touched) { .last = last, .n_words = last / WORD_BITS + 1 };
	touched->words = calloc(touched->n_words, sizeof(*touched->words));
	if (touched->words == NULL)
		return error_set(reterr, STATUS_NOMEM, ERROR_NO_OFFSET, "out of memory");
	return STATUS_OK;
}

/* ---- Noting ---------------------------------------------------------------------------------- */

static void
give_up(struct touched *touched)
{
	free(touched->words);
	*touched = (struct touched) { .last = touched->last, .all = true };
}

bool
touched_has(const struct touched *touched, uint32_t docid)
{
	if (touched->all || docid > touched->last)
		return true;
	return (touched->words[docid / WORD_BITS] >> docid % WORD_BITS & 1) != 0;
}

bool
touched_note(struct touched *touched, uint32_t docid)
{
	if (touched->last == 0 || touched_has(touched, docid))
		return false;
	touched->words[docid / WORD_BITS] |= (uint64_t)1 << docid % WORD_BITS;
	touched->n_set++;
	if (touched->n_set > LIMIT_TOUCHED_LEAST && touched->n_set > touched->last / LIMIT_TOUCHED_SHARE)
		give_up(touched);
	return true;
}

/* ---- On disk --------------------------------------------------------------------------------- */

static enum status
is_damaged(struct error *reterr)
{
	return error_set(reterr, STATUS_CORRUPT, ERROR_NO_OFFSET,
	    "the index is damaged: what it says of changed documents contradicts itself; rebuild it with voisin-index "
	    "--full");
}

/* Takes a decimal number above 0 from the front of *rest. */
static bool
take_number(struct str *rest, uint32_t *ret_number)
{
	uint64_t number = 0;
	size_t n = 0;

	for (; n < rest->len && rest->p[n] >= '0' && rest->p[n] <= '9' && number <= UINT32_MAX; n++)
		number = number * 10 + (uint64_t)(rest->p[n] - '0');
	*rest = (struct str) { rest->p + n, rest->len - n };
	*ret_number = (uint32_t)number;
	return number > 0 && number <= UINT32_MAX;
}

/* The gaps from docid to docid, as many as there are. */
static bool
read_gaps(struct touched *touched, struct str bytes)
{
	struct unpack from = { (const unsigned char *)bytes.p, (const unsigned char *)bytes.p + bytes.len };
	uint64_t docid = 0;
	uint64_t gap;

	while (from.p < from.end) {
		if (!unpack_uint(&from, &gap) || gap == 0 || gap > touched->last - docid)
			return false;
		docid += gap;
		touched->words[docid / WORD_BITS] |= (uint64_t)1 << docid % WORD_BITS;
		touched->n_set++;
	}
	return true;
}

enum status
touched_read(struct touched *touched, struct str value, struct error *reterr)
{
	struct touched found = { 0 };
	uint32_t last = 0;
	enum status status = STATUS_OK;

	if (value.len > 0 && !take_number(&value, &last))
		return is_damaged(reterr);
	if (str_eq(value, STR(" all")))
		found = (struct touched) { .last = last, .all = true };
	else if (last > 0)
		status = make_empty(&found, last, reterr);
	if (status != STATUS_OK)
		return status;
	if (value.len > 0 && !found.all &&
	    (value.p[0] != '\n' || !read_gaps(&found, (struct str) { value.p + 1, value.len - 1 }))) {
		touched_done(&found);
		return is_damaged(reterr);
	}
	touched_done(touched);
	*touched = found;
	return STATUS_OK;
}

static void
write_gaps(const struct touched *touched, struct buf *out)
{
	unsigned char bytes[PACK_UINT_BYTES];
	uint32_t before = 0;

	(void)buf_append_char(out, '\n');
	for (uint32_t i = 0; i < touched->n_words; i++)
		for (uint64_t bits = touched->words[i]; bits != 0; bits &= bits - 1) {
			uint32_t docid = i * WORD_BITS + (uint32_t)__builtin_ctzll(bits);

			(void)buf_append(out, bytes, (size_t)(pack_uint(bytes, docid - before) - bytes));
			before = docid;
		}
}

enum status
touched_write(struct touched *touched, struct buf *out, struct error *reterr)
{
	struct buf gaps;
	enum status status;

	buf_init(&gaps, LIMIT_TOUCHED_BYTES);
	if (touched->n_set > 0)
		write_gaps(touched, &gaps);
	status = buf_status(&gaps);
	if (status == STATUS_LIMIT)
		give_up(touched);
	if (status != STATUS_NOMEM) {
		(void)buf_printf(out, "%" PRIu32 "%s", touched->last, touched->all ? " all" : "");
		status = touched->all ? buf_status(out) : buf_append_str(out, buf_str(&gaps));
	}
	buf_done(&gaps);
	if (status != STATUS_OK)
		return error_set(reterr, status, ERROR_NO_OFFSET, "%s", status_text(status));
	return STATUS_OK;
}
