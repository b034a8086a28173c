/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * libvoisin: ask a Voisin daemon from C.  Blocking, one request at a time, every wait bounded.
 *
 *	struct voisin *voisin;
 *	struct voisin_search search;
 *	struct voisin_result *result;
 *	struct voisin_error error;
 *
 *	if (voisin_open(NULL, 0, &voisin, &error) != VOISIN_OK)
 *		errx(2, "%s", error.message);
 *	voisin_search_init(&search, "cessez-le-feu NEAR Alep");
 *	if (voisin_search(voisin, &search, &result, &error) != VOISIN_OK)
 *		errx(2, "%s", error.message);
 *	for (size_t i = 0; i < result->n_hits; i++)
 *		puts(result->hits[i].title.p);
 *	voisin_result_free(result);
 *	voisin_close(voisin);
 *
 * Calls answer VOISIN_OK or a failure, and fill *reterr (which may be NULL) on failure only; what is
 * returned through ret_x is untouched by a failure.  Iterators also answer VOISIN_END.  The library
 * never prints, exits, sets a signal handler or raises SIGPIPE.  A handle is for one thread at a
 * time; different handles are independent.
 *
 * Whatever a server does, a call ends within its timeout.  What is not a right answer is:
 *
 *	VOISIN_IO        it cannot be reached, or hangs up before the whole answer is there
 *	VOISIN_TIMEOUT   the whole answer did not come in time
 *	VOISIN_PROTOCOL  it sent something else: not JSON, not UTF-8, not asked for, another request's
 *	                 id, a line beyond all bounds, a member missing or of the wrong type
 *	others           the server's own refusal: error.rpc_code is not 0 then
 *
 * After the first three the connection is given up, and the next call makes a new one; a late answer
 * is never taken for that of a later request.
 */
#ifndef VOISIN_H
#define VOISIN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define VOISIN_DEFAULT_SERVER "127.0.0.1:7117"
#define VOISIN_DEFAULT_TIMEOUT_MS 10000

enum voisin_status {
	VOISIN_OK = 0,
	VOISIN_END = 1, /* an iterator has no more */
	VOISIN_NOMEM = 2, /* here, or (rpc_code) at the server */
	VOISIN_INVALID = 3, /* the query is refused, or an argument makes no sense */
	VOISIN_NOT_FOUND = 4, /* no such document */
	VOISIN_BUSY = 5, /* the server has too much to do: see retry_after_ms */
	VOISIN_STALE = 6, /* the index changed under a walk over all hits */
	VOISIN_CORRUPT = 7, /* the index is damaged */
	VOISIN_WRONG_VERSION = 8, /* the index is of another version */
	VOISIN_IO = 9,
	VOISIN_LIMIT = 10, /* the query is refused for a limit that the message names */
	VOISIN_TIMEOUT = 11,
	VOISIN_CANCELLED = 12,
	VOISIN_DENIED = 13, /* the server wants another token, or any */
	VOISIN_INTERNAL = 14, /* a fault of the server's */
	VOISIN_PROTOCOL = 15
};

/* The name of a status, such as "not_found".  Static. */
const char *voisin_status_name(enum voisin_status status);

struct voisin_error {
	enum voisin_status status;
	int rpc_code; /* the server's JSON-RPC code; 0 where the failure arose on this side */
	bool has_place; /* column and offset say where in the query */
	size_t column; /* in characters, from 1 */
	size_t offset; /* in bytes, from 0 */
	unsigned retry_after_ms; /* 0 where the server did not say */
	char message[512]; /* UTF-8, NUL-terminated; may hold any character that the server sent */
};

/* UTF-8.  A NUL stands behind the last byte; U+0000 may also stand inside, if a document holds it. */
struct voisin_str {
	const char *p;
	size_t len;
};

/* --- Connection --- */

struct voisin;

/*
 * Connects to `server`: "unix:PATH", "HOST:PORT" with a name or an IPv4 address, "[IPV6]:PORT", one of
 * these two behind "tls:", or NULL for VOISIN_DEFAULT_SERVER.  `timeout_ms` bounds this call and each later one as a whole; 0 is
 * VOISIN_DEFAULT_TIMEOUT_MS.  Only the system's resolver, asked for a name, keeps its own time.
 * The handle is the caller's: voisin_close().  VOISIN_INVALID: `server` or `timeout_ms` makes no sense.
 */
enum voisin_status voisin_open(
    const char *server, int timeout_ms, struct voisin **ret_voisin, struct voisin_error *reterr);

/* What voisin_open_secure() shows and wants to see.  Zeroed, it is voisin_open(). */
struct voisin_security {
	const char *token; /* the server's secret of this client; NULL: none.  Copied */
	const char *ca_file; /* certificates in PEM that sign the server's; NULL: those of the system */
	bool allow_plain_token; /* send the token without TLS to a machine that is not this one */
};

