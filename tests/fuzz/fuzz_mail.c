/* SPDX-License-Identifier: GPL-2.0-or-later */
/* fuzz_mail: mailboxes, with the messages in them. */
#include "tests/fuzz/source.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	fuzz_source("a.mbox", data, size);
	return 0;
}
