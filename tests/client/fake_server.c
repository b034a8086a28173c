/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/client/fake_server.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum { REQUEST_BYTES = 128 * 1024, LIFE_SECONDS = 60 };

static void
must(bool condition, const char *what)
{
	if (condition)
		return;
	perror(what);
	exit(1);
}

void
fake_server_listen(struct fake_server *server, int backlog)
{
	struct sockaddr_in in = { .sin_family = AF_INET, .sin_addr = { htonl(INADDR_LOOPBACK) } };
	socklen_t len = sizeof(in);

	server->pid = -1;
	server->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	must(server->listener >= 0, "socket");
	must(bind(server->listener, (const struct sockaddr *)&in, sizeof(in)) == 0, "bind");
	must(listen(server->listener, backlog) == 0, "listen");
	must(getsockname(server->listener, (struct sockaddr *)&in, &len) == 0, "getsockname");
	(void)snprintf(server->address, sizeof(server->address), "127.0.0.1:%u", (unsigned)ntohs(in.sin_port));
}

void
fake_server_start(struct fake_server *server, serve_fn *serve)
{
	int one = 1;

	fake_server_listen(server, 16);
	server->pid = fork();
	must(server->pid >= 0, "fork");
	if (server->pid > 0)
		return;
	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	(void)signal(SIGPIPE, SIG_IGN);
	(void)alarm(LIFE_SECONDS);
	for (int number = 0;; number++) {
		int fd = accept(server->listener, NULL, NULL);

		if (fd < 0)
			_exit(1);
		(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
		serve(fd, number);
		(void)close(fd);
	}
}

void
fake_server_stop(struct fake_server *server)
{
	(void)close(server->listener);
	if (server->pid <= 0)
		return;
	(void)kill(server->pid, SIGKILL);
	(void)waitpid(server->pid, NULL, 0);
}

bool
fake_read_request(int fd, long long *ret_id)
{
	static char line[REQUEST_BYTES];
	const char *id;
	size_t len = 0;

	while (len + 1 < sizeof(line)) {
		ssize_t n = recv(fd, line + len, sizeof(line) - 1 - len, 0);

		if (n <= 0)
			return false;
		len += (size_t)n;
		if (line[len - 1] == '\n')
			break;
	}
	line[len] = '\0';
	id = strstr(line, "\"id\":");
	*ret_id = id != NULL ? strtoll(id + 5, NULL, 10) : -1;
	return true;
}

void
fake_send(int fd, const char *bytes, size_t len)
{
	while (len > 0) {
		ssize_t n = send(fd, bytes, len, 0);

		if (n <= 0)
			return;
		bytes += n;
		len -= (size_t)n;
	}
}

void
fake_send_result(int fd, long long id, const char *result)
{
	char head[64];

	(void)snprintf(head, sizeof(head), "{\"jsonrpc\":\"2.0\",\"id\":%lld,\"result\":", id);
	fake_send(fd, head, strlen(head));
	fake_send(fd, result, strlen(result));
	fake_send(fd, "}\n", 2);
}

void
fake_wait(int fd)
{
	char bytes[256];

	while (recv(fd, bytes, sizeof(bytes), 0) > 0)
		continue;
}
