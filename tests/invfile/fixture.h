/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * fixture: a folder for a test's inverted file.
 */
#ifndef VOISIN_TESTS_INVFILE_FIXTURE_H
#define VOISIN_TESTS_INVFILE_FIXTURE_H

#include "invfile/file.h"

/* For cmocka.  teardown fails where anything but the file is left in the folder. */
int fixture_setup(void **state);
int fixture_teardown(void **state);

/* Where the file is to be. */
const char *fixture_path(void);

/* Opens it.  Fails the test where that fails. */
struct invfile *fixture_open(void);

/* Fails the test, with the message, where `status` is a failure. */
void fixture_must(enum status status, const struct error *error);

#endif
