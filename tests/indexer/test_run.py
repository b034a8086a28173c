# SPDX-License-Identifier: GPL-2.0-or-later
"""voisin-index on good and bad files: what is indexed, what is refused, and what is said of it."""

import json
import os
import signal
import socket
import stat
import subprocess
import time

import harness
from harness import Case


class Updates(Case):
    def test_fields_of_a_text(self):
        self.write("a/b.txt", "\ufeffL’armée à Alep\n\nUn texte.\r\nEt la suite.\n")
        self.check(self.run_index(), 0, added=1)
        document = self.dump()["a/b.txt"]
        self.assertEqual(document["title"], "L’armée à Alep")
        self.assertEqual(document["text"], "Un texte.\r\nEt la suite.\n")
        self.assertEqual((document["dated"], document["source"], document["url"]), ("file", "", ""))

    def test_fields_of_jsonl(self):
        given = {"id": "x1", "title": "Titre\nsur deux lignes", "date": "2016-12-07T10:00:00+01:00",
                 "source": "AFP", "url": "https://exemple.example/1", "text": "Un texte.\nEt la suite.",
                 "heading": "oublié", "tags": [1, {"a": None}]}
        self.write_jsonl("x.jsonl", [given])
        self.check(self.run_index(), 0, added=1)
        document = self.dump()["x1"]
        self.assertEqual(document["title"], "Titre sur deux lignes")
        self.assertEqual(document["date"], "2016-12-07")
        self.assertEqual(document["source"], "AFP")
        self.assertEqual(document["url"], "https://exemple.example/1")
        self.assertEqual(document["text"], given["text"])

    def test_unchanged_changed_vanished(self):
        for i in range(5):
            self.write(f"{i}.txt", f"Titre {i}\nTexte {i}")
        self.write_jsonl("j.jsonl", [{"id": f"j{i}", "text": f"texte {i}"} for i in range(5)])
        self.check(self.run_index(), 0, added=10)
        before = self.dump()
        self.check(self.run_index(), 0, unchanged=10)
        self.write("1.txt", "Titre 1\nUn autre texte")
        os.remove(os.path.join(self.docs, "2.txt"))
        self.write_jsonl("j.jsonl", [{"id": f"j{i}", "text": f"texte {i} neuf" if i == 3 else f"texte {i}"}
                                     for i in range(1, 6)])
        self.check(self.run_index(), 0, added=1, changed=2, deleted=2, unchanged=6)
        after = self.dump()
        self.assertEqual(sorted(after), ["0.txt", "1.txt", "3.txt", "4.txt", "j1", "j2", "j3", "j4", "j5"])
        self.assertEqual(after["1.txt"]["text"], "Un autre texte")
        self.assertEqual(after["j3"]["text"], "texte 3 neuf")
        self.assertEqual(after["0.txt"], before["0.txt"])
        self.check(self.run_index(), 0, unchanged=9)
        self.check(self.run_index("--full"), 0, added=9)
        self.assertEqual(self.dump(), after)

    def test_touched_file_is_unchanged(self):
        path = self.write("a.txt", "Titre\nTexte")
        self.run_index()
        os.utime(path, (1, 1))
        self.check(self.run_index(), 0, unchanged=1)
        os.utime(path, (4e9, 4e9))  # in the future
        self.check(self.run_index(), 0, unchanged=1)
        with open(path, "r+b") as file:
            file.write(b"Texte\nTitre")
        os.utime(path, (4e9, 4e9))
        self.check(self.run_index(), 0, changed=1)
        os.utime(path, (-1000, -1000))  # before 1970
        self.check(self.run_index(), 0, unchanged=1)

    def test_file_that_was_just_written_is_not_trusted(self):
        """Two versions of one size in one tick of the clock: the second is seen."""
        path = self.write("a.txt", "un deux")
        now = time.time()
        os.utime(path, (now, now))
        self.check(self.run_index(), 0, added=1)
        with open(path, "wb") as file:
            file.write(b"un dix!")
        os.utime(path, (now, now))
        self.check(self.run_index(), 0, changed=1)

    def test_other_folder_is_left_alone(self):
        other = os.path.join(self.top, "other")
        self.write("a.txt", "Texte un")
        self.write("b.txt", "Texte deux", folder=other)
        self.check(self.run_index(), 0, added=1)
        self.check(self.run_index(other), 0, added=1)
        self.assertEqual(self.ids(), ["a.txt", "b.txt"])
        os.remove(os.path.join(other, "b.txt"))
        self.check(self.run_index(), 0, unchanged=1)
        self.assertEqual(self.ids(), ["a.txt", "b.txt"])
        self.check(self.run_index(other), 0, deleted=1)
        self.assertEqual(self.ids(), ["a.txt"])

    def test_file_keeps_the_id_it_first_had(self):
        self.write("sub/a.txt", "Texte un")
        self.check(self.run_index(), 0, added=1)
        self.write("sub/a.txt", "Texte un, deux")
        self.check(self.run_index(os.path.join(self.docs, "sub")), 0, changed=1)
        self.check(self.run_index(os.path.join(self.docs, "sub/a.txt"), os.path.join(self.docs, "sub")), 0, unchanged=1)
        self.assertEqual(self.ids(), ["sub/a.txt"])

    def test_path_that_is_a_file(self):
        path = self.write("sub/a.txt", "Texte un").decode()
        self.check(self.run_index(path), 0, added=1)
        self.assertEqual(self.ids(), ["a.txt"])

    def test_relative_and_absolute_paths_are_one(self):
        self.write("a.txt", "Texte un")
        self.check(self.run_index("docs", db="db", cwd=self.top), 0, added=1)
        self.check(self.run_index("./docs/../docs/", db="./db", cwd=self.top), 0, unchanged=1)
        self.check(self.run_index(), 0, unchanged=1)
        os.symlink(self.docs, os.path.join(self.top, "link"))
        self.check(self.run_index(os.path.join(self.top, "link")), 0, unchanged=1)

    def test_document_that_moves_between_files(self):
        self.write_jsonl("a.jsonl", [{"id": "1", "text": "un"}, {"id": "2", "text": "deux"}])
        self.write_jsonl("b.jsonl", [{"id": "3", "text": "trois"}])
        self.check(self.run_index(), 0, added=3)
        self.write_jsonl("a.jsonl", [{"id": "3", "text": "trois"}, {"id": "1", "text": "un"}])
        self.write_jsonl("b.jsonl", [{"id": "2", "text": "deux"}])
        self.check(self.run_index(), 0, unchanged=3)
        os.rename(os.path.join(self.docs, "a.jsonl"), os.path.join(self.docs, "c.jsonl"))
        self.check(self.run_index(), 0, unchanged=3)
        self.check(self.run_index(), 0, unchanged=3)
        self.assertEqual(self.ids(), ["1", "2", "3"])

    def test_dry_run(self):
        self.write("a.txt", "Texte un")
        self.check(self.run_index("--dry-run"), 0, added=1)
        self.assertFalse(os.path.exists(self.db))
        self.run_index()
        state = sorted(os.listdir(self.db)), self.ids(), self.stats
        self.write("a.txt", "Texte deux")
        self.write("b.txt", b"%PDF-")
        self.check(self.run_index("--dry-run"), 1, changed=1, refused=1)
        self.check(self.run_index("--dry-run", "--full"), 1, added=1, refused=1)
        os.remove(os.path.join(self.docs, "a.txt"))
        self.check(self.run_index("--dry-run"), 1, deleted=1, refused=1)
        self.assertEqual((sorted(os.listdir(self.db)), self.ids(), self.stats), state)

    def test_nothing_to_index(self):
        self.check(self.run_index(), 0)
        self.assertEqual(self.ids(), [])
        self.write("image.png", b"\x89PNG")
        self.write("noext", "texte")
        self.check(self.run_index(), 0)

    def test_full_keeps_one_generation_to_go_back_to(self):
        self.write("a.txt", "Texte un")
        for _ in range(4):
            self.check(self.run_index("--full"), 0, added=1)
        self.assertEqual(sorted(os.listdir(self.db)), ["current", "gen-000003", "gen-000004", "known-files", "lock"])
        self.assertEqual(os.readlink(os.path.join(self.db, "current")), "gen-000004")


