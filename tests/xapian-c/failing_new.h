/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * failing_new: C++'s operator new, which fails when it is told to, and counts what is alive.
 *
 * Xapian itself leaks in places when it runs out of memory, so what was asked for by code of this
 * program (the binding, linked statically) is counted apart from what libraries asked for.
 */
#ifndef VOISIN_TESTS_XAPIAN_C_FAILING_NEW_H
#define VOISIN_TESTS_XAPIAN_C_FAILING_NEW_H

#include <stdbool.h>

/* The nth allocation from here on fails; or that one and all after it.  0: none does. */
void failing_new_arm(unsigned long nth, bool all_after);

/* Stops failing; true if an allocation has failed since it was armed. */
bool failing_new_disarm(void);

/* Allocations made by this program's code, and by libraries, and not freed. */
long failing_new_alive(void);
long failing_new_alive_in_libraries(void);

#endif