/*
 * The same with a token, or over TLS ("tls:HOST:PORT") with certificates of one's own.  The server's certificate must be
 * signed by one of those, and be for the host that is named.  VOISIN_DENIED: the server does not know the token.
 * VOISIN_INVALID: the certificates cannot be read, or the token would travel in plain text between machines.
 */
enum voisin_status voisin_open_secure(const char *server, const struct voisin_security *security, int timeout_ms,
    struct voisin **ret_voisin, struct voisin_error *reterr);

/*
 * Has the server write the messages of its refusals in `language`: "en" or "fr".  NULL, the default: in the
 * server's own.  What the library itself reports is in English.  VOISIN_INVALID: another language.
 */
enum voisin_status voisin_set_language(struct voisin *voisin, const char *language, struct voisin_error *reterr);

/* Frees the handle; NULL is accepted.  Results stay valid. */
void voisin_close(struct voisin *voisin);

/* --- Search --- */

enum voisin_accents { VOISIN_ACCENTS_TYPED, VOISIN_ACCENTS_LOOSE, VOISIN_ACCENTS_STRICT };
enum voisin_sort { VOISIN_SORT_RELEVANCE, VOISIN_SORT_DATE, VOISIN_SORT_CLOSENESS };
enum voisin_zone { VOISIN_TITLE, VOISIN_TEXT };

enum {
	VOISIN_SUGGESTIONS = 20,
	VOISIN_REPRINTS = 100,
	VOISIN_PAGE_HITS = 100,
	VOISIN_PAGE_IDS = 1000,
	VOISIN_WINDOW = 10000
};

/* Whether of hits that are reprints of one another only the first is shown: pages of hits are usually folded, ids, counts and walks are not. */
enum voisin_fold { VOISIN_FOLD_USUAL, VOISIN_FOLD_YES, VOISIN_FOLD_NO };

struct voisin_search {
	const char *q; /* borrowed during the call */
	bool any; /* words side by side mean OR */
	enum voisin_accents accents;
	bool no_variants; /* names stand for themselves alone */
	bool boilerplate; /* lines that are set aside, such as "Partager :", match too */
	enum voisin_sort sort;
	unsigned limit; /* 0 to VOISIN_PAGE_HITS, or VOISIN_PAGE_IDS with ids_only */
	unsigned offset; /* offset + limit <= VOISIN_WINDOW */
	bool ids_only; /* hits carry nothing but id and score */
	bool exact_total;
	enum voisin_fold fold;
	unsigned passages; /* 0 to 10 a hit */
	unsigned matches; /* 0 to 1000 a hit */
	const char *cursor; /* NULL; or a walk over all hits: "" at first, then the last result's */
	unsigned page; /* of voisin_walk alone: hits a request, 0 for the most that is allowed */
};

/* Fills in the server's defaults: relevance, 10 hits, 2 passages, no matches. */
void voisin_search_init(struct voisin_search *search, const char *q);

struct voisin_segment {
	struct voisin_str text;
	bool mark; /* a word that takes part in a match */
};

struct voisin_passage {
	enum voisin_zone zone;
	uint64_t offset; /* bytes from the start of the zone */
	bool cut_before; /* the zone goes on before, behind */
	bool cut_after;
	const struct voisin_segment *segments;
	size_t n_segments;
};

struct voisin_span {
	enum voisin_zone zone;
	uint64_t offset; /* bytes from the start of the zone */
	uint64_t length;
};

struct voisin_match {
	uint64_t distance; /* in words */
	const struct voisin_span *spans; /* the words that match, in the order of the query */
	size_t n_spans;
	struct voisin_span sentence;
};

/* Reprints of a document. */
struct voisin_group {
	uint64_t count;
	bool more; /* there may be others */
	const struct voisin_str *ids; /* the first of them */
	size_t n_ids;
};

struct voisin_hit {
	struct voisin_str id;
	double score;
	/* The rest is empty with ids_only. */
	struct voisin_str title;
	struct voisin_str date; /* yyyy-mm-dd, or empty */
	struct voisin_str source;
	struct voisin_str url;
	struct voisin_str author; /* may be empty */
	struct voisin_str dated; /* what the date was taken from: "metadata", "text", "file"; may be empty */
	struct voisin_str language; /* "fr", another code of ISO 639, or empty */
	bool has_distance;
	uint64_t distance; /* the smallest of its matches */
	const struct voisin_passage *passages;
	size_t n_passages;
	const struct voisin_match *matches;
	size_t n_matches;
	uint64_t total_matches; /* with search.matches > 0 */
	bool unlisted; /* it has too many to list: all of the above is of one of each part of the query */
	struct voisin_group reprints; /* hits that are folded under this one */
	const void *json; /* the library's own: voisin_hit_json() */
};

