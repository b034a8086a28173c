/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * compare-databases ONE OTHER: compares two Xapian databases and says what was compared.
 *
 * Exit status: 0, they hold the same; 1, they do not; 2, one cannot be opened.
 */
#include <inttypes.h>
#include <stdio.h>

#include "base/log.h"
#include "tests/glass/compare.h"

int
main(int argc, char **argv)
{
	struct xc_database *db[2];
	struct compare_counts counts;
	struct error error;
	uint64_t differences;

	log_init("compare-databases", LOG_LEVEL_INFO);
	if (argc != 3)
		fatalx("usage: compare-databases ONE OTHER");
	for (int i = 0; i < 2; i++)
		if (xc_database_open(str_of(argv[i + 1]), 0, &db[i], &error) != STATUS_OK)
			fatalx("%s: %s", argv[i + 1], error.message);
	differences = compare_databases(db[0], db[1], &counts);
	printf("%" PRIu64 " documents, %" PRIu64 " terms, %" PRIu64 " postings, %" PRIu64 " positions, %" PRIu64
	       " values, %" PRIu64 " metadata entries, %" PRIu64 " spellings and synonyms: %" PRIu64 " differences\n",
	    counts.documents, counts.terms, counts.postings, counts.positions, counts.values, counts.metadata,
	    counts.others, differences);
	for (int i = 0; i < 2; i++)
		xc_database_close(db[i]);
	return differences == 0 ? 0 : 1;
}
