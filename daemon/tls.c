/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "daemon/tls.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <stdlib.h>

struct tls {
	SSL_CTX *context;
};

static enum status
no_memory(struct error *reterr)
{
	return error_set(reterr, STATUS_NOMEM, ERROR_NO_OFFSET, "no memory for TLS");
}

/* A key with a passphrase is none: nobody is there to be asked. */
static int
no_passphrase(char *to, int room, int writing, void *arg)
{
	(void)to;
	(void)room;
	(void)writing;
	(void)arg;
	return -1;
}

static bool
use_chain(SSL_CTX *context, BIO *pem)
{
	X509 *certificate = PEM_read_bio_X509(pem, NULL, no_passphrase, NULL);
	bool used = certificate != NULL && SSL_CTX_use_certificate(context, certificate) == 1;

	X509_free(certificate);
	while (used && (certificate = PEM_read_bio_X509(pem, NULL, no_passphrase, NULL)) != NULL) {
		used = SSL_CTX_add0_chain_cert(context, certificate) == 1;
		if (!used)
			X509_free(certificate);
	}
	ERR_clear_error();
	return used;
}

static bool
use_key(SSL_CTX *context, BIO *pem)
{
	EVP_PKEY *key = PEM_read_bio_PrivateKey(pem, NULL, no_passphrase, NULL);
	bool used = key != NULL && SSL_CTX_use_PrivateKey(context, key) == 1;

	EVP_PKEY_free(key);
	ERR_clear_error();
	return used;
}

static enum status
use_both(SSL_CTX *context, struct str certificate, struct str key, struct error *reterr)
{
	BIO *certificate_pem = BIO_new_mem_buf(certificate.p, (int)certificate.len);
	BIO *key_pem = BIO_new_mem_buf(key.p, (int)key.len);
	enum status status = STATUS_OK;

	if (certificate_pem == NULL || key_pem == NULL)
		status = no_memory(reterr);
	else if (!use_chain(context, certificate_pem))
		status =
		    error_set(reterr, STATUS_INVALID, ERROR_NO_OFFSET, "the TLS certificate is no certificate in PEM");
	else if (!use_key(context, key_pem))
		status = error_set(reterr, STATUS_INVALID, ERROR_NO_OFFSET,
		    "the TLS key is no key in PEM without a passphrase that belongs to the certificate");
	else if (SSL_CTX_check_private_key(context) != 1)
		status = error_set(
		    reterr, STATUS_INVALID, ERROR_NO_OFFSET, "the TLS key does not belong to the certificate");
	ERR_clear_error();
	BIO_free(certificate_pem);
	BIO_free(key_pem);
	return status;
}

/* No session is resumed: a client keeps its connection, and a key of tickets would be one more by which records can be read. */
static void
set_up(SSL_CTX *context)
{
	(void)SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
	(void)SSL_CTX_set_options(context,
	    SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_NO_TICKET | SSL_OP_CIPHER_SERVER_PREFERENCE);
	(void)SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
	(void)SSL_CTX_set_num_tickets(context, 0);
	/* Idle connections keep no buffers; replies are given to it from where they are by then. */
	(void)SSL_CTX_set_mode(
	    context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER | SSL_MODE_RELEASE_BUFFERS);
}

enum status
tls_new(struct str certificate, struct str key, struct tls **ret_tls, struct error *reterr)
{
	struct tls *tls = calloc(1, sizeof(*tls));
	enum status status;

	if (tls != NULL)
		tls->context = SSL_CTX_new(TLS_server_method());
	if (tls == NULL || tls->context == NULL) {
		tls_free(tls);
		return no_memory(reterr);
	}
	set_up(tls->context);
	status = use_both(tls->context, certificate, key, reterr);
	if (status != STATUS_OK) {
		tls_free(tls);
		return status;
	}
	*ret_tls = tls;
	return STATUS_OK;
}

void
tls_free(struct tls *tls)
{
	if (tls == NULL)
		return;
	SSL_CTX_free(tls->context);
	free(tls);
}

struct ssl_st *
tls_accept(struct tls *tls, int fd)
{
	SSL *ssl = SSL_new(tls->context);

	if (ssl != NULL && SSL_set_fd(ssl, fd) == 1) {
		SSL_set_accept_state(ssl);
		return ssl;
	}
	SSL_free(ssl);
	ERR_clear_error();
	return NULL;
}
