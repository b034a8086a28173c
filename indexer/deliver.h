/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * deliver: the hits of a standing query, to where they go.
 */
#ifndef VOISIN_INDEXER_DELIVER_H
#define VOISIN_INDEXER_DELIVER_H

#include "indexer/alert-state.h"
#include "indexer/alert.h"
#include "query/search.h"

/* Appends a hit as a JSON line: alert, id, title, date, source, url, passages. */
enum status deliver_line(
    struct buf *out, const struct alert *alert, const struct search_hit *hit, struct error *reterr) MUST_CHECK;

/*
 * Delivers the lines of one alert, and notes `reports`, which they are of.  To a file: each line once, also when
 * killed at any moment.  Elsewhere: a kill between delivery and note delivers them once more.
 */
enum status deliver_lines(const struct alerts *alerts, const struct alert *alert, struct str lines,
    const struct alert_pairs *reports, struct alert_state *state, struct error *reterr) MUST_CHECK;

#endif
