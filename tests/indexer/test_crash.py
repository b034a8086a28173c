# SPDX-License-Identifier: GPL-2.0-or-later
"""kill -9 at random moments of a first build, a full rebuild and an update.

After each kill the index opens and every document in it is whole, of the old version or the new; a build that was
killed shows nothing at all; the next run completes the work, and then the index equals that of a run
that nobody disturbed.  The seed is printed, and may be given in SEED.
"""

import os
import random
import shutil
import time

import harness
from harness import Case

KILLS = int(os.environ.get("KILLS", "20"))
DOCUMENTS = 7000  # of which more change than are committed at once
TEXTS = 150


class Crash(Case):
    def lay_out(self, version):
        """Version 0 or 1 of the documents: most differ, some are in one of them only, some move to another file."""
        first = 60 * version
        lines = [{"id": f"j{i}", "title": f"Titre {i}", "date": "2016-12-07", "text": self.text(i, version)}
                 for i in range(first, first + DOCUMENTS)]
        cut = 700 + 100 * version
        shutil.rmtree(self.docs)
        self.write_jsonl("a.jsonl", lines[:cut])
        self.write_jsonl("b.jsonl", lines[cut:])
        for i in range(10 * version, 10 * version + TEXTS):
            self.write(f"t/{i}.txt", self.text(i, version))

    @staticmethod
    def text(i, version):
        return f"Le texte numéro {i} de la version {version if i % 5 else 0}, à Alep. " * 8

    def undisturbed(self, version):
        self.lay_out(version)
        db = os.path.join(self.top, f"undisturbed{version}")
        started = time.monotonic()
        self.assertEqual(self.run_index(db=db).code, 0)
        self.seconds = time.monotonic() - started
        documents = self.dump(db)
        self.sums.append(self.stats["sum"])
        return documents

    def kill_one(self, delay, *args):
        process = self.start(*args, self.docs)
        time.sleep(delay)
        process.kill()
        process.communicate()
        return process.returncode == 0

    def check_whole(self, old, new):
        """Every document is the old one or the new one; what is in both is there."""
        documents = self.dump()
        for name, document in documents.items():
            self.assertIn(document, (old.get(name), new.get(name)), name)
        self.assertEqual(sorted((old.keys() & new.keys()) - documents.keys()), [])
        words = self.stats["words"]
        self.assertEqual(words, sum(self.words[d["id"], d["text"]] for d in documents.values()))
        return documents

    def complete(self, new):
        run = self.run_index()
        self.assertEqual(run.code, 0, run)
        self.assertEqual(self.dump(), new)
        self.check_files(self.sums[new is self.versions[1]])
        self.assertFalse([n for n in os.listdir(self.db) if n.endswith(".tmp")])

    def count_words(self, versions):
        """The words of each text, from indexes of one document each of a few kinds: all texts have the same number."""
        db = os.path.join(self.top, "words")
        self.words = {}
        counts = {}
        for version in versions:
            for document in version.values():
                kind = document["title"] != ""
                if kind not in counts:
                    folder = os.path.join(self.top, f"one{kind}")
                    self.write_jsonl("w.jsonl", [document], folder)
                    self.assertEqual(self.run_index("--full", "--allow-deletes", folder, db=db).code, 0)
                    self.dump(db)
                    counts[kind] = self.stats["words"]
                self.words[document["id"], document["text"]] = counts[kind]

    def test_kills(self):
        seed = os.environ.get("SEED", str(random.randrange(1 << 32)))
        print("seed", seed, flush=True)
        rng = random.Random(seed)
        self.sums = []
        versions = self.versions = [self.undisturbed(0), self.undisturbed(1)]
        self.count_words(versions)
        self.assertNotEqual(versions[0], versions[1])
        seen = {"nothing": 0, "partly": 0, "old": 0, "done": 0}

        # A first build: nothing, or all of it.
        self.lay_out(0)
        for _ in range(max(1, KILLS // 4)):
            shutil.rmtree(self.db, ignore_errors=True)
            self.kill_one(rng.uniform(0, self.seconds * 1.1))
            documents = self.dump() if os.path.isdir(self.db) else None
            seen["nothing" if documents is None else "done"] += 1
            self.assertIn(documents, (None, versions[0]))
        self.complete(versions[0])

        # In place and aside, from one version to the other and back; an update takes longer than a build.
        self.lay_out(1)
        started = time.monotonic()
        self.complete(versions[1])
        update_seconds = time.monotonic() - started
        current = 1
        for kill in range(KILLS - max(1, KILLS // 4)):
            old, new = versions[current], versions[1 - current]
            full = kill % 3 == 2
            self.lay_out(1 - current)
            self.kill_one(rng.uniform(0, 1.3 * (self.seconds if full else update_seconds)), *(["--full"] if full else []))
            documents = self.check_whole(old, new)
            if full:
                self.assertIn(documents, (old, new))
            seen["old" if documents == old else "done" if documents == new else "partly"] += 1
            self.complete(new)
            current = 1 - current
        print("states found after the kills:", seen, flush=True)


if __name__ == "__main__":
    harness.main()
