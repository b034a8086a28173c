/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * secrets: certificate, key and tokens, from the files of the settings.
 *
 * At the start they are read by whoever starts the daemon, which may be root; when the configuration is read again, by
 * way of the keeper, as the user that the daemon has become.
 */
#ifndef VOISIN_DAEMON_SECRETS_H
#define VOISIN_DAEMON_SECRETS_H

#include "daemon/keeper.h"
#include "daemon/settings.h"
#include "daemon/tls.h"
#include "daemon/tokens.h"

struct secrets {
	struct tls *tls; /* NULL: no certificate is named */
	struct tokens *tokens; /* NULL: no file of tokens is named */
};

/* Opens a regular file for reading.  STATUS_NOT_FOUND, STATUS_IO, STATUS_INVALID. */
enum status secrets_open(const char *path, int *ret_fd, struct error *reterr) MUST_CHECK;

/* Reads them; through `keeper` if that is not NULL.  The caller ends them with secrets_done(). */
enum status secrets_read(const struct settings *settings, struct keeper *keeper, struct secrets *ret_secrets,
    struct error *reterr) MUST_CHECK;

void secrets_done(struct secrets *secrets);

#endif
