/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * limits: every bound on what comes from outside, in one place.
 *
 * Those of a request can be set where voisind starts: bounds.h has the ranges.  docs/limits.md has a row for each, with the
 * test that tries it; check_limits fails where one is missing.
 * Reaching one is STATUS_LIMIT with the limit's name and value in the message.  The figures come
 * from measurements on Xapian 1.4.22: 128 frequent words are about 0.2 s on 24,000 documents, eight
 * two-word phrases of stop words 0.1 s, an uncapped one-letter prefix 0.2 s.
 */
#ifndef VOISIN_BASE_LIMITS_H
#define VOISIN_BASE_LIMITS_H

enum {
	/* protocol */
	LIMIT_REQUEST_BYTES = 64 * 1024, /* one line, without its newline */
	LIMIT_REPLY_BYTES = 1024 * 1024, /* one line */
	LIMIT_JSON_DEPTH = 16,
	LIMIT_JSON_KEYS = 32, /* in one object */
	LIMIT_REQUEST_ID_BYTES = 1024,

	/* query language */
	LIMIT_QUERY_BYTES = 4096,
	LIMIT_QUERY_WORDS = 64, /* typed */
	LIMIT_QUERY_TERMS = 256, /* distinct, prefixes expanded */
	LIMIT_QUERY_DEPTH = 16,
	LIMIT_QUERY_PHRASES = 16,
	LIMIT_PHRASE_WORDS = 32,
	LIMIT_DISTANCE = 50, /* n of NEAR/n and ADJ/n */
	LIMIT_PREFIXES = 4,
	LIMIT_PREFIX_LETTERS_MIN = 3,
	LIMIT_PREFIX_EXPANSION = 200,
	LIMIT_MATCHER_BYTES = 64 * 1024 * 1024, /* of cursors in an inverted file, for one match */
	LIMIT_MATCHER_DEPTH = 64, /* of operators in each other */
	LIMIT_MATCH_STEPS = 4 * 1000 * 1000, /* of the interval matcher, per document */

	/* results */
	LIMIT_HITS = 100, /* in one reply */
	LIMIT_IDS = 1000, /* in one reply that carries ids alone */
	LIMIT_WINDOW = 10000, /* offset + limit */
	LIMIT_REPRINTS = 1000, /* documents that are looked at as reprints of one, or for one page */
	LIMIT_REPRINT_BLOCKS = 1000, /* of six words, in which copied passages are looked for */
	LIMIT_SNIPPET_BYTES = 64 * 1024, /* of a passage in the hit of an alert */

	/* configuration files */
	LIMIT_CONFIG_BYTES = 1024 * 1024,
	LIMIT_CONFIG_LINE_BYTES = 8 * 1024, /* without its newline */
	LIMIT_CONFIG_NAME_BYTES = 64, /* of a section, what stands behind its name, a key */
	LIMIT_CONFIG_SECTIONS = 1000,
	LIMIT_CONFIG_VALUES = 10 * 1000,

	/* the job */
	LIMIT_PATTERN_BYTES = 1024, /* of exclude */
	LIMIT_CHECK_S = 60 * 60, /* of processor time: Xapian's check of an index */
	LIMIT_ALERT_IDS = 500, /* new documents that a query is held against at a time */
	LIMIT_ALERT_BYTES = 16 * 1024 * 1024, /* of the hits of one message or command */
	LIMIT_ALERT_SECONDS = 60, /* that sendmail or a command may take */
	LIMIT_ALERT_MEMORY = 1024 * 1024 * 1024, /* bytes that it may have */
	LIMIT_ALERT_WORDS = 32, /* of a command */
	LIMIT_WATCH_MS = 24 * 60 * 60 * 1000, /* quiet and longest */

