/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * All is numbers of 32 bits.  A posting begins with its docid, which is not 0; anything else with 0:
 *
 *	docid   wdf   how many positions   these
 *	0   CALL_LENGTH   docid   length
 *	0   CALL_BEGIN    documents   occurrences, two numbers   bytes of the term   these, filled up with zeros
 *	0   CALL_START or CALL_FINISH
 */
#include "glass/relay.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/process.h"
#include "glass/btree.h"
#include "glass/poslist.h"

enum {
	BUFFERS = 3,
	FULL = 64 * 1024, /* numbers: a buffer is sent when it has so many... */
	HEAD = 8,
	LONGEST = HEAD + (int)POSLIST_MOST, /* ...and nothing that is told has more */
	NUMBERS = FULL + LONGEST
};

_Static_assert((int)BTREE_KEY_BYTES <= (int)POSLIST_MOST, "a term is no longer than positions are");

enum call { CALL_START, CALL_LENGTH, CALL_BEGIN, CALL_FINISH, CALLS };

/* Which buffer, and how much is in it. */
struct message {
	uint32_t buffer;
	uint32_t n;
};

struct relay {
	uint32_t *shared; /* BUFFERS times NUMBERS; what is never used takes no memory */
	int fds[2]; /* of the process that tells, and of the one that listens; -1 where it is closed */
	const struct tee *tee;
	/* of the process that tells */
	uint32_t buffer; /* the one that is filled */
	uint32_t n;
	unsigned pending; /* that were sent and are not through */
};

enum status
relay_new(struct relay **ret_relay, struct error *reterr)
{
	const size_t bytes = (size_t)BUFFERS * NUMBERS * sizeof(uint32_t);
	struct relay *relay = calloc(1, sizeof(*relay));
	void *shared;

	if (relay == NULL)
		return error_no_memory(reterr);
	relay->fds[0] = relay->fds[1] = -1;
	shared = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (shared == MAP_FAILED) {
		enum status status = error_errno(reterr, STATUS_NOMEM, errno, "cannot share memory with a process");

		relay_free(relay);
		return status;
	}
	relay->shared = shared;
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, relay->fds) != 0) {
		enum status status = error_errno(reterr, STATUS_IO, errno, "cannot start a process");

		relay_free(relay);
		return status;
	}
	*ret_relay = relay;
	return STATUS_OK;
}

static void
close_end(struct relay *relay, unsigned end)
{
	if (relay->fds[end] >= 0)
		(void)close(relay->fds[end]);
	relay->fds[end] = -1;
}

void
relay_free(struct relay *relay)
{
	if (relay == NULL)
		return;
	close_end(relay, 0);
	close_end(relay, 1);
	if (relay->shared != NULL)
		(void)munmap(relay->shared, (size_t)BUFFERS * NUMBERS * sizeof(uint32_t));
	free(relay);
}

/* ---- Telling --------------------------------------------------------------------------------- */

static enum status
is_gone(struct error *reterr)
{
	return error_set(reterr, STATUS_CANCELLED, ERROR_NO_OFFSET, "a child process ended without an answer");
}

/* Sends the buffer, and waits until the next one is free. */
static enum status
send_buffer(struct relay *relay, struct error *reterr)
{
	struct message message = { relay->buffer, relay->n };
	char through;

	if (!process_send(relay->fds[0], &message, sizeof(message)))
		return is_gone(reterr);
	relay->buffer = (relay->buffer + 1) % BUFFERS;
	relay->n = 0;
	if (++relay->pending < BUFFERS)
		return STATUS_OK;
	relay->pending--;
	return process_receive(relay->fds[0], &through, sizeof(through)) ? STATUS_OK : is_gone(reterr);
}

/* Where the next numbers go, of which there are at most LONGEST. */
static uint32_t *
next_place(const struct relay *relay)
{
	return relay->shared + (size_t)relay->buffer * NUMBERS + relay->n;
}

/* So many were put there. */
static inline enum status
have_put(struct relay *relay, size_t n, struct error *reterr)
{
	relay->n += (uint32_t)n;
	return relay->n >= FULL ? send_buffer(relay, reterr) : STATUS_OK;
}

static enum status
tell_start(void *arg, struct error *reterr)
{
	struct relay *relay = arg;

	memcpy(next_place(relay), (const uint32_t[]) { 0, CALL_START }, 2 * sizeof(uint32_t));
	return have_put(relay, 2, reterr);
}

static enum status
tell_length(void *arg, uint32_t docid, uint32_t length, struct error *reterr)
{
	struct relay *relay = arg;

	memcpy(next_place(relay), (const uint32_t[]) { 0, CALL_LENGTH, docid, length }, 4 * sizeof(uint32_t));
	return have_put(relay, 4, reterr);
}

