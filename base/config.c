/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/config.h"

#include "base/arena.h"
#include "base/buf.h"
#include "base/config-value.h"
#include "base/file.h"
#include "base/i18n.h"
#include "base/limits.h"
#include "base/utf8.h"

enum {
	ARENA_BYTES = 8 * LIMIT_CONFIG_BYTES,
	PATH_SHOWN = 90, /* the last so many bytes of it: a message has room for no more */
	SLIPS_MOST = 2 /* what differs in more letters was not meant */
};

struct value {
	struct config_value value;
	struct value *after; /* in the section */
};

struct config_part {
	const struct config_section *section;
	struct str name;
	unsigned line;
	struct value *first;
	struct value *last;
	struct config_part *after; /* in the file */
};

struct config {
	struct arena *arena;
	const char *path;
	const struct config_section *sections;
	size_t n_sections;
	struct config_part *first;
	struct config_part *last;
	size_t n_parts;
	size_t n_values;
	unsigned line; /* that is being read */
};

/* ---- Refusals -------------------------------------------------------------------------------- */

enum status
config_refuse(
    const struct config *config, unsigned line, const char *key, const struct error *why, struct error *reterr)
{
	struct str path = str_of(config->path);
	struct error inner = *why; /* which may be *reterr */

	if (path.len > PATH_SHOWN) {
		path.p += path.len - PATH_SHOWN;
		while (((unsigned char)*path.p & 0xC0) == 0x80)
			path.p++;
	}
	if (key == NULL)
		return error_set(reterr, inner.code, ERROR_NO_OFFSET, "%s:%u: %s", path.p, line, inner.message);
	return error_set(reterr, inner.code, ERROR_NO_OFFSET, "%s:%u: %s: %s", path.p, line, key, inner.message);
}

static enum status
refuse_here(const struct config *config, const struct error *why, struct error *reterr)
{
	return config_refuse(config, config->line, NULL, why, reterr);
}

static enum status
no_memory(struct error *reterr)
{
	return error_set(reterr, STATUS_NOMEM, ERROR_NO_OFFSET, "out of memory");
}

/* The name of `stride` bytes apart that is nearest, or NULL where none is near. */
static const char *
nearest(struct str name, const char *const *names, size_t stride, size_t n)
{
	const char *best = NULL;
	unsigned fewest = SLIPS_MOST + 1;

	for (size_t i = 0; i < n; i++) {
		const char *candidate = *(const char *const *)((const char *)names + i * stride);
		unsigned slips = config_slips(name, str_of(candidate));

		if (slips < fewest) {
			fewest = slips;
			best = candidate;
		}
	}
	return best;
}

static size_t
shown_len(struct str s)
{
	size_t len = s.len < LIMIT_CONFIG_NAME_BYTES ? s.len : LIMIT_CONFIG_NAME_BYTES;

	while (len < s.len && len > 0 && ((unsigned char)s.p[len] & 0xC0) == 0x80)
		len--;
	return len;
}

static enum status
refuse_section(struct config *config, struct str name, struct error *reterr)
{
	const char *meant = nearest(name, &config->sections[0].name, sizeof(config->sections[0]), config->n_sections);
	struct error why;

	if (meant != NULL)
		(void)error_set(&why, STATUS_INVALID, ERROR_NO_OFFSET, "there is no section [%.*s]; is [%s] meant?",
		    (int)shown_len(name), name.p, meant);
	else
		(void)error_set(
		    &why, STATUS_INVALID, ERROR_NO_OFFSET, "there is no section [%.*s]", (int)shown_len(name), name.p);
	return refuse_here(config, &why, reterr);
}

static enum status
refuse_key(struct config *config, struct str name, struct error *reterr)
{
	const struct config_section *section = config->last->section;
	const char *meant = section->n_keys > 0
				? nearest(name, &section->keys[0].name, sizeof(section->keys[0]), section->n_keys)
				: NULL;
	struct error why;

	if (meant != NULL)
		(void)error_set(&why, STATUS_INVALID, ERROR_NO_OFFSET, "[%s] has no key \"%.*s\"; is \"%s\" meant?",
		    section->name, (int)shown_len(name), name.p, meant);
	else
		(void)error_set(&why, STATUS_INVALID, ERROR_NO_OFFSET, "[%s] has no key \"%.*s\"", section->name,
		    (int)shown_len(name), name.p);
	return refuse_here(config, &why, reterr);
}

