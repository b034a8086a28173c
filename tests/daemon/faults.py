# SPDX-License-Identifier: GPL-2.0-or-later
"""faults: workers and daemons that are killed, stopped, starved; an index that changes or goes away."""
import os
import resource
import shutil
import signal
import socket
import time

import harness
from harness import SEARCH, process_exists, request, wait_for


class Workers(harness.Case):
    def wait_replaced(self, daemon, gone, n=2):
        wait_for("a new worker", lambda: len(daemon.workers()) == n and gone not in daemon.workers())

    def test_killed_idle(self):
        daemon = self.start()
        for _ in range(4):
            for worker in daemon.workers():
                os.kill(worker, signal.SIGKILL)
                with daemon.connect() as client:
                    # The kill may be noticed only when the request was sent; then it fails, the next does not.
                    first = client.ask("search", {"q": "alep"})
                    if "error" in first:
                        self.error(first, -32603, "internal")
                    self.assertIn("result", client.ask("search", {"q": "alep"}))
                self.wait_replaced(daemon, worker)
        self.alive(daemon)

    def test_killed_at_work(self):
        daemon = self.start("--workers", "1", "--deadline-ms", "30000")
        worker, = daemon.workers()
        os.kill(worker, signal.SIGSTOP)
        with daemon.connect() as client:
            client.send_seen(request("search", {"q": "alep"}, 1) + request("search", {"q": "alep"}, 2))
            start = time.monotonic()
            os.kill(worker, signal.SIGKILL)
            self.error(client.reply(), -32603, "internal")
            # Only its request failed; the one behind it is answered by the replacement.
            reply = client.reply()
            self.assertEqual((reply["id"], "result" in reply), (2, True))
            self.assertLess(time.monotonic() - start, harness.SOON)
        self.wait_replaced(daemon, worker, 1)
        self.alive(daemon)

    def test_stopped(self):
        daemon = self.start("--soft-deadline-ms", "900", "--deadline-ms", "1200")
        stopped = daemon.workers()
        for worker in stopped:
            os.kill(worker, signal.SIGSTOP)
        clients = [daemon.connect() for _ in range(2)]
        start = time.monotonic()
        for client in clients:
            client.send(SEARCH)
        for client in clients:
            self.error(client.reply(), -32003, "timeout")
            client.close()
        self.assertLess(time.monotonic() - start, harness.SOON)
        wait_for("the stopped ones are gone", lambda: not any(map(process_exists, stopped)))
        wait_for("two new ones", lambda: len(daemon.workers()) == 2)
        self.alive(daemon)

    def kill_all(self, daemon):
        """Returns when others are in their places, so that none is killed twice and none of the dead is given a search."""
        killed = daemon.workers()
        for worker in killed:
            os.kill(worker, signal.SIGKILL)
        wait_for("new workers", lambda: len(daemon.workers()) == len(killed) and not set(killed) & set(daemon.workers()))

    def test_often_killed(self):
        daemon = self.start()
        with daemon.connect() as client:
            for _ in range(10):
                self.assertIn("result", client.ask("search", {"q": "alep"}))
                self.kill_all(daemon)
        self.alive(daemon)

    def test_replacing_is_put_off(self):
        # Eight are replaced without a pause, and one more a second.  All at once, however slow the machine is.
        daemon = self.start("--workers", "12")
        self.kill_all(daemon)
        self.assertTrue(daemon.logged("pause_ms=0"))
        self.assertTrue(daemon.logged("pause_ms=[1-9]"))
        self.alive(daemon)

    def test_out_of_memory(self):
        daemon = self.start("--workers", "1")
        worker, = daemon.workers()
        if daemon.sanitized():
            self.skipTest("under a sanitizer memory has no limit")
        try:
            with open(f"/proc/{worker}/status", encoding="ascii") as file:
                status = dict(line.split(":", 1) for line in file)
            used = int(status["VmData"].split()[0]) << 10
            resource.prlimit(worker, resource.RLIMIT_DATA, (used + (64 << 10), used + (64 << 10)))
        except PermissionError:
            self.skipTest("the system does not let limits of other processes be set")
        with daemon.connect() as client:
            reply = client.ask("document", {"id": "long", "length": 524288})
            self.error(reply, -32010, "nomem")
            self.assertIn("result", client.ask("document", {"id": "long", "length": 524288}))
        self.assertNotIn(worker, daemon.workers())
        self.alive(daemon)

    def test_signals_to_the_group_do_not_end_workers(self):
        daemon = self.start()
        workers = daemon.workers()
        for worker in workers:
            for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGPIPE):
                os.kill(worker, number)
        self.alive(daemon)
        self.assertEqual(daemon.workers(), workers)


