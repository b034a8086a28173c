/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * config: what is read, and each refusal with its whole message.
 */
#include "base/config.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/config-value.h"
#include "base/limits.h"
#include "tests/base/cmocka_first.h"

static const char *const colours[] = { "auto", "always", "never", NULL };

static const struct config_key index_keys[] = {
	{ .name = "path", .kind = CONFIG_TEXT, .least = 1, .most = 20 },
	{ .name = "size", .kind = CONFIG_SIZE, .least = 1024, .most = 1 << 30 },
	{ .name = "quiet", .kind = CONFIG_DURATION, .least = 0, .most = 60000 },
	{ .name = "workers", .kind = CONFIG_NUMBER, .least = 1, .most = 64 },
	{ .name = "full", .kind = CONFIG_BOOL },
	{ .name = "colour", .kind = CONFIG_CHOICE, .choices = colours },
};

static const struct config_key source_keys[] = {
	{ .name = "path", .kind = CONFIG_TEXT, .repeats = true },
	{ .name = "query", .kind = CONFIG_VERBATIM },
};

static const struct config_section sections[] = {
	{ "index", false, index_keys, sizeof(index_keys) / sizeof(index_keys[0]) },
	{ "source", true, source_keys, sizeof(source_keys) / sizeof(source_keys[0]) },
	{ "daemon", false, NULL, 0 },
};

static enum status
parse(struct str text, struct config **ret_config, struct error *reterr)
{
	return config_parse(text, "v.conf", sections, sizeof(sections) / sizeof(sections[0]), ret_config, reterr);
}

static struct config *
must_parse(const char *text)
{
	struct config *config = NULL;
	struct error error;

	if (parse(str_of(text), &config, &error) != STATUS_OK)
		fail_msg("%s", error.message);
	return config;
}

static void
test_values_and_parts(void **state)
{
	struct config *config = must_parse("\xEF\xBB\xBF# comment\r\n"
					   "  [index]\r\n"
					   "\tpath = /srv/a=b \r\n"
					   "size=16 MiB\n"
					   "quiet = 1 min\n"
					   "full = oui\n"
					   "colour = never\n"
					   "\n"
					   "[source afp et al.]\n"
					   "path = \" a \\\"b\\\\ # \"\n"
					   "query = \"cessez le feu\" NEAR \"Alep\"\n"
					   "path = second\n"
					   "[daemon]\n"
					   "whatever = \"not read\n"
					   "[source é]");
	const struct config_part *part = config_part(config, "index", 0);
	const struct config_value *value;

	(void)state;
	assert_str(config_text(part, "path", "?"), "/srv/a=b");
	assert_int_equal(config_number(part, "size", 0), 16 * 1024 * 1024);
	assert_int_equal(config_number(part, "quiet", 0), 60000);
	assert_int_equal(config_number(part, "full", 0), 1);
	assert_int_equal(config_number(part, "colour", 0), 2);
	assert_int_equal(config_number(part, "workers", 7), 7);
	assert_int_equal(config_part_line(part), 2);
	assert_str(config_part_name(part), "");
	part = config_part(config, "source", 0);
	assert_str(config_part_name(part), "afp et al.");
	value = config_get(part, "path");
	assert_str(value->text, " a \"b\\ # ");
	assert_int_equal(value->line, 10);
	assert_str(value->next->text, "second");
	assert_string_equal(value->next->text.p, "second");
	assert_null(value->next->next);
	assert_str(config_text(part, "query", ""), "\"cessez le feu\" NEAR \"Alep\"");
	assert_str(config_part_name(config_part(config, "source", 1)), "é");
	assert_null(config_part(config, "source", 2));
	assert_null(config_get(NULL, "path"));
	assert_str(config_text(NULL, "path", "d"), "d");
	config_free(config);
}

