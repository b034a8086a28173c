/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * libvoisin against servers that do wrong: each ends in its documented failure within the timeout,
 * with no descriptor left behind (and, under ASan, no memory), and the handle can be used again.
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
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "client/voisin.h"
#include "tests/base/own_process.h"
#include "tests/client/fake_server.h"

#define PONG "{\"version\":\"0.1.0\",\"protocol\":1}"

/* PATIENCE_MS is for what happens at once, on a machine that may be busy: only calls that are to run out of time have less. */
enum { TIMEOUT_MS = 300, PATIENCE_MS = 20000 };

/* --- Servers that do wrong on their first connection and right on all later ones --- */

static void
serve_right(int fd, int number)
{
	long long id;

	(void)number;
	while (fake_read_request(fd, &id))
		fake_send_result(fd, id, PONG);
}

static void
send_text(int fd, const char *text)
{
	fake_send(fd, text, strlen(text));
}

/* Reads the request, sends `text`, and waits for the client to hang up. */
static void
answer(int fd, const char *text)
{
	long long id;

	(void)fake_read_request(fd, &id);
	send_text(fd, text);
	fake_wait(fd);
}

/* A byte now and then must not renew the time. */
static void
serve_drip(int fd, int number)
{
	static const struct timespec pause = { .tv_nsec = 50 * 1000 * 1000 };
	long long id;

	(void)number;
	(void)fake_read_request(fd, &id);
	while (send(fd, " ", 1, MSG_NOSIGNAL) == 1)
		(void)nanosleep(&pause, NULL);
}

/* Answers when the client has given it up. */
static void
serve_late(int fd, int number)
{
	long long id;

	(void)number;
	(void)fake_read_request(fd, &id);
	fake_wait(fd);
	fake_send_result(fd, id, PONG);
}

static void
serve_hang_up(int fd, int number)
{
	(void)fd;
	(void)number;
}

static void
serve_hang_up_half(int fd, int number)
{
	long long id;

	(void)number;
	(void)fake_read_request(fd, &id);
	send_text(fd, "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":" PONG "}");
}

static void
serve_reset(int fd, int number)
{
	struct linger linger = { .l_onoff = 1, .l_linger = 0 };
	long long id;

	(void)number;
	(void)fake_read_request(fd, &id);
	(void)setsockopt(fd, SOL_SOCKET, SO_LINGER, &linger, sizeof(linger));
}

/* 1 GB on one line, as far as the client lets it come. */
static void
serve_long_line(int fd, int number)
{
	static char bytes[1024 * 1024];
	long long id;

	(void)number;
	(void)fake_read_request(fd, &id);
	memset(bytes, 'x', sizeof(bytes));
	for (int i = 0; i < 1024; i++)
		fake_send(fd, bytes, sizeof(bytes));
}

static void
serve_deep(int fd, int number)
{
	static char line[100 * 1000];

	(void)number;
	memset(line, '[', sizeof(line) - 2);
	line[sizeof(line) - 2] = '\n';
	answer(fd, line);
}

/* As a daemon with too many connections does: says why, and hangs up without reading. */
static void
serve_busy(int fd, int number)
{
	(void)number;
	send_text(fd,
	    "{\"jsonrpc\":\"2.0\",\"id\":null,\"error\":{\"code\":-32004,\"message\":\"too many connections\","
	    "\"data\":{\"status\":\"busy\",\"retry_after_ms\":50}}}\n");
	(void)shutdown(fd, SHUT_WR);
	fake_wait(fd);
}

