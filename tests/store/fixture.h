/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * fixture: a folder that goes away, and an index in it.
 */
#ifndef VOISIN_TESTS_STORE_FIXTURE_H
#define VOISIN_TESTS_STORE_FIXTURE_H

#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include <cmocka.h>

#include "store/reader.h"
#include "store/writer.h"

struct fixture {
	char top[PATH_MAX]; /* a new folder */
	char dir[PATH_MAX]; /* an index folder in it, not made yet */
	struct error error;
};

/* cmocka's set-up and tear-down. */
int fixture_setup(void **state);

/* The same, and the folder is there: for what writes beside databases. */
int fixture_setup_folder(void **state);
int fixture_teardown(void **state);

/* Fails the test with the error's message. */
void check_ok(struct fixture *fixture, enum status status);
/* Fails unless `status` is `expected` and the message holds `words`. */
void check_refused(struct fixture *fixture, enum status status, enum status expected, const char *words);

/* dir/name, in static space: valid until the fourth call from now. */
const char *fixture_path(const struct fixture *fixture, const char *name);

/* A document whose other fields are empty. */
struct store_document doc(const char *id, const char *title, const char *text);

/* A text of two words, one of them i's own: "motbaa commun". */
void text_of(unsigned i, char ret_text[32]);

/* Opens a writer whose scope is "/". */
struct store_writer *open_writer(struct fixture *fixture, enum store_mode mode);

/* The file /f/NAME of that size and with mtime 1. */
struct store_file file_of(const char *path);

void begin(struct fixture *fixture, struct store_writer *writer, const char *path);
void end(struct fixture *fixture, struct store_writer *writer);
enum store_put put(
    struct fixture *fixture, struct store_writer *writer, const char *id, const char *title, const char *text);

/* Plans and executes the sweep; the number of documents that were deleted. */
uint64_t sweep(struct fixture *fixture, struct store_writer *writer);

/* Finishes and closes. */
void finish(struct fixture *fixture, struct store_writer *writer);

/* Documents "1" to "n" of the file /f/a.jsonl, each with the text that text_of() gives it. */
void put_plain(struct fixture *fixture, struct store_writer *writer, unsigned n);

/* An index of these. */
void make_index(struct fixture *fixture, unsigned n);

struct store_reader *open_reader(struct fixture *fixture);

/* The number of documents that the reader sees. */
uint32_t count(struct fixture *fixture, struct store_reader *reader);

/* Whether the reader finds that id. */
bool has_id(struct fixture *fixture, struct store_reader *reader, const char *id);

/* The names in the index folder that begin with `prefix`, joined by blanks and sorted; static. */
const char *names_in(const char *dir, const char *prefix);

/* The process that this one has started, or 0. */
pid_t fixture_child(void);

/* Overwrites a file, or makes it. */
void write_file(const char *path, const char *text);

#endif
