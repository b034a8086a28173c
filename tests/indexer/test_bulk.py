# SPDX-License-Identifier: GPL-2.0-or-later
"""A full build in several processes: a full disk, a killed worker, a signal at any moment."""

import os
import resource
import select
import signal

import harness
from harness import Case

DOCUMENTS = 3000
LIMITS = (1000, 60_000, 200_000, 400_000, 800_000, 1_200_000)


def children(pid):
    with open(f"/proc/{pid}/task/{pid}/children", encoding="ascii") as file:
        return [int(child) for child in file.read().split()]


class Bulk(Case):
    def setUp(self):
        super().setUp()
        self.write_jsonl("old.jsonl", [{"id": "old", "text": "Ce qui était servi avant."}])
        self.check(self.run_index(), 0, added=1)
        self.old = self.dump()
        self.write_jsonl("new.jsonl", [{"id": str(i), "text": f"Le texte {i} sur Alep et mot{i}. " * 20}
                                       for i in range(DOCUMENTS)])

    def assert_nothing_happened(self):
        self.assertEqual(self.dump(), self.old)
        self.assertEqual([n for n in os.listdir(self.db) if n.startswith("gen-")], ["gen-000001"])

    def test_full_disk(self):
        """No file may be longer than so many bytes: the write fails wherever that is reached."""
        for limit in LIMITS:
            run = self.run_index("--full", preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit)))
            self.assertEqual(run.code, 2, (limit, run))
            self.assertIn("File too large", run.err, limit)
            self.assert_nothing_happened()
        self.check(self.run_index("--full"), 0, added=DOCUMENTS + 1)

    def test_killed_worker(self):
        """A worker that vanishes, as by the kernel's hand, ends the build with a message."""
        process = self.start("--full", self.docs)
        workers = []
        while not workers and process.poll() is None:
            workers = children(process.pid)
        os.kill(workers[0], signal.SIGKILL)
        run = harness.Run(process, *process.communicate(timeout=300))
        self.assertEqual(run.code, 2, run)
        self.assertIn("child process", run.err)
        self.assert_nothing_happened()

    def test_workers_die_with_it(self):
        process = self.start("--full", self.docs)
        workers = []
        while not workers and process.poll() is None:
            workers = children(process.pid)
        handles = [os.pidfd_open(worker) for worker in workers]
        process.kill()
        process.communicate()
        for handle in handles:
            self.assertTrue(select.select([handle], [], [], 60)[0], "a worker outlived its parent")
            os.close(handle)
        self.check(self.run_index("--full"), 0, added=DOCUMENTS + 1)

    def test_workers_hold_no_lock(self):
        """The lock is the parent's alone: it is free as soon as that is dead, whatever becomes of its children."""
        process = self.start("--full", self.docs)
        lock, free = self.db + "/lock", False
        while not free and process.poll() is None:
            held = [self.open_files(worker) for worker in children(process.pid)]
            free = bool(held) and lock in self.open_files(process.pid) and not any(lock in names for names in held)
        process.kill()
        process.communicate()
        self.assertTrue(free)

    @staticmethod
    def open_files(pid):
        names = set()
        try:
            for fd in os.listdir(f"/proc/{pid}/fd"):
                names.add(os.readlink(f"/proc/{pid}/fd/{fd}"))
        except (FileNotFoundError, ProcessLookupError):  # it ended, or the file was closed just now
            pass
        return names

    def test_stopped(self):
        """SIGTERM while the tables are written: the files of the loader are there."""
        process = self.start("--full", self.docs)
        building = os.path.join(self.db, "gen-000002.tmp", "postlist.glass")
        while process.poll() is None and not os.path.exists(building):
            pass
        process.send_signal(signal.SIGTERM)
        run = harness.Run(process, *process.communicate(timeout=300))
        self.assertIn(run.code, (0, 143), run)
        if run.code != 0:
            self.assert_nothing_happened()


if __name__ == "__main__":
    harness.main()
