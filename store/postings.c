/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "store/postings.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/buf.h"
#include "base/limits.h"
#include "reprints/signature.h"
#include "stemmer/analyzer.h"
#include "store/aside.h"
#include "store/encode.h"
#include "store/entry.h"
#include "store/lines.h"
#include "store/schema.h"
#include "store/wordterms.h"

/* A document, and the NUL behind it. */
enum { ARENA_BYTES = LIMIT_DOCUMENT_BYTES + 1 };

struct postings_builder {
	struct analyzer *analyzer;
	struct wordterms *wordterms;
	xc_termpos *positions; /* of one term */
	size_t capacity;
	struct word_list words; /* of the text, for its signature */
	struct buf data;
	struct texts *texts; /* borrowed, or NULL */
	struct arena *arena; /* of a document that is unpacked, or NULL */
	struct buf term;
	struct hash text; /* the hash of the text of the document at hand */
	struct entry *entry;
};

enum status
postings_builder_new(bool lean, struct postings_builder **ret_builder, struct error *reterr)
{
	struct postings_builder *builder = calloc(1, sizeof(*builder));
	enum status status;

	if (builder == NULL)
		return error_set(reterr, STATUS_NOMEM, ERROR_NO_OFFSET, "out of memory");
	buf_init(&builder->data, LIMIT_DOCUMENT_BYTES);
	buf_init(&builder->term, LIMIT_TERM_BYTES + 1);
	status = analyzer_new(&builder->analyzer, reterr);
	if (status == STATUS_OK)
		status = wordterms_new(&builder->wordterms, reterr);
	if (status == STATUS_OK)
		status = entry_new(lean, builder->wordterms, &builder->entry, reterr);
	if (status != STATUS_OK) {
		postings_builder_free(builder);
		return status;
	}
	*ret_builder = builder;
	return STATUS_OK;
}

void
postings_builder_free(struct postings_builder *builder)
{
	if (builder == NULL)
		return;
	analyzer_free(builder->analyzer);
	free(builder->positions);
	word_list_done(&builder->words);
	buf_done(&builder->data);
	arena_free(builder->arena);
	buf_done(&builder->term);
	entry_free(builder->entry);
	wordterms_free(builder->wordterms);
	free(builder);
}

void
postings_pack_by(struct postings_builder *builder, struct texts *texts)
{
	builder->texts = texts;
}

struct str
postings_file_term(const struct hash *file, char space[POSTINGS_FILE_TERM_BYTES + 1])
{
	memcpy(space, SCHEMA_PREFIX_FILE, sizeof(SCHEMA_PREFIX_FILE));
	hash_to_hex(file, space + sizeof(SCHEMA_PREFIX_FILE) - 1);
	return (struct str) { space, POSTINGS_FILE_TERM_BYTES };
}

struct str
postings_id_term(struct str id, char *space, size_t size)
{
	size_t len = id.len < size - 1 ? id.len : size - 1;

	space[0] = SCHEMA_PREFIX_ID[0];
	if (len > 0)
		memcpy(space + 1, id.p, len);
	return (struct str) { space, len + 1 };
}

/* ---- Words ----------------------------------------------------------------------------------- */

static enum status
reserve(struct postings_builder *builder, size_t n, struct error *reterr)
{
	xc_termpos *positions;

	if (n <= builder->capacity)
		return STATUS_OK;
	positions = realloc(builder->positions, 2 * n * sizeof(*positions));
	if (positions == NULL)
		return error_set(reterr, STATUS_NOMEM, ERROR_NO_OFFSET, "out of memory");
	builder->positions = positions;
	builder->capacity = 2 * n;
	return STATUS_OK;
}

/* The prefixed term in builder->term, cut at LIMIT_TERM_BYTES (a word is never that long). */
static struct str
prefixed(struct postings_builder *builder, const char *prefix, struct str word)
{
	size_t room = LIMIT_TERM_BYTES - strlen(prefix);

	buf_reset(&builder->term);
	(void)buf_append_str(&builder->term, str_of(prefix));
	(void)buf_append(&builder->term, word.p, word.len < room ? word.len : room);
	return buf_str(&builder->term);
}

