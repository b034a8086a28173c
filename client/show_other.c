/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * show_other: --explain, --suggest, --document, --stats, --ping.
 */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/i18n.h"
#include "client/show.h"
#include "protocol/json.h"

/* More than a reply's text can take as JSON. */
enum { JSON_BYTES = 8 * 1024 * 1024, LABEL_COLUMNS = 12 };

/* The translation of `name`, filled up to `width` columns. */
static void
label(struct session *session, const char *name, size_t width)
{
	struct str text = str_of(tr(name));

	screen_begin(&session->screen, &session->out, STYLE_TITLE);
	(void)buf_append_str(&session->out, text);
	for (size_t columns = screen_columns(text); columns < width; columns++)
		(void)buf_append_char(&session->out, ' ');
	screen_end(&session->screen, &session->out, STYLE_TITLE);
}

static void
label_text(struct session *session, const char *name, struct voisin_str text)
{
	label(session, name, LABEL_COLUMNS);
	(void)screen_append(&session->out, show_str(text));
	(void)buf_append_char(&session->out, '\n');
}

/* One node a line, its children below it. */
static void
show_node(struct session *session, const struct voisin_node *node, int indent)
{
	struct buf *out = &session->out;

	(void)buf_printf(out, "%*s", indent, "");
	(void)screen_append(out, show_str(node->kind));
	for (size_t i = 0; i < node->n_attributes; i++) {
		(void)buf_append_char(out, ' ');
		(void)screen_append(out, show_str(node->attributes[i].name));
		(void)buf_append_char(out, '=');
		(void)screen_append(out, show_str(node->attributes[i].value));
	}
	(void)buf_append_char(out, '\n');
	for (size_t i = 0; i < node->n_children; i++)
		show_node(session, &node->children[i], indent + 2);
}

int
show_explain(struct session *session)
{
	struct voisin_search search = session_search(session);
	struct voisin_explanation *explanation;
	struct voisin_error error;
	struct buf *out = &session->out;

	if (voisin_explain(session->voisin, &search, &explanation, &error) != VOISIN_OK)
		return session_fail(session, &error);
	if (session->options->format == FORMAT_JSON) {
		screen_append_json(out, show_str(explanation->json));
		(void)buf_append_char(out, '\n');
	} else {
		label_text(session, N_("understood"), explanation->understood);
		label(session, N_("tree"), 0);
		(void)buf_append_char(out, '\n');
		show_node(session, &explanation->tree, 2);
		label_text(session, N_("xapian"), explanation->xapian);
		label_text(session, N_("index"), explanation->index);
		label(session, N_("exact"), LABEL_COLUMNS);
		(void)buf_append_str(out, str_of(explanation->exact ? tr("yes: the index alone decides")
								    : tr("no: each candidate is checked")));
		(void)buf_append_char(out, '\n');
		label(session, N_("cost"), LABEL_COLUMNS);
		(void)buf_printf(out, tr("%llu postings, estimated\n"), (unsigned long long)explanation->cost);
		label_text(session, N_("generation"), explanation->generation);
	}
	voisin_explanation_free(explanation);
	return EXIT_HITS;
}

static void
show_completions(struct buf *out, const struct voisin_completion *completions, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		(void)screen_append(out, show_str(completions[i].q));
		(void)buf_append_char(out, '\n');
	}
}

/* A text a line: those with the last word completed, then those with it corrected. */
int
show_suggest(struct session *session)
{
	const struct options *options = session->options;
	unsigned limit = options->limit < VOISIN_SUGGESTIONS ? options->limit : VOISIN_SUGGESTIONS;
	struct voisin_suggestions *suggestions;
	struct voisin_error error;
	struct buf *out = &session->out;
	bool any;

	if (voisin_suggest(session->voisin, options->document, limit, &suggestions, &error) != VOISIN_OK)
		return session_fail(session, &error);
	any = suggestions->n_completions + suggestions->n_corrections > 0;
	if (options->format == FORMAT_JSON) {
		screen_append_json(out, show_str(suggestions->json));
		(void)buf_append_char(out, '\n');
	} else {
		show_completions(out, suggestions->completions, suggestions->n_completions);
		show_completions(out, suggestions->corrections, suggestions->n_corrections);
	}
	voisin_suggestions_free(suggestions);
	return any ? EXIT_HITS : EXIT_NONE;
}

static void
add_fact(struct buf *out, struct voisin_str fact, bool *first)
{
	if (fact.len == 0)
		return;
	if (!*first)
		(void)buf_append_str(out, STR(" · "));
	(void)screen_append(out, show_str(fact));
	*first = false;
}

/* A date that is the file's alone says so: the article may be older. */
static void
add_date(struct buf *out, const struct voisin_document *document, bool *first)
{
	char text[64];

	if (document->date.len == 0 || !str_eq(show_str(document->dated), STR("file"))) {
		add_fact(out, document->date, first);
		return;
	}
	(void)snprintf(text, sizeof(text), tr("file of %.*s"), STR_FMT(show_str(document->date)));
	add_fact(out, (struct voisin_str) { text, strlen(text) }, first);
}