static const struct {
	const char *text;
	enum status code;
	const char *message;
} refusals[] = {
	{ "path = a\n", STATUS_INVALID, "v.conf:1: this line stands before the first [SECTION]" },
	{ "[index]\n\nnothing\n", STATUS_INVALID, "v.conf:3: neither a [SECTION], nor KEY = VALUE, nor a # comment" },
	{ "[index]\n= a\n", STATUS_INVALID, "v.conf:2: neither a [SECTION], nor KEY = VALUE, nor a # comment" },
	{ "[index] # a\n", STATUS_INVALID, "v.conf:1: a section is written [NAME], with nothing behind it" },
	{ "[index\n", STATUS_INVALID, "v.conf:1: a section is written [NAME], with nothing behind it" },
	{ "[]\n", STATUS_INVALID, "v.conf:1: there is no section []" },
	{ "[sourec afp]\n", STATUS_INVALID, "v.conf:1: there is no section [sourec]; is [source] meant?" },
	{ "[Index]\n", STATUS_INVALID, "v.conf:1: there is no section [Index]; is [index] meant?" },
	{ "[server]\n", STATUS_INVALID, "v.conf:1: there is no section [server]" },
	{ "[source]\n", STATUS_INVALID, "v.conf:1: [source] needs a name: [source NAME]" },
	{ "[index a]\n", STATUS_INVALID, "v.conf:1: [index] takes no name" },
	{ "[index]\n[index]\n", STATUS_INVALID, "v.conf:2: this section is already on line 1" },
	{ "[source a]\n[source b]\n[source  a ]\n", STATUS_INVALID, "v.conf:3: this section is already on line 1" },
	{ "[index]\npaht = a\n", STATUS_INVALID, "v.conf:2: [index] has no key \"paht\"; is \"path\" meant?" },
	{ "[index]\nlanguage = fr\n", STATUS_INVALID, "v.conf:2: [index] has no key \"language\"" },
	{ "[index]\npath = a\npath = b\n", STATUS_INVALID, "v.conf:3: path: already given on line 2" },
	{ "[index]\npath =\n", STATUS_INVALID,
	    "v.conf:2: path: there is no value behind =; for what holds otherwise, take the line out" },
	{ "[index]\npath = \"\"\n", STATUS_LIMIT, "v.conf:2: path: it has 0 bytes; allowed are 1 to 20" },
	{ "[index]\npath = 123456789012345678901\n", STATUS_LIMIT,
	    "v.conf:2: path: it has 21 bytes; allowed are 1 to 20" },
	{ "[index]\npath = \"a\n", STATUS_INVALID, "v.conf:2: path: the closing quote is missing" },
	{ "[index]\npath = \"a\\\n", STATUS_INVALID,
	    "v.conf:2: path: inside quotes a \\ stands before a quote or another \\ only" },
	{ "[index]\npath = \"a\\n\"\n", STATUS_INVALID,
	    "v.conf:2: path: inside quotes a \\ stands before a quote or another \\ only" },
	{ "[index]\npath = \"a\" b\n", STATUS_INVALID,
	    "v.conf:2: path: something stands behind the closing quote; inside, a quote is written \\\"" },
	{ "[index]\npath = a # b\n", STATUS_INVALID,
	    "v.conf:2: path: a comment has a line of its own; where # belongs to the value, put the value in quotes" },
	{ "[source a]\nquery = a\t# b\n", STATUS_INVALID,
	    "v.conf:2: query: a comment has a line of its own; where # belongs to the value, put the value in quotes" },
	{ "[index]\nsize = 16\n", STATUS_INVALID,
	    "v.conf:2: size: the unit is missing; units are B, kB, MB, GB, KiB, MiB, GiB" },
	{ "[index]\nsize = 16 Mo\n", STATUS_INVALID,
	    "v.conf:2: size: \"Mo\" is not a unit; units are B, kB, MB, GB, KiB, MiB, GiB" },
	{ "[index]\nquiet = 2 m\n", STATUS_INVALID,
	    "v.conf:2: quiet: \"m\" is not a unit; units are ms, s, min, h, d" },
	{ "[index]\nsize = 1000 B\n", STATUS_LIMIT, "v.conf:2: size: out of range; allowed are 1 KiB to 1 GiB" },
	{ "[index]\nsize = 99999999999999999999999 GiB\n", STATUS_LIMIT,
	    "v.conf:2: size: out of range; allowed are 1 KiB to 1 GiB" },
	{ "[index]\nquiet = 61 s\n", STATUS_LIMIT, "v.conf:2: quiet: out of range; allowed are 0 ms to 1 min" },
	{ "[index]\nquiet = -1 s\n", STATUS_INVALID,
	    "v.conf:2: quiet: a whole number has to come first, and it is not negative" },
	{ "[index]\nworkers = 0\n", STATUS_LIMIT, "v.conf:2: workers: out of range; allowed are 1 to 64" },
	{ "[index]\nworkers = 2 s\n", STATUS_INVALID, "v.conf:2: workers: \"s\" stands behind the number" },
	{ "[index]\nworkers = 2.5\n", STATUS_INVALID, "v.conf:2: workers: \".5\" stands behind the number" },
	{ "[index]\nfull = maybe\n", STATUS_INVALID, "v.conf:2: full: neither yes nor no" },
	{ "[index]\ncolour = red\n", STATUS_INVALID, "v.conf:2: colour: not one of: auto, always, never" },
	{ "[index]\npath = caf\xE9\n", STATUS_INVALID, "v.conf:2: not UTF-8 at byte 11 of the line" },
	{ "[index]\npath = a\x01\n", STATUS_INVALID, "v.conf:2: a control character (0x01) at byte 9 of the line" },
};

