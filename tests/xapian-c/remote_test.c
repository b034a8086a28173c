/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Databases over the network: a server that answers, one that is silent, and none. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/xapian-c/scratch.h"

extern char **environ;

/* A listening socket on a free port of the loopback, which nobody answers. */
static int
silent_server(unsigned *ret_port)
{
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr = { htonl(INADDR_LOOPBACK) } };
	socklen_t len = sizeof(address);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_true(fd >= 0);
	assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	assert_int_equal(listen(fd, 4), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&address, &len), 0);
	*ret_port = ntohs(address.sin_port);
	return fd;
}

static void
test_failures(void **state)
{
	struct xc_database *db = NULL;
	unsigned port;
	int fd = silent_server(&port);

	(void)state;
	assert_fails(STATUS_TIMEOUT, xc_database_open_remote("127.0.0.1", port, 100, 100, &db, &err));
	assert_int_equal(close(fd), 0);
	assert_fails(STATUS_IO, xc_database_open_remote("127.0.0.1", port, 100, 100, &db, &err));
	assert_fails(STATUS_INVALID, xc_database_open_remote("127.0.0.1", 0, 100, 100, &db, &err));
	assert_fails(STATUS_INVALID, xc_database_open_remote("127.0.0.1", 65536, 100, 100, &db, &err));
	assert_null(db);
}

/* Starts xapian-tcpsrv for one connection; 0 where it is not installed. */
static pid_t
start_server(unsigned port, const char *path)
{
	char port_text[8], db_path[256];
	char program[] = "xapian-tcpsrv", interface[] = "--interface=127.0.0.1", once[] = "--one-shot";
	char quiet[] = "--quiet", port_option[] = "--port";
	char *arguments[] = { program, interface, once, quiet, port_option, port_text, db_path, NULL };
	pid_t child;

	(void)snprintf(port_text, sizeof(port_text), "%u", port);
	(void)snprintf(db_path, sizeof(db_path), "%s", path);
	return posix_spawnp(&child, program, NULL, NULL, arguments, environ) == 0 ? child : 0;
}

/* Connects once the server listens; NULL if it ends before. */
static struct xc_database *
connect_to(unsigned port, pid_t server)
{
	struct xc_database *db = NULL;
	int result;

	while (xc_database_open_remote("127.0.0.1", port, 10000, 10000, &db, &err) != STATUS_OK)
		if (waitpid(server, &result, WNOHANG) != 0)
			return NULL;
	return db;
}

static void
test_served_database(void **state)
{
	static const char *const pets[] = { "chat chien", "chien lapin", "cheval", NULL };
	struct xc_query *query = NULL;
	struct xc_mset *mset = NULL;
	struct xc_enquire *enquire = NULL;
	struct xc_database *db;
	struct str data;
	unsigned port;
	pid_t server;

	(void)state;
	scratch_database("db", pets);
	assert_int_equal(close(silent_server(&port)), 0);
	server = start_server(port, scratch_path("db").p);
	if (server == 0) {
		print_message("xapian-tcpsrv is not installed: skipped\n");
		skip();
	}
	db = connect_to(port, server);
	assert_non_null(db);
	assert_matches(db, combine(XC_OP_NEAR, 0, term("lapin"), term("chien")), "2");
	assert_ok(xc_database_keep_alive(db, &err));
	query = term("chien");
	assert_ok(xc_enquire_new(db, &enquire, &err));
	assert_ok(xc_enquire_set_query(enquire, query, 0, &err));
	assert_ok(xc_enquire_mset(enquire, 0, 10, 0, &mset, &err));
	assert_ok(xc_mset_fetch(mset, &err));
	assert_ok(xc_mset_data(mset, 1, &data, &err));
	assert_str(data, "chien lapin");
	xc_mset_free(mset);
	xc_query_free(query);
	/* A source cannot travel, and the refusal says so before anything runs. */
	assert_ok(xc_query_deadline(UINT64_MAX, &query, &err));
	assert_ok(xc_enquire_set_query(enquire, query, 0, &err));
	assert_fails(STATUS_INVALID, xc_enquire_mset(enquire, 0, 10, 0, &mset, &err));
	xc_query_free(query);
	xc_enquire_free(enquire);
	xc_database_close(db);
	(void)kill(server, SIGTERM);
	assert_int_equal(waitpid(server, NULL, 0), server);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_failures),
		cmocka_unit_test_setup_teardown(test_served_database, scratch_setup, scratch_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