/* The positions at which a sentence, or with `paragraphs` a paragraph, starts. */
static enum status
add_starts(struct postings_builder *builder, struct entry *entry, const struct token *tokens, size_t n_tokens,
    bool paragraphs, struct error *reterr)
{
	struct str term = paragraphs ? STR(SCHEMA_TERM_PARAGRAPH) : STR(SCHEMA_TERM_SENTENCE);
	size_t n = 0;

	for (size_t i = 0; i < n_tokens; i++) {
		const struct token *before = i > 0 ? &tokens[i - 1] : NULL;

		if (before == NULL ||
		    (paragraphs ? before->paragraph != tokens[i].paragraph : before->sentence != tokens[i].sentence))
			builder->positions[n++] = tokens[i].pos;
	}
	return n > 0 ? entry_add_postings(entry, term, builder->positions, n, 0, reterr) : STATUS_OK;
}

enum zone { ZONE_TITLE, ZONE_BODY, ZONE_ASIDE };

/* How the words of a zone are posted. */
struct posted_as {
	enum wordterms_kind stems; /* or the surface forms that take their place in other languages */
	enum wordterms_kind also; /* the same under a second prefix, or WORDTERMS_KINDS */
	enum wordterms_kind surface;
	uint32_t wdf; /* of one occurrence: 0 for words that are to count nothing in scores */
};

static const struct posted_as french[] = {
	[ZONE_TITLE] = { WORDTERMS_STEMS, WORDTERMS_TITLE_STEMS, WORDTERMS_SURFACE, 1 },
	[ZONE_BODY] = { WORDTERMS_STEMS, WORDTERMS_KINDS, WORDTERMS_SURFACE, 1 },
	[ZONE_ASIDE] = { WORDTERMS_ASIDE_STEMS, WORDTERMS_KINDS, WORDTERMS_ASIDE_SURFACE, 0 },
};

static const struct posted_as foreign[] = {
	[ZONE_TITLE] = { WORDTERMS_FORMS, WORDTERMS_TITLE_FORMS, WORDTERMS_SURFACE, 1 },
	[ZONE_BODY] = { WORDTERMS_FORMS, WORDTERMS_KINDS, WORDTERMS_SURFACE, 1 },
	[ZONE_ASIDE] = { WORDTERMS_ASIDE_FORMS, WORDTERMS_KINDS, WORDTERMS_ASIDE_SURFACE, 0 },
};

static enum status
add_words(struct postings_builder *builder, struct entry *entry, enum zone zone, bool stemmed,
    const struct token *tokens, size_t n, struct error *reterr)
{
	const struct posted_as *as = stemmed ? &french[zone] : &foreign[zone];
	enum status status;

	wordterms_expect(builder->wordterms, analyzer_numbering(builder->analyzer));
	status = entry_add_words(entry, as->stems, tokens, n, as->wdf, reterr);
	if (status == STATUS_OK && as->also != WORDTERMS_KINDS)
		status = entry_add_words(entry, as->also, tokens, n, as->wdf, reterr);
	return status == STATUS_OK ? entry_add_words(entry, as->surface, tokens, n, as->wdf, reterr) : status;
}

/* Where sentences and paragraphs start among some tokens. */
static enum status
add_borders(
    struct postings_builder *builder, struct entry *entry, const struct token *tokens, size_t n, struct error *reterr)
{
	enum status status = reserve(builder, n, reterr);

	if (status == STATUS_OK)
		status = add_starts(builder, entry, tokens, n, false, reterr);
	return status == STATUS_OK ? add_starts(builder, entry, tokens, n, true, reterr) : status;
}

static enum status
add_title(struct postings_builder *builder, struct entry *entry, const struct store_document *document,
    uint32_t *ret_words, struct error *reterr)
{
	const struct token *tokens;
	size_t n;
	enum status status = analyzer_run(builder->analyzer, document->title, 1, &tokens, &n, reterr);

	if (status == STATUS_OK)
		status = add_words(builder, entry, ZONE_TITLE, document_is_stemmed(document), tokens, n, reterr);
	if (status == STATUS_OK)
		status = add_borders(builder, entry, tokens, n, reterr);
	if (status == STATUS_OK)
		*ret_words = (uint32_t)n;
	return status;
}

