/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * source: hands bytes to the reader of a format, as voisin-index does with a file.
 *
 * Checked besides: every text is UTF-8, every refusal has a reason, and every reading ends with STATUS_OK.
 */
#ifndef VOISIN_TESTS_FUZZ_SOURCE_H
#define VOISIN_TESTS_FUZZ_SOURCE_H

#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/file.h"
#include "base/utf8.h"
#include "indexer/source.h"

static enum status
document_cb(void *arg, const struct store_document *document, size_t line, struct error *reterr)
{
	(void)arg;
	(void)line;
	(void)reterr;
	if (utf8_valid_prefix(document->text) != document->text.len)
		abort();
	return STATUS_OK;
}

static void
refused_cb(void *arg, size_t line, const char *why)
{
	(void)arg;
	(void)line;
	if (why[0] == '\0')
		abort();
}

static void
read_cb(void *arg, size_t bytes)
{
	(void)arg;
	(void)bytes;
}

static void
note_cb(void *arg, enum source_note note)
{
	(void)arg;
	(void)note;
}

/* Reads the bytes as a file of that name. */
static void
fuzz_source(const char *name, const uint8_t *data, size_t size)
{
	static struct source_formats *formats;
	const struct source_events events = {
		.document_cb = document_cb, .refused_cb = refused_cb, .read_cb = read_cb, .note_cb = note_cb
	};
	struct source_file file = {
		.fd = memfd_create("source", MFD_CLOEXEC), .path = str_of(name), .name = str_of(name)
	};
	struct hash content;
	struct error error;

	if (formats == NULL && source_formats_new(&formats, &error) != STATUS_OK)
		abort();
	if (file.fd < 0 || fd_write_all(file.fd, (struct str) { (const char *)data, size }, &error) != STATUS_OK ||
	    lseek(file.fd, 0, SEEK_SET) != 0)
		abort();
	if (source_read(formats, &file, &events, &content, &error) != STATUS_OK)
		abort();
	(void)close(file.fd);
}

#endif
