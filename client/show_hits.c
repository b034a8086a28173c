/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * show_hits: the usual form.
 *
 *	2 results for "cessez le feu" NEAR/10 alep
 *
 *	Alep : le cessez-le-feu tient
 *	  AFP · 2016-12-15 · 000 · distance 3
 *	    ... un *cessez*-*le*-*feu* est entré en vigueur à *Alep* ...
 */
#include "base/i18n.h"
#include "client/show.h"
#include "client/wrap.h"

enum { FACTS_INDENT = 2, PASSAGE_INDENT = 4, GROUP_BYTES = 64 * 1024 };

/* The passage that shows all of the title, or NULL. */
static const struct voisin_passage *
title_passage(const struct voisin_hit *hit)
{
	for (size_t i = 0; i < hit->n_passages; i++) {
		const struct voisin_passage *passage = &hit->passages[i];

		if (passage->zone == VOISIN_TITLE && !passage->cut_before && !passage->cut_after)
			return passage;
	}
	return NULL;
}

static void
add_segments(struct wrap *wrap, const struct voisin_passage *passage)
{
	for (size_t i = 0; i < passage->n_segments; i++)
		wrap_add(wrap, show_str(passage->segments[i].text), passage->segments[i].mark);
}

/* The title, with the words of a match in it marked; the id stands in where there is none. */
static void
show_title(struct session *session, const struct voisin_hit *hit, const struct voisin_passage *passage)
{
	struct wrap wrap;

	if (passage == NULL) {
		screen_begin(&session->screen, &session->out, STYLE_TITLE);
		(void)screen_append(&session->out, show_str(hit->title.len > 0 ? hit->title : hit->id));
		screen_end(&session->screen, &session->out, STYLE_TITLE);
		(void)buf_append_char(&session->out, '\n');
		return;
	}
	wrap_init(&wrap, &session->screen, &session->out, 0);
	add_segments(&wrap, passage);
	wrap_done(&wrap);
}

static void
add_fact(struct buf *out, struct voisin_str fact)
{
	if (fact.len == 0)
		return;
	(void)screen_append(out, show_str(fact));
	(void)buf_append_str(out, STR(" · "));
}

static void
show_facts(struct session *session, const struct voisin_hit *hit)
{
	struct buf *out = &session->out;

	(void)buf_printf(out, "%*s", FACTS_INDENT, "");
	screen_begin(&session->screen, out, STYLE_FAINT);
	add_fact(out, hit->source);
	/* The date of a file is seldom that of the article in it: a hit is better shown without. */
	if (!str_eq(show_str(hit->dated), STR("file")))
		add_fact(out, hit->date);
	(void)screen_append(out, show_str(hit->id));
	if (hit->has_distance)
		(void)buf_printf(out, tr(" · distance %llu"), (unsigned long long)hit->distance);
	if (hit->unlisted)
		(void)buf_append_str(out, str_of(tr(" · too many matches to list")));
	screen_end(&session->screen, out, STYLE_FAINT);
	(void)buf_append_char(out, '\n');
}

/* "and 3 reprints: 0412.txt, 0413.txt, 0417.txt" */
static void
show_group(struct session *session, const struct voisin_group *group)
{
	struct buf *out = &session->out;
	struct buf ids;

	if (group->count == 0)
		return;
	buf_init(&ids, GROUP_BYTES);
	for (size_t i = 0; i < group->n_ids; i++) {
		(void)buf_append_str(&ids, i > 0 ? STR(", ") : STR(""));
		(void)screen_append(&ids, show_str(group->ids[i]));
	}
	if (group->n_ids < group->count)
		(void)buf_append_str(&ids, STR(", …"));
	(void)buf_printf(out, "%*s", FACTS_INDENT, "");
	screen_begin(&session->screen, out, STYLE_FAINT);
	(void)buf_printf(out, tr_plural("and %llu reprint: %s", "and %llu reprints: %s", group->count),
	    (unsigned long long)group->count, buf_status(&ids) == STATUS_OK ? buf_str(&ids).p : "");
	screen_end(&session->screen, out, STYLE_FAINT);
	(void)buf_append_char(out, '\n');
	buf_done(&ids);
}

static void
show_passage(struct session *session, const struct voisin_passage *passage)
{
	struct wrap wrap;

	wrap_init(&wrap, &session->screen, &session->out, PASSAGE_INDENT);
	if (passage->cut_before)
		wrap_add(&wrap, STR("… "), false);
	add_segments(&wrap, passage);
	if (passage->cut_after)
		wrap_add(&wrap, STR(" …"), false);
	wrap_done(&wrap);
}

static bool
show_hit(struct session *session, const struct voisin_hit *hit)
{
	const struct voisin_passage *title = title_passage(hit);

	(void)buf_append_char(&session->out, '\n');
	show_title(session, hit, title);
	show_facts(session, hit);
	show_group(session, &hit->reprints);
	for (size_t i = 0; i < hit->n_passages; i++) {
		if (&hit->passages[i] != title)
			show_passage(session, &hit->passages[i]);
	}
	return true;
}

static void
show_header(struct session *session, const struct voisin_result *result)
{
	struct buf *out = &session->out;

	if (result->total == 0)
		(void)buf_append_str(out, str_of(tr("no results for ")));
	else if (result->total_exact)
		(void)buf_printf(out, tr_plural("%llu result for ", "%llu results for ", result->total),
		    (unsigned long long)result->total);
	else
		(void)buf_printf(out, tr_plural("about %llu result for ", "about %llu results for ", result->total),
		    (unsigned long long)result->total);
	(void)screen_append(out, show_str(result->understood));
	(void)buf_append_char(out, '\n');
	show_notes(session, result);
}

/*
 * Whether the query has hits, where none may have been shown: the total decides only where none was
 * asked for, or the first were skipped.
 */
static bool
has_hits(const struct voisin_search *search, const struct voisin_result *result)
{
	return (search->limit == 0 || search->offset > 0) && search->cursor == NULL && result->total > 0;
}

int
show_walk(struct session *session, const struct voisin_search *search, show_head_fn *head, show_hit_fn *each)
{
	struct voisin_walk *walk;
	const struct voisin_hit *hit = NULL;
	struct voisin_error error;
	enum voisin_status status = voisin_walk_new(session->voisin, search, &walk, &error);
	bool found = false, good = true;

	if (status != VOISIN_OK)
		return session_fail(session, &error);
	status = voisin_walk_next(walk, &hit, &error);
	if (status == VOISIN_OK || status == VOISIN_END) {
		found = status == VOISIN_OK || has_hits(search, voisin_walk_result(walk));
		if (head != NULL)
			head(session, voisin_walk_result(walk));
	}
	while (status == VOISIN_OK && good) {
		good = each(session, hit) && session_flush(session);
		if (good)
			status = voisin_walk_next(walk, &hit, &error);
	}
	voisin_walk_free(walk);
	if (!good)
		return EXIT_ERROR;
	if (status != VOISIN_END)
		return session_fail(session, &error);
	return found ? EXIT_HITS : EXIT_NONE;
}

int
show_hits(struct session *session)
{
	struct voisin_search search = session_search(session);

	return show_walk(session, &search, show_header, show_hit);
}
