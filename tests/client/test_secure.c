/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * libvoisin over TLS, against servers that are not whom they say, break off, or send what is no TLS: each ends in a
 * documented failure within the timeout, with no descriptor left behind (and, under ASan, no memory).
 */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "client/voisin.h"
#include "tests/base/own_process.h"
#include "tests/client/fake_server.h"
#include "tests/client/tls_server.h"

#define PONG "{\"version\":\"0.1.0\",\"protocol\":1}"
#define HOSTS "DNS:localhost,IP:127.0.0.1"

enum {
	MORE_THAN_ALL = 10000 /* bytes of a handshake */,
	TIMEOUT_MS = 400,
	PATIENT_MS = 20000,
	SLACK_MS = 5000,
	DAY_S = 24 * 60 * 60
};

static const int versions[] = { TLS1_2_VERSION, TLS1_3_VERSION };

/* ---- Whom to trust, and what the server does: known to its process, which is forked from this one ---- */

static char trusted[64];
static struct tls_identity authority, stranger, right;

static struct {
	const struct tls_identity *who;
	int version;
	void (*speak)(SSL *ssl, int fd, int number); /* after the handshake */
	size_t bytes; /* of the handshake that are sent */
	bool stands_still; /* behind them, instead of hanging up */
	int told; /* a pipe's end, for who waits for the server */
} plan;

static int
setup(void **state)
{
	static const struct tls_claim signs = { .to_s = DAY_S, .signs = true };
	static const struct tls_claim serves = { .names = HOSTS, .to_s = DAY_S };
	const char *tmp = getenv("TMPDIR");
	int fd;

	(void)state;
	(void)snprintf(trusted, sizeof(trusted), "%.40s/voisin-ca-XXXXXX", tmp != NULL ? tmp : "/tmp");
	fd = mkstemp(trusted);
	if (fd < 0)
		return -1;
	(void)close(fd);
	authority = tls_identity_make(&signs, NULL);
	stranger = tls_identity_make(&signs, NULL);
	right = tls_identity_make(&serves, &authority);
	tls_identity_write(&authority, trusted);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	tls_identity_done(&authority);
	tls_identity_done(&stranger);
	tls_identity_done(&right);
	return unlink(trusted);
}

static void
send_text(SSL *ssl, const char *text)
{
	tls_send(ssl, text, strlen(text));
}

static void
pong(SSL *ssl, long long id)
{
	char line[128];

	(void)snprintf(line, sizeof(line), "{\"jsonrpc\":\"2.0\",\"id\":%lld,\"result\":" PONG "}\n", id);
	send_text(ssl, line);
}

static void
speak_right(SSL *ssl, int fd, int number)
{
	long long id;

	(void)fd;
	(void)number;
	while ((id = tls_read_request(ssl)) >= 0)
		pong(ssl, id);
}

/* Shakes hands, and goes on as planned. */
static void
serve(int fd, int number)
{
	SSL *ssl = tls_server_new(plan.who, plan.version);

	(void)SSL_set_fd(ssl, fd);
	if (SSL_accept(ssl) == 1)
		plan.speak(ssl, fd, number);
	SSL_free(ssl);
}

static enum voisin_status
open_at(const char *address, int timeout_ms, struct voisin **ret_voisin, struct voisin_error *reterr)
{
	const struct voisin_security security = { .ca_file = trusted };
	char server[80];

	(void)snprintf(server, sizeof(server), "tls:%s", address);
	return voisin_open_secure(server, &security, timeout_ms, ret_voisin, reterr);
}

/* Opens and pings; the first failure.  It must come within the timeout, and leave nothing open. */
static enum voisin_status
ask(const char *address, int timeout_ms, struct voisin_error *reterr)
{
	int before = count_descriptors();
	int64_t begin = clock_mono_ms();
	struct voisin *voisin = NULL;
	struct voisin_pong ping;
	enum voisin_status status = open_at(address, timeout_ms, &voisin, reterr);

	if (status == VOISIN_OK)
		status = voisin_ping(voisin, &ping, reterr);
	voisin_close(voisin);
	/* Opening and asking have a timeout each, and asking may connect anew. */
	assert_true(clock_mono_ms() - begin < 2 * timeout_ms + SLACK_MS);
	assert_int_equal(count_descriptors(), before);
	return status;
}

