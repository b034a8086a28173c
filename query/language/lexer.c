/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "query/language/lexer.h"

#include "base/limits.h"
#include "base/utf8.h"
#include "query/language/operators.h"

enum quote_class { QUOTE_NONE, QUOTE_STRAIGHT, QUOTE_CURLY, QUOTE_GUILLEMET_OPEN, QUOTE_GUILLEMET_CLOSE };

enum { ELLIPSIS = 0x2026, EM_DASH = 0x2014, WEIGHT_MAX = 100 };

void
lexer_init(struct lexer *lexer, struct str text)
{
	*lexer = (struct lexer) { .text = text, .off = 0, .before = LEX_END };
}

uint32_t
lexer_char_at(struct str text, size_t off)
{
	return off < text.len ? utf8_next(text, &off, NULL) : 0;
}

uint32_t
lexer_char_before(struct str text, size_t off)
{
	if (off == 0)
		return 0;
	do {
		off--;
	} while (off > 0 && ((unsigned char)text.p[off] & 0xC0) == 0x80);
	return lexer_char_at(text, off);
}

bool
lexer_is_space(uint32_t c)
{
	return c <= 0x20 || (c >= 0x7F && c <= 0xA0) || c == 0x1680 || (c >= 0x2000 && c <= 0x200A) || c == 0x2028 ||
	       c == 0x2029 || c == 0x202F || c == 0x205F || c == 0x3000 || c == 0xFEFF;
}

bool
lexer_is_letter(uint32_t c)
{
	if (c < 0x80)
		return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
	if (c < 0xC0)
		return c == 0xAA || c == 0xB5 || c == 0xBA;
	/* General punctuation, arrows and symbols, CJK punctuation. */
	return !lexer_is_space(c) && !(c >= 0x2010 && c <= 0x2BFF) && !(c >= 0x3001 && c <= 0x303F);
}

bool
lexer_is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool
is_digit(struct str text, size_t off)
{
	return off < text.len && lexer_is_digit(text.p[off]);
}

static enum quote_class
quote_class(uint32_t c)
{
	if (c == '"')
		return QUOTE_STRAIGHT;
	if (c >= 0x201C && c <= 0x201F)
		return QUOTE_CURLY;
	if (c == 0xAB)
		return QUOTE_GUILLEMET_OPEN;
	return c == 0xBB ? QUOTE_GUILLEMET_CLOSE : QUOTE_NONE;
}

static size_t
skip_spaces(struct str text, size_t off)
{
	while (off < text.len) {
		size_t next = off;

		if (!lexer_is_space(utf8_next(text, &next, NULL)))
			break;
		off = next;
	}
	return off;
}

static size_t
skip_digits(struct str text, size_t off)
{
	while (is_digit(text, off))
		off++;
	return off;
}

static struct str
part(struct str text, size_t from, size_t to)
{
	return (struct str) { text.p + from, to - from };
}

/* Whether the last lexeme ended an operand, so that ^2, >=3 or ~2 may follow. */
static bool
behind_operand(const struct lexer *lexer)
{
	switch (lexer->before) {
	case LEX_WORD:
	case LEX_QUOTE:
	case LEX_CLOSE:
	case LEX_FIRST:
	case LEX_BOOST:
	case LEX_AT_LEAST:
	case LEX_SOURCE:
	case LEX_DATE: return true;
	default: return false;
	}
}

/* The offset of the quote that closes what `open` at `off` opened, or text.len. */
static size_t
find_closing_quote(struct str text, size_t off, enum quote_class open)
{
	unsigned depth = 1;

	while (off < text.len) {
		size_t at = off;
		enum quote_class class = quote_class(utf8_next(text, &off, NULL));

		if (open != QUOTE_GUILLEMET_OPEN && class == open)
			return at;
		if (open == QUOTE_GUILLEMET_OPEN && class == QUOTE_GUILLEMET_OPEN)
			depth++;
		if (open == QUOTE_GUILLEMET_OPEN && class == QUOTE_GUILLEMET_CLOSE && --depth == 0)
			return at;
	}
	return text.len;
}

