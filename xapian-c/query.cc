/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * query: building Xapian::Query, minus what Xapian accepts and answers wrongly.
 *
 * Every query knows its depth and whether it may stand inside NEAR and PHRASE, so that a refusal comes when a
 * query is built, by name, and not when it runs.
 */
#include <algorithm>
#include <cmath>
#include <map>
#include <memory>
#include <vector>

#include "xapian-c/fence.hh"
#include "xapian-c/handles.hh"
#include "xapian-c/sources.hh"

using Xapian::Query;

/* The header's numbers are handed to Xapian as they are. */
static_assert(int(XC_OP_AND) == Query::OP_AND && int(XC_OP_OR) == Query::OP_OR, "operators");
static_assert(int(XC_OP_AND_NOT) == Query::OP_AND_NOT && int(XC_OP_XOR) == Query::OP_XOR, "operators");
static_assert(int(XC_OP_AND_MAYBE) == Query::OP_AND_MAYBE && int(XC_OP_FILTER) == Query::OP_FILTER, "operators");
static_assert(int(XC_OP_NEAR) == Query::OP_NEAR && int(XC_OP_PHRASE) == Query::OP_PHRASE, "operators");
static_assert(int(XC_OP_ELITE_SET) == Query::OP_ELITE_SET, "operators");
static_assert(int(XC_OP_SYNONYM) == Query::OP_SYNONYM && int(XC_OP_MAX) == Query::OP_MAX, "operators");
static_assert(int(XC_WILDCARD_ERROR) == Query::WILDCARD_LIMIT_ERROR, "wildcards");
static_assert(int(XC_WILDCARD_FIRST) == Query::WILDCARD_LIMIT_FIRST, "wildcards");
static_assert(int(XC_WILDCARD_MOST_FREQUENT) == Query::WILDCARD_LIMIT_MOST_FREQUENT, "wildcards");

namespace {

/* The operators of combine(), by number; what is no operator has no name. */
const struct op_row {
	const char *name;
	bool window; /* positions: takes terms and ORs of terms alone */
	bool parameter; /* takes one */
} op_table[] = {
	/*  0 */ { "AND", false, false },
	/*  1 */ { "OR", false, false },
	/*  2 */ { "AND_NOT", false, false },
	/*  3 */ { "XOR", false, false },
	/*  4 */ { "AND_MAYBE", false, false },
	/*  5 */ { "FILTER", false, false },
	/*  6 */ { "NEAR", true, true },
	/*  7 */ { "PHRASE", true, true },
	/*  8 */ { nullptr, false, false },
	/*  9 */ { nullptr, false, false },
	/* 10 */ { "ELITE_SET", false, true },
	/* 11 */ { nullptr, false, false },
	/* 12 */ { nullptr, false, false },
	/* 13 */ { "SYNONYM", false, false },
	/* 14 */ { "MAX", false, false },
};

const struct op_row *
op_find(unsigned op) noexcept
{
	if (op >= sizeof(op_table) / sizeof(op_table[0]) || op_table[op].name == nullptr)
		return nullptr;
	return &op_table[op];
}

enum status
give(Query &&query, unsigned depth, bool positional, struct xc_query **ret_query, bool supplied = false)
{
	auto made = std::make_unique<struct xc_query>();

	made->query = std::move(query);
	made->depth = depth;
	made->positional = positional;
	made->supplied = supplied;
	*ret_query = made.release();
	return STATUS_OK;
}

enum status
depth_check(unsigned depth, struct error *reterr) noexcept
{
	if (depth > XC_QUERY_DEPTH)
		return error_set(reterr, STATUS_LIMIT, ERROR_NO_OFFSET, "the query nests deeper than the limit of %d",
		    (int)XC_QUERY_DEPTH);
	return STATUS_OK;
}

enum status
positional_refusal(const char *op, size_t i, struct error *reterr) noexcept
{
	return error_set(reterr, STATUS_INVALID, ERROR_NO_OFFSET,
	    "operand %zu of %s is neither a term nor an OR of terms: Xapian would answer wrongly", i + 1, op);
}

enum status
window_check(const struct op_row *row, const struct xc_query *const *queries, size_t n, xc_termcount window,
    struct error *reterr) noexcept
{
	if (!row->window)
		return STATUS_OK;
	if (window != 0 && window < n)
		return error_set(reterr, STATUS_INVALID, ERROR_NO_OFFSET,
		    "%s of %zu operands cannot match in a window of %u positions", row->name, n, window);
	for (size_t i = 0; i < n; i++)
		if (!queries[i]->positional)
			return positional_refusal(row->name, i, reterr);
	return STATUS_OK;
}

std::vector<std::string>
terms_of(const Query &query)
{
	std::vector<std::string> terms(query.get_terms_begin(), query.get_terms_end());

	std::sort(terms.begin(), terms.end());
	terms.erase(std::unique(terms.begin(), terms.end()), terms.end());
	return terms;
}

/*
 * Xapian gives a position to the first operand that can take it and does not try another, so a NEAR
 * of (a OR b) and (b OR c) misses matches.  Equal operands are safe: it does not matter which takes what.
 */
enum status
near_overlap_check(const std::vector<Query> &operands, struct error *reterr)
{
	std::vector<std::vector<std::string>> terms;
	std::map<std::string, size_t> first_holder;

	for (size_t i = 0; i < operands.size(); i++) {
		terms.push_back(terms_of(operands[i]));
		for (const std::string &term : terms[i]) {
			size_t holder = first_holder.emplace(term, i).first->second;

			if (terms[holder] != terms[i])
				return error_set(reterr, STATUS_INVALID, ERROR_NO_OFFSET,
				    "operands %zu and %zu of NEAR share a term and are not equal: Xapian would miss "
				    "matches",
				    holder + 1, i + 1);
		}
	}
	return STATUS_OK;
}

enum status
op_check(
    unsigned op, const struct xc_query *const *queries, size_t n, xc_termcount parameter, struct error *reterr) noexcept
{
	const struct op_row *row = op_find(op);

	if (row == nullptr)
		return error_set(reterr, STATUS_INVALID, ERROR_NO_OFFSET, "%u is not an operator", op);
	if (parameter != 0 && !row->parameter)
		return error_set(
		    reterr, STATUS_INVALID, ERROR_NO_OFFSET, "%s takes no parameter, got %u", row->name, parameter);
	return window_check(row, queries, n, parameter, reterr);
}

/* What the queries come to together. */
struct combined {
	std::vector<Query> queries;
	unsigned depth = 0;
	bool positional = true;
	bool supplied = false;
};

struct combined
gather(const struct xc_query *const *queries, size_t n)
{
	struct combined all;

	all.queries.reserve(n);
	for (size_t i = 0; i < n; i++) {
		all.queries.push_back(queries[i]->query);
		all.depth = std::max(all.depth, queries[i]->depth);
		all.positional &= queries[i]->positional;
		all.supplied |= queries[i]->supplied;
	}
	/* Xapian takes an operator off its only operand. */
	all.depth += n > 1 ? 1 : 0;
	return all;
}

} // namespace

