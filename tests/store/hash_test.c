/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "store/hash.h"
#include "store/seen.h"

/* Python: hashlib.blake2b(bytes(i % 251 for i in range(n)), digest_size=16).hexdigest() */
static const struct {
	size_t len;
	const char *hex;
} vectors[] = {
	{ 0, "cae66941d9efbd404e4d88758ea67670" },
	{ 1, "7025e075d5e2f6cde3cc051a31f07660" },
	{ 127, "28b1296c7d4807883de6ee4ec04dcc0a" },
	{ 128, "a74787004ef589e31149183900d0294a" },
	{ 129, "aaf1b0371f6d4ee49ee4fb5ddd9c49ef" },
	{ 255, "e2f3b2a57bcf64d626b37fc9c12674a1" },
	{ 256, "1142c504dcd26338b7cbcf41424540d0" },
	{ 257, "b77b55d3dddcc45c6a52774565cd0dd6" },
	{ 1024, "a7d65babc14aa89c183351a2eb2d4348" },
};

static void
test_vectors(void **state)
{
	char bytes[1024];

	(void)state;
	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = (char)(unsigned char)(i % 251);
	for (size_t v = 0; v < sizeof(vectors) / sizeof(vectors[0]); v++) {
		char hex[HASH_HEX_BYTES + 1];
		struct hash whole = hash_of((struct str) { bytes, vectors[v].len });
		struct hash pieces;
		struct hash back;
		struct hash_state hashing;

		hash_to_hex(&whole, hex);
		assert_string_equal(hex, vectors[v].hex);
		assert_true(hash_from_hex(str_of(hex), &back));
		assert_true(hash_eq(&whole, &back));
		hash_init(&hashing);
		for (size_t off = 0; off < vectors[v].len; off += 7) {
			size_t left = vectors[v].len - off;

			hash_update(&hashing, (struct str) { bytes + off, left < 7 ? left : 7 });
		}
		hash_final(&hashing, &pieces);
		assert_true(hash_eq(&whole, &pieces));
	}
}

/* Four at once are what one after the other are. */
static void
test_four(void **state)
{
	static const size_t lengths[] = { HASH_BLOCK_BYTES, 2 * HASH_BLOCK_BYTES, 7 * HASH_BLOCK_BYTES, 8192 };
	static unsigned char bytes[4][8192];
	const unsigned char *const inputs[4] = { bytes[0], bytes[1], bytes[2], bytes[3] };

	(void)state;
	for (size_t lane = 0; lane < 4; lane++)
		for (size_t i = 0; i < sizeof(bytes[0]); i++)
			bytes[lane][i] = (unsigned char)(i * (lane + 3) % 251 + lane);
	for (size_t l = 0; l < sizeof(lengths) / sizeof(lengths[0]); l++) {
		struct hash found[4];

		hash_of_four(inputs, lengths[l], found);
		for (size_t lane = 0; lane < 4; lane++) {
			struct hash one = hash_of((struct str) { (const char *)inputs[lane], lengths[l] });

			assert_true(hash_eq(&found[lane], &one));
		}
	}
}

/* Python: hashlib.blake2b(bytes(i % 251 for i in range(n)), digest_size=16, salt=bytes(range(1, 17))).hexdigest() */
static const struct {
	size_t len;
	const char *hex;
} salted[] = {
	{ 0, "8d0967d3bcab9f1a542a33670837870c" },
	{ 1, "780a9552d696cc024b4e18b70d86a861" },
	{ 127, "eebbba54a70e5b2b1520947d5917fe8d" },
	{ 128, "4647802af79210f8cccd9820a6b1fbdf" },
	{ 129, "f093cd7572e3c2371a9943c075f976b7" },
	{ 255, "97778cce8816fffd44aff817cf0b89f4" },
	{ 256, "e708b08ab706a49a4a2405c187a6052c" },
	{ 257, "990d23ffa6ae1f00049186cfc584b99f" },
	{ 1024, "499877026d6f16140ccb4d47b806462b" },
};

enum { SALTED = sizeof(salted) / sizeof(salted[0]), MANY = 60 };