/* ---- Right servers ---- */

static void
test_right(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(versions) / sizeof(versions[0]); i++) {
		struct fake_server server;
		struct voisin *voisin;
		struct voisin_pong ping;
		struct voisin_error error;

		plan.who = &right;
		plan.version = versions[i];
		plan.speak = speak_right;
		fake_server_start(&server, serve);
		assert_int_equal(open_at(server.address, PATIENT_MS, &voisin, &error), VOISIN_OK);
		for (int n = 0; n < 3; n++)
			assert_int_equal(voisin_ping(voisin, &ping, &error), VOISIN_OK);
		voisin_close(voisin);
		fake_server_stop(&server);
	}
}

/* ---- Certificates ---- */

static void
test_certificates(void **state)
{
	static const struct {
		const char *name;
		struct tls_claim claim;
		const struct tls_identity *issuer; /* NULL: itself */
		const char *why; /* NULL: it is taken */
	} rows[] = {
		{ "right", { HOSTS, 0, DAY_S, NULL, false }, &authority, NULL },
		{ "right, for servers", { HOSTS, 0, DAY_S, "serverAuth", false }, &authority, NULL },
		{ "of another authority", { HOSTS, 0, DAY_S, NULL, false }, &stranger, "issuer" },
		{ "of itself", { HOSTS, 0, DAY_S, NULL, false }, NULL, "self-signed" },
		{ "expired", { HOSTS, -2 * DAY_S, -DAY_S, NULL, false }, &authority, "expired" },
		{ "not valid yet", { HOSTS, DAY_S, 2 * DAY_S, NULL, false }, &authority, "not yet valid" },
		{ "of another address", { "DNS:localhost,IP:127.0.0.2", 0, DAY_S, NULL, false }, &authority,
		    "mismatch" },
		{ "of a name like the address", { "DNS:127.0.0.1", 0, DAY_S, NULL, false }, &authority, "mismatch" },
		{ "of nobody", { NULL, 0, DAY_S, NULL, false }, &authority, "mismatch" },
		{ "for clients", { HOSTS, 0, DAY_S, "clientAuth", false }, &authority, "purpose" },
		{ "of one that may not sign", { HOSTS, 0, DAY_S, NULL, false }, &right, "issuer" },
	};

	(void)state;
	plan.speak = speak_right;
	for (size_t i = 0; i < 2 * sizeof(rows) / sizeof(rows[0]); i++) {
		const char *why = rows[i / 2].why;
		struct tls_identity shown = tls_identity_make(&rows[i / 2].claim, rows[i / 2].issuer);
		struct fake_server server;
		struct voisin_error error;
		enum voisin_status status;

		plan.who = &shown;
		plan.version = versions[i % 2];
		fake_server_start(&server, serve);
		status = ask(server.address, PATIENT_MS, &error);
		if (status != (why == NULL ? VOISIN_OK : VOISIN_IO) ||
		    (why != NULL && strstr(error.message, why) == NULL))
			fail_msg("%s: %s: %s", rows[i / 2].name, voisin_status_name(status), error.message);
		fake_server_stop(&server);
		tls_identity_done(&shown);
	}
}

static void
test_name_of_the_host(void **state)
{
	static const char *const names[] = { "DNS:localhost", "DNS:*.localhost", "DNS:other.example" };

	(void)state;
	plan.version = TLS1_3_VERSION;
	plan.speak = speak_right;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		const struct tls_claim claim = { .names = names[i], .to_s = DAY_S };
		struct tls_identity shown = tls_identity_make(&claim, &authority);
		struct fake_server server;
		struct voisin_error error;
		char address[64];

		plan.who = &shown;
		fake_server_start(&server, serve);
		(void)snprintf(address, sizeof(address), "localhost:%s", strchr(server.address, ':') + 1);
		assert_int_equal(ask(address, PATIENT_MS, &error), i == 0 ? VOISIN_OK : VOISIN_IO);
		fake_server_stop(&server);
		tls_identity_done(&shown);
	}
}

/* ---- Handshakes that come to nothing ---- */

