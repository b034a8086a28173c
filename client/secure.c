/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "client/secure.h"

#include <arpa/inet.h>
#include <errno.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <poll.h>
#include <sys/socket.h>

#include "base/i18n.h"
#include "client/failure.h"

/* ---- The socket below: OpenSSL's own calls of it would raise SIGPIPE where the server hung up ---- */

static int
socket_of(BIO *bio)
{
	return *(const int *)BIO_get_data(bio);
}

/* Says whether a call may be made again. */
static int
result_of(BIO *bio, ssize_t n, int again)
{
	BIO_clear_retry_flags(bio);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		BIO_set_flags(bio, again | BIO_FLAGS_SHOULD_RETRY);
	return (int)n;
}

static int
socket_write(BIO *bio, const char *from, int len)
{
	return result_of(bio, send(socket_of(bio), from, (size_t)len, MSG_NOSIGNAL), BIO_FLAGS_WRITE);
}

static int
socket_read(BIO *bio, char *to, int len)
{
	return result_of(bio, recv(socket_of(bio), to, (size_t)len, 0), BIO_FLAGS_READ);
}

static long
socket_ctrl(BIO *bio, int what, long number, void *data)
{
	(void)bio;
	(void)number;
	(void)data;
	/* Nothing is kept here, so all is always flushed. */
	return what == BIO_CTRL_FLUSH;
}

static enum voisin_status
make_socket_calls(struct wire *wire, struct voisin_error *reterr)
{
	BIO_METHOD *calls = wire->socket_calls;

	if (calls != NULL)
		return VOISIN_OK;
	wire->socket_calls = calls = BIO_meth_new(BIO_TYPE_SOURCE_SINK | BIO_TYPE_DESCRIPTOR, "voisin");
	if (calls == NULL || BIO_meth_set_write(calls, socket_write) != 1 ||
	    BIO_meth_set_read(calls, socket_read) != 1 || BIO_meth_set_ctrl(calls, socket_ctrl) != 1)
		return failure_nomem(reterr);
	return VOISIN_OK;
}

static bool
use_socket(struct wire *wire)
{
	BIO *bio = BIO_new(wire->socket_calls);

	if (bio == NULL)
		return false;
	BIO_set_data(bio, &wire->fd);
	BIO_set_init(bio, 1);
	SSL_set_bio(wire->ssl, bio, bio);
	return true;
}

/* ---- Trust ---- */

