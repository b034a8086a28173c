/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "client/address.h"

#include <stdio.h>
#include <string.h>
#include <sys/un.h>

#include "client/failure.h"

static enum voisin_status
parse_path(const char *path, struct address *ret_address, struct voisin_error *reterr)
{
	struct sockaddr_un un;
	struct address address = { .is_unix = true };

	if (path[0] == '\0')
		return failure(reterr, VOISIN_INVALID, "unix: must be followed by the path of a socket");
	if (strlen(path) >= sizeof(un.sun_path))
		return failure(
		    reterr, VOISIN_INVALID, "the path of a socket must be shorter than %zu bytes", sizeof(un.sun_path));
	(void)snprintf(address.host, sizeof(address.host), "%s", path);
	*ret_address = address;
	return VOISIN_OK;
}

/* A port of 1 to 65535 in plain digits. */
static bool
parse_port(const char *text, char port[8])
{
	unsigned number = 0;

	if (strspn(text, "0123456789") != strlen(text) || strlen(text) > 5)
		return false;
	for (const char *p = text; *p != '\0'; p++)
		number = number * 10 + (unsigned)(*p - '0');
	(void)snprintf(port, 8, "%u", number);
	return number >= 1 && number <= 65535;
}

static enum voisin_status
parse_host(const char *text, struct address *ret_address, struct voisin_error *reterr)
{
	struct address address = { .is_unix = false };
	const char *colon = strrchr(text, ':');
	const char *host = text;
	size_t len;

	if (colon == NULL)
		return failure(reterr, VOISIN_INVALID, "a server is unix:PATH or HOST:PORT: there is no port");
	len = (size_t)(colon - text);
	if (len >= 2 && host[0] == '[' && host[len - 1] == ']') {
		host++;
		len -= 2;
	} else if (memchr(host, ':', len) != NULL)
		return failure(reterr, VOISIN_INVALID, "an IPv6 address is written in brackets: [::1]:7117");
	if (len == 0 || len >= sizeof(address.host))
		return failure(reterr, VOISIN_INVALID, "a server is unix:PATH or HOST:PORT: there is no host");
	if (!parse_port(colon + 1, address.port))
		return failure(reterr, VOISIN_INVALID, "the port of a server must be a number from 1 to 65535");
	memcpy(address.host, host, len);
	*ret_address = address;
	return VOISIN_OK;
}

enum voisin_status
address_parse(const char *text, struct address *ret_address, struct voisin_error *reterr)
{
	bool is_tls = strncmp(text, "tls:", 4) == 0;
	enum voisin_status status;

	if (strncmp(text, "unix:", 5) == 0)
		return parse_path(text + 5, ret_address, reterr);
	status = parse_host(is_tls ? text + 4 : text, ret_address, reterr);
	if (status == VOISIN_OK)
		ret_address->is_tls = is_tls;
	return status;
}