static const struct wrong {
	const char *name;
	serve_fn *serve; /* the first connection; or NULL: */
	const char *answer; /* sends this, and waits for the client to hang up */
	enum voisin_status status;
	int rpc_code;
	const char *message; /* a part of it */
} wrongs[] = {
	{ "silence", NULL, "", VOISIN_TIMEOUT, 0, "did not answer in time" },
	{ "half a line and no more", NULL, "{\"jsonrpc\":\"2.0\",\"id\":1,\"res", VOISIN_TIMEOUT, 0,
	    "did not answer in time" },
	{ "a byte now and then", serve_drip, NULL, VOISIN_TIMEOUT, 0, "did not answer in time" },
	{ "an answer that is late", serve_late, NULL, VOISIN_TIMEOUT, 0, "did not answer in time" },
	{ "hangs up at once", serve_hang_up, NULL, VOISIN_IO, 0, "the server" },
	{ "hangs up before the newline", serve_hang_up_half, NULL, VOISIN_IO, 0, "before its answer was complete" },
	{ "resets the connection", serve_reset, NULL, VOISIN_IO, 0, "the server" },
	{ "another protocol", NULL, "HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n", VOISIN_PROTOCOL, 0,
	    "it is not valid JSON" },
	{ "bytes that are no UTF-8", NULL,
	    "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{\"version\":\"\xE9\",\"protocol\":1}}\n", VOISIN_PROTOCOL, 0,
	    "not valid UTF-8" },
	{ "another id", NULL, "{\"jsonrpc\":\"2.0\",\"id\":77,\"result\":" PONG "}\n", VOISIN_PROTOCOL, 0,
	    "answered another request" },
	{ "the id as a string", NULL, "{\"jsonrpc\":\"2.0\",\"id\":\"1\",\"result\":" PONG "}\n", VOISIN_PROTOCOL, 0,
	    "answered another request" },
	{ "a result with no id", NULL, "{\"jsonrpc\":\"2.0\",\"id\":null,\"result\":" PONG "}\n", VOISIN_PROTOCOL, 0,
	    "answered another request" },
	{ "two answers", NULL,
	    "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":" PONG "}\n"
	    "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":" PONG "}\n",
	    VOISIN_PROTOCOL, 0, "more than it was asked for" },
	{ "a line of 1 GB", serve_long_line, NULL, VOISIN_PROTOCOL, 0, "longer than 1114112 bytes" },
	{ "a result without a member", NULL, "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{\"version\":\"0.1.0\"}}\n",
	    VOISIN_PROTOCOL, 0, "protocol is missing or wrong" },
	{ "an answer of nothing but depth", serve_deep, NULL, VOISIN_PROTOCOL, 0, "nested more than 128 levels" },
	{ "a refusal", NULL,
	    "{\"jsonrpc\":\"2.0\",\"id\":1,\"error\":{\"code\":-32006,\"message\":\"no such thing\"}}\n",
	    VOISIN_NOT_FOUND, -32006, "no such thing" },
	{ "no room for a connection", serve_busy, NULL, VOISIN_BUSY, -32004, "too many connections" },
};

static const struct wrong *wrong; /* the one that is tried */

static void
serve_wrong_first(int fd, int number)
{
	if (number > 0)
		serve_right(fd, number);
	else if (wrong->serve != NULL)
		wrong->serve(fd, number);
	else
		answer(fd, wrong->answer);
}

/* Where each call has little time, the server may still be busy with connections that were given up. */
static void
ping_until_answered(struct voisin *voisin)
{
	int64_t end = clock_mono_ms() + PATIENCE_MS;
	struct voisin_error error;
	struct voisin_pong pong;
	enum voisin_status status;

	do {
		status = voisin_ping(voisin, &pong, &error);
	} while (status == VOISIN_TIMEOUT && clock_mono_ms() < end);
	if (status != VOISIN_OK)
		fail_msg("not answered: %s", error.message);
}

static void
check_wrong(void)
{
	int timeout_ms = wrong->status == VOISIN_TIMEOUT ? TIMEOUT_MS : PATIENCE_MS;
	struct fake_server server;
	struct voisin *voisin;
	struct voisin_error error;
	struct voisin_pong pong = { .protocol = -1 };
	enum voisin_status status;
	int64_t began;

	fake_server_start(&server, serve_wrong_first);
	assert_int_equal(voisin_open(server.address, timeout_ms, &voisin, &error), VOISIN_OK);
	began = clock_mono_ms();
	status = voisin_ping(voisin, &pong, &error);
	if (status != wrong->status || status != error.status)
		fail_msg("%s: %s (%s)", wrong->name, voisin_status_name(status), error.message);
	assert_int_equal(error.rpc_code, wrong->rpc_code);
	if (strstr(error.message, wrong->message) == NULL)
		fail_msg("%s: %s", wrong->name, error.message);
	assert_true(clock_mono_ms() - began < timeout_ms + PATIENCE_MS);
	assert_int_equal(pong.protocol, -1);
	/* The next call makes a new connection where the first is not to be trusted, and is right. */
	if (wrong->status != VOISIN_NOT_FOUND)
		ping_until_answered(voisin);
	voisin_close(voisin);
	fake_server_stop(&server);
}