enum status
xc_query_term(
    struct str term, xc_termcount wqf, xc_termpos pos, struct xc_query **ret_query, struct error *reterr) noexcept
{
	return fence(reterr, [&] {
		if (term.len == 0)
			return error_set(reterr, STATUS_INVALID, ERROR_NO_OFFSET,
			    "an empty term: xc_query_match_all() is the query for all documents");
		return give(Query(bytes_of(term), wqf, pos), 1, true, ret_query);
	});
}

enum status
xc_query_match_all(struct xc_query **ret_query, struct error *reterr) noexcept
{
	return fence(reterr, [&] { return give(Query(std::string()), 1, false, ret_query); });
}

enum status
xc_query_match_nothing(struct xc_query **ret_query, struct error *reterr) noexcept
{
	return fence(reterr, [&] { return give(Query(), 0, true, ret_query); });
}

enum status
xc_query_combine(enum xc_op op, const struct xc_query *const *queries, size_t n, xc_termcount parameter,
    struct xc_query **ret_query, struct error *reterr) noexcept
{
	return fence(reterr, [&] {
		enum status status = op_check(op, queries, n, parameter, reterr);
		if (status != STATUS_OK)
			return status;
		struct combined all = gather(queries, n);
		status = depth_check(all.depth, reterr);
		if (status == STATUS_OK && op == XC_OP_NEAR)
			status = near_overlap_check(all.queries, reterr);
		if (status != STATUS_OK)
			return status;
		return give(Query(static_cast<Query::op>(op), all.queries.begin(), all.queries.end(), parameter),
		    all.depth, all.positional && op == XC_OP_OR, ret_query, all.supplied);
	});
}

enum status
xc_query_scale_weight(
    const struct xc_query *query, double factor, struct xc_query **ret_query, struct error *reterr) noexcept
{
	return fence(reterr, [&] {
		if (!std::isfinite(factor) || factor < 0)
			return error_set(reterr, STATUS_INVALID, ERROR_NO_OFFSET,
			    "factor %g: must be finite and not negative", factor);
		if (query->supplied)
			return error_set(reterr, STATUS_INVALID, ERROR_NO_OFFSET,
			    "the weights of a source cannot be scaled: Xapian would tell it a wrong bound");
		enum status status = depth_check(query->depth + 1, reterr);
		if (status != STATUS_OK)
			return status;
		return give(Query(factor, query->query), query->depth + 1, false, ret_query);
	});
}

