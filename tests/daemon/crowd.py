# SPDX-License-Identifier: GPL-2.0-or-later
"""crowd: many clients, many requests; who waits, who is told busy, and that nobody starves."""
import os
import re
import signal
import socket
import time

import harness
from harness import SEARCH, request, wait_for


def searches(first, n):
    return b"".join(request("search", {"q": "alep"}, number) for number in range(first, first + n))


class Connections(harness.Case):
    def one_too_many(self, daemon, limit, name):
        clients = [daemon.connect() for _ in range(limit)]
        for client in clients:
            self.assertIn("result", client.ask("ping"))
        with daemon.connect() as extra:
            reply = extra.reply()
            self.error(reply, -32004, "busy", None)
            self.assertIn(name, reply["error"]["message"])
            self.assertGreater(reply["error"]["data"]["retry_after_ms"], 0)
            self.assertTrue(extra.at_end())
        for client in clients:
            self.assertIn("result", client.ask("ping"))
        return clients

    def test_total(self):
        daemon = self.start("--connections", "5")
        clients = self.one_too_many(daemon, 5, "connections")
        clients.pop().close()
        wait_for("the slot is free", lambda: daemon.descriptors_of_clients() == 4)
        self.alive(daemon)
        for client in clients:
            client.close()
        self.alive(daemon)

    def test_per_address(self):
        path = os.path.join(harness.scratch, "per-address")
        daemon = self.start("--connections-per-address", "3", listen=("127.0.0.1:0", "unix:" + path))
        clients = self.one_too_many(daemon, 3, "connections-per-address")
        with daemon.connect(1) as local:
            self.assertIn("result", local.ask("ping"))
        for client in clients:
            client.close()
        wait_for("the slots are free", lambda: daemon.descriptors_of_clients() == 0)
        self.alive(daemon)

    def test_churn(self):
        daemon = self.start()
        for _ in range(200):
            daemon.connect().close()
        memory = daemon.memory()
        for n in range(int(os.environ.get("VOISIN_CHURN", "3000"))):
            client = daemon.connect()
            if n % 100 == 0:
                self.assertIn("result", client.ask("ping"))
            client.close()
        wait_for("descriptors are closed", lambda: daemon.descriptors_of_clients() == 0)
        if not daemon.sanitized():
            self.assertLess(daemon.memory() - memory, 2 << 20)
        self.alive(daemon)

    def test_output_in_all(self):
        """Clients that take nothing: what waits for all of them together is bounded, and others are served."""
        path = os.path.join(harness.scratch, "output")
        daemon = self.start("--connections", "400", "--queue", "4096", "--deadline-ms", "20000", "--soft-deadline-ms", "20000",
                            "--write-ms", "60000", listen=("127.0.0.1:0", "unix:" + path))
        before = daemon.memory()
        clients = [daemon.connect(1) for _ in range(300)]
        for client in clients:
            self.addCleanup(client.close)
            client.send(request("document", {"id": "long", "length": 524288}) * 2)
        wait_for("some are closed", lambda: daemon.logged("too many replies wait"), 60)
        if not daemon.sanitized():
            self.assertLess(daemon.memory() - before, 100 << 20)
        for client in clients:
            client.close()
        wait_for("all are closed", lambda: daemon.descriptors_of_clients() == 0)
        self.alive(daemon)

    def test_no_descriptors_left(self):
        daemon = self.start()
        soft, hard = harness.limit_descriptors(daemon.pid, daemon.descriptors() + 2)
        clients = [daemon.connect() for _ in range(12)]
        self.assertIn("result", clients[0].ask("ping"))
        before = daemon.cpu_seconds()
        time.sleep(2)
        self.assertLess(daemon.cpu_seconds() - before, 0.2)
        self.assertLess(len(daemon.logged("cannot accept")), 5)
        self.assertIn("result", clients[1].ask("ping"))
        # A freed descriptor serves the next one that waits.
        clients[0].close()
        self.assertIn("result", clients[2].ask("ping"))
        harness.limit_descriptors(daemon.pid, soft, hard)
        for client in clients[1:]:
            self.assertIn("result", client.ask("ping"))
            client.close()
        self.alive(daemon)