static void
test_wrong_servers(void **state)
{
	int before = count_descriptors();

	(void)state;
	for (wrong = wrongs; wrong < wrongs + sizeof(wrongs) / sizeof(wrongs[0]); wrong++)
		check_wrong();
	assert_int_equal(count_descriptors(), before);
}

/* --- Connecting --- */

static void
test_addresses(void **state)
{
	static const struct {
		const char *server;
		const char *message;
	} cases[] = {
		{ "", "there is no port" },
		{ "localhost", "there is no port" },
		{ ":7117", "there is no host" },
		{ "[]:7117", "there is no host" },
		{ "localhost:", "from 1 to 65535" },
		{ "localhost:0", "from 1 to 65535" },
		{ "localhost:-1", "from 1 to 65535" },
		{ "localhost:+1", "from 1 to 65535" },
		{ "localhost:65536", "from 1 to 65535" },
		{ "localhost:123456789012", "from 1 to 65535" },
		{ "localhost:abc", "from 1 to 65535" },
		{ "localhost: 80", "from 1 to 65535" },
		{ "::1:7117", "[::1]:7117" },
		{ "unix:", "the path of a socket" },
		{ "unix:/012345678901234567890123456789012345678901234567890123456789"
		  "01234567890123456789012345678901234567890123456789012345678",
		    "shorter than 108 bytes" },
	};
	struct voisin *voisin = NULL;
	struct voisin_error error;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		if (voisin_open(cases[i].server, TIMEOUT_MS, &voisin, &error) != VOISIN_INVALID ||
		    strstr(error.message, cases[i].message) == NULL)
			fail_msg("%s: %s", cases[i].server, error.message);
	}
	assert_int_equal(voisin_open("localhost:1", -1, &voisin, &error), VOISIN_INVALID);
	assert_int_equal(voisin_open("localhost:1", 86400001, &voisin, NULL), VOISIN_INVALID);
	assert_null(voisin);
	voisin_close(NULL);
}

static void
test_refused(void **state)
{
	struct fake_server server;
	struct voisin *voisin = NULL;
	struct voisin_error error;

	(void)state;
	fake_server_listen(&server, 1);
	fake_server_stop(&server);
	assert_int_equal(voisin_open(server.address, PATIENCE_MS, &voisin, &error), VOISIN_IO);
	assert_non_null(strstr(error.message, "cannot connect to 127.0.0.1:"));
	assert_int_equal(voisin_open("unix:/nonexistent/voisin.sock", PATIENCE_MS, &voisin, &error), VOISIN_IO);
	assert_string_equal(
	    error.message, "cannot connect to unix:/nonexistent/voisin.sock: No such file or directory");
	/* No name has an empty label, so that no name server need be asked. */
	assert_int_equal(voisin_open("no..name:7117", PATIENCE_MS, &voisin, &error), VOISIN_IO);
	assert_non_null(strstr(error.message, "cannot find the server no..name: "));
	assert_null(voisin);
}

/* A listener with a full queue lets further SYNs vanish, as a black hole does. */
static void
test_black_hole(void **state)
{
	struct fake_server server;
	struct voisin *fillers[8] = { NULL }, *voisin = NULL;
	struct voisin_error error;
	enum voisin_status status = VOISIN_OK;
	int64_t began = 0;
	size_t n = 0;

	(void)state;
	fake_server_listen(&server, 0);
	while (status == VOISIN_OK && n < 8) {
		began = clock_mono_ms();
		status = voisin_open(server.address, TIMEOUT_MS, &voisin, &error);
		if (status == VOISIN_OK)
			fillers[n++] = voisin;
	}
	assert_int_equal(status, VOISIN_TIMEOUT);
	assert_true(clock_mono_ms() - began < TIMEOUT_MS + PATIENCE_MS);
	while (n > 0)
		voisin_close(fillers[--n]);
	fake_server_stop(&server);
}