/* ---- Sections -------------------------------------------------------------------------------- */

static struct str
trim(struct str s)
{
	while (s.len > 0 && (s.p[0] == ' ' || s.p[0] == '\t'))
		s = (struct str) { s.p + 1, s.len - 1 };
	while (s.len > 0 && (s.p[s.len - 1] == ' ' || s.p[s.len - 1] == '\t'))
		s.len--;
	return s;
}

static const struct config_section *
find_section(const struct config *config, struct str name)
{
	for (size_t i = 0; i < config->n_sections; i++)
		if (str_eq(name, str_of(config->sections[i].name)))
			return &config->sections[i];
	return NULL;
}

static const struct config_part *
find_part(const struct config *config, const struct config_section *section, struct str name)
{
	for (const struct config_part *part = config->first; part != NULL; part = part->after)
		if (part->section == section && str_eq(part->name, name))
			return part;
	return NULL;
}

static enum status
check_part(struct config *config, const struct config_section *section, struct str name, struct error *reterr)
{
	const struct config_part *twin = find_part(config, section, name);

	if (section->is_named && name.len == 0)
		return error_set(reterr, STATUS_INVALID, ERROR_NO_OFFSET, "[%s] needs a name: [%s NAME]", section->name,
		    section->name);
	if (!section->is_named && name.len > 0)
		return error_set(reterr, STATUS_INVALID, ERROR_NO_OFFSET, "[%s] takes no name", section->name);
	if (name.len > LIMIT_CONFIG_NAME_BYTES)
		return error_set(reterr, STATUS_LIMIT, ERROR_NO_OFFSET, "the name has %zu bytes; allowed are %d",
		    name.len, LIMIT_CONFIG_NAME_BYTES);
	if (twin != NULL)
		return error_set(
		    reterr, STATUS_INVALID, ERROR_NO_OFFSET, "this section is already on line %u", twin->line);
	if (config->n_parts == LIMIT_CONFIG_SECTIONS)
		return error_set(
		    reterr, STATUS_LIMIT, ERROR_NO_OFFSET, "there are more than %d sections", LIMIT_CONFIG_SECTIONS);
	return STATUS_OK;
}

static enum status
begin_part(struct config *config, const struct config_section *section, struct str name, struct error *reterr)
{
	struct config_part *part = arena_alloc(config->arena, sizeof(*part));

	if (part == NULL)
		return no_memory(reterr);
	part->section = section;
	part->name = name;
	part->line = config->line;
	if (config->last != NULL)
		config->last->after = part;
	else
		config->first = part;
	config->last = part;
	config->n_parts++;
	return STATUS_OK;
}

/* "[source afp]": `line` is trimmed. */
static enum status
read_header(struct config *config, struct str line, struct error *reterr)
{
	struct str inside, word, name;
	const struct config_section *section;
	struct error why;
	size_t len = 0;

	if (line.p[line.len - 1] != ']' || memchr(line.p, ']', line.len - 1) != NULL) {
		(void)error_set(
		    &why, STATUS_INVALID, ERROR_NO_OFFSET, "a section is written [NAME], with nothing behind it");
		return refuse_here(config, &why, reterr);
	}
	inside = trim((struct str) { line.p + 1, line.len - 2 });
	while (len < inside.len && inside.p[len] != ' ' && inside.p[len] != '\t')
		len++;
	word = (struct str) { inside.p, len };
	name = trim((struct str) { inside.p + len, inside.len - len });
	section = find_section(config, word);
	if (section == NULL)
		return refuse_section(config, word, reterr);
	if (check_part(config, section, name, &why) != STATUS_OK)
		return refuse_here(config, &why, reterr);
	return begin_part(config, section, name, reterr);
}

/* ---- Values ---------------------------------------------------------------------------------- */

static const struct config_key *
find_key(const struct config_section *section, struct str name)
{
	for (size_t i = 0; i < section->n_keys; i++)
		if (str_eq(name, str_of(section->keys[i].name)))
			return &section->keys[i];
	return NULL;
}

