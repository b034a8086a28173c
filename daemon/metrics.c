/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "daemon/metrics.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <strings.h>
#include <sys/queue.h>
#include <sys/socket.h>
#include <unistd.h>

enum { HOST_BYTES = 256, READ_BYTES = 4096 };

struct client {
	TAILQ_ENTRY(client) link;
	struct metrics *metrics;
	int fd;
	struct event *ready; /* to be read from, then to be written to */
	struct event *timer;
	struct buf in;
	struct buf out;
	size_t sent;
};

struct metrics {
	struct event_base *base;
	void (*write_page)(void *arg, struct buf *out);
	void *arg;
	TAILQ_HEAD(, client) clients;
	unsigned n_clients;
};

struct metrics *
metrics_new(struct event_base *base, void (*write_page)(void *arg, struct buf *out), void *arg)
{
	struct metrics *metrics = calloc(1, sizeof(*metrics));

	if (metrics == NULL)
		return NULL;
	metrics->base = base;
	metrics->write_page = write_page;
	metrics->arg = arg;
	TAILQ_INIT(&metrics->clients);
	return metrics;
}

static void
client_free(struct client *client)
{
	if (client->ready != NULL)
		event_free(client->ready);
	if (client->timer != NULL)
		event_free(client->timer);
	(void)close(client->fd);
	buf_done(&client->in);
	buf_done(&client->out);
	TAILQ_REMOVE(&client->metrics->clients, client, link);
	client->metrics->n_clients--;
	free(client);
}

void
metrics_free(struct metrics *metrics)
{
	struct client *client;

	if (metrics == NULL)
		return;
	while ((client = TAILQ_FIRST(&metrics->clients)) != NULL)
		client_free(client);
	free(metrics);
}

/* ---- The request (RFC 9112) ---- */

/* The next line of a head, without its end, taken from *rest; the empty one is the last. */
static struct str
next_line(struct str *rest)
{
	const char *newline = memchr(rest->p, '\n', rest->len);
	struct str line = { rest->p, newline != NULL ? (size_t)(newline - rest->p) : rest->len };
	size_t used = newline != NULL ? line.len + 1 : line.len;

	*rest = (struct str) { rest->p + used, rest->len - used };
	if (line.len > 0 && line.p[line.len - 1] == '\r')
		line.len--;
	return line;
}

/* The value of a header line, where it is that header. */
static bool
is_header(struct str line, const char *name, struct str *ret_value)
{
	size_t len = strlen(name);

	if (line.len <= len || strncasecmp(line.p, name, len) != 0 || line.p[len] != ':')
		return false;
	*ret_value = (struct str) { line.p + len + 1, line.len - len - 1 };
	while (ret_value->len > 0 && (ret_value->p[0] == ' ' || ret_value->p[0] == '\t')) {
		ret_value->p++;
		ret_value->len--;
	}
	return true;
}

/* Whether a Host header names this machine by a number, or as localhost: no other site's name leads here. */
static bool
is_own_host(struct str value)
{
	char host[HOST_BYTES];
	unsigned char address[sizeof(struct in6_addr)];
	char *end;

	if (value.len >= sizeof(host))
		return false;
	memcpy(host, value.p, value.len);
	host[value.len] = '\0';
	if (host[0] == '[') {
		end = strchr(host, ']');
		if (end == NULL)
			return false;
		*end = '\0';
		return inet_pton(AF_INET6, host + 1, address) == 1;
	}
	host[strcspn(host, ":")] = '\0';
	return strcasecmp(host, "localhost") == 0 || inet_pton(AF_INET, host, address) == 1;
}

/* Whether the headers are those of a program of this machine. */
static bool
is_own_request(struct str head)
{
	struct str line, value;
	bool own = true;

	while ((line = next_line(&head)).len > 0) {
		if (is_header(line, "Origin", &value) || (is_header(line, "Host", &value) && !is_own_host(value)))
			own = false;
	}
	return own;
}

