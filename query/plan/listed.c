/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "query/plan/listed.h"

enum status
listed_find(const struct store_reader *reader, struct str term, struct invfile_term *ret_found, struct error *reterr)
{
	enum status status = invfile_find(store_reader_invfile(reader), term, ret_found, reterr);

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