/* A name of the query that was searched for in other spellings too. */
struct voisin_expansion {
	struct voisin_str from; /* as typed */
	const struct voisin_str *to;
	size_t n_to;
};

/* A word of the query for which VOISIN_ACCENTS_LOOSE would find more. */
struct voisin_hint {
	struct voisin_str word;
	const struct voisin_str *loose; /* words of the dictionary, maybe none */
	size_t n_loose;
};

struct voisin_result {
	struct voisin_str understood; /* the query's canonical text */
	const struct voisin_expansion *expanded;
	size_t n_expanded;
	const struct voisin_str *not_expanded; /* names that a limit left alone */
	size_t n_not_expanded;
	const struct voisin_hint *hints;
	size_t n_hints;
	const struct voisin_str *suggestions; /* queries that may have been meant, the likeliest first */
	size_t n_suggestions;
	uint64_t total;
	bool total_exact; /* else an estimate */
	bool has_articles; /* of a folded search with exact_total and a limit of 0 */
	uint64_t articles; /* hits, reprints of one another counted once */
	const struct voisin_hit *hits;
	size_t n_hits;
	bool has_cursor; /* of a walk: more is to come, at `cursor` */
	struct voisin_str cursor;
	struct voisin_str generation; /* of the index that answered */
	double ms; /* that the server took */
};

/* One page of hits.  *ret_result and all it points to are the caller's: voisin_result_free(). */
enum voisin_status voisin_search(struct voisin *voisin, const struct voisin_search *search,
    struct voisin_result **ret_result, struct voisin_error *reterr);

/* NULL is accepted. */
void voisin_result_free(struct voisin_result *result);

/* A hit as the server sent it, one line of JSON.  To be freed with free(); NULL without memory. */
char *voisin_hit_json(const struct voisin_hit *hit);

/*
 * All hits, one after the other.  In the order of the index with search.cursor == "" (every hit,
 * however many); else in the order of search.sort from search.offset on, at most search.limit of
 * them, which may be more than a page: offset + limit <= VOISIN_WINDOW.  Holds one page at a time;
 * where the server says that a page is too large for a reply, the next are smaller.
 */
struct voisin_walk;

/*
 * Sends nothing yet.  *search is copied, its strings too.  The walk is the caller's:
 * voisin_walk_free(), before voisin_close() of the handle, which it borrows.
 */
enum voisin_status voisin_walk_new(struct voisin *voisin, const struct voisin_search *search,
    struct voisin_walk **ret_walk, struct voisin_error *reterr);

/*
 * VOISIN_OK: *ret_hit is the next hit, borrowed until the next call on this walk.  VOISIN_END: there
 * are no more.  VOISIN_STALE: the index changed, and the walk cannot go on; start again.  After END
 * or a failure each further call answers the same.
 */
enum voisin_status voisin_walk_next(
    struct voisin_walk *walk, const struct voisin_hit **ret_hit, struct voisin_error *reterr);

/*
 * The page of the last hit, for what it says of the whole (understood, total, generation); borrowed
 * until the next call on this walk.  NULL before the first voisin_walk_next().
 */
const struct voisin_result *voisin_walk_result(const struct voisin_walk *walk);

/* NULL is accepted. */
void voisin_walk_free(struct voisin_walk *walk);

/* --- Suggestions --- */

struct voisin_completion {
	struct voisin_str q; /* the text with its last word completed, or corrected */
	struct voisin_str word;
	uint64_t documents; /* that hold the word */
};

struct voisin_suggestions {
	const struct voisin_completion *completions; /* the most frequent first */
	size_t n_completions;
	const struct voisin_completion *corrections; /* where the last word is in no document; the likeliest first */
	size_t n_corrections;
	struct voisin_str generation;
	double ms; /* that the server took */
	struct voisin_str json; /* all of this as the server sent it, one line */
};

/*
 * Completes or corrects the last word of a text that is being typed, at most `limit` (20 at most; 0 for
 * the server's default, 8) of each.  *ret_suggestions is the caller's: voisin_suggestions_free().
 */
enum voisin_status voisin_suggest(struct voisin *voisin, const char *text, unsigned limit,
    struct voisin_suggestions **ret_suggestions, struct voisin_error *reterr);

/* NULL is accepted. */
void voisin_suggestions_free(struct voisin_suggestions *suggestions);

/* --- Explain --- */

struct voisin_attribute {
	struct voisin_str name; /* "distance" */
	struct voisin_str value; /* a string as it is, anything else as JSON */
};

struct voisin_node {
	struct voisin_str kind; /* "near", "phrase", "word" */
	const struct voisin_attribute *attributes;
	size_t n_attributes;
	const struct voisin_node *children;
	size_t n_children;
};