/* Sends what of the handshake may be sent; true where all that there is now was. */
static bool
flush_some(int fd, BIO *out, size_t *sent)
{
	char bytes[512];
	size_t left = plan.bytes - *sent;
	int n;

	while (left > 0 && (n = BIO_read(out, bytes, left < sizeof(bytes) ? (int)left : (int)sizeof(bytes))) > 0) {
		fake_send(fd, bytes, (size_t)n);
		*sent += (size_t)n;
		left -= (size_t)n;
	}
	return BIO_ctrl_pending(out) == 0;
}

static void
serve_some(int fd, int number)
{
	SSL *ssl = tls_server_new(plan.who, plan.version);
	BIO *in = BIO_new(BIO_s_mem()), *out = BIO_new(BIO_s_mem());
	char bytes[4096];
	size_t sent = 0;
	ssize_t n;
	bool done, all;

	(void)number;
	SSL_set_bio(ssl, in, out);
	for (;;) {
		done = SSL_accept(ssl) == 1;
		all = flush_some(fd, out, &sent);
		if (done || !all || (n = recv(fd, bytes, sizeof(bytes), 0)) <= 0)
			break;
		(void)BIO_write(in, bytes, (int)n);
	}
	if (plan.stands_still || (done && all))
		fake_wait(fd);
	SSL_free(ssl);
}

/* Of the server's part of the handshake the first n bytes are sent, for more and more n, until that is all of it. */
static void
test_handshake_cut(void **state)
{
	struct voisin_error error = { .message = "" };

	(void)state;
	plan.who = &right;
	plan.stands_still = false;
	for (size_t i = 0; i < sizeof(versions) / sizeof(versions[0]); i++) {
		enum voisin_status status = VOISIN_IO;
		struct voisin *voisin = NULL;

		plan.version = versions[i];
		for (plan.bytes = 0; status == VOISIN_IO && plan.bytes < MORE_THAN_ALL;
		     plan.bytes += 1 + plan.bytes % 7) {
			struct fake_server server;
			int before = count_descriptors();

			fake_server_start(&server, serve_some);
			status = open_at(server.address, PATIENT_MS, &voisin, &error);
			fake_server_stop(&server);
			if (status == VOISIN_OK)
				break;
			assert_int_equal(count_descriptors(), before);
			assert_non_null(strstr(error.message, "no TLS with 127.0.0.1: the server hung up"));
		}
		assert_int_equal(status, VOISIN_OK);
		assert_true(plan.bytes > 500);
		voisin_close(voisin);
	}
}

static void
test_handshake_that_stands_still(void **state)
{
	static const size_t some[] = { 0, 3, 5, 60, 200, 450 };

	(void)state;
	plan.who = &right;
	plan.stands_still = true;
	for (size_t i = 0; i < sizeof(some) / sizeof(some[0]); i++) {
		struct fake_server server;
		struct voisin_error error;
		int64_t begin = clock_mono_ms();

		plan.version = versions[i % 2];
		plan.bytes = some[i];
		fake_server_start(&server, serve_some);
		assert_int_equal(ask(server.address, TIMEOUT_MS, &error), VOISIN_TIMEOUT);
		assert_true(clock_mono_ms() - begin >= TIMEOUT_MS);
		fake_server_stop(&server);
	}
}

/* A server that has nothing to show, or speaks an older version than is taken. */
static void
test_no_common_ground(void **state)
{
	(void)state;
	plan.speak = speak_right;
	for (int i = 0; i < 2; i++) {
		struct fake_server server;
		struct voisin_error error;

		plan.who = i == 0 ? NULL : &right;
		plan.version = i == 0 ? TLS1_3_VERSION : TLS1_1_VERSION;
		fake_server_start(&server, serve);
		assert_int_equal(ask(server.address, PATIENT_MS, &error), VOISIN_IO);
		assert_non_null(strstr(error.message, "no TLS with 127.0.0.1"));
		fake_server_stop(&server);
	}
}

/* ---- Plain where TLS is wanted, and the reverse ---- */

static void
serve_plain(int fd, int number)
{
	static const char *const greetings[] = { "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":" PONG "}\n",
		"HTTP/1.1 400 Bad Request\r\n\r\n", "SSH-2.0-x\r\n", "\n", "\x15\x03\x01\x00\x02\x02\x28",
		"\x16\x03\x03\x00\x05\x0e\xff\xff\xff\xff", "" };

	if ((size_t)number < sizeof(greetings) / sizeof(greetings[0]))
		fake_send(fd, greetings[number], number == 4 ? 7 : number == 5 ? 10 : strlen(greetings[number]));
}

