/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * config-value: the text of a value -> what it means; and which name was meant by one that is not known.
 */
#ifndef VOISIN_BASE_CONFIG_VALUE_H
#define VOISIN_BASE_CONFIG_VALUE_H

#include "base/config.h"

/*
 * Reads `text`, trimmed and with its quotes, as the kind of `key`.  *ret_text is the part of it without quotes;
 * `space`, of text.len bytes, holds it where a \ had to go.  STATUS_INVALID or STATUS_LIMIT with what is wrong.
 */
enum status config_value_read(const struct config_key *key, struct str text, char *space, struct str *ret_text,
    int64_t *ret_number, struct error *reterr) MUST_CHECK;

/* In how many letters two names differ, a swap of two neighbours being one (Damerau 1964); long ones: many. */
unsigned config_slips(struct str a, struct str b);

#endif