static void
test_refusals(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(refusals) / sizeof(refusals[0]); i++) {
		struct config *config = NULL;
		struct error error = { STATUS_OK, 0, "" };

		assert_int_equal(parse(str_of(refusals[i].text), &config, &error), refusals[i].code);
		assert_string_equal(error.message, refusals[i].message);
		assert_int_equal(error.code, refusals[i].code);
		assert_null(config);
	}
}

static void
test_nul_is_refused(void **state)
{
	struct config *config = NULL;
	struct error error;

	(void)state;
	assert_int_equal(parse(STR("[index]\npath = a\0b\n"), &config, &error), STATUS_INVALID);
	assert_string_equal(error.message, "v.conf:2: a control character (0x00) at byte 9 of the line");
}

/* `n` times `piece` with its number in it behind `start`. */
static struct buf
many(const char *start, const char *piece, unsigned n)
{
	struct buf text;

	buf_init(&text, 2 * LIMIT_CONFIG_BYTES);
	assert_int_equal(buf_append_str(&text, str_of(start)), STATUS_OK);
	for (unsigned i = 0; i < n; i++)
		assert_int_equal(buf_printf(&text, "%s%u\n", piece, i), STATUS_OK);
	return text;
}

static void
check_limit(struct buf text, const char *message)
{
	struct config *config = NULL;
	struct error error = { STATUS_OK, 0, "" };

	assert_int_equal(parse(buf_str(&text), &config, &error), STATUS_LIMIT);
	assert_string_equal(error.message, message);
	buf_done(&text);
}

static void
test_limits(void **state)
{
	struct buf text;

	(void)state;
	check_limit(many("[source a]\n", "path = ", LIMIT_CONFIG_VALUES + 1),
	    "v.conf:10002: path: there are more than 10000 values");
	buf_init(&text, 2 * LIMIT_CONFIG_BYTES);
	for (int i = 0; i <= LIMIT_CONFIG_SECTIONS; i++)
		assert_int_equal(buf_printf(&text, "[source %d]\n", i), STATUS_OK);
	check_limit(text, "v.conf:1001: there are more than 1000 sections");
	text = many("[index]\n", "", 1);
	for (int i = 0; i < LIMIT_CONFIG_LINE_BYTES; i++)
		assert_int_equal(buf_append_char(&text, '#'), STATUS_OK);
	assert_int_equal(buf_append_char(&text, '#'), STATUS_OK);
	buf_consume(&text, sizeof("[index]\n0"));
	check_limit(text, "v.conf:1: the line has 8193 bytes; allowed are 8192");
	check_limit(many("", "#", 200 * 1000), "v.conf is longer than 1048576 bytes");
	text = many("[source 12345678901234567890123456789012345678901234567890123456789012345]\n", "#", 1);
	check_limit(text, "v.conf:1: the name has 65 bytes; allowed are 64");
}

