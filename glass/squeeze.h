/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * squeeze: tags compressed as glass compresses them: raw deflate (RFC 1951) without header or checksum.
 */
#ifndef VOISIN_GLASS_SQUEEZE_H
#define VOISIN_GLASS_SQUEEZE_H

#include <stdbool.h>

#include "base/error.h"
#include "base/str.h"

/* Tags of no more bytes are not worth it, and glass leaves them as they are. */
enum { SQUEEZE_LEAST_BYTES = 18 };

struct squeeze;

enum status squeeze_new(struct squeeze **ret_squeeze, struct error *reterr) MUST_CHECK;

/* NULL is accepted. */
void squeeze_free(struct squeeze *squeeze);

/*
 * Gives `tag` compressed, where that is shorter, or else as it is; *ret_compressed says which.  What is given
 * points to `tag` or is borrowed until the next call.
 */
enum status squeeze_tag(struct squeeze *squeeze, struct str tag, struct str *ret_tag, bool *ret_compressed,
    struct error *reterr) MUST_CHECK;

#endif