enum voisin_status
wire_trust(struct wire *wire, const char *ca_file, struct voisin_error *reterr)
{
	enum voisin_status status = make_socket_calls(wire, reterr);

	if (status != VOISIN_OK)
		return status;
	wire->trust = SSL_CTX_new(TLS_client_method());
	if (wire->trust == NULL)
		return failure_nomem(reterr);
	(void)SSL_CTX_set_options(wire->trust, SSL_OP_NO_RENEGOTIATION);
	/* Keys and tickets without end must not keep a read from coming back to its deadline. */
	(void)SSL_CTX_clear_mode(wire->trust, SSL_MODE_AUTO_RETRY);
	(void)SSL_CTX_set_min_proto_version(wire->trust, TLS1_2_VERSION);
	(void)SSL_CTX_set_mode(wire->trust, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
	SSL_CTX_set_verify(wire->trust, SSL_VERIFY_PEER, NULL);
	if ((ca_file != NULL ? SSL_CTX_load_verify_file(wire->trust, ca_file)
			     : SSL_CTX_set_default_verify_paths(wire->trust)) == 1)
		return VOISIN_OK;
	ERR_clear_error();
	return failure(
	    reterr, VOISIN_INVALID, "cannot read certificates in PEM from %s", ca_file != NULL ? ca_file : "-");
}

/* What a call of OpenSSL that gave `result` means, as recv() and send() say it. */
static ssize_t
meaning(const struct wire *wire, int result, short *wanted)
{
	int error = SSL_get_error(wire->ssl, result);
	int errnum = errno;

	ERR_clear_error();
	*wanted = error == SSL_ERROR_WANT_WRITE ? POLLOUT : POLLIN;
	if (error == SSL_ERROR_ZERO_RETURN || (error == SSL_ERROR_SYSCALL && errnum == 0))
		return 0;
	errno = error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE ? EAGAIN
		: error == SSL_ERROR_SYSCALL                                  ? errnum
									      : EPROTO;
	return -1;
}

ssize_t
secure_write(struct wire *wire, const char *from, size_t len, short *wanted)
{
	int n;

	errno = 0;
	n = SSL_write(wire->ssl, from, (int)len);
	if (n > 0)
		return n;
	n = (int)meaning(wire, n, wanted);
	if (n == 0)
		errno = EPIPE;
	return -1;
}

ssize_t
secure_read(struct wire *wire, char *to, size_t len, short *wanted)
{
	int n;

	errno = 0;
	n = SSL_read(wire->ssl, to, (int)len);
	return n > 0 ? n : meaning(wire, n, wanted);
}

/* Whose certificate it must be: SNI is for names alone (RFC 6066, section 3). */
static bool
expect(SSL *ssl, const char *host)
{
	unsigned char address[sizeof(struct in6_addr)];
	bool is_address = inet_pton(AF_INET, host, address) == 1 || inet_pton(AF_INET6, host, address) == 1;

	if (is_address)
		return X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), host) == 1;
	/* What SSL_set_tlsext_host_name() is, but for its cast; the name is copied. */
	return SSL_ctrl(ssl, SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name, (void *)(uintptr_t)host) == 1 &&
	       SSL_set1_host(ssl, host) == 1;
}

static enum voisin_status
refuse(const struct wire *wire, const char *host, int errnum, struct voisin_error *reterr)
{
	long verdict = SSL_get_verify_result(wire->ssl);
	const char *why = ERR_reason_error_string(ERR_peek_last_error());
	if (verdict != X509_V_OK)
		return failure(reterr, VOISIN_IO, "the certificate of %s is not trusted: %s", host,
		    X509_verify_cert_error_string(verdict));
	if (why == NULL && errnum != 0)
		return failure_errno(reterr, VOISIN_IO, errnum, "no TLS with %s", host);
	return failure(reterr, VOISIN_IO, "no TLS with %s: %s", host, why != NULL ? why : tr("the server hung up"));
}

enum voisin_status
secure_connect(struct wire *wire, const char *host, int64_t deadline_ns, struct voisin_error *reterr)
{
	enum voisin_status status = VOISIN_OK;
	int result;

	if (wire->trust == NULL)
		status = wire_trust(wire, NULL, reterr);
	if (status != VOISIN_OK)
		return status;
	ERR_clear_error();
	wire->ssl = SSL_new(wire->trust);
	if (wire->ssl == NULL || !expect(wire->ssl, host) || !use_socket(wire))
		return failure_nomem(reterr);
	while (errno = 0, (result = SSL_connect(wire->ssl)) != 1) {
		int errnum = errno;
		int error = SSL_get_error(wire->ssl, result);

		if (error != SSL_ERROR_WANT_READ && error != SSL_ERROR_WANT_WRITE)
			return refuse(wire, host, errnum, reterr);
		if (!wire_wait(wire->fd, error == SSL_ERROR_WANT_WRITE ? POLLOUT : POLLIN, deadline_ns))
			return failure(reterr, VOISIN_TIMEOUT, "the server did not answer in time");
	}
	return VOISIN_OK;
}

void
secure_close(struct wire *wire)
{
	SSL_free(wire->ssl);
	wire->ssl = NULL;
}

void
secure_done(struct wire *wire)
{
	SSL_CTX_free(wire->trust);
	wire->trust = NULL;
	BIO_meth_free(wire->socket_calls);
	wire->socket_calls = NULL;
}
