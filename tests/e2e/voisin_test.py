# SPDX-License-Identifier: GPL-2.0-or-later
"""What the end-to-end tests share: an index, a daemon and a client, all real, in a temporary folder."""
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import unittest

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
SHARED = os.path.join(os.path.dirname(ROOT), "shared")
BIN = os.environ.get("VOISIN_BIN", os.path.join(ROOT, "build", "release", "bin"))
SKIPPED = 77


def program(name):
    return os.path.join(BIN, name)


def run(*command, **options):
    options.setdefault("timeout", 300)
    return subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8", **options)


class Index:
    """An index in a temporary folder."""

    def __init__(self):
        self.folder = tempfile.mkdtemp(prefix="voisin-")
        self.db = os.path.join(self.folder, "db")

    def write(self, texts):
        """Writes files by their names into a folder beside the index; returns it."""
        folder = os.path.join(self.folder, "texts")
        os.mkdir(folder)
        for name, text in texts.items():
            with open(os.path.join(folder, name), "w", encoding="utf-8") as file:
                file.write(text)
        return folder

    def update(self, *arguments):
        return run(program("voisin-index"), "--db", self.db, *arguments)

    def close(self):
        shutil.rmtree(self.folder, ignore_errors=True)


class Daemon:
    """voisind on a Unix socket beside the index; ready when the constructor returns."""

    def __init__(self, index, *arguments):
        self.path = os.path.join(index.folder, "socket")
        self.server = "unix:" + self.path
        self.log = open(os.path.join(index.folder, "log"), "w+")
        self.process = subprocess.Popen(
            [program("voisind"), "--db", index.db, "--listen", self.server, *arguments],
            stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log)
        self.wait()

    def wait(self):
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                raise RuntimeError("voisind ended at its start: " + self.text())
            with socket.socket(socket.AF_UNIX) as probe:
                try:
                    probe.connect(self.path)
                    return
                except OSError:
                    time.sleep(0.01)
        raise RuntimeError("voisind does not listen: " + self.text())

    def text(self):
        self.log.seek(0)
        return self.log.read()

    def ask(self, *arguments):
        return run(program("voisin"), "--server", self.server, *arguments)

    def ids(self, query, *options):
        answer = self.ask("--ids", *options, "--", query)
        if answer.returncode not in (0, 1):
            raise AssertionError("%s: %s" % (query, answer.stderr))
        return set(answer.stdout.split("\n")) - {""}

    def close(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        self.log.close()


def need(path):
    """Ends the test as skipped where data that a fresh clone does not have is absent."""
    if not os.path.exists(path):
        print("skipped: %s is absent" % os.path.relpath(path, ROOT))
        sys.exit(SKIPPED)
    return path


def main():
    unittest.main(verbosity=2, failfast=False)
