/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "query/plan/listed.h"

#include "store/schema.h"

enum status
listed_find(const struct store_layer *layer, struct str term, struct invfile_term *ret_found, struct error *reterr)
{
	enum status status = invfile_find(layer->file, term, ret_found, reterr);

	if (status == STATUS_NOT_FOUND)
		*ret_found = (struct invfile_term) { .documents = 0 };
	return status == STATUS_NOT_FOUND ? STATUS_OK : status;
}

enum status
listed_check(const struct cursor *cursor, struct error *reterr)
{
	if (cursor->damaged)
		return error_set(reterr, STATUS_CORRUPT, ERROR_NO_OFFSET,
		    "the index is damaged: a list of its inverted file contradicts itself");
	return STATUS_OK;
}

bool
listed_has(const struct store_reader *reader, struct str term)
{
	uint32_t n;

	(void)store_reader_layers(reader, &n);
	return n > 0 && schema_is_in_invfile(term);
}
