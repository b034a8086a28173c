/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/invfile/model.h"

#include <stdlib.h>

#include "tests/base/cmocka_first.h"

static void *
more(void *old, size_t n, size_t size)
{
	void *bytes = realloc(old, n * size);

	assert_non_null(bytes);
	return bytes;
}

/* SplitMix64 (Steele, Lea and Flood, "Fast splittable pseudorandom number generators", 2014). */
static uint64_t
next(struct model *model)
{
	uint64_t x = model->seed += UINT64_C(0x9E3779B97F4A7C15);

	x = (x ^ x >> 30) * UINT64_C(0xBF58476D1CE4E5B9);
	x = (x ^ x >> 27) * UINT64_C(0x94D049BB133111EB);
	return x ^ x >> 31;
}

uint32_t
model_draw(struct model *model, uint32_t n)
{
	return (uint32_t)(next(model) % n);
}

void
model_init(struct model *model, uint64_t seed, uint32_t last_docid, uint32_t gaps)
{
	*model = (struct model) { .seed = seed, .last_docid = last_docid };
	model->lengths = more(NULL, (size_t)last_docid + 1, sizeof(*model->lengths));
	model->lengths[0] = 0;
	for (uint32_t docid = 1; docid <= last_docid; docid++) {
		bool is_there = gaps == 0 || docid == last_docid || model_draw(model, gaps) != 0;

		model->lengths[docid] = is_there ? 1 + model_draw(model, 1u << model_draw(model, 12)) : 0;
		model->documents += is_there;
		model->total_length += model->lengths[docid];
	}
}

void
model_number(struct model *model, uint32_t gap)
{
	assert_int_equal(model->documents, model->last_docid);
	model->docids = more(NULL, (size_t)model->last_docid + 1, sizeof(*model->docids));
	model->docids[0] = 0;
	for (uint32_t number = 1; number <= model->last_docid; number++)
		model->docids[number] = model->docids[number - 1] + 1 + model_draw(model, gap);
}

void
model_done(struct model *model)
{
	for (size_t i = 0; i < model->n; i++) {
		for (uint32_t j = 0; j < model->lists[i].n; j++)
			free(model->lists[i].postings[j].positions);
		free(model->lists[i].postings);
		free(model->lists[i].term);
	}
	free(model->lists);
	free(model->lengths);
	free(model->docids);
}

/* Small numbers, mostly; once in a while a wide one. */
static uint32_t
draw_gap(struct model *model)
{
	unsigned bits = model_draw(model, 64) == 0 ? 16 : 1 + model_draw(model, 9);

	return model_draw(model, 1u << bits);
}

static void
draw_positions(struct model *model, struct model_posting *posting, uint32_t n)
{
	uint32_t position = draw_gap(model);

	posting->n = n;
	posting->positions = more(NULL, n + 1, sizeof(*posting->positions));
	for (uint32_t i = 0; i < n; i++) {
		posting->positions[i] = position;
		position += 1 + draw_gap(model);
	}
}

static void
draw_posting(struct model *model, enum model_kind kind, struct model_posting *posting)
{
	uint32_t n = model_draw(model, 3) > 0 ? 1 : 1 + model_draw(model, 20);

	switch (kind) {
	case MODEL_WORDS:
		posting->wdf = n;
		draw_positions(model, posting, n);
		return;
	case MODEL_FORMS: posting->wdf = n; return;
	case MODEL_MARKS: draw_positions(model, posting, n); return;
	default:
		posting->wdf = model_draw(model, 1u << model_draw(model, 10));
		draw_positions(model, posting, model_draw(model, n));
		return;
	}
}

/* An empty list with room for so many postings. */
static struct model_list *
append(struct model *model, const char *term, uint32_t postings)
{
	struct model_list *list;

	model->lists = more(model->lists, model->n + 1, sizeof(*model->lists));
	list = &model->lists[model->n++];
	*list = (struct model_list) { .term = strdup(term) };
	assert_non_null(list->term);
	list->postings = more(NULL, postings + 1, sizeof(*list->postings));
	return list;
}

