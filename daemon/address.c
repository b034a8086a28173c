/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "daemon/address.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <stdio.h>
#include <string.h>

#include "base/i18n.h"

#define UNIX_SCHEME "unix:"
#define TLS_SCHEME "tls:"

enum { HOST_BYTES = 256, PORT_MAX = 65535, V4_LOOPBACK_NET = 127 };

static enum status
parse_unix(const char *path, struct address *ret_address, struct error *reterr)
{
	struct address address = { .len = sizeof(address.u.local) };
	size_t len = strlen(path);

	if (len == 0)
		return error_set(reterr, STATUS_INVALID, ERROR_NO_OFFSET, "unix: needs the path of a socket");
	if (len >= sizeof(address.u.local.sun_path))
		return error_set(reterr, STATUS_INVALID, ERROR_NO_OFFSET,
		    "the path of a Unix socket has at most %zu bytes: %s", sizeof(address.u.local.sun_path) - 1, path);
	address.u.local.sun_family = AF_UNIX;
	memcpy(address.u.local.sun_path, path, len + 1);
	*ret_address = address;
	return STATUS_OK;
}

/* Splits at the colon before the port: "[::1]:0" -> "::1" and "0". */
static bool
split(const char *text, char host[HOST_BYTES], const char **ret_port)
{
	const char *colon = strrchr(text, ':');
	size_t len;

	if (colon == NULL || colon == text)
		return false;
	len = (size_t)(colon - text);
	if (text[0] == '[' && text[len - 1] == ']') {
		text++;
		len -= 2;
	} else if (memchr(text, ':', len) != NULL) {
		return false;
	}
	if (len == 0 || len >= HOST_BYTES)
		return false;
	memcpy(host, text, len);
	host[len] = '\0';
	*ret_port = colon + 1;
	return true;
}

static bool
is_port(const char *port)
{
	unsigned value = 0;
	size_t digits = 0;

	for (; port[digits] >= '0' && port[digits] <= '9' && digits < 6; digits++)
		value = value * 10 + (unsigned)(port[digits] - '0');
	return digits > 0 && port[digits] == '\0' && value <= PORT_MAX;
}

enum status
address_parse(const char *text, struct address *ret_address, struct error *reterr)
{
	const struct addrinfo hints = {
		.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE | AI_NUMERICSERV
	};
	struct addrinfo *found;
	struct address address = { .len = 0 };
	char host[HOST_BYTES];
	const char *port;
	int result;

	if (strncmp(text, UNIX_SCHEME, sizeof(UNIX_SCHEME) - 1) == 0)
		return parse_unix(text + sizeof(UNIX_SCHEME) - 1, ret_address, reterr);
	if (!split(text, host, &port) || !is_port(port))
		return error_set(reterr, STATUS_INVALID, ERROR_NO_OFFSET,
		    "\"%.80s\" is no address: write HOST:PORT, [IPV6]:PORT or unix:PATH", text);
	result = getaddrinfo(host, port, &hints, &found);
	if (result != 0)
		return error_set(reterr, STATUS_INVALID, ERROR_NO_OFFSET, "cannot find the host \"%s\": %s", host,
		    tr(gai_strerror(result)));
	if (found->ai_addrlen <= sizeof(address.u)) {
		memcpy(&address.u, found->ai_addr, found->ai_addrlen);
		address.len = found->ai_addrlen;
	}
	freeaddrinfo(found);
	if (address.u.any.sa_family != AF_INET && address.u.any.sa_family != AF_INET6)
		return error_set(reterr, STATUS_INVALID, ERROR_NO_OFFSET, "\"%s\" is no IP address", host);
	*ret_address = address;
	return STATUS_OK;
}

bool
address_take_tls(const char **text)
{
	if (strncmp(*text, TLS_SCHEME, sizeof(TLS_SCHEME) - 1) != 0)
		return false;
	*text += sizeof(TLS_SCHEME) - 1;
	return true;
}

bool
address_is_local(const struct address *address)
{
	return address->u.any.sa_family == AF_UNIX;
}

bool
address_is_private(const struct address *address)
{
	struct in6_addr ip = address_ip(address);

	if (address_is_local(address))
		return true;
	return IN6_IS_ADDR_LOOPBACK(&ip) || (IN6_IS_ADDR_V4MAPPED(&ip) && ip.s6_addr[12] == V4_LOOPBACK_NET);
}

void
address_format(const struct address *address, char text[ADDRESS_TEXT_BYTES])
{
	char ip[INET6_ADDRSTRLEN] = "?";

	if (address_is_local(address)) {
		(void)snprintf(text, ADDRESS_TEXT_BYTES, UNIX_SCHEME "%s", address->u.local.sun_path);
	} else if (address->u.any.sa_family == AF_INET) {
		(void)inet_ntop(AF_INET, &address->u.v4.sin_addr, ip, sizeof(ip));
		(void)snprintf(text, ADDRESS_TEXT_BYTES, "%s:%u", ip, ntohs(address->u.v4.sin_port));
	} else {
		(void)inet_ntop(AF_INET6, &address->u.v6.sin6_addr, ip, sizeof(ip));
		(void)snprintf(text, ADDRESS_TEXT_BYTES, "[%s]:%u", ip, ntohs(address->u.v6.sin6_port));
	}
}

struct in6_addr
address_ip(const struct address *address)
{
	struct in6_addr ip = IN6ADDR_ANY_INIT;

	if (address->u.any.sa_family == AF_INET6)
		return address->u.v6.sin6_addr;
	if (address->u.any.sa_family != AF_INET)
		return ip;
	ip.s6_addr[10] = 0xFF;
	ip.s6_addr[11] = 0xFF;
	memcpy(&ip.s6_addr[12], &address->u.v4.sin_addr, 4);
	return ip;
}
