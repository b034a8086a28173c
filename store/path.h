/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * path: names inside the index folder.
 */
#ifndef VOISIN_STORE_PATH_H
#define VOISIN_STORE_PATH_H

#include <limits.h>

#include "base/error.h"

/* Writes "dir/name" to `ret_path`; STATUS_LIMIT where it is longer than PATH_MAX. */
enum status path_join(char ret_path[PATH_MAX], const char *dir, const char *name, struct error *reterr) MUST_CHECK;

/* Removes a folder and the files in it (not folders in folders).  OK where there is none. */
enum status path_remove_folder(const char *path, struct error *reterr);

#endif