/* The body, and apart from it the lines of it that are set aside; *ret_words counts the former. */
static enum status
add_body(struct postings_builder *builder, struct entry *entry, const struct store_document *document,
    uint32_t title_words, uint32_t *ret_words, struct error *reterr)
{
	const bool stemmed = document_is_stemmed(document);
	const struct token *tokens;
	size_t n, n_read;
	enum status status = aside_run_body(builder->analyzer, document, title_words, &tokens, &n, &n_read, reterr);

	if (status == STATUS_OK)
		status = add_words(builder, entry, ZONE_BODY, stemmed, tokens, n_read, reterr);
	if (status == STATUS_OK)
		status = add_words(builder, entry, ZONE_ASIDE, stemmed, tokens + n_read, n - n_read, reterr);
	if (status == STATUS_OK)
		status = add_borders(builder, entry, tokens, n, reterr);
	if (status == STATUS_OK)
		*ret_words = (uint32_t)n_read;
	return status;
}

/* ---- Filters --------------------------------------------------------------------------------- */

/* D20161207, M201612, Y2016 and the value of a date that is_date() accepted. */
static enum status
add_date(struct postings_builder *builder, struct entry *entry, struct str date, struct error *reterr)
{
	static const struct {
		const char *prefix;
		size_t digits;
	} terms[] = { { SCHEMA_PREFIX_DAY, 8 }, { SCHEMA_PREFIX_MONTH, 6 }, { SCHEMA_PREFIX_YEAR, 4 } };
	char day[8];
	enum status status;

	if (date.len == 0)
		return STATUS_OK;
	memcpy(day, date.p, 4);
	memcpy(day + 4, date.p + 5, 2);
	memcpy(day + 6, date.p + 8, 2);
	status = entry_set_value(entry, SCHEMA_VALUE_DATE, (struct str) { day, sizeof(day) }, reterr);
	for (size_t i = 0; status == STATUS_OK && i < sizeof(terms) / sizeof(terms[0]); i++)
		status = entry_add_boolean_term(
		    entry, prefixed(builder, terms[i].prefix, (struct str) { day, terms[i].digits }), reterr);
	return status;
}

/* The host of "scheme://user@host:port/path"; empty where there is none. */
static struct str
url_host(struct str url)
{
	size_t start = 0;
	size_t end;

	while (start + 3 <= url.len && memcmp(url.p + start, "://", 3) != 0)
		start++;
	if (start + 3 > url.len)
		return (struct str) { "", 0 };
	start += 3;
	end = start;
	while (end < url.len && strchr("/?#", url.p[end]) == NULL)
		end++;
	for (size_t i = start; i < end; i++)
		if (url.p[i] == '@')
			start = i + 1;
	for (size_t i = start; i < end; i++)
		if (url.p[i] == ':') {
			end = i;
			break;
		}
	return (struct str) { url.p + start, end - start };
}

/* A host that is too long for a term is none: no host name has more than 253 letters, few have 60. */
static enum status
add_host(struct entry *entry, struct str url, struct error *reterr)
{
	struct str host = url_host(url);
	char term[LIMIT_TERM_BYTES] = SCHEMA_PREFIX_HOST;

	if (host.len == 0 || host.len + 1 > sizeof(term))
		return STATUS_OK;
	for (size_t i = 0; i < host.len; i++)
		term[i + 1] = (char)(host.p[i] >= 'A' && host.p[i] <= 'Z' ? host.p[i] - 'A' + 'a' : host.p[i]);
	return entry_add_boolean_term(entry, (struct str) { term, host.len + 1 }, reterr);
}

