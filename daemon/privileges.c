/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "daemon/privileges.h"

#include <errno.h>
#include <grp.h>
#include <linux/capability.h>
#include <pwd.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { PATH_BYTES = 4096, CAPABILITIES = 64 /* the kernel knows 41, and says where they end */ };

/* ---- Who ---- */

static bool
is_number(const char *text, unsigned *ret_number)
{
	char *end;
	unsigned long number;

	errno = 0;
	number = strtoul(text, &end, 10);
	if (text[0] < '0' || text[0] > '9' || *end != '\0' || errno != 0 || number >= UINT32_MAX)
		return false;
	*ret_number = (unsigned)number;
	return true;
}

/* The groups that the system's database gives a user, or the first alone where it does not know them. */
static void
fill_groups(struct identity *identity)
{
	int n = IDENTITY_GROUPS;

	if (getgrouplist(identity->name, identity->gid, identity->groups, &n) >= 0) {
		identity->n_groups = n;
		return;
	}
	identity->groups[0] = identity->gid;
	identity->n_groups = 1;
}

static enum status
find_group(const char *name, gid_t *ret_gid, struct error *reterr)
{
	const struct group *group = getgrnam(name);
	unsigned number;

	if (group != NULL)
		*ret_gid = group->gr_gid;
	else if (is_number(name, &number))
		*ret_gid = number;
	else
		return error_set(reterr, STATUS_INVALID, ERROR_NO_OFFSET, "there is no group \"%.60s\"", name);
	return STATUS_OK;
}

/* NAME[:GROUP].  A number that is no name needs no entry in the database. */
static enum status
find_user(const char *text, struct identity *identity, struct error *reterr)
{
	size_t len = strcspn(text, ":");
	const struct passwd *entry;
	unsigned number;

	if (len == 0 || len >= sizeof(identity->name))
		return error_set(
		    reterr, STATUS_INVALID, ERROR_NO_OFFSET, "--user takes NAME or NAME:GROUP, not \"%.80s\"", text);
	memcpy(identity->name, text, len);
	identity->name[len] = '\0';
	entry = getpwnam(identity->name);
	if (entry == NULL && !is_number(identity->name, &number))
		return error_set(reterr, STATUS_INVALID, ERROR_NO_OFFSET, "there is no user \"%s\"", identity->name);
	if (entry == NULL)
		entry = getpwuid(number);
	identity->uid = entry != NULL ? entry->pw_uid : number;
	identity->gid = entry != NULL ? entry->pw_gid : (gid_t)number;
	if (entry != NULL)
		(void)snprintf(identity->name, sizeof(identity->name), "%s", entry->pw_name);
	if (text[len] == ':' && find_group(text + len + 1, &identity->gid, reterr) != STATUS_OK)
		return STATUS_INVALID;
	if (identity->uid == 0)
		return error_set(
		    reterr, STATUS_INVALID, ERROR_NO_OFFSET, "--user is for becoming another user than root");
	fill_groups(identity);
	return STATUS_OK;
}

/* Whether `identity` could search an index: the folders above it may be closed to all but root. */
static bool
can_read(const struct identity *identity, const char *db)
{
	char current[PATH_BYTES];
	bool can;

	(void)snprintf(current, sizeof(current), "%s/current", db);
	if (setegid(identity->gid) != 0 || seteuid(identity->uid) != 0)
		can = false;
	else
		can = eaccess(current, R_OK | X_OK) == 0 && eaccess("/proc/self/exe", X_OK) == 0;
	return seteuid(0) == 0 && setegid(0) == 0 && can;
}

/* The owner of the index, where that is not root and can do the work. */
static bool
find_owner(const char *db, struct identity *identity)
{
	const struct passwd *entry;
	struct stat st;

	if (stat(db, &st) != 0 || st.st_uid == 0)
		return false;
	entry = getpwuid(st.st_uid);
	identity->uid = st.st_uid;
	identity->gid = entry != NULL ? entry->pw_gid : st.st_gid;
	if (entry != NULL)
		(void)snprintf(identity->name, sizeof(identity->name), "%s", entry->pw_name);
	else
		(void)snprintf(identity->name, sizeof(identity->name), "%u", (unsigned)st.st_uid);
	fill_groups(identity);
	return can_read(identity, db);
}