static void
test_full_unix_socket(void **state)
{
	struct sockaddr_un un = { .sun_family = AF_UNIX };
	char folder[] = "/tmp/voisin-test-XXXXXX", server[128];
	struct voisin *fillers[8] = { NULL };
	enum voisin_status status = VOISIN_OK;
	struct voisin_error error;
	int listener = socket(AF_UNIX, SOCK_STREAM, 0);
	size_t n = 0;

	(void)state;
	assert_non_null(mkdtemp(folder));
	(void)snprintf(un.sun_path, sizeof(un.sun_path), "%s/s", folder);
	(void)snprintf(server, sizeof(server), "unix:%s", un.sun_path);
	assert_int_equal(bind(listener, (const struct sockaddr *)&un, sizeof(un)), 0);
	assert_int_equal(listen(listener, 0), 0);
	while (status == VOISIN_OK && n < 8) {
		status = voisin_open(server, TIMEOUT_MS, &fillers[n], &error);
		n += status == VOISIN_OK;
	}
	assert_int_equal(status, VOISIN_TIMEOUT);
	while (n > 0)
		voisin_close(fillers[--n]);
	(void)close(listener);
	(void)unlink(un.sun_path);
	(void)rmdir(folder);
}

/* A connection that was closed for idleness is replaced without a word. */
static void
serve_once(int fd, int number)
{
	long long id;

	if (fake_read_request(fd, &id))
		fake_send_result(fd, id, PONG);
	if (number == 1)
		send_text(fd, "{\"jsonrpc\":\"2.0\",\"id\":null,\"error\":{\"code\":-32003,\"message\":\"idle\"}}\n");
}

static void
test_idle(void **state)
{
	struct fake_server server;
	struct voisin *voisin;
	struct voisin_error error;
	struct voisin_pong pong;

	(void)state;
	fake_server_start(&server, serve_once);
	assert_int_equal(voisin_open(server.address, PATIENCE_MS, &voisin, &error), VOISIN_OK);
	for (int i = 0; i < 5; i++) {
		enum voisin_status status = voisin_ping(voisin, &pong, &error);

		/* The idle word of connection 1 may come with its answer: then it is too much. */
		if (status == VOISIN_PROTOCOL && i == 1)
			continue;
		if (status != VOISIN_OK)
			fail_msg("ping %d: %s", i, error.message);
		assert_string_equal(pong.version, "0.1.0");
		assert_int_equal(pong.protocol, 1);
	}
	voisin_close(voisin);
	fake_server_stop(&server);
}

/* --- Arguments --- */

