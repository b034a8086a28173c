/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * run: lists (lists.h) in a temporary file, in the order of their keys.
 *
 *	length of the key   key   records   sum of their numbers   bytes of some records   these   ...   0
 *
 * A record stands in one piece whole.  So a list can be written whose length is known at its end alone: that of a merge.
 */
#ifndef VOISIN_GLASS_RUN_H
#define VOISIN_GLASS_RUN_H

#include "glass/btree.h"
#include "glass/lists.h"
#include "glass/spool.h"

/* The name of run number `number` of a collector. */
enum { RUN_NAME_BYTES = 32 };
void run_name(unsigned collector, unsigned number, char ret_name[RUN_NAME_BYTES]);

/* Writes all lists to dir/name. */
enum status run_write(struct lists *lists, const char *dir, const char *name, struct error *reterr) MUST_CHECK;

/* A run that is written record by record; begin with all zero but spool.fd -1. */
struct run_writer {
	struct spool_writer spool;
	unsigned char *piece;
	size_t n; /* bytes of it */
	size_t capacity;
	uint32_t docid; /* of the last record of the key */
};

enum status run_create(struct run_writer *writer, const char *dir, const char *name, struct error *reterr) MUST_CHECK;

/* Keys ascend; after each come its records, as many as `records`, whose docids do not descend, and the key's end. */
enum status run_begin_key(
    struct run_writer *writer, struct str key, uint64_t records, uint64_t sum, struct error *reterr) MUST_CHECK;
enum status run_add_record(struct run_writer *writer, const struct record *record, struct error *reterr) MUST_CHECK;
enum status run_end_key(struct run_writer *writer, struct error *reterr) MUST_CHECK;

/* Writes what is left and closes. */
enum status run_end(struct run_writer *writer, struct error *reterr) MUST_CHECK;
void run_writer_done(struct run_writer *writer);

/* A run that is read; the fields that follow spool are for reading. */
struct run {
	struct spool_reader spool;
	unsigned char key[BTREE_KEY_BYTES];
	size_t key_len;
	uint64_t records; /* of this key */
	uint64_t sum;
	uint64_t left; /* bytes of the piece that were not read yet */
	bool at_end; /* of the key: it was the last piece */
	struct record record; /* the last one read */
};

enum status run_open(struct run *run, const char *dir, const char *name, struct error *reterr) MUST_CHECK;
void run_done(struct run *run);

/* The next key, once all records of the one before are read; STATUS_END. */
enum status run_next_key(struct run *run, struct error *reterr) MUST_CHECK;

/* The next record of the key, in run->record, whose bytes are borrowed until the next call; STATUS_END. */
enum status run_next_record(struct run *run, struct error *reterr) MUST_CHECK;

#endif
