/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * show_kwic: key word in context, one line a match (H. P. Luhn, "Key word-in-context index for
 * technical literature", 1960).  The first word of the match stands in the same column everywhere:
 *
 *	000       après l'annonce d'un *cessez*-*le*-*feu* à *Alep*, où les combats
 *	…2/004   la trêve a tenu hier. *Alep* attend un *cessez*-*le*-*feu* depuis
 *
 * Where the words of a match lie further apart than the line has room, what is between is left out.
 * The context comes from the document itself, in slices; the title is in the hit.
 */
#include <stdlib.h>

#include "base/i18n.h"
#include "base/limits.h"
#include "client/concordance.h"
#include "client/show.h"
#include "protocol/request.h"

enum {
	REFERENCE_COLUMNS_MAX = 24,
	LINE_BYTES_MAX = 1024 * 1024, /* of one line; marks that combine have no columns */
	GAP = 2, /* between reference and context */
	PAGE = 20, /* hits a request: each brings all its matches */
	BYTES_A_COLUMN = 8, /* of context that is asked for; combining marks take bytes and no columns */
	SLICE_BYTES = 64 * 1024,
	FLAT_BYTES = 4 * 1024 * 1024
};

/* A part of a zone of the hit in hand. */
struct slice {
	struct voisin_document *document; /* NULL where none was fetched */
	struct str text;
	uint64_t offset;
};

/* The columns of a line. */
struct layout {
	size_t reference;
	size_t left; /* before the match */
	size_t right; /* from its first word on */
};

static struct layout
layout_of(const struct screen *screen)
{
	struct layout layout;
	size_t rest;

	layout.reference = screen->width / 5 < REFERENCE_COLUMNS_MAX ? screen->width / 5 : REFERENCE_COLUMNS_MAX;
	rest = screen->width - layout.reference - GAP;
	layout.left = rest * 2 / 5;
	layout.right = rest - layout.left;
	return layout;
}

static void
append_blanks(struct buf *out, size_t count)
{
	while (count-- > 0)
		(void)buf_append_char(out, ' ');
}

/* Appends `text` with each run of blanks and line ends as one blank. */
static void
append_flat(struct buf *flat, struct str text)
{
	for (size_t i = 0; i < text.len; i++) {
		bool blank = strchr(" \t\r\n", text.p[i]) != NULL && text.p[i] != '\0';

		if (!blank)
			(void)buf_append_char(flat, text.p[i]);
		else if (flat->len == 0 || flat->data[flat->len - 1] != ' ')
			(void)buf_append_char(flat, ' ');
	}
}

/* The id; of a long one its end, which tells more. */
static void
append_reference(struct buf *out, struct str id, size_t columns)
{
	size_t width = screen_columns(id);

	if (width > columns) {
		(void)buf_append_str(out, STR("…"));
		id = (struct str) { id.p + screen_cut(id, columns - 1, true),
			id.len - screen_cut(id, columns - 1, true) };
		width = screen_columns(id) + 1;
	}
	(void)screen_append(out, id);
	append_blanks(out, columns - width + GAP);
}

static void
append_left(struct buf *out, struct str text, size_t columns)
{
	struct buf flat;
	struct str shown;
	size_t cut;

	buf_init(&flat, FLAT_BYTES);
	append_flat(&flat, text);
	cut = screen_cut(buf_str(&flat), columns, true);
	shown = (struct str) { buf_str(&flat).p + cut, flat.len - cut };
	append_blanks(out, columns - screen_columns(shown));
	(void)screen_append(out, shown);
	buf_done(&flat);
}

/* What stands from the first word of the match on; `left` counts the columns that are left. */
struct right {
	const struct screen *screen;
	struct buf *out;
	size_t left;
};

static void
append_right(struct right *right, struct str text, bool mark)
{
	size_t ends = mark ? 2 * screen_mark_columns(right->screen) : 0;
	struct buf flat;
	struct str shown;

	if (right->left <= ends)
		return;
	buf_init(&flat, FLAT_BYTES);
	append_flat(&flat, text);
	shown = buf_str(&flat);
	shown.len = screen_cut(shown, right->left - ends, false);
	if (mark)
		screen_begin(right->screen, right->out, STYLE_MARK);
	right->left -= screen_append(right->out, shown) + ends;
	if (mark)
		screen_end(right->screen, right->out, STYLE_MARK);
	/* A wide character may not fit into the last column. */
	if (shown.len < flat.len)
		right->left = 0;
	buf_done(&flat);
}

static int
by_offset(const void *a, const void *b)
{
	const struct voisin_span *left = a, *right = b;

	return (left->offset > right->offset) - (left->offset < right->offset);
}

/* How many bytes beside a match are looked at. */
static uint64_t
context_bytes(const struct screen *screen)
{
	return screen->width * BYTES_A_COLUMN;
}

/* The part of a slice from byte `begin` to `end` of the zone, as far as it is there. */
static struct str
part(const struct slice *slice, uint64_t begin, uint64_t end)
{
	uint64_t first = slice->offset, last = slice->offset + slice->text.len;

	begin = begin < first ? first : begin > last ? last : begin;
	end = end < begin ? begin : end > last ? last : end;
	return (struct str) { slice->text.p + (begin - first), (size_t)(end - begin) };
}

/* What stands before the match, and behind it, as far as a line can show it. */
static struct str
before_match(const struct screen *screen, const struct slice *slice, const struct voisin_span *spans)
{
	size_t context = (size_t)context_bytes(screen);
	struct str text = part(slice, 0, spans[0].offset);

	if (text.len > context)
		text = (struct str) { text.p + text.len - context, context };
	/* No half of a character. */
	while (text.len > 0 && ((unsigned char)text.p[0] & 0xC0) == 0x80)
		text = (struct str) { text.p + 1, text.len - 1 };
	return text;
}

static struct str
behind_match(const struct screen *screen, const struct slice *slice, const struct voisin_span *spans, size_t n)
{
	uint64_t begin = spans[n - 1].offset + spans[n - 1].length;

	return part(slice, begin, begin + context_bytes(screen));
}

/* The match, its gaps whole or left out, and what follows. */
static void
append_match(struct right *right, const struct slice *slice, const struct voisin_span *spans, size_t n, bool whole)
{
	uint64_t at = spans[0].offset;

	for (size_t i = 0; i < n; i++) {
		struct str gap = part(slice, at, spans[i].offset);

		if (!whole && screen_columns(gap) > 3)
			gap = STR(" … ");
		append_right(right, gap, false);
		append_right(right, part(slice, spans[i].offset, spans[i].offset + spans[i].length), true);
		at = spans[i].offset + spans[i].length;
	}
	append_right(right, behind_match(right->screen, slice, spans, n), false);
}

static size_t
match_columns(const struct screen *screen, const struct slice *slice, const struct voisin_span *spans, size_t n)
{
	struct str all = part(slice, spans[0].offset, spans[n - 1].offset + spans[n - 1].length);

	return screen_columns(all) + n * 2 * screen_mark_columns(screen);
}

static void
append_line(const struct screen *screen, const struct voisin_hit *hit, const struct slice *slice,
    const struct voisin_span *spans, size_t n, struct buf *out)
{
	struct layout layout = layout_of(screen);
	struct right right = { screen, out, layout.right };

	append_reference(out, show_str(hit->id), layout.reference);
	append_left(out, before_match(screen, slice, spans), layout.left);
	append_match(&right, slice, spans, n, match_columns(screen, slice, spans, n) <= layout.right);
	(void)buf_append_char(out, '\n');
}

/* Keeps the line for its turn.  False: there is no room for more. */
static bool
keep_line(struct session *session, const struct voisin_hit *hit, const struct slice *slice,
    const struct voisin_span *spans, size_t n)
{
	const struct screen *screen = &session->screen;
	struct str context = session->options->lines == LINES_BY_LEFT ? before_match(screen, slice, spans)
								      : behind_match(screen, slice, spans, n);
	struct buf line;
	bool kept;

	buf_init(&line, LINE_BYTES_MAX);
	append_line(screen, hit, slice, spans, n, &line);
	kept = concordance_add(session->concordance, context, buf_str(&line));
	buf_done(&line);
	return kept;
}

/* Shows the line, or keeps it where lines are sorted. */
static bool
give_line(struct session *session, const struct voisin_hit *hit, const struct slice *slice,
    const struct voisin_span *spans, size_t n)
{
	if (session->concordance != NULL)
		return keep_line(session, hit, slice, spans, n);
	append_line(&session->screen, hit, slice, spans, n, &session->out);
	return session_flush(session);
}

static void
slice_done(struct slice *slice)
{
	voisin_document_free(slice->document);
	*slice = (struct slice) { .document = NULL };
}

/* Whether the slice holds the bytes from `begin` to `end`, or as many of them as the text has. */
static bool
slice_holds(const struct slice *slice, uint64_t begin, uint64_t end)
{
	if (slice->document == NULL || begin < slice->offset)
		return false;
	return end <= slice->offset + slice->text.len || !slice->document->more;
}

/* Makes the slice one that holds a match and its context.  False: failed, and said so. */
static bool
slice_fetch(struct session *session, const struct voisin_hit *hit, const struct voisin_span *spans, size_t n,
    struct slice *slice)
{
	uint64_t context = context_bytes(&session->screen);
	uint64_t begin = spans[0].offset > context ? spans[0].offset - context : 0;
	uint64_t end = spans[n - 1].offset + spans[n - 1].length + context;
	unsigned length = end - begin < REQUEST_TEXT_BYTES_MAX ? (unsigned)(end - begin) : REQUEST_TEXT_BYTES_MAX;
	struct voisin_error error;

	if (slice_holds(slice, begin, end))
		return true;
	slice_done(slice);
	if (voisin_document(session->voisin, hit->id.p, begin, length > SLICE_BYTES ? length : SLICE_BYTES,
		&slice->document, &error) != VOISIN_OK) {
		(void)session_fail(session, &error);
		return false;
	}
	slice->text = show_str(slice->document->text);
	slice->offset = slice->document->offset;
	return true;
}

/* Whether spans, in order, can be of a text: no sum overflows, and none is before the one before. */
static bool
spans_are_sound(const struct voisin_span *spans, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (spans[i].offset > LIMIT_DOCUMENT_BYTES || spans[i].length > LIMIT_DOCUMENT_BYTES ||
		    spans[i].zone != spans[0].zone)
			return false;
	}
	return n > 0;
}

