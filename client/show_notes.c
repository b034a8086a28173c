/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * show_notes: what was made of the query, below the line that counts the hits.
 *
 *	no results for alpe AND bachar
 *	also searched: Bashar
 *	did you mean: alep AND bachar
 */
#include "base/i18n.h"
#include "client/show.h"
#include "protocol/json.h"

static void
list_texts(struct buf *out, const struct voisin_str *texts, size_t n, const char *between)
{
	for (size_t i = 0; i < n; i++) {
		if (i > 0)
			(void)buf_append_str(out, str_of(between));
		(void)screen_append(out, show_str(texts[i]));
	}
}

/* Whether a word was typed without accents: else its writer has chosen. */
static bool
is_plain(struct voisin_str word)
{
	for (size_t i = 0; i < word.len; i++) {
		if ((unsigned char)word.p[i] >= 0x80)
			return false;
	}
	return true;
}

static void
show_expanded(struct buf *out, const struct voisin_result *result)
{
	if (result->n_expanded > 0) {
		(void)buf_append_str(out, str_of(tr("also searched: ")));
		for (size_t i = 0; i < result->n_expanded; i++) {
			if (i > 0)
				(void)buf_append_str(out, STR(", "));
			list_texts(out, result->expanded[i].to, result->expanded[i].n_to, ", ");
		}
		(void)buf_append_char(out, '\n');
	}
	if (result->n_not_expanded > 0) {
		(void)buf_append_str(out, str_of(tr("too many words to search other spellings of: ")));
		list_texts(out, result->not_expanded, result->n_not_expanded, ", ");
		(void)buf_append_char(out, '\n');
	}
}

static void
show_hint(struct buf *out, const struct voisin_hint *hint)
{
	if (hint->n_loose == 0 || !is_plain(hint->word))
		return;
	(void)screen_append(out, show_str(hint->word));
	(void)buf_append_str(out, str_of(tr(" also stands for ")));
	list_texts(out, hint->loose, hint->n_loose, ", ");
	(void)buf_append_str(out, str_of(tr(" with --accents loose")));
	(void)buf_append_char(out, '\n');
}

void
show_notes(struct session *session, const struct voisin_result *result)
{
	struct buf *out = &session->out;

	show_expanded(out, result);
	for (size_t i = 0; i < result->n_hints; i++)
		show_hint(out, &result->hints[i]);
	if (result->n_suggestions == 0)
		return;
	(void)buf_append_str(out, str_of(tr("did you mean: ")));
	list_texts(out, result->suggestions, result->n_suggestions, tr(" or "));
	(void)buf_append_char(out, '\n');
}

static void
json_texts(struct buf *out, const char *key, const struct voisin_str *texts, size_t n)
{
	json_write_key(out, key);
	json_write_open(out, '[');
	for (size_t i = 0; i < n; i++)
		json_write_string(out, show_str(texts[i]));
	json_write_close(out, ']');
}

static void
json_expanded(struct buf *out, const struct voisin_result *result)
{
	if (result->n_expanded == 0)
		return;
	json_write_key(out, "expanded");
	json_write_open(out, '[');
	for (size_t i = 0; i < result->n_expanded; i++) {
		json_write_open(out, '{');
		json_write_key(out, "from");
		json_write_string(out, show_str(result->expanded[i].from));
		json_texts(out, "to", result->expanded[i].to, result->expanded[i].n_to);
		json_write_close(out, '}');
	}
	json_write_close(out, ']');
}

static void
json_hints(struct buf *out, const struct voisin_result *result)
{
	if (result->n_hints == 0)
		return;
	json_write_key(out, "hints");
	json_write_open(out, '[');
	for (size_t i = 0; i < result->n_hints; i++) {
		json_write_open(out, '{');
		json_write_key(out, "word");
		json_write_string(out, show_str(result->hints[i].word));
		json_texts(out, "loose", result->hints[i].loose, result->hints[i].n_loose);
		json_write_close(out, '}');
	}
	json_write_close(out, ']');
}

void
show_json_notes(struct buf *out, const struct voisin_result *result)
{
	json_expanded(out, result);
	if (result->n_not_expanded > 0)
		json_texts(out, "not_expanded", result->not_expanded, result->n_not_expanded);
	json_hints(out, result);
	if (result->n_suggestions > 0)
		json_texts(out, "suggestions", result->suggestions, result->n_suggestions);
}
