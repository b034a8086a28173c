# SPDX-License-Identifier: GPL-2.0-or-later
"""Items 52 to 64 of the catalogue that test_run.py and the tests of sources do not try: one bad document anywhere, files that
change while they are read in every way, whatever bytes a file is made of.  VOISIN_LONG takes many more.
"""

import json
import os
import random

import harness
from harness import Case

LONG = bool(os.environ.get("VOISIN_LONG"))
STRINGS = 100_000 if LONG else 3_000
FILES = 1_000_000 if LONG else 3_000
FORMATS = (".txt", ".jsonl", ".html", ".md", ".xml", ".eml", ".mbox", ".warc")
SEEDS = ("Un été à Alep, l’armée avance. ", "œuvre – « guillemets » … €", "مرحبا", "日本語", "\U0001f600", "\u202e\u200d",
         "e\u0301\u0301", "{\"id\":\"x\",\"text\":\"", "<p>&eacute;&#x0;&#xd800;", "From x\n", "Subject: =?utf-8?q?=C3?=\n\n", "\x1b[31m",
         "Ã©tÃ©", "\ufeff", "\ufffe", "\x85\x0b\x0c")


class Anywhere(Case):
    def test_one_bad_document_anywhere(self):
        """First, in the middle, last; in a first build, a full one, an update: all others are there."""
        n = 2100
        for at in (0, 1, 999, 1000, n // 2, n - 1):
            for full in (True, False):
                # In an update every document is another one than before.
                lines = [{"id": f"d{i}", "text": "" if i == at else f"Le texte {i}, {at} et {full}."} for i in range(n)]
                self.write_jsonl("m.jsonl", lines)
                run = self.run_index("--allow-deletes", *(["--full"] if full else []))
                self.assertEqual((run.code, run.counts[4]), (1, 1), run)
                self.assertIn(f"m.jsonl:{at + 1}: there is no", run.err)
                documents = self.dump()
                # What the index held of a document that is refused now stays.
                others = {f"d{i}" for i in range(n)} - {f"d{at}"}
                self.assertEqual(documents.keys() - {f"d{at}"}, others)
                self.assertTrue(all(documents[name]["text"] == f"Le texte {name[1:]}, {at} et {full}." for name in others))


class Moving(Case):
    """A file that shrinks, vanishes, is replaced or is written over while it is read."""

    def start_reading(self):
        self.run_index("--full", "--allow-deletes")
        self.path = self.write_jsonl("m.jsonl", [{"id": str(i), "text": f"Un texte assez long, le numéro {i}. " * 50}
                                                 for i in range(2000)]).decode()
        return self.start_until(lambda process: harness.is_being_read(process.pid, "m.jsonl"), self.docs)

    def shrink(self):
        os.truncate(self.path, 1000)

    def vanish(self):
        os.unlink(self.path)

    def replace(self):
        self.write_jsonl("n.tmp", [{"id": "new", "text": "Un texte neuf"}])
        os.rename(os.path.join(self.docs, "n.tmp"), self.path)

    def write_over(self):
        with open(self.path, "r+b") as file:
            file.write(b"\xff" * 100_000)

    def test_while_it_is_read(self):
        for change in (self.shrink, self.vanish, self.replace, self.write_over):
            with self.subTest(change.__name__):
                self.write("a.txt", "Un texte à côté")
                process = self.start_reading()
                change()
                run = self.go_on(process)
                self.assertIn(run.code, (0, 1), run)
                self.assertIn("a.txt", self.dump())
                # The next run sees the file as it is then, and the one after that has nothing to do.
                self.run_index("--allow-deletes")
                self.assertEqual(change != self.replace or "new" in self.dump(), True)
                self.assertEqual(self.run_index("--allow-deletes").counts[:3], (0, 0, 0))


class Bytes(Case):
    def random_bytes(self, chance):
        parts = []
        for _ in range(chance.randint(1, 6)):
            kind = chance.randrange(5)
            if kind == 0:
                parts.append(chance.randbytes(chance.randint(0, 40)))
            else:
                charset = chance.choice(("utf-8", "utf-8", "cp1252", "latin-1", "mac-roman", "utf-16", "utf-16-le", "utf-16-be"))
                part = chance.choice(SEEDS).encode(charset, "ignore")
                parts.append(part[:-1] if kind == 1 else part)
        return b"".join(parts)

    def test_any_bytes_in_valid_text_out(self):
        """Whatever a file holds: it is refused or indexed, what is indexed is UTF-8, and a second run sees nothing new."""
        seed = os.environ.get("SEED", str(random.randrange(1 << 32)))
        print("seed", seed, flush=True)
        chance = random.Random(seed)
        for i in range(STRINGS):
            self.write(f"{i % 100}/{i}{chance.choice(FORMATS)}", self.random_bytes(chance))
        run = self.run_index()
        self.assertIn(run.code, (0, 1), run)
        # Of random bytes more than a fourth are texts, give or take a few dozen.
        self.assertGreater(run.counts[0], STRINGS // 6)
        for line in run.err.splitlines():
            self.assertTrue(line.startswith("voisin-index: "), line)
            self.assertNotRegex(line, "[\\x00-\\x1f\\x7f-\\x9f]")
        documents = self.dump()  # each a line of JSON
        self.assertEqual(len(documents), run.counts[0])
        for document in documents.values():
            for value in document.values():
                if isinstance(value, str):
                    self.assertNotIn("\0", value)
                    value.encode("utf-8")  # no lone surrogate
        again = self.run_index()
        self.assertEqual((again.counts[:3], again.counts[4]), ((0, 0, 0), run.counts[4]), again)

    def test_any_string_goes_round(self):
        """Item 64: what JSON says is what the index holds, character by character."""
        seed = os.environ.get("SEED", str(random.randrange(1 << 32)))
        print("seed", seed, flush=True)
        chance = random.Random(seed)
        texts = {}
        while len(texts) < STRINGS:
            text = "mot " + "".join(self.character(chance) for _ in range(chance.randint(0, 30)))
            texts[f"d{len(texts)}"] = text
        self.write("m.jsonl", "".join(json.dumps({"id": k, "text": v}, ensure_ascii=chance.random() < 0.5) + "\n"
                                      for k, v in texts.items()))
        self.check(self.run_index(), 0, added=len(texts))
        documents = self.dump()
        for name, text in texts.items():
            self.assertEqual(documents[name]["text"], text, name)

    @staticmethod
    def character(chance):
        while True:
            c = chance.choice((chance.randint(1, 0x7F), chance.randint(0x80, 0x17F), chance.randint(1, 0x10FFFF)))
            if not 0xD800 <= c <= 0xDFFF:
                return chr(c)


class Many(Case):
    def test_many_small_files(self):
        for i in range(FILES):
            name = os.path.join(self.docs, str(i % 1000))
            os.makedirs(name, exist_ok=True)
            with open(os.path.join(name, f"{i}.txt"), "w", encoding="ascii") as file:
                file.write(f"Texte {i}")
        self.check(self.run_index(), 0, added=FILES)

    def test_path_longer_than_the_system_takes(self):
        """A folder whose path has more than 4,096 bytes is named, not followed, and not forgotten as if it were gone."""
        self.write("a.txt", "Texte un")
        here = os.open(self.docs, os.O_RDONLY)
        for _ in range(22):
            os.mkdir("d" * 200, dir_fd=here)
            below = os.open("d" * 200, os.O_RDONLY, dir_fd=here)
            os.close(here)
            here = below
        with os.fdopen(os.open("b.txt", os.O_WRONLY | os.O_CREAT, dir_fd=here), "w") as file:
            file.write("Texte deux")
        os.close(here)
        run = self.run_index()
        self.assertEqual((run.code, run.counts[0], run.counts[4]), (1, 1, 1), run)
        self.assertEqual(len(run.err.splitlines()), 1, run)


if __name__ == "__main__":
    harness.main()
