/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * secure: TLS for a wire.  Inside the library only.
 */
#ifndef VOISIN_CLIENT_SECURE_H
#define VOISIN_CLIENT_SECURE_H

#include <sys/types.h>

#include "client/wire.h"

/* Shakes hands on a connected socket; the certificate must be for `host`, a name or an address. */
enum voisin_status secure_connect(
    struct wire *wire, const char *host, int64_t deadline_ns, struct voisin_error *reterr);

/* As send() and recv(); where errno is EAGAIN *wanted says what is to be waited for. */
ssize_t secure_write(struct wire *wire, const char *from, size_t len, short *wanted);
ssize_t secure_read(struct wire *wire, char *to, size_t len, short *wanted);

/* Ends the connection's part, and all. */
void secure_close(struct wire *wire);
void secure_done(struct wire *wire);

#endif