	/* daemon */
	LIMIT_CONNECTIONS = 256,
	LIMIT_CONNECTIONS_PER_ADDRESS = 64,
	LIMIT_OUTPUT_TOTAL_BYTES = 64 * 1024 * 1024,
	LIMIT_OUTPUT_LOW_BYTES = 64 * 1024, /* a client owing more than this is not read from */
	LIMIT_IN_FLIGHT = 16, /* requests of one connection; further ones wait in the socket */
	LIMIT_QUEUE = 64,
	LIMIT_IDLE_MS = 60 * 1000,
	LIMIT_REQUEST_MS = 5 * 1000,
	LIMIT_WRITE_MS = 10 * 1000,
	LIMIT_DRAIN_MS = 5 * 1000,
	LIMIT_SOFT_DEADLINE_MS = 500,
	LIMIT_HARD_DEADLINE_MS = 1000,
	LIMIT_WORKERS = 2,
	LIMIT_BUSY_POLL_US = 1000,
	LIMIT_WORKER_BYTES = 256 * 1024 * 1024,
	LIMIT_CACHE_BYTES = 16 * 1024 * 1024, /* of replies, in one worker */
	LIMIT_WORKER_STACK_BYTES = 8 * 1024 * 1024,

	/* documents */
	LIMIT_DOCUMENT_BYTES = 16 * 1024 * 1024,
	LIMIT_DOCUMENT_WORDS = 2 * 1000 * 1000,
	LIMIT_TITLE_BYTES = 4096,
	LIMIT_ID_BYTES = 200,
	LIMIT_TERM_BYTES = 200, /* with prefix; Xapian itself refuses 246 and doubles NUL bytes */
	LIMIT_BUILD_BYTES = 192 * 1024 * 1024, /* of postings in memory, of all processes of a full build */
	LIMIT_BUILD_PROCESSES = 8,
	LIMIT_BUILD_RUNS = 512, /* parts of a full build that are merged at a time */
	LIMIT_KNOWN_RECORDS = 4 * 1000 * 1000, /* of files of many, that an update can pass over without reading */
	LIMIT_TOUCHED_SHARE = 8, /* past an eighth of its documents changed, a full build is said to be due */
	LIMIT_TOUCHED_LEAST = 1000, /* but these may be, however few it has */
	LIMIT_TOUCHED_BYTES = 4 * 1024 * 1024, /* of what an index says of them */
	/* of an inverted file: a bit for each, and what stands before the bits, fit into that */
	LIMIT_FILE_DOCUMENTS = 8 * (LIMIT_TOUCHED_BYTES - 64),
	LIMIT_LAYERS = 32, /* inverted files of one index, that of the full build among them */
	LIMIT_LAYER_BYTES = 64 * 1024 * 1024, /* of postings in memory, of what a run puts between two commits */
	LIMIT_DICTIONARY_BYTES = 256 * 1024, /* with which the stored texts of an index are packed */
	LIMIT_ASIDE_SPANS = 512, /* parts of a text that are shown but not read */
	LIMIT_WORD_BYTES = 64, /* of a token's normalised form; longer ones are cut at a character */

	/* sources */
	LIMIT_SOURCE_BYTES = 32 * 1024 * 1024, /* of a page, message or record, before its text is taken out */
	LIMIT_SOURCE_RATIO = 200, /* of a packed file, once it has given LIMIT_SOURCE_FREE_BYTES */
	LIMIT_SOURCE_FREE_BYTES = 256 * 1024 * 1024,
	LIMIT_SOURCE_HOLES = 128, /* times what a file takes on the disk, past LIMIT_SOURCE_FREE_BYTES */
	LIMIT_SOURCE_NODES = 2 * 1000 * 1000, /* elements and pieces of text of a page */
	LIMIT_SOURCE_DEPTH = 256, /* of elements in each other */
	LIMIT_MAIL_DEPTH = 16, /* of parts in each other */
	LIMIT_MAIL_PARTS = 256,
	LIMIT_HEADER_BYTES = 64 * 1024, /* of a message, a record or a reply in one */
	LIMIT_FILTERS = 32,
	LIMIT_FILTER_WORDS = 32, /* of one command */
	LIMIT_FILTER_MS = 60 * 1000,
	LIMIT_FILTER_BYTES = 1024 * 1024 * 1024 /* of memory of a command */
};

#endif
