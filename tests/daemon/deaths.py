# SPDX-License-Identifier: GPL-2.0-or-later
"""deaths: queries that are made to hurt, on an index small enough for every change.

How long they take is printed by bench/deaths, on 100,000 articles.  Here it is counted: a query that nothing but its own deadline
ends must need no kill although the hard deadline is far away, and a worker that stands still is killed and replaced, once, at
the cost of the one request that it had.
"""
import os
import random
import signal
import threading

import harness
from deathly import STOP, WAYS, queries
from harness import request, wait_for

ARTICLES, WORDS, SEED = 400, 600, 20161207
SOFT_MS, HARD_MS = 10, 60000
NOUNS = "alep syrie ville trêve convoi habitants prévenir contre distance intérieur président discours".split()


def articles():
    """Texts of stop words, with a noun now and then, in sentences and paragraphs."""
    chance = random.Random(SEED)
    for n in range(ARTICLES):
        words = [chance.choice(NOUNS if chance.random() < 0.1 else STOP) for _ in range(WORDS)]
        for i in range(19, WORDS, 20):
            words[i] += ".\n\n" if chance.random() < 0.2 else "."
        yield {"id": f"{n}", "title": "De la ville", "date": "2016-12-07", "source": "Essai", "url": "", "language": "fr",
               "text": " ".join(words)}


class Light(threading.Thread):
    """Asks for a word until it is stopped, on a connection of its own."""

    def __init__(self, address):
        super().__init__(daemon=True)
        self.address, self.stopping = address, threading.Event()
        self.answered, self.failed = 0, []

    def run(self):
        with harness.Client(self.address) as client:
            while not self.stopping.is_set():
                reply = client.ask("search", {"q": "alep", "limit": 1, "offset": self.answered % 50})
                if "result" in reply:
                    self.answered += 1
                else:
                    self.failed.append(reply)

    def stop(self):
        self.stopping.set()
        self.join(harness.PATIENCE)


class Deaths(harness.Case):
    @classmethod
    def setUpClass(cls):
        cls.index = os.path.join(harness.scratch, "deaths")
        harness.make_index(cls.index, list(articles()))

    def restarts(self, daemon):
        with daemon.connect() as client:
            return client.ask("stats")["result"]["workers"]["restarts"]

    def test_none_is_killed(self):
        """Each is answered, refused, or gives up by itself; nobody else waits for it."""
        daemon = self.start("--soft-deadline-ms", str(SOFT_MS), "--deadline-ms", str(HARD_MS), db=self.index)
        workers = daemon.workers()
        light = Light(daemon.addresses[0])
        light.start()
        ended = {}
        for name, query in queries():
            for params in WAYS:
                with self.subTest(name, **params), daemon.connect() as client:
                    client.socket.settimeout(HARD_MS / 1000)
                    client.send(request("search", {"q": query, **params}))
                    reply = client.reply()
                    how = "answered" if "result" in reply else reply["error"]["data"]["status"]
                    self.assertIn(how, ("answered", "limit", "timeout"), reply)
                    ended[how] = ended.get(how, 0) + 1
        light.stop()
        print(ended, f"meanwhile {light.answered} others")
        self.assertEqual(self.restarts(daemon), 0)
        self.assertEqual(daemon.workers(), workers)
        self.assertEqual([reply for reply in light.failed if reply["error"]["data"]["status"] != "timeout"], [])
        self.assertGreater(light.answered, 0)
        self.assertGreater(ended["limit"], 0)
        self.alive(daemon)

    def test_gives_up_by_itself(self):
        """A millisecond is not enough for any of these, and no worker dies for it."""
        daemon = self.start("--workers", "1", "--soft-deadline-ms", "1", "--deadline-ms", str(HARD_MS), db=self.index)
        with daemon.connect() as client:
            for query in ("NEAR/50(" + ", ".join(STOP[:12]) + ")", " OR ".join(f"({a} NEAR/50 {b})" for a, b in zip(STOP, STOP[1:17]))):
                reply = client.ask("search", {"q": query, "total": "exact", "operator": "or"})
                self.error(reply, -32003, "timeout")
        self.assertEqual(self.restarts(daemon), 0)

    def test_killed_and_replaced(self):
        """What stands still at the hard deadline is killed and replaced, each time, and costs its own request alone."""
        daemon = self.start("--workers", "2", "--soft-deadline-ms", "900", "--deadline-ms", "1200", db=self.index)
        with daemon.connect() as client, daemon.connect() as other:
            for n in range(1, 6):
                victims = daemon.workers()
                for pid in victims:
                    os.kill(pid, signal.SIGSTOP)
                client.send(request("search", {"q": f"ville OU zz{n}"}, n))
                self.error(client.reply(), -32003, "timeout", n)
                wait_for("it is replaced",
                         lambda n=n: len(daemon.logged('replaced why="the search took longer than 1200 ms')) == n)
                wait_for("another one starts", lambda v=victims: any(pid not in v for pid in daemon.workers()))
                for pid in victims:
                    harness.resume(pid)
                self.assertIn("result", other.ask("search", {"q": f"alep OU yy{n}"}))
                wait_for("two are there", lambda: len(daemon.workers()) == 2 and daemon.logged("ready$"))
                self.assertEqual(len([pid for pid in victims if harness.process_exists(pid)]), 1)
                self.assertEqual(self.restarts(daemon), n)
        self.alive(daemon)


if __name__ == "__main__":
    harness.main()
