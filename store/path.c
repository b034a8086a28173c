/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "store/path.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum status
path_join(char ret_path[PATH_MAX], const char *dir, const char *name, struct error *reterr)
{
	int n = snprintf(ret_path, PATH_MAX, "%s/%s", dir, name);

	if (n < 0 || n >= PATH_MAX)
		return error_set(reterr, STATUS_LIMIT, ERROR_NO_OFFSET, "the path of the index is longer than %d bytes",
		    PATH_MAX - 1);
	return STATUS_OK;
}

static enum status
remove_files(DIR *folder, const char *path, struct error *reterr)
{
	const struct dirent *entry;

	while ((errno = 0, entry = readdir(folder)) != NULL) {
		if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
			continue;
		if (unlinkat(dirfd(folder), entry->d_name, 0) != 0 && errno != ENOENT)
			return error_errno(reterr, STATUS_IO, errno, "cannot remove %s/%s", path, entry->d_name);
	}
	if (errno != 0)
		return error_errno(reterr, STATUS_IO, errno, "cannot read folder %s", path);
	return STATUS_OK;
}

enum status
path_remove_folder(const char *path, struct error *reterr)
{
	DIR *folder = opendir(path);
	enum status status;

	if (folder == NULL && errno == ENOENT)
		return STATUS_OK;
	if (folder == NULL)
		return error_errno(reterr, STATUS_IO, errno, "cannot open folder %s", path);
	status = remove_files(folder, path, reterr);
	(void)closedir(folder);
	if (status == STATUS_OK && rmdir(path) != 0)
		return error_errno(reterr, STATUS_IO, errno, "cannot remove folder %s", path);
	return status;
}