/* ~2 behind a phrase. */
static enum status
read_slop(struct lexer *lexer, size_t *end, struct lexeme *lexeme, struct error *reterr)
{
	size_t digits_end = skip_digits(lexer->text, *end + 1);

	if (digits_end == *end + 1 || lexer_is_letter(lexer_char_at(lexer->text, digits_end)))
		return error_set(
		    reterr, STATUS_INVALID, *end, "the ~ behind a phrase needs a whole number, try: \"cessez feu\"~2");
	lexeme->number = operator_number(part(lexer->text, *end + 1, digits_end));
	lexeme->has_number = true;
	*end = digits_end;
	return STATUS_OK;
}

/* lexer->off stands at the opening quote. */
static enum status
read_quote(struct lexer *lexer, struct lexeme *lexeme, struct error *reterr)
{
	size_t start = lexer->off, end;
	enum quote_class open = quote_class(utf8_next(lexer->text, &start, NULL));

	if (open == QUOTE_GUILLEMET_CLOSE)
		return error_set(reterr, STATUS_INVALID, lexer->off, "this closing quote was never opened");
	end = find_closing_quote(lexer->text, start, open);
	if (end == lexer->text.len)
		return error_set(reterr, STATUS_INVALID, lexer->off, "this quote is never closed");
	lexeme->kind = LEX_QUOTE;
	lexeme->body = part(lexer->text, start, end);
	lexeme->body_off = start;
	(void)utf8_next(lexer->text, &end, NULL);
	if (lexer_char_at(lexer->text, end) == '~') {
		enum status status = read_slop(lexer, &end, lexeme, reterr);

		if (status != STATUS_OK)
			return status;
	}
	lexer->off = end;
	return STATUS_OK;
}

/* ^2, ^0.5, ^2,5: the weight in thousandths.  lexer->off stands at the ^. */
static enum status
read_boost(struct lexer *lexer, struct lexeme *lexeme, struct error *reterr)
{
	struct str text = lexer->text;
	size_t start = lexer->off + 1, end = skip_digits(text, start);
	uint32_t whole = operator_number(part(text, start, end));
	uint32_t thousandths = 0;

	if (end > start && (lexer_char_at(text, end) == '.' || lexer_char_at(text, end) == ',') &&
	    is_digit(text, end + 1)) {
		uint32_t unit = 100;

		for (end++; is_digit(text, end); end++, unit /= 10)
			thousandths += unit * (uint32_t)(text.p[end] - '0');
	}
	if (end == start || lexer_is_letter(lexer_char_at(text, end)))
		return error_set(reterr, STATUS_INVALID, start, "the weight behind ^ is not a number, try: alep^2");
	if (whole > WEIGHT_MAX || whole * 1000 + thousandths > WEIGHT_MAX * 1000 || whole * 1000 + thousandths == 0)
		return error_set(reterr, STATUS_INVALID, start, "a weight is from 0.001 to %d", WEIGHT_MAX);
	lexeme->kind = LEX_BOOST;
	lexeme->number = whole * 1000 + thousandths;
	lexer->off = end;
	return STATUS_OK;
}

/* >=3 or >2.  lexer->off stands at the >. */
static enum status
read_at_least(struct lexer *lexer, struct lexeme *lexeme, struct error *reterr)
{
	struct str text = lexer->text;
	bool or_equal = lexer_char_at(text, lexer->off + 1) == '=';
	size_t start = skip_spaces(text, lexer->off + (or_equal ? 2 : 1));
	size_t end = skip_digits(text, start);
	uint32_t number = operator_number(part(text, start, end));

	if (end == start || lexer_is_letter(lexer_char_at(text, end)))
		return error_set(
		    reterr, STATUS_INVALID, start, "the number behind >= is not a whole number, try: alep>=3");
	if (number > LIMIT_DOCUMENT_WORDS)
		return error_set(
		    reterr, STATUS_LIMIT, start, "the number is over LIMIT_DOCUMENT_WORDS (%d)", LIMIT_DOCUMENT_WORDS);
	lexeme->kind = LEX_AT_LEAST;
	lexeme->number = or_equal ? number : number + 1;
	if (lexeme->number == 0)
		return error_set(reterr, STATUS_INVALID, start, "the number must be 1 or more");
	lexer->off = end;
	return STATUS_OK;
}

