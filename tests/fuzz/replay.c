/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * replay: runs a fuzz target over the stored inputs of a folder.
 *
 * libFuzzer finds inputs that break something; once mended, each is stored in corpus/, and this program, built
 * by any compiler and without libFuzzer, hands them to the target in every run of the tests.
 * A folder that holds nothing is a failure: the test would prove nothing.
 *
 *	fuzz_query tests/fuzz/corpus/fuzz_query
 */
#include <dirent.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/buf.h"
#include "base/file.h"

enum { INPUT_BYTES = 16 * 1024 * 1024 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/*
 * Hands the target a copy of exactly the input's size, so that a sanitizer sees a read past its end.
 * Returns whether the file could be read.
 */
static bool
run_file(const char *path)
{
	struct buf input;
	struct error error;
	uint8_t *copy;

	buf_init(&input, INPUT_BYTES);
	if (file_read(path, &input, &error) != STATUS_OK) {
		(void)fprintf(stderr, "%s\n", error.message);
		buf_done(&input);
		return false;
	}
	copy = malloc(input.len > 0 ? input.len : 1);
	if (copy != NULL) {
		if (input.len > 0)
			memcpy(copy, input.data, input.len);
		(void)printf("%s: %zu bytes\n", path, input.len);
		(void)fflush(stdout);
		(void)LLVMFuzzerTestOneInput(copy, input.len);
	}
	free(copy);
	buf_done(&input);
	return copy != NULL;
}

/* The number of inputs that ran; -1 where one could not be read. */
static int
run_folder(const char *folder, DIR *dir)
{
	struct dirent *entry;
	int ran = 0;

	while ((entry = readdir(dir)) != NULL) {
		char path[PATH_MAX];

		if (entry->d_name[0] == '.')
			continue;
		if (snprintf(path, sizeof(path), "%s/%s", folder, entry->d_name) >= (int)sizeof(path))
			return -1;
		if (!run_file(path))
			return -1;
		ran++;
	}
	return ran;
}

int
main(int argc, char **argv)
{
	DIR *dir;
	int ran;

	if (argc != 2) {
		(void)fprintf(stderr, "usage: %s FOLDER\n", argv[0]);
		return 2;
	}
	dir = opendir(argv[1]);
	if (dir == NULL) {
		perror(argv[1]);
		return 2;
	}
	ran = run_folder(argv[1], dir);
	(void)closedir(dir);
	(void)printf("%d inputs\n", ran);
	return ran > 0 ? 0 : 1;
}
