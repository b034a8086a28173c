# SPDX-License-Identifier: GPL-2.0-or-later
"""config: voisin.conf for the daemon, what goes before what, and reading it again while it serves."""
import os
import signal

import harness
from harness import wait_for
from start import run

WRONG = [
    ("[daemon]\nqueue = 0\n", "queue", "1 to 4096"),
    ("[daemon]\nqueue = 4097\n", "queue", "4096"),
    ("[daemon]\nquery-words = 65\n", "query-words", "64"),
    ("[daemon]\nqueeu = 5\n", "queeu", "queue"),
    ("[daemon]\nverbose = maybe\n", "verbose", "yes"),
    ("[daemon]\nlisten = 127.0.0.1\n", "127.0.0.1", "HOST:PORT"),
    ("[daemon]\nlisten = 0.0.0.0:1\n", "0.0.0.0:1", "--allow-remote"),
    ("[daemon]\nvariants = names.txt\n", "variants", "begin with /"),
    ("[index]\npath = db\n[daemon]\n", "path", "begin with /"),
    ("[deamon]\nqueue = 5\n", "deamon", ":1"),
    ("[daemon]\nsoft-deadline-ms = 1001\n", "--soft-deadline-ms", "--deadline-ms"),
    ("[daemon]\nqueue = 5\nqueue = 6\n", "queue", ":3"),
]

def write(name, text):
    path = os.path.join(harness.scratch, name)
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)
    return path


class File(harness.Case):
    def test_wrong_ones(self):
        for text, *words in WRONG:
            with self.subTest(text):
                path = write("wrong.conf", text if "[index]" in text else text + "[index]\npath = /x\n")
                code, out, err = run("-n", "--config", path)
                self.assertEqual((code, out), (2, ""), err)
                for word in words:
                    self.assertIn(word, err)
        for path in ("/nonexistent/voisin.conf", "/dev/null", harness.scratch):
            code, out, err = run("-n", "--config", path)
            self.assertEqual((code, out), (2, ""))
            self.assertIn(path, err)

    def test_right_ones(self):
        every = "[index]\npath = /x\n[source a]\npath = /a\n[watch]\nquiet = 2 s\n[daemon]\nlisten = 127.0.0.1:0\n" \
                "listen = unix:/x\nvariants = none\nuser = nobody\nqueue = 5\nquery-words = 7\nverbose = yes\n" \
                "log-queries = non\nallow-remote = no\n"
        self.assertEqual(run("-n", "--config", write("right.conf", every)), (0, "configuration OK\n", ""))

    def start_with(self, text, *options):
        user = "" if os.geteuid() != 0 else f"user = {os.environ.get('VOISIN_TEST_USER', 'nobody')}\n"
        self.path = write("live.conf", f"[index]\npath = {harness.index_dir}\n[daemon]\n{user}{text}")
        os.chmod(harness.scratch, 0o755)
        return self.start("--config", self.path, *options)

    def limits(self, daemon):
        with daemon.connect() as client:
            return client.ask("stats")["result"]["limits"]

    def test_the_command_line_goes_before(self):
        daemon = self.start_with("queue = 5\nidle-ms = 12345\n", "--queue", "6")
        limits = self.limits(daemon)
        self.assertEqual((limits["queue"], limits["idle_ms"]), (6, 12345))

    def test_reload(self):
        daemon = self.start_with("queue = 5\nquery-words = 2\nworkers = 2\n")
        before = daemon.workers()
        with daemon.connect() as client:
            self.error(client.ask("search", {"q": "un deux trois"}), -32002, "limit")
            with open(self.path, "a", encoding="utf-8") as file:
                file.write("query-terms = 77\n")
            with open(self.path, encoding="utf-8") as file:
                text = file.read()
            write("live.conf", text.replace("queue = 5", "queue = 9").replace("words = 2", "words = 3")
                  .replace("workers = 2", "workers = 3"))
            daemon.tell(signal.SIGHUP)
            wait_for("it has reloaded", lambda: daemon.logged("reloaded$"))
            self.assertTrue(daemon.logged("option=workers changes with a restart only"))
            wait_for("all workers are new",
                     lambda: len(daemon.workers()) == 2 and not set(before) & set(daemon.workers()))
            self.assertIn("result", client.ask("search", {"q": "un deux trois"}))
            self.error(client.ask("search", {"q": "un deux trois quatre"}), -32002, "limit")
        limits = self.limits(daemon)
        self.assertEqual((limits["queue"], limits["query_words"], limits["query_terms"]), (9, 3, 77))
        self.alive(daemon)

    def test_a_wrong_file_is_not_taken_over(self):
        daemon = self.start_with("queue = 5\n")
        before = daemon.workers()
        write("live.conf", "[daemon]\nqueue = none\n")
        daemon.tell(signal.SIGHUP)
        wait_for("it says so", lambda: daemon.logged("reload refused.*live.conf:2"))
        self.assertEqual(self.limits(daemon)["queue"], 5)
        self.assertEqual(daemon.workers(), before)
        self.alive(daemon)

    def test_a_reload_without_a_change(self):
        daemon = self.start_with("")
        before = daemon.workers()
        daemon.tell(signal.SIGHUP)
        wait_for("it says so", lambda: daemon.logged("no setting has changed"))
        self.assertEqual(daemon.workers(), before)


if __name__ == "__main__":
    harness.main()