static void
test_full_limits_are_taken(void **state)
{
	struct buf text = many("[source a]\n", "path = ", LIMIT_CONFIG_VALUES);
	struct config *config = must_parse(text.data);
	size_t n = 0;

	(void)state;
	for (const struct config_value *value = config_get(config_part(config, "source", 0), "path"); value != NULL;
	     value = value->next)
		n++;
	assert_int_equal(n, LIMIT_CONFIG_VALUES);
	config_free(config);
	buf_done(&text);
}

static void
test_program_refuses_in_the_same_form(void **state)
{
	struct config *config = must_parse("[index]\npath = /x\n");
	struct error why;
	struct error error;

	(void)state;
	(void)error_set(&why, STATUS_IO, ERROR_NO_OFFSET, "cannot open %s", "/x");
	assert_int_equal(config_refuse(config, 2, "path", &why, &error), STATUS_IO);
	assert_string_equal(error.message, "v.conf:2: path: cannot open /x");
	assert_int_equal(config_refuse(config, 1, NULL, &why, &why), STATUS_IO);
	assert_string_equal(why.message, "v.conf:1: cannot open /x");
	config_free(config);
}

static void
test_reads_from_disk(void **state)
{
	char path[] = "/tmp/voisin-config-XXXXXX";
	struct config *config = NULL;
	struct error error;
	int fd = mkstemp(path);

	(void)state;
	assert_true(fd >= 0);
	assert_int_equal(write(fd, "[index]\nfull = no\n", 18), 18);
	assert_int_equal(close(fd), 0);
	assert_int_equal(config_read(path, sections, 3, &config, &error), STATUS_OK);
	assert_int_equal(config_number(config_part(config, "index", 0), "full", 1), 0);
	config_free(config);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(config_read(path, sections, 3, &config, &error), STATUS_NOT_FOUND);
	assert_int_equal(config_read("/dev/null", sections, 3, &config, &error), STATUS_INVALID);
}

static void
test_long_path_is_cut_at_its_start(void **state)
{
	struct config *config = NULL;
	struct error error;
	char path[301];

	(void)state;
	for (size_t i = 0; i < 300; i += 2)
		memcpy(path + i, "é", 2);
	path[300] = '\0';
	assert_int_equal(config_parse(STR("["), path, sections, 3, &config, &error), STATUS_INVALID);
	assert_int_equal(strlen(error.message), 90 + strlen(":1: a section is written [NAME], with nothing behind it"));
}

static void
test_slips(void **state)
{
	(void)state;
	assert_int_equal(config_slips(STR("path"), STR("path")), 0);
	assert_int_equal(config_slips(STR("path"), STR("paht")), 1);
	assert_int_equal(config_slips(STR("path"), STR("pth")), 1);
	assert_int_equal(config_slips(STR("path"), STR("")), 4);
	assert_int_equal(config_slips(STR("workers"), STR("wrokres")), 2);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_values_and_parts),
		cmocka_unit_test(test_refusals),
		cmocka_unit_test(test_nul_is_refused),
		cmocka_unit_test(test_limits),
		cmocka_unit_test(test_full_limits_are_taken),
		cmocka_unit_test(test_program_refuses_in_the_same_form),
		cmocka_unit_test(test_reads_from_disk),
		cmocka_unit_test(test_long_path_is_cut_at_its_start),
		cmocka_unit_test(test_slips),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
