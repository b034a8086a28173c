/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/bounds.h"

static const struct bound_range ranges[] = {
#define XX(code, name, least, usual, ceiling, help) [BOUND_##code] = { name, least, usual, ceiling, help },
	BOUNDS_TABLE(XX)
#undef XX
};

static uint32_t in_force[] = {
#define XX(code, name, least, usual, ceiling, help) [BOUND_##code] = (usual),
	BOUNDS_TABLE(XX)
#undef XX
};

_Static_assert(sizeof(ranges) / sizeof(ranges[0]) == BOUND_COUNT, "the last row is the last bound");

const struct bound_range *
bound_range(enum bound bound)
{
	return &ranges[bound];
}

uint32_t
bound_get(enum bound bound)
{
	return in_force[bound];
}

enum status
bound_set(enum bound bound, uint32_t value)
{
	if (value < ranges[bound].least || value > ranges[bound].ceiling)
		return STATUS_LIMIT;
	in_force[bound] = value;
	return STATUS_OK;
}