struct voisin_explanation {
	struct voisin_str understood;
	struct voisin_node tree;
	struct voisin_str xapian; /* the query that finds the candidates, as Xapian describes it */
	struct voisin_str index; /* in which the words are looked for: "inverted" or "xapian" */
	bool exact; /* it alone decides; else each candidate is checked */
	uint64_t cost; /* postings to be read, estimated */
	struct voisin_str generation;
	struct voisin_str json; /* all of this as the server sent it, one line */
};

/* How a query is understood and would be run; reads q to boilerplate of *search. */
enum voisin_status voisin_explain(struct voisin *voisin, const struct voisin_search *search,
    struct voisin_explanation **ret_explanation, struct voisin_error *reterr);

/* NULL is accepted. */
void voisin_explanation_free(struct voisin_explanation *explanation);

/* --- Documents --- */

struct voisin_document {
	struct voisin_str id;
	struct voisin_str title;
	struct voisin_str date;
	struct voisin_str source;
	struct voisin_str url;
	struct voisin_group reprints; /* in the whole index */
	struct voisin_str author; /* this and the next two as of a hit */
	struct voisin_str dated;
	struct voisin_str language;
	struct voisin_str text; /* a part of it, whole characters */
	uint64_t offset; /* where that part begins, in bytes */
	uint64_t bytes; /* of the whole text */
	bool more; /* text goes on behind this part */
	struct voisin_str generation;
	struct voisin_str json; /* the reply's object without text, offset, bytes and more */
};

/*
 * At most `length` bytes (0 for the server's default, 256 KiB; at most 512 KiB) of a document's text
 * from byte `offset`.  *ret_document is the caller's: voisin_document_free().  VOISIN_NOT_FOUND.
 */
enum voisin_status voisin_document(struct voisin *voisin, const char *id, uint64_t offset, unsigned length,
    struct voisin_document **ret_document, struct voisin_error *reterr);

/* NULL is accepted. */
void voisin_document_free(struct voisin_document *document);

/* --- Reprints --- */

struct voisin_reprint {
	struct voisin_str id;
	struct voisin_str title;
	struct voisin_str date;
	struct voisin_str source;
	struct voisin_str url;
	double likeness; /* 0.5 to 1: how much of the two texts is the same */
};

struct voisin_copied_passage {
	uint64_t words; /* that are the same */
	uint64_t offset; /* in bytes, in the text of the document that was asked about */
	uint64_t length;
	uint64_t other_offset; /* in the other's */
	uint64_t other_length;
	struct voisin_str text; /* at most 1,000 bytes of it */
};

/* A document that has passages of the one that was asked about, and is no reprint of it. */
struct voisin_copy {
	struct voisin_str id;
	struct voisin_str title;
	struct voisin_str date;
	struct voisin_str source;
	struct voisin_str url;
	uint64_t words; /* of all passages */
	double share; /* these, of the words of the document that was asked about */
	const struct voisin_copied_passage *passages; /* at most 20 */
	size_t n_passages;
};

struct voisin_reprints {
	struct voisin_str id; /* of the document that was asked about */
	struct voisin_str title;
	struct voisin_str date;
	struct voisin_str source;
	struct voisin_str url;
	const struct voisin_reprint *reprints; /* the likest first */
	size_t n_reprints;
	uint64_t total; /* reprints, listed or not */
	bool more; /* there may be others still */
	const struct voisin_copy *copies; /* those with the most words first */
	size_t n_copies;
	bool more_copies;
	struct voisin_str generation;
	double ms; /* that the server took */
	struct voisin_str json; /* all of this as the server sent it, one line */
};

/*
 * The reprints of a document from number `offset` on, and other documents that have passages of it: at most
 * `limit` (100 at most; 0 for the server's default, 20) of either.  *ret_reprints is the caller's:
 * voisin_reprints_free().  VOISIN_NOT_FOUND.
 */
enum voisin_status voisin_reprints(struct voisin *voisin, const char *id, unsigned limit, unsigned offset,
    struct voisin_reprints **ret_reprints, struct voisin_error *reterr);

/* NULL is accepted. */
void voisin_reprints_free(struct voisin_reprints *reprints);

/* --- The server itself --- */

/* Its counters and limits, one line of JSON (docs/protocol.md).  To be freed with free(). */
enum voisin_status voisin_stats(struct voisin *voisin, char **ret_json, struct voisin_error *reterr);

struct voisin_pong {
	char version[64];
	int protocol;
};

/* Whether it answers, and what it is. */
enum voisin_status voisin_ping(struct voisin *voisin, struct voisin_pong *ret_pong, struct voisin_error *reterr);

#ifdef __cplusplus
}
#endif

#endif
