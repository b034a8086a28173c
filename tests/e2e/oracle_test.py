# SPDX-License-Identifier: GPL-2.0-or-later
"""Random NEAR queries against a plain scan: of sample/, and of 20,000 real articles where they are.

VOISIN_ORACLE_QUERIES sets how many are asked of the real articles (the whole proof is 10000)."""
import json
import os
import subprocess
import unittest

import voisin_test as vt

ORACLE = os.path.join(os.environ.get("VOISIN_TEST_BIN", os.path.join(vt.ROOT, "build", "release", "tests")), "near_oracle")
CORPUS = os.path.join(vt.SHARED, "data", "orangesum_20k", "docs.jsonl.zst")
QUERIES = os.environ.get("VOISIN_ORACLE_QUERIES", "300")
DOCUMENTS = int(os.environ.get("VOISIN_ORACLE_DOCUMENTS", "4000"))


def sample_documents():
    """The articles of sample/ as voisin-index reads them: title, then what follows it."""
    folder = os.path.join(vt.ROOT, "sample")
    for place, _, names in sorted(os.walk(folder)):
        for name in sorted(n for n in names if n.endswith(".txt")):
            with open(os.path.join(place, name), encoding="utf-8", newline="") as file:
                title, text = file.read().split("\n", 1)
            yield {"id": name, "title": title.strip(), "text": text}


class Oracle(unittest.TestCase):
    def setUp(self):
        self.index = vt.Index()
        self.docs = os.path.join(self.index.folder, "docs.jsonl")

    def tearDown(self):
        self.index.close()

    def check(self, queries, seed):
        done = self.index.update(self.docs)
        self.assertEqual(done.returncode, 0, done.stderr)
        answer = vt.run(ORACLE, self.index.db, self.docs, queries, seed, timeout=3600)
        print(answer.stdout.strip())
        self.assertEqual(answer.returncode, 0, answer.stderr)

    def test_sample(self):
        with open(self.docs, "w", encoding="utf-8") as file:
            for document in sample_documents():
                file.write(json.dumps(document, ensure_ascii=False) + "\n")
        self.check("2000", "1")

    @unittest.skipUnless(os.path.exists(CORPUS), "skipped: ../shared/data/orangesum_20k is absent")
    def test_real_articles(self):
        with open(self.docs, "wb") as file:
            unpack = subprocess.Popen(["zstd", "-dcq", CORPUS], stdout=subprocess.PIPE)
            for i, line in enumerate(unpack.stdout):
                if i < DOCUMENTS:
                    file.write(line)
            self.assertEqual(unpack.wait(), 0)
        self.check(QUERIES, "20161207")


if __name__ == "__main__":
    vt.main()
