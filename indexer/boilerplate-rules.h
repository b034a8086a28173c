/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * boilerplate-rules: is this line boilerplate by what it says?
 */
#ifndef VOISIN_INDEXER_BOILERPLATE_RULES_H
#define VOISIN_INDEXER_BOILERPLATE_RULES_H

#include "base/error.h"
#include "stemmer/analyzer.h"

enum line_kind {
	LINE_TEXT,
	LINE_LABEL, /* text that is so short that it can stand in a list of tags */
	LINE_SHARE, /* names of networks alone: boilerplate beside other boilerplate */
	LINE_ASIDE, /* boilerplate */
	LINE_TAGS /* boilerplate, and so are the labels that follow */
};

/* A trimmed line that is not empty.  The analyzer's last tokens are lost. */
enum status boilerplate_line_kind(
    struct analyzer *analyzer, struct str line, enum line_kind *ret_kind, struct error *reterr) MUST_CHECK;

#endif