static bool
show_match(struct session *session, const struct voisin_hit *hit, const struct voisin_match *match, struct slice *text)
{
	const struct slice title = { .text = show_str(hit->title) };
	const struct slice *slice = text;
	struct voisin_span *spans;
	bool good = true;

	if (!spans_are_sound(match->spans, match->n_spans)) {
		complain("the server's reply is not understood: a match has no place");
		return false;
	}
	spans = calloc(match->n_spans, sizeof(*spans));
	if (spans == NULL) {
		complain("out of memory");
		return false;
	}
	memcpy(spans, match->spans, match->n_spans * sizeof(*spans));
	qsort(spans, match->n_spans, sizeof(*spans), by_offset);
	if (spans[0].zone == VOISIN_TITLE)
		slice = &title;
	else
		good = slice_fetch(session, hit, spans, match->n_spans, text);
	good = good && give_line(session, hit, slice, spans, match->n_spans);
	free(spans);
	return good;
}

static bool
show_hit(struct session *session, const struct voisin_hit *hit)
{
	struct slice text = { .document = NULL };
	bool good = true;

	for (size_t i = 0; i < hit->n_matches && good; i++)
		good = show_match(session, hit, &hit->matches[i], &text);
	slice_done(&text);
	if (good && hit->unlisted)
		complain("%.*s has too many matches to list, and few of them are shown", (int)hit->id.len, hit->id.p);
	if (good && hit->total_matches > hit->n_matches)
		complain(tr_plural("%llu more match in %.*s", "%llu more matches in %.*s",
			     hit->total_matches - hit->n_matches),
		    (unsigned long long)(hit->total_matches - hit->n_matches), (int)hit->id.len, hit->id.p);
	return good;
}