/* XSRC and each word of the source, and all of them: "XSRCagence", "XSRCfrance", "XSRCagence france". */
static enum status
add_source(struct postings_builder *builder, struct entry *entry, struct str source, struct error *reterr)
{
	char all[LIMIT_TERM_BYTES] = SCHEMA_PREFIX_SOURCE;
	size_t len = sizeof(SCHEMA_PREFIX_SOURCE) - 1;
	const struct token *tokens = NULL;
	size_t n = 0;
	enum status status = analyzer_run(builder->analyzer, source, 1, &tokens, &n, reterr);

	for (size_t i = 0; status == STATUS_OK && i < n; i++) {
		struct str word = tokens[i].word->folded;

		if (i > 0 && len < sizeof(all))
			all[len++] = ' ';
		if (len + word.len <= sizeof(all)) {
			memcpy(all + len, word.p, word.len);
			len += word.len;
		} else
			len = sizeof(all) + 1; /* too long for one term: its words alone */
		status = entry_add_boolean_term(entry, prefixed(builder, SCHEMA_PREFIX_SOURCE, word), reterr);
	}
	if (status == STATUS_OK && n > 1 && len <= sizeof(all))
		status = entry_add_boolean_term(entry, (struct str) { all, len }, reterr);
	return status;
}

/* The source itself, and each short line of the body under it. */
static enum status
add_lines(struct entry *entry, const struct store_document *document, struct error *reterr)
{
	char space[LINES_TERM_BYTES + 1];
	struct str line = { "", 0 };
	size_t off = 0;
	enum status status = entry_add_boolean_term(entry, lines_term(document->source, line, space), reterr);

	while (status == STATUS_OK && lines_next(document->text, &off, &line)) {
		if (lines_is_short(line))
			status = entry_add_boolean_term(entry, lines_term(document->source, line, space), reterr);
	}
	return status;
}

static enum status
set_hash(struct entry *entry, xc_valueno slot, struct hash hash, size_t bytes, struct error *reterr)
{
	return entry_set_value(entry, slot, (struct str) { (const char *)hash.bytes, bytes }, reterr);
}

/* What an id is found by, and what depends on it; `text` is the hash of the document's. */
static enum status
set_id(struct entry *entry, const struct store_document *document, const struct hash *text, struct error *reterr)
{
	char term[LIMIT_ID_BYTES + 1];
	enum status status = entry_add_boolean_term(entry, postings_id_term(document->id, term, sizeof(term)), reterr);

	if (status == STATUS_OK)
		status = set_hash(entry, SCHEMA_VALUE_TIE, hash_of(document->id), 8, reterr);
	if (status == STATUS_OK)
		status = entry_set_value(entry, SCHEMA_VALUE_ID, document->id, reterr);
	if (status == STATUS_OK)
		status = set_hash(entry, SCHEMA_VALUE_CONTENT, document_hash_by(document, text), HASH_BYTES, reterr);
	return status;
}

static enum status
add_filters(struct postings_builder *builder, struct entry *entry, const struct store_document *document,
    const struct hash *file, struct error *reterr)
{
	char file_term[POSTINGS_FILE_TERM_BYTES + 1];
	enum status status = set_id(entry, document, &builder->text, reterr);

	if (status == STATUS_OK)
		status = entry_add_boolean_term(entry, postings_file_term(file, file_term), reterr);
	if (status == STATUS_OK)
		status = add_date(builder, entry, document->date, reterr);
	if (status == STATUS_OK)
		status = add_host(entry, document->url, reterr);
	if (status == STATUS_OK)
		status = add_source(builder, entry, document->source, reterr);
	if (status == STATUS_OK && document->language.len > 0)
		status = entry_add_boolean_term(
		    entry, prefixed(builder, SCHEMA_PREFIX_LANGUAGE, document->language), reterr);
	if (status == STATUS_OK)
		status = add_lines(entry, document, reterr);
	if (status == STATUS_OK)
		status = set_hash(entry, SCHEMA_VALUE_COLLAPSE, builder->text, HASH_BYTES, reterr);
	return status;
}

