/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "daemon/polling.h"

enum { NS_PER_US = 1000, CROWD_NS = 20 * 1000 * 1000 /* for so long there may be two requests again */ };

void
polling_init(struct polling *polling, unsigned cores)
{
	*polling = (struct polling) { .has_cores = cores > 1, .crowded_ns = INT64_MIN / 2 };
}

void
polling_crowd(struct polling *polling, int64_t now_ns)
{
	polling->crowded_ns = now_ns;
	polling->until_ns = 0;
}

bool
polling_begin(struct polling *polling, int64_t now_ns, uint32_t us, bool shares_core)
{
	polling->until_ns = 0;
	if (!polling->has_cores || us == 0 || now_ns - polling->crowded_ns < CROWD_NS)
		return false;
	if (!shares_core)
		polling->until_ns = now_ns + (int64_t)us * NS_PER_US;
	return true;
}

void
polling_end(struct polling *polling)
{
	polling->until_ns = 0;
}

bool
polling_is_on(const struct polling *polling, int64_t now_ns)
{
	return polling->until_ns != 0 && now_ns < polling->until_ns;
}
