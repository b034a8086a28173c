/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * fake_server: a server that does what a test wants, in a child process of its own.
 *
 * Each connection, one after the other, is handed to the test's function, with its number from 0.
 */
#ifndef VOISIN_TESTS_CLIENT_FAKE_SERVER_H
#define VOISIN_TESTS_CLIENT_FAKE_SERVER_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

typedef void serve_fn(int fd, int number);

struct fake_server {
	char address[64]; /* for voisin_open() */
	int listener;
	pid_t pid;
};

/* Listens on a free port of 127.0.0.1.  Ends the test program where that fails. */
void fake_server_start(struct fake_server *server, serve_fn *serve);

/* Listens with a queue of `backlog` and never accepts. */
void fake_server_listen(struct fake_server *server, int backlog);

void fake_server_stop(struct fake_server *server);

/* For the test's function: reads up to the end of a line; false where the client hung up. */
bool fake_read_request(int fd, long long *ret_id);

/* Sends bytes, all of them or as many as the client takes. */
void fake_send(int fd, const char *bytes, size_t len);

/* Sends a result with an id, newline included. */
void fake_send_result(int fd, long long id, const char *result);

/* Waits until the client hangs up. */
void fake_wait(int fd);

#endif
