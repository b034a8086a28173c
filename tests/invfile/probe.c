/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/invfile/probe.h"

#include <stdlib.h>

#include "invfile/layout.h"
#include "invfile/matcher.h"

enum { TERMS_MAX = 200, TERM_BYTES = 255, LEAVES = 3, SEEKS = 64 };

struct probe {
	const struct invfile *file;
	uint64_t seed;
	uint32_t n_terms;
	char leaf_bytes[LEAVES][TERM_BYTES];
	struct matcher_node leaves[LEAVES];
};

static void
require(bool holds)
{
	if (!holds)
		abort();
}

/* Right, or damaged and said so. */
static void
ends_well(enum status status, const struct error *error)
{
	if (status == STATUS_OK || status == STATUS_END)
		return;
	require(status == STATUS_CORRUPT || status == STATUS_NOT_FOUND);
	require(error->code == status && error->message[0] != '\0');
}

static uint32_t
draw(struct probe *probe, uint32_t n)
{
	probe->seed = probe->seed * UINT64_C(6364136223846793005) + 1442695040888963407; /* Knuth's MMIX */
	return (uint32_t)(probe->seed >> 33) % n;
}

static void
read_positions(struct cursor *cursor, struct cursor_positions *positions)
{
	struct block_run run;

	if (cursor_read_positions(cursor, positions, NULL) != STATUS_OK) {
		require(!cursor_open_run(cursor, &run));
		return;
	}
	for (size_t i = 1; i < positions->n; i++)
		require(positions->v[i - 1] < positions->v[i]);
	if (!cursor_open_run(cursor, &run))
		return;
	for (size_t i = 0; i < positions->n; i++)
		require(block_run_seek(&run, i > 0 ? (uint64_t)positions->v[i - 1] + 1 : 0) == positions->v[i]);
	require(block_run_seek(&run, (uint64_t)positions->v[positions->n - 1] + 1) == BLOCK_NO_POSITION);
}

/* From one document to the next, by steps, seeks and bounds. */
static void
ride(struct probe *probe, const struct invfile_term *term, bool by_steps)
{
	struct cursor_positions positions = { 0 };
	struct cursor cursor;
	uint32_t before = 0;
	uint32_t last;

	cursor_open(&cursor, probe->file, term);
	for (uint32_t n = 0; cursor.docid != CURSOR_END && (by_steps || n < SEEKS); n++) {
		uint32_t target = before + 1 + draw(probe, 1u << draw(probe, 14));
		double bound = cursor_block_max(&cursor, target, &last);

		require(bound >= 0 && bound <= 1);
		(void)(by_steps ? cursor_next(&cursor) : cursor_seek(&cursor, target));
		require(cursor.docid > before && (by_steps || cursor.docid >= target));
		require(cursor.docid == CURSOR_END || cursor.docid <= invfile_last_docid(probe->file));
		before = cursor.docid;
		if (before == CURSOR_END)
			break;
		(void)cursor_wdf(&cursor);
		read_positions(&cursor, &positions);
	}
	cursor_positions_done(&positions);
}

static enum status
term_cb(void *arg, struct str term, const struct invfile_term *found, struct error *reterr)
{
	struct probe *probe = arg;
	struct invfile_term again;
	struct error error;
	uint32_t leaf = probe->n_terms % LEAVES;

	(void)reterr;
	require(term.len <= TERM_BYTES && found->list <= found->end);
	ends_well(invfile_find(probe->file, term, &again, &error), &error);
	ride(probe, found, true);
	ride(probe, found, false);
	if (term.len > 0) {
		memcpy(probe->leaf_bytes[leaf], term.p, term.len);
		probe->leaves[leaf] = (struct matcher_node) {
			.op = MATCHER_TERM, .term = { probe->leaf_bytes[leaf], term.len }, .factor = 1
		};
	}
	return ++probe->n_terms < TERMS_MAX ? STATUS_OK : STATUS_END;
}

/* The last terms that were seen, joined by an operator; what scores less than `share` of the most is passed over. */
static void
match(struct probe *probe, enum matcher_op op, double share)
{
	const struct matcher_node *const children[] = { &probe->leaves[0], &probe->leaves[1], &probe->leaves[2] };
	const struct matcher_node root = { .op = op, .factor = 1, .children = children, .n = LEAVES, .window = 10 };
	const struct bm25_collection collection = { .documents = invfile_documents(probe->file),
		.average_length = invfile_average_length(probe->file) };
	struct matcher *matcher;
	double least;
	uint32_t before = 0;
	uint32_t docid;

	if (matcher_new(probe->file, &collection, &root, NULL, NULL, true, &matcher, NULL) != STATUS_OK)
		return;
	least = matcher_weight_max(matcher) * share;
	while (matcher_next(matcher, least, &docid, NULL) == STATUS_OK && docid != CURSOR_END) {
		require(docid > before && docid <= invfile_last_docid(probe->file));
		before = docid;
		(void)matcher_weight(matcher);
	}
	matcher_free(matcher);
}

void
probe_file(const struct invfile *file, uint64_t seed)
{
	struct probe probe = { .file = file, .seed = seed };
	struct invfile_term term;
	struct error error;

	ends_well(invfile_verify(file, &error), &error);
	ends_well(invfile_terms(file, STR(""), term_cb, &probe, &error), &error);
	ends_well(invfile_terms(file, STR("Zm"), term_cb, &probe, &error), &error);
	ends_well(invfile_find(file, STR("Zmot"), &term, &error), &error);
	if (probe.n_terms < LEAVES)
		return;
	for (int op = MATCHER_AND; op <= MATCHER_SYNONYM; op++) {
		match(&probe, (enum matcher_op)op, 0);
		match(&probe, (enum matcher_op)op, 0.6);
	}
}

void
probe_mend(unsigned char *bytes, size_t len)
{
	enum { HEADER_CHECKED = LAYOUT_BYTES - sizeof(uint64_t) };
	struct layout layout;

	if (len < LAYOUT_BYTES)
		return;
	(void)bytes_put_u64(bytes + HEADER_CHECKED, layout_checksum(LAYOUT_CHECKSUM_START, bytes, HEADER_CHECKED));
	if (layout_get(bytes, &layout) != STATUS_OK)
		return;
	layout.file_bytes = len;
	layout.checksum = layout_checksum(LAYOUT_CHECKSUM_START, bytes + LAYOUT_BYTES, (len - LAYOUT_BYTES) / 8 * 8);
	layout_put(bytes, &layout);
}