/* The last value of a key in a section, or NULL. */
static struct value *
last_of(const struct config_part *part, const struct config_key *key)
{
	struct value *found = NULL;

	for (struct value *it = part->first; it != NULL; it = it->after)
		if (it->value.key == key)
			found = it;
	return found;
}

static enum status
read_value(
    struct config *config, const struct config_key *key, struct str text, struct value *value, struct error *reterr)
{
	char *space = arena_alloc(config->arena, text.len + 1);
	struct str *kept = &value->value.text;
	enum status status;

	if (space == NULL)
		return no_memory(reterr);
	if (text.len == 0)
		return error_set(reterr, STATUS_INVALID, ERROR_NO_OFFSET,
		    "there is no value behind =; for what holds otherwise, take the line out");
	value->value.key = key;
	value->value.line = config->line;
	status = config_value_read(key, text, space, kept, &value->value.number, reterr);
	if (status != STATUS_OK)
		return status;
	memmove(space, kept->p, kept->len);
	space[kept->len] = '\0';
	kept->p = space;
	return STATUS_OK;
}

static enum status
add_value(struct config *config, const struct config_key *key, struct str text, struct error *reterr)
{
	struct config_part *part = config->last;
	struct value *value = arena_alloc(config->arena, sizeof(*value));
	struct value *twin = last_of(part, key);
	enum status status;

	if (value == NULL)
		return no_memory(reterr);
	if (twin != NULL && !key->repeats)
		return error_set(reterr, STATUS_INVALID, ERROR_NO_OFFSET, "already given on line %u", twin->value.line);
	if (config->n_values == LIMIT_CONFIG_VALUES)
		return error_set(
		    reterr, STATUS_LIMIT, ERROR_NO_OFFSET, "there are more than %d values", LIMIT_CONFIG_VALUES);
	status = read_value(config, key, text, value, reterr);
	if (status != STATUS_OK)
		return status;
	if (twin != NULL)
		twin->value.next = &value->value;
	if (part->last != NULL)
		part->last->after = value;
	else
		part->first = value;
	part->last = value;
	config->n_values++;
	return STATUS_OK;
}

static enum status
read_pair(struct config *config, struct str line, struct error *reterr)
{
	const char *equals = memchr(line.p, '=', line.len);
	const struct config_key *key;
	struct str name, text;
	struct error why;

	if (equals == NULL || equals == line.p)
		(void)error_set(
		    &why, STATUS_INVALID, ERROR_NO_OFFSET, "neither a [SECTION], nor KEY = VALUE, nor a # comment");
	else if (config->last == NULL)
		(void)error_set(&why, STATUS_INVALID, ERROR_NO_OFFSET, "this line stands before the first [SECTION]");
	else
		why.code = STATUS_OK;
	if (why.code != STATUS_OK)
		return refuse_here(config, &why, reterr);
	if (config->last->section->keys == NULL)
		return STATUS_OK;
	name = trim((struct str) { line.p, (size_t)(equals - line.p) });
	text = trim((struct str) { equals + 1, (size_t)(line.p + line.len - (equals + 1)) });
	key = find_key(config->last->section, name);
	if (key == NULL)
		return refuse_key(config, name, reterr);
	if (add_value(config, key, text, &why) != STATUS_OK)
		return config_refuse(config, config->line, key->name, &why, reterr);
	return STATUS_OK;
}

/* ---- Lines ----------------------------------------------------------------------------------- */

static enum status
check_bytes(struct str line, struct error *reterr)
{
	size_t valid = utf8_valid_prefix(line);

	if (line.len > LIMIT_CONFIG_LINE_BYTES)
		return error_set(reterr, STATUS_LIMIT, ERROR_NO_OFFSET, "the line has %zu bytes; allowed are %d",
		    line.len, LIMIT_CONFIG_LINE_BYTES);
	if (valid < line.len)
		return error_set(
		    reterr, STATUS_INVALID, ERROR_NO_OFFSET, "not UTF-8 at byte %zu of the line", valid + 1);
	for (size_t i = 0; i < line.len; i++)
		if (((unsigned char)line.p[i] < 0x20 && line.p[i] != '\t') || line.p[i] == 0x7F)
			return error_set(reterr, STATUS_INVALID, ERROR_NO_OFFSET,
			    "a control character (0x%02X) at byte %zu of the line", (unsigned)(unsigned char)line.p[i],
			    i + 1);
	return STATUS_OK;
}

