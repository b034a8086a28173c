# SPDX-License-Identifier: GPL-2.0-or-later
"""Standing queries: each new document is reported where a query says, once, whatever happens in between."""

import collections
import json
import os
import shutil
import subprocess
import unittest

import harness
from harness import INDEX, Case, Run

SENDMAIL = """#!/bin/sh
printf '%s\\n' "$*" >>{top}/arguments
cat >>{top}/mails
printf '%s\\n' -- >>{top}/mails
"""


class Alerts(Case):
    def setUp(self):
        super().setUp()
        self.file = os.path.join(self.top, "alerts.conf")
        self.hits = os.path.join(self.top, "hits.jsonl")
        self.write("vieux.txt", "Un cessez-le-feu à Alep, il y a longtemps")

    def configure(self, text):
        with open(self.file, "w", encoding="utf-8") as file:
            file.write(text)

    def one(self, way):
        self.configure(f'[alert trêve]\nquery = "cessez le feu" NEAR Alep\n{way}\n')

    def job(self, *args, env=None, before=()):
        command = [*before, INDEX, "--db", self.db, "--alerts", self.file, *args, self.docs]
        process = subprocess.run(command, capture_output=True, timeout=300, check=False, env=env)
        return Run(process, process.stdout, process.stderr)

    def lines(self, path=None):
        try:
            with open(path or self.hits, encoding="utf-8") as file:
                return [json.loads(line) for line in file]
        except FileNotFoundError:
            return []

    def ids_of(self, path=None):
        return [line["id"] for line in self.lines(path)]

    def first(self):
        run = self.job()
        self.assertEqual(run.code, 0, run)
        self.assertIn("the first time all documents are noted, and none is reported", run.err)

    def test_new_documents_alone_are_reported_once(self):
        self.one(f"file = {self.hits}")
        self.first()
        self.assertEqual(self.lines(), [])
        self.write_jsonl("j.jsonl", [
            {"id": "a", "title": "La trêve", "text": "Le cessez-le-feu à Alep tient.", "date": "2016-12-15",
             "source": "AFP", "url": "https://exemple.example/a"},
            {"id": "b", "text": "Rien à Alep."}, {"id": "c", "text": "Un cessez le feu, dit-on, à Alep."}])
        run = self.job()
        self.assertEqual((run.code, run.err), (0, ""), run)
        self.assertEqual(sorted(self.ids_of()), ["a", "c"])
        line = next(line for line in self.lines() if line["id"] == "a")
        self.assertEqual({k: v for k, v in line.items() if k != "passages"},
                         {"alert": "trêve", "id": "a", "title": "La trêve", "date": "2016-12-15", "source": "AFP",
                          "url": "https://exemple.example/a"})
        self.assertIn("cessez-le-feu à Alep", "".join(line["passages"]))
        for args in ((), ("--full",)):
            self.assertEqual(self.job(*args).code, 0)
            self.assertEqual(len(self.lines()), 2)

    def test_changed_documents(self):
        self.one(f"file = {self.hits}")
        self.write("a.txt", "Rien de neuf")
        self.first()
        self.write("a.txt", "Un cessez-le-feu à Alep")
        self.job()
        self.assertEqual(self.ids_of(), ["a.txt"])
        self.write("a.txt", "Un cessez-le-feu à Alep, encore")  # matched again, and reported already
        self.job()
        self.assertEqual(self.ids_of(), ["a.txt"])

    def test_documents_that_came_without_alerts(self):
        self.one(f"file = {self.hits}")
        self.first()
        self.write("a.txt", "Un cessez-le-feu à Alep")
        self.check(self.run_index(), 0, added=1, unchanged=1)
        self.check(self.job(), 0, unchanged=2)
        self.assertEqual(self.ids_of(), ["a.txt"])

    def test_a_new_query_is_about_what_comes_from_then_on(self):
        self.one(f"file = {self.hits}")
        self.first()
        self.write("a.txt", "La pluie à Brest")
        self.job()
        self.configure(f"[alert pluie]\nquery = pluie\nfile = {self.hits}\n")
        self.job()
        self.assertEqual(self.lines(), [])
        self.write("b.txt", "La pluie à Rennes")
        self.job()
        self.assertEqual(self.ids_of(), ["b.txt"])

    def test_many_documents_and_queries(self):
        self.configure("".join(f"[alert n{i}]\nquery = mot{i}\nfile = {self.hits}.{i}\n" for i in range(5)))
        self.first()
        self.write_jsonl("j.jsonl", [{"id": f"d{i}", "text": f"mot{i % 5} du document {i}"} for i in range(1203)])
        run = self.job()
        self.assertEqual(run.code, 0, run)
        for i in range(5):
            self.assertEqual(sorted(self.ids_of(f"{self.hits}.{i}")), sorted(f"d{n}" for n in range(i, 1203, 5)))

    def test_any(self):
        self.configure(f"[alert x]\nquery = pluie neige\nany = oui\nfile = {self.hits}\n")
        self.first()
        self.write("a.txt", "La pluie à Brest")
        self.job()
        self.assertEqual(self.ids_of(), ["a.txt"])

    def test_stdout(self):
        self.one("stdout = yes")
        self.first()
        self.write("a.txt", "Un cessez-le-feu à Alep")
        run = self.job()
        line, _ = run.out.splitlines()
        self.assertEqual(json.loads(line)["id"], "a.txt")
        self.check(run, 0, added=1, unchanged=1)

    def test_command(self):
        script = os.path.join(self.top, "commande")
        with open(script, "w", encoding="utf-8") as file:
            file.write(f'#!/bin/sh\nprintf "%s|" "$#" "$1" "$2" "$VOISIN_ALERT" "$HOME" >>{self.top}/arguments\n'
                       f"cat >>{self.hits}\necho lost\n")
        os.chmod(script, 0o755)
        self.one(f'command = {script} "deux mots" $(touch${{IFS}}x);')
        self.first()
        self.write("a.txt", "Un cessez-le-feu à Alep")
        run = self.job()
        self.assertEqual((run.code, run.err), (0, ""), run)
        self.assertEqual(self.ids_of(), ["a.txt"])
        with open(os.path.join(self.top, "arguments"), encoding="utf-8") as file:
            self.assertEqual(file.read(), "2|deux mots|$(touch${IFS}x);|trêve||")
        self.check(run, 0, added=1, unchanged=1)

    def test_command_that_fails_is_tried_again(self):
        script = os.path.join(self.top, "commande")
        with open(script, "w", encoding="utf-8") as file:
            file.write(f"#!/bin/sh\ntest -e {self.top}/ready || exit 3\ncat >>{self.hits}\n")
        os.chmod(script, 0o755)
        self.configure(f"[alert a]\nquery = Alep\ncommand = {script}\n"
                       f"[alert b]\nquery = Alep\nfile = {self.hits}.b\n[alert c]\nquery = Alep\ncommand = /no/program\n")
        self.first()
        self.write("a.txt", "Un cessez-le-feu à Alep")
        run = self.job()
        self.assertEqual(run.code, 2, run)
        self.assertIn(f"alerts.conf:1: {script} ended with status 3", run.err)
        self.assertIn("alerts.conf:7: /no/program cannot be started", run.err)
        self.assertEqual(self.ids_of(self.hits + ".b"), ["a.txt"])
        with open(os.path.join(self.top, "ready"), "w", encoding="utf-8"):
            pass
        self.assertEqual(self.job().code, 2)  # c
        self.assertEqual(self.ids_of(), ["a.txt"])
        self.assertEqual(self.ids_of(self.hits + ".b"), ["a.txt"])

    def test_command_that_does_not_read_its_input(self):
        self.one("command = /bin/true")
        self.first()
        self.write_jsonl("j.jsonl", [{"id": f"d{i}", "title": "t" * 1000, "text": "Un cessez-le-feu à Alep"}
                                     for i in range(400)])
        run = self.job()
        self.assertEqual((run.code, run.err), (0, ""), run)

    def test_mail(self):
        sendmail = os.path.join(self.top, "sendmail")
        with open(sendmail, "w", encoding="utf-8") as file:
            file.write(SENDMAIL.format(top=self.top))
        os.chmod(sendmail, 0o755)
        self.one("mail = redaction@exemple.example")
        with open(self.file, "a", encoding="utf-8") as file:
            file.write(f"[mail]\nsendmail = {sendmail}\n")
        self.first()
        self.write("a.txt", "La trêve\n\nUn cessez-le-feu à Alep")
        self.assertEqual(self.job().code, 0)
        with open(os.path.join(self.top, "arguments"), encoding="utf-8") as file:
            self.assertEqual(file.read(), "-t -i\n")
        with open(os.path.join(self.top, "mails"), encoding="utf-8") as file:
            head, body = file.read().split("\n\n", 1)
        self.assertEqual(head.splitlines(),
                         ["To: redaction@exemple.example", "Subject: =?UTF-8?B?dHLDqnZl?=", "MIME-Version: 1.0",
                          "Content-Type: text/plain; charset=UTF-8", "Content-Transfer-Encoding: 8bit",
                          "Auto-Submitted: auto-generated"])
        self.assertRegex(body, r'^"cessez le feu" NEAR Alep\n\nLa trêve\n\d{4}-\d\d-\d\d a\.txt\n  Un cessez')

    def test_what_is_wrong_is_said_before_the_run(self):
        for text, said in (
                ("[alert a]\nfile = /x\n", "alerts.conf:1: [alert a] has no query"),
                ("[alert a]\nquery = x NEAR\nfile = /x\n", "alerts.conf:2: query: column 3 of the query: NEAR has nothing"),
                ("[alert a]\nquery = x\n", "alerts.conf:1: [alert a] does not say where its hits go"),
                ("[alert a]\nquery = x\nstdout = no\n", "alerts.conf:1: [alert a] does not say where its hits go"),
                ("[alert a]\nquery = x\nfile = x\n", "alerts.conf:3: file: the path must begin with /"),
                ("[alert a]\nquery = x\nfile = /x\nmail = a@b\n", "alerts.conf:4: mail: a query has one way"),
                ("[alert a]\nquery = x\nmail = -t\n", "alerts.conf:3: mail: that is no address"),
                ("[alert a]\nquery = x\ncommand = mail a\n", "alerts.conf:3: command: the program's path"),
                ('[alert a]\nquery = x\ncommand = /bin/a "b\n', "alerts.conf:3: command: the closing quote"),
                ("[alert a]\nquery = x\ncommand = /bin/a" + " b" * 32 + "\n", "alerts.conf:3: command: more than 32 words"),
                ("[alrt a]\n", "alerts.conf:1: there is no section [alrt]; is [alert] meant?")):
            self.configure(text)
            for args in ((), ("--check",)):
                run = self.job(*args)
                self.assertEqual(run.code, 2, run)
                self.assertIn(said, run.err)
        self.assertFalse(os.path.exists(self.db))

    def test_from_the_configuration_file(self):
        conf = os.path.join(self.top, "voisin.conf")
        with open(conf, "w", encoding="utf-8") as file:
            file.write(f"[index]\npath = {self.db}\n[source s]\npath = {self.docs}\n[alerts]\nfile = {self.file}\n")
        self.one(f"file = {self.hits}")
        self.first()
        self.write("a.txt", "Un cessez-le-feu à Alep")
        subprocess.run([INDEX, "--config", conf, "--dry-run"], check=True, capture_output=True)
        self.assertEqual(self.lines(), [])
        subprocess.run([INDEX, "--config", conf], check=True, capture_output=True)
        self.assertEqual(self.ids_of(), ["a.txt"])

    def test_file_that_is_none(self):
        self.one(f"file = {self.hits}")
        self.first()
        os.mkfifo(self.hits)
        self.write("a.txt", "Un cessez-le-feu à Alep")
        run = self.job()
        self.assertEqual(run.code, 2, run)
        os.remove(self.hits)
        self.assertEqual(self.job().code, 0)
        self.assertEqual(self.ids_of(), ["a.txt"])

    def test_killed_while_a_command_has_the_hits(self):
        """At least once: the note that it was delivered comes after the delivery."""
        script = os.path.join(self.top, "commande")
        with open(script, "w", encoding="utf-8") as file:
            file.write(f"#!/bin/sh\ncat >>{self.hits}\ntest -e {self.top}/second || {{ >{self.top}/second; kill -9 $PPID; }}\n")
        os.chmod(script, 0o755)
        self.one(f"command = {script}")
        self.first()
        self.write("a.txt", "Un cessez-le-feu à Alep")
        self.assertEqual(self.job().code, -9)
        self.assertEqual(self.job().code, 0)
        self.assertEqual(self.ids_of(), ["a.txt", "a.txt"])
        self.assertEqual(self.job().code, 0)
        self.assertEqual(self.ids_of(), ["a.txt", "a.txt"])

    def test_state_that_is_damaged(self):
        self.one(f"file = {self.hits}")
        self.first()
        self.write("a.txt", "Un cessez-le-feu à Alep")
        self.job()
        seen = os.path.join(self.db, "alerts/seen")
        with open(seen, "r+b") as file:
            file.truncate(os.path.getsize(seen) - 3)
        self.first()  # begins anew, and says so
        with open(os.path.join(self.db, "alerts/reported"), "ab") as file:
            file.write(b"abc")  # a pair that a power cut left in part
        self.write("b.txt", "Un cessez-le-feu à Alep")
        self.assertEqual(self.job().code, 0)
        self.assertEqual(self.ids_of(), ["a.txt", "b.txt"])


