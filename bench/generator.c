/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "bench/generator.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"

enum {
	EVENTS = 256,
	READ_BYTES = 256 * 1024,
	BUFFER_BYTES = 64 * 1024 * 1024,
	GRACE_SECONDS = 10, /* for the last answers */
	NS_PER_MS = 1000 * 1000,
	GRAIN_NS = NS_PER_MS / 4, /* no sleep is shorter */
	BUSY_CODE = -32004
};

#define NS_PER_S 1000000000.0

struct client {
	int fd; /* -1 while not connected */
	bool wants_write;
	uint32_t under_way;
	struct buf in;
	struct buf out;
	int64_t began_ns; /* closed loop: when the request was sent */
};

struct generator {
	const struct generator_options *options;
	struct generator_result *result;
	struct sockaddr_storage address;
	socklen_t address_len;
	int epoll;
	struct client *clients;
	int64_t start_ns;
	int64_t last_ns; /* of the last answer */
	uint64_t n_due; /* requests that were begun */
	uint64_t n_done;
	char *chunk;
};

static enum status
parse_address(const char *text, struct generator *generator, struct error *reterr)
{
	struct sockaddr_un *local = (struct sockaddr_un *)&generator->address;
	struct sockaddr_in *in = (struct sockaddr_in *)&generator->address;
	char host[64];
	unsigned port;

	if (strncmp(text, "unix:", 5) == 0 && strlen(text + 5) < sizeof(local->sun_path)) {
		local->sun_family = AF_UNIX;
		memcpy(local->sun_path, text + 5, strlen(text + 5) + 1);
		generator->address_len = sizeof(*local);
		return STATUS_OK;
	}
	if (sscanf(text, "%63[0-9.]:%5u", host, &port) != 2 || port > UINT16_MAX ||
	    inet_pton(AF_INET, host, &in->sin_addr) != 1)
		return error_set(
		    reterr, STATUS_INVALID, ERROR_NO_OFFSET, "%.80s is neither unix:PATH nor IPV4:PORT", text);
	in->sin_family = AF_INET;
	in->sin_port = htons((uint16_t)port);
	generator->address_len = sizeof(*in);
	return STATUS_OK;
}

/* The intended start of a request of an open loop. */
static int64_t
due_ns(const struct generator *generator, uint64_t number)
{
	return generator->start_ns + (int64_t)((double)number / generator->options->rate * NS_PER_S);
}