/* What texts that are much alike have in common (reprints/signature.h). */
static enum status
add_signature(struct postings_builder *builder, struct entry *entry, struct str text, struct error *reterr)
{
	struct signature signature;
	char bytes[SIGNATURE_BYTES], digits[SIGNATURE_BAND_DIGITS + 1];
	enum status status = word_list_read(&builder->words, text);

	if (status != STATUS_OK)
		return error_set(reterr, status, ERROR_NO_OFFSET, "out of memory");
	if (!signature_of(&builder->words, &signature))
		return STATUS_OK;
	for (unsigned i = 0; status == STATUS_OK && i < SIGNATURE_BANDS; i++) {
		signature_band_text(&signature, i, digits);
		status = entry_add_boolean_term(entry, prefixed(builder, SCHEMA_PREFIX_BAND, str_of(digits)), reterr);
	}
	if (status != STATUS_OK)
		return status;
	signature_write(&signature, bytes);
	return entry_set_value(entry, SCHEMA_VALUE_SIGNATURE, (struct str) { bytes, sizeof(bytes) }, reterr);
}

enum status
postings_store(struct postings_builder *builder, const struct store_document *document, struct postings_data *ret_data,
    struct error *reterr)
{
	struct postings_data data = { { "", 0 }, false, NULL };
	enum status status;

	buf_reset(&builder->data);
	status = document_encode(document, &builder->data);
	if (status != STATUS_OK)
		return error_set(
		    reterr, status, ERROR_NO_OFFSET, "the document cannot be stored: %s", status_text(status));
	data.bytes = buf_str(&builder->data);
	if (builder->texts != NULL)
		status = texts_pack(builder->texts, data.bytes, &data.bytes, &data.packed, reterr);
	if (status == STATUS_OK)
		*ret_data = data;
	return status;
}

static enum status
set_data(
    struct postings_builder *builder, struct entry *entry, const struct store_document *document, struct error *reterr)
{
	struct postings_data data;
	enum status status = postings_store(builder, document, &data, reterr);

	if (status == STATUS_OK)
		entry_set_data(entry, data.bytes, data.packed);
	return status;
}

/* The number of words, so that the total can be kept when the document is replaced or deleted. */
static enum status
set_words(struct entry *entry, uint32_t words, struct error *reterr)
{
	char decimal[16];
	int n = snprintf(decimal, sizeof(decimal), "%lu", (unsigned long)words);

	return entry_set_value(entry, SCHEMA_VALUE_WORDS, (struct str) { decimal, (size_t)n }, reterr);
}

static enum status
fill(struct postings_builder *builder, struct entry *entry, const struct store_document *document,
    const struct hash *file, uint32_t *ret_words, struct error *reterr)
{
	uint32_t title_words = 0;
	uint32_t body_words = 0;
	enum status status = add_title(builder, entry, document, &title_words, reterr);

	if (status == STATUS_OK)
		status = add_body(builder, entry, document, title_words, &body_words, reterr);
	if (status == STATUS_OK)
		status = add_filters(builder, entry, document, file, reterr);
	if (status == STATUS_OK)
		status = add_signature(builder, entry, document->text, reterr);
	if (status == STATUS_OK)
		status = set_words(entry, title_words + body_words, reterr);
	*ret_words = title_words + body_words;
	return status;
}

enum status
postings_collect(struct postings_builder *builder, const struct store_document *document, const struct hash *file,
    const struct postings_data *data, struct glass_document *ret_sealed, uint32_t *ret_words, struct error *reterr)
{
	uint32_t words = 0;
	enum status status;

	entry_reset(builder->entry);
	wordterms_trim(builder->wordterms);
	builder->text = data != NULL && data->text != NULL ? *data->text : hash_of(document->text);
	status = fill(builder, builder->entry, document, file, &words, reterr);
	if (status == STATUS_OK && data != NULL)
		entry_set_data(builder->entry, data->bytes, data->packed);
	else if (status == STATUS_OK)
		status = set_data(builder, builder->entry, document, reterr);
	if (status == STATUS_OK)
		status = entry_seal(builder->entry, ret_sealed, reterr);
	if (status == STATUS_OK)
		*ret_words = words;
	return status;
}

enum status
postings_build(struct postings_builder *builder, const struct store_document *document, const struct hash *file,
    struct xc_document **ret_doc, uint32_t *ret_words, struct error *reterr)
{
	struct glass_document sealed;
	uint32_t words;
	enum status status = postings_collect(builder, document, file, NULL, &sealed, &words, reterr);

