/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * status: how a call ended.
 *
 * One table gives the code, the name that goes over the wire and into logs, and a text for people.
 * Codes name meanings, not places; INTERNAL is the only catch-all, and to see it is a bug report.
 */
#ifndef VOISIN_BASE_STATUS_H
#define VOISIN_BASE_STATUS_H

#define STATUS_TABLE(XX)                                        \
	XX(OK, "ok", "no error")                                \
	XX(END, "end", "no more items")                         \
	XX(NOMEM, "nomem", "out of memory")                     \
	XX(INVALID, "invalid", "invalid input")                 \
	XX(NOT_FOUND, "not_found", "not found")                 \
	XX(BUSY, "busy", "in use by another process")           \
	XX(STALE, "stale", "the index changed during the call") \
	XX(CORRUPT, "corrupt", "the index is damaged")          \
	XX(VERSION, "version", "made by another version")       \
	XX(IO, "io", "input or output failed")                  \
	XX(LIMIT, "limit", "a limit was reached")               \
	XX(TIMEOUT, "timeout", "the time allowed ran out")      \
	XX(CANCELLED, "cancelled", "cancelled")                 \
	XX(DENIED, "denied", "not permitted")                   \
	XX(INTERNAL, "internal", "internal error, please report")

enum status {
#define XX(code, name, text) STATUS_##code,
	STATUS_TABLE(XX)
#undef XX
};

/* Marks a function whose status must be looked at. */
#define MUST_CHECK __attribute__((warn_unused_result))

/* The wire name of a status ("not_found"); "internal" for a number that is none.  Static. */
const char *status_name(enum status status);

/* One short sentence for people, in the language of messages, without a full stop.  Static. */
const char *status_text(enum status status);

#endif
