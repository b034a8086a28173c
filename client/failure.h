/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * failure: how libvoisin says that a call failed.  Inside the library only.
 */
#ifndef VOISIN_CLIENT_FAILURE_H
#define VOISIN_CLIENT_FAILURE_H

#include "base/error.h"
#include "client/voisin.h"

/* Fills *reterr (which may be NULL), with no code of a server's and no place, and returns `status`. */
enum voisin_status failure(struct voisin_error *reterr, enum voisin_status status, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* The same with ": " and errno's text behind the message. */
enum voisin_status failure_errno(struct voisin_error *reterr, enum voisin_status status, int errnum, const char *format,
    ...) __attribute__((format(printf, 4, 5)));

/* "out of memory". */
enum voisin_status failure_nomem(struct voisin_error *reterr);

/* A failure of one of the rooms below. */
enum voisin_status failure_of(struct voisin_error *reterr, enum voisin_status status, const struct error *error);

#endif