static enum status
choose_as_root(const char *user, const char *db, bool is_service, struct identity *identity, struct error *reterr)
{
	if (user != NULL) {
		identity->changes = true;
		return find_user(user, identity, reterr);
	}
	if (is_service)
		return error_set(reterr, STATUS_INVALID, ERROR_NO_OFFSET,
		    "voisind does not serve as root: name whom to become with --user NAME, or user = NAME in the "
		    "configuration file");
	if (find_owner(db, identity)) {
		identity->changes = true;
		return STATUS_OK;
	}
	*identity = (struct identity) { .stays_root = true, .name = "root" };
	return STATUS_OK;
}

enum status
privileges_choose(
    const char *user, const char *db, bool is_service, struct identity *ret_identity, struct error *reterr)
{
	struct identity identity = { .changes = false };
	enum status status = STATUS_OK;

	if (geteuid() == 0) {
		status = choose_as_root(user, db, is_service, &identity, reterr);
	} else {
		identity.uid = geteuid();
		identity.gid = getegid();
		if (user != NULL)
			status = find_user(user, &identity, reterr);
		if (status == STATUS_OK && identity.uid != geteuid())
			status = error_set(reterr, STATUS_INVALID, ERROR_NO_OFFSET,
			    "only root can become another user (--user %.60s)", user);
	}
	if (status == STATUS_OK)
		*ret_identity = identity;
	return status;
}

/* ---- No way back ---- */

/* No program that is started later, not even as root, has a capability then. */
static enum status
drop_bounding_set(struct error *reterr)
{
	for (unsigned long i = 0; i < CAPABILITIES && prctl(PR_CAPBSET_READ, i, 0, 0, 0) >= 0; i++) {
		if (prctl(PR_CAPBSET_DROP, i, 0, 0, 0) != 0)
			return error_errno(reterr, STATUS_IO, errno, "cannot give up a capability");
	}
	return STATUS_OK;
}

static enum status
drop_capabilities(struct error *reterr)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	const struct __user_cap_data_struct none[_LINUX_CAPABILITY_U32S_3] = { { 0, 0, 0 }, { 0, 0, 0 } };

	if (syscall(SYS_capset, &header, none) != 0)
		return error_errno(reterr, STATUS_IO, errno, "cannot give up a capability");
	return STATUS_OK;
}

static enum status
change_user(const struct identity *identity, struct error *reterr)
{
	if (setgroups((size_t)identity->n_groups, identity->groups) != 0 ||
	    setresgid(identity->gid, identity->gid, identity->gid) != 0 ||
	    setresuid(identity->uid, identity->uid, identity->uid) != 0)
		return error_errno(reterr, STATUS_IO, errno, "cannot become the user %s", identity->name);
	return STATUS_OK;
}

/* What must fail now. */
static enum status
check_no_return(const struct identity *identity, struct error *reterr)
{
	uid_t real, effective, saved;

	if (!identity->changes)
		return STATUS_OK;
	if (setuid(0) == 0 || seteuid(0) == 0 || setegid(0) == 0 || getresuid(&real, &effective, &saved) != 0 ||
	    real != identity->uid || effective != identity->uid || saved != identity->uid)
		return error_set(reterr, STATUS_INTERNAL, ERROR_NO_OFFSET,
		    "became the user %s, but could become root again", identity->name);
	return STATUS_OK;
}

enum status
privileges_drop(const struct identity *identity, bool debuggable, struct error *reterr)
{
	const struct rlimit no_core = { 0, 0 };
	bool is_root = identity->changes || identity->stays_root;
	enum status status = STATUS_OK;

	if (is_root)
		status = drop_bounding_set(reterr);
	if (status == STATUS_OK && identity->changes)
		status = change_user(identity, reterr);
	if (status == STATUS_OK && is_root)
		status = drop_capabilities(reterr);
	if (status == STATUS_OK)
		status = check_no_return(identity, reterr);
	if (status != STATUS_OK)
		return status;
	if (setrlimit(RLIMIT_CORE, &no_core) != 0 || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 ||
	    prctl(PR_SET_DUMPABLE, debuggable ? 1 : 0, 0, 0, 0) != 0)
		return error_errno(reterr, STATUS_IO, errno, "cannot give up privileges");
	return STATUS_OK;
}