/* However many there are at a time, and whatever their lengths. */
static void
test_each(void **state)
{
	static char bytes[1024];
	struct str inputs[MANY];
	struct hash found[MANY + 1], none, salt;

	(void)state;
	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = (char)(unsigned char)(i % 251);
	for (size_t i = 0; i < HASH_BYTES; i++)
		salt.bytes[i] = (unsigned char)(i + 1);
	for (size_t n = 0; n <= MANY; n++) {
		for (size_t i = 0; i < n; i++)
			inputs[i] = (struct str) { bytes, salted[(i * 5 + n) % SALTED].len };
		memset(found, 0xA5, sizeof(found));
		none = found[n];
		hash_each(&salt, inputs, n, found);
		assert_true(hash_eq(&found[n], &none));
		for (size_t i = 0; i < n; i++) {
			char hex[HASH_HEX_BYTES + 1];

			hash_to_hex(&found[i], hex);
			assert_string_equal(hex, salted[(i * 5 + n) % SALTED].hex);
		}
	}
}

/* Of the same bytes: blake2b of blake2b of each 4096. */
static const struct {
	size_t len;
	const char *hex;
} trees[] = {
	{ 0, "cae66941d9efbd404e4d88758ea67670" },
	{ 1, "ec3827825c3303186b3be49f45422bf1" },
	{ 4095, "c39a55d7721d385e6f38fabbdf94d6e6" },
	{ 4096, "72b831efd938f73877821ba00a20aa26" },
	{ 4097, "a62538f5dbea2a3c854caeb47efd4a1e" },
	{ 16383, "14d6a669f69bd2d31d6cc8d28c9b947c" },
	{ 16384, "f7f856515022141235decc67e7000401" },
	{ 16385, "4eb61ccca43825864eeddb61bc9da063" },
	{ 40000, "aa2d657a63325990745c33101df07bff" },
};

static void
test_tree(void **state)
{
	static const size_t pieces[] = { 1, 7, 4096, 5000, 40000 };
	static char bytes[40000];
	struct hash_tree tree;

	(void)state;
	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = (char)(unsigned char)(i % 251);
	for (size_t t = 0; t < sizeof(trees) / sizeof(trees[0]); t++)
		for (size_t p = 0; p < sizeof(pieces) / sizeof(pieces[0]); p++) {
			char hex[HASH_HEX_BYTES + 1];
			struct hash found;

			/* As memory that had something else. */
			memset(&tree, 0xA5, sizeof(tree));
			hash_tree_init(&tree);
			for (size_t off = 0; off < trees[t].len; off += pieces[p]) {
				size_t left = trees[t].len - off;

				hash_tree_update(
				    &tree, (struct str) { bytes + off, left < pieces[p] ? left : pieces[p] });
			}
			hash_tree_final(&tree, &found);
			hash_to_hex(&found, hex);
			assert_string_equal(hex, trees[t].hex);
		}
}

static void
test_fields_do_not_run_together(void **state)
{
	struct hash_state hashing;
	struct hash a, b;

	(void)state;
	hash_init(&hashing);
	hash_field(&hashing, STR("ab"));
	hash_field(&hashing, STR("c"));
	hash_final(&hashing, &a);
	hash_init(&hashing);
	hash_field(&hashing, STR("a"));
	hash_field(&hashing, STR("bc"));
	hash_final(&hashing, &b);
	assert_false(hash_eq(&a, &b));
}

static void
test_bad_hex(void **state)
{
	static const char *const bad[] = { "", "00", "0000000000000000000000000000000G",
		"0000000000000000000000000000000A", "000000000000000000000000000000000" };
	struct hash hash;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_false(hash_from_hex(str_of(bad[i]), &hash));
}

static void
test_seen_holds_many(void **state)
{
	struct seen seen = { NULL, 0, 0 };
	struct seen_file *file;

	(void)state;
	for (uint32_t i = 0; i < 5000; i++) {
		struct hash hash = hash_of((struct str) { (const char *)&i, sizeof(i) });

		assert_null(seen_get(&seen, &hash));
		assert_int_equal(seen_put(&seen, &hash, &file), STATUS_OK);
		file->state = i % 2 == 0 ? SEEN_SETTLED : SEEN_EXPECTED;
	}
	assert_int_equal(seen.n, 5000);
	for (uint32_t i = 0; i < 5000; i++) {
		struct hash hash = hash_of((struct str) { (const char *)&i, sizeof(i) });

		file = seen_get(&seen, &hash);
		assert_non_null(file);
		assert_int_equal(file->state, i % 2 == 0 ? SEEN_SETTLED : SEEN_EXPECTED);
	}
	seen_done(&seen);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_vectors),
		cmocka_unit_test(test_four),
		cmocka_unit_test(test_each),
		cmocka_unit_test(test_tree),
		cmocka_unit_test(test_fields_do_not_run_together),
		cmocka_unit_test(test_bad_hex),
		cmocka_unit_test(test_seen_holds_many),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