class Deletes(Case):
    def setUp(self):
        super().setUp()
        for i in range(40):
            self.write(f"{i:02}.txt", f"Texte {i}")
        self.run_index()

    def test_missing_folder_does_not_empty_the_index(self):
        for name in os.listdir(self.docs):
            os.remove(os.path.join(self.docs, name))
        run = self.run_index()
        self.check(run, 2)
        self.assertIn("40 of 40 known documents are no longer there, and none was deleted", run.err)
        self.assertIn("--allow-deletes", run.err)
        self.assertEqual(len(self.ids()), 40)
        run = self.run_index("--full")
        self.check(run, 2)
        self.assertIn("40 of 40", run.err)
        self.assertEqual(len(self.ids()), 40)
        self.check(self.run_index("--allow-deletes"), 0, deleted=40)
        self.assertEqual(self.ids(), [])

    def test_what_was_added_beside_is_kept(self):
        for i in range(9, 40):
            os.remove(os.path.join(self.docs, f"{i:02}.txt"))
        self.write("new.txt", "Texte neuf")
        self.check(self.run_index(), 2, added=1, unchanged=9)
        self.assertEqual(len(self.ids()), 41)

    def test_fewer_lines_of_jsonl_count_too(self):
        self.write_jsonl("j.jsonl", [{"id": str(i), "text": f"texte {i}"} for i in range(100)])
        self.run_index()
        self.write_jsonl("j.jsonl", [{"id": "0", "text": "texte 0"}])
        self.check(self.run_index(), 2, unchanged=41)
        self.check(self.run_index(), 2, unchanged=41)
        self.check(self.run_index("--allow-deletes"), 0, deleted=99, unchanged=41)
        self.check(self.run_index(), 0, unchanged=41)

    def test_a_handful_may_go(self):
        for i in range(8):
            os.remove(os.path.join(self.docs, f"{i:02}.txt"))
        self.check(self.run_index(), 0, deleted=8, unchanged=32)
        for i in range(8, 18):
            os.remove(os.path.join(self.docs, f"{i:02}.txt"))
        self.check(self.run_index(), 0, deleted=10, unchanged=22)

    def test_folder_that_cannot_be_read_is_spared(self):
        self.write("sub/a.txt", "Texte un")
        self.run_index()
        sub = os.path.join(self.docs, "sub")
        user = {}
        if os.geteuid() == 0:  # for whom no folder is closed
            subprocess.run(["chown", "-R", "65534", self.top], check=True)
            user = {"user": 65534}
            if subprocess.run([harness.INDEX, "--version"], check=False, stdout=subprocess.DEVNULL,
                              stderr=subprocess.DEVNULL, **user).returncode != 0:
                self.skipTest("the program is not open to user 65534")
        os.chmod(sub, 0)
        run = self.run_index(**user)
        os.chmod(sub, 0o755)
        self.check(run, 1, unchanged=40, refused=1)
        self.assertIn("sub: the folder cannot be opened: Permission denied", run.err)
        os.chmod(os.path.join(sub, "a.txt"), 0)
        os.utime(os.path.join(sub, "a.txt"), (5, 5))
        run = self.run_index(**user)
        self.check(run, 1, unchanged=40, refused=1)
        self.assertIn("a.txt: cannot be opened: Permission denied", run.err)
        self.assertIn("sub/a.txt", self.ids())


