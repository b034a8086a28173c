/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * cores: how much work this process can have done at the same time.
 *
 * A container or a unit with a quota of processor time (docker --cpus, CPUQuota=) may run on all cores, and is stopped for the rest of
 * a tenth of a second when it has used up its share: cgroup v2, "cpu.max" (Linux, Documentation/admin-guide/cgroup-v2.rst).
 */
#ifndef VOISIN_BASE_CORES_H
#define VOISIN_BASE_CORES_H

/* The cores that this process may run on, as many as its quota pays for in full; 1 at the least. */
unsigned cores_count(void);

/*
 * How many cores the least quota pays for, of the group that `groups` names and of all around it, 1 at the least; UINT_MAX where there
 * is none.  `groups` is /proc/self/cgroup (cgroups(7)), `mount` the folder /sys/fs/cgroup; others are for tests.
 */
unsigned cores_paid(const char *groups, const char *mount);

/* Two microseconds or so in which a core that is two threads' (SMT) is left to the other one: for the rounds of a busy wait. */
void cores_relax(void);

#endif
