# SPDX-License-Identifier: GPL-2.0-or-later
"""reindex: the index is built and changed while the daemon serves, and both start and stop in every order.

VOISIN_LONG takes more switches and more orders.  VOISIN_SEED repeats the orders of a run.
"""
import json
import os
import random
import signal
import subprocess
import threading

import harness
from harness import process_exists, request, wait_for
from storms import Crowd

LONG = bool(os.environ.get("VOISIN_LONG"))
SEED = os.environ.get("VOISIN_SEED", str(random.randrange(1 << 32)))
SWITCHES = 100 if LONG else 24
ORDERS = 50
STEPS = 12 if LONG else 5
QUERIES = ("trêve NEAR Alep", "version", "\"tient à Alep\" OU convoi", "trêve SAUF convoi", "=convoi NEAR/3 =passé")


def article(number, version):
    text = f"La trêve {'tient à Alep' if number % 3 else 'cède'}. Version {version}. "
    return {"id": f"doc-{number}", "title": f"Dépêche {number}", "date": "2016-12-07", "source": "Essai", "url": "",
            "text": text + ("Le convoi est passé. " if (number + version) % 2 else "") + "Rien. " * (number % 5)}


def articles(version):
    """Each version holds other documents, and the same ones with other texts."""
    return [article(number, version) for number in range(version % 4, 60 + 7 * (version % 5))]


class Asker(Crowd):
    """Asks all queries in turn and keeps, of each answer, the generation that it names, the query, and what was found."""

    def __init__(self, address, n=4):
        self.answers = {}
        self.faults = []
        super().__init__(address, n)

    def run(self):
        n = 0
        with harness.Client(self.address()) as client:
            while not self.stopping.is_set():
                query = QUERIES[n % len(QUERIES)]
                n += 1
                client.send(request("search", {"q": query, "limit": 100, "total": "exact"}))
                self.keep(query, client.line())

    def keep(self, query, line):
        reply = json.loads(line) if line is not None else {"error": "the connection ended"}
        with self.lock:
            if "error" in reply:
                self.faults.append(reply)
                return
            result = reply["result"]
            found = (result["total"]["value"], tuple(sorted((h["id"], passage_text(h)) for h in result["hits"])))
            self.answers.setdefault((result["generation"], query), set()).add(found)
        self.count("result")


def passage_text(hit):
    return "".join(segment["text"] for passage in hit["passages"] for segment in passage["segments"])


def holder(lock):
    """The process that wrote its number into a lock."""
    with open(lock, encoding="ascii") as file:
        return int(file.read() or 0)


