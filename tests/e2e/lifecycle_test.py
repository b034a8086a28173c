# SPDX-License-Identifier: GPL-2.0-or-later
"""An index that changes under a running daemon, processes that are killed, and walks over every hit."""
import json
import os
import shutil
import signal
import socket
import time
import unittest

import voisin_test as vt

WORDS = "un deux trois quatre cinq six sept huit neuf dix".split()


def article(number):
    return {"id": "doc-%04d" % number, "title": "Dépêche %d" % number, "date": "2016-12-%02d" % (number % 28 + 1),
            "source": "Agence %s" % WORDS[number % 10],
            "text": "La trêve tient à Alep. Le convoi %s est passé. %s" % (WORDS[number % 10], "Rien. " * (number % 7))}


class Lifecycle(unittest.TestCase):
    def setUp(self):
        self.index = vt.Index()
        self.folder = os.path.join(self.index.folder, "articles")
        os.mkdir(self.folder)
        self.write("a.jsonl", range(0, 30))
        self.assertEqual(self.index.update(self.folder).returncode, 0)
        self.daemon = vt.Daemon(self.index)

    def tearDown(self):
        self.daemon.close()
        self.index.close()

    def write(self, name, numbers):
        with open(os.path.join(self.folder, name), "w", encoding="utf-8") as file:
            for number in numbers:
                file.write(json.dumps(article(number), ensure_ascii=False) + "\n")

    def ids(self, numbers):
        return {"doc-%04d" % number for number in numbers}

    def test_a_commit_is_seen_without_a_restart(self):
        self.assertEqual(self.daemon.ids("trêve NEAR Alep", "--all"), self.ids(range(30)))
        self.write("b.jsonl", range(30, 40))
        self.assertEqual(self.index.update(self.folder).returncode, 0)
        self.assertEqual(self.daemon.ids("trêve NEAR Alep", "--all"), self.ids(range(40)))
        os.remove(os.path.join(self.folder, "b.jsonl"))
        self.assertEqual(self.index.update("--allow-deletes", self.folder).returncode, 0)
        self.assertEqual(self.daemon.ids("trêve NEAR Alep", "--all"), self.ids(range(30)))

    def test_a_new_generation_is_seen_without_a_restart(self):
        before = json.loads(self.daemon.ask("--json", "Alep").stdout)["generation"]
        self.write("a.jsonl", range(5, 12))
        self.assertEqual(self.index.update("--full", "--allow-deletes", self.folder).returncode, 0)
        answer = json.loads(self.daemon.ask("--json", "Alep").stdout)
        self.assertNotEqual(answer["generation"].split(".")[0], before.split(".")[0])
        self.assertEqual(self.daemon.ids("Alep", "--all"), self.ids(range(5, 12)))

    def test_an_index_made_anew_in_its_place_is_seen(self):
        shutil.rmtree(self.index.db)
        self.write("a.jsonl", range(5, 12))
        self.assertEqual(self.index.update(self.folder).returncode, 0)
        self.assertEqual(self.daemon.ids("Alep", "--all"), self.ids(range(5, 12)))

    def test_the_walk_gives_every_hit_once(self):
        self.write("c.jsonl", range(100, 2700))
        self.assertEqual(self.index.update(self.folder).returncode, 0)
        everything = self.ids(list(range(30)) + list(range(100, 2700)))
        for query in ("trêve", "trêve NEAR Alep", "(\"la trêve\" OU convoi) NEAR Alep", "=trêve NEAR/3 Alep"):
            with self.subTest(query=query):
                lines = self.daemon.ask("--ids", "--all", "--", query).stdout.split("\n")[:-1]
                self.assertEqual(len(lines), len(set(lines)))
                self.assertEqual(set(lines), everything)
                self.assertEqual(self.daemon.ask("--count", "--", query).stdout.strip(), str(len(everything)))

    def test_pages_do_not_overlap(self):
        found = []
        for offset in range(0, 40, 7):
            answer = self.daemon.ask("--ids", "--limit", "7", "--offset", str(offset), "trêve")
            found += answer.stdout.split("\n")[:-1]
        self.assertEqual(len(found), 30)
        self.assertEqual(set(found), self.ids(range(30)))

    def test_a_killed_daemon_leaves_nothing_behind(self):
        self.daemon.process.send_signal(signal.SIGKILL)
        self.daemon.process.wait()
        self.daemon.log.close()
        self.daemon = vt.Daemon(self.index)
        self.assertEqual(len(self.daemon.ids("trêve", "--all")), 30)

    def test_a_killed_worker_is_replaced(self):
        children = vt.run("pgrep", "-P", str(self.daemon.process.pid), "voisind-worker").stdout.split()
        self.assertTrue(children)
        for child in children:
            os.kill(int(child), signal.SIGKILL)
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            answer = self.daemon.ask("--ids", "--all", "trêve")
            if answer.returncode == 0:
                break
            time.sleep(0.05)
        self.assertEqual(len(answer.stdout.split()), 30)
        self.assertIsNone(self.daemon.process.poll())

    def test_sorted_by_date_and_by_closeness(self):
        dates = [h["date"] for h in json.loads(self.daemon.ask("--json", "--sort", "date", "trêve").stdout)["hits"]]
        self.assertEqual(dates, sorted(dates, reverse=True))
        hits = json.loads(self.daemon.ask("--json", "--sort", "closeness", "trêve NEAR Alep").stdout)["hits"]
        self.assertEqual({h["distance"] for h in hits}, {2})

    def test_pipelined_requests_are_all_answered(self):
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(30)
            connection.connect(self.daemon.path)
            lines = [json.dumps({"jsonrpc": "2.0", "id": i, "method": "search", "params": {"q": "trêve", "limit": 1}})
                     for i in range(10)]
            connection.sendall(("\n".join(lines) + "\n").encode())
            answers = connection.makefile(encoding="utf-8")
            replies = [json.loads(answers.readline()) for _ in lines]
        self.assertEqual({r["id"] for r in replies}, set(range(10)))
        self.assertTrue(all(r["result"]["total"]["value"] == 30 for r in replies), replies)


if __name__ == "__main__":
    vt.main()