static void
document_head(struct session *session, const struct voisin_document *document)
{
	struct buf *out = &session->out;
	bool first = true;

	screen_begin(&session->screen, out, STYLE_TITLE);
	(void)screen_append(out, show_str(document->title));
	screen_end(&session->screen, out, STYLE_TITLE);
	(void)buf_append_char(out, '\n');
	screen_begin(&session->screen, out, STYLE_FAINT);
	add_fact(out, document->source, &first);
	add_fact(out, document->author, &first);
	add_date(out, document, &first);
	add_fact(out, document->id, &first);
	add_fact(out, document->url, &first);
	screen_end(&session->screen, out, STYLE_FAINT);
	(void)buf_append_str(out, STR("\n\n"));
}

/* All but the text, which follows in pieces and ends with the object. */
static void
document_json_head(struct buf *out, const struct voisin_document *document)
{
	struct str fields = show_str(document->json);

	/* The fields are an object with one member at least: the text becomes its last. */
	(void)buf_append(out, fields.p, fields.len - 1);
	(void)buf_append_str(out, STR(",\"text\":\""));
}

/* A piece of the document as JSON: of one string, whose quotes only the first and the last piece have. */
static void
document_json_piece(struct session *session, const struct voisin_document *document)
{
	struct buf head, text;

	buf_init(&head, JSON_BYTES);
	buf_init(&text, JSON_BYTES);
	if (document->offset == 0)
		document_json_head(&head, document);
	json_write_string(&text, show_str(document->text));
	if (buf_status(&head) != STATUS_OK || buf_status(&text) != STATUS_OK)
		session->out.status = STATUS_NOMEM;
	screen_append_json(&session->out, buf_str(&head));
	if (text.len >= 2)
		screen_append_json(&session->out, (struct str) { text.data + 1, text.len - 2 });
	if (!document->more)
		(void)buf_append_str(&session->out, STR("\"}\n"));
	buf_done(&head);
	buf_done(&text);
}

static void
document_piece(struct session *session, const struct voisin_document *document)
{
	if (session->options->format == FORMAT_JSON) {
		document_json_piece(session, document);
		return;
	}
	if (document->offset == 0)
		document_head(session, document);
	screen_append_lines(&session->out, show_str(document->text));
	if (!document->more)
		(void)buf_append_char(&session->out, '\n');
}

/* Whether `document` is the piece at `offset` of what `generation` held; else fills *error. */
static bool
fits(const struct voisin_document *document, uint64_t offset, const char *generation, struct voisin_error *error)
{
	static const char changed[] = N_("the index changed while the document was read; please ask again");
	static const char stuck[] = N_("the server's reply is not understood: the document does not go on");
	bool same = generation == NULL || strcmp(generation, document->generation.p) == 0;

	if (same && document->offset == offset && (document->text.len > 0 || !document->more))
		return true;
	*error = (struct voisin_error) { .status = same ? VOISIN_PROTOCOL : VOISIN_STALE };
	(void)snprintf(error->message, sizeof(error->message), "%s", tr(same ? stuck : changed));
	return false;
}

/* The document in pieces, so that a large one needs no more memory than a reply. */
int
show_document(struct session *session)
{
	char *generation = NULL;
	uint64_t offset = 0;
	bool more = true;
	int end = EXIT_HITS;

	while (more && end == EXIT_HITS) {
		struct voisin_document *document;
		struct voisin_error error;

		if (voisin_document(session->voisin, session->options->document, offset, 0, &document, &error) !=
		    VOISIN_OK) {
			end = session_fail(session, &error);
			break;
		}
		if (fits(document, offset, generation, &error)) {
			document_piece(session, document);
			more = document->more && session_flush(session);
			offset += document->text.len;
		} else
			end = session_fail(session, &error);
		if (generation == NULL)
			generation = strdup(document->generation.p);
		voisin_document_free(document);
	}
	free(generation);
	return end;
}

int
show_stats(struct session *session)
{
	struct voisin_error error;
	json_t *stats = NULL;
	char *json, *pretty;

	if (voisin_stats(session->voisin, &json, &error) != VOISIN_OK)
		return session_fail(session, &error);
	stats = json_loads(json, JSON_ALLOW_NUL, NULL);
	free(json);
	pretty = json_dumps(stats, JSON_INDENT(2) | JSON_ENSURE_ASCII | JSON_REAL_PRECISION(9));
	json_decref(stats);
	if (pretty == NULL) {
		complain("out of memory");
		return EXIT_ERROR;
	}
	(void)buf_append_str(&session->out, str_of(pretty));
	(void)buf_append_char(&session->out, '\n');
	free(pretty);
	return EXIT_HITS;
}

int
show_ping(struct session *session)
{
	struct voisin_error error;
	struct voisin_pong pong;

	if (voisin_ping(session->voisin, &pong, &error) != VOISIN_OK)
		return session_fail(session, &error);
	if (session->options->format == FORMAT_JSON) {
		json_write_open(&session->out, '{');
		json_write_key(&session->out, "version");
		json_write_string(&session->out, str_of(pong.version));
		json_write_key(&session->out, "protocol");
		json_write_int(&session->out, pong.protocol);
		(void)buf_append_str(&session->out, STR("}\n"));
		return EXIT_HITS;
	}
	(void)buf_append_str(&session->out, STR("voisind "));
	(void)screen_append(&session->out, str_of(pong.version));
	(void)buf_printf(&session->out, " (protocol %d)\n", pong.protocol);
	return EXIT_HITS;
}