/* Whether a > at `off` is the operator: >=, or > with a digit right behind an operand. */
static bool
is_at_least(struct str text, size_t off)
{
	return lexer_char_at(text, off) == '>' && (lexer_char_at(text, off + 1) == '=' || is_digit(text, off + 1));
}

/* http://x and www.x, not only at the start: (http://x. */
static bool
is_url(struct str chunk)
{
	if (chunk.len > 4 && (memcmp(chunk.p, "www.", 4) == 0))
		return true;
	for (size_t i = 0; i + 3 <= chunk.len; i++) {
		if (memcmp(chunk.p + i, "://", 3) == 0)
			return true;
	}
	return false;
}

static bool
has_letter(struct str chunk)
{
	for (size_t off = 0; off < chunk.len;) {
		if (lexer_is_letter(utf8_next(chunk, &off, NULL)))
			return true;
	}
	return false;
}

/* Whether the character `c` at `at` ends the chunk that began at `start`, which is a URL or not so far. */
static bool
ends_chunk(struct str text, size_t start, size_t at, uint32_t c, bool url)
{
	if (lexer_is_space(c) || c == '(' || c == ')' || quote_class(c) != QUOTE_NONE)
		return true;
	if (at == start || url)
		return false;
	if (c == ',')
		return !is_digit(text, at - 1) || !is_digit(text, at + 1);
	if (c == ';' || c == ELLIPSIS || c == EM_DASH)
		return true;
	/* Only behind a word: ^^ and ->2 are typography. */
	return (c == '^' || is_at_least(text, at)) && has_letter(part(text, start, at));
}

static size_t
chunk_end(struct str text, size_t start)
{
	size_t at = start;
	unsigned open = 0; /* brackets in a URL: wiki/Alep_(Syrie) */
	bool url = false;

	while (at < text.len) {
		size_t next = at;
		uint32_t c = utf8_next(text, &next, NULL);
		bool bracket = url && (c == '(' || (c == ')' && open > 0));

		if (!bracket && ends_chunk(text, start, at, c, url))
			break;
		if (bracket)
			open += c == '(' ? 1u : -1u;
		at = next;
		url = url || (at - start > 3 && is_url(part(text, at - 3, at))) ||
		      (at - start == 5 && is_url(part(text, start, at)));
	}
	return at;
}

/*
 * `300 000` is one number: where a chunk is one to three digits, takes the groups of three digits in
 * that follow behind one space each, as the analysis of the text does.
 */
static size_t
thousands_end(struct str text, size_t start, size_t end)
{
	if (end == start || end - start > 3 || skip_digits(text, start) != end)
		return end;
	while (end < text.len && lexer_is_space(lexer_char_at(text, end))) {
		size_t group = end, group_end;

		(void)utf8_next(text, &group, NULL);
		group_end = skip_digits(text, group);
		if (group_end - group != 3 || lexer_is_letter(lexer_char_at(text, group_end)))
			break;
		end = group_end;
	}
	/* What is glued to the last group belongs to it: 300 000,5 */
	return chunk_end(text, end - 1);
}

/* Whether the ~ at `at` stands where only a number of a phrase could be meant: alep~2 */
static bool
is_misplaced_tilde(struct str text, size_t start, size_t at)
{
	return text.p[at] == '~' && at > start && lexer_is_letter(lexer_char_before(text, at));
}

static enum status
read_word(struct lexer *lexer, struct lexeme *lexeme, struct error *reterr)
{
	struct str text = lexer->text;
	size_t start = lexer->off;
	size_t end = thousands_end(text, start, chunk_end(text, start));

	lexeme->url = is_url(part(text, start, end));
	for (size_t i = start; i < end && !lexeme->url; i++) {
		if (is_misplaced_tilde(text, start, i))
			return error_set(reterr, STATUS_INVALID, i,
			    "the ~ stands before a word, or with a number behind a phrase, try: \"cessez feu\"~2");
	}
	lexeme->kind = LEX_WORD;
	lexeme->body = part(text, start, end);
	lexeme->body_off = start;
	lexer->off = end;
	/* titre:ET is a word, but titre:NEAR(a, b) an operator. */
	if (lexeme->mark != LEX_MARK_NONE || (lexer->before == LEX_TITLE && lexer_char_at(text, end) != '('))
		return STATUS_OK;
	return operator_read(lexeme->body, start, lexeme, reterr);
}