/* A blocking connect: on one machine it takes no time, and the backlog is part of what is measured. */
static bool
connect_client(struct generator *generator, struct client *client)
{
	struct epoll_event event = { .events = EPOLLIN, .data.ptr = client };
	int yes = 1;

	client->fd = socket(generator->address.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (client->fd < 0)
		return false;
	if (connect(client->fd, (struct sockaddr *)&generator->address, generator->address_len) != 0 ||
	    epoll_ctl(generator->epoll, EPOLL_CTL_ADD, client->fd, &event) != 0) {
		(void)close(client->fd);
		client->fd = -1;
		return false;
	}
	if (generator->address.ss_family == AF_INET)
		(void)setsockopt(client->fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof(yes));
	client->wants_write = false;
	return true;
}

static void
hang_up(struct generator *generator, struct client *client)
{
	generator->result->lost += client->under_way;
	generator->n_done += client->under_way;
	client->under_way = 0;
	(void)close(client->fd);
	client->fd = -1;
	buf_reset(&client->in);
	buf_reset(&client->out);
}

static void
lose(struct generator *generator, struct client *client)
{
	if (client->under_way == 0)
		generator->result->lost++;
	hang_up(generator, client);
}

/* Sends what the socket takes. */
static void
flush_client(struct generator *generator, struct client *client)
{
	struct epoll_event event = { .events = EPOLLIN, .data.ptr = client };
	bool waits;

	while (client->out.len > 0) {
		ssize_t n = send(client->fd, client->out.data, client->out.len, MSG_NOSIGNAL | MSG_DONTWAIT);

		if (n < 0 && errno != EAGAIN && errno != EINTR) {
			lose(generator, client);
			return;
		}
		if (n <= 0)
			break;
		buf_consume(&client->out, (size_t)n);
	}
	waits = client->out.len > 0;
	if (waits == client->wants_write)
		return;
	client->wants_write = waits;
	if (waits)
		event.events |= EPOLLOUT;
	(void)epoll_ctl(generator->epoll, EPOLL_CTL_MOD, client->fd, &event);
}

/* Puts the next request on a connection, which is made where there is none. */
static void
ask(struct generator *generator, struct client *client)
{
	const struct generator_options *options = generator->options;
	uint64_t number = generator->n_due++;
	struct str request = options->requests[number % options->n_requests];

	generator->result->sent++;
	if (client->fd < 0 && !connect_client(generator, client)) {
		generator->result->lost++;
		generator->n_done++;
		return;
	}
	(void)buf_printf(&client->out, "{\"jsonrpc\":\"2.0\",\"id\":%llu,", (unsigned long long)number);
	(void)buf_append_str(&client->out, request);
	(void)buf_append_char(&client->out, '\n');
	client->began_ns = clock_mono_ns();
	client->under_way++;
	if (buf_status(&client->out) != STATUS_OK)
		lose(generator, client);
	else
		flush_client(generator, client);
}

/* The number behind the last "ms": of a result, which is the search's own; negative where there is none. */
static double
search_ms(struct str line)
{
	static const char key[] = "\"ms\":";
	const size_t len = sizeof(key) - 1;

	for (size_t at = line.len > 64 ? line.len - 64 : 0; at + len < line.len; at++) {
		if (memcmp(line.p + at, key, len) == 0)
			return strtod(line.p + at + len, NULL);
	}
	return -1;
}

static void
count_answer(struct generator *generator, const struct client *client, struct str line)
{
	struct generator_result *result = generator->result;
	unsigned long long number;
	int skip = 0, code = 0;
	int64_t now = clock_mono_ns(), took;
	double ms;

	generator->last_ns = now;
	if (sscanf(line.p, "{\"jsonrpc\":\"2.0\",\"id\":%llu,%n", &number, &skip) != 1 || skip == 0) {
		result->errors++;
		return;
	}
	took = now - (generator->options->rate > 0 ? due_ns(generator, number) : client->began_ns);
	if (took < 0)
		took = 0;
	if (strncmp(line.p + skip, "\"result\"", 8) == 0) {
		result->results++;
		histogram_add(&result->times, (uint64_t)took);
		ms = search_ms(line);
		if (ms >= 0)
			histogram_add(&result->overheads,
			    (uint64_t)((double)took > ms * NS_PER_MS ? (double)took - ms * NS_PER_MS : 0));
	} else if (sscanf(line.p + skip, "\"error\":{\"code\":%d", &code) == 1 && code == BUSY_CODE) {
		result->busy++;
		histogram_add(&result->busy_times, (uint64_t)took);
	} else
		result->errors++;
}

static bool
is_over(const struct generator *generator, int64_t now)
{
	return (double)(now - generator->start_ns) >= generator->options->seconds * NS_PER_S;
}

static void
take_answer(struct generator *generator, struct client *client, struct str line)
{
	const struct generator_options *options = generator->options;

	count_answer(generator, client, line);
	generator->n_done++;
	if (client->under_way > 0)
		client->under_way--;
	if (options->rate == 0 && !options->churn && !is_over(generator, generator->last_ns))
		ask(generator, client);
}

/* Takes whole lines out of what was received; each is ended by a NUL first. */
static void
take_answers(struct generator *generator, struct client *client)
{
	size_t used = 0;
	char *newline;

	while (client->fd >= 0 && used < client->in.len &&
	       (newline = memchr(client->in.data + used, '\n', client->in.len - used)) != NULL) {
		struct str line = { client->in.data + used, (size_t)(newline - client->in.data) - used };

		*newline = '\0';
		used += line.len + 1;
		take_answer(generator, client, line);
	}
	if (client->fd < 0)
		return;
	buf_consume(&client->in, used);
	if (generator->options->churn && client->under_way == 0)
		hang_up(generator, client);
}

static void
receive(struct generator *generator, struct client *client)
{
	ssize_t n = recv(client->fd, generator->chunk, READ_BYTES, MSG_DONTWAIT);

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0 || buf_append(&client->in, generator->chunk, (size_t)n) != STATUS_OK) {
		lose(generator, client);
		return;
	}
	take_answers(generator, client);
}

/* Waits for events, at most until `until_ns`, and serves them. */
static void
turn(struct generator *generator, int64_t until_ns)
{
	struct epoll_event events[EVENTS];
	int64_t wait = until_ns - clock_mono_ns();
	struct timespec timeout = { .tv_sec = 0, .tv_nsec = 0 };
	int n;

	if (wait > 0)
		timeout = (struct timespec) { .tv_sec = wait / (int64_t)NS_PER_S, .tv_nsec = wait % (int64_t)NS_PER_S };
	n = epoll_pwait2(generator->epoll, events, EVENTS, &timeout, NULL);
	for (int i = 0; i < n; i++) {
		struct client *client = events[i].data.ptr;

		if (client->fd >= 0 && (events[i].events & EPOLLOUT) != 0)
			flush_client(generator, client);
		if (client->fd >= 0 && (events[i].events & ~(uint32_t)EPOLLOUT) != 0)
			receive(generator, client);
	}
}