class BadFiles(Case):
    def refuse(self, name, contents, words):
        self.write("good1.txt", "Un bon texte")
        self.write("zz.txt", "Un autre bon texte")
        self.write(name, contents)
        run = self.run_index()
        self.check(run, 1, added=2, refused=1)
        self.assertIn(words, run.err)
        self.assertEqual(len(run.err.splitlines()), 1, run)
        self.assertEqual(self.ids(), ["good1.txt", "zz.txt"])
        # Told again as long as it stays so, and nothing is written for it.
        stamp = self.stats["stamp"]
        self.check(self.run_index(), 1, unchanged=2, refused=1)
        self.dump()
        self.assertEqual(self.stats["stamp"], stamp)

    def test_empty(self):
        self.refuse("m.txt", "", "m.txt: the text is empty")

    def test_only_a_bom(self):
        self.refuse("m.txt", b"\xef\xbb\xbf", "m.txt: the text is empty")

    def test_only_blanks(self):
        self.refuse("m.txt", " \n\t\r\n\u00a0\n", "m.txt: the text is empty")

    def test_binary(self):
        with open(harness.INDEX, "rb") as file:
            self.refuse("m.txt", file.read(100000), "it is no text")

    def test_nul(self):
        self.refuse("m.txt", "Un texte\0 et la suite, qui est plus longue.", "it is no text")

    def test_too_long(self):
        self.refuse("m.txt", b"a " * (8 << 20) + b"a", "m.txt: it is longer than 16777216 bytes")

    def test_too_many_words(self):
        self.refuse("m.txt", b"a b c " * 800000, "LIMIT_DOCUMENT_WORDS (2000000)")

    def test_sparse_terabyte(self):
        self.write("good1.txt", "Un bon texte")
        with open(os.path.join(self.docs, "m.txt"), "wb") as file:
            file.truncate(1 << 40)
        run = self.run_index()
        self.check(run, 1, added=1, refused=1)
        self.assertIn("nearly all of it are holes", run.err)

    def test_long_name(self):
        name = "d" * 100 + "/" + "f" * 100 + ".txt"
        self.refuse(name, "Texte", "is longer than 200 bytes (it has 205)")

    def test_longest_good_name(self):
        self.write("d" * 99 + "/" + "f" * 96 + ".txt", "Texte")
        self.check(self.run_index(), 0, added=1)

    def test_folder_and_other_things_named_like_texts(self):
        self.write("dir.txt/a.txt", "Texte un")
        os.mkfifo(os.path.join(self.docs, "fifo.txt"))
        with socket.socket(socket.AF_UNIX) as listener:
            os.chdir(self.docs)  # a socket's path is short
            listener.bind("socket.jsonl")
            os.chdir("/")
            run = self.run_index()
        self.check(run, 1, added=1, refused=2)
        self.assertIn("fifo.txt: not a regular file", run.err)
        self.assertIn("socket.jsonl: not a regular file", run.err)
        self.assertEqual(self.ids(), ["dir.txt/a.txt"])

    def test_links_are_not_followed(self):
        self.write("a.txt", "Texte un")
        os.symlink(".", os.path.join(self.docs, "loop"))
        os.symlink("self", os.path.join(self.docs, "self"))
        os.symlink("/etc/passwd", os.path.join(self.docs, "passwd.txt"))
        os.symlink("nowhere", os.path.join(self.docs, "dangling.jsonl"))
        os.symlink("a.txt", os.path.join(self.docs, "image.png"))
        run = self.run_index()
        self.check(run, 1, added=1, refused=4)
        for name in ("loop", "self", "passwd.txt", "dangling.jsonl"):
            self.assertIn(f"/{name}: a symbolic link, which is not followed", run.err)

    def test_names_that_could_do_harm(self):
        self.write("-rf.txt", "Texte un")
        self.write("a\nb.txt", "Texte deux")
        self.write(b"caf\xe9.txt", "Texte trois")
        self.write("\x1b[31m.txt", "Texte quatre")
        self.write("$(id) ; '.txt", "Texte cinq")
        self.check(self.run_index(), 0, added=5)
        self.assertEqual(self.ids(), ["$(id) ; '.txt", "%1B[31m.txt", "-rf.txt", "a%0Ab.txt", "caf%E9.txt"])
        self.write("a\nvoisin-index: x.txt", b"%PDF-")
        self.write(b"\xe9\x1b.txt", b"%PDF-")
        run = self.run_index()
        self.check(run, 1, unchanged=5, refused=2)
        self.assertIn("a\\x0Avoisin-index: x.txt: it is no text", run.err)
        self.assertIn("\\xE9\\x1B.txt: it is no text", run.err)
        self.assertEqual(len(run.err.splitlines()), 2)

    def test_deep_folders(self):
        name = "/".join("d" for _ in range(1000)) + "/a.txt"
        self.write("b.txt", "Texte un")
        for depth in range(1, 1001):
            os.mkdir(os.path.join(self.docs, *["d"] * depth))
        with open(os.path.join(self.docs, name), "w", encoding="utf-8") as file:
            file.write("Texte deux")
        run = self.run_index()
        self.check(run, 1, added=1, refused=1)  # its name is longer than an id may be
        self.assertIn("is longer than 200 bytes", run.err)

    def test_same_relative_name_twice(self):
        other = os.path.join(self.top, "other")
        self.write("a.txt", "Texte un")
        self.write("a.txt", "Texte deux", folder=other)
        run = self.run_index(self.docs, other)
        self.check(run, 1, added=1, refused=1)
        self.assertIn("other/a.txt: duplicate id: ", run.err)
        self.assertIn("docs/a.txt has it already", run.err)
        # When the first one goes, the second comes in, in one run.
        os.remove(os.path.join(self.docs, "a.txt"))
        self.run_index(self.docs, other)
        self.assertEqual(self.dump()["a.txt"]["text"], "Texte deux")

    def test_file_that_grows_while_it_is_read(self):
        # An update, so that it is read only once.
        self.run_index()
        self.write_jsonl("m.jsonl", [{"id": str(i), "text": f"Un texte assez long, le numéro {i}. " * 50}
                                     for i in range(3000)])
        process = self.start_until(lambda process: harness.is_being_read(process.pid, "m.jsonl"), self.docs)
        with open(os.path.join(self.docs, "m.jsonl"), "a", encoding="utf-8") as file:
            file.write('{"id":"last","text":"fin"}\n')
        run = self.go_on(process)
        self.assertEqual(run.code, 1, run)
        self.assertIn("m.jsonl: the file changed while it was read", run.err)
        again = self.run_index()
        self.assertEqual((again.code, sum(again.counts)), (0, 3001), again)
        self.assertEqual(len(self.ids()), 3001)


