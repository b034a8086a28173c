/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "stemmer/chars.h"

#include <utf8proc.h>

#include "base/utf8.h"

/* Signs whose use in French text differs from their Unicode category; sorted by code point. */
static const struct special {
	uint32_t first, last;
	enum char_class class;
} specials[] = {
	{ 0x0085, 0x0085, CHAR_NEWLINE }, { 0x008C, 0x008C, CHAR_LETTER }, /* OE of Windows-1252, read as Latin-1 */
	{ 0x0091, 0x0092, CHAR_APOSTROPHE }, /* its quotes */
	{ 0x0093, 0x0094, CHAR_QUOTE }, { 0x0096, 0x0097, CHAR_HYPHEN }, /* its dashes */
	{ 0x009C, 0x009C, CHAR_LETTER }, /* its oe */
	{ 0x00AA, 0x00AA, CHAR_OTHER }, /* ordinal indicators, typed for the degree sign: nº */
	{ 0x00AD, 0x00AD, CHAR_EXTEND }, /* soft hyphen */
	{ 0x00B2, 0x00B3, CHAR_SUPERSCRIPT }, { 0x00B4, 0x00B4, CHAR_APOSTROPHE }, { 0x00B9, 0x00B9, CHAR_SUPERSCRIPT },
	{ 0x00BA, 0x00BA, CHAR_OTHER }, { 0x02B9, 0x02B9, CHAR_APOSTROPHE }, /* modifier letter prime */
	{ 0x02BB, 0x02BD, CHAR_APOSTROPHE }, /* U+02BC is the apostrophe as a letter */
	{ 0x02C8, 0x02C8, CHAR_APOSTROPHE },
	{ 0x0374, 0x0374, CHAR_APOSTROPHE }, /* these three are canonically the same as signs above */
	{ 0x1FEF, 0x1FEF, CHAR_APOSTROPHE }, { 0x1FFD, 0x1FFD, CHAR_APOSTROPHE },
	{ 0x200B, 0x200B, CHAR_SPACE }, /* zero width space */
	{ 0x200C, 0x200D, CHAR_EXTEND }, /* joiners */
	{ 0x2018, 0x2019, CHAR_APOSTROPHE }, { 0x201B, 0x201B, CHAR_APOSTROPHE },
	{ 0x2026, 0x2026, CHAR_STOP }, /* ellipsis */
	{ 0x2028, 0x2028, CHAR_NEWLINE }, { 0x2029, 0x2029, CHAR_PARAGRAPH },
	{ 0x2032, 0x2032, CHAR_APOSTROPHE }, /* prime */
	{ 0x203C, 0x203D, CHAR_STOP }, /* double exclamation mark, interrobang */
	{ 0x2047, 0x2049, CHAR_STOP }, { 0x2060, 0x2060, CHAR_EXTEND }, /* word joiner */
	{ 0x2070, 0x2070, CHAR_SUPERSCRIPT }, { 0x2074, 0x2079, CHAR_SUPERSCRIPT },
	{ 0x2080, 0x2089, CHAR_SUPERSCRIPT }, { 0x3002, 0x3002, CHAR_STOP }, /* ideographic full stop */
	{ 0xA78C, 0xA78C, CHAR_APOSTROPHE }, /* saltillo */
	{ 0xFEFF, 0xFEFF, CHAR_EXTEND }, /* byte order mark, zero width no-break space */
	{ 0xFF07, 0xFF07, CHAR_APOSTROPHE }, /* fullwidth apostrophe */
};

/*
 * The letters of Latin-1, which are all but few of those in French text that are not ASCII: what each is without its accent, a
 * blank where that is not in ASCII; and a star for the two signs among them.
 */
enum { LATIN_FIRST = 0xC0, LATIN_LAST = 0xFF };
static const char latin[] = "aaaaaa ceeeeiiii nooooo* uuuuy  "
			    "aaaaaa ceeeeiiii nooooo* uuuuy y";

static const struct special *
find_special(uint32_t c)
{
	size_t low = 0, high = sizeof(specials) / sizeof(specials[0]);

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (c > specials[middle].last)
			low = middle + 1;
		else if (c < specials[middle].first)
			high = middle;
		else
			return &specials[middle];
	}
	return NULL;
}

static enum char_class
class_of_category(utf8proc_category_t category)
{
	switch (category) {
	case UTF8PROC_CATEGORY_LU:
	case UTF8PROC_CATEGORY_LL:
	case UTF8PROC_CATEGORY_LT:
	case UTF8PROC_CATEGORY_LM:
	case UTF8PROC_CATEGORY_LO:
	case UTF8PROC_CATEGORY_NL: return CHAR_LETTER;
	case UTF8PROC_CATEGORY_ND: return CHAR_DIGIT;
	case UTF8PROC_CATEGORY_MN:
	case UTF8PROC_CATEGORY_MC:
	case UTF8PROC_CATEGORY_ME: return CHAR_EXTEND;
	case UTF8PROC_CATEGORY_ZS: return CHAR_SPACE;
	case UTF8PROC_CATEGORY_PD: return CHAR_HYPHEN;
	case UTF8PROC_CATEGORY_PS:
	case UTF8PROC_CATEGORY_PE:
	case UTF8PROC_CATEGORY_PI:
	case UTF8PROC_CATEGORY_PF: return CHAR_QUOTE;
	default: return CHAR_OTHER;
	}
}

enum char_class
char_class_of(uint32_t c)
{
	const struct special *special;

	if (c < 0x80)
		return (enum char_class)char_class_ascii[c];
	if (c >= LATIN_FIRST && c <= LATIN_LAST)
		return latin[c - LATIN_FIRST] != '*' ? CHAR_LETTER : CHAR_OTHER;
	special = find_special(c);
	if (special != NULL)
		return special->class;
	return class_of_category(utf8proc_category((utf8proc_int32_t)c));
}

enum char_class
char_class_decoded(struct str text, size_t off, size_t *ret_len)
{
	size_t next = off;
	bool valid;
	uint32_t c = utf8_next(text, &next, &valid);

	*ret_len = next - off;
	return valid ? char_class_of(c) : CHAR_OTHER;
}

bool
char_is_upper(uint32_t c)
{
	utf8proc_category_t category = utf8proc_category((utf8proc_int32_t)c);

	return category == UTF8PROC_CATEGORY_LU || category == UTF8PROC_CATEGORY_LT;
}

bool
char_is_lower(uint32_t c)
{
	return utf8proc_category((utf8proc_int32_t)c) == UTF8PROC_CATEGORY_LL;
}

char
char_to_ascii(uint32_t c)
{
	utf8proc_int32_t parts[8];
	utf8proc_ssize_t n;
	int boundclass = 0;

	if (c >= LATIN_FIRST && c <= LATIN_LAST)
		return latin[c - LATIN_FIRST] >= 'a' ? latin[c - LATIN_FIRST] : 0;
	if (c >= 0x80) {
		n = utf8proc_decompose_char((utf8proc_int32_t)c, parts, 8, UTF8PROC_DECOMPOSE, &boundclass);
		if (n < 1 || parts[0] >= 0x80)
			return 0;
		c = (uint32_t)parts[0];
	}
	if (c >= 'A' && c <= 'Z')
		return (char)(c - 'A' + 'a');
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ? (char)c : 0;
}