static enum status
read_line(struct config *config, struct str line, struct error *reterr)
{
	struct error why;

	config->line++;
	if (line.len > 0 && line.p[line.len - 1] == '\r')
		line.len--;
	if (check_bytes(line, &why) != STATUS_OK)
		return refuse_here(config, &why, reterr);
	line = trim(line);
	if (line.len == 0 || line.p[0] == '#')
		return STATUS_OK;
	return line.p[0] == '[' ? read_header(config, line, reterr) : read_pair(config, line, reterr);
}

static enum status
read_lines(struct config *config, struct str rest, struct error *reterr)
{
	enum status status = STATUS_OK;

	if (str_has_prefix(rest, STR("\xEF\xBB\xBF")))
		rest = (struct str) { rest.p + 3, rest.len - 3 };
	while (status == STATUS_OK && rest.len > 0) {
		const char *newline = memchr(rest.p, '\n', rest.len);
		size_t len = newline != NULL ? (size_t)(newline - rest.p) : rest.len;
		size_t taken = newline != NULL ? len + 1 : len;

		status = read_line(config, (struct str) { rest.p, len }, reterr);
		rest = (struct str) { rest.p + taken, rest.len - taken };
	}
	return status;
}

enum status
config_parse(struct str contents, const char *path, const struct config_section *sections, size_t n_sections,
    struct config **ret_config, struct error *reterr)
{
	struct arena *arena;
	struct config *config;
	char *copy;
	enum status status;

	if (contents.len > LIMIT_CONFIG_BYTES)
		return error_set(
		    reterr, STATUS_LIMIT, ERROR_NO_OFFSET, "%.120s is longer than %d bytes", path, LIMIT_CONFIG_BYTES);
	if (arena_new(ARENA_BYTES, &arena) != STATUS_OK)
		return no_memory(reterr);
	config = arena_alloc(arena, sizeof(*config));
	copy = arena_strdup(arena, contents);
	if (config == NULL || copy == NULL || (config->path = arena_strdup(arena, str_of(path))) == NULL) {
		arena_free(arena);
		return no_memory(reterr);
	}
	config->arena = arena;
	config->sections = sections;
	config->n_sections = n_sections;
	status = read_lines(config, (struct str) { copy, contents.len }, reterr);
	if (status != STATUS_OK) {
		config_free(config);
		return status;
	}
	*ret_config = config;
	return STATUS_OK;
}

enum status
config_read(const char *path, const struct config_section *sections, size_t n_sections, struct config **ret_config,
    struct error *reterr)
{
	struct buf contents;
	enum status status;

	buf_init(&contents, LIMIT_CONFIG_BYTES);
	status = file_read(path, &contents, reterr);
	if (status == STATUS_OK)
		status = config_parse(buf_str(&contents), path, sections, n_sections, ret_config, reterr);
	buf_done(&contents);
	return status;
}

void
config_free(struct config *config)
{
	if (config != NULL)
		arena_free(config->arena);
}

/* ---- Asking ---------------------------------------------------------------------------------- */

const struct config_part *
config_part(const struct config *config, const char *section, size_t i)
{
	for (const struct config_part *part = config->first; part != NULL; part = part->after)
		if (str_eq(str_of(part->section->name), str_of(section)) && i-- == 0)
			return part;
	return NULL;
}

struct str
config_part_name(const struct config_part *part)
{
	return part->name;
}

unsigned
config_part_line(const struct config_part *part)
{
	return part->line;
}

const struct config_value *
config_get(const struct config_part *part, const char *key)
{
	if (part == NULL)
		return NULL;
	for (const struct value *it = part->first; it != NULL; it = it->after)
		if (str_eq(str_of(it->value.key->name), str_of(key)))
			return &it->value;
	return NULL;
}

int64_t
config_number(const struct config_part *part, const char *key, int64_t otherwise)
{
	const struct config_value *value = config_get(part, key);

	return value != NULL ? value->number : otherwise;
}

struct str
config_text(const struct config_part *part, const char *key, const char *otherwise)
{
	const struct config_value *value = config_get(part, key);

	return value != NULL ? value->text : str_of(otherwise);
}
