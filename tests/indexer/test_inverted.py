# SPDX-License-Identifier: GPL-2.0-or-later
"""The inverted file of a generation: built, kept apart from later changes, and done without where it is no good.

What dump-index looks at after each step is whether file and database agree on every document that is not noted as touched.
"""

import errno
import hashlib
import json
import os
import random
import subprocess
import unittest

import fault
import harness
from harness import Case

DOCUMENTS = 300
MANY = 4500  # more than are committed at once


def text(number, version=0):
    return f"Le texte {number} de la version {version}, à Alep. Un convoi {'passe' if number % 3 else 'attend'}. " * 3


class Inverted(Case):
    """Of a lean index, or (OPTIONS) of one that is whole without the file."""

    LEAN = True
    OPTIONS = ()

    def lines(self, name, numbers, version=0):
        self.write_jsonl(name, [{"id": f"{name}-{i}", "title": f"Titre {i}", "date": "2016-12-07",
                                 "text": text(i, version)} for i in numbers])

    def setUp(self):
        super().setUp()
        self.lines("a.jsonl", range(DOCUMENTS))
        for i in range(10):
            self.write(f"t/{i}.txt", text(1000 + i))
        self.check(self.run_index("--full", *self.OPTIONS), 0, added=DOCUMENTS + 10)

    def path(self, name):
        return os.path.join(self.db, os.readlink(os.path.join(self.db, "current")), name)

    def state(self):
        """Whether the file is used, how many documents are untouched, and how many of its own are touched."""
        self.assertIsNotNone(self.dump())
        return self.stats["inverted"], self.stats["untouched"], self.stats["touched"]

    def told(self):
        run = subprocess.run([harness.INDEX, "--db", self.db, "--stats", "--json"], capture_output=True, check=True)
        return json.loads(run.stdout)["inverted_file"]

    def verify(self):
        run = subprocess.run([harness.INDEX, "--db", self.db, "--verify", "--json"], capture_output=True, check=False)
        return run.returncode, json.loads(run.stdout)

    def manifest_line(self):
        with open(self.path("manifest"), encoding="ascii") as file:
            return [line for line in file if line.startswith("file inverted ")]


