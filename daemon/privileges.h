/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * privileges: whom to be, and that there is no way back.
 *
 * Started as root, voisind becomes the user that it was told (--user NAME[:GROUP]); else, the owner of the
 * index's folder.  Where that is root too it refuses to run as a service or from a configuration file, and
 * otherwise runs as root without any capability, and says so loudly.  Whoever it runs as, it can gain nothing:
 * no set-user-ID program, no capability, no core file, no debugger of the same user.
 *
 * Not for: what a process may do with the kernel's calls and the files that it can reach (sandbox.h).
 */
#ifndef VOISIN_DAEMON_PRIVILEGES_H
#define VOISIN_DAEMON_PRIVILEGES_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/error.h"

enum { IDENTITY_GROUPS = 64, IDENTITY_NAME_BYTES = 64 };

struct identity {
	bool changes; /* from root to the user below */
	bool stays_root; /* it is root, and there is nobody to become */
	uid_t uid;
	gid_t gid;
	gid_t groups[IDENTITY_GROUPS];
	int n_groups;
	char name[IDENTITY_NAME_BYTES]; /* for the log */
};

/*
 * Decides who to be.  `user` is NAME[:GROUP], of which each may be a number, or NULL; `db` the folder of the
 * index; `is_service` refuses to stay root.  STATUS_INVALID: reterr says what is wrong.
 */
enum status privileges_choose(
    const char *user, const char *db, bool is_service, struct identity *ret_identity, struct error *reterr) MUST_CHECK;

/*
 * Becomes *identity for good, and checks that root cannot be had again.  Also: no_new_privs, no core file,
 * not dumpable unless `debuggable`.  A failure leaves the process in between: it must end.
 */
enum status privileges_drop(const struct identity *identity, bool debuggable, struct error *reterr) MUST_CHECK;

#endif
