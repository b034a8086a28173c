/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * numbers: room in an array of 32-bit numbers, such as positions, which is kept from one use to the next.
 */
#ifndef VOISIN_INVFILE_NUMBERS_H
#define VOISIN_INVFILE_NUMBERS_H

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>

/*
 * Makes room for n numbers; what is there stays.  An array begins as NULL with a capacity of 0, is not NULL afterwards, even with n == 0, and is the caller's to
 * free.  False without memory: it is as it was.
 */
static inline bool
numbers_reserve(uint32_t **numbers, size_t *capacity, size_t n)
{
	size_t enough = *capacity > 0 ? *capacity : 64;
	uint32_t *larger;

	while (enough < n)
		enough *= 2;
	if (enough == *capacity)
		return true;
	larger = realloc(*numbers, enough * sizeof(*larger));
	if (larger == NULL)
		return false;
	*numbers = larger;
	*capacity = enough;
	return true;
}

#endif
