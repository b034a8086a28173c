/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * memory: how much of it this process takes, also where it can open no file.
 */
#ifndef VOISIN_DAEMON_MEMORY_H
#define VOISIN_DAEMON_MEMORY_H

#include <stdint.h>

/* Opens what memory_resident() reads; to be called once, before the sandbox. */
void memory_watch(void);

/* Resident bytes, or 0 where that cannot be known. */
uint64_t memory_resident(void);

#endif