static void
test_plain_server(void **state)
{
	struct fake_server server;
	struct voisin_error error;

	(void)state;
	fake_server_start(&server, serve_plain);
	for (int i = 0; i < 7; i++) {
		assert_int_equal(ask(server.address, PATIENT_MS, &error), VOISIN_IO);
		assert_non_null(strstr(error.message, "no TLS with 127.0.0.1"));
	}
	fake_server_stop(&server);
}

static void
test_plain_client(void **state)
{
	struct fake_server server;
	struct voisin *voisin;
	struct voisin_pong ping;
	struct voisin_error error;
	enum voisin_status status;

	(void)state;
	plan.who = &right;
	plan.version = TLS1_3_VERSION;
	plan.speak = speak_right;
	fake_server_start(&server, serve);
	assert_int_equal(voisin_open(server.address, PATIENT_MS, &voisin, &error), VOISIN_OK);
	status = voisin_ping(voisin, &ping, &error);
	assert_true(status == VOISIN_IO || status == VOISIN_PROTOCOL);
	voisin_close(voisin);
	fake_server_stop(&server);
}

/* ---- After the handshake: the connection breaks, and the next one is right ---- */

static void
speak_half(SSL *ssl, int fd, int number)
{
	if (number > 0) {
		speak_right(ssl, fd, number);
		return;
	}
	(void)tls_read_request(ssl);
	send_text(ssl, "{\"jsonrpc\":\"2.0\",\"id\":1,\"res");
}

/* With the alert that says so. */
static void
speak_half_and_close(SSL *ssl, int fd, int number)
{
	speak_half(ssl, fd, number);
	(void)SSL_shutdown(ssl);
}

static void
speak_half_and_reset(SSL *ssl, int fd, int number)
{
	static const struct linger at_once = { .l_onoff = 1 };

	speak_half(ssl, fd, number);
	(void)setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
}

/* Bytes that are no records, or records that nobody can have made. */
static void
speak_garbage(SSL *ssl, int fd, int number)
{
	static const struct {
		const char *bytes;
		size_t len;
	} rows[] = { { "garbage and nothing but garbage, some more of it", 48 }, { "\x17\x03\x03\xff\xff", 5 },
		{ "\x63\x03\x03\x00\x01\x00", 6 }, { "\x17\x03\x03\x00\x14xxxxxxxxxxxxxxxxxxxx", 25 },
		{ "\x15\x03\x03\x00\x02\x02\x28", 7 }, { "\x17\x03\x03\x00\x00", 5 },
		{ "\x16\x03\x03\x00\x04\x00\x00\x00\x00", 9 }, { "\x14\x03\x03\x00\x01\x01", 6 },
		{ "\x17\x02\x00\x00\x14xxxxxxxxxxxxxxxxxxxx", 25 } };

	if (number == 0) {
		(void)tls_read_request(ssl);
		fake_send(fd, rows[plan.bytes].bytes, rows[plan.bytes].len);
	} else
		speak_right(ssl, fd, number);
}

/* One failure, then the same handle is answered. */
static void
check_broken_once(void (*speak)(SSL *ssl, int fd, int number), int version)
{
	struct fake_server server;
	struct voisin *voisin;
	struct voisin_pong ping;
	struct voisin_error error = { .message = "" };
	enum voisin_status status;

	plan.who = &right;
	plan.version = version;
	plan.speak = speak;
	fake_server_start(&server, serve);
	assert_int_equal(open_at(server.address, PATIENT_MS, &voisin, &error), VOISIN_OK);
	status = voisin_ping(voisin, &ping, &error);
	if (status != VOISIN_IO && status != VOISIN_PROTOCOL)
		fail_msg("%s: %s", voisin_status_name(status), error.message);
	assert_int_equal(voisin_ping(voisin, &ping, &error), VOISIN_OK);
	voisin_close(voisin);
	fake_server_stop(&server);
}

