/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * bounds: the limits that are in force in this process.
 *
 * base/limits.h has what every bound is when nobody says otherwise.  A program may set those of this table, once at its
 * start or when it is told to, from the least to the ceiling; whoever holds to a bound asks for it here.  A refusal names
 * the bound and this value.
 *
 *	if (words->leaves.n == bound_get(BOUND_QUERY_WORDS))
 */
#ifndef VOISIN_BASE_BOUNDS_H
#define VOISIN_BASE_BOUNDS_H

#include <stdint.h>

#include "base/i18n.h"
#include "base/limits.h"
#include "base/status.h"

/* code, name in replies (in options with - for _), least, usual, ceiling, help */
#define BOUNDS_TABLE(XX)                                                                                              \
	XX(REQUEST_BYTES, "request_bytes", 1024, LIMIT_REQUEST_BYTES, LIMIT_REQUEST_BYTES,                            \
	    N_("bytes of a request line"))                                                                            \
	XX(REPLY_BYTES, "reply_bytes", 131072, LIMIT_REPLY_BYTES, LIMIT_REPLY_BYTES, N_("bytes of a reply line"))     \
	XX(JSON_DEPTH, "json_depth", 4, LIMIT_JSON_DEPTH, LIMIT_JSON_DEPTH, N_("nesting of a request's JSON"))        \
	XX(JSON_KEYS, "json_keys", 16, LIMIT_JSON_KEYS, LIMIT_JSON_KEYS, N_("keys in one of its objects"))            \
	XX(QUERY_BYTES, "query_bytes", 16, LIMIT_QUERY_BYTES, LIMIT_QUERY_BYTES, N_("bytes of a query"))              \
	XX(QUERY_WORDS, "query_words", 1, LIMIT_QUERY_WORDS, LIMIT_QUERY_WORDS, N_("words of a query, as typed"))     \
	XX(QUERY_TERMS, "query_terms", 1, LIMIT_QUERY_TERMS, 1024,                                                    \
	    N_("terms of a query, prefixes and names expanded"))                                                      \
	XX(QUERY_DEPTH, "query_depth", 1, LIMIT_QUERY_DEPTH, LIMIT_QUERY_DEPTH, N_("nesting of a query"))             \
	XX(QUERY_PHRASES, "query_phrases", 0, LIMIT_QUERY_PHRASES, 64, N_("phrases of a query"))                      \
	XX(PHRASE_WORDS, "phrase_words", 1, LIMIT_PHRASE_WORDS, LIMIT_QUERY_WORDS, N_("words of a phrase"))           \
	XX(DISTANCE, "distance", 10, LIMIT_DISTANCE, 200, N_("n of NEAR/n and ADJ/n"))                                \
	XX(PREFIXES, "prefixes", 0, LIMIT_PREFIXES, 16, N_("words with * in a query"))                                \
	XX(PREFIX_LETTERS_MIN, "prefix_letters_min", 1, LIMIT_PREFIX_LETTERS_MIN, 16, N_("least letters before a *")) \
	XX(PREFIX_EXPANSION, "prefix_expansion", 1, LIMIT_PREFIX_EXPANSION, 1000,                                     \
	    N_("words that a prefix may stand for"))                                                                  \
	XX(HITS, "hits", 10, LIMIT_HITS, LIMIT_HITS, N_("hits in a reply"))                                           \
	XX(IDS, "ids", 10, LIMIT_IDS, LIMIT_IDS, N_("ids in a reply that has nothing else"))                          \
	XX(WINDOW, "window", 10, LIMIT_WINDOW, LIMIT_WINDOW, N_("offset + limit of a search"))                        \
	XX(MATCH_STEPS, "match_steps", 1000, LIMIT_MATCH_STEPS, 1000000000, N_("of the matcher in one document"))     \
	XX(IN_FLIGHT, "in_flight", 1, LIMIT_IN_FLIGHT, 256, N_("requests of one connection under way"))               \
	XX(OUTPUT_LOW_BYTES, "output_low_bytes", 1024, LIMIT_OUTPUT_LOW_BYTES, 1048576,                               \
	    N_("a client that owes more is not read from"))                                                           \
	XX(OUTPUT_TOTAL_BYTES, "output_total_bytes", 2097152, LIMIT_OUTPUT_TOTAL_BYTES, 1073741824,                   \
	    N_("replies waiting in all connections"))

enum bound {
#define XX(code, name, least, usual, ceiling, help) BOUND_##code,
	BOUNDS_TABLE(XX)
#undef XX
};

enum { BOUND_COUNT = BOUND_OUTPUT_TOTAL_BYTES + 1 };

struct bound_range {
	const char *name;
	uint32_t least;
	uint32_t usual;
	uint32_t ceiling;
	const char *help; /* to be translated */
};

/* Static. */
const struct bound_range *bound_range(enum bound bound);

/* The value in force: the usual one, until bound_set(). */
uint32_t bound_get(enum bound bound);

/* STATUS_LIMIT where `value` is out of its range; nothing is changed then. */
enum status bound_set(enum bound bound, uint32_t value) MUST_CHECK;

#endif