static void
test_arguments(void **state)
{
	struct fake_server server;
	struct voisin *voisin;
	struct voisin_search search;
	struct voisin_result *result = NULL;
	struct voisin_document *document = NULL;
	struct voisin_error error;
	char *huge = malloc(70000);

	(void)state;
	fake_server_start(&server, serve_right);
	assert_int_equal(voisin_open(server.address, PATIENCE_MS, &voisin, &error), VOISIN_OK);
	voisin_search_init(&search, NULL);
	assert_int_equal(voisin_search(voisin, &search, &result, &error), VOISIN_INVALID);
	voisin_search_init(&search, "d'Al\xE9p");
	assert_int_equal(voisin_search(voisin, &search, &result, &error), VOISIN_INVALID);
	assert_string_equal(error.message, "the query is not valid UTF-8 (byte 5)");
	memset(huge, 'x', 69999);
	huge[69999] = '\0';
	voisin_search_init(&search, huge);
	assert_int_equal(voisin_search(voisin, &search, &result, &error), VOISIN_LIMIT);
	assert_int_equal(voisin_explain(voisin, &search, NULL, NULL), VOISIN_LIMIT);
	voisin_search_init(&search, "a");
	search.limit = 101;
	assert_int_equal(voisin_search(voisin, &search, &result, &error), VOISIN_INVALID);
	assert_string_equal(error.message, "limit must be at most 100");
	search.limit = 10;
	search.offset = 9991;
	assert_int_equal(voisin_search(voisin, &search, &result, &error), VOISIN_INVALID);
	search.offset = 1;
	search.cursor = "";
	assert_int_equal(voisin_search(voisin, &search, &result, &error), VOISIN_INVALID);
	search.offset = 0;
	search.sort = VOISIN_SORT_DATE;
	assert_int_equal(voisin_search(voisin, &search, &result, &error), VOISIN_INVALID);
	search.sort = (enum voisin_sort)9;
	assert_int_equal(voisin_search(voisin, &search, &result, &error), VOISIN_INVALID);
	voisin_search_init(&search, "a");
	search.accents = (enum voisin_accents)9;
	assert_int_equal(voisin_search(voisin, &search, &result, &error), VOISIN_INVALID);
	voisin_search_init(&search, "a");
	search.passages = 11;
	assert_int_equal(voisin_search(voisin, &search, &result, &error), VOISIN_INVALID);
	assert_int_equal(voisin_document(voisin, "", 0, 0, &document, &error), VOISIN_INVALID);
	assert_int_equal(voisin_document(voisin, NULL, 0, 0, &document, &error), VOISIN_INVALID);
	assert_int_equal(voisin_document(voisin, "a", 0, 524289, &document, &error), VOISIN_INVALID);
	assert_int_equal(voisin_document(voisin, "a", UINT64_MAX, 0, &document, &error), VOISIN_INVALID);
	assert_true(result == NULL && document == NULL);
	voisin_close(voisin);
	fake_server_stop(&server);
	free(huge);
}

/* --- Results --- */

#define HIT                                                                                                         \
	"{\"id\":\"000\",\"title\":\"Alep\",\"date\":\"2016-12-15\",\"source\":\"AFP\",\"url\":\"\",\"score\":7.5," \
	"\"distance\":1,\"passages\":[{\"zone\":\"text\",\"offset\":12,\"cut_before\":true,\"cut_after\":false,"    \
	"\"segments\":[{\"text\":\"d'\",\"mark\":false},{\"text\":\"Alep\",\"mark\":true}]}],"                      \
	"\"matches\":[{\"distance\":1,\"spans\":[{\"zone\":\"text\",\"offset\":14,\"length\":4}],"                  \
	"\"sentence\":{\"zone\":\"text\",\"offset\":0,\"length\":40}}],\"total_matches\":3,\"later\":{\"a\":[1]}}"
#define RESULT(hits, more)                                                                     \
	"{\"understood\":\"alep\",\"total\":{\"value\":2,\"relation\":\"eq\"},\"hits\":[" hits \
	"],\"generation\":\"gen-000001.3\",\"ms\":0.5" more "}"

static void
serve_hit(int fd, int number)
{
	long long id;

	(void)number;
	while (fake_read_request(fd, &id))
		fake_send_result(fd, id, RESULT(HIT, ",\"cursor\":null"));
}

static void
test_result(void **state)
{
	struct fake_server server;
	struct voisin *voisin;
	struct voisin_search search;
	struct voisin_result *result;
	struct voisin_error error;
	const struct voisin_hit *hit;
	char *json;

	(void)state;
	fake_server_start(&server, serve_hit);
	assert_int_equal(voisin_open(server.address, PATIENCE_MS, &voisin, &error), VOISIN_OK);
	voisin_search_init(&search, "alep");
	search.matches = 10;
	assert_int_equal(voisin_search(voisin, &search, &result, &error), VOISIN_OK);
	voisin_close(voisin);
	/* The result outlives its connection. */
	assert_string_equal(result->understood.p, "alep");
	assert_true(result->total == 2 && result->total_exact && !result->has_cursor);
	assert_string_equal(result->generation.p, "gen-000001.3");
	assert_int_equal(result->n_hits, 1);
	hit = &result->hits[0];
	assert_string_equal(hit->id.p, "000");
	assert_string_equal(hit->date.p, "2016-12-15");
	assert_true(hit->score == 7.5 && hit->has_distance && hit->distance == 1 && hit->total_matches == 3);
	assert_int_equal(hit->passages[0].n_segments, 2);
	assert_true(hit->passages[0].cut_before && !hit->passages[0].cut_after && hit->passages[0].offset == 12);
	assert_true(hit->passages[0].segments[1].mark && !hit->passages[0].segments[0].mark);
	assert_string_equal(hit->passages[0].segments[1].text.p, "Alep");
	assert_true(hit->matches[0].spans[0].offset == 14 && hit->matches[0].sentence.length == 40);
	json = voisin_hit_json(hit);
	assert_non_null(strstr(json, "\"later\":{\"a\":[1]}"));
	free(json);
	voisin_result_free(result);
	voisin_result_free(NULL);
	fake_server_stop(&server);
}