enum lex_mark
lexer_mark_at(struct str text, size_t off, size_t *ret_len)
{
	uint32_t first = lexer_char_at(text, off), second = first == '~' ? lexer_char_at(text, off + 1) : 0;

	*ret_len = second == '~' || second == '=' ? 2 : first == '~' || first == '=' ? 1 : 0;
	if (*ret_len == 2)
		return second == '~' ? LEX_MARK_LOOSE : LEX_MARK_STRICT;
	if (*ret_len == 1)
		return first == '~' ? LEX_MARK_STEM : LEX_MARK_EXACT;
	return LEX_MARK_NONE;
}

/* =, ~, ~~ or ~= at the start of a chunk. */
static enum status
read_marked(struct lexer *lexer, struct lexeme *lexeme, struct error *reterr)
{
	size_t len;
	enum lex_mark mark = lexer_mark_at(lexer->text, lexer->off, &len);
	uint32_t next = lexer_char_at(lexer->text, lexer->off + len);

	if (next == '(')
		return error_set(reterr, STATUS_INVALID, lexer->off,
		    "%.*s stands before a word or a phrase, not before a bracket", (int)len,
		    lexer->text.p + lexer->off);
	if (next == 0 || lexer_is_space(next) || next == ')')
		return read_word(lexer, lexeme, reterr);
	lexeme->mark = mark;
	lexer->off += len;
	if (quote_class(next) == QUOTE_STRAIGHT || quote_class(next) == QUOTE_CURLY ||
	    quote_class(next) == QUOTE_GUILLEMET_OPEN)
		return read_quote(lexer, lexeme, reterr);
	return read_word(lexer, lexeme, reterr);
}

/* Whether the field name `name` (lower case) and a colon with a value stand at the lexer. */
static bool
at_field(const struct lexer *lexer, const char *name)
{
	struct str rest = part(lexer->text, lexer->off, lexer->text.len);
	size_t len = strlen(name);
	uint32_t value;

	if (rest.len <= len || rest.p[len] != ':')
		return false;
	for (size_t i = 0; i < len; i++) {
		if ((rest.p[i] | 0x20) != name[i])
			return false;
	}
	value = lexer_char_at(rest, len + 1);
	return value != 0 && !lexer_is_space(value) && value != ')';
}

/* The value of source: or date:, quoted or up to the next space, bracket or comma. */
static enum status
read_value(struct lexer *lexer, struct lexeme *lexeme, struct error *reterr)
{
	enum lex_kind kind = lexeme->kind;
	size_t start = lexer->off;
	enum status status;

	if (quote_class(lexer_char_at(lexer->text, start)) != QUOTE_NONE) {
		status = read_quote(lexer, lexeme, reterr);
		if (status != STATUS_OK)
			return status;
		if (lexeme->has_number)
			return error_set(reterr, STATUS_INVALID, start, "the value of a field has no distance");
		lexeme->kind = kind;
		return STATUS_OK;
	}
	if (lexer->text.p[start] == '(')
		return error_set(
		    reterr, STATUS_INVALID, start, "this field has one value, try: source:afp OR source:reuters");
	lexer->off = chunk_end(lexer->text, start);
	lexeme->body = part(lexer->text, start, lexer->off);
	lexeme->body_off = start;
	return STATUS_OK;
}

/* Reads a field's name and, but for the title, its value; *ret_found is false where there is none. */
static enum status
read_field(struct lexer *lexer, struct lexeme *lexeme, bool *ret_found, struct error *reterr)
{
	static const struct {
		const char *name;
		enum lex_kind kind;
	} fields[] = {
		{ "titre", LEX_TITLE },
		{ "title", LEX_TITLE },
		{ "source", LEX_SOURCE },
		{ "date", LEX_DATE },
	};

	*ret_found = false;
	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
		if (!at_field(lexer, fields[i].name))
			continue;
		*ret_found = true;
		lexeme->kind = fields[i].kind;
		lexer->off += strlen(fields[i].name) + 1;
		if (lexer_char_at(lexer->text, lexer->off) == '-' &&
		    lexer_is_letter(lexer_char_at(lexer->text, lexer->off + 1)))
			return error_set(reterr, STATUS_INVALID, lexer->off,
			    "the - of NOT stands before the field, try: -%s:alep", fields[i].name);
		return lexeme->kind == LEX_TITLE ? STATUS_OK : read_value(lexer, lexeme, reterr);
	}
	return STATUS_OK;
}