class Updates(Inverted):
    def test_built(self):
        n = DOCUMENTS + 10
        self.assertEqual(self.state(), (True, n, 0))
        told = self.told()
        self.assertEqual(told, {"used": True, "needed": self.LEAN, "files": 1, "bytes": os.path.getsize(self.path("inverted")), "put": 0,
                                "touched": 0, "why": ""})
        self.assertEqual(len(self.manifest_line()), 1)
        self.assertEqual(self.verify()[0], 0)
        run = subprocess.run([harness.INDEX, "--db", self.db, "--stats"], capture_output=True, text=True, check=True)
        self.assertIn("\ninverted files in use: 1; documents put since the last full build: 0\n", run.stdout)

    def test_each_kind_of_change(self):
        n, line = DOCUMENTS + 10, self.manifest_line()
        self.write("t/neuf.txt", "Un texte neuf sur Alep")
        self.check(self.run_index(), 0, added=1, unchanged=n)
        self.assertEqual(self.state(), (True, n, 0))
        self.write("t/0.txt", "Un autre texte sur Alep et zeppelin")
        self.check(self.run_index(), 0, changed=1, unchanged=n)
        self.assertEqual(self.state(), (True, n - 1, 1))
        os.rename(os.path.join(self.docs, "t/1.txt"), os.path.join(self.docs, "t/moved.txt"))
        self.check(self.run_index(), 0, unchanged=n, moved=1)
        self.assertEqual(self.state(), (True, n - 1, 1))
        os.remove(os.path.join(self.docs, "t/2.txt"))
        self.check(self.run_index(), 0, deleted=1, unchanged=n)
        self.assertEqual(self.state(), (True, n - 2, 2))
        # What was added behind the file may come and go, and a touched one be touched again.
        self.write("t/neuf.txt", "Encore un autre")
        self.write("t/0.txt", text(1000))
        self.check(self.run_index(), 0, changed=2, unchanged=n - 2)
        os.remove(os.path.join(self.docs, "t/neuf.txt"))
        self.check(self.run_index(), 0, deleted=1, unchanged=n - 1)
        self.assertEqual(self.state(), (True, n - 2, 3))
        self.assertEqual(self.manifest_line(), line)
        self.assertEqual(self.verify()[0], 0)
        self.assertEqual(self.told()["touched"], 3)
        # A new build begins anew.
        self.check(self.run_index("--full", *self.OPTIONS), 0, added=n - 1)
        self.assertEqual(self.state(), (True, n - 1, 0))

    def test_many_rounds_at_random(self):
        seed = os.environ.get("SEED", str(random.randrange(1 << 32)))
        print("seed", seed, flush=True)
        dice = random.Random(seed)
        names, made = [f"t/{i}.txt" for i in range(10)], 0
        for round_ in range(12):
            for _ in range(dice.randint(1, 6)):
                name, made = dice.choice(names), made + 1
                what = dice.choice("new change delete move".split())
                if what == "new" or len(names) < 4:
                    names.append(f"t/n{made}.txt")
                    self.write(names[-1], text(dice.randrange(5000)))
                elif what == "change":
                    self.write(name, text(dice.randrange(5000), round_))
                else:
                    names.remove(name)
                    if what == "delete":
                        os.remove(os.path.join(self.docs, name))
                    else:
                        names.append(f"t/m{made}.txt")
                        os.rename(os.path.join(self.docs, name), os.path.join(self.docs, names[-1]))
            self.assertEqual(self.run_index("--allow-deletes", *(["--full"] if dice.random() < 0.1 else [])).code, 0)
            used, untouched, touched = self.state()
            self.assertTrue(used)
            self.assertGreaterEqual(untouched, DOCUMENTS)
            self.assertLessEqual(touched, 40)
        documents = self.dump()
        self.assertEqual(self.run_index(db=os.path.join(self.top, "anew")).code, 0)
        self.assertEqual(self.dump(os.path.join(self.top, "anew")), documents)

    def test_two_kinds_of_database(self):
        """The documents of a lean index, with what its file has of them, are those of a whole one; it is half as large."""
        def dump_and_size(name, *options):
            db = os.path.join(self.top, name)
            self.assertEqual(self.run_index("--full", *options, db=db).code, 0)
            folder = os.path.join(db, "gen-000001")
            return self.dump(db), sum(os.path.getsize(os.path.join(folder, file)) for file in os.listdir(folder))

        (lean, size), (whole, whole_size) = dump_and_size("lean"), dump_and_size("whole", "--whole-database")
        self.assertEqual(len(lean), DOCUMENTS + 10)
        self.assertEqual(lean, whole)
        self.assertLess(size, whole_size * 3 // 4)


class UpdatesOfWhole(Updates):
    LEAN = False
    OPTIONS = ("--whole-database",)

    def test_option_alone(self):
        run = subprocess.run([harness.INDEX, "--db", self.db, "--whole-database", self.docs], capture_output=True,
                             text=True, check=False)
        self.assertEqual(run.returncode, 2)
        self.assertIn("--whole-database goes with --full", run.stderr)


class ManyChanges(Inverted):
    def test_any_share(self):
        """The file is used however many documents were changed; the run advises a build."""
        self.lines("b.jsonl", range(MANY))
        self.check(self.run_index("--full", *self.OPTIONS), 0, added=DOCUMENTS + 10 + MANY)
        self.lines("b.jsonl", range(MANY), 1)
        run = self.run_index()
        self.check(run, 0, changed=MANY, unchanged=DOCUMENTS + 10)
        self.assertIn(f"touched={MANY} of={DOCUMENTS + 10 + MANY}", run.err)
        self.assertIn("--full", run.err)
        self.assertEqual(self.state(), (True, DOCUMENTS + 10, MANY))
        # All of them.
        self.lines("a.jsonl", range(DOCUMENTS), 1)
        for i in range(10):
            self.write(f"t/{i}.txt", text(i, 1))
        run = self.run_index()
        self.check(run, 0, changed=DOCUMENTS + 10, unchanged=MANY)
        self.assertEqual(self.state(), (True, 0, DOCUMENTS + 10 + MANY))
        documents = self.dump()
        self.assertEqual(self.verify()[0], 0)
        run = self.run_index("--full", *self.OPTIONS)
        self.check(run, 0, added=DOCUMENTS + 10 + MANY)
        self.assertNotIn("touched", run.err)
        self.assertEqual(self.state(), (True, DOCUMENTS + 10 + MANY, 0))
        self.assertEqual(self.dump(), documents)


class ManyChangesOfWhole(ManyChanges):
    LEAN = False
    OPTIONS = ("--whole-database",)


class LeanDamage(Inverted):
    """What is wrong with the file of a lean index is wrong with the index."""

    def assert_damaged(self, words):
        for arguments in (("--stats",), (self.docs,), ("--dry-run", self.docs)):
            run = subprocess.run([harness.INDEX, "--db", self.db, *arguments], capture_output=True, text=True,
                                 check=False)
            self.assertEqual(run.returncode, 2, run)
            self.assertIn(words, run.stderr)
            self.assertIn("inverted", run.stderr)
        self.assertEqual(self.verify()[0], 2)
        self.assertEqual(self.run_index("--full").code, 0)
        self.assertEqual(self.state(), (True, DOCUMENTS + 10, 0))
        self.assertEqual(self.verify()[0], 0)

    def test_gone(self):
        os.remove(self.path("inverted"))
        self.assert_damaged("damaged")

    def test_cut_short(self):
        os.truncate(self.path("inverted"), os.path.getsize(self.path("inverted")) // 2)
        self.assert_damaged("bytes instead of")

    def test_not_listed(self):
        """A manifest that a run sealed without the file."""
        os.remove(self.path("inverted"))
        with open(self.path("manifest"), encoding="ascii") as file:
            lines = [line for line in file if not line.startswith(("file inverted ", "end "))]
        said = "".join(lines)
        digest = hashlib.blake2b(said.encode("ascii"), digest_size=16).hexdigest()
        with open(self.path("manifest"), "w", encoding="ascii") as file:
            file.write(f"{said}end {digest}\n")
        self.assert_damaged("lists no inverted file")

    def test_other_bytes(self):
        """Of the right size: an opening finds them, and so does the check of all lists."""
        with open(self.path("inverted"), "r+b") as file:
            file.write(os.urandom(os.path.getsize(self.path("inverted"))))
        run = subprocess.run([harness.INDEX, "--db", self.db, "--stats"], capture_output=True, text=True, check=False)
        self.assertEqual(run.returncode, 2, run)
        self.assertIn("is not as it was written", run.stderr)
        code, said = self.verify()
        self.assertEqual((code, said["hashes"], said["structure"]), (2, "damaged", "damaged"), said)


class Damage(Inverted):
    LEAN = False
    OPTIONS = ("--whole-database",)

    def spoil(self, at, bytes_):
        with open(self.path("inverted"), "r+b") as file:
            file.seek(at)
            file.write(bytes_)

    def assert_done_without(self, words):
        used, _, _ = self.state()
        self.assertFalse(used)
        self.assertIn(words, self.stats["inverted_why"])
        told = self.told()
        self.assertFalse(told["used"])
        self.assertEqual(self.verify()[0], 2)
        # Updates go on, and go on noting; the damage is not sealed in.
        self.write("t/0.txt", "Un autre texte")
        self.check(self.run_index(), 0, changed=1, unchanged=DOCUMENTS + 9)
        self.assertEqual(self.told()["touched"], 1)
        self.assertEqual(len(self.dump()), DOCUMENTS + 10)
        self.assertEqual(self.run_index("--full").code, 0)
        self.assertEqual(self.state(), (True, DOCUMENTS + 10, 0))
        self.assertEqual(self.verify()[0], 0)

    def test_header(self):
        self.spoil(0, b"\xff" * 64)
        self.assert_done_without("damaged")

    def test_cut_short(self):
        os.truncate(self.path("inverted"), os.path.getsize(self.path("inverted")) // 2)
        self.assert_done_without("inverted")

    def test_empty(self):
        os.truncate(self.path("inverted"), 0)
        self.assert_done_without("inverted")

    def test_of_another_index(self):
        other = os.path.join(self.top, "other")
        self.lines("x.jsonl", range(7))
        self.assertEqual(self.run_index("--full", os.path.join(self.docs, "x.jsonl"), db=other).code, 0)
        os.remove(os.path.join(self.docs, "x.jsonl"))
        with open(os.path.join(other, "current", "inverted"), "rb") as file:
            contents = file.read()
        with open(self.path("inverted"), "wb") as file:
            file.write(contents)
        self.assert_done_without("and the index says")

    def test_gone(self):
        """An index is whole without it."""
        os.remove(self.path("inverted"))
        self.assertEqual(self.state(), (False, 0, 0))
        self.write("t/0.txt", "Un autre texte")
        self.check(self.run_index(), 0, changed=1, unchanged=DOCUMENTS + 9)
        self.assertEqual(self.verify()[0], 0)

    def test_one_list(self):
        """What the header does not tell the check of all lists finds, and the hash."""
        size = os.path.getsize(self.path("inverted"))
        self.spoil(size // 2, os.urandom(256))
        code, said = self.verify()
        self.assertEqual((code, said["hashes"], said["structure"]), (2, "damaged", "damaged"), said)


class Layered(Inverted):
    """With two layers."""

    def setUp(self):
        super().setUp()
        self.lines("a.jsonl", range(DOCUMENTS // 10), 1)
        self.lines("b.jsonl", range(DOCUMENTS // 10, DOCUMENTS))
        self.check(self.run_index("--allow-deletes"), 0, added=DOCUMENTS - DOCUMENTS // 10, changed=DOCUMENTS // 10,
                   deleted=DOCUMENTS - DOCUMENTS // 10, unchanged=10)
        self.write("t/0.txt", "Un autre texte")
        self.check(self.run_index(), 0, changed=1, unchanged=DOCUMENTS + 9)

    def layers(self):
        folder = os.path.dirname(self.path("manifest"))
        return sorted(name for name in os.listdir(folder) if name.startswith("inverted."))

    def listed(self):
        with open(self.path("manifest"), encoding="ascii") as file:
            return sorted(line.split()[1] for line in file if line.startswith("file inverted."))


class Layers(Layered):
    """What runs after a build put: files of their own, some of which go."""

    def test_they_come_and_go(self):
        self.assertEqual(self.layers(), ["inverted.1", "inverted.2"])
        self.assertEqual(self.listed(), self.layers())
        self.assertEqual((self.told()["files"], self.told()["put"]), (3, DOCUMENTS + 1))
        self.assertEqual(self.verify()[0], 0)
        # As many as there are: once what is new has a file, one is enough for all.
        self.lines("c.jsonl", range(2 * DOCUMENTS))
        self.check(self.run_index(), 0, added=2 * DOCUMENTS, unchanged=DOCUMENTS + 10)
        self.assertEqual(self.layers(), ["inverted.4"])
        self.assertEqual(self.listed(), self.layers())
        self.assertEqual(self.told()["put"], 3 * DOCUMENTS + 1)
        documents = self.dump()
        self.assertEqual(self.verify()[0], 0)
        self.assertEqual(self.run_index("--full", *self.OPTIONS).code, 0)
        self.assertEqual(self.layers(), [])
        self.assertEqual(self.dump(), documents)

    def test_left_by_a_killed_run(self):
        """A file that no commit names is none, and the next run that changes something takes it away."""
        left = self.path("inverted.77")
        with open(self.path("inverted.1"), "rb") as file:
            contents = file.read()
        with open(left, "wb") as file:
            file.write(contents)
        self.assertEqual(self.verify()[0], 0)
        self.assertEqual(self.told()["files"], 3)
        self.write("t/0.txt", "Encore un autre texte")
        self.check(self.run_index(), 0, changed=1, unchanged=DOCUMENTS + 9)
        self.assertFalse(os.path.exists(left))
        self.assertEqual(self.listed(), self.layers())
        self.assertEqual(self.verify()[0], 0)


class LayersOfWhole(Layers):
    LEAN = False
    OPTIONS = ("--whole-database",)


def gone(path):
    os.remove(path)


def cut(path):
    os.truncate(path, os.path.getsize(path) // 2)


def garbage(path):
    with open(path, "r+b") as file:
        file.write(os.urandom(os.path.getsize(path)))


class LayerDamage(Layered):
    def test_damage(self):
        """A layer of a lean index is a table like any other; a build mends it."""
        documents = self.dump()
        for spoil in gone, cut, garbage:
            with self.subTest(spoil.__name__):
                self.write("t/0.txt", f"Un texte {spoil.__name__}")
                self.assertEqual(self.run_index().code, 0)
                name = self.layers()[-1]
                spoil(self.path(name))
                for arguments in (("--stats",), ("--dry-run", self.docs), (self.docs,)):
                    if spoil is garbage and arguments != ("--stats",):
                        continue  # of the right size: who reads it finds it
                    run = subprocess.run([harness.INDEX, "--db", self.db, *arguments], capture_output=True, text=True,
                                         check=False)
                    self.assertEqual(run.returncode, 2, run)
                    self.assertIn(name, run.stderr)
                self.assertEqual(self.verify()[0], 2)
                self.assertEqual(self.run_index("--full").code, 0)
                self.assertEqual(self.verify()[0], 0)
                self.assertEqual(len(self.dump()), len(documents))


class LayerDamageOfWhole(Layered):
    LEAN = False
    OPTIONS = ("--whole-database",)

    def test_damage(self):
        """Nothing is lost: no file is used, and updates go on, without files from then on where they need one that is damaged."""
        for spoil in gone, cut, garbage:
            with self.subTest(spoil.__name__):
                self.write("t/0.txt", f"Un texte {spoil.__name__}")
                self.assertEqual(self.run_index().code, 0)
                documents = len(self.dump())
                name = self.layers()[-1]
                spoil(self.path(name))
                self.assertFalse(self.told()["used"])
                self.assertIn("inverted", self.told()["why"])
                self.assertEqual(len(self.dump()), documents)
                self.write("t/0.txt", f"Un autre texte {spoil.__name__}")
                self.check(self.run_index(), 0, changed=1, unchanged=documents - 1)
                self.assertIsNone(self.told())
                self.assertEqual(self.layers(), [])
                self.assertEqual(len(self.dump()), documents)
                self.assertEqual(self.verify()[0], 0)
                self.assertEqual(self.run_index("--full", *self.OPTIONS).code, 0)
                self.assertTrue(self.told()["used"])
                self.assertEqual(self.verify()[0], 0)
                self.write("t/1.txt", f"Et un autre {spoil.__name__}")
                self.assertEqual(self.run_index().code, 0)


@unittest.skipUnless(fault.LIBRARY, "no library of faults in this build")
class FullDisk(fault.Case):
    def test_while_it_is_written(self):
        """Each write of a build fails in turn with a full disk: the file's are among them, and nothing is published."""
        self.write_jsonl("a.jsonl", [{"id": str(i), "text": text(i)} for i in range(40)])
        said = set()
        for skip in range(self.calls(kinds=("write",))):
            subprocess.run(["rm", "-rf", self.db], check=True)
            run = self.run_planned(kinds=("write",), skip=skip, times=fault.FOR_GOOD, action=errno.ENOSPC)
            if run.code == 0:
                continue
            self.assertIsNone(self.dump() if os.path.isdir(self.db) else None, run)
            said.add(run.err)
        self.assertTrue(any("cannot write the inverted file" in err for err in said), said)
        self.assertEqual(self.run_index().code, 0)
        self.assertEqual(len(self.dump()), 40)


if __name__ == "__main__":
    harness.main()
