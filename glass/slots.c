/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "glass/slots.h"

#include <stdlib.h>

void
slots_done(struct slots *slots)
{
	for (size_t i = 0; i < slots->n; i++) {
		free(slots->slots[i].lower.p);
		free(slots->slots[i].upper.p);
	}
	free(slots->slots);
	*slots = (struct slots) { NULL, 0, 0 };
}

static enum status
set_bound(struct slot_bound *bound, struct str value, struct error *reterr)
{
	if (bound->capacity < value.len) {
		char *p = realloc(bound->p, value.len);

		if (p == NULL)
			return error_set(reterr, STATUS_NOMEM, ERROR_NO_OFFSET, "out of memory");
		bound->p = p;
		bound->capacity = value.len;
	}
	if (value.len > 0)
		memcpy(bound->p, value.p, value.len);
	bound->len = value.len;
	return STATUS_OK;
}

/* The slot, made where it is missing. */
static enum status
find(struct slots *slots, uint32_t number, struct slot **ret_slot, struct error *reterr)
{
	size_t i = 0;

	while (i < slots->n && slots->slots[i].number < number)
		i++;
	if (i == slots->n || slots->slots[i].number != number) {
		if (slots->n == slots->capacity) {
			size_t capacity = slots->capacity > 0 ? slots->capacity * 2 : 8;
			struct slot *larger = realloc(slots->slots, capacity * sizeof(*larger));

			if (larger == NULL)
				return error_set(reterr, STATUS_NOMEM, ERROR_NO_OFFSET, "out of memory");
			slots->slots = larger;
			slots->capacity = capacity;
		}
		memmove(&slots->slots[i + 1], &slots->slots[i], (slots->n - i) * sizeof(*slots->slots));
		slots->slots[i] = (struct slot) { .number = number };
		slots->n++;
	}
	*ret_slot = &slots->slots[i];
	return STATUS_OK;
}

enum status
slots_note(
    struct slots *slots, uint32_t number, uint64_t values, struct str lower, struct str upper, struct error *reterr)
{
	struct slot *slot;
	enum status status = find(slots, number, &slot, reterr);

	if (status != STATUS_OK)
		return status;
	if (slot->values == 0 || str_cmp(lower, (struct str) { slot->lower.p, slot->lower.len }) < 0)
		status = set_bound(&slot->lower, lower, reterr);
	if (status == STATUS_OK &&
	    (slot->values == 0 || str_cmp(upper, (struct str) { slot->upper.p, slot->upper.len }) > 0))
		status = set_bound(&slot->upper, upper, reterr);
	slot->values += values;
	return status;
}
