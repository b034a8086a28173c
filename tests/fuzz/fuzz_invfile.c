/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * fuzz_invfile: any bytes as an inverted file: opened, verified, walked, matched.
 *
 * Once as they are, and once with their checksums made right, without which no change would get past the header.
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "tests/invfile/probe.h"

enum { INPUT_MAX = 64 * 1024 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
open_and_probe(int fd, const unsigned char *bytes, size_t size)
{
	struct invfile *file;
	struct error error;
	char path[64];

	(void)snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	if (pwrite(fd, bytes, size, 0) != (ssize_t)size)
		abort();
	if (invfile_open(path, &file, &error) != STATUS_OK) {
		if (error.message[0] == '\0')
			abort();
		return;
	}
	probe_file(file, size);
	invfile_close(file);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static unsigned char bytes[INPUT_MAX];
	int fd;

	if (size > INPUT_MAX)
		return 0;
	fd = memfd_create("inverted", MFD_CLOEXEC);
	if (fd < 0)
		abort();
	open_and_probe(fd, data, size);
	memcpy(bytes, data, size);
	probe_mend(bytes, size);
	open_and_probe(fd, bytes, size);
	(void)close(fd);
	return 0;
}
