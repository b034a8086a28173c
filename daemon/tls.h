/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * tls: the server's certificate and key.  TLS 1.2 and later, no renegotiation, no compression, no sessions kept.
 */
#ifndef VOISIN_DAEMON_TLS_H
#define VOISIN_DAEMON_TLS_H

#include "base/error.h"
#include "base/str.h"

struct tls;
struct ssl_st;

enum { TLS_FILE_BYTES = 256 * 1024 /* of a certificate with its chain, or a key */ };

/*
 * Takes a certificate with the chain behind it, and its key, in PEM.  STATUS_INVALID: reterr says which of them is
 * wrong, or that they do not belong together.
 */
enum status tls_new(struct str certificate, struct str key, struct tls **ret_tls, struct error *reterr) MUST_CHECK;

/* NULL is accepted.  Connections that were made with it live on. */
void tls_free(struct tls *tls);

/* The server's side of a connection; NULL when memory runs out.  For stream_init(). */
struct ssl_st *tls_accept(struct tls *tls, int fd);

#endif
