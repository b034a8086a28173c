/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "daemon/secrets.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/crypto.h>
#include <sys/stat.h>
#include <unistd.h>

enum { READ_BYTES = 4096 };

enum status
secrets_open(const char *path, int *ret_fd, struct error *reterr)
{
	struct stat st;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);

	if (fd < 0)
		return error_errno(
		    reterr, errno == ENOENT ? STATUS_NOT_FOUND : STATUS_IO, errno, "cannot read %s", path);
	if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode)) {
		(void)close(fd);
		return error_set(reterr, STATUS_INVALID, ERROR_NO_OFFSET, "%s is no file", path);
	}
	*ret_fd = fd;
	return STATUS_OK;
}

/* Others of this machine must not be able to read a key or a token. */
static enum status
check_closed(int fd, const char *path, struct error *reterr)
{
	struct stat st;

	if (fstat(fd, &st) != 0 || (st.st_mode & (S_IROTH | S_IWOTH)) != 0)
		return error_set(reterr, STATUS_INVALID, ERROR_NO_OFFSET,
		    "%s can be read or written by all users: chmod o= it", path);
	return STATUS_OK;
}

static enum status
read_all(int fd, const char *path, struct buf *out, struct error *reterr)
{
	char chunk[READ_BYTES];
	ssize_t n;

	while ((n = read(fd, chunk, sizeof(chunk))) > 0 || (n < 0 && errno == EINTR)) {
		if (n > 0 && buf_append(out, chunk, (size_t)n) != STATUS_OK)
			return error_set(
			    reterr, buf_status(out), ERROR_NO_OFFSET, "%s is longer than %zu bytes", path, out->max);
	}
	OPENSSL_cleanse(chunk, sizeof(chunk));
	if (n < 0)
		return error_errno(reterr, STATUS_IO, errno, "cannot read %s", path);
	return STATUS_OK;
}

static enum status
read_file(const struct settings *settings, struct keeper *keeper, enum settings_file which, struct buf *out,
    struct error *reterr)
{
	const char *path = settings->files[which];
	int fd = -1;
	enum status status = keeper != NULL ? keeper_open(keeper, which, &fd, reterr) : secrets_open(path, &fd, reterr);

	if (status != STATUS_OK)
		return status;
	if (which != SETTINGS_CERTIFICATE)
		status = check_closed(fd, path, reterr);
	if (status == STATUS_OK)
		status = read_all(fd, path, out, reterr);
	(void)close(fd);
	return status;
}

/* Frees what holds a secret. */
static void
forget(struct buf *buf)
{
	if (buf->data != NULL)
		OPENSSL_cleanse(buf->data, buf->cap);
	buf_done(buf);
}

static enum status
read_tls(const struct settings *settings, struct keeper *keeper, struct tls **ret_tls, struct error *reterr)
{
	struct buf certificate, key;
	enum status status;

	buf_init(&certificate, TLS_FILE_BYTES);
	buf_init(&key, TLS_FILE_BYTES);
	status = read_file(settings, keeper, SETTINGS_CERTIFICATE, &certificate, reterr);
	if (status == STATUS_OK)
		status = read_file(settings, keeper, SETTINGS_KEY, &key, reterr);
	if (status == STATUS_OK)
		status = tls_new(buf_str(&certificate), buf_str(&key), ret_tls, reterr);
	buf_done(&certificate);
	forget(&key);
	return status;
}

static enum status
read_tokens(const struct settings *settings, struct keeper *keeper, struct tokens **ret_tokens, struct error *reterr)
{
	struct buf text;
	enum status status;

	buf_init(&text, TOKENS_FILE_BYTES);
	status = read_file(settings, keeper, SETTINGS_TOKENS, &text, reterr);
	if (status == STATUS_OK)
		status = tokens_new(buf_str(&text), settings->files[SETTINGS_TOKENS], ret_tokens, reterr);
	forget(&text);
	return status;
}

enum status
secrets_read(const struct settings *settings, struct keeper *keeper, struct secrets *ret_secrets, struct error *reterr)
{
	struct secrets secrets = { .tls = NULL };
	enum status status = STATUS_OK;

	if (settings->files[SETTINGS_CERTIFICATE] != NULL)
		status = read_tls(settings, keeper, &secrets.tls, reterr);
	if (status == STATUS_OK && settings->files[SETTINGS_TOKENS] != NULL)
		status = read_tokens(settings, keeper, &secrets.tokens, reterr);
	if (status == STATUS_OK)
		*ret_secrets = secrets;
	else
		secrets_done(&secrets);
	return status;
}

void
secrets_done(struct secrets *secrets)
{
	tls_free(secrets->tls);
	tokens_free(secrets->tokens);
	*secrets = (struct secrets) { .tls = NULL };
}