class Ends(harness.Case):
    def test_daemon_killed(self):
        path = os.path.join(harness.scratch, "killed")
        daemon = self.start(listen=("127.0.0.1:0", "unix:" + path))
        workers = daemon.workers()
        self.assertEqual(len(workers), 2)
        os.kill(workers[0], signal.SIGSTOP)
        daemon.end(signal.SIGKILL)
        wait_for("its workers end, the stopped one too", lambda: not any(map(process_exists, workers)))
        self.assertTrue(os.path.exists(path))
        again = self.start(listen=(daemon.addresses[0], "unix:" + path))
        with again.connect(1) as client:
            self.assertIn("result", client.ask("ping"))
        self.alive(again)

    def test_term_drains(self):
        path = os.path.join(harness.scratch, "drains")
        daemon = self.start("--workers", "1", "--deadline-ms", "30000", listen=("127.0.0.1:0", "unix:" + path))
        worker, = daemon.workers()
        idle = daemon.connect()
        idle.ask("ping")
        os.kill(worker, signal.SIGSTOP)
        client = daemon.connect()
        client.send_seen(request("search", {"q": "alep"}, 1) + request("search", {"q": "alep"}, 2))
        daemon.tell(signal.SIGTERM)
        wait_for("it drains", lambda: daemon.logged("draining"))
        self.assertTrue(idle.at_end())
        self.assertFalse(os.path.exists(path))
        with self.assertRaises(ConnectionRefusedError):
            wait_for("no new clients", lambda: daemon.connect().close(), 2)
        self.assertIsNone(daemon.process.poll())
        harness.resume(worker)
        self.assertEqual(sorted((client.reply()["id"], client.reply()["id"])), [1, 2])
        self.assertTrue(client.at_end())
        client.close()
        idle.close()
        self.assertEqual(daemon.process.wait(harness.PATIENCE), 0)
        self.assertFalse(process_exists(worker))

    def test_draining_has_an_end(self):
        for signals, bound in ((1, 0.3), (2, 0)):
            daemon = self.start("--workers", "1", "--deadline-ms", "60000",
                                "--drain-ms", "300" if signals == 1 else "60000")
            worker, = daemon.workers()
            os.kill(worker, signal.SIGSTOP)
            with daemon.connect() as client:
                client.send_seen(SEARCH)
                start = time.monotonic()
                daemon.tell(signal.SIGTERM)
                wait_for("it drains", lambda: daemon.logged("draining"))
                if signals == 2:
                    daemon.tell(signal.SIGINT)
                self.assertEqual(daemon.process.wait(harness.PATIENCE), 0)
                self.assertGreaterEqual(time.monotonic() - start, bound * 0.9)
                self.assertLess(time.monotonic() - start, harness.SOON)
            self.assertFalse(process_exists(worker))

    def test_other_signals_change_nothing(self):
        daemon = self.start()
        workers = daemon.workers()
        with daemon.connect() as client:
            for number in (signal.SIGHUP, signal.SIGPIPE, signal.SIGUSR1, signal.SIGUSR2):
                for _ in range(50):
                    daemon.tell(number)
                self.assertIn("result", client.ask("ping"))
        self.assertEqual(daemon.workers(), workers)
        self.alive(daemon)


class Index(harness.Case):
    def make(self, name):
        folder = os.path.join(harness.scratch, name)
        harness.make_index(folder, harness.ARTICLES[:2])
        return folder

    def test_new_commits_are_served(self):
        folder = self.make("commits")
        daemon = self.start(db=folder)
        with daemon.connect() as client:
            before = client.ask("stats")["result"]
            self.assertEqual(client.ask("search", {"q": "manifestation"})["result"]["hits"], [])
            harness.make_index(folder, harness.ARTICLES[:3])
            for _ in range(4):
                found = client.ask("search", {"q": "manifestation"})["result"]
                self.assertEqual([hit["id"] for hit in found["hits"]], ["paris"])
            after = client.ask("stats")["result"]
        self.assertEqual((before["documents"], after["documents"]), (2, 3))
        self.assertNotEqual(before["generation"], after["generation"])
        self.assertEqual(after["workers"]["restarts"], 0)
        self.alive(daemon)

    def test_new_generations_are_served(self):
        folder = self.make("generations")
        daemon = self.start(db=folder)
        seen = set()
        with daemon.connect() as client:
            for n in (2, 3, 2, 3):
                harness.make_index(folder, harness.ARTICLES[:n], "--full")
                for _ in range(4):
                    found = client.ask("search", {"q": "manifestation"})["result"]
                    self.assertEqual(len(found["hits"]), n - 2)
                seen.add(found["generation"].split(".")[0])
            self.assertEqual(client.ask("stats")["result"]["workers"]["restarts"], 0)
        self.assertEqual(len(seen), 4)
        self.alive(daemon)

    def test_index_that_goes_away(self):
        folder = self.make("away")
        daemon = self.start(db=folder)
        shutil.move(folder, folder + ".aside")
        for worker in daemon.workers():
            os.kill(worker, signal.SIGKILL)
        with daemon.connect() as client:
            def status():
                return client.ask("search", {"q": "alep"}).get("error", {}).get("data", {}).get("status")

            wait_for("it is said that there is no index", lambda: status() == "not_found")
            start = time.monotonic()
            self.assertEqual(status(), "not_found")
            self.assertLess(time.monotonic() - start, harness.SOON)
            self.assertIn("result", client.ask("ping"))
            shutil.move(folder + ".aside", folder)
            wait_for("it is served again", lambda: status() is None)
        self.assertLess(len(daemon.logged("cannot start")), 4)
        self.alive(daemon)


if __name__ == "__main__":
    harness.main()
