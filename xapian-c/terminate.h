/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * terminate: where C++ can neither throw nor return.
 *
 * A third header of xapian-c.h, whose rules hold here too.
 */
#ifndef XAPIAN_C_TERMINATE_H
#define XAPIAN_C_TERMINATE_H

#include "xapian-c/xapian-c.h"

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Sets what is called in place of abort() where an exception meets another one, for instance where Xapian 1.4 cannot undo a commit of
 * which a write has failed, or memory ends in one.  No status can be returned then.  The callback must not return: it ends the process,
 * and what was committed before is whole, as after a kill.  Of the process, and inherited by its children.
 */
XC_API void xc_on_terminate(void (*terminate_cb)(void)) XC_NOEXCEPT;

#ifdef __cplusplus
}
#endif

#endif
