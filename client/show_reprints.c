/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * show_reprints: --reprises.
 *
 *	Alep : le cessez-le-feu tient
 *	AFP · 2016-12-15 · 000
 *
 *	2 reprints
 *	  100 %  Le Quotidien du Nord · 2016-12-16 · 017
 *	   83 %  2016-12-16 · 021
 *
 *	1 other document with passages of it
 *	   24 %  Agence du Sud · 2016-12-17 · 030
 *	    Un cessez-le-feu est entré en vigueur ...
 */
#include "base/i18n.h"
#include "client/show.h"
#include "client/wrap.h"

enum { PASSAGE_INDENT = 4 };

static void
add_facts(struct session *session, struct voisin_str source, struct voisin_str date, struct voisin_str id)
{
	const struct voisin_str facts[] = { source, date, id };
	struct buf *out = &session->out;
	bool first = true;

	screen_begin(&session->screen, out, STYLE_FAINT);
	for (size_t i = 0; i < sizeof(facts) / sizeof(facts[0]); i++) {
		if (facts[i].len == 0)
			continue;
		(void)buf_append_str(out, first ? STR("") : STR(" · "));
		(void)screen_append(out, show_str(facts[i]));
		first = false;
	}
	screen_end(&session->screen, out, STYLE_FAINT);
	(void)buf_append_char(out, '\n');
}

/* A part of one, as "  83 %  ". */
static void
add_percent(struct buf *out, double part)
{
	(void)buf_printf(out, "  %3d %%  ", (int)(part * 100));
}

static void
show_copy(struct session *session, const struct voisin_copy *copy)
{
	add_percent(&session->out, copy->share);
	add_facts(session, copy->source, copy->date, copy->id);
	for (size_t i = 0; i < copy->n_passages; i++) {
		const struct voisin_copied_passage *passage = &copy->passages[i];
		struct wrap wrap;

		wrap_init(&wrap, &session->screen, &session->out, PASSAGE_INDENT);
		wrap_add(&wrap, show_str(passage->text), false);
		if (passage->text.len < passage->length)
			wrap_add(&wrap, STR(" …"), false);
		wrap_done(&wrap);
	}
}

static void
show_text(struct session *session, const struct voisin_reprints *reprints)
{
	struct buf *out = &session->out;

	screen_begin(&session->screen, out, STYLE_TITLE);
	(void)screen_append(out, show_str(reprints->title.len > 0 ? reprints->title : reprints->id));
	screen_end(&session->screen, out, STYLE_TITLE);
	(void)buf_append_char(out, '\n');
	add_facts(session, reprints->source, reprints->date, reprints->id);
	(void)buf_append_char(out, '\n');
	(void)buf_printf(
	    out, tr_plural("%llu reprint\n", "%llu reprints\n", reprints->total), (unsigned long long)reprints->total);
	for (size_t i = 0; i < reprints->n_reprints; i++) {
		add_percent(out, reprints->reprints[i].likeness);
		add_facts(session, reprints->reprints[i].source, reprints->reprints[i].date, reprints->reprints[i].id);
	}
	(void)buf_append_char(out, '\n');
	(void)buf_printf(out,
	    tr_plural("%llu other document with passages of it\n", "%llu other documents with passages of it\n",
		reprints->n_copies),
	    (unsigned long long)reprints->n_copies);
	for (size_t i = 0; i < reprints->n_copies; i++)
		show_copy(session, &reprints->copies[i]);
	if (reprints->more || reprints->more_copies)
		(void)buf_append_str(out, str_of(tr("There may be more: not all of the index was compared.\n")));
}

int
show_reprints(struct session *session)
{
	const struct options *options = session->options;
	unsigned limit = options->limit < VOISIN_REPRINTS ? options->limit : VOISIN_REPRINTS;
	struct voisin_reprints *reprints;
	struct voisin_error error;
	bool any;

	if (voisin_reprints(session->voisin, options->document, limit, options->offset, &reprints, &error) != VOISIN_OK)
		return session_fail(session, &error);
	any = reprints->total + reprints->n_copies > 0;
	if (options->format == FORMAT_JSON) {
		screen_append_json(&session->out, show_str(reprints->json));
		(void)buf_append_char(&session->out, '\n');
	} else
		show_text(session, reprints);
	voisin_reprints_free(reprints);
	return any ? EXIT_HITS : EXIT_NONE;
}