static void
test_broken_after_the_handshake(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(versions) / sizeof(versions[0]); i++) {
		check_broken_once(speak_half, versions[i]);
		check_broken_once(speak_half_and_close, versions[i]);
		check_broken_once(speak_half_and_reset, versions[i]);
		for (plan.bytes = 0; plan.bytes < 9; plan.bytes++)
			check_broken_once(speak_garbage, versions[i]);
	}
}

/* Answers one request and hangs up, without a word; then it tells, so that the next request is written to nobody. */
static void
speak_once(SSL *ssl, int fd, int number)
{
	static const struct linger at_once = { .l_onoff = 1 };

	if (number > 0) {
		speak_right(ssl, fd, number);
		return;
	}
	pong(ssl, tls_read_request(ssl));
	(void)shutdown(fd, SHUT_WR);
	(void)setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
	/* The last descriptor of it: fake_server_start() closes this number again, which is nobody's then. */
	(void)close(fd);
	(void)!write(plan.told, "x", 1);
}

/* The end and then a reset: the client's next write gives EPIPE, and would raise SIGPIPE. */
static void
test_no_signal(void **state)
{
	struct fake_server server;
	struct voisin *voisin;
	struct voisin_pong ping;
	struct voisin_error error;
	int told[2];
	char byte;

	(void)state;
	for (size_t i = 0; i < sizeof(versions) / sizeof(versions[0]); i++) {
		assert_int_equal(pipe(told), 0);
		plan.who = &right;
		plan.version = versions[i];
		plan.speak = speak_once;
		plan.told = told[1];
		fake_server_start(&server, serve);
		assert_int_equal(open_at(server.address, PATIENT_MS, &voisin, &error), VOISIN_OK);
		assert_int_equal(voisin_ping(voisin, &ping, &error), VOISIN_OK);
		assert_int_equal(read(told[0], &byte, 1), 1);
		assert_int_equal(voisin_ping(voisin, &ping, &error), VOISIN_OK);
		voisin_close(voisin);
		fake_server_stop(&server);
		(void)close(told[0]);
		(void)close(told[1]);
	}
}

/* ---- What keeps a client busy and never answers ---- */

static void
speak_tickets(SSL *ssl, int fd, int number)
{
	(void)fd;
	(void)number;
	while (SSL_new_session_ticket(ssl) == 1 && SSL_do_handshake(ssl) == 1)
		continue;
}

static void
speak_keys(SSL *ssl, int fd, int number)
{
	(void)fd;
	(void)number;
	while (SSL_key_update(ssl, SSL_KEY_UPDATE_NOT_REQUESTED) == 1 && SSL_do_handshake(ssl) == 1)
		continue;
}

/* One renegotiation after the other is asked for (RFC 5246, 7.4.1.1). */
static void
speak_renegotiation(SSL *ssl, int fd, int number)
{
	(void)fd;
	(void)number;
	for (int n = 0; n < 100000 && SSL_renegotiate(ssl) == 1 && SSL_do_handshake(ssl) == 1; n++)
		continue;
	fake_wait(fd);
}

static void
speak_blanks(SSL *ssl, int fd, int number)
{
	(void)fd;
	(void)number;
	while (SSL_write(ssl, " ", 1) == 1)
		continue;
}

static void
test_kept_busy(void **state)
{
	static const struct {
		void (*speak)(SSL *ssl, int fd, int number);
		int version;
	} rows[] = { { speak_tickets, TLS1_3_VERSION }, { speak_keys, TLS1_3_VERSION },
		{ speak_renegotiation, TLS1_2_VERSION }, { speak_blanks, TLS1_2_VERSION },
		{ speak_blanks, TLS1_3_VERSION } };

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct fake_server server;
		struct voisin_error error;
		enum voisin_status status;

		plan.who = &right;
		plan.version = rows[i].version;
		plan.speak = rows[i].speak;
		fake_server_start(&server, serve);
		status = ask(server.address, TIMEOUT_MS, &error);
		if (status != VOISIN_TIMEOUT && status != VOISIN_IO && status != VOISIN_PROTOCOL)
			fail_msg("%zu: %s", i, voisin_status_name(status));
		fake_server_stop(&server);
	}
}

/* ---- Any bytes ---- */