class Queue(harness.Case):
    """One worker, stopped, so that what waits stays where it is."""

    def stopped(self, *options):
        daemon = self.start("--workers", "1", "--deadline-ms", "30000", *options)
        worker, = daemon.workers()
        os.kill(worker, signal.SIGSTOP)
        self.addCleanup(harness.resume, worker)
        return daemon, worker

    def test_limit(self):
        for over in (0, 1):
            daemon, worker = self.stopped("--queue", "4")
            # One is with the worker, four wait, and one more has no place.
            with daemon.connect() as client:
                client.send(searches(0, 5 + over))
                if over:
                    start = time.monotonic()
                    reply = client.reply()
                    self.assertLess(time.monotonic() - start, harness.SOON)
                    self.error(reply, -32004, "busy", 5)
                    self.assertIn("queue", reply["error"]["message"])
                    self.assertGreaterEqual(reply["error"]["data"]["retry_after_ms"], 50)
                harness.resume(worker)
                self.assertEqual(sorted(client.reply()["id"] for _ in range(5)), list(range(5)))
            self.alive(daemon)

    def test_who_was_told_busy_rests(self):
        """It is not read from for 20 ms, then again: nothing that it sends meanwhile is lost, and its end is seen."""
        daemon, worker = self.stopped("--queue", "1")
        with daemon.connect() as other, daemon.connect() as client:
            other.send_seen(searches(100, 2))
            start = time.monotonic()
            for number in range(3):
                client.send(searches(number, 1))
                self.error(client.reply(), -32004, "busy", number)
            # The timer may be a millisecond early; being late is no fault here.
            self.assertGreaterEqual(time.monotonic() - start, 2 * 0.019)
            for number in range(3, 43):
                client.send(searches(number, 1))
            client.socket.shutdown(socket.SHUT_WR)
            for number in range(3, 43):
                self.error(client.reply(), -32004, "busy", number)
            self.assertTrue(client.at_end())
            harness.resume(worker)
            self.assertEqual(sorted(other.reply()["id"] for _ in range(2)), [100, 101])
        self.alive(daemon)

    def test_the_longest_lane_gives_way(self):
        daemon, worker = self.stopped("--queue", "4")
        with daemon.connect() as greedy, daemon.connect() as modest:
            greedy.send_seen(searches(0, 5))
            modest.send(SEARCH)
            self.error(greedy.reply(), -32004, "busy", 4)
            harness.resume(worker)
            self.assertEqual(sorted(greedy.reply()["id"] for _ in range(4)), [0, 1, 2, 3])
            self.assertIn("result", modest.reply())
        self.alive(daemon)

    def test_lanes_take_turns(self):
        daemon, worker = self.stopped()
        with daemon.connect() as greedy, daemon.connect() as modest:
            greedy.send_seen(searches(0, 15))
            modest.send_seen(searches(100, 2))
            harness.resume(worker)
            for _ in range(15):
                self.assertIn("result", greedy.reply())
            for _ in range(2):
                self.assertIn("result", modest.reply())
        lines = wait_for("all are logged", lambda: len(daemon.logged("method=search")) == 17
                         and daemon.logged("method=search"))
        order = [re.search(r"conn=(\d+)", line).group(1) for line in lines]
        greedy_name = order[0]
        places = [at for at, name in enumerate(order) if name != greedy_name]
        self.assertEqual(len(places), 2)
        # The modest one has its turn at once; the next one depends on how long that took, for lanes share time.
        self.assertLessEqual(places[0], 3)
        self.alive(daemon)

    def test_long_requests_wait_behind_short_ones(self):
        daemon, worker = self.stopped()
        longs = [daemon.connect() for _ in range(3)]
        for client in longs:
            self.addCleanup(client.close)
            client.send_seen(request("search", {"q": "alep", "limit": 100, "passages": 10}, "long"))
        with daemon.connect() as modest:
            modest.send_seen(searches(0, 2))
            harness.resume(worker)
            for client in [modest, modest] + longs:
                self.assertIn("result", client.reply())
        lines = wait_for("all are logged", lambda: len(daemon.logged("method=search")) == 5 and daemon.logged("method=search"))
        # One ran already when the short ones came.  The second short one is next where the first has not cost four times as much as that.
        self.assertEqual([re.search(r'id="?(\w+)', line).group(1) for line in lines][:2], ["long", "0"])
        self.alive(daemon)

    def test_long_requests_have_half_of_the_queue(self):
        daemon, worker = self.stopped("--queue", "4")
        long = {"q": "alep", "limit": 100, "passages": 2}
        with daemon.connect() as client, daemon.connect() as modest:
            client.send(b"".join(request("search", long, number) for number in range(4)))
            reply = client.reply()
            self.error(reply, -32004, "busy", 3)
            self.assertIn("2 requests that ask for much", reply["error"]["message"])
            self.assertIn("half of limit queue", reply["error"]["message"])
            # The other half is for others, and for those that ask for just less.
            modest.send_seen(SEARCH + request("search", dict(long, limit=99), 2))
            harness.resume(worker)
            self.assertEqual(sorted(client.reply()["id"] for _ in range(3)), [0, 1, 2])
            self.assertEqual(sorted(modest.reply()["id"] for _ in range(2)), [1, 2])
        self.alive(daemon)

    def test_who_takes_nothing_keeps_nobody_out(self):
        """Each place of the queue is held by a client that does not take its replies: these are the first to give way."""
        # A Unix socket, for the kernel does not enlarge its buffer.
        path = os.path.join(harness.scratch, "taking-nothing")
        daemon = self.start("--workers", "1", "--queue", "4", "--write-ms", "60000", listen=("127.0.0.1:0", "unix:" + path))
        slow = [daemon.connect(1) for _ in range(4)]
        for n, client in enumerate(slow, 1):
            self.addCleanup(client.close)
            client.send(request("document", {"id": "long", "length": 524288}, "first")
                        + request("document", {"id": "long", "length": 524288}, "second"))
            wait_for("its first reply waits for it", lambda n=n: len(daemon.logged("method=document status=ok")) == n)
        with daemon.connect() as modest:
            for number in range(10):
                self.assertIn("result", modest.ask("search", {"q": "alep"}, number))
        ends = []
        for client in slow:
            replies = [client.reply() for _ in range(2)]
            self.assertIn("result", replies[0])
            ends += ["error" if "error" in reply else "result" for reply in replies if reply["id"] == "second"]
        self.assertEqual(sorted(ends), ["error", "result", "result", "result"])
        self.alive(daemon)

    def test_in_flight_of_one_connection(self):
        daemon, worker = self.stopped("--queue", "64")
        with daemon.connect() as client:
            client.send(searches(0, 200))
            harness.resume(worker)
            # All are answered: what is beyond 16 waits unread instead of being told busy.
            replies = [client.reply() for _ in range(200)]
        self.assertEqual(sorted(reply["id"] for reply in replies), list(range(200)))
        self.assertTrue(all("result" in reply for reply in replies))
        self.alive(daemon)

    def test_requests_of_a_client_that_left_are_dropped(self):
        daemon, worker = self.stopped()
        client = daemon.connect()
        client.send_seen(searches(0, 10))
        client.reset()
        wait_for("its requests are dropped", lambda: len(daemon.logged("status=cancelled")) >= 9)
        harness.resume(worker)
        wait_for("also the one that was running", lambda: len(daemon.logged("status=cancelled")) == 10)
        self.alive(daemon)


if __name__ == "__main__":
    harness.main()