static enum tee_wish
ask_wish(void *arg, struct str term)
{
	const struct relay *relay = arg;

	return relay->tee->wish_cb(relay->tee->arg, term);
}

static size_t
numbers_of(size_t bytes)
{
	return (bytes + sizeof(uint32_t) - 1) / sizeof(uint32_t);
}

static enum status
tell_begin(void *arg, struct str term, uint32_t documents, uint64_t occurrences, struct error *reterr)
{
	struct relay *relay = arg;
	uint32_t *to = next_place(relay);
	size_t n = numbers_of(term.len);

	memcpy(to,
	    (const uint32_t[]) {
		0, CALL_BEGIN, documents, (uint32_t)occurrences, (uint32_t)(occurrences >> 32), (uint32_t)term.len },
	    6 * sizeof(uint32_t));
	to[6 + n - 1] = 0;
	memcpy(to + 6, term.p, term.len);
	return have_put(relay, 6 + n, reterr);
}

static enum status
tell_posting(void *arg, uint32_t docid, uint32_t wdf, const uint32_t *positions, size_t n, struct error *reterr)
{
	struct relay *relay = arg;
	uint32_t *to = next_place(relay);

	to[0] = docid;
	to[1] = wdf;
	to[2] = (uint32_t)n;
	for (size_t i = 0; i < n; i++)
		to[3 + i] = positions[i];
	return have_put(relay, 3 + n, reterr);
}

static enum status
tell_finish(void *arg, struct error *reterr)
{
	struct relay *relay = arg;

	memcpy(next_place(relay), (const uint32_t[]) { 0, CALL_FINISH }, 2 * sizeof(uint32_t));
	relay->n += 2;
	return send_buffer(relay, reterr);
}

void
relay_tell(struct relay *relay, const struct tee *tee, struct tee *ret_tee)
{
	close_end(relay, 1);
	relay->tee = tee;
	*ret_tee = (struct tee) { relay, tell_start, tell_length, ask_wish, tell_begin, tell_posting, tell_finish };
}

/* ---- Listening ------------------------------------------------------------------------------- */

/* Each makes the call of the numbers at *at, and moves it behind them. */
static enum status
pass_start(const struct tee *tee, const uint32_t **at, struct error *reterr)
{
	*at += 2;
	return tee->start_cb(tee->arg, reterr);
}

static enum status
pass_length(const struct tee *tee, const uint32_t **at, struct error *reterr)
{
	const uint32_t *numbers = *at;

	*at += 4;
	return tee->length_cb(tee->arg, numbers[2], numbers[3], reterr);
}

static enum status
pass_begin(const struct tee *tee, const uint32_t **at, struct error *reterr)
{
	const uint32_t *numbers = *at;
	struct str term = { (const char *)(numbers + 6), numbers[5] };

	*at += 6 + numbers_of(term.len);
	return tee->begin_cb(tee->arg, term, numbers[2], (uint64_t)numbers[4] << 32 | numbers[3], reterr);
}

static enum status
pass_finish(const struct tee *tee, const uint32_t **at, struct error *reterr)
{
	*at += 2;
	return tee->finish_cb(tee->arg, reterr);
}

/* *ret_last: it was CALL_FINISH. */
static enum status
pass_buffer(const struct tee *tee, const uint32_t *numbers, const uint32_t *end, bool *ret_last, struct error *reterr)
{
	static enum status (*const calls[CALLS])(
	    const struct tee *tee, const uint32_t **at, struct error *reterr) = { [CALL_START] = pass_start,
		[CALL_LENGTH] = pass_length,
		[CALL_BEGIN] = pass_begin,
		[CALL_FINISH] = pass_finish };
	enum status status = STATUS_OK;

	while (status == STATUS_OK && numbers < end) {
		if (numbers[0] == 0) {
			*ret_last = numbers[1] == CALL_FINISH;
			status = calls[numbers[1]](tee, &numbers, reterr);
			continue;
		}
		status = tee->add_cb(tee->arg, numbers[0], numbers[1], numbers + 3, numbers[2], reterr);
		numbers += 3 + numbers[2];
	}
	return status;
}

enum status
relay_listen(struct relay *relay, const struct tee *tee, struct error *reterr)
{
	const char through = 0;
	bool last = false;
	struct message message;
	enum status status = STATUS_OK;

	close_end(relay, 0);
	/* Who has told everything need not wait until it is through: that nobody takes the answer is no failure. */
	while (status == STATUS_OK && !last) {
		const uint32_t *numbers;

		if (!process_receive(relay->fds[1], &message, sizeof(message)))
			return is_gone(reterr);
		numbers = relay->shared + (size_t)message.buffer * NUMBERS;
		status = pass_buffer(tee, numbers, numbers + message.n, &last, reterr);
		if (status == STATUS_OK)
			(void)process_send(relay->fds[1], &through, sizeof(through));
	}
	return status;
}
