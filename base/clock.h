/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * clock: time that does not jump.
 */
#ifndef VOISIN_BASE_CLOCK_H
#define VOISIN_BASE_CLOCK_H

#include <stdint.h>

/* Nanoseconds on the monotonic clock; only differences mean anything. */
int64_t clock_mono_ns(void);

/* Milliseconds on the same clock. */
int64_t clock_mono_ms(void);

#endif