enum status
xc_query_value_range(
    xc_valueno slot, struct str lower, struct str upper, struct xc_query **ret_query, struct error *reterr) noexcept
{
	return fence(reterr, [&] {
		return give(Query(Query::OP_VALUE_RANGE, slot, bytes_of(lower), bytes_of(upper)), 1, false, ret_query);
	});
}

enum status
xc_query_value_ge(xc_valueno slot, struct str limit, struct xc_query **ret_query, struct error *reterr) noexcept
{
	return fence(
	    reterr, [&] { return give(Query(Query::OP_VALUE_GE, slot, bytes_of(limit)), 1, false, ret_query); });
}

enum status
xc_query_value_le(xc_valueno slot, struct str limit, struct xc_query **ret_query, struct error *reterr) noexcept
{
	return fence(
	    reterr, [&] { return give(Query(Query::OP_VALUE_LE, slot, bytes_of(limit)), 1, false, ret_query); });
}

namespace {

enum status
wildcard_check(
    struct str prefix, xc_termcount max_terms, unsigned mode, unsigned combiner, struct error *reterr) noexcept
{
	if (prefix.len == 0)
		return error_set(
		    reterr, STATUS_INVALID, ERROR_NO_OFFSET, "a wildcard needs at least one letter before it");
	if (max_terms > XC_WILDCARD_EXPANSION_MAX)
		return error_set(reterr, STATUS_LIMIT, ERROR_NO_OFFSET, "a wildcard of %u terms: the limit is %d",
		    max_terms, (int)XC_WILDCARD_EXPANSION_MAX);
	if (mode > XC_WILDCARD_MOST_FREQUENT)
		return error_set(reterr, STATUS_INVALID, ERROR_NO_OFFSET, "%u is not a way to limit a wildcard", mode);
	if (combiner != XC_OP_SYNONYM && combiner != XC_OP_OR && combiner != XC_OP_MAX)
		return error_set(
		    reterr, STATUS_INVALID, ERROR_NO_OFFSET, "a wildcard is combined by SYNONYM, OR or MAX alone");
	return STATUS_OK;
}

} // namespace

enum status
xc_query_wildcard(struct str prefix, xc_termcount max_terms, enum xc_wildcard mode, enum xc_op combiner,
    struct xc_query **ret_query, struct error *reterr) noexcept
{
	return fence(reterr, [&] {
		enum status status = wildcard_check(prefix, max_terms, mode, combiner, reterr);
		if (status != STATUS_OK)
			return status;
		return give(Query(Query::OP_WILDCARD, bytes_of(prefix),
				max_terms != 0 ? max_terms : xc_termcount(XC_WILDCARD_EXPANSION),
				static_cast<int>(mode), static_cast<Query::op>(combiner)),
		    1, false, ret_query);
	});
}

enum status
xc_query_docid_from(struct xc_database *db, xc_docid docid, struct xc_query **ret_query, struct error *reterr) noexcept
{
	return fence(reterr, [&] { return give(source_docid_from(db->db, docid), 1, false, ret_query); });
}

namespace {

enum status
one_shard_check(const struct xc_database *db, struct error *reterr) noexcept
{
	if (db->db.size() != 1)
		return error_set(reterr, STATUS_INVALID, ERROR_NO_OFFSET,
		    "documents from outside are for a database of one shard, and this has %zu", db->db.size());
	return STATUS_OK;
}

enum status
source_check(const struct xc_source *source, struct error *reterr) noexcept
{
	if (!std::isfinite(source->weight_max) || source->weight_max < 0)
		return error_set(reterr, STATUS_INVALID, ERROR_NO_OFFSET,
		    "the greatest weight of a source must be finite and not negative, not %g", source->weight_max);
	if (source->count_least > source->count_estimate || source->count_estimate > source->count_most)
		return error_set(reterr, STATUS_INVALID, ERROR_NO_OFFSET,
		    "the counts of a source do not ascend: %u, %u, %u", source->count_least, source->count_estimate,
		    source->count_most);
	return STATUS_OK;
}

} // namespace

enum status
xc_query_source(
    struct xc_database *db, const struct xc_source *source, struct xc_query **ret_query, struct error *reterr) noexcept
{
	return fence(reterr, [&] {
		enum status status = one_shard_check(db, reterr);
		if (status == STATUS_OK)
			status = source_check(source, reterr);
		if (status != STATUS_OK)
			return status;
		return give(source_supplied(db->db, *source), 1, false, ret_query, true);
	});
}

