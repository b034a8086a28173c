/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * tls_server: certificates of any kind, and a fake server's end of a TLS connection.
 *
 * Made in memory, before the server's process starts, and known to it: only what a client is to trust is a file.
 */
#ifndef VOISIN_TESTS_CLIENT_TLS_SERVER_H
#define VOISIN_TESTS_CLIENT_TLS_SERVER_H

#include <openssl/ssl.h>
#include <stdbool.h>
#include <stddef.h>

struct tls_identity {
	EVP_PKEY *key;
	X509 *certificate;
};

/* What a certificate says; times in seconds from now. */
struct tls_claim {
	const char *names; /* such as "DNS:localhost,IP:127.0.0.1" */
	long from_s, to_s;
	const char *purpose; /* such as "serverAuth", or NULL for any */
	bool signs; /* others */
};

/* Signed by `issuer`, by itself where that is NULL.  Ends the test program where that fails. */
struct tls_identity tls_identity_make(const struct tls_claim *claim, const struct tls_identity *issuer);

void tls_identity_done(struct tls_identity *identity);

/* Writes the certificate in PEM. */
void tls_identity_write(const struct tls_identity *identity, const char *path);

/* The server's end; `who` may be NULL for none, `version` is that of the protocol, such as TLS1_3_VERSION. */
SSL *tls_server_new(const struct tls_identity *who, int version);

/* Reads one request line, and returns its id, or -1 at the end. */
long long tls_read_request(SSL *ssl);

/* Sends bytes, all of them or as many as the client takes. */
void tls_send(SSL *ssl, const char *bytes, size_t len);

#endif
