/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "reprints/signature.h"

/* No shingle has chosen this bin: the hashes that are compared have fewer bits. */
#define EMPTY UINT64_MAX

/* A number for every bin and attempt; which bin an empty one borrows from depends on nothing else. */
static uint32_t
bin_of(uint64_t hash)
{
	return (uint32_t)(((hash >> 32) * SIGNATURE_MINS) >> 32);
}

static void
find_minima(const struct word_list *words, uint64_t minima[SIGNATURE_MINS])
{
	size_t n = shingle_count(words->n);

	for (unsigned i = 0; i < SIGNATURE_MINS; i++)
		minima[i] = EMPTY;
	for (size_t i = 0; i < n; i++) {
		uint64_t hash = shingle_hash(&words->v[i]);
		uint64_t *minimum = &minima[bin_of(hash)];
		uint64_t rest = hash & UINT32_MAX;

		if (rest < *minimum)
			*minimum = rest;
	}
}

/* At least one bin is not empty, so that this ends. */
static uint64_t
minimum_for(const uint64_t minima[SIGNATURE_MINS], unsigned bin)
{
	unsigned from = bin;

	for (uint64_t attempt = 1; minima[from] == EMPTY; attempt++)
		from = bin_of(hash_mix((uint64_t)bin << 32 | attempt));
	return minima[from];
}

bool
signature_of(const struct word_list *words, struct signature *ret_signature)
{
	uint64_t minima[SIGNATURE_MINS];

	if (words->n < SIGNATURE_WORDS_MIN)
		return false;
	find_minima(words, minima);
	for (unsigned i = 0; i < SIGNATURE_MINS; i++)
		ret_signature->mins[i] = (uint16_t)hash_mix(minimum_for(minima, i));
	return true;
}

uint64_t
signature_band(const struct signature *signature, unsigned band)
{
	uint64_t hash = band + 1;

	for (unsigned i = 0; i < SIGNATURE_ROWS; i++)
		hash = hash_mix(hash << 16 | signature->mins[band * SIGNATURE_ROWS + i]);
	return hash;
}

void
signature_band_text(const struct signature *signature, unsigned band, char ret_text[SIGNATURE_BAND_DIGITS + 1])
{
	static const char digits[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-_";
	uint64_t hash = signature_band(signature, band);

	for (int i = 0; i < SIGNATURE_BAND_DIGITS; i++, hash >>= 6)
		ret_text[i] = digits[hash & 63];
	ret_text[SIGNATURE_BAND_DIGITS] = '\0';
}

double
signature_likeness(const struct signature *a, const struct signature *b)
{
	unsigned equal = 0;

	for (unsigned i = 0; i < SIGNATURE_MINS; i++)
		equal += a->mins[i] == b->mins[i];
	return (double)equal / SIGNATURE_MINS;
}

void
signature_write(const struct signature *signature, char ret_bytes[SIGNATURE_BYTES])
{
	for (unsigned i = 0; i < SIGNATURE_MINS; i++) {
		ret_bytes[2 * i] = (char)(signature->mins[i] & 0xFF);
		ret_bytes[2 * i + 1] = (char)(signature->mins[i] >> 8);
	}
}

bool
signature_read(struct str bytes, struct signature *ret_signature)
{
	if (bytes.len != SIGNATURE_BYTES)
		return false;
	for (unsigned i = 0; i < SIGNATURE_MINS; i++)
		ret_signature->mins[i] =
		    (uint16_t)((unsigned char)bytes.p[2 * i] | (unsigned char)bytes.p[2 * i + 1] << 8);
	return true;
}
