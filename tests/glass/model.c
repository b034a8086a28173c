/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/glass/model.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/log.h"
#include "glass/loader.h"

enum { ARENA_BYTES = 1 << 30, VOCABULARY = 3000, BATCH = 7, NAMED_ALIKE = 100 };

static struct error error;

static void
must(enum status status)
{
	if (status != STATUS_OK)
		fatalx("%s: %s", status_name(status), error.message);
}

static void *
take(struct model *model, size_t bytes)
{
	void *memory = arena_alloc(model->arena, bytes);

	if (memory == NULL)
		fatalx("the model is too large");
	return memory;
}

void
model_init(struct model *model, uint64_t seed)
{
	*model = (struct model) { .seed = seed * 2 + 1 };
	must(arena_new(ARENA_BYTES, &model->arena));
	model->documents = take(model, MODEL_DOCUMENTS * sizeof(*model->documents));
}

void
model_done(struct model *model)
{
	arena_free(model->arena);
}

/* SplitMix64 (Steele, Lea and Flood, OOPSLA 2014). */
uint32_t
model_below(struct model *model, uint32_t n)
{
	uint64_t x = model->seed += 0x9E3779B97F4A7C15u;

	x = (x ^ x >> 30) * 0xBF58476D1CE4E5B9u;
	x = (x ^ x >> 27) * 0x94D049BB133111EBu;
	return (uint32_t)((x ^ x >> 31) >> 32) % n;
}

struct glass_document *
model_add(struct model *model)
{
	struct glass_document *document = &model->documents[model->n];

	if (model->n == MODEL_DOCUMENTS)
		fatalx("the model has too many documents");
	document->docid = model->n > 0 ? model->documents[model->n - 1].docid + 1 : 1;
	document->data = STR("");
	model->n++;
	return document;
}

/* Grows by doubling: a copy in the arena at each power of two. */
static void *
grow(struct model *model, const void *items, size_t n, size_t size)
{
	void *larger;

	if (n > 0 && (n & (n - 1)) != 0)
		return NULL;
	larger = take(model, 2 * (n + 1) * size);
	if (n > 0)
		memcpy(larger, items, n * size);
	return larger;
}

void
model_add_term(
    struct model *model, struct glass_document *document, struct str term, uint32_t wdf, const uint32_t *pos, size_t n)
{
	struct glass_term *larger = grow(model, document->terms, document->n_terms, sizeof(*larger));
	uint32_t *positions = take(model, (n + 1) * sizeof(*positions));
	char *copy = take(model, term.len + 1);

	if (larger != NULL)
		document->terms = larger;
	if (n > 0)
		memcpy(positions, pos, n * sizeof(*pos));
	memcpy(copy, term.p, term.len);
	larger = (struct glass_term *)(uintptr_t)document->terms;
	larger[document->n_terms++] =
	    (struct glass_term) { .term = { copy, term.len }, .wdf = wdf, .positions = positions, .n_positions = n };
}

void
model_add_value(struct model *model, struct glass_document *document, uint32_t slot, struct str value)
{
	struct glass_value *larger = grow(model, document->values, document->n_values, sizeof(*larger));

	if (larger != NULL)
		document->values = larger;
	larger = (struct glass_value *)(uintptr_t)document->values;
	larger[document->n_values++] = (struct glass_value) { slot, value };
}

struct str
model_noise(struct model *model, size_t len)
{
	char *bytes = take(model, len + 1);

	for (size_t i = 0; i < len; i++)
		bytes[i] = (char)model_below(model, 256);
	return (struct str) { bytes, len };
}

/* Word number r of the vocabulary: a letter and six digits in base 7, of which one is a NUL in some words. */
static struct str
word(uint32_t r, char space[16])
{
	space[0] = (char)('a' + r / 300);
	for (uint32_t i = 0, rest = r; i < 6; i++, rest /= 7)
		space[6 - i] = (char)(r % 11 == 0 && i == 2 ? '\0' : 'b' + rest % 7);
	return (struct str) { space, 7 };
}

static int
compare_words(const void *a, const void *b)
{
	char one[16], other[16];

	return str_cmp(word(*(const uint32_t *)a, one), word(*(const uint32_t *)b, other));
}

/* Names some of the words, by numbers that are others each time; one with a NUL may be two words' (word()). */
static uint32_t
name_of(const struct glass_document *document, uint32_t number)
{
	return number % 11 == 0 || number % 3 == 1 ? 0 : 1 + number + document->naming % 7;
}

