/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * keys: what lies where in the posting table, by the start of the key (docs/glass-format.md, section 4).
 *
 * A NUL byte in a term is written with 0xFF behind it, so that no term looks like one of the others.
 */
#ifndef VOISIN_GLASS_KEYS_H
#define VOISIN_GLASS_KEYS_H

#include "base/str.h"

#define KEYS_METADATA STR("\0\xC0") /* then the metadata key */
#define KEYS_VALUE_STATS STR("\0\xD0") /* then pack_last() of the slot */
#define KEYS_VALUES STR("\0\xD8") /* then pack_uint() of the slot; of a chunk, then its first docid */
#define KEYS_LENGTHS STR("\0\xE0") /* of documents; of a chunk but the first, then its first docid */

enum { KEYS_PREFIX_BYTES = 2 };

#endif