class Serving(harness.Case):
    def oracle(self, daemon):
        """What a daemon that nobody disturbs answers, of the state that is served now."""
        right = {}
        with daemon.connect() as client:
            for query in QUERIES:
                result = client.ask("search", {"q": query, "limit": 100, "total": "exact"})["result"]
                found = (result["total"]["value"], tuple(sorted((h["id"], passage_text(h)) for h in result["hits"])))
                right[result["generation"], query] = found
        return right

    def test_every_answer_is_of_the_generation_that_it_names(self):
        folder = os.path.join(harness.scratch, "reindexed")
        harness.make_index(folder, articles(0))
        daemon = self.start("--deadline-ms", "20000", "--soft-deadline-ms", "20000", db=folder)
        asker = Asker(lambda: daemon.addresses[0])
        right, seen_versions = self.oracle(daemon), set()
        for version in range(1, SWITCHES + 1):
            harness.make_index(folder, articles(version), *(("--full",) if version % 3 == 0 else ()), "--allow-deletes")
            # A second daemon, which nobody else asks, opens this state and no other.
            judge = self.start("--workers", "1", db=folder)
            right.update(self.oracle(judge))
            judge.close()
            seen_versions.add(next(iter(reversed(right)))[0])
            before = asker.counts.get("result", 0)
            wait_for("searches are answered", lambda n=before: asker.counts.get("result", 0) > n + 2 * len(QUERIES))
        asker.stop()
        self.assertEqual(asker.faults, [])
        self.assertEqual(len(seen_versions), SWITCHES)
        named = {generation for generation, _ in asker.answers}
        self.assertGreater(len(named), SWITCHES // 2)
        for key, found in asker.answers.items():
            self.assertEqual(found, {right[key]}, key)
        self.alive(daemon)


class Orders(harness.Case):
    """F8: programs that start, end and are killed in orders drawn by chance."""

    def setUp(self):
        self.folder = os.path.join(harness.scratch, "orders-" + self.id().rsplit(".", 1)[1])
        self.source = self.folder + ".jsonl"
        self.version = 0
        self.write()
        harness.make_index(self.folder, articles(0))
        self.indexers, self.daemons = [], []

    def tearDown(self):
        for process in self.indexers:
            process.kill()
            process.communicate()

    def write(self):
        with open(self.source, "w", encoding="utf-8") as file:
            for one in articles(self.version):
                file.write(json.dumps(one, ensure_ascii=False) + "\n")

    def start_indexer(self, chance):
        self.version += 1
        self.write()
        command = [harness.program("voisin-index"), "--db", self.folder, "--allow-deletes", self.source]
        if chance.random() < 0.5:
            command.insert(1, "--full")
        self.indexers.append(subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                              stderr=subprocess.PIPE, text=True))

    def end_indexer(self, chance):
        if self.indexers:
            process = self.indexers.pop(chance.randrange(len(self.indexers)))
            process.send_signal(chance.choice((signal.SIGTERM, signal.SIGKILL, 0)))
            _, err = process.communicate(timeout=60)
            # It was served, stopped or killed, or told who is at work, or that a file changed under its hands.
            self.assertIn(process.returncode, (0, 1, 2, 143, -signal.SIGKILL, -signal.SIGTERM), err)
            if process.returncode == 2:
                self.assertIn("is being written by ", err)  # by whom, unless that has not said so yet

    def start_daemon(self, _):
        if len(self.daemons) < 3:
            self.daemons.append(self.start("--workers", "1", db=self.folder))

    def end_daemon(self, chance):
        if self.daemons:
            daemon = self.daemons.pop(chance.randrange(len(self.daemons)))
            if chance.random() < 0.5:
                self.assertEqual(daemon.end(), 0)
            else:
                workers = daemon.workers()
                daemon.end(signal.SIGKILL)
                # It was killed, and that is no fault of its own.
                self._cleanups = [entry for entry in self._cleanups if entry[0] != daemon.close]
                wait_for("its workers end with it", lambda: not any(map(process_exists, workers)))

    def test_any_order(self):
        chance = random.Random(SEED)
        print("seed", SEED, flush=True)
        steps = (self.start_indexer, self.end_indexer, self.start_daemon, self.end_daemon)
        for order in range(ORDERS):
            with self.subTest(seed=SEED, order=order):
                for _ in range(STEPS):
                    chance.choice(steps)(chance)
                for daemon in self.daemons:
                    with daemon.connect() as client:
                        self.assertIn("result", client.ask("search", {"q": "trêve"}))
        while self.indexers:
            self.end_indexer(chance)
        # No lock is left, and the next run makes it all right.
        harness.make_index(self.folder, articles(3), "--allow-deletes")
        with self.start(db=self.folder).connect() as client:
            self.assertEqual(client.ask("stats")["result"]["documents"], len(articles(3)))
        done = subprocess.run([harness.program("voisin-index"), "--db", self.folder, "--verify"], check=False,
                              capture_output=True, timeout=60)
        self.assertEqual(done.returncode, 0, done)

    def test_two_indexers(self):
        """The second one is refused at once and told the first; when that is killed, the lock is free at once."""
        self.version = 1
        long = self.folder + "-long.jsonl"
        with open(long, "w", encoding="utf-8") as file:
            for number in range(30000):
                file.write(json.dumps(article(number, 1), ensure_ascii=False) + "\n")
        lock = os.path.join(self.folder, "lock")
        first = subprocess.Popen([harness.program("voisin-index"), "--full", "--db", self.folder, long],
                                 stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.indexers.append(first)
        wait_for("it holds the lock", lambda: holder(lock) == first.pid or first.poll() is not None)
        first.send_signal(signal.SIGSTOP)
        self.assertIsNone(first.poll())
        refused = subprocess.run([harness.program("voisin-index"), "--db", self.folder, self.source], check=False,
                                 capture_output=True, text=True, timeout=60)
        self.assertEqual(refused.returncode, 2)
        self.assertIn(f"is being written by process {first.pid}", refused.stderr)
        first.kill()
        first.wait()
        harness.make_index(self.folder, articles(1), "--allow-deletes")

    def test_two_daemons(self):
        """On one address the second is refused at once; on another it serves the same index."""
        address = "unix:" + self.folder + ".s"
        first = self.start("--workers", "1", db=self.folder, listen=(address,))
        refused = subprocess.run([harness.program("voisind"), "--db", self.folder, "--listen", address], check=False,
                                 capture_output=True, text=True, timeout=60)
        self.assertEqual(refused.returncode, 2, refused.stderr)
        self.assertIn(self.folder + ".s", refused.stderr)
        second = self.start("--workers", "1", db=self.folder)
        for daemon in (first, second):
            self.alive_with(daemon)

    def alive_with(self, daemon):
        with daemon.connect() as client:
            self.assertEqual(client.ask("stats")["result"]["documents"], len(articles(0)))


if __name__ == "__main__":
    harness.main()
