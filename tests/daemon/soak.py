# SPDX-License-Identifier: GPL-2.0-or-later
"""soak: a daemon for a long time, with good and bad requests, commits and switches; it must not grow.

    soak.py BIN_DIR     VOISIN_SOAK_SECONDS says for how long; 20 where it is not set, 1800 for the long run

Now and then all clients pause.  Then the descriptors must be as many as at the start, no worker may hold a file that
was deleted, and what is resident is noted: later it may be but little more than after the first third.
"""
import itertools
import json
import os
import random
import signal
import sys
import threading
import time

import harness
import hostile
from harness import request, wait_for

SECONDS = float(os.environ.get("VOISIN_SOAK_SECONDS", "20"))
SEED = int(os.environ.get("VOISIN_SEED", "20161207"))
ROUNDS = max(6, int(SECONDS / 15))
QUERIES = ("ville", "trêve NEAR Alep", "\"la ville\"", "vil*", "titre:dépêche date:2016-12", "Alep OU Damas", "ville SAUF trêve",
           "=ville", "PHRASE(", "cessez-le-feu NEAR/5 (\"la ville\" OU trêve)", "vlile", "NEAR/3(la, ville, trêve)")
# The network process may grow by this, and each worker, which reads tables and words anew after each switch.
NETWORK_GROWTH, WORKER_GROWTH = 1 << 20, 24 << 20


def articles(n):
    return [{"id": f"doc-{i}", "title": f"Dépêche {i}", "date": f"2016-12-{i % 28 + 1:02}", "source": "Essai", "url": "",
             "text": f"La ville d’Alep attend. La trêve du {i} tient dans la ville, dit-on. " * (i % 7 + 1)} for i in range(n)]


class Clients:
    """Threads that ask, well and badly, and can be made to pause."""

    def __init__(self, daemon):
        self.daemon = daemon
        self.going, self.ended = threading.Event(), threading.Event()
        self.lock = threading.Lock()
        self.paused, self.counts, self.faults = 0, {}, []
        rows = [row.data for row in hostile.read_table() if isinstance(row, hostile.Row)]
        jobs = [self.good, self.good, lambda chance: self.bad(chance, rows), self.rude]
        self.threads = [threading.Thread(target=self.run, args=(job, SEED + n), daemon=True) for n, job in enumerate(jobs)]
        self.going.set()
        for thread in self.threads:
            thread.start()

    def run(self, job, seed):
        chance = random.Random(seed)
        while not self.ended.is_set():
            if not self.going.is_set():
                with self.lock:
                    self.paused += 1
                self.going.wait()
                with self.lock:
                    self.paused -= 1
            try:
                job(chance)
            except Exception as error:  # pylint: disable=broad-except
                with self.lock:
                    self.faults.append(repr(error))
                return

    def count(self, what):
        with self.lock:
            self.counts[what] = self.counts.get(what, 0) + 1

    def good(self, chance):
        """Fifty requests, some of them pipelined; every answer is a result or a refusal of the query."""
        with self.daemon.connect() as client:
            for _ in range(50):
                n = chance.choice((1, 1, 1, 8))
                for number in range(n):
                    client.send(self.line(chance, number))
                for reply in (client.reply() for _ in range(n)):
                    self.count(reply["error"]["data"]["status"] if "error" in reply else "result")

    def line(self, chance, number):
        kind = chance.randrange(10)
        if kind == 0:
            return request("document", {"id": f"doc-{chance.randrange(400)}"}, number)
        if kind == 1:
            return request("suggest", {"q": chance.choice(("vil", "trê", "vlile"))}, number)
        if kind == 2:
            return request("stats", None, number)
        if kind == 3:
            return request("explain", {"q": chance.choice(QUERIES)}, number)
        params = {"q": chance.choice(QUERIES), "limit": chance.choice((0, 1, 10, 100)), "matches": chance.choice((0, 0, 20))}
        return request("search", params, number)

    def bad(self, chance, rows):
        for row in chance.sample(rows, 20):
            with self.daemon.connect() as client:
                client.send(row)
                if client.line() is not None:
                    self.count("hostile")

    def rude(self, chance):
        """Goes away in the middle of whatever it was."""
        with self.daemon.connect() as client:
            client.send((b"".join(self.line(chance, number) for number in range(16)))[:chance.randrange(1500)])
            if chance.random() < 0.5:
                client.reset()
        self.count("rude")
        self.ended.wait(0.02)

    def pause(self):
        self.going.clear()
        wait_for("all clients pause", lambda: self.paused + len(self.faults) == len(self.threads), 60)

    def stop(self):
        self.ended.set()
        self.going.set()
        for thread in self.threads:
            thread.join(60)


def deleted_files(pid):
    """Files that a process holds and nobody can see any more."""
    found = []
    for name in os.listdir(f"/proc/{pid}/fd"):
        try:
            target = os.readlink(f"/proc/{pid}/fd/{name}")
        except FileNotFoundError:
            continue
        if target.endswith(" (deleted)"):
            found.append(target)
    return found


def resident(pid):
    with open(f"/proc/{pid}/statm", encoding="ascii") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")


class Soak(harness.Case):
    def settle(self, daemon):
        """Both workers see the newest generation; returns what is resident: the network process, the larger worker."""
        workers = daemon.workers()
        for awake, other in (workers, workers[::-1]):
            os.kill(other, signal.SIGSTOP)
            try:
                # Its first answer may have waited for the one that is stopped.
                with daemon.connect() as client:
                    client.send(request("search", {"q": "ville"}, 1) + request("search", {"q": "ville"}, 2))
                    client.line()
            finally:
                harness.resume(other)
            del awake
        wait_for("clients are gone", lambda: daemon.descriptors_of_clients() == 0)
        wait_for("no worker holds a deleted file", lambda: not any(deleted_files(pid) for pid in workers))
        return resident(daemon.pid), max(resident(pid) for pid in workers)

    def test_soak(self):
        folder = os.path.join(harness.scratch, "soak")
        harness.make_index(folder, articles(400))
        daemon = self.start(db=folder)
        workers = daemon.workers()
        clients = Clients(daemon)
        sizes, began, n = [], time.monotonic(), 0
        for n in itertools.count(1):
            end = began + SECONDS * n / ROUNDS
            while time.monotonic() < end and not clients.faults:
                harness.make_index(folder, articles(395 + n % 10), *(("--full",) if n % 2 == 0 else ()))
                clients.ended.wait(min(1.0, max(0.0, end - time.monotonic())))
            clients.pause()
            sizes.append(self.settle(daemon))
            print(f"{time.monotonic() - began:.0f} s: {sum(clients.counts.values())} requests, network {sizes[-1][0] >> 10} KiB, "
                  f"worker {sizes[-1][1] >> 10} KiB", file=sys.stderr, flush=True)
            clients.going.set()
            if n == ROUNDS or clients.faults:
                break
        clients.stop()
        print(json.dumps(clients.counts), file=sys.stderr)
        self.assertEqual(clients.faults, [])
        self.assertEqual(daemon.workers(), workers)
        self.assertEqual(set(clients.counts) - {"result", "invalid", "not_found", "stale", "busy", "hostile", "rude"}, set())
        if not daemon.sanitized():
            for of, most in ((0, NETWORK_GROWTH), (1, WORKER_GROWTH)):
                warm = max(size[of] for size in sizes[:len(sizes) // 3 + 1])
                self.assertLessEqual(sizes[-1][of] - warm, most)
        self.alive(daemon)


if __name__ == "__main__":
    harness.main()
