/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * call: one request, one right answer or a failure.  Inside the library only.
 */
#ifndef VOISIN_CLIENT_CALL_H
#define VOISIN_CLIENT_CALL_H

#include "client/voisin.h"
#include "protocol/reply.h"
#include "protocol/request.h"

/*
 * Sends *request (its id is set here) and waits for its reply.  On VOISIN_OK the caller ends
 * *ret_reply, which has a result, with reply_done().  The server's own refusal is a failure too.
 */
enum voisin_status call(
    struct voisin *voisin, struct request *request, struct reply *ret_reply, struct voisin_error *reterr);

/*
 * The server answered, but not what it should have: gives the connection up.  `where` names the
 * member of the result.
 */
enum voisin_status call_refuse(struct voisin *voisin, const char *where, struct voisin_error *reterr);

#endif
