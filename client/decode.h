/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * decode: the result of a reply as the structs of voisin.h.  Inside the library only.
 *
 * Every member is checked for its presence and type; members that are not known are let be, so that
 * a later daemon can say more.  What is decoded borrows its strings from the reply, which it owns.
 */
#ifndef VOISIN_CLIENT_DECODE_H
#define VOISIN_CLIENT_DECODE_H

#include "client/voisin.h"
#include "protocol/reply.h"

/*
 * These take *reply over in any case.  VOISIN_PROTOCOL: *ret_bad is the name of the member that is
 * missing or wrong (static).  VOISIN_NOMEM.
 */
enum voisin_status decode_result(
    struct reply *reply, const struct voisin_search *search, struct voisin_result **ret_result, const char **ret_bad);
enum voisin_status decode_explanation(
    struct reply *reply, struct voisin_explanation **ret_explanation, const char **ret_bad);
enum voisin_status decode_suggestions(
    struct reply *reply, struct voisin_suggestions **ret_suggestions, const char **ret_bad);
enum voisin_status decode_document(struct reply *reply, struct voisin_document **ret_document, const char **ret_bad);
enum voisin_status decode_reprints(struct reply *reply, struct voisin_reprints **ret_reprints, const char **ret_bad);
enum voisin_status decode_pong(struct reply *reply, struct voisin_pong *ret_pong, const char **ret_bad);

#endif