/* Results that lack something, or hold it wrong. */
static const char *const wrong_results[] = {
	"{}",
	"{\"understood\":1,\"total\":{\"value\":2,\"relation\":\"eq\"},\"hits\":[],\"generation\":\"g\",\"ms\":1}",
	"{\"understood\":\"a\",\"total\":2,\"hits\":[],\"generation\":\"g\",\"ms\":1}",
	"{\"understood\":\"a\",\"total\":{\"value\":-2,\"relation\":\"eq\"},\"hits\":[],\"generation\":\"g\",\"ms\":1}",
	"{\"understood\":\"a\",\"total\":{\"value\":2,\"relation\":\"ge\"},\"hits\":[],\"generation\":\"g\",\"ms\":1}",
	"{\"understood\":\"a\",\"total\":{\"value\":2,\"relation\":\"eq\"},\"hits\":{},\"generation\":\"g\",\"ms\":1}",
	"{\"understood\":\"a\",\"total\":{\"value\":2,\"relation\":\"eq\"},\"hits\":[],\"ms\":1}",
	"{\"understood\":\"a\",\"total\":{\"value\":2,\"relation\":\"eq\"},\"hits\":[],\"generation\":\"g\"}",
	RESULT("1", ""),
	RESULT("{}", ""),
	RESULT("{\"id\":\"0\",\"score\":1}", ""),
	RESULT("{\"id\":\"0\",\"title\":\"\",\"date\":\"\",\"source\":\"\",\"url\":\"\",\"score\":1,\"distance\":-1,"
	       "\"passages\":[]}",
	    ""),
	RESULT("{\"id\":\"0\",\"title\":\"\",\"date\":\"\",\"source\":\"\",\"url\":\"\",\"score\":1,\"distance\":null,"
	       "\"passages\":[{\"zone\":\"body\",\"offset\":0,\"cut_before\":true,\"cut_after\":true,"
	       "\"segments\":[]}]}",
	    ""),
	RESULT("{\"id\":\"0\",\"title\":\"\",\"date\":\"\",\"source\":\"\",\"url\":\"\",\"score\":1,\"distance\":null,"
	       "\"passages\":[{\"zone\":\"text\",\"offset\":0,\"cut_before\":true,\"cut_after\":true,"
	       "\"segments\":[{\"text\":\"a\",\"mark\":1}]}]}",
	    ""),
	/* more hits than were asked for */
	RESULT("1,2,3,4,5,6,7,8,9,10,11", ""),
};

static void
serve_wrong_result(int fd, int number)
{
	long long id;

	if (fake_read_request(fd, &id))
		fake_send_result(fd, id, wrong_results[number]);
	fake_wait(fd);
}

static void
test_wrong_results(void **state)
{
	struct fake_server server;
	struct voisin *voisin;
	struct voisin_search search;
	struct voisin_result *result = NULL;
	struct voisin_error error;

	(void)state;
	fake_server_start(&server, serve_wrong_result);
	assert_int_equal(voisin_open(server.address, PATIENCE_MS, &voisin, &error), VOISIN_OK);
	voisin_search_init(&search, "alep");
	for (size_t i = 0; i < sizeof(wrong_results) / sizeof(wrong_results[0]); i++) {
		if (voisin_search(voisin, &search, &result, &error) != VOISIN_PROTOCOL)
			fail_msg("taken: %s", wrong_results[i]);
		assert_non_null(strstr(error.message, "is missing or wrong"));
		assert_null(result);
	}
	voisin_close(voisin);
	fake_server_stop(&server);
}

/* --- Walks --- */

