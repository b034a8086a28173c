# SPDX-License-Identifier: GPL-2.0-or-later
"""failing: system calls and allocations of a running daemon fail, one after the other, once and for good (shim.c).

VOISIN_LONG=1 in the environment tries every allocation of a search in a worker, not a sample.
"""
import errno
import json
import mmap
import os
import signal
import struct
import subprocess
import time

import harness
from harness import request, wait_for

KINDS = ("off", "malloc", "read", "write", "writev", "recv", "send", "accept4", "epoll_ctl", "epoll_wait", "socketpair",
         "clone", "frame", "clock")
GARBLED, HALF_AND_HANG, HALF_AND_END, TWICE, LONG, NUMBER = range(6)
FOR_GOOD = (1 << 32) - 1
PLAN = struct.Struct("<IIIIIIq")
NETWORK, WORKER = 0, 1
# In its sandbox a worker could not open the plans.  A connection whose event could not be made is closed by a deadline, so these are short.
OPTIONS = ("--workers", "1", "--idle-ms", "1000", "--request-ms", "1000", "--write-ms", "1000", "--deadline-ms", "1000",
           "--soft-deadline-ms", "900", "--no-sandbox")


class Shim:
    """The plans of one daemon."""

    def __init__(self, path):
        with open(path, "w+b") as file:
            file.truncate(mmap.PAGESIZE)
            self.page = mmap.mmap(file.fileno(), mmap.PAGESIZE)
        self.environment = dict(os.environ, VOISIN_SHIM=path,
                                LD_PRELOAD=os.path.join(harness.bin_dir, "..", "tests", "voisin_shim.so"))

    def fields(self, role):
        return list(PLAN.unpack_from(self.page, role * PLAN.size))

    def arm(self, role, kind, skip=0, times=1, error=errno.ENOMEM):
        base = role * PLAN.size
        struct.pack_into("<I", self.page, base, 0)
        struct.pack_into("<IIIII", self.page, base + 4, skip, times, error, 0, 0)
        struct.pack_into("<I", self.page, base, KINDS.index(kind))

    def disarm(self, role):
        """How many calls failed."""
        struct.pack_into("<I", self.page, role * PLAN.size, 0)
        return self.fields(role)[5]

    def seen(self, role):
        return self.fields(role)[4]

    def live(self, role):
        return self.fields(role)[6]


class Failing(harness.Case):
    def setUp(self):
        self.shim = Shim(os.path.join(harness.scratch, self.id().rsplit(".", 1)[-1]))
        self.daemon = self.start(*OPTIONS, env=self.shim.environment)
        self.quiet = self.daemon.settled_descriptors()
        self.alive(self.daemon)
        self.assertNotEqual(self.shim.live(NETWORK), 0)
        self.assertNotEqual(self.shim.live(WORKER), 0)

    def statuses(self, lines):
        """What became of requests on one connection: result, the status of an error, or closed."""
        got = []
        try:
            with self.daemon.connect() as client:
                client.send(b"".join(lines))
                for _ in lines:
                    line = client.line()
                    if line is None:
                        return got + ["closed"]
                    reply = json.loads(line)
                    got.append("result" if "result" in reply else reply["error"]["data"]["status"])
        except (ConnectionError, TimeoutError):
            got.append("closed")
        return got

    def healthy(self):
        """All is as before: right answers, one worker, no descriptor more."""
        def answers():
            return self.statuses([request("ping"), request("search", {"q": "alep"})]) == ["result"] * 2

        wait_for("searches are answered", answers)
        self.assertIsNone(self.daemon.process.poll())
        self.assertEqual(len(self.daemon.workers()), 1)
        wait_for("descriptors are closed", lambda: self.daemon.descriptors() == self.quiet)

    def each(self, kind, error, lines, allowed, most=2000):
        """The n-th call fails for n = 0, 1 ... until the requests end without it; returns how many there were."""
        for skip in range(most):
            self.shim.arm(NETWORK, kind, skip, 1, error)
            got = self.statuses(lines)
            # Closing takes calls as well.
            wait_for("closed", lambda: self.daemon.descriptors() <= self.quiet)
            failed = self.shim.disarm(NETWORK)
            self.assertLessEqual(set(got), {"result"} | allowed, f"{kind} {skip}")
            if failed == 0:
                self.assertEqual(got, ["result"] * len(lines))
                return skip
        raise AssertionError(f"{kind} is called more than {most} times")


REQUESTS = [request("ping", None, 1), request("search", {"q": "cessez-le-feu NEAR Alep"}, 2), request("stats", None, 3)]
LOST = {"closed", "nomem", "internal"}