struct model_list *
model_add(struct model *model, const char *term, enum model_kind kind, uint32_t documents)
{
	struct model_list *list;
	uint32_t left = model->documents;

	documents = documents < left ? documents : left;
	list = append(model, term, documents);
	/* Each of the documents that are left is taken as likely as any other (Knuth, TAOCP 2, 3.4.2, algorithm S). */
	for (uint32_t docid = 1; list->n < documents; docid++) {
		struct model_posting *posting = &list->postings[list->n];

		if (model->lengths[docid] == 0 || model_draw(model, left--) >= documents - list->n)
			continue;
		*posting = (struct model_posting) { .docid = docid };
		draw_posting(model, kind, posting);
		list->occurrences += posting->wdf;
		list->n++;
	}
	return list;
}

/* Copies a posting of a host, or some of its positions; adds one to them where `strays` is so. */
static void
draw_part(struct model *model, const struct model_posting *host, bool is_whole, bool strays, struct model_posting *part)
{
	part->wdf = host->wdf;
	part->positions = more(NULL, (size_t)host->n + 2, sizeof(*part->positions));
	for (uint32_t i = 0; i < host->n; i++) {
		if (is_whole || model_draw(model, 2) == 0)
			part->positions[part->n++] = host->positions[i];
	}
	if (strays) {
		part->positions[part->n] = host->n > 0 ? host->positions[host->n - 1] + 1 + draw_gap(model) : 7;
		part->n++;
	}
	/* As many as the wdf says, where the host's are. */
	if (host->wdf == host->n)
		part->wdf = part->n;
}

struct model_list *
model_add_part(struct model *model, const char *term, const char *host, enum model_part part)
{
	size_t at = 0;
	struct model_list *list;
	const struct model_list *whole;

	while (strcmp(model->lists[at].term, host) != 0)
		at++;
	list = append(model, term, model->lists[at].n);
	whole = &model->lists[at];
	list->host = whole->term;
	for (uint32_t i = 0; i < whole->n; i++) {
		bool is_whole = part == MODEL_ALL || model_draw(model, 4) > 0;
		struct model_posting *posting = &list->postings[list->n];

		if (part != MODEL_ALL && list->n > 0 && model_draw(model, 5) == 0)
			continue;
		*posting = (struct model_posting) { .docid = whole->postings[i].docid };
		draw_part(
		    model, &whole->postings[i], is_whole, part == MODEL_STRAYS && model_draw(model, 150) == 0, posting);
		list->occurrences += posting->wdf;
		list->n++;
	}
	return list;
}

enum status
model_write_list(const struct model_list *list, struct invfile_writer *writer, struct error *reterr)
{
	enum status status = invfile_writer_begin(writer, str_of(list->term), list->n, list->occurrences, reterr);
	bool found;

	if (status == STATUS_OK && list->host != NULL)
		status = invfile_writer_host(writer, str_of(list->host), &found, reterr);
	for (uint32_t i = 0; status == STATUS_OK && i < list->n; i++) {
		const struct model_posting *posting = &list->postings[i];

		status =
		    invfile_writer_add(writer, posting->docid, posting->wdf, posting->positions, posting->n, reterr);
	}
	return status;
}

static void
require(enum status status, const struct error *error)
{
	if (status != STATUS_OK)
		fail_msg("%s", error->message);
}

void
model_write(const struct model *model, const struct bm25 *bm25, const char *path)
{
	struct invfile_writer *writer;
	struct error error;

	require(invfile_writer_new(path, bm25, &writer, &error), &error);
	for (uint32_t docid = 1; docid <= model->last_docid; docid++) {
		if (model->lengths[docid] > 0)
			require(invfile_writer_length(writer, docid, model->lengths[docid], &error), &error);
		if (model->docids != NULL)
			require(invfile_writer_docid(writer, docid, model->docids[docid], &error), &error);
	}
	for (const struct model_list *list = model->lists; list < model->lists + model->n; list++)
		require(model_write_list(list, writer, &error), &error);
	require(invfile_writer_finish(writer, &error), &error);
	invfile_writer_free(writer);
}