/* Whether the hyphen at the lexer is the NOT of -word. */
static bool
at_minus(const struct lexer *lexer)
{
	uint32_t before = lexer_char_before(lexer->text, lexer->off);
	uint32_t next = lexer_char_at(lexer->text, lexer->off + 1);

	if (lexer->text.p[lexer->off] != '-' ||
	    !(before == 0 || lexer_is_space(before) || before == '(' || before == ','))
		return false;
	return lexer_is_letter(next) || next == '(' || next == '=' || next == '~' || next == '*' ||
	       (quote_class(next) != QUOTE_NONE && quote_class(next) != QUOTE_GUILLEMET_CLOSE);
}

static enum status
read_one_sign(struct lexer *lexer, enum lex_kind kind, struct lexeme *lexeme)
{
	lexeme->kind = kind;
	lexer->off++;
	return STATUS_OK;
}

static enum status
read_any(struct lexer *lexer, struct lexeme *lexeme, struct error *reterr)
{
	uint32_t c = lexer_char_at(lexer->text, lexer->off);
	uint32_t before = lexer_char_before(lexer->text, lexer->off);
	enum status status;
	bool found;

	if (c == '(')
		return read_one_sign(lexer, LEX_OPEN, lexeme);
	if (c == ')')
		return read_one_sign(lexer, LEX_CLOSE, lexeme);
	if (c == ',')
		return read_one_sign(lexer, LEX_COMMA, lexeme);
	if (quote_class(c) != QUOTE_NONE)
		return read_quote(lexer, lexeme, reterr);
	if (c == '^' && behind_operand(lexer) && !lexer_is_space(before))
		return read_boost(lexer, lexeme, reterr);
	if (is_at_least(lexer->text, lexer->off) && behind_operand(lexer) &&
	    (lexer_char_at(lexer->text, lexer->off + 1) == '=' || !lexer_is_space(before)))
		return read_at_least(lexer, lexeme, reterr);
	if (at_minus(lexer))
		return read_one_sign(lexer, LEX_MINUS, lexeme);
	status = read_field(lexer, lexeme, &found, reterr);
	if (status != STATUS_OK || found)
		return status;
	if (c == '=' || c == '~')
		return read_marked(lexer, lexeme, reterr);
	return read_word(lexer, lexeme, reterr);
}

/*
 * Behind blanks, and quotes of prose that lack the other one: « Alep est tombée.  A straight quote is
 * typed on purpose, and is not passed over.
 */
static size_t
skip_typography(struct str text, size_t off)
{
	for (;;) {
		size_t start, behind;
		enum quote_class class;

		start = behind = skip_spaces(text, off);
		class = start < text.len ? quote_class(utf8_next(text, &behind, NULL)) : QUOTE_NONE;
		if (class == QUOTE_NONE || class == QUOTE_STRAIGHT)
			return start;
		if (class != QUOTE_GUILLEMET_CLOSE && find_closing_quote(text, behind, class) < text.len)
			return start;
		off = behind;
	}
}

enum status
lexer_next(struct lexer *lexer, struct lexeme *ret_lexeme, struct error *reterr)
{
	struct lexeme lexeme = { .kind = LEX_END };
	enum status status;

	lexer->off = skip_typography(lexer->text, lexer->off);
	lexeme.off = lexer->off;
	if (lexer->off < lexer->text.len) {
		status = read_any(lexer, &lexeme, reterr);
		if (status != STATUS_OK)
			return status;
	}
	lexeme.len = lexer->off - lexeme.off;
	lexer->before = lexeme.kind;
	*ret_lexeme = lexeme;
	return STATUS_OK;
}
