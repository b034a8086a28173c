/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * show_json: the forms for programs: --json, --ids, --count.
 */
#include <inttypes.h>
#include <stdlib.h>

#include "client/show.h"
#include "protocol/reply.h"

static void
write_head(struct buf *out, const struct voisin_result *result)
{
	json_write_open(out, '{');
	json_write_key(out, "understood");
	json_write_string(out, show_str(result->understood));
	show_json_notes(out, result);
	json_write_key(out, "total");
	json_write_open(out, '{');
	json_write_key(out, "value");
	json_write_uint(out, result->total);
	json_write_key(out, "relation");
	json_write_string(out, result->total_exact ? STR("eq") : STR("estimate"));
	json_write_close(out, '}');
	json_write_key(out, "generation");
	json_write_string(out, show_str(result->generation));
	json_write_key(out, "ms");
	json_write_number(out, result->ms);
	json_write_key(out, "hits");
	json_write_open(out, '[');
}

/* Everything but the hits, which follow; so that --all needs no more memory than a page. */
static void
json_head(struct session *session, const struct voisin_result *result)
{
	struct buf head;

	buf_init(&head, REPLY_READ_BYTES);
	write_head(&head, result);
	screen_append_json(&session->out, buf_str(&head));
	if (buf_status(&head) != STATUS_OK)
		session->out.status = buf_status(&head);
	buf_done(&head);
}

static bool
json_hit(struct session *session, const struct voisin_hit *hit)
{
	char *json = voisin_hit_json(hit);

	if (json == NULL) {
		complain("out of memory");
		return false;
	}
	/* A flush empties the buffer: then there was a hit before, too. */
	if (session->out.len == 0 || session->out.data[session->out.len - 1] != '[')
		(void)buf_append_char(&session->out, ',');
	screen_append_json(&session->out, str_of(json));
	free(json);
	return true;
}

int
show_json(struct session *session)
{
	struct voisin_search search = session_search(session);
	int end = show_walk(session, &search, json_head, json_hit);

	/* After a failure the object stays open: half an answer must not look like a whole one. */
	if (end != EXIT_ERROR)
		(void)buf_append_str(&session->out, STR("]}\n"));
	return end;
}

static bool
id_line(struct session *session, const struct voisin_hit *hit)
{
	/* A program that reads them gets them as they are. */
	if (session->screen.is_terminal)
		(void)screen_append(&session->out, show_str(hit->id));
	else
		(void)buf_append_str(&session->out, show_str(hit->id));
	(void)buf_append_char(&session->out, '\n');
	return true;
}

int
show_ids(struct session *session)
{
	struct voisin_search search = session_search(session);

	search.ids_only = true;
	search.passages = 0;
	return show_walk(session, &search, NULL, id_line);
}

int
show_count(struct session *session)
{
	struct voisin_search search = session_search(session);
	struct voisin_result *result;
	struct voisin_error error;
	enum voisin_status status;
	uint64_t total;

	search.cursor = NULL;
	search.limit = 0;
	search.offset = 0;
	search.exact_total = true;
	status = voisin_search(session->voisin, &search, &result, &error);
	if (status == VOISIN_TIMEOUT) {
		complain("the count was cut short, so that there is none: %s", error.message);
		return EXIT_ERROR;
	}
	if (status != VOISIN_OK)
		return session_fail(session, &error);
	total = result->has_articles ? result->articles : result->total;
	voisin_result_free(result);
	(void)buf_printf(&session->out, "%" PRIu64 "\n", total);
	return total > 0 ? EXIT_HITS : EXIT_NONE;
}