static void
add_run(struct model *model, struct glass_document *document, uint32_t number, uint32_t n, uint32_t words)
{
	uint32_t positions[512];
	uint32_t pos = 0;
	char space[16];
	size_t n_positions = 0;

	if (number % 3 != 0)
		for (uint32_t i = 0; i < n && i < 512; i++)
			positions[n_positions++] = pos += 1 + model_below(model, 1 + words / (n + 1));
	model_add_term(model, document, word(number, space), number % 5 == 0 ? 0 : n, positions, n_positions);
	((struct glass_term *)(uintptr_t)document->terms)[document->n_terms - 1].name = name_of(document, number);
}

void
model_add_random(struct model *model, uint32_t words)
{
	struct glass_document *document = model_add(model);
	uint32_t *numbers = take(model, (words + 1) * sizeof(*numbers));

	document->naming = (uint32_t)model->n / NAMED_ALIKE;
	for (uint32_t i = 0; i < words; i++)
		numbers[i] = (uint32_t)pow(VOCABULARY, model_below(model, 10000) / 10000.0) - 1;
	qsort(numbers, words, sizeof(*numbers), compare_words);
	for (uint32_t from = 0, to; from < words; from = to) {
		char one[16], other[16];

		for (to = from; to < words && str_eq(word(numbers[to], one), word(numbers[from], other)); to++)
			continue;
		add_run(model, document, numbers[from], to - from, words);
	}
	/* The library's checker takes a document of length 0 for one without terms, and objects to its positions. */
	model_add_term(model, document, STR("~"), 1, NULL, 0);
	for (uint32_t slot = 0; slot < 200; slot += 1 + model_below(model, 90))
		model_add_value(model, document, slot, model_noise(model, model_below(model, 30)));
	document->data = model_noise(model, model_below(model, 4) == 0 ? model_below(model, 9000) : 40);
	document->docid += model_below(model, 10) == 0 ? model_below(model, 100000) : 0;
}

void
model_set_metadata(struct model *model, const char *key, struct str value)
{
	model->metadata[model->n_metadata].key = str_of(key);
	model->metadata[model->n_metadata++].value = value;
}

/* ---- Writing --------------------------------------------------------------------------------- */

static void
write_document(struct xc_writable *writable, const struct glass_document *document, bool lean)
{
	struct xc_document *doc;

	must(xc_document_new(&doc, &error));
	for (size_t i = 0; i < document->n_terms; i++) {
		const struct glass_term *term = &document->terms[i];

		if (lean && term->for_tee)
			continue;
		must(xc_document_add_term(doc, term->term, term->wdf, &error));
		if (term->n_positions > 0 && !lean)
			must(xc_document_add_postings(doc, term->term, term->positions, term->n_positions, 0, &error));
	}
	for (size_t i = 0; i < document->n_values; i++)
		must(xc_document_set_value(doc, document->values[i].slot, document->values[i].value, &error));
	must(xc_document_set_data(doc, document->data, &error));
	must(xc_writable_replace_document(writable, document->docid, doc, &error));
	xc_document_free(doc);
}

void
model_write_api(const struct model *model, const char *path)
{
	struct xc_writable *writable;

	must(xc_writable_open(str_of(path), XC_DB_CREATE | XC_DB_NO_SYNC, 0, &writable, &error));
	for (size_t i = 0; i < model->n; i++)
		write_document(writable, &model->documents[i], model->lean);
	for (size_t i = 0; i < model->n_metadata; i++)
		must(xc_writable_set_metadata(writable, model->metadata[i].key, model->metadata[i].value, &error));
	must(xc_writable_commit(writable, &error));
	xc_writable_close(writable);
}

enum status
model_load(const struct model *model, const char *path, unsigned n_collectors, size_t bytes, const struct tee *tee,
    struct error *reterr)
{
	struct collector *collectors[16];
	uint32_t documents = 0;
	enum status status;

	for (unsigned i = 0; i < n_collectors; i++)
		must(collector_open(path, i, bytes, &collectors[i], &error));
	for (size_t i = 0; i < model->n; i++)
		must(collector_add(collectors[i / BATCH % n_collectors], &model->documents[i], &error));
	for (size_t i = 0; i < model->n_metadata; i++)
		must(collector_set_metadata(collectors[0], model->metadata[i].key, model->metadata[i].value, &error));
	for (unsigned i = 0; i < n_collectors; i++) {
		must(collector_finish(collectors[i], &error));
		collector_close(collectors[i]);
	}
	status = loader_write(path, n_collectors, NULL, tee, NULL, &documents, reterr);
	if (status == STATUS_OK && documents != model->n)
		fatalx("%lu documents of %zu", (unsigned long)documents, model->n);
	return status;
}

void
model_write_glass(const struct model *model, const char *path, unsigned n_collectors, size_t bytes)
{
	must(model_load(model, path, n_collectors, bytes, NULL, &error));
}
