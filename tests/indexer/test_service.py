# SPDX-License-Identifier: GPL-2.0-or-later
"""voisin-index left alone: --watch, what it tells programs and people meanwhile, --stats and --verify."""

import json
import os
import random
import select
import signal
import subprocess

import harness
from harness import INDEX, Case

WAIT_S = 60  # for an event that will come; no test waits for one that must not


class Watcher:
    """A running `voisin-index --watch`, read line by line."""

    def __init__(self, *args):
        self.process = subprocess.Popen([INDEX, "--watch", *args], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.rest = b""

    def line(self):
        """The next line of standard output."""
        while b"\n" not in self.rest:
            ready, _, _ = select.select([self.process.stdout], [], [], WAIT_S)
            more = os.read(self.process.stdout.fileno(), 65536) if ready else b""
            if not more:
                self.process.kill()
                raise AssertionError(f"no more lines: {self.process.communicate()[1]}")
            self.rest += more
        line, self.rest = self.rest.split(b"\n", 1)
        return line.decode("utf-8")

    def end(self):
        """The end of the next run that has news."""
        while True:
            event = json.loads(self.line())
            if event["event"] == "end":
                return event

    def stop(self, number=signal.SIGTERM):
        self.process.send_signal(number)
        _, err = self.process.communicate(timeout=WAIT_S)
        return self.process.returncode, err.decode()


class Watch(Case):
    def setUp(self):
        super().setUp()
        self.conf = os.path.join(self.top, "voisin.conf")
        with open(self.conf, "w", encoding="utf-8") as file:
            file.write(f"[index]\npath = {self.db}\n[source presse]\npath = {self.docs}\nexclude = brouillons\n"
                       "[watch]\nquiet = 100 ms\nlongest = 2 s\n")

    def watch(self, *args):
        watcher = Watcher("--config", self.conf, *args)
        self.addCleanup(watcher.process.stdout.close)
        self.addCleanup(watcher.process.stderr.close)
        self.addCleanup(watcher.process.kill)
        return watcher

    def collect(self, watcher, done):
        """Ends of runs until the documents of the index satisfy `done`."""
        ends = [watcher.end()]
        while not done(self.ids()):
            ends.append(watcher.end())
        return ends

    def test_changes_are_indexed_as_they_come(self):
        self.write("a.txt", "Texte un")
        watcher = self.watch("--json")
        self.assertEqual(watcher.end()["added"], 1)
        self.write("b.txt", "Texte deux")
        self.collect(watcher, lambda ids: ids == ["a.txt", "b.txt"])
        os.rename(os.path.join(self.docs, "a.txt"), os.path.join(self.docs, "c.txt"))
        ends = self.collect(watcher, lambda ids: ids == ["b.txt", "c.txt"])
        self.assertEqual(sum(end["moved"] for end in ends), 1)
        os.remove(os.path.join(self.docs, "b.txt"))
        self.collect(watcher, lambda ids: ids == ["c.txt"])
        self.assertEqual(watcher.stop(), (0, ""))

    def test_people_are_told_what_is_watched(self):
        self.write("a.txt", "Texte un")
        self.write("sous/b.txt", "Texte deux")
        watcher = self.watch()
        while not (line := watcher.line()).startswith("watching"):
            pass
        self.assertEqual(line, "watching 2 folders")
        self.assertEqual(watcher.stop()[0], 0)

    def test_new_folders_are_watched_and_moved_ones_too(self):
        watcher = self.watch("--json")
        watcher.end()
        self.write("neuf/sous/a.txt", "Texte un")
        self.collect(watcher, lambda ids: ids == ["neuf/sous/a.txt"])
        self.write("neuf/sous/b.txt", "Texte deux")
        self.collect(watcher, lambda ids: len(ids) == 2)
        os.rename(os.path.join(self.docs, "neuf"), os.path.join(self.docs, "vieux"))
        self.collect(watcher, lambda ids: ids == ["vieux/sous/a.txt", "vieux/sous/b.txt"])
        self.write("vieux/sous/c.txt", "Texte trois")
        self.collect(watcher, lambda ids: len(ids) == 3)
        self.assertEqual(watcher.stop(signal.SIGINT), (0, ""))

    def test_a_burst_is_few_runs(self):
        watcher = self.watch("--json")
        watcher.end()
        for i in range(300):
            self.write(f"{i}.txt", f"Texte {i}")
        ends = self.collect(watcher, lambda ids: len(ids) == 300)
        self.assertEqual(sum(end["added"] for end in ends), 300)
        self.assertLess(len(ends), 60)
        watcher.stop()

    def test_a_source_that_goes_away_and_comes_back(self):
        for i in range(20):
            self.write(f"{i}.txt", f"Texte {i}")
        watcher = self.watch("--json")
        self.assertEqual(watcher.end()["added"], 20)
        away = self.docs + ".away"
        os.rename(self.docs, away)
        self.assertEqual(watcher.end()["status"], "not_found")
        self.assertEqual(len(self.ids()), 20)
        os.rename(away, self.docs)
        self.write("neuf.txt", "Texte neuf")
        self.collect(watcher, lambda ids: len(ids) == 21)
        self.write("encore.txt", "Texte de plus")
        self.collect(watcher, lambda ids: len(ids) == 22)
        watcher.stop()

    def test_an_emptied_source_is_not_emptied_in_the_index(self):
        for i in range(20):
            self.write(f"{i}.txt", f"Texte {i}")
        watcher = self.watch("--json")
        watcher.end()
        for i in range(20):
            os.remove(os.path.join(self.docs, f"{i}.txt"))
        end = watcher.end()
        while end["status"] == "ok":  # runs that came while few were gone
            end = watcher.end()
        self.assertEqual(end["status"], "limit")
        self.assertIn("of source presse are no longer there", end["message"])
        self.assertGreaterEqual(len(self.ids()), 10)
        watcher.stop()

    def test_a_job_beside_it(self):
        """The lock is held during runs only, so that a periodic run is possible between them."""
        watcher = self.watch("--json")
        watcher.end()
        other = os.path.join(self.top, "other")
        os.mkdir(other)
        self.write("o.txt", "Autre texte", folder=other)
        self.check(self.run_index(other), 0, added=1)
        watcher.stop()

    def test_what_it_goes_with(self):
        for args in (["--full"], ["--dry-run"], ["--allow-deletes"], ["--check"], ["--stats"], ["--verify"]):
            run = subprocess.run([INDEX, "--config", self.conf, "--watch", *args], capture_output=True, text=True,
                                 check=False)
            self.assertEqual(run.returncode, 2, run)
            self.assertIn("--watch", run.stderr)


class Told(Case):
    def lines(self, run):
        return [json.loads(line) for line in run.out.splitlines()]

    def test_json(self):
        self.write("a.txt", "Texte un")
        self.write(b"caf\xe9.txt", b"\xff\xfe")
        self.write_jsonl("j.jsonl", [{"id": "1"}])
        run = self.run_index("--json")
        self.assertEqual((run.code, run.err), (1, ""), run)
        *events, end = self.lines(run)
        refused = [event for event in events if event["event"] == "refused"]
        self.assertEqual([(os.path.basename(event["what"]), event["line"]) for event in refused],
                         [("caf\\xE9.txt", 0), ("j.jsonl", 1)])
        self.assertLessEqual({event["event"] for event in events}, {"refused", "progress"})
        self.assertTrue(all(event["why"] for event in refused))
        self.assertEqual({k: end[k] for k in ("event", "status", "message", "dry_run", "added", "refused")},
                         {"event": "end", "status": "ok", "message": "", "dry_run": False, "added": 1, "refused": 2})
        self.assertGreater(end["bytes"], 0)

    def test_json_of_a_failure(self):
        run = self.run_index("--json", os.path.join(self.top, "missing"))
        self.assertEqual(run.code, 2)
        self.assertEqual(self.lines(run)[-1]["status"], "not_found")
        self.assertIn("missing", self.lines(run)[-1]["message"])

    def test_stats(self):
        other = os.path.join(self.top, "other")
        self.write_jsonl("j.jsonl", [{"id": "1", "text": "un deux", "date": "2016-12-01"},
                                     {"id": "2", "text": "trois", "date": "2017-01-01"}])
        self.write("a.txt", "Texte un")
        self.write("o.txt", "Autre texte", folder=other)
        self.check(self.run_index(self.docs, other), 0, added=4)
        conf = os.path.join(self.top, "voisin.conf")
        with open(conf, "w", encoding="utf-8") as file:
            file.write(f"[index]\npath = {self.db}\n[source presse]\npath = {self.docs}\n[source vide]\npath = {self.top}/v\n")
        run = subprocess.run([INDEX, "--config", conf, "--stats", "--json"], capture_output=True, check=True)
        stats = json.loads(run.stdout)
        self.assertEqual((stats["index"], stats["generation"], stats["documents"], stats["words"]),
                         (self.db, "gen-000001", 4, 7))
        self.assertEqual(stats["sources"], [{"name": "presse", "documents": 3, "files": 2},
                                            {"name": "vide", "documents": 0, "files": 0},
                                            {"name": "", "documents": 1, "files": 1}])
        self.assertEqual((stats["years"]["2016"], stats["years"]["2017"]), (1, 1))
        self.assertGreater(stats["tables"]["postlist.glass"], 0)
        run = subprocess.run([INDEX, "--db", self.db, "--stats"], capture_output=True, text=True, check=True)
        for line in (f"index {self.db}, gen-000001, revision ", "4 documents, 7 words\n", "year 2016: 1 documents\n",
                     "no source: 4 documents in 3 files\n", "table postlist.glass: "):
            self.assertIn(line, run.stdout)

    def test_stats_of_no_index(self):
        run = subprocess.run([INDEX, "--db", self.db, "--stats"], capture_output=True, text=True, check=False)
        self.assertEqual(run.returncode, 2, run)
        self.assertFalse(os.path.exists(self.db))


class Verify(Case):
    def setUp(self):
        super().setUp()
        for i in range(50):
            self.write(f"{i}.txt", f"Titre {i}\n\n" + f"Texte {i} et encore des mots. " * 50)
        self.check(self.run_index(), 0, added=50)
        self.generation = os.path.join(self.db, "gen-000001")

    def verify(self):
        run = subprocess.run([INDEX, "--db", self.db, "--verify", "--json"], capture_output=True, timeout=300,
                             check=False)
        return run.returncode, json.loads(run.stdout)

    def long_texts(self):
        """Texts that do not compress well, so that they fill many blocks."""
        dice = random.Random(7)
        for i in range(60):
            self.write(f"long{i}.txt", "Titre\n\n" + " ".join(f"{dice.getrandbits(60):x}" for _ in range(300)))
        return self.run_index()

    def damage_text(self):
        """Changes one bit in the middle of the stored texts, near the end of a block, where items are."""
        at = os.path.getsize(os.path.join(self.generation, "docdata.glass")) // 2 // 8192 * 8192 + 8000
        old = self.damage("docdata.glass", at, b"x")
        self.damage("docdata.glass", at, bytes([old[0] ^ 1]))

    def damage(self, table, at, bytes_):
        with open(os.path.join(self.generation, table), "r+b") as file:
            file.seek(at)
            old = file.read(len(bytes_))
            file.seek(at)
            file.write(bytes_)
        return old

    def test_whole(self):
        code, said = self.verify()
        self.assertEqual((code, said["hashes"], said["structure"]), (0, "ok", "ok"), said)
        run = subprocess.run([INDEX, "--db", self.db, "--verify"], capture_output=True, text=True, check=True)
        self.assertEqual(run.stdout, "hashes: every byte is as it was written\nstructure: Xapian finds nothing wrong\n")

    def test_whole_after_an_update(self):
        for round_ in range(3):
            self.write(f"neuf{round_}.txt", "Un texte neuf")
            self.write("3.txt", f"Un autre texte, {round_}")
            self.check(self.run_index(), 0, added=1, changed=1, unchanged=49 + round_)
            code, said = self.verify()
            self.assertEqual((code, said["hashes"], said["structure"]), (0, "ok", "ok"), said)

    def test_whole_after_many_updates(self):
        """Only what was changed is hashed again, so that anything missed would be told here."""
        dice = random.Random(2016)
        names = [f"{i}.txt" for i in range(50)]
        for round_ in range(20):
            for _ in range(dice.randint(1, 12)):
                name = dice.choice(names)
                what = dice.choice("new new change change delete move".split())
                if what == "new":
                    names.append(f"n{round_}-{len(names)}.txt")
                    self.write(names[-1], "Titre\n\n" + " ".join(dice.choices("un deux trois quatre cinq six".split(),
                                                                            k=dice.randint(1, 3000))))
                elif what == "change":
                    self.write(name, f"Titre {round_}\n\n" + "Un autre texte. " * dice.randint(1, 400))
                elif what == "delete":
                    os.remove(os.path.join(self.docs, name))
                    names.remove(name)
                else:
                    names.remove(name)
                    names.append(f"m{round_}-{len(names)}.txt")
                    os.rename(os.path.join(self.docs, name), os.path.join(self.docs, names[-1]))
            self.assertEqual(self.run_index("--allow-deletes").code, 0)
            code, said = self.verify()
            self.assertEqual((code, said["hashes"], said["structure"]), (0, "ok", "ok"), (round_, said))
        self.assertEqual(self.ids(), sorted(os.listdir(self.docs)))

    def test_damage_is_not_sealed_in(self):
        """A block that rots between two runs is not what the second run vouches for."""
        self.check(self.long_texts(), 0, added=60, unchanged=50)
        self.damage_text()
        self.write("neuf.txt", "Un texte neuf")
        self.check(self.run_index(), 0, added=1, unchanged=110)
        code, said = self.verify()
        self.assertEqual((code, said["hashes"]), (2, "damaged"), said)

    def test_hashes_of_blocks_that_are_gone(self):
        """They only save work."""
        blocks = os.path.join(self.generation, "blocks")
        for contents in (None, b"", b"x" * 16, os.urandom(os.path.getsize(blocks))):
            os.remove(blocks)
            if contents is not None:
                with open(blocks, "wb") as file:
                    file.write(contents)
            self.write("neuf.txt", f"Un texte neuf {contents}")
            self.assertEqual(self.run_index().code, 0)
            self.assertEqual(self.verify()[0], 0)

    def test_one_bit(self):
        """One bit of a stored text, which Xapian's check cannot know of."""
        self.check(self.long_texts(), 0, added=60, unchanged=50)
        self.damage_text()
        code, said = self.verify()
        self.assertEqual((code, said["hashes"]), (2, "damaged"), said)
        self.assertIn("docdata.glass is not as it was written", said["hashes_why"])

    def test_ruined_table(self):
        """Whatever Xapian makes of it, a crash too, is reported, and ours is not the process that dies."""
        size = os.path.getsize(os.path.join(self.generation, "postlist.glass"))
        for at, bytes_ in ((0, b"\xff" * 4096), (size // 2, b"\x00" * 8192), (100, os.urandom(2000))):
            old = self.damage("postlist.glass", at, bytes_)
            code, said = self.verify()
            self.assertEqual((code, said["hashes"]), (2, "damaged"), said)
            self.damage("postlist.glass", at, old)
        self.assertEqual(self.verify()[0], 0)

    def test_missing_table(self):
        for name in ("inverted", "termlist.glass"):
            os.rename(os.path.join(self.generation, name), os.path.join(self.top, name))
            code, said = self.verify()
            self.assertEqual((code, said["hashes"]), (2, "damaged"), said)
            self.assertIn(name, said["hashes_why"])
            if name == "inverted":
                self.assertEqual(said["structure"], "damaged", said)
            os.rename(os.path.join(self.top, name), os.path.join(self.generation, name))
        self.assertEqual(self.verify()[0], 0)

    def test_while_a_job_is_at_work(self):
        fifo = os.path.join(self.docs, "long.jsonl")
        os.mkfifo(fifo)  # is refused, so that the job goes on: what holds it up is the pipe that reads its lines
        self.write("p.jsonl", "".join(json.dumps({"id": f"p{i}"}) + "\n" for i in range(20000)))
        job = self.start(self.docs)
        line = job.stderr.readline()
        self.assertIn(b"refused", line)
        run = subprocess.run([INDEX, "--db", self.db, "--verify"], capture_output=True, text=True, check=False)
        self.assertEqual(run.returncode, 2, run)
        self.assertIn(f"is being written by process {job.pid}", run.stderr)
        job.communicate(timeout=WAIT_S)


harness.main()
