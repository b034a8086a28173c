# SPDX-License-Identifier: GPL-2.0-or-later
"""deadlines: clients that are idle, write slowly, read slowly, or not at all."""
import json
import os
import signal
import time

import harness
from harness import SEARCH, request, wait_for

BIG = request("document", {"id": "long", "length": 524288})
FIRST_PART = harness.ARTICLES[3]["text"].encode()[:524288].decode(errors="ignore")


def elapsed(start):
    return time.monotonic() - start


class Deadlines(harness.Case):
    def test_idle(self):
        daemon = self.start("--idle-ms", "400")
        before = daemon.descriptors()
        start = time.monotonic()
        with daemon.connect() as client:
            self.assertTrue(client.at_end())
            self.assertGreater(elapsed(start), 0.39)
            self.assertLess(elapsed(start), harness.SOON)
        wait_for("the slot is free", lambda: daemon.descriptors() <= before)
        self.alive(daemon)

    def test_blank_lines_are_idle_requests_are_not(self):
        daemon = self.start("--idle-ms", "2000")
        start = time.monotonic()
        with daemon.connect() as busy, daemon.connect() as blank:
            blank.socket.settimeout(0.05)
            while elapsed(start) < harness.SOON:
                self.assertIn("result", busy.ask("ping"))
                try:
                    blank.send(b"\n")
                    if blank.socket.recv(1) == b"":
                        break
                except TimeoutError:
                    continue
                except OSError:
                    break
            self.assertGreater(elapsed(start), 1.9)
            self.assertLess(elapsed(start), harness.SOON)
        self.alive(daemon)

    def test_slow_writer(self):
        daemon = self.start("--request-ms", "500")
        start = time.monotonic()
        with daemon.connect() as client:
            client.socket.settimeout(0.05)
            answer = b""
            for byte in SEARCH:
                client.send(bytes([byte]))
                try:
                    answer = client.socket.recv(1000)
                    break
                except TimeoutError:
                    continue
            self.error(json.loads(answer), -32003, "timeout", None)
            # Each byte came in time; the request as a whole did not.
            self.assertGreater(elapsed(start), 0.45)
            self.assertLess(elapsed(start), harness.SOON)
            client.socket.settimeout(harness.PATIENCE)
            self.assertTrue(client.at_end())
        self.alive(daemon)

    def test_reader_of_a_byte_at_a_time(self):
        daemon = self.start("--write-ms", "600")
        with daemon.connect(receive_buffer=4096) as client:
            client.send(BIG * 16)
            start = time.monotonic()
            try:
                while elapsed(start) < 2 * harness.SOON and daemon.descriptors_of_clients() > 0:
                    if client.socket.recv(1) == b"":
                        break
                    time.sleep(0.02)
            except ConnectionResetError:
                pass
            self.assertLess(elapsed(start), harness.SOON)
        self.alive(daemon)

    def test_reader_that_is_slow_but_steady_is_served(self):
        daemon = self.start("--write-ms", "2000")
        with daemon.connect(receive_buffer=65536) as client:
            client.send(BIG * 16)
            # Every waiting byte leaves within the time, though all together take longer.
            for _ in range(16):
                self.assertEqual(len(client.reply()["result"]["text"]), len(FIRST_PART))
                time.sleep(0.2)
        self.alive(daemon)

    def test_reader_of_nothing(self):
        daemon = self.start("--write-ms", "800")
        before = daemon.memory()
        client = daemon.connect(receive_buffer=4096)
        client.socket.settimeout(0.3)
        with self.assertRaises((TimeoutError, ConnectionResetError, BrokenPipeError)):
            while True:
                client.send(BIG * 100)
        self.alive(daemon)
        wait_for("the client is closed", lambda: daemon.descriptors_of_clients() == 0)
        if not daemon.sanitized():
            self.assertLess(daemon.memory() - before, 16 << 20)
        client.close()
        self.alive(daemon)

    def test_hard_deadline(self):
        daemon = self.start("--soft-deadline-ms", "900", "--deadline-ms", "1200", "--workers", "1")
        worker, = daemon.workers()
        os.kill(worker, signal.SIGSTOP)
        with daemon.connect() as client:
            start = time.monotonic()
            reply = client.ask("search", {"q": "alep"})
            self.assertGreater(elapsed(start), 1.1)
            self.assertLess(elapsed(start), harness.SOON)
            self.error(reply, -32003, "timeout")
            self.assertIn("1200 ms", reply["error"]["message"])
            start = time.monotonic()
            self.assertIn("result", client.ask("search", {"q": "alep"}))
            self.assertLess(elapsed(start), harness.SOON)
            workers = client.ask("stats")["result"]["workers"]
        self.assertEqual((workers["configured"], workers["restarts"]), (1, 1))
        self.assertNotIn(worker, daemon.workers())
        self.alive(daemon)


if __name__ == "__main__":
    harness.main()
