/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "query/plan/layered.h"

/* The match in one layer. */
struct arm {
	const struct invfile *file;
	struct matcher_skip skip;
	struct matcher *matcher;
	uint32_t docid; /* of the index, where it stands; 0: before the first */
};

struct layered {
	const struct layered_request *request;
	const struct matcher_node *root;
	bool is_weighted;
	bool has_begun;
	uint32_t n;
	uint32_t at; /* the arm that stands at the current document */
	uint32_t docid;
	struct arm arms[]; /* of the layers in which there may be such documents */
};

/* ---- Opening ---------------------------------------------------------------------------------- */

static enum status
open_arm(struct layered *layered, struct arm *arm, struct error *reterr)
{
	const struct layered_request *request = layered->request;

	arm->docid = 0;
	return matcher_new(arm->file, request->collection, layered->root, &arm->skip, request->tick,
	    layered->is_weighted, &arm->matcher, reterr);
}

/* Opens a match in each layer, and leaves those that can have documents. */
static enum status
open_all(struct layered *layered, const struct store_layer *layers, uint32_t n, struct error *reterr)
{
	for (uint32_t i = 0; i < n; i++) {
		const struct store_touched *touched = &layers[i].touched;
		struct arm *arm = &layered->arms[layered->n];
		enum status status;

		*arm = (struct arm) { .file = layers[i].file };
		if (touched->n_set > 0)
			arm->skip = (struct matcher_skip) { touched->words, touched->n_words, touched->n_set };
		status = open_arm(layered, arm, reterr);
		if (status != STATUS_OK)
			return status;
		if (matcher_count(arm->matcher).most > 0)
			layered->n++;
		else
			matcher_free(arm->matcher);
	}
	return STATUS_OK;
}

enum status
layered_new(const struct layered_request *request, const struct matcher_node *root, bool is_weighted,
    struct layered **ret_layered, struct error *reterr)
{
	uint32_t n;
	const struct store_layer *layers = store_reader_layers(request->reader, &n);
	struct layered *layered = arena_alloc(request->arena, sizeof(*layered) + n * sizeof(layered->arms[0]));
	enum status status;

	if (layered == NULL)
		return error_no_memory(reterr);
	*layered = (struct layered) { .request = request, .root = root, .is_weighted = is_weighted };
	status = open_all(layered, layers, n, reterr);
	if (status == STATUS_OK)
		*ret_layered = layered;
	else
		layered_done(layered);
	return status;
}

void
layered_done(struct layered *layered)
{
	for (uint32_t i = 0; layered != NULL && i < layered->n; i++) {
		matcher_free(layered->arms[i].matcher);
		layered->arms[i].matcher = NULL;
	}
}

enum status
layered_rewind(struct layered *layered, struct error *reterr)
{
	enum status status = STATUS_OK;

	if (!layered->has_begun)
		return STATUS_OK;
	layered_done(layered);
	layered->has_begun = false;
	layered->docid = 0;
	for (uint32_t i = 0; i < layered->n && status == STATUS_OK; i++)
		status = open_arm(layered, &layered->arms[i], reterr);
	return status;
}

/* ---- Documents -------------------------------------------------------------------------------- */

static enum status
move_arm(struct arm *arm, uint32_t docid, double least, struct error *reterr)
{
	uint32_t number = invfile_number(arm->file, docid);
	enum status status = STATUS_OK;

	if (number != CURSOR_END)
		status = matcher_seek(arm->matcher, number, least, &number, reterr);
	if (status == STATUS_OK)
		arm->docid = invfile_docid(arm->file, number);
	return status;
}

static enum status
step_arm(struct arm *arm, double least, struct error *reterr)
{
	uint32_t number;
	enum status status = matcher_next(arm->matcher, least, &number, reterr);

	if (status == STATUS_OK)
		arm->docid = invfile_docid(arm->file, number);
	return status;
}

/* Goes to the first document of any arm. */
static void
choose(struct layered *layered)
{
	layered->docid = CURSOR_END;
	for (uint32_t i = 0; i < layered->n; i++) {
		if (layered->arms[i].docid < layered->docid) {
			layered->docid = layered->arms[i].docid;
			layered->at = i;
		}
	}
}

/* The arms that stand at the current document go on, each to its next one. */
static enum status
step_all(struct layered *layered, double least, struct error *reterr)
{
	enum status status = STATUS_OK;

	for (uint32_t i = 0; i < layered->n && status == STATUS_OK; i++) {
		if (layered->arms[i].docid == layered->docid)
			status = step_arm(&layered->arms[i], least, reterr);
	}
	choose(layered);
	return status;
}

enum status
layered_next(struct layered *layered, double least, uint32_t *ret_docid, struct error *reterr)
{
	enum status status = STATUS_OK;

	layered->has_begun = true;
	if (layered->n == 1 && layered->docid != CURSOR_END) {
		status = step_arm(&layered->arms[0], least, reterr);
		layered->docid = layered->arms[0].docid;
	} else if (layered->docid != CURSOR_END) {
		status = step_all(layered, least, reterr);
	}
	*ret_docid = layered->docid;
	return status;
}

enum status
layered_seek(struct layered *layered, uint32_t docid, double least, uint32_t *ret_docid, struct error *reterr)
{
	enum status status = STATUS_OK;

	layered->has_begun = true;
	for (uint32_t i = 0; i < layered->n && status == STATUS_OK; i++) {
		if (layered->arms[i].docid < docid)
			status = move_arm(&layered->arms[i], docid, least, reterr);
	}
	choose(layered);
	*ret_docid = layered->docid;
	return status;
}

double
layered_weight(const struct layered *layered)
{
	return matcher_weight(layered->arms[layered->at].matcher);
}

double
layered_weight_max(const struct layered *layered)
{
	double most = 0;

	for (uint32_t i = 0; i < layered->n; i++) {
		double of_arm = matcher_weight_max(layered->arms[i].matcher);

		most = of_arm > most ? of_arm : most;
	}
	return most;
}

static uint32_t
add(uint32_t a, uint32_t b, uint32_t most)
{
	return a < most && b < most - a ? a + b : most;
}

struct matcher_count
layered_count(const struct layered *layered)
{
	const uint32_t documents = layered->request->collection->documents;
	struct matcher_count all = { 0, 0, 0 };

	for (uint32_t i = 0; i < layered->n; i++) {
		struct matcher_count count = matcher_count(layered->arms[i].matcher);

		all.least = add(all.least, count.least, documents);
		all.most = add(all.most, count.most, documents);
		all.estimate = add(all.estimate, count.estimate, documents);
	}
	return all;
}
