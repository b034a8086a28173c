# SPDX-License-Identifier: GPL-2.0-or-later
"""storms: kills, signals and damage while clients ask without a pause.

VOISIN_STORM_SECONDS says how long each storm lasts; 3 where it is not set.
"""
import contextlib
import json
import os
import random
import signal
import threading
import time

import harness
from harness import SEARCH, request, wait_for

SECONDS = float(os.environ.get("VOISIN_STORM_SECONDS", "3"))
SEED = int(os.environ.get("VOISIN_SEED", "20161207"))
RIGHT = ["alep-1"]


class Crowd:
    """Clients that ask one after the other, each answer looked at; those that are cut off connect again."""

    def __init__(self, address, n=4, line=SEARCH, right=RIGHT):
        self.address, self.line, self.right = address, line, right
        self.lock = threading.Lock()
        self.counts = {}
        self.wrong = []
        self.stopping = threading.Event()
        self.threads = [threading.Thread(target=self.run, daemon=True) for _ in range(n)]
        for thread in self.threads:
            thread.start()

    def count(self, what):
        with self.lock:
            self.counts[what] = self.counts.get(what, 0) + 1

    def judge(self, line):
        reply = json.loads(line)
        if "error" in reply:
            return reply["error"]["data"]["status"]
        if self.right is not None and [hit["id"] for hit in reply["result"]["hits"]] != self.right:
            self.wrong.append(line)
        return "result"

    def run(self):
        while not self.stopping.is_set():
            try:
                with harness.Client(self.address()) as client:
                    while not self.stopping.is_set():
                        client.send(self.line)
                        line = client.line()
                        if line is None:
                            self.count("closed")
                            break
                        self.count(self.judge(line))
            except OSError:
                self.count("refused")
                time.sleep(0.01)

    def stop(self):
        self.stopping.set()
        for thread in self.threads:
            thread.join(harness.PATIENCE)
        return self.counts


class Kills(harness.Case):
    def test_workers_under_load(self):
        daemon = self.start("--deadline-ms", "20000")
        crowd = Crowd(lambda: daemon.addresses[0])
        end, kills = time.monotonic() + SECONDS, 0
        while time.monotonic() < end:
            before = crowd.counts.get("result", 0)
            for worker in daemon.workers():
                # One that was killed the last time may be waited for just now.
                with contextlib.suppress(ProcessLookupError):
                    os.kill(worker, signal.SIGKILL)
                    kills += 1
            start = time.monotonic()
            wait_for("searches are answered again", lambda: crowd.counts.get("result", 0) > before + 20)
            self.assertLess(time.monotonic() - start, 5)
        counts = crowd.stop()
        self.assertEqual(crowd.wrong, [])
        # A kill costs the one request that its worker had; no connection is closed for it.
        self.assertLessEqual(counts.get("internal", 0), kills)
        self.assertEqual(set(counts) - {"result", "internal"}, set())
        wait_for("both are back", lambda: len(daemon.workers()) == 2)
        self.alive(daemon)

    def test_the_daemon_under_load(self):
        path = os.path.join(harness.scratch, "killed-under-load")
        options = {"listen": ("unix:" + path,)}
        daemon = self.start(**options)
        crowd = Crowd(lambda: "unix:" + path)
        end = time.monotonic() + SECONDS
        while time.monotonic() < end:
            before = crowd.counts.get("result", 0)
            wait_for("it is under load", lambda: crowd.counts.get("result", 0) > before + 20)
            workers = daemon.workers()
            daemon.end(signal.SIGKILL)
            wait_for("its workers end with it", lambda: not any(map(harness.process_exists, workers)))
            daemon = self.start(**options)
        crowd.stop()
        self.assertEqual(crowd.wrong, [])
        self.assertEqual(set(crowd.counts) - {"result", "closed", "refused"}, set())
        self.alive(daemon)


