/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * self: what the kernel tells a process of itself, also where it can open no file.
 */
#ifndef VOISIN_DAEMON_SELF_H
#define VOISIN_DAEMON_SELF_H

#include <stdbool.h>
#include <stdint.h>

#define SELF_NO_CORE UINT32_MAX

/* Opens what the others read; to be called once, before the sandbox. */
void self_watch(void);

/* Resident bytes, or 0 where that cannot be known. */
uint64_t self_resident(void);

/* The core on which it runs at this moment, as a number, or SELF_NO_CORE. */
uint32_t self_core(void);

/*
 * Whether since the last call this process was ready to run and waited for a core, for longer than a wake-up takes: others want the
 * cores too (Linux, Documentation/scheduler/sched-stats.rst, "/proc/<pid>/schedstat").  To be called often: after ten milliseconds the answer is no, for
 * a core that has slept so long wakes up slowly also where nothing else runs.  True where it cannot be known.
 */
bool self_had_to_wait(void);

#endif