static int
show_lines(struct session *session)
{
	struct voisin_search search = session_search(session);

	search.passages = 0;
	search.matches = REQUEST_MATCHES_MAX;
	search.page = PAGE;
	if (search.fold == VOISIN_FOLD_USUAL)
		search.fold = VOISIN_FOLD_NO; /* a line has no place to say what is not shown */
	return show_walk(session, &search, NULL, show_hit);
}

/* All lines are kept, and then shown in their order. */
static int
show_sorted(struct session *session, struct concordance *concordance)
{
	int code = show_lines(session);
	size_t n = concordance_count(concordance);

	if (concordance_is_full(concordance)) {
		complain(tr_plural("only the first %zu line is sorted and shown; there is no room for more",
			     "only the first %zu lines are sorted and shown; there is no room for more", n),
		    n);
		code = EXIT_HITS;
	}
	if (code == EXIT_ERROR)
		return code;
	concordance_sort(concordance);
	for (size_t i = 0; i < n; i++) {
		(void)buf_append_str(&session->out, concordance_line(concordance, i));
		if (!session_flush(session))
			return EXIT_ERROR;
	}
	return code;
}

int
show_kwic(struct session *session)
{
	int code;

	if (session->options->lines == LINES_BY_HIT)
		return show_lines(session);
	session->concordance = concordance_new(session->options->lines == LINES_BY_LEFT);
	if (session->concordance == NULL) {
		complain("out of memory");
		return EXIT_ERROR;
	}
	code = show_sorted(session, session->concordance);
	concordance_free(session->concordance);
	session->concordance = NULL;
	return code;
}
