/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * sanitizer: whether this program was built with one, whose shadow memory and system calls no bound of ours
 * fits.
 */
#ifndef VOISIN_DAEMON_SANITIZER_H
#define VOISIN_DAEMON_SANITIZER_H

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define HAS_SANITIZER 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define HAS_SANITIZER 1
#endif
#endif
#ifndef HAS_SANITIZER
#define HAS_SANITIZER 0
#endif

#endif