@unittest.skipUnless(shutil.which("strace"), "strace is not here (package strace)")
class Killed(Alerts):
    """Killed at the n-th call of each kind that changes a file: every hit is in the file once in the end."""

    CALLS = ("write", "fsync", "fdatasync", "rename", "unlink", "openat", "ftruncate")

    def test_at_every_step(self):
        self.configure(f"[alert a]\nquery = Alep\nfile = {self.hits}\n[alert b]\nquery = feu\nfile = {self.hits}.b\n")
        self.first()
        env = dict(os.environ, ASAN_OPTIONS="detect_leaks=0")
        number = kills = 0
        for call in self.CALLS:
            # Most of a run's opens and writes are Xapian's: the last ones are those of the alerts.
            trace = os.path.join(self.top, "trace")
            self.write(f"n{number}.txt", f"Un cessez-le-feu à Alep, {number}")
            number += 1
            self.job(env=env, before=["strace", "-f", "-e", f"trace={call}", "-o", trace])
            with open(trace, encoding="utf-8", errors="replace") as file:
                total = sum(1 for line in file if f" {call}(" in line)
            for at in range(max(1, total - 14), total + 1):
                self.write(f"n{number}.txt", f"Un cessez-le-feu à Alep, {number}")
                number += 1
                run = self.job(env=env, before=["strace", "-f", "-o", "/dev/null", "-e", f"trace={call}", "-e",
                                                f"inject={call}:signal=KILL:when={at}"])
                kills += run.code != 0
                self.assertEqual(self.job().code, 0)
                for path in (self.hits, self.hits + ".b"):
                    counted = collections.Counter(self.ids_of(path))
                    self.assertEqual(counted, {f"n{i}.txt": 1 for i in range(number)}, (call, at))
        self.assertGreater(kills, 15)


for _name in [name for name in dir(Alerts) if name.startswith("test_")]:
    setattr(Killed, _name, None)  # those of Alerts ran already

harness.main()
