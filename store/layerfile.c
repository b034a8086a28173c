/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "store/layerfile.h"

#include "store/layername.h"
#include "store/path.h"

enum status
layerfile_open(struct layerfile *layer, const char *folder, struct error *reterr)
{
	struct error why = { STATUS_OK, ERROR_NO_OFFSET, "" };
	char name[LAYERNAME_BYTES];
	char path[PATH_MAX];
	enum status status = path_join(path, folder, layername_file(layer->number, name), reterr);

	if (status != STATUS_OK)
		return status;
	status = invfile_open(path, &layer->file, &why);
	if (status == STATUS_OK && invfile_documents(layer->file) != layer->touched.last)
		status =
		    error_set(&why, STATUS_CORRUPT, ERROR_NO_OFFSET, "it has %lu documents, and the index says %lu",
			(unsigned long)invfile_documents(layer->file), (unsigned long)layer->touched.last);
	if (status == STATUS_OK || status == STATUS_NOMEM || status == STATUS_IO) {
		if (status != STATUS_OK && reterr != NULL)
			*reterr = why;
		return status;
	}
	return error_set(reterr, STATUS_CORRUPT, ERROR_NO_OFFSET, "the index is damaged: %s: %s", path, why.message);
}

void
layerfile_close(struct layerfile *layer)
{
	invfile_close(layer->file);
	touched_done(&layer->touched);
	*layer = (struct layerfile) { .number = 0 };
}
