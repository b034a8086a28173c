/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * mail: a message -> a document.  The subject is the title, the sender's name the source, and the text that of
 * the parts that are to be read: of alternatives the better one, of attachments none.
 */
#ifndef VOISIN_INDEXER_SOURCES_MAIL_H
#define VOISIN_INDEXER_SOURCES_MAIL_H

#include "indexer/sources/reading.h"

/* Gives one message.  `number` is which one of the file, 0 where the file is it. */
enum status mail_give(struct reading *reading, struct str message, size_t number, struct error *reterr) MUST_CHECK;

#endif