#define HIT                                                                                                         \
	"{\"id\":\"000\",\"title\":\"L'\xC3\xA9t\xC3\xA9\",\"date\":\"2016-12-15\",\"source\":\"a\",\"url\":\"u\"," \
	"\"score\":7.5,\"distance\":2,\"passages\":[{\"zone\":\"text\",\"offset\":14,\"cut_before\":true,"          \
	"\"cut_after\":false,\"segments\":[{\"text\":\"d'\",\"mark\":false},{\"text\":\"Alep\",\"mark\":true}]}]}"
#define REPLY                                                                                                    \
	"{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{\"understood\":\"alep\",\"total\":{\"value\":1,\"relation\":" \
	"\"eq\"},"                                                                                               \
	"\"hits\":[" HIT "],\"generation\":\"gen-000001.3\",\"ms\":0.5}}\n"

enum { REPLIES = 300, SEED = 20161207 };

static uint32_t
draw(uint64_t *state, uint32_t n)
{
	*state = *state * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)(*state >> 33) % n;
}

/* A right reply in which some bytes are others, are gone, or stand twice; in records of any length. */
static void
speak_any(SSL *ssl, int fd, int number)
{
	uint64_t chance = SEED + (uint64_t)number;
	char bytes[2 * sizeof(REPLY)] = REPLY;
	size_t len = sizeof(REPLY) - 1, sent = 0;

	(void)fd;
	(void)tls_read_request(ssl);
	for (uint32_t i = draw(&chance, 6); i > 0; i--) {
		size_t at = draw(&chance, (uint32_t)len), n = 1 + draw(&chance, 8);

		n = n < len - at ? n : len - at;
		switch (draw(&chance, 3)) {
		case 0: bytes[at] = (char)draw(&chance, 256); break;
		case 1: memmove(bytes + at, bytes + at + n, len - at - n), len -= n; break;
		default:
			if (len + n <= sizeof(bytes))
				memmove(bytes + at + n, bytes + at, len - at), len += n;
		}
	}
	while (sent < len) {
		size_t n = 1 + draw(&chance, 400);

		n = n < len - sent ? n : len - sent;
		tls_send(ssl, bytes + sent, n);
		sent += n;
	}
	if (draw(&chance, 2) == 0)
		(void)SSL_shutdown(ssl);
}

static void
test_any_bytes(void **state)
{
	unsigned counts[VOISIN_PROTOCOL + 1] = { 0 };
	struct fake_server server;
	int before;

	(void)state;
	plan.who = &right;
	plan.version = TLS1_3_VERSION;
	plan.speak = speak_any;
	fake_server_start(&server, serve);
	before = count_descriptors();
	for (int i = 0; i < REPLIES; i++) {
		struct voisin *voisin;
		struct voisin_search search;
		struct voisin_result *result = NULL;
		struct voisin_error error;
		enum voisin_status status;

		assert_int_equal(open_at(server.address, PATIENT_MS, &voisin, &error), VOISIN_OK);
		voisin_search_init(&search, "alep");
		status = voisin_search(voisin, &search, &result, &error);
		assert_in_range(status, VOISIN_OK, VOISIN_PROTOCOL);
		counts[status]++;
		voisin_result_free(result);
		voisin_close(voisin);
	}
	assert_int_equal(count_descriptors(), before);
	fake_server_stop(&server);
	print_message("%u answered, %u broken off, %u no answer\n", counts[VOISIN_OK], counts[VOISIN_IO],
	    counts[VOISIN_PROTOCOL]);
	assert_int_equal(counts[VOISIN_OK] + counts[VOISIN_IO] + counts[VOISIN_PROTOCOL], REPLIES);
	assert_true(counts[VOISIN_OK] > 0 && counts[VOISIN_IO] > 0 && counts[VOISIN_PROTOCOL] > 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_right),
		cmocka_unit_test(test_certificates),
		cmocka_unit_test(test_name_of_the_host),
		cmocka_unit_test(test_handshake_cut),
		cmocka_unit_test(test_handshake_that_stands_still),
		cmocka_unit_test(test_no_common_ground),
		cmocka_unit_test(test_plain_server),
		cmocka_unit_test(test_plain_client),
		cmocka_unit_test(test_broken_after_the_handshake),
		cmocka_unit_test(test_no_signal),
		cmocka_unit_test(test_kept_busy),
		cmocka_unit_test(test_any_bytes),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
