/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * address: from what is written on the command line to something to bind, and back.
 */
#ifndef VOISIN_DAEMON_ADDRESS_H
#define VOISIN_DAEMON_ADDRESS_H

#include <netinet/in.h>
#include <stdbool.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "base/error.h"

enum { ADDRESS_TEXT_BYTES = 128 };

struct address {
	union {
		struct sockaddr any;
		struct sockaddr_in v4;
		struct sockaddr_in6 v6;
		struct sockaddr_un local;
		struct sockaddr_storage room;
	} u;
	socklen_t len;
};

/*
 * Reads HOST:PORT, [IPV6]:PORT or unix:PATH.  A name is looked up, and its first address counts.
 * STATUS_INVALID: reterr says what is wrong.
 */
enum status address_parse(const char *text, struct address *ret_address, struct error *reterr) MUST_CHECK;

/* Whether the text begins with tls:, of which *text is moved to what stands behind. */
bool address_take_tls(const char **text);

bool address_is_local(const struct address *address); /* a Unix socket */

/* Whether only this machine can connect to it. */
bool address_is_private(const struct address *address);

/* As address_parse() reads it. */
void address_format(const struct address *address, char text[ADDRESS_TEXT_BYTES]);

/* The IP address as IPv6, IPv4 as ::ffff:a.b.c.d; all zeros for a Unix socket. */
struct in6_addr address_ip(const struct address *address);

#endif