/* Begins all requests that are due by now; with a connection for each, it is the next one that is free. */
static void
begin_due(struct generator *generator, int64_t now)
{
	const struct generator_options *options = generator->options;

	while (
	    due_ns(generator, generator->n_due) <= now && (double)generator->n_due < options->rate * options->seconds)
		ask(generator, &generator->clients[generator->n_due % options->connections]);
}

/*
 * When to look again for a request that is due.  Above 4,000 a second several are sent at a time, up to GRAIN_NS late, which
 * their times include: going to sleep and waking up for each took half of a core that the server then did not have.
 */
static int64_t
next_look(const struct generator *generator, int64_t now)
{
	int64_t due = due_ns(generator, generator->n_due);

	if (generator->options->rate * GRAIN_NS < NS_PER_S || due > now + GRAIN_NS)
		return due;
	return now + GRAIN_NS;
}

static void
run_open(struct generator *generator)
{
	const struct generator_options *options = generator->options;
	int64_t now, end = 0;

	for (;;) {
		now = clock_mono_ns();
		if ((double)generator->n_due < options->rate * options->seconds) {
			begin_due(generator, now);
			turn(generator, next_look(generator, now));
			continue;
		}
		if (end == 0)
			end = now + (int64_t)(GRACE_SECONDS * NS_PER_S);
		if (generator->n_done >= generator->n_due || now > end)
			return;
		turn(generator, end);
	}
}

static void
run_closed(struct generator *generator)
{
	const struct generator_options *options = generator->options;
	int64_t now, end = generator->start_ns + (int64_t)((options->seconds + GRACE_SECONDS) * NS_PER_S);

	for (uint32_t i = 0; i < options->connections; i++) {
		for (uint32_t k = 0; k < options->pipeline; k++)
			ask(generator, &generator->clients[i]);
	}
	while (generator->n_done < generator->n_due && (now = clock_mono_ns()) < end)
		turn(generator, now + (int64_t)(NS_PER_S / 10));
}

static enum status
connect_all(struct generator *generator, struct error *reterr)
{
	const struct generator_options *options = generator->options;

	for (uint32_t i = 0; i < options->connections; i++) {
		struct client *client = &generator->clients[i];

		client->fd = -1;
		buf_init(&client->in, BUFFER_BYTES);
		buf_init(&client->out, BUFFER_BYTES);
		if (!options->churn && !connect_client(generator, client))
			return error_errno(reterr, STATUS_IO, errno, "cannot connect to %.80s", options->server);
	}
	return STATUS_OK;
}

static void
finish(struct generator *generator)
{
	for (uint32_t i = 0; generator->clients != NULL && i < generator->options->connections; i++) {
		if (generator->clients[i].fd > 0)
			hang_up(generator, &generator->clients[i]);
		buf_done(&generator->clients[i].in);
		buf_done(&generator->clients[i].out);
	}
	if (generator->epoll >= 0)
		(void)close(generator->epoll);
	free(generator->clients);
	free(generator->chunk);
}

enum status
generator_run(const struct generator_options *options, struct generator_result *ret_result, struct error *reterr)
{
	struct generator generator = { .options = options, .result = ret_result, .epoll = -1 };
	enum status status = parse_address(options->server, &generator, reterr);

	memset(ret_result, 0, sizeof(*ret_result));
	if (status != STATUS_OK)
		return status;
	generator.clients = calloc(options->connections, sizeof(*generator.clients));
	generator.chunk = malloc(READ_BYTES);
	generator.epoll = epoll_create1(EPOLL_CLOEXEC);
	if (generator.clients == NULL || generator.chunk == NULL || generator.epoll < 0)
		status = error_set(reterr, STATUS_NOMEM, ERROR_NO_OFFSET, "no memory for the connections");
	if (status == STATUS_OK)
		status = connect_all(&generator, reterr);
	if (status == STATUS_OK) {
		generator.start_ns = generator.last_ns = clock_mono_ns();
		if (options->rate > 0)
			run_open(&generator);
		else
			run_closed(&generator);
		ret_result->seconds = (double)(generator.last_ns - generator.start_ns) / NS_PER_S;
	}
	finish(&generator);
	return status;
}