static void
send_ids(int fd, long long id, int first, int count, const char *more)
{
	static char result[256 * 1024];
	size_t used = 0;

	used += (size_t)snprintf(result, sizeof(result),
	    "{\"understood\":\"a\",\"total\":{\"value\":2500,\"relation\":\"estimate\"},\"generation\":\"g1\",\"ms\":1,"
	    "\"hits\":[");
	for (int i = 0; i < count; i++)
		used += (size_t)snprintf(result + used, sizeof(result) - used, "%s{\"id\":\"d%d\",\"score\":0}",
		    i > 0 ? "," : "", first + i);
	(void)snprintf(result + used, sizeof(result) - used, "]%s}", more);
	fake_send_result(fd, id, result);
}

/* 2,500 hits by cursor, with an empty page among them. */
static void
serve_walk(int fd, int number)
{
	long long id;

	(void)number;
	if (fake_read_request(fd, &id))
		send_ids(fd, id, 0, 1000, ",\"cursor\":\"c1\"");
	if (fake_read_request(fd, &id))
		send_ids(fd, id, 1000, 0, ",\"cursor\":\"c2\"");
	if (fake_read_request(fd, &id))
		send_ids(fd, id, 1000, 1000, ",\"cursor\":\"c3\"");
	if (fake_read_request(fd, &id))
		send_ids(fd, id, 2000, 500, ",\"cursor\":null");
	fake_wait(fd);
}

/* Opens a walk; the caller closes both. */
static void
open_walk(struct fake_server *server, serve_fn *serve, unsigned limit, const char *cursor, struct voisin **ret_voisin,
    struct voisin_walk **ret_walk)
{
	struct voisin_search search;
	struct voisin_error error;

	fake_server_start(server, serve);
	assert_int_equal(voisin_open(server->address, PATIENCE_MS, ret_voisin, &error), VOISIN_OK);
	voisin_search_init(&search, "a");
	search.ids_only = true;
	search.limit = limit;
	search.cursor = cursor;
	assert_int_equal(voisin_walk_new(*ret_voisin, &search, ret_walk, &error), VOISIN_OK);
}

/* Walks to the end: the hits are d0, d1, ... in order; their number in *ret_count. */
static enum voisin_status
walk_on(struct voisin_walk *walk, int *ret_count, struct voisin_error *reterr)
{
	const struct voisin_hit *hit;
	enum voisin_status status;
	int count = 0;

	while ((status = voisin_walk_next(walk, &hit, reterr)) == VOISIN_OK) {
		assert_int_equal(strtol(hit->id.p + 1, NULL, 10), count);
		count++;
	}
	assert_int_equal(voisin_walk_next(walk, &hit, reterr), status);
	*ret_count = count;
	return status;
}

static void
test_walk_all(void **state)
{
	struct fake_server server;
	struct voisin *voisin;
	struct voisin_walk *walk;
	struct voisin_error error;
	int count;

	(void)state;
	open_walk(&server, serve_walk, 10, "", &voisin, &walk);
	assert_null(voisin_walk_result(walk));
	assert_int_equal(walk_on(walk, &count, &error), VOISIN_END);
	assert_int_equal(count, 2500);
	assert_int_equal(voisin_walk_result(walk)->total, 2500);
	voisin_walk_free(walk);
	voisin_walk_free(NULL);
	voisin_close(voisin);
	fake_server_stop(&server);
}

/* By offset: 1,000 a page, 1,500 wanted, 1,200 there. */
static void
serve_pages(int fd, int number)
{
	long long id;

	(void)number;
	if (fake_read_request(fd, &id))
		send_ids(fd, id, 0, 1000, "");
	if (fake_read_request(fd, &id))
		send_ids(fd, id, 1000, 200, "");
	fake_wait(fd);
}

static void
test_walk_pages(void **state)
{
	struct fake_server server;
	struct voisin *voisin;
	struct voisin_walk *walk;
	struct voisin_search search;
	struct voisin_error error;
	int count;

	(void)state;
	open_walk(&server, serve_pages, 1500, NULL, &voisin, &walk);
	assert_int_equal(walk_on(walk, &count, &error), VOISIN_END);
	assert_int_equal(count, 1200);
	voisin_walk_free(walk);
	voisin_search_init(&search, "a");
	search.limit = 10001;
	assert_int_equal(voisin_walk_new(voisin, &search, &walk, &error), VOISIN_INVALID);
	voisin_close(voisin);
	fake_server_stop(&server);
}

