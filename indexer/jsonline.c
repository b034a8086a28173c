/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "indexer/jsonline.h"

#include <stdio.h>

bool
jsonline_write(json_t *object)
{
	bool written = object != NULL && json_dumpf(object, stdout, JSON_COMPACT) == 0 && fputc('\n', stdout) != EOF &&
		       fflush(stdout) == 0;

	json_decref(object);
	return written;
}
