# SPDX-License-Identifier: GPL-2.0-or-later
"""Random queries against plain enumeration: of sample/, and of real articles where they are.

The whole proof, by tests/e2e/prove: 10,000 two-word NEAR queries on 20,000 articles, and 2,000 nested
queries through the daemon with all their spans.  VOISIN_ORACLE_DOCUMENTS, _QUERIES and _NESTED say how
much of it is run; without them it is a sample."""
import json
import os
import subprocess
import unittest

import voisin_test as vt

TEST_BIN = os.environ.get("VOISIN_TEST_BIN", os.path.join(vt.ROOT, "build", "release", "tests"))
CORPUS = os.path.join(vt.SHARED, "data", "orangesum_20k", "docs.jsonl.zst")
QUERIES = os.environ.get("VOISIN_ORACLE_QUERIES", "300")
NESTED = os.environ.get("VOISIN_ORACLE_NESTED", "200")
DOCUMENTS = int(os.environ.get("VOISIN_ORACLE_DOCUMENTS", "1500"))
HOURS = 4 * 3600


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

    def compare(self, program, place, queries, seed):
        answer = vt.run(os.path.join(TEST_BIN, program), place, self.docs, queries, seed, timeout=HOURS)
        print(answer.stdout.strip())
        self.assertEqual(answer.returncode, 0, answer.stderr)

    def cross_out(self, daemon):
        """Puts commas in place of what the index sets aside, for the oracles read a text from end to end."""
        with open(self.docs, encoding="utf-8") as file:
            documents = [json.loads(line) for line in file]
        for document in documents:
            text = bytearray(document["text"].encode())
            for off, n in json.loads(daemon.ask("--json", "--document", document["id"]).stdout).get("aside", []):
                text[off:off + n] = bytes(b if b == 10 else 44 for b in text[off:off + n])
            document["text"] = text.decode()
        with open(self.docs, "w", encoding="utf-8") as file:
            file.writelines(json.dumps(document, ensure_ascii=False) + "\n" for document in documents)

    def put(self, lines):
        with open(self.docs, "wb") as file:
            file.writelines(lines)
        done = self.index.update(self.docs)
        self.assertEqual(done.returncode, 0, done.stderr)

    def check(self, queries, nested, seed, with_lines=False):
        if with_lines:
            daemon = vt.Daemon(self.index)
            try:
                self.cross_out(daemon)
            finally:
                daemon.close()
        self.compare("near_oracle", self.index.db, queries, seed)
        # It is answers that are compared, on however busy a machine; the oracle may enumerate for long before it asks again.
        daemon = vt.Daemon(self.index, "--soft-deadline-ms", "50000", "--deadline-ms", "60000", "--idle-ms", "3600000")
        try:
            self.compare("nested_oracle", daemon.server, nested, seed)
        finally:
            daemon.close()

    def test_sample(self):
        self.put((json.dumps(document, ensure_ascii=False) + "\n").encode() for document in sample_documents())
        self.check("2000", "1000", "1", with_lines=True)

    @unittest.skipUnless(os.path.exists(CORPUS), "skipped: ../shared/data/orangesum_20k is absent")
    def test_real_articles(self):
        with subprocess.Popen(["zstd", "-dcq", CORPUS], stdout=subprocess.PIPE) as unpack:
            lines = [line for i, line in enumerate(unpack.stdout) if i < DOCUMENTS]
        self.assertEqual(unpack.returncode, 0)
        self.put(lines)
        self.check(QUERIES, NESTED, "20161207")
        # One in five has another one's text, or none, or goes away, or has come: some hundred documents are not in the inverted file.
        others = [json.loads(line) for line in lines]
        for i, document in enumerate(others):
            if i % 5 == 0:
                document["text"] = others[i + 1 if i + 1 < len(others) else 0]["text"]
            if i % 20 == 10:
                document["id"] = "another/%d" % i
        self.put((json.dumps(document, ensure_ascii=False) + "\n").encode() for i, document in enumerate(others) if i % 25 != 3)
        self.check(QUERIES, NESTED, "20161208")


if __name__ == "__main__":
    vt.main()