/* A page that does not fit is asked for again, smaller. */
static void
serve_too_large(int fd, int number)
{
	static const char refusal[] =
	    "{\"jsonrpc\":\"2.0\",\"id\":%lld,\"error\":{\"code\":-32002,\"message\":\"m\"}}\n";
	char line[128];
	long long id;

	(void)number;
	for (int i = 0; i < 2 && fake_read_request(fd, &id); i++) {
		(void)snprintf(line, sizeof(line), refusal, id);
		send_text(fd, line);
	}
	if (fake_read_request(fd, &id))
		send_ids(fd, id, 0, 250, ",\"cursor\":\"c1\"");
	if (fake_read_request(fd, &id))
		send_ids(fd, id, 250, 250, ",\"cursor\":null");
	fake_wait(fd);
}

static void
test_walk_too_large(void **state)
{
	struct fake_server server;
	struct voisin *voisin;
	struct voisin_walk *walk;
	struct voisin_error error;
	int count;

	(void)state;
	open_walk(&server, serve_too_large, 0, "", &voisin, &walk);
	assert_int_equal(walk_on(walk, &count, &error), VOISIN_END);
	assert_int_equal(count, 500);
	voisin_walk_free(walk);
	voisin_close(voisin);
	fake_server_stop(&server);
}

/* Cursors that lead nowhere: the same again and again, or ever new ones with nothing. */
static void
serve_same_cursor(int fd, int number)
{
	long long id;

	(void)number;
	for (int i = 0; fake_read_request(fd, &id); i++)
		send_ids(fd, id, i, 1, ",\"cursor\":\"same\"");
}

static void
serve_endless_cursor(int fd, int number)
{
	char more[64];
	long long id;

	(void)number;
	for (int i = 0; fake_read_request(fd, &id); i++) {
		(void)snprintf(more, sizeof(more), ",\"cursor\":\"c%d\"", i);
		send_ids(fd, id, 0, 0, more);
	}
}

/* The index changes between two pages. */
static void
serve_generations(int fd, int number)
{
	long long id;

	(void)number;
	if (fake_read_request(fd, &id))
		send_ids(fd, id, 0, 1000, "");
	if (fake_read_request(fd, &id))
		fake_send_result(fd, id,
		    "{\"understood\":\"a\",\"total\":{\"value\":1,\"relation\":\"eq\"},\"hits\":[],"
		    "\"generation\":\"g2\",\"ms\":1}");
	fake_wait(fd);
}

static void
test_walk_failures(void **state)
{
	static const struct {
		serve_fn *serve;
		const char *cursor;
		int count;
		enum voisin_status status;
	} cases[] = {
		{ serve_same_cursor, "", 2, VOISIN_PROTOCOL },
		{ serve_endless_cursor, "", 0, VOISIN_PROTOCOL },
		{ serve_generations, NULL, 1000, VOISIN_STALE },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct fake_server server;
		struct voisin *voisin;
		struct voisin_walk *walk;
		struct voisin_error error;
		int count;

		open_walk(&server, cases[i].serve, 2000, cases[i].cursor, &voisin, &walk);
		assert_int_equal(walk_on(walk, &count, &error), cases[i].status);
		assert_int_equal(count, cases[i].count);
		voisin_walk_free(walk);
		voisin_close(voisin);
		fake_server_stop(&server);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_wrong_servers),
		cmocka_unit_test(test_addresses),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_black_hole),
		cmocka_unit_test(test_full_unix_socket),
		cmocka_unit_test(test_idle),
		cmocka_unit_test(test_arguments),
		cmocka_unit_test(test_result),
		cmocka_unit_test(test_wrong_results),
		cmocka_unit_test(test_walk_all),
		cmocka_unit_test(test_walk_pages),
		cmocka_unit_test(test_walk_too_large),
		cmocka_unit_test(test_walk_failures),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