enum status
xc_query_deadline(uint64_t deadline_ns, struct xc_query **ret_query, struct error *reterr) noexcept
{
	return fence(reterr, [&] { return give(source_deadline(deadline_ns), 1, false, ret_query); });
}

enum status
xc_query_copy(const struct xc_query *query, struct xc_query **ret_query, struct error *reterr) noexcept
{
	return fence(reterr,
	    [&] { return give(Query(query->query), query->depth, query->positional, ret_query, query->supplied); });
}

void
xc_query_free(struct xc_query *query) noexcept
{
	delete query;
}

unsigned
xc_query_depth(const struct xc_query *query) noexcept
{
	return query->depth;
}

enum status
xc_query_description(struct xc_query *query, struct str *ret_text, struct error *reterr) noexcept
{
	return fence(reterr, [&] {
		lend(query->lent, query->query.get_description(), ret_text);
		return STATUS_OK;
	});
}

namespace {

enum status
serialised_check(size_t len, struct error *reterr) noexcept
{
	if (len > XC_SERIALISED_BYTES)
		return error_set(reterr, STATUS_LIMIT, ERROR_NO_OFFSET,
		    "a serialised query of %zu bytes: the limit is %d", len, (int)XC_SERIALISED_BYTES);
	return STATUS_OK;
}

/* A query that came from outside is looked through, and judged as combine() would have judged its parts. */
struct judgement {
	enum status status = STATUS_OK;
	unsigned depth = 0;
	bool positional = false;
};

struct judgement judge(const Query &query, unsigned level, struct error *reterr);

/* One operand of `whole`, whose operator asks for positions or not. */
void
judge_operand(
    struct judgement *whole, const Query &operand, size_t i, const char *window, unsigned level, struct error *reterr)
{
	struct judgement part = judge(operand, level, reterr);

	whole->status = part.status;
	if (part.status == STATUS_OK && window != nullptr && !part.positional)
		whole->status = positional_refusal(window, i, reterr);
	whole->positional &= part.positional;
	whole->depth = std::max(whole->depth, part.depth + 1);
}

struct judgement
judge_operands(const Query &query, unsigned level, struct error *reterr)
{
	const unsigned op = query.get_type();
	const char *window = op == Query::OP_NEAR ? "NEAR" : op == Query::OP_PHRASE ? "PHRASE" : nullptr;
	std::vector<Query> operands;
	struct judgement whole;

	whole.depth = 1;
	whole.positional = op == Query::OP_OR;
	for (size_t i = 0; i < query.get_num_subqueries() && whole.status == STATUS_OK; i++) {
		operands.push_back(query.get_subquery(i));
		judge_operand(&whole, operands[i], i, window, level + 1, reterr);
	}
	if (whole.status == STATUS_OK && op == Query::OP_NEAR)
		whole.status = near_overlap_check(operands, reterr);
	return whole;
}

struct judgement
judge(const Query &query, unsigned level, struct error *reterr)
{
	struct judgement leaf;

	leaf.status = depth_check(level, reterr);
	if (leaf.status != STATUS_OK)
		return leaf;
	switch (query.get_type()) {
	case Query::LEAF_MATCH_NOTHING: leaf.positional = true; return leaf;
	case Query::LEAF_TERM:
		leaf.depth = 1;
		leaf.positional = true;
		return leaf;
	case Query::OP_INVALID:
		leaf.status = error_set(reterr, STATUS_INVALID, ERROR_NO_OFFSET, "an invalid query was serialised");
		return leaf;
	default: return judge_operands(query, level, reterr);
	}
}

} // namespace

enum status
xc_query_serialise(struct xc_query *query, struct str *ret_bytes, struct error *reterr) noexcept
{
	return fence(reterr, [&] {
		std::string bytes = query->query.serialise();
		enum status status = serialised_check(bytes.size(), reterr);
		if (status != STATUS_OK)
			return status;
		lend(query->lent, std::move(bytes), ret_bytes);
		return STATUS_OK;
	});
}

enum status
xc_query_unserialise(struct str bytes, struct xc_query **ret_query, struct error *reterr) noexcept
{
	return fence(reterr, [&] {
		enum status status = serialised_check(bytes.len, reterr);
		if (status != STATUS_OK)
			return status;
		Query query = Query::unserialise(bytes_of(bytes));
		struct judgement judged = judge(query, 1, reterr);
		if (judged.status != STATUS_OK)
			return judged.status;
		return give(std::move(query), judged.depth, judged.positional, ret_query);
	});
}
