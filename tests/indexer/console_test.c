/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The command line, the progress line, and what is escaped in reports. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "indexer/options.h"
#include "indexer/progress.h"
#include "indexer/report.h"

enum { WORDS = 8 };

static void
test_options(void **state)
{
	static const struct {
		const char *words[WORDS];
		const char *message; /* NULL: accepted */
	} cases[] = {
		{ { "--db", "d", "p" }, NULL },
		{ { "--db=d", "p", "--full", "--quiet", "q" }, NULL },
		{ { "--help" }, NULL },
		{ { "--version", "x" }, NULL },
		{ { "--db", "d", "--", "--full" }, NULL },
		{ { NULL }, "which index? Give its folder: --db DIR" },
		{ { "p" }, "which index?" },
		{ { "--db", "", "p" }, "which index?" },
		{ { "--db", "d" }, "index what?" },
		{ { "--db", "d", "" }, "an empty name" },
		{ { "--db" }, "the option --db needs a value" },
		{ { "--full=yes", "--db", "d", "p" }, "the option --full=yes takes no value" },
		{ { "--fool", "--db", "d", "p" }, "there is no option --fool" },
		{ { "-x", "--db", "d", "p" }, "there is no option -x" },
		{ { "--db", "d", "-rf" }, "there is no option -r" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char words[WORDS][32] = { "voisin-index" };
		char *argv[WORDS + 1] = { words[0] };
		struct options options;
		struct error error = { STATUS_OK, ERROR_NO_OFFSET, "" };
		int argc = 1;
		enum status status;

		for (; argc < WORDS && cases[i].words[argc - 1] != NULL; argc++) {
			memcpy(words[argc], cases[i].words[argc - 1], strlen(cases[i].words[argc - 1]) + 1);
			argv[argc] = words[argc];
		}
		status = options_parse(argc, argv, &options, &error);
		if ((status == STATUS_OK) != (cases[i].message == NULL) ||
		    (status != STATUS_OK && strstr(error.message, cases[i].message) == NULL))
			fail_msg("case %zu: %s", i, error.message);
		if (i == 1) {
			assert_true(options.full && options.quiet && !options.dry_run && !options.allow_deletes);
			assert_string_equal(options.db, "d");
			assert_int_equal(options.n_paths, 2);
			assert_string_equal(options.paths[1], "q");
		}
		if (i == 4)
			assert_string_equal(options.paths[0], "--full");
	}
}

static void
test_progress_line(void **state)
{
	static const struct {
		uint64_t total, done, documents;
		int64_t ms;
		size_t columns;
		const char *line;
	} cases[] = {
		{ 1000000, 0, 0, 0, 100, "[>                         ]   0%  0.0 MB/s  0 documents" },
		{ 100000000, 25000000, 12345, 10000, 100,
		    "[======>                   ]  25%  2.5 MB/s  12,345 documents  0:30 left" },
		{ 100000000, 1000000, 1, 100000, 100,
		    "[>                         ]   1%  0.0 MB/s  1 document  2:45:00 left" },
		{ 1000000, 1000000, 1234567, 1000, 100,
		    "[==========================] 100%  1.0 MB/s  1,234,567 documents  0:00 left" },
		{ 1000000, 2000000, 5, 1000, 100, "[==========================] 100%  2.0 MB/s  5 documents" },
		{ 0, 0, 0, 5, 100, "[>                         ]   0%  0.0 MB/s  0 documents" },
		{ 1000000, 0, 0, 0, 10, "[>       " },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct progress progress = {
			.total = cases[i].total, .done = cases[i].done, .documents = cases[i].documents
		};
		char line[256];

		progress_print(&progress, cases[i].ms, cases[i].columns, line, sizeof(line));
		assert_string_equal(line, cases[i].line);
	}
}

/* Once all is read it is shown for how long the index has been written. */
static void
test_writing_line(void **state)
{
	const struct progress progress = {
		.total = 1000, .done = 1000, .documents = 12345, .start_ms = 1000, .writing_ms = 50000
	};
	char line[256];

	(void)state;
	progress_print(&progress, 57100, 100, line, sizeof(line));
	assert_string_equal(line, "[==========================]  writing the index  12,345 documents  0:07");
	progress_print(&progress, 57100, 12, line, sizeof(line));
	assert_string_equal(line, "[==========");
}

static void
test_escape(void **state)
{
	struct buf out;

	(void)state;
	buf_init(&out, 256);
	assert_int_equal(
	    report_escape(&out, STR("\xC3\xA9 a\nb\x1B[31m caf\xE9 \xC2\x9B \xE2\x80\xA8 \x7F")), STATUS_OK);
	assert_string_equal(out.data, "\xC3\xA9 a\\x0Ab\\x1B[31m caf\\xE9 \\xC2\\x9B \\xE2\\x80\\xA8 \\x7F");
	buf_done(&out);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_options),
		cmocka_unit_test(test_progress_line),
		cmocka_unit_test(test_writing_line),
		cmocka_unit_test(test_escape),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
