/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * request: one line from a client, checked to the last parameter.
 *
 * request_parse() is the whole of what the daemon believes about a line: after STATUS_OK every value
 * is of its type and within its bounds, defaults are filled in, and nothing unknown was there.
 *
 *	{"jsonrpc":"2.0","id":1,"method":"search","params":{"q":"cessez-le-feu NEAR Alep","limit":10}}
 */
#ifndef VOISIN_PROTOCOL_REQUEST_H
#define VOISIN_PROTOCOL_REQUEST_H

#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/error.h"
#include "base/i18n.h"
#include "protocol/protocol.h"

enum { REQUEST_LIMIT_DEFAULT = 10, REQUEST_PASSAGES_DEFAULT = 2, REQUEST_PASSAGES_MAX = 10 };
enum { REQUEST_MATCHES_MAX = 1000, REQUEST_CURSOR_BYTES = 1024 };
enum { REQUEST_TEXT_BYTES_DEFAULT = 256 * 1024, REQUEST_TEXT_BYTES_MAX = 512 * 1024 };

enum { REQUEST_REPRINTS_DEFAULT = 20, REQUEST_REPRINTS_MAX = 100 };
enum { REQUEST_TOKEN_BYTES = 256 };
enum { REQUEST_SUGGEST_DEFAULT = 8, REQUEST_SUGGEST_MAX = 20 };

enum request_operator { REQUEST_AND, REQUEST_OR };
enum request_accents { REQUEST_ACCENTS_TYPED, REQUEST_ACCENTS_LOOSE, REQUEST_ACCENTS_STRICT };
enum request_sort { REQUEST_SORT_RELEVANCE, REQUEST_SORT_DATE, REQUEST_SORT_CLOSENESS };

/* Also the parameters of explain, which reads q to boilerplate alone. */
struct request_search {
	struct str q;
	enum request_operator op; /* "operator": between words that stand side by side */
	enum request_accents accents;
	bool no_variants; /* "variants":false: names stand for themselves alone */
	bool boilerplate; /* lines that are set aside match too */
	enum request_sort sort;
	uint32_t limit; /* 0 to LIMIT_HITS; to LIMIT_IDS with ids_only */
	uint32_t offset; /* offset + limit <= LIMIT_WINDOW */
	bool has_cursor; /* walk over all hits */
	struct str cursor; /* empty at first */
	bool ids_only; /* "detail":"id" */
	bool exact_total; /* "total":"exact" */
	bool fold; /* of reprints only the first is shown; see request_folds() */
	uint32_t passages;
	uint32_t matches;
};

struct request_document {
	struct str id; /* 1 to LIMIT_ID_BYTES */
	uint64_t offset; /* bytes of text */
	uint32_t length;
};

struct request_reprints {
	struct str id; /* 1 to LIMIT_ID_BYTES */
	uint32_t limit; /* documents that are listed, of either kind */
	uint32_t offset; /* of the first reprint */
};

struct request {
	struct str id; /* JSON text, to be sent back as it is: an integer, a string or null */
	enum method method;
	bool has_lang;
	enum language lang; /* of messages, where has_lang */
	struct request_search search; /* METHOD_SEARCH, METHOD_EXPLAIN; METHOD_SUGGEST: q and limit */
	struct request_document document; /* METHOD_DOCUMENT */
	struct request_reprints reprints; /* METHOD_REPRINTS */
	struct str token; /* METHOD_AUTH */
};

/* Fills in a request of `method` with the defaults of docs/protocol.md, and id "null". */
void request_init(struct request *request, enum method method);

/*
 * Parses one line, without its newline.  Strings of *ret_request live in `arena`.  A line that names its
 * language makes it that of all messages (i18n_use()), this call's refusals among them, until the caller
 * chooses another.
 *
 * On failure *ret_rpc_code is the JSON-RPC code to answer with and ret_request->id is what the error
 * reply must carry: the id where it could be read, "null" else; the rest of *ret_request is not
 * meaningful.  STATUS_INVALID or STATUS_NOT_FOUND (no such method): reterr says what is wrong.
 * STATUS_LIMIT: a bound of the line itself (bytes, depth, keys).  STATUS_NOMEM: the arena is full.
 */
enum status request_parse(struct arena *arena, struct str line, struct request *ret_request, struct error *reterr,
    int *ret_rpc_code) MUST_CHECK;

/*
 * Appends the line, newline included, that request_parse() reads as *request.  Parameters that have
 * their default are left out.  The status is the buffer's: STATUS_LIMIT where it is full.
 */
enum status request_write(struct buf *out, const struct request *request) MUST_CHECK;

/* Whether a search that does not say "fold" is folded: a page of hits is, ids, counts and walks are not. */
static inline bool
request_folds(const struct request_search *search)
{
	return !search->ids_only && !search->has_cursor && search->limit > 0;
}

/* Wire names, for both directions.  Static; NULL past the end, so that a list can be walked. */
const char *request_operator_name(unsigned op);
const char *request_accents_name(unsigned accents);
const char *request_sort_name(unsigned sort);

#endif