class Signals(harness.Case):
    def test_term_under_load(self):
        daemon = self.start("--drain-ms", "5000")
        crowd = Crowd(lambda: daemon.addresses[0], 8)
        wait_for("it is under load", lambda: crowd.counts.get("result", 0) > 100)
        start = time.monotonic()
        self.assertEqual(daemon.end(), 0)
        self.assertLess(time.monotonic() - start, 5 + 5)
        crowd.stop()
        self.assertEqual(crowd.wrong, [])
        # Every request that was taken was answered: the connection ended behind its answer.
        self.assertEqual(set(crowd.counts) - {"result", "closed", "refused"}, set())

    def test_a_storm_of_signals(self):
        daemon = self.start()
        workers = daemon.workers()
        before = daemon.descriptors()
        crowd = Crowd(lambda: daemon.addresses[0])
        pids = [daemon.pid, daemon.pid, *workers]
        numbers = (signal.SIGHUP, signal.SIGPIPE, signal.SIGUSR1, signal.SIGUSR2, signal.SIGCHLD, signal.SIGWINCH)
        for n in range(1000):
            number = numbers[n % len(numbers)]
            pid = pids[n // len(numbers) % len(pids)]
            # Workers take these three alone for nothing; whoever may signal them may also kill them.
            if pid in workers and number in (signal.SIGUSR1, signal.SIGUSR2):
                number = signal.SIGHUP
            os.kill(pid, number)
            if n % 50 == 0:
                seen = crowd.counts.get("result", 0)
                wait_for("searches are answered", lambda: crowd.counts.get("result", 0) > seen)
        counts = crowd.stop()
        self.assertEqual(set(counts), {"result"})
        self.assertEqual(crowd.wrong, [])
        self.assertEqual(daemon.workers(), workers)
        wait_for("descriptors are closed", lambda: daemon.descriptors() == before)
        self.alive(daemon)

    def test_stopped_and_continued(self):
        """Workers that are stopped and go on before the deadline: nothing is lost."""
        daemon = self.start("--deadline-ms", "30000", "--soft-deadline-ms", "30000")
        crowd = Crowd(lambda: daemon.addresses[0])
        workers = daemon.workers()
        for _ in range(20):
            for worker in workers:
                os.kill(worker, signal.SIGSTOP)
            wait_for("both are stopped", lambda: all(is_stopped(worker) for worker in workers))
            for worker in workers:
                os.kill(worker, signal.SIGCONT)
            seen = crowd.counts.get("result", 0)
            wait_for("searches are answered", lambda: crowd.counts.get("result", 0) > seen)
        self.assertEqual(set(crowd.stop()), {"result"})
        self.assertEqual(daemon.workers(), workers)

    def test_no_process_has_a_second_thread(self):
        """Why there is nothing for ThreadSanitizer here."""
        daemon = self.start()
        crowd = Crowd(lambda: daemon.addresses[0], 8)
        for _ in range(20):
            seen = crowd.counts.get("result", 0)
            wait_for("searches are answered", lambda: crowd.counts.get("result", 0) > seen)
            for pid in [daemon.pid, *daemon.workers()]:
                self.assertEqual(len(os.listdir(f"/proc/{pid}/task")), 1)
        crowd.stop()


def is_stopped(pid):
    with open(f"/proc/{pid}/stat", encoding="ascii", errors="replace") as file:
        return file.read().rsplit(")", 1)[1].split()[0] == "T"


class Dear(harness.Case):
    def test_the_same_dear_query_from_fifty_clients(self):
        """At most so many run as there are workers; the rest is busy or in turn, and a light query gets through."""
        daemon = self.start("--queue", "16", "--deadline-ms", "10000", "--soft-deadline-ms", "10000")
        dear = request("search", {"q": '"la rivière" NEAR/1 "le pont"', "total": "exact"})
        crowd = Crowd(lambda: daemon.addresses[0], 50, dear, None)
        with daemon.connect() as light:
            answered = 0
            while answered < 10:
                reply = light.ask("search", {"q": "alep", "limit": 1})
                if "result" in reply:
                    answered += 1
                else:
                    self.error(reply, -32004, "busy")
            stats = light.ask("stats")
            while "error" in stats:
                stats = light.ask("stats")
            self.assertLessEqual(stats["result"]["workers"]["busy"], 2)
            self.assertLessEqual(stats["result"]["queue"], 16)
        counts = crowd.stop()
        self.assertEqual(set(counts) - {"result", "busy", "timeout", "limit"}, set())
        self.assertEqual(stats["result"]["workers"]["restarts"], 0)
        self.alive(daemon)


class Switches(harness.Case):
    def folder(self, name, articles):
        folder = os.path.join(harness.scratch, name)
        harness.make_index(folder, articles)
        return folder

    def test_between_two_pages(self):
        """The second page of a walk is of the first one's generation, or the walk is told to begin again."""
        folder = self.folder("pages", harness.ARTICLES)
        daemon = self.start(db=folder)
        with daemon.connect() as client:
            first = client.ask("search", {"q": "la", "cursor": "", "limit": 1, "detail": "id"})["result"]
            second = client.ask("search", {"q": "la", "cursor": first["cursor"], "limit": 1, "detail": "id"})["result"]
            self.assertEqual(first["generation"], second["generation"])
            self.assertNotEqual(first["hits"], second["hits"])
            harness.make_index(folder, harness.ARTICLES, "--full")
            reply = client.ask("search", {"q": "la", "cursor": first["cursor"], "limit": 1})
            self.error(reply, -32005, "stale")
        self.alive(daemon)

    def test_under_load(self):
        """Each answer is right for the generation that it names."""
        folder = self.folder("switches", harness.ARTICLES[:2])
        daemon = self.start("--deadline-ms", "20000", "--soft-deadline-ms", "20000", db=folder)
        answers, faults = {}, []

        class Reading(Crowd):
            def judge(self, line):
                reply = json.loads(line)
                if "error" in reply:
                    faults.append(reply)
                    return reply["error"]["data"]["status"]
                ids = tuple(sorted(hit["id"] for hit in reply["result"]["hits"]))
                answers.setdefault(reply["result"]["generation"], set()).add(ids)
                return "result"

        crowd = Reading(lambda: daemon.addresses[0], 4, request("search", {"q": "ville OU manifestation"}), None)
        end, n = time.monotonic() + SECONDS, 0
        while time.monotonic() < end or n < 6:
            harness.make_index(folder, harness.ARTICLES[:2 + n % 2], *(("--full",) if n % 3 else ()))
            n += 1
            seen = crowd.counts.get("result", 0)
            wait_for("searches are answered", lambda: crowd.counts.get("result", 0) > seen + 4)
        crowd.stop()
        self.assertEqual(faults, [])
        self.assertGreaterEqual(len(answers), 4)
        for generation, found in answers.items():
            self.assertEqual(len(found), 1, generation)
        self.assertTrue(set().union(*answers.values()) <= {("alep-2",), ("alep-2", "paris")})
        self.alive(daemon)


class Damage(harness.Case):
    """Blocks of the index are overwritten under the daemon: it says so, and goes on when there is a good one."""

    STATUSES = {"result", "corrupt", "internal", "timeout", "stale", "nomem", "io", "not_found"}
    QUERIES = [request("search", {"q": q, "matches": 3}, 1) for q in ("ville", "\"la ville\"", "vil* NEAR syrie", "=ville")]
    QUERIES += [request("document", {"id": "doc-7"}, 1), request("stats", None, 1), request("suggest", {"q": "vil"}, 1),
                request("search", {"q": "ville", "cursor": "", "limit": 100}, 1)]

    def damage(self, path, chance):
        """One of: bytes, a block of zeros or noise, two blocks exchanged, the file cut short."""
        size = os.path.getsize(path)
        if size == 0:
            return
        block = min(8192, size)
        with open(path, "r+b") as file:
            kind = chance.randrange(5)
            at = chance.randrange(size)
            start = at // block * block
            file.seek(start)
            old = file.read(block)
            file.seek(at if kind == 0 else start)
            if kind == 0:
                file.write(chance.randbytes(4))
            elif kind == 1:
                file.write(bytes(len(old)))
            elif kind == 2:
                file.write(chance.randbytes(len(old)))
            elif kind == 3:
                file.seek(0)
                first = file.read(block)
                file.seek(start)
                file.write(first[:len(old)])
            else:
                file.truncate(at)

    def test_at_run_time(self):
        chance = random.Random(SEED)
        folder = os.path.join(harness.scratch, "damaged")
        articles = [dict(harness.ARTICLES[1], id=f"doc-{n}", text=f"Alep est une ville de Syrie, dit le {n}. " * 5)
                    for n in range(400)]
        harness.make_index(folder, articles)
        daemon = self.start("--workers", "1", db=folder)
        end, rounds, seen = time.monotonic() + SECONDS, 0, set()
        while time.monotonic() < end or rounds < 6:
            generation = os.path.realpath(os.path.join(folder, "current"))
            tables = sorted(name for name in os.listdir(generation) if name.endswith((".glass", "iamglass")))
            with self.subTest(seed=SEED, round=rounds):
                self.damage(os.path.join(generation, tables[rounds % len(tables)]), chance)
                # Half the time to a worker that has it open, half to one that opens it.
                if rounds % 2:
                    for worker in daemon.workers():
                        os.kill(worker, signal.SIGKILL)
                with daemon.connect() as client:
                    for line in self.QUERIES:
                        client.send(line)
                        reply = client.reply()
                        status = "result" if "result" in reply else reply["error"]["data"]["status"]
                        self.assertIn(status, self.STATUSES)
                        seen.add(status)
                    self.assertIn("result", client.ask("ping"))
                harness.make_index(folder, articles, "--full")
                with daemon.connect() as client:
                    wait_for("the new generation is served", lambda: client.ask(
                        "search", {"q": "ville", "total": "exact", "limit": 0}).get("result", {}).get(
                            "total", {}).get("value") == 400)
            rounds += 1
        self.assertIn("corrupt", seen)
        wait_for("descriptors are closed", lambda: daemon.descriptors_of_clients() == 0)


if __name__ == "__main__":
    harness.main()
