/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * model: documents made for a test, and both ways to make a database of them.
 */
#ifndef VOISIN_TESTS_GLASS_MODEL_H
#define VOISIN_TESTS_GLASS_MODEL_H

#include "base/arena.h"
#include "glass/collector.h"
#include "glass/tee.h"
#include "xapian-c/xapian-c.h"

enum { MODEL_DOCUMENTS = 20000, MODEL_METADATA = 64 };

struct model {
	struct arena *arena;
	struct glass_document *documents; /* by docid */
	size_t n;
	struct {
		struct str key;
		struct str value;
	} metadata[MODEL_METADATA];
	size_t n_metadata;
	uint64_t seed;
	bool lean; /* all positions are for a tee: the library's database has none, nor terms that are `for_tee` */
};

void model_init(struct model *model, uint64_t seed);
void model_done(struct model *model);

/* A number below `n`, by the model's seed. */
uint32_t model_below(struct model *model, uint32_t n);

/* A new document to be filled, with the least docid that is free. */
struct glass_document *model_add(struct model *model);

/* Adds a term behind the others: terms must be added in their order; `n` positions, copied. */
void model_add_term(
    struct model *model, struct glass_document *document, struct str term, uint32_t wdf, const uint32_t *pos, size_t n);
void model_add_value(struct model *model, struct glass_document *document, uint32_t slot, struct str value);

/* `len` bytes that hardly compress. */
struct str model_noise(struct model *model, size_t len);

/* A document of random terms out of a vocabulary that follows Zipf's law, with values and data. */
void model_add_random(struct model *model, uint32_t words);

void model_set_metadata(struct model *model, const char *key, struct str value);

/* Makes a database of the model through the library. */
void model_write_api(const struct model *model, const char *path);

/* The same by the loader, with so many collectors of so many bytes; the folder exists and is empty.  What loader_write() says. */
enum status model_load(const struct model *model, const char *path, unsigned n_collectors, size_t bytes,
    const struct tee *tee, struct error *reterr) MUST_CHECK;

/* The same, without a tee; it must go well. */
void model_write_glass(const struct model *model, const char *path, unsigned n_collectors, size_t bytes);

#endif
