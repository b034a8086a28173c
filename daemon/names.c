/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "daemon/names.h"

#include <stdint.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "base/clock.h"
#include "base/log.h"

enum { LOOK_EVERY_MS = 1000 };

/* What tells one state of a file from another; all zero where there is none. */
struct signature {
	dev_t device;
	ino_t inode;
	off_t size;
	struct timespec changed;
};

struct names {
	const char *const *paths;
	unsigned n;
	struct analyzer *analyzer;
	struct variants *variants;
	struct signature *seen; /* one a file, when it was last read */
	int64_t looked_ms;
	uint64_t revision;
	struct error refused; /* why the last load failed; STATUS_OK where it did not */
};

enum status
names_new(
    const char *const *paths, unsigned n, struct analyzer *analyzer, struct names **ret_names, struct error *reterr)
{
	struct names *names = calloc(1, sizeof(*names));

	if (names != NULL)
		names->seen = calloc(n + 1, sizeof(*names->seen));
	if (names == NULL || names->seen == NULL) {
		free(names);
		return error_set(reterr, STATUS_NOMEM, ERROR_NO_OFFSET, "out of memory");
	}
	names->paths = paths;
	names->n = n;
	names->analyzer = analyzer;
	*ret_names = names;
	return STATUS_OK;
}

void
names_free(struct names *names)
{
	if (names == NULL)
		return;
	variants_free(names->variants);
	free(names->seen);
	free(names);
}

const struct variants *
names_variants(const struct names *names)
{
	return names->variants;
}

static struct signature
look(const char *path)
{
	struct signature signature = { 0 };
	struct stat file;

	if (stat(path, &file) == 0) {
		signature.device = file.st_dev;
		signature.inode = file.st_ino;
		signature.size = file.st_size;
		signature.changed = file.st_mtim;
	}
	return signature;
}

static bool
is_same(const struct signature *a, const struct signature *b)
{
	return a->device == b->device && a->inode == b->inode && a->size == b->size &&
	       a->changed.tv_sec == b->changed.tv_sec && a->changed.tv_nsec == b->changed.tv_nsec;
}

/* Notes the state of all files; whether one has changed. */
static bool
look_at_all(struct names *names)
{
	bool changed = false;

	names->looked_ms = clock_mono_ms();
	for (unsigned i = 0; i < names->n; i++) {
		struct signature now = look(names->paths[i]);

		changed = changed || !is_same(&now, &names->seen[i]);
		names->seen[i] = now;
	}
	return changed;
}

static enum status
read_all(const struct names *names, struct variants *variants, struct error *reterr)
{
	enum status status = STATUS_OK;

	for (unsigned i = 0; i < names->n && status == STATUS_OK; i++)
		status = variants_add_file(variants, names->analyzer, names->paths[i], reterr);
	return status;
}

/* Reads all files and takes what they hold. */
static enum status
load(struct names *names, struct error *reterr)
{
	struct variants *variants;
	enum status status = variants_new(&variants, reterr);

	if (status != STATUS_OK)
		return status;
	status = read_all(names, variants, reterr);
	if (status != STATUS_OK) {
		variants_free(variants);
		return status;
	}
	variants_free(names->variants);
	names->variants = variants;
	names->revision++;
	return STATUS_OK;
}

enum status
names_load(struct names *names, struct error *reterr)
{
	enum status status = STATUS_OK;

	/* Before they are read, so that what changes meanwhile is read again. */
	(void)look_at_all(names);
	if (names->n > 0)
		status = load(names, &names->refused);
	if (status == STATUS_OK)
		names->refused = (struct error) { .code = STATUS_OK };
	else if (reterr != NULL)
		*reterr = names->refused;
	return status;
}

uint64_t
names_revision(const struct names *names)
{
	return names->revision;
}

struct str
names_refused(const struct names *names)
{
	return str_of(names->refused.code == STATUS_OK ? "" : names->refused.message);
}

void
names_refresh(struct names *names, bool force)
{
	struct error error;

	if (names->n == 0 || (!force && clock_mono_ms() - names->looked_ms < LOOK_EVERY_MS))
		return;
	if (!look_at_all(names) && !force)
		return;
	if (names_load(names, &error) == STATUS_OK)
		log_info("variants read groups=%u files=%u", variants_n_groups(names->variants), names->n);
	else
		log_warnx("variants not read, the old ones stay why=\"%s\"", error.message);
}