static const char *
answer_of(struct str head)
{
	struct str line = next_line(&head);

	if (!str_has_prefix(line, STR("GET ")))
		return line.len > 0 && line.p[0] >= 'A' && line.p[0] <= 'Z' ? "405 Method Not Allowed"
									    : "400 Bad Request";
	if (!is_own_request(head))
		return "403 Forbidden";
	if (str_eq(line, STR("GET /metrics HTTP/1.1")) || str_eq(line, STR("GET /metrics HTTP/1.0")))
		return NULL;
	return "404 Not Found";
}

/* ---- The answer ---- */

static void
write_answer(struct client *client, const char *refusal)
{
	struct buf page;

	buf_init(&page, METRICS_PAGE_BYTES);
	if (refusal == NULL)
		client->metrics->write_page(client->metrics->arg, &page);
	if (buf_status(&page) != STATUS_OK) {
		refusal = "500 Internal Server Error";
		buf_reset(&page);
	}
	(void)buf_printf(&client->out,
	    "HTTP/1.1 %s\r\nContent-Type: text/plain; version=0.0.4; charset=utf-8\r\nContent-Length: %zu\r\n"
	    "Connection: close\r\n\r\n",
	    refusal != NULL ? refusal : "200 OK", page.len);
	(void)buf_append_str(&client->out, buf_str(&page));
	buf_done(&page);
}

/* Sends what the socket takes; at the end the client is gone. */
static void
writable_cb(evutil_socket_t fd, short what, void *arg)
{
	struct client *client = arg;
	ssize_t n = send(fd, client->out.data + client->sent, client->out.len - client->sent, MSG_NOSIGNAL);

	(void)what;
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	client->sent += n > 0 ? (size_t)n : 0;
	if (n <= 0 || client->sent == client->out.len)
		client_free(client);
}

static void
answer(struct client *client, const char *refusal)
{
	event_free(client->ready);
	client->ready = NULL;
	write_answer(client, refusal);
	if (buf_status(&client->out) == STATUS_OK)
		client->ready =
		    event_new(client->metrics->base, client->fd, EV_WRITE | EV_PERSIST, writable_cb, client);
	if (client->ready == NULL || event_add(client->ready, NULL) != 0)
		client_free(client);
}

static bool
is_whole(struct str head)
{
	return memmem(head.p, head.len, "\r\n\r\n", 4) != NULL || memmem(head.p, head.len, "\n\n", 2) != NULL;
}

static void
readable_cb(evutil_socket_t fd, short what, void *arg)
{
	struct client *client = arg;
	char chunk[READ_BYTES];
	ssize_t n = read(fd, chunk, sizeof(chunk));

	(void)what;
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0)
		client_free(client);
	else if (buf_append(&client->in, chunk, (size_t)n) != STATUS_OK)
		answer(client, "431 Request Header Fields Too Large");
	else if (is_whole(buf_str(&client->in)))
		answer(client, answer_of(buf_str(&client->in)));
}

static void
late_cb(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	client_free(arg);
}

void
metrics_accept(void *arg, int fd, const struct peer *peer)
{
	static const struct timeval patience = { .tv_sec = METRICS_MS / 1000 };
	struct metrics *metrics = arg;
	struct client *client = metrics->n_clients < METRICS_CLIENTS ? calloc(1, sizeof(*client)) : NULL;

	(void)peer;
	if (client == NULL) {
		(void)close(fd);
		return;
	}
	client->metrics = metrics;
	client->fd = fd;
	buf_init(&client->in, METRICS_REQUEST_BYTES);
	buf_init(&client->out, METRICS_PAGE_BYTES + METRICS_REQUEST_BYTES);
	TAILQ_INSERT_TAIL(&metrics->clients, client, link);
	metrics->n_clients++;
	client->ready = event_new(metrics->base, fd, EV_READ | EV_PERSIST, readable_cb, client);
	client->timer = evtimer_new(metrics->base, late_cb, client);
	if (client->ready == NULL || client->timer == NULL || event_add(client->ready, NULL) != 0 ||
	    event_add(client->timer, &patience) != 0)
		client_free(client);
}
