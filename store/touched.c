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

enum status
touched_begin(struct touched *touched, uint32_t last, struct error *reterr)
{
	struct touched begun = { .last = last, .n_words = last / WORD_BITS + 1 };

	if (last > LIMIT_FILE_DOCUMENTS)
		return error_set(reterr, STATUS_LIMIT, ERROR_NO_OFFSET,
		    "an inverted file holds at most %d documents (limit file_documents)", LIMIT_FILE_DOCUMENTS);
	begun.words = calloc(begun.n_words, sizeof(*begun.words));
	if (begun.words == NULL)
		return error_set(reterr, STATUS_NOMEM, ERROR_NO_OFFSET, "out of memory");
	touched_done(touched);
	*touched = begun;
	return STATUS_OK;
}

/* ---- Noting ---------------------------------------------------------------------------------- */

bool
touched_has(const struct touched *touched, uint32_t number)
{
	if (number > touched->last)
		return true;
	return (touched->words[number / WORD_BITS] >> number % WORD_BITS & 1) != 0;
}

static void
set_bit(struct touched *touched, uint32_t number)
{
	touched->words[number / WORD_BITS] |= (uint64_t)1 << number % WORD_BITS;
	touched->n_set++;
}

bool
touched_note(struct touched *touched, uint32_t number)
{
	if (touched->last == 0 || touched_has(touched, number))
		return false;
	set_bit(touched, number);
	return true;
}

bool
touched_is_many(const struct touched *touched)
{
	return touched->n_set > LIMIT_TOUCHED_LEAST && touched->n_set > touched->last / LIMIT_TOUCHED_SHARE;
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

/* The gaps from number to number, as many as there are. */
static bool
read_gaps(struct touched *touched, struct str bytes)
{
	struct unpack from = { (const unsigned char *)bytes.p, (const unsigned char *)bytes.p + bytes.len };
	uint64_t number = 0;
	uint64_t gap;

	while (from.p < from.end) {
		if (!unpack_uint(&from, &gap) || gap == 0 || gap > touched->last - number)
			return false;
		number += gap;
		set_bit(touched, (uint32_t)number);
	}
	return true;
}

/* How many bytes the bits of numbers 0 to `last` take. */
static size_t
bytes_of_bits(const struct touched *touched)
{
	return (size_t)touched->last / 8 + 1;
}

/* Bit number % 8 of byte number / 8; of number 0 and past the last there is none. */
static bool
read_bits(struct touched *touched, struct str bytes)
{
	if (bytes.len != bytes_of_bits(touched))
		return false;
	for (size_t i = 0; i < bytes.len; i++)
		for (unsigned bits = (unsigned char)bytes.p[i]; bits != 0; bits &= bits - 1) {
			size_t number = i * 8 + (unsigned)__builtin_ctz(bits);

			if (number == 0 || number > touched->last)
				return false;
			set_bit(touched, (uint32_t)number);
		}
	return true;
}

/* Takes `word` from the front of *rest, where it stands there. */
static bool
take_word(struct str *rest, struct str word)
{
	if (!str_has_prefix(*rest, word))
		return false;
	*rest = (struct str) { rest->p + word.len, rest->len - word.len };
	return true;
}

/* What stands behind the number, in a set that is empty so far. */
static bool
read_set(struct touched *touched, struct str rest)
{
	if (rest.len == 0)
		return true;
	if (take_word(&rest, STR(" bits\n")))
		return read_bits(touched, rest);
	return take_word(&rest, STR("\n")) && read_gaps(touched, rest);
}

/* Takes what stands before the set from the front of *value. */
static bool
take_head(struct str *value, uint32_t *ret_last, bool *ret_lean)
{
	*ret_last = 0;
	if (value->len > 0 && (!take_number(value, ret_last) || *ret_last > LIMIT_FILE_DOCUMENTS))
		return false;
	*ret_lean = take_word(value, STR(" lean"));
	return true;
}

enum status
touched_read_head(struct str value, uint32_t *ret_last, bool *ret_lean, struct error *reterr)
{
	uint32_t last;
	bool lean;

	if (!take_head(&value, &last, &lean))
		return is_damaged(reterr);
	*ret_last = last;
	*ret_lean = lean;
	return STATUS_OK;
}

enum status
touched_read(struct touched *touched, struct str value, struct error *reterr)
{
	struct touched found = { 0 };
	uint32_t last;
	bool lean;

	if (!take_head(&value, &last, &lean))
		return is_damaged(reterr);
	if (last > 0) {
		enum status status = touched_begin(&found, last, reterr);

		if (status != STATUS_OK)
			return status;
	}
	found.lean = lean;
	if (!read_set(&found, value)) {
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
			uint32_t number = i * WORD_BITS + (uint32_t)__builtin_ctzll(bits);

			(void)buf_append(out, bytes, (size_t)(pack_uint(bytes, number - before) - bytes));
			before = number;
		}
}

static void
write_bits(const struct touched *touched, struct buf *out)
{
	(void)buf_append_str(out, STR(" bits\n"));
	for (size_t i = 0; i < bytes_of_bits(touched); i++)
		(void)buf_append_char(out, (char)(touched->words[i / 8] >> i % 8 * 8 & 0xFF));
}

/* The set behind the number, as gaps or, where these would be longer, as bits. */
static enum status
write_set(const struct touched *touched, struct buf *out)
{
	size_t most = sizeof(" bits\n") - 1 + bytes_of_bits(touched);

	if (touched->n_set == 0)
		return STATUS_OK;
	/* Each gap takes a byte at least. */
	if (touched->n_set < most) {
		buf_init(out, most);
		write_gaps(touched, out);
		if (buf_status(out) != STATUS_LIMIT)
			return buf_status(out);
		buf_done(out);
	}
	buf_init(out, LIMIT_TOUCHED_BYTES);
	write_bits(touched, out);
	return buf_status(out);
}

enum status
touched_write(const struct touched *touched, struct buf *out, struct error *reterr)
{
	struct buf set;
	enum status status;

	buf_init(&set, LIMIT_TOUCHED_BYTES);
	status = write_set(touched, &set);
	(void)buf_printf(out, "%" PRIu32 "%s", touched->last, touched->lean ? " lean" : "");
	if (status == STATUS_OK)
		status = buf_append_str(out, buf_str(&set));
	buf_done(&set);
	if (status != STATUS_OK)
		return error_set(reterr, status, ERROR_NO_OFFSET, "%s", status_text(status));
	return STATUS_OK;
}