	if (status == STATUS_OK)
		status = entry_to_xapian(&sealed, ret_doc, reterr);
	if (status == STATUS_OK)
		*ret_words = words;
	return status;
}

/* ---- Moving ---------------------------------------------------------------------------------- */

/* Removes the term with that prefix of which a document has one. */
static enum status
remove_prefixed(struct xc_document *doc, struct str prefix, struct error *reterr)
{
	char copy[LIMIT_TERM_BYTES + 1];
	struct xc_terms *terms;
	struct str term = { "", 0 };
	enum status status = xc_document_termlist(doc, &terms, reterr);

	if (status != STATUS_OK)
		return status;
	status = xc_terms_skip_to(terms, prefix, &term, reterr);
	if (status == STATUS_OK && str_has_prefix(term, prefix) && term.len <= sizeof(copy))
		memcpy(copy, term.p, term.len);
	else if (status == STATUS_OK || status == STATUS_END)
		status = error_set(reterr, STATUS_CORRUPT, ERROR_NO_OFFSET,
		    "the index is damaged: a document has no term that begins with %s", prefix.p);
	xc_terms_free(terms);
	return status == STATUS_OK ? xc_document_remove_term(doc, (struct str) { copy, term.len }, reterr) : status;
}

static enum status
change_id(struct postings_builder *builder, struct xc_document *doc, const struct store_document *document,
    struct error *reterr)
{
	struct glass_document changes;
	struct hash text = hash_of(document->text);
	enum status status = remove_prefixed(doc, STR(SCHEMA_PREFIX_ID), reterr);

	entry_reset(builder->entry);
	if (status == STATUS_OK)
		status = set_id(builder->entry, document, &text, reterr);
	if (status == STATUS_OK)
		status = set_data(builder, builder->entry, document, reterr);
	if (status == STATUS_OK)
		status = entry_seal(builder->entry, &changes, reterr);
	return status == STATUS_OK ? entry_add_to(&changes, doc, reterr) : status;
}

/* What a document says, in the builder's arena. */
static enum status
read_document(struct postings_builder *builder, struct xc_document *doc, struct store_document *ret_document,
    struct error *reterr)
{
	struct str data = { "", 0 };
	enum status status = STATUS_OK;

	if (builder->arena == NULL && arena_new(ARENA_BYTES, &builder->arena) != STATUS_OK)
		return error_set(reterr, STATUS_NOMEM, ERROR_NO_OFFSET, "out of memory");
	arena_reset(builder->arena);
	status = xc_document_data(doc, &data, reterr);
	if (status == STATUS_OK)
		status = texts_unpack(builder->texts, data, builder->arena, &data, reterr);
	return status == STATUS_OK ? document_decode(data, ret_document, reterr) : status;
}

static enum status
change_owner(struct postings_builder *builder, struct xc_document *doc, struct str id, const struct hash *file,
    struct error *reterr)
{
	char file_term[POSTINGS_FILE_TERM_BYTES + 1];
	struct store_document document;
	struct str old_id = { "", 0 };
	enum status status = remove_prefixed(doc, STR(SCHEMA_PREFIX_FILE), reterr);

	if (status == STATUS_OK)
		status = xc_document_add_boolean_term(doc, postings_file_term(file, file_term), reterr);
	if (status == STATUS_OK)
		status = xc_document_value(doc, SCHEMA_VALUE_ID, &old_id, reterr);
	if (status != STATUS_OK || str_eq(old_id, id))
		return status;
	status = read_document(builder, doc, &document, reterr);
	if (status != STATUS_OK)
		return status;
	document.id = id;
	return change_id(builder, doc, &document, reterr);
}

enum status
postings_move(struct postings_builder *builder, struct xc_writable *writable, xc_docid docid, struct str id,
    const struct hash *file, struct error *reterr)
{
	struct xc_document *doc;
	enum status status = xc_database_document(xc_writable_database(writable), docid, &doc, reterr);

	if (status != STATUS_OK)
		return status;
	status = change_owner(builder, doc, id, file, reterr);
	if (status == STATUS_OK)
		status = xc_writable_replace_document(writable, docid, doc, reterr);
	xc_document_free(doc);
	return status;
}
