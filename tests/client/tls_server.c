/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/client/tls_server.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { REQUEST_BYTES = 128 * 1024 };

static void
must(bool condition, const char *what)
{
	if (condition)
		return;
	(void)fprintf(stderr, "%s\n", what);
	ERR_print_errors_fp(stderr);
	exit(1);
}

static void
add_extension(X509 *certificate, int nid, const char *value)
{
	X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, NULL, nid, value);

	must(extension != NULL && X509_add_ext(certificate, extension, -1) == 1, value);
	X509_EXTENSION_free(extension);
}

struct tls_identity
tls_identity_make(const struct tls_claim *claim, const struct tls_identity *issuer)
{
	static long serial;
	struct tls_identity made = { EVP_EC_gen("P-256"), X509_new() };
	X509 *x = made.certificate;
	X509_NAME *name;
	char label[32];

	must(made.key != NULL && x != NULL, "no certificate");
	(void)snprintf(label, sizeof(label), "Essai %ld", ++serial);
	(void)X509_set_version(x, X509_VERSION_3);
	(void)ASN1_INTEGER_set(X509_get_serialNumber(x), serial);
	(void)X509_gmtime_adj(X509_getm_notBefore(x), claim->from_s);
	(void)X509_gmtime_adj(X509_getm_notAfter(x), claim->to_s);
	name = X509_get_subject_name(x);
	(void)X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, (const unsigned char *)label, -1, -1, 0);
	(void)X509_set_issuer_name(x, issuer != NULL ? X509_get_subject_name(issuer->certificate) : name);
	(void)X509_set_pubkey(x, made.key);
	add_extension(x, NID_basic_constraints, claim->signs ? "critical,CA:TRUE" : "CA:FALSE");
	if (claim->names != NULL)
		add_extension(x, NID_subject_alt_name, claim->names);
	if (claim->purpose != NULL)
		add_extension(x, NID_ext_key_usage, claim->purpose);
	must(X509_sign(x, issuer != NULL ? issuer->key : made.key, EVP_sha256()) > 0, "cannot sign");
	return made;
}

void
tls_identity_done(struct tls_identity *identity)
{
	X509_free(identity->certificate);
	EVP_PKEY_free(identity->key);
}

void
tls_identity_write(const struct tls_identity *identity, const char *path)
{
	FILE *file = fopen(path, "w");

	must(file != NULL && PEM_write_X509(file, identity->certificate) == 1, path);
	(void)fclose(file);
}

SSL *
tls_server_new(const struct tls_identity *who, int version)
{
	SSL_CTX *context = SSL_CTX_new(TLS_server_method());
	SSL *ssl;

	must(context != NULL, "no context");
	/* What is too old for this machine's policy is wanted here. */
	SSL_CTX_set_security_level(context, 0);
	must(SSL_CTX_set_min_proto_version(context, version) == 1 &&
		 SSL_CTX_set_max_proto_version(context, version) == 1,
	    "version");
	if (who != NULL)
		must(SSL_CTX_use_certificate(context, who->certificate) == 1 &&
			 SSL_CTX_use_PrivateKey(context, who->key) == 1,
		    "certificate");
	ssl = SSL_new(context);
	must(ssl != NULL, "no connection");
	SSL_CTX_free(context);
	return ssl;
}

long long
tls_read_request(SSL *ssl)
{
	static char line[REQUEST_BYTES];
	const char *id;
	size_t len = 0;

	while (len + 1 < sizeof(line) && (len == 0 || line[len - 1] != '\n')) {
		int n = SSL_read(ssl, line + len, (int)(sizeof(line) - 1 - len));

		if (n <= 0)
			return -1;
		len += (size_t)n;
	}
	line[len] = '\0';
	id = strstr(line, "\"id\":");
	return id != NULL ? strtoll(id + 5, NULL, 10) : -1;
}

void
tls_send(SSL *ssl, const char *bytes, size_t len)
{
	while (len > 0) {
		int n = SSL_write(ssl, bytes, len > 16384 ? 16384 : (int)len);

		if (n <= 0)
			return;
		bytes += n;
		len -= (size_t)n;
	}
}
