# SPDX-License-Identifier: GPL-2.0-or-later
"""20,000 real articles: none is refused, the memory is bounded, a second run does nothing."""

import os
import resource
import shutil
import subprocess
import sys

import harness
from harness import Case

CORPUS = os.path.join(os.environ["SHARED_DATA_DIR"], "data/orangesum_20k/docs.jsonl.zst")


class Orangesum(Case):
    def test_articles(self):
        path = os.path.join(self.docs, "docs.jsonl")
        with open(path, "wb") as file:
            subprocess.run(["zstdcat", CORPUS], stdout=file, check=True)
        os.utime(path, (1, 1))
        run = self.run_index()
        self.check(run, 0, added=20000)
        self.assertEqual(run.err, "")
        peak_mib = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
        print(run.out.strip(), f"peak {peak_mib:.0f} MiB", flush=True)
        if "SANITIZED" not in os.environ:
            self.assertLess(peak_mib, 500)
        self.check(self.run_index(), 0, unchanged=20000)
        self.assertEqual(len(self.dump()), 20000)
        self.assertGreater(self.stats["words"], 7000000)


if __name__ == "__main__":
    if not os.path.exists(CORPUS) or shutil.which("zstdcat") is None:
        print("skipped: no", CORPUS, "or no zstdcat")
        sys.exit(77)
    harness.main()