class Memory(Failing):
    def test_each_allocation_of_the_network_process(self):
        self.healthy()
        before = self.shim.live(NETWORK)
        tried = self.each("malloc", errno.ENOMEM, REQUESTS, LOST)
        self.assertGreater(tried, 20)
        self.healthy()
        self.assertLess(self.shim.live(NETWORK) - before, 20)

    def test_none_left_for_the_network_process(self):
        for skip in (0, 1, 2, 5, 10, 20):
            self.shim.arm(NETWORK, "malloc", skip, FOR_GOOD)
            self.assertLessEqual(set(self.statuses(REQUESTS)), LOST | {"result"})
            self.assertGreater(self.shim.disarm(NETWORK), 0)
            self.healthy()

    def test_allocations_of_a_worker(self):
        search = request("search", {"q": "cessez-le-feu NEAR Alep", "matches": 3})
        self.shim.arm(WORKER, "malloc", FOR_GOOD, 0)
        self.assertEqual(self.statuses([search]), ["result"])
        n = self.shim.seen(WORKER)
        self.assertGreater(n, 50)
        wanted = range(n) if os.environ.get("VOISIN_LONG") else sorted({round(n * k / 12) for k in range(12)})
        failures = set()
        for skip in wanted:
            for times in (1, FOR_GOOD):
                self.shim.arm(WORKER, "malloc", skip, times)
                got, = self.statuses([search])
                self.shim.disarm(WORKER)
                self.assertIn(got, ("result", "nomem", "internal"), f"{skip} of {n}")
                failures.add(got)
                self.healthy()
        self.assertIn("nomem", failures)


class Calls(Failing):
    """What fails, how, and what may then become of the requests under way."""

    def check(self, kind, error, allowed):
        self.assertGreater(self.each(kind, error, REQUESTS, allowed), 0)
        self.healthy()

    def test_reads(self):
        for error in (errno.ECONNRESET, errno.EIO, errno.ENOMEM):
            self.check("read", error, LOST)

    def test_writes(self):
        for error in (errno.EPIPE, errno.ECONNRESET, errno.ENOBUFS):
            self.check("writev", error, LOST)

    def test_epoll_ctl(self):
        for error in (errno.ENOMEM, errno.ENOSPC):
            self.check("epoll_ctl", error, LOST | {"timeout"})

    def test_accept(self):
        # The client waits in the backlog meanwhile, or is taken up by the next try.
        for error in (errno.ECONNABORTED, errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM, errno.EPROTO,
                      errno.EPERM, errno.EINTR):
            self.shim.arm(NETWORK, "accept4", 0, 3, error)
            self.assertEqual(self.statuses(REQUESTS), ["result"] * 3)
            self.assertEqual(self.shim.disarm(NETWORK), 3)
            self.healthy()

    def test_the_listener_cannot_be_watched_again(self):
        """After a rest the listener is watched again; where that fails too it is tried again."""
        self.shim.arm(NETWORK, "accept4", 0, 1, errno.EMFILE)
        waiting = self.daemon.connect()
        self.addCleanup(waiting.close)
        wait_for("it rests", lambda: self.shim.fields(NETWORK)[5] == 1)
        self.shim.arm(NETWORK, "epoll_ctl", 0, FOR_GOOD, errno.ENOMEM)
        wait_for("it wants to be watched again", lambda: self.shim.seen(NETWORK) > 1)
        self.shim.disarm(NETWORK)
        self.healthy()

    def test_interruptions(self):
        for role in (NETWORK, WORKER):
            for kind in ("read", "writev", "write", "epoll_wait", "accept4"):
                for error in (errno.EINTR, errno.EAGAIN):
                    # A worker's socket blocks, so it is never told to try again.
                    if error == errno.EAGAIN and (role == WORKER or kind == "epoll_wait"):
                        continue
                    self.shim.arm(role, kind, 0, 200, error)
                    self.assertEqual(self.statuses(REQUESTS), ["result"] * 3, (role, kind, error))
                    self.shim.disarm(role)
        self.healthy()

    def test_the_channel_of_signals(self):
        for kind in ("send", "recv", "write", "read"):
            self.shim.arm(NETWORK, kind, 0, 2, errno.EINTR)
            for _ in range(20):
                self.daemon.tell(signal.SIGHUP)
            self.healthy()
            self.shim.disarm(NETWORK)

    def test_a_worker_that_cannot_be_started(self):
        for kind, error in (("socketpair", errno.EMFILE), ("clone", errno.EAGAIN), ("clone", errno.ENOMEM),
                            ("epoll_ctl", errno.ENOMEM), ("malloc", errno.ENOMEM)):
            worker, = self.daemon.workers()
            self.shim.arm(NETWORK, kind, 0, 2, error)
            os.kill(worker, signal.SIGKILL)
            wait_for("another one", lambda: worker not in self.daemon.workers() and len(self.daemon.workers()) == 1)
            self.shim.disarm(NETWORK)
            self.healthy()

    def test_a_worker_that_cannot_read_or_write(self):
        for kind in ("read", "writev"):
            worker, = self.daemon.workers()
            self.shim.arm(WORKER, kind, 0, 1, errno.EIO)
            self.assertLessEqual(set(self.statuses(REQUESTS)), {"result", "internal"})
            # A worker waits in read() already; it is the next one that fails.
            self.statuses(REQUESTS)
            wait_for("it fails", lambda: self.shim.fields(WORKER)[5] == 1)
            wait_for("another one", lambda: worker not in self.daemon.workers() and len(self.daemon.workers()) == 1)
            self.shim.disarm(WORKER)
            self.healthy()


