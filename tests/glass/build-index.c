/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * build-index WAY DIR FILE...: a full build of the .jsonl files, by "xapian" or, with so many processes, by the
 * bulk loader ("1", "2"...), which voisin-index itself does not let one choose.
 */
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "indexer/source.h"
#include "store/writer.h"

static struct error error;

static void
must(enum status status)
{
	if (status != STATUS_OK)
		fatalx("%s: %s", status_name(status), error.message);
}

static enum status
document_cb(void *arg, const struct store_document *document, size_t line, struct error *reterr)
{
	enum store_put what;
	enum status status = store_writer_put(arg, document, &what, reterr);

	(void)line;
	return status == STATUS_INVALID || status == STATUS_LIMIT ? STATUS_OK : status;
}

static void
refused_cb(void *arg, size_t line, const char *why)
{
	(void)arg;
	log_warnx("line %zu: %s", line, why);
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

static bool
title_cb(void *arg, struct str line)
{
	(void)arg;
	(void)line;
	return true;
}

static void
build(struct store_writer *writer, const struct source_formats *formats, const char *path)
{
	struct source_events events = { .document_cb = document_cb,
		.refused_cb = refused_cb,
		.read_cb = read_cb,
		.note_cb = note_cb,
		.title_cb = title_cb,
		.arg = writer };
	char *real = realpath(path, NULL);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct store_file file = { 0 };
	struct hash content;
	struct stat st;

	if (real == NULL || fd < 0 || fstat(fd, &st) != 0)
		fatal("%s", path);
	file.path = str_of(real);
	file.name_len = strlen(strrchr(real, '/') + 1);
	file.size = (uint64_t)st.st_size;
	file.mtime_ns = (int64_t)st.st_mtim.tv_sec * 1000000000 + st.st_mtim.tv_nsec;
	must(store_writer_add_scope(writer, file.path, &error));
	must(store_writer_file_begin(writer, &file, &error));
	must(source_read(formats,
	    &(struct source_file) { fd, file.path, { strrchr(real, '/') + 1, file.name_len }, file.mtime_ns }, &events,
	    &content, &error));
	must(store_writer_file_end(writer, &content, true, &error));
	(void)close(fd);
	free(real);
}

int
main(int argc, char **argv)
{
	struct store_writer_options options = { .mode = STORE_REBUILD };
	struct source_formats *formats;
	struct store_writer *writer;

	log_init("build-index", LOG_LEVEL_INFO);
	if (argc < 4)
		fatalx("usage: build-index xapian|PROCESSES DIR FILE...");
	options.without_bulk = strcmp(argv[1], "xapian") == 0;
	options.processes = (unsigned)strtoul(argv[1], NULL, 10);
	must(source_formats_new(&formats, &error));
	must(store_writer_open(argv[2], &options, &writer, &error));
	for (int i = 3; i < argc; i++)
		build(writer, formats, argv[i]);
	must(store_writer_finish(writer, &error));
	if (!options.without_bulk && store_writer_fallback(writer) != NULL)
		fatalx("not by the loader: %s", store_writer_fallback(writer));
	store_writer_close(writer);
	source_formats_free(formats);
	return 0;
}
