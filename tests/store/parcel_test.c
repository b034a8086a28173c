/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Parcels that lie one behind the other come out as they went in: each field its own, the empty ones empty. */
#include "store/parcel.h"

#include <stdlib.h>

#include "tests/base/cmocka_first.h"

enum { FIELDS = sizeof(struct store_document) / sizeof(struct str), PARCELS = 2 + FIELDS, LONG = 100 * 1000 };

static char bytes[LONG];

/* The first has nothing, the second everything, each other one long field. */
static struct parcel
parcel_of(size_t number)
{
	struct parcel parcel = { .docid = UINT32_MAX - (uint32_t)number, .what = (uint32_t)number };
	struct str fields[FIELDS] = { { NULL, 0 } };

	for (size_t i = 0; i < HASH_BYTES; i++)
		parcel.file.bytes[i] = (unsigned char)(number + 17 * i);
	for (size_t i = 0; number == 1 && i < FIELDS; i++)
		fields[i] = (struct str) { bytes + i, 1 + i };
	if (number > 1)
		fields[number - 2] = (struct str) { bytes, LONG };
	memcpy(&parcel.document, fields, sizeof(fields));
	return parcel;
}

static void
assert_same(const struct parcel *parcel, const struct parcel *meant)
{
	struct str fields[FIELDS], meant_fields[FIELDS];

	assert_int_equal(parcel->docid, meant->docid);
	assert_int_equal(parcel->what, meant->what);
	assert_true(hash_eq(&parcel->file, &meant->file));
	memcpy(fields, &parcel->document, sizeof(fields));
	memcpy(meant_fields, &meant->document, sizeof(meant_fields));
	for (size_t i = 0; i < FIELDS; i++)
		assert_true(str_eq(fields[i], meant_fields[i]));
}

static void
test_parcels_come_back(void **state)
{
	size_t total = 0;
	unsigned char *memory, *to;
	const unsigned char *from;

	(void)state;
	for (size_t i = 0; i < LONG; i++)
		bytes[i] = (char)(i % 251);
	for (size_t i = 0; i < PARCELS; i++) {
		struct parcel parcel = parcel_of(i);

		total += parcel_bytes(&parcel.document);
	}
	memory = malloc(total);
	to = memory;
	for (size_t i = 0; i < PARCELS; i++) {
		struct parcel parcel = parcel_of(i);
		unsigned char *behind = parcel_write(to, &parcel);

		assert_int_equal(behind - to, parcel_bytes(&parcel.document));
		to = behind;
	}
	from = memory;
	for (size_t i = 0; i < PARCELS; i++) {
		struct parcel meant = parcel_of(i), parcel;

		from = parcel_read(from, &parcel);
		assert_same(&parcel, &meant);
	}
	assert_ptr_equal(from, to);
	free(memory);
}

int
main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_parcels_come_back) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
