/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/status.h"

#include <stddef.h>

#include "base/i18n.h"

static const struct {
	const char *name;
	const char *text;
} statuses[] = {
#define XX(code, name, text) { name, text },
	STATUS_TABLE(XX)
#undef XX
};

static size_t
row(enum status status)
{
	size_t n = sizeof(statuses) / sizeof(statuses[0]);

	return (size_t)status < n ? (size_t)status : (size_t)STATUS_INTERNAL;
}

const char *
status_name(enum status status)
{
	return statuses[row(status)].name;
}

const char *
status_text(enum status status)
{
	return tr(statuses[row(status)].text);
}
