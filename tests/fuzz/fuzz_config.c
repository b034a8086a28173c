/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * fuzz_config: any configuration file.  What is taken must hold values of their kinds and in their ranges; what
 * is refused must say where.
 */
#include <stdint.h>
#include <stdlib.h>

#include "base/config.h"
#include "base/limits.h"
#include "base/utf8.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *const choices[] = { "a", "bc", NULL };

static const struct config_key keys[] = {
	{ .name = "text", .kind = CONFIG_TEXT, .repeats = true },
	{ .name = "query", .kind = CONFIG_VERBATIM, .least = 1, .most = 100 },
	{ .name = "bool", .kind = CONFIG_BOOL },
	{ .name = "number", .kind = CONFIG_NUMBER, .least = 1, .most = INT64_MAX },
	{ .name = "size", .kind = CONFIG_SIZE, .least = 0, .most = INT64_MAX - 1, .repeats = true },
	{ .name = "time", .kind = CONFIG_DURATION, .least = 10, .most = 1000000 },
	{ .name = "choice", .kind = CONFIG_CHOICE, .choices = choices },
};

enum { N_KEYS = sizeof(keys) / sizeof(keys[0]) };

static const struct config_section sections[] = {
	{ "s", false, keys, N_KEYS },
	{ "many", true, keys, N_KEYS },
	{ "other", true, NULL, 0 },
};

static void
must(bool condition)
{
	if (!condition)
		abort();
}

static void
check_value(const struct config_value *value)
{
	const struct config_key *key = value->key;

	must(utf8_valid_prefix(value->text) == value->text.len);
	must(memchr(value->text.p, '\0', value->text.len + 1) == value->text.p + value->text.len);
	must(value->line > 0);
	if (key->kind == CONFIG_CHOICE)
		must(str_eq(value->text, str_of(choices[value->number])));
	else if (key->kind == CONFIG_NUMBER || key->kind == CONFIG_SIZE || key->kind == CONFIG_DURATION)
		must(value->number >= key->least && value->number <= key->most);
	must(value->next == NULL || (key->repeats && value->next->line > value->line));
}

static void
check_part(const struct config_part *part)
{
	must(config_part_name(part).len <= LIMIT_CONFIG_NAME_BYTES);
	for (size_t i = 0; i < N_KEYS; i++)
		for (const struct config_value *it = config_get(part, keys[i].name); it != NULL; it = it->next)
			check_value(it);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str text = { (const char *)data, size };
	struct config *config;
	const struct config_part *part;
	struct error error;

	if (config_parse(text, "f", sections, sizeof(sections) / sizeof(sections[0]), &config, &error) != STATUS_OK) {
		must(error.code != STATUS_OK && error.message[0] == 'f');
		must(utf8_valid_prefix(str_of(error.message)) == strlen(error.message));
		return 0;
	}
	for (size_t i = 0; i < 2; i++)
		for (size_t n = 0; (part = config_part(config, sections[i].name, n)) != NULL; n++)
			check_part(part);
	config_free(config);
	return 0;
}