class BadLines(Case):
    BAD = [
        ("not JSON at all", "not JSON"),
        ('{"id":"x","text":"t"', "not JSON"),
        ('["id"]', "not a JSON object"),
        ('{"id":"x","id":"y","text":"t"}', "duplicate object key"),
        ('{"text":"t"}', 'there is no "id"'),
        ('{"id":"","text":"t"}', 'there is no "id"'),
        ('{"id":"x"}', 'there is no "text"'),
        ('{"id":"x","text":" "}', "the text is empty"),
        ('{"id":"x","text":7}', '"text" is not a string'),
        ('{"id":"x","text":"t","title":[]}', '"title" is not a string'),
        ('{"id":"x","text":"t","date":"hier"}', 'the date "hier" is not a day'),
        ('{"id":"x","text":"t","date":"2015-02-29"}', 'the date "2015-02-29" is not a day'),
        ('{"id":"x\\ny","text":"t"}', "a control character (U+000A) in the id"),
        ('{"id":"' + "x" * 201 + '","text":"t"}', "the id is longer than 200 bytes"),
        ('{"id":"x","text":"t","title":"' + "x" * 4097 + '"}', "the title is longer than 4096 bytes"),
        ('{"id":"x","text":"\\u0000"}', "a NUL character"),
        ('{"id":"x","text":"\\ud800"}', "not JSON"),
        (b'{"id":"x","text":"caf\xe9"}', "invalid UTF-8"),
        ('{"id":"ok0","text":"t"}', "duplicate id: the same file has it already"),
        ("[" * 100000, "not JSON"),
    ]

    def test_each_is_named_and_no_other_is_lost(self):
        lines = []
        for i, (bad, _) in enumerate(self.BAD):
            lines.append(json.dumps({"id": f"ok{i}", "text": f"texte {i}"}).encode())
            lines.append(bad if isinstance(bad, bytes) else bad.encode())
        self.write("m.jsonl", b"\n".join(lines))
        run = self.run_index()
        self.check(run, 1, added=len(self.BAD), refused=len(self.BAD))
        self.assertEqual(self.ids(), sorted(f"ok{i}" for i in range(len(self.BAD))))
        reports = run.err.splitlines()
        self.assertEqual(len(reports), len(self.BAD))
        for i, (_, words) in enumerate(self.BAD):
            self.assertIn(f"m.jsonl:{2 * i + 2}: ", reports[i])
            self.assertIn(words, reports[i])
        # What a bad line may have held before is not deleted, as nobody can tell.
        self.write("m.jsonl", b"\n".join(lines[2:]) + b"\n" + b"{")
        run = self.run_index()
        self.assertEqual(run.counts[2], 0, run)
        self.assertIn("ok0", self.ids())

    def test_ids_at_the_limit_and_nearly_equal(self):
        ids = ["x" * 200, "é" * 100, "Été", "été", "e\u0301te\u0301", "ETE", " x ", "a:b", "Q1", "😀", "%00"]
        self.write_jsonl("m.jsonl", [{"id": i, "text": "texte"} for i in ids])
        self.check(self.run_index(), 0, added=len(ids))
        self.assertEqual(self.ids(), sorted(ids))

    def test_odd_texts(self):
        texts = ["😀 \u202e \u200d \U000e0041 \ufffd", "a" * 100000, "e" + "\u0301" * 300, "ﬁn ß İ", "日本語" * 3000,
                 " ".join(f"mot{i}" for i in range(100000)), "x\ny\r\n\tz\x01\x7f\x85"]
        self.write_jsonl("m.jsonl", [{"id": str(i), "text": t} for i, t in enumerate(texts)])
        self.check(self.run_index(), 0, added=len(texts))
        documents = self.dump()
        for i, text in enumerate(texts):
            self.assertEqual(documents[str(i)]["text"], text)

    def test_line_of_more_than_32_mib(self):
        with open(os.path.join(self.docs, "m.jsonl"), "wb") as file:
            file.write(b'{"id":"a","text":"un"}\n')
            file.write(b'{"id":"b","text":"' + b"x " * (17 << 20) + b'"}\n')
            file.write(b'{"id":"c","text":"deux"}\n')
        run = self.run_index()
        self.check(run, 1, added=2, refused=1)
        self.assertIn("m.jsonl:2: the line is longer than 33554432 bytes", run.err)

    def test_text_of_16_mib(self):
        fits = (1 << 24) - len("id=a\ntitle=\ndate=\nsource=\nurl=\nauthor=\ndated=\nlanguage=\naside=\n\n")
        lines = [{"id": "a", "text": "mot " * (fits // 4) + "x" * (fits % 4)}, {"id": "b", "text": "x" * (fits + 1)}]
        self.write_jsonl("m.jsonl", lines)
        run = self.run_index()
        self.assertEqual(run.counts[4], 2, run)  # one has too many words, the other too many bytes
        self.assertIn("m.jsonl:2: the document is longer than 16777216 bytes", run.err)
        self.write_jsonl("m.jsonl", [{"id": "a", "text": "anticonstitutionnellement " * (fits // 26 - 4)}])
        self.check(self.run_index(), 0, added=1)


class Console(Case):
    def test_bad_command_lines(self):
        self.write("a.txt", "Texte un")
        for args, words in [
            ((self.docs + "/nowhere",), "nowhere: No such file or directory"),
            (("/dev/null",), "neither a folder nor"),
            ((harness.INDEX,), "neither a folder nor"),
            (("--fool", self.docs), "there is no option --fool"),
        ]:
            run = self.run_index(*args)
            self.assertEqual(run.code, 2, run)
            self.assertIn(words, run.err)
            self.assertFalse(os.path.exists(self.db))
        process = subprocess.run([harness.INDEX], capture_output=True, check=False)
        self.assertEqual(process.returncode, 2)
        self.assertIn(b"--db DIR", process.stderr)

    def test_help_and_version(self):
        for option in ("--help", "--version"):
            process = subprocess.run([harness.INDEX, option], capture_output=True, check=False)
            self.assertEqual((process.returncode, process.stderr), (0, b""))
            self.assertIn(b"voisin-index", process.stdout)
            with open("/dev/full", "wb") as full:
                process = subprocess.run([harness.INDEX, option], stdout=full, check=False)
            self.assertEqual(process.returncode, 2)

    def test_output_that_cannot_be_written(self):
        self.write("a.txt", "Texte un")
        with open("/dev/full", "wb") as full:
            process = subprocess.run([harness.INDEX, "--db", self.db, self.docs], stdout=full,
                                     stderr=subprocess.PIPE, check=False)
        self.assertEqual(process.returncode, 2)
        self.assertIn(b"could not be written", process.stderr)
        self.assertEqual(self.ids(), ["a.txt"])

    def test_closed_standard_streams(self):
        """Descriptors 0 to 2 must not become files of the index that messages are written to."""
        self.write("a.txt", "Texte un")
        self.write("b.txt", b"%PDF-")
        for closed in ("<&- >&- 2>&-", "2>&-", ">&-"):
            subprocess.run(["sh", "-c", f'exec "$0" --full --db "$1" "$2" {closed}', harness.INDEX, self.db, self.docs],
                           check=False, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            self.assertEqual(self.ids(), ["a.txt"])

    def test_progress_on_a_terminal(self):
        self.write_jsonl("m.jsonl", [{"id": str(i), "text": f"Un texte, le numéro {i}. " * 100} for i in range(500)])
        for options, expected in (((), True), (("--quiet",), False)):
            leader, follower = os.openpty()
            process = subprocess.Popen([harness.INDEX, "--full", *options, "--db", self.db, self.docs],
                                       stdout=subprocess.PIPE, stderr=follower)
            os.close(follower)
            shown = b""
            try:
                while chunk := os.read(leader, 65536):
                    shown += chunk
            except OSError:  # the other end was closed
                pass
            os.close(leader)
            out = process.communicate(timeout=60)[0]
            self.assertEqual(process.returncode, 0)
            self.assertTrue(harness.SUMMARY.match(out.decode().strip()))
            self.assertEqual(b"MB/s" in shown and b"[" in shown, expected, shown)
            self.assertEqual(b"writing the index  500 documents" in shown, expected, shown)
            self.assertNotIn(b"\x1b", shown)
            if expected:
                self.assertTrue(shown.endswith(b"\r"), shown[-100:])

    def test_no_progress_without_a_terminal(self):
        self.write("a.txt", "Texte un")
        self.assertEqual(self.run_index().err, "")

    def test_hostile_environment(self):
        self.write("a.txt", "Un été à Alep")
        for env in ({"LC_ALL": "tr_TR.UTF-8"}, {"LC_ALL": "C", "PATH": ""}, {"XAPIAN_FLUSH_THRESHOLD": "1"},
                    {"XAPIAN_FLUSH_THRESHOLD": "rubbish", "TERM": "", "HOME": "/nonexistent"}):
            self.check(self.run_index("--full", env=env), 0, added=1)
            self.assertEqual(self.ids(), ["a.txt"])


class Stops(Case):
    def setUp(self):
        super().setUp()
        self.write_jsonl("m.jsonl", [{"id": str(i), "text": f"Un texte assez long, le numéro {i}. " * 50}
                                     for i in range(3000)])

    def has_build(self, _):
        return os.path.isdir(self.db) and any(n.endswith(".tmp") for n in os.listdir(self.db))

    def test_build_that_is_stopped_leaves_nothing(self):
        for number in (signal.SIGINT, signal.SIGTERM):
            run = self.go_on(self.start_until(self.has_build, self.docs), number)
            self.assertEqual(run.code, 128 + number, run)
            self.assertIn("stopped by a signal", run.err)
            self.assertIsNotNone(run.counts)
            self.assertEqual(os.listdir(self.db), ["lock"])
        self.check(self.run_index(), 0, added=3000)

    def test_update_that_is_stopped_keeps_what_was_done(self):
        self.write("a.txt", "Texte un")
        self.run_index(os.path.join(self.docs, "a.txt"))
        self.write_jsonl("n.jsonl", [{"id": f"n{i}", "text": f"Un texte court, le numéro {i}."} for i in range(9000)])
        manifest = os.path.join(self.db, "current", "manifest")

        def has_committed(_):
            return os.path.exists(os.path.join(self.db, "current", "inverted.1"))

        run = self.go_on(self.start_until(has_committed, self.docs), signal.SIGTERM)
        self.assertEqual(run.code, 143, run)
        added = run.counts[0]
        self.assertTrue(0 < added < 12000, added)
        self.assertEqual(len(self.ids()), 1 + added)
        with open(manifest, encoding="ascii") as file:
            self.assertIn("state sealed", file.read())
        again = self.run_index()
        self.check(again, 0, added=12000 - added, unchanged=1 + added)

    def test_second_run_is_told_of_the_first(self):
        process = self.start_until(self.has_build, self.docs)
        run = self.run_index()
        self.check(run, 2)
        self.assertIn(f"is being written by process {process.pid}", run.err)
        self.go_on(process, signal.SIGKILL)
        self.check(self.run_index(), 0, added=3000)
        self.assertEqual(sorted(os.listdir(self.db)), ["current", "gen-000001", "known-files", "known-records", "lock"])

    def test_file_size_limit(self):
        """Too little room, and no death by SIGXFSZ: what was there before stays, and the exit status tells."""
        self.write("a.txt", "Texte un")
        self.run_index(os.path.join(self.docs, "a.txt"))
        for option in ((), ("--full",)):
            command = 'ulimit -f 400; exec "$0" "$@"'
            # libxapian 1.4.22 itself leaks when a write fails.
            process = subprocess.run(["sh", "-c", command, harness.INDEX, *option, "--db", self.db, self.docs],
                                     capture_output=True, check=False, timeout=120,
                                     env={**os.environ, "ASAN_OPTIONS": "detect_leaks=0"})
            self.assertEqual(process.returncode, 2, process)
            self.assertIn(b"File too large", process.stderr)
            self.assertIn("a.txt", self.ids())
        self.assertFalse(any(n.endswith(".tmp") for n in os.listdir(self.db)))
        before = len(self.ids())
        run = self.run_index()
        self.assertEqual((run.code, run.counts[0]), (0, 3001 - before), run)

    def test_folder_that_may_not_be_written(self):
        if os.geteuid() == 0:
            self.skipTest("root may write anywhere")
        os.mkdir(self.db)
        os.chmod(self.db, stat.S_IRUSR | stat.S_IXUSR)
        run = self.run_index()
        self.assertEqual(run.code, 2, run)
        self.assertIn("Permission denied", run.err)


if __name__ == "__main__":
    harness.main()
