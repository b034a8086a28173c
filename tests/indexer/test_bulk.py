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


def has_children(process):
    return bool(children(process.pid))


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
        process = self.start_until(has_children, "--full", self.docs)
        os.kill(children(process.pid)[0], signal.SIGKILL)
        run = self.go_on(process)
        self.assertEqual(run.code, 2, run)
        self.assertIn("child process", run.err)
        self.assert_nothing_happened()

    def test_workers_die_with_it(self):
        process = self.start_until(has_children, "--full", self.docs)
        handles = [os.pidfd_open(worker) for worker in children(process.pid)]
        self.go_on(process, signal.SIGKILL)
        for handle in handles:
            self.assertTrue(select.select([handle], [], [], 60)[0], "a worker outlived its parent")
            os.close(handle)
        self.check(self.run_index("--full"), 0, added=DOCUMENTS + 1)

    def test_workers_hold_no_lock(self):
        """The lock is the parent's alone: it is free as soon as that is dead, whatever becomes of its children."""
        lock = self.db + "/lock"

        def is_free(process):
            held = [self.open_files(worker) for worker in children(process.pid)]
            return bool(held) and lock in self.open_files(process.pid) and not any(lock in names for names in held)

        self.go_on(self.start_until(is_free, "--full", self.docs), signal.SIGKILL)

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
        building = os.path.join(self.db, "gen-000002.tmp", "postlist.glass")
        run = self.go_on(self.start_until(lambda _: os.path.exists(building), "--full", self.docs), signal.SIGTERM)
        self.assertEqual(run.code, 143, run)
        self.assert_nothing_happened()


if __name__ == "__main__":
    harness.main()
