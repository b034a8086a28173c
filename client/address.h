/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * address: where a server is, as people write it.  Inside the library only.
 */
#ifndef VOISIN_CLIENT_ADDRESS_H
#define VOISIN_CLIENT_ADDRESS_H

#include "client/voisin.h"

struct address {
	bool is_unix;
	bool is_tls;
	char host[256]; /* or the path, with is_unix */
	char port[8];
};

/* Reads "unix:PATH", "HOST:PORT", "[IPV6]:PORT", or either of these behind "tls:".  VOISIN_INVALID: reterr says what is wrong. */
enum voisin_status address_parse(const char *text, struct address *ret_address, struct voisin_error *reterr);

#endif