class Programs(harness.Case):
    """The n-th allocation of the client and of the indexer fails: the right outcome or status 2, never a crash."""

    def run_failing(self, shim, skip, times, *command):
        """(exit status, standard output, how many allocations failed)"""
        shim.arm(NETWORK, "malloc", skip, times)
        done = subprocess.run(command, env=shim.environment, stdin=subprocess.DEVNULL, capture_output=True, timeout=60,
                              check=False)
        return done.returncode, done.stdout, shim.disarm(NETWORK)

    def points(self, n, few):
        return range(n) if os.environ.get("VOISIN_LONG") else sorted({round(n * k / few) for k in range(few)})

    def test_client(self):
        daemon = self.start("--idle-ms", "1000")
        shim = Shim(os.path.join(harness.scratch, "client"))
        command = [harness.program("voisin"), "--server", daemon.addresses[0], "--json", "alep"]
        _, right, _ = self.run_failing(shim, FOR_GOOD, 0, *command)
        self.assertTrue(right)
        for skip in self.points(shim.seen(NETWORK), 60):
            for times in (1, FOR_GOOD):
                code, out, failed = self.run_failing(shim, skip, times, *command)
                self.assertIn(code, (0, 2), (skip, times))
                if code == 0:
                    self.assertEqual(len(out.splitlines()), len(right.splitlines()))
                else:
                    self.assertGreater(failed, 0)
        wait_for("the daemon has no clients", lambda: daemon.descriptors_of_clients() == 0)
        self.alive(daemon)

    def test_indexer(self):
        shim = Shim(os.path.join(harness.scratch, "indexer"))
        folder = os.path.join(harness.scratch, "indexed")
        harness.make_index(folder, harness.ARTICLES[:2])
        command = [harness.program("voisin-index"), "--full", "--db", folder, folder + ".jsonl"]
        code, _, _ = self.run_failing(shim, FOR_GOOD, 0, *command)
        self.assertEqual(code, 0)
        seen = shim.seen(NETWORK)
        for skip in self.points(seen, 25):
            for times in (1, FOR_GOOD):
                code, _, _ = self.run_failing(shim, skip, times, *command)
                self.assertIn(code, (0, 1, 2), (skip, times))
        # Whatever became of them, what is published is whole.
        daemon = self.start(db=folder)
        with daemon.connect() as client:
            self.assertEqual(client.ask("stats")["result"]["documents"], 2)
            self.assertEqual(len(client.ask("search", {"q": "alep"})["result"]["hits"]), 2)


class Clock(Failing):
    def test_the_time_of_day_jumps(self):
        """An hour forth and back: no deadline comes earlier or later for it.  Hardly anything asks for it at all."""
        for jump in (3600, -3600):
            with self.daemon.connect() as idle, self.daemon.connect() as busy:
                self.assertIn("result", idle.ask("ping"))
                start = time.monotonic()
                for role in (NETWORK, WORKER):
                    self.shim.arm(role, "clock", 0, FOR_GOOD, jump & 0xFFFFFFFF)
                for _ in range(20):
                    self.assertIn("result", busy.ask("search", {"q": "alep"}))
                # Its own deadline is a second; nothing is sent on it.
                self.assertTrue(idle.at_end())
                self.assertGreater(time.monotonic() - start, 0.8)
                self.assertLess(time.monotonic() - start, 10)
            for role in (NETWORK, WORKER):
                self.shim.disarm(role)
            self.healthy()


class Frames(Failing):
    """A worker that sends what is no right frame is replaced, and only its request fails."""

    def damaged(self, how, status):
        worker, = self.daemon.workers()
        self.shim.arm(WORKER, "frame", 0, 1, how)
        with self.daemon.connect() as client:
            reply = client.ask("search", {"q": "alep"})
            if status is None:
                self.assertIn("result", reply)
            else:
                self.error(reply, {"internal": -32603, "timeout": -32003}[status], status)
            self.assertEqual(self.shim.disarm(WORKER), 1)
            reply = client.ask("search", {"q": "alep"})
            # Of two replies the second may come when the worker has another request, which then fails as well.
            if status is not None or "result" not in reply:
                self.assertTrue("result" in reply or status is None and reply["error"]["data"]["status"] == "internal")
        wait_for("another worker", lambda: worker not in self.daemon.workers() and len(self.daemon.workers()) == 1)
        self.healthy()

    def test_garbled(self):
        self.damaged(GARBLED, "internal")

    def test_length_beyond_all_bounds(self):
        self.damaged(LONG, "internal")

    def test_number_of_another_request(self):
        self.damaged(NUMBER, "internal")

    def test_half_and_end(self):
        self.damaged(HALF_AND_END, "internal")

    def test_half_and_hang(self):
        self.damaged(HALF_AND_HANG, "timeout")

    def test_twice(self):
        self.damaged(TWICE, None)


if __name__ == "__main__":
    harness.main()
