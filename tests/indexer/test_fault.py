# SPDX-License-Identifier: GPL-2.0-or-later
"""Any call to the system fails, or is the last one: a first build, a full build and an update that merges inverted files.

Whatever becomes of a run, what is published is the old state or the new one, whole; status 0 is said of the new one alone;
and the next run completes the work.  VOISIN_LONG takes every call instead of a sample.
"""

import errno
import os
import shutil
import signal
import subprocess

import fault
from fault import CHANGES, ERRORS, FOR_GOOD, HALF, HALF_AND_KILL, KILL, points

DOCUMENTS = 60
FIRST, FULL, UPDATE = "first", "full", "update"


class Faults(fault.Case):
    def lay_out(self, version):
        """Two states: most documents differ, some are in one of them only, one file has another name."""
        shutil.rmtree(self.docs)
        self.write_jsonl("a.jsonl", [{"id": f"j{i}", "title": f"Titre {i}", "date": "2016-12-07",
                                      "text": f"Le texte {i} de la version {version if i % 3 else 0}, à Alep. " * 8}
                                     for i in range(7 * version, DOCUMENTS)])
        self.write("t/b.txt", f"Un titre\nLa version {version} d’un texte.")
        self.write(f"t/moved-{version}.txt", "Un autre titre\nLa même chose.")

    def setUp(self):
        super().setUp()
        self.pristine = os.path.join(self.top, "pristine")
        self.lay_out(1)
        self.assertEqual(self.run_index("--full", db=os.path.join(self.top, "new")).code, 0)
        self.new = self.dump(os.path.join(self.top, "new"))
        self.new_sum = self.stats["sum"]
        self.lay_out(0)
        # With a layer, which the update merges with what it puts.
        self.write("t/b.txt", "Un titre\nUn autre texte.")
        self.assertEqual(self.run_index(db=self.pristine).code, 0)
        self.lay_out(0)
        self.assertEqual(self.run_index(db=self.pristine).code, 0)
        self.old = self.dump(self.pristine)
        self.assertNotEqual(self.old, self.new)
        self.assertEqual(self.stats["layers"], 2)
        self.lay_out(1)

    def reset(self, way):
        shutil.rmtree(self.db, ignore_errors=True)
        if way != FIRST:
            shutil.copytree(self.pristine, self.db, symlinks=True)
        return ["--full"] if way == FULL else []

    def judge(self, run, way, what):
        """Old or new, and whole; then the next run makes it the new one and clears up."""
        found = self.dump() if os.path.isdir(self.db) else None
        with self.subTest(way=way, **what):
            self.assertIn(found, (None if way == FIRST else self.old, self.new), run)
            if run.code in (0, 1):
                self.assertEqual(found, self.new, run)
            elif run.code == 2:
                self.assertIn("voisin-index: ", run.err)
            if found is not None:
                self.verify()
        return found

    def complete(self):
        again = self.run_index()
        self.assertEqual(again.code, 0, again)
        self.assertEqual(self.dump(), self.new)
        self.check_files(self.new_sum)
        self.verify()
        left = [name for name in os.listdir(self.db) if name.endswith(".tmp")]
        self.assertEqual(left, [])

    def try_points(self, way, few, long, kinds, action, times=1):
        """The n-th call of these kinds, for a sample of n; gives the exit statuses."""
        codes = []
        n = self.calls(*self.reset(way), kinds=kinds)
        for i, skip in enumerate(points(n, few, long)):
            run = self.run_planned(*self.reset(way), kinds=kinds, skip=skip, times=times, action=action)
            self.judge(run, way, {"kinds": kinds, "skip": skip, "action": action})
            codes.append(run.code)
            if i % 3 == 0:
                self.complete()
        return codes


class Errors(Faults):
    def test_any_change_fails(self):
        for way in (FIRST, FULL, UPDATE):
            for error in ERRORS:
                codes = self.try_points(way, 8, FOR_GOOD, CHANGES, error)
                self.assertIn(2, codes)

    def test_a_sync_that_fails_is_fatal(self):
        """The kernel may have dropped what it could not write: no second attempt can make that good."""
        for way in (FIRST, FULL, UPDATE):
            n = self.calls(*self.reset(way), kinds=("fsync",))
            for skip in points(n, 6, FOR_GOOD):
                run = self.run_planned(*self.reset(way), kinds=("fsync",), skip=skip, action=errno.EIO)
                self.judge(run, way, {"skip": skip})
                self.assertEqual(run.code, 2, (way, skip, n, run))
                self.assertIn("Input/output error", run.err, (way, skip))
        self.complete()

    def test_open_close_and_read_fail(self):
        for way in (FULL, UPDATE):
            for kinds, error in ((("open",), errno.EMFILE), (("close",), errno.EIO), (("read",), errno.EIO)):
                self.try_points(way, 4, FOR_GOOD, kinds, error)

    def test_interruptions_and_short_writes_are_borne(self):
        """These are no failures: the run goes on and ends well."""
        for way in (FIRST, FULL, UPDATE):
            for kinds, action in ((("write",), errno.EINTR), (("read",), errno.EINTR), (("write",), HALF), (("read",), HALF)):
                codes = self.try_points(way, 3, 40, kinds, action)
                self.assertEqual(set(codes), {0}, (way, kinds, action))

    def test_every_write_is_short(self):
        for way in (FIRST, FULL, UPDATE):
            run = self.run_planned(*self.reset(way), kinds=("write", "read"), times=FOR_GOOD, action=HALF)
            self.assertEqual(run.code, 0, run)
            self.judge(run, way, {"action": "all short"})


class Kills(Faults):
    """F1: the half of the kills that strikes inside a commit or a publication; test_crash.py has the other half."""

    def test_killed_at_any_call(self):
        for way in (FIRST, FULL, UPDATE):
            codes = self.try_points(way, 8, 40, CHANGES, KILL)
            self.assertEqual(set(codes), {-signal.SIGKILL})

    def test_killed_in_the_middle_of_a_write(self):
        for way in (FULL, UPDATE):
            self.try_points(way, 4, 30, ("write",), HALF_AND_KILL)


class FullDisk(Faults):
    def judge_full(self, run, way, what):
        self.assertEqual(run.code, 2, (what, run))
        self.assertIn("No space left on device", run.err)
        self.judge(run, way, what)
        left = [name for name in os.listdir(self.db) if name.endswith(".tmp")] if os.path.isdir(self.db) else []
        self.assertEqual(left, [], what)

    def test_at_each_twentieth(self):
        for way in (FIRST, FULL, UPDATE):
            run = self.run_planned(*self.reset(way))
            self.assertEqual(run.code, 0, run)
            grown = self.plan.grown()
            self.assertGreater(grown, 20)
            for part in range(20):
                # What did not fit once is not tried again and again: as on a disk that others fill.
                run = self.run_planned(*self.reset(way), budget=grown * part // 20)
                if run.code == 0 and part == 19:
                    # The tables of what is known come last, and may be done without.
                    self.judge(run, way, {"part": part})
                    continue
                self.judge_full(run, way, {"part": part})
            self.complete()

    def mount(self, options):
        subprocess.run(["mount", "-t", "tmpfs", "-o", options, "none", self.disk], check=True)
        self.addCleanup(subprocess.run, ["umount", self.disk], check=False, stderr=subprocess.DEVNULL)

    def on_a_disk(self, way, options):
        """A run on a small file system of its own; gives the exit status."""
        self.mount(options)
        self.db = os.path.join(self.disk, "db")
        run = self.run_index(*self.reset(way), env={**os.environ, "LC_ALL": "C", "ASAN_OPTIONS": fault.SANITIZER})
        if run.code == 2:
            self.judge_full(run, way, {"options": options})
        else:
            self.judge(run, way, {"options": options})
        subprocess.run(["umount", self.disk], check=True)
        return run.code

    def test_of_real_disks(self):
        """The same of file systems that are full, or have no inode left."""
        self.disk = os.path.join(self.top, "disk")
        os.mkdir(self.disk)
        if os.geteuid() != 0 or subprocess.run(["mount", "-t", "tmpfs", "none", self.disk], check=False,
                                               stderr=subprocess.DEVNULL).returncode != 0:
            self.skipTest("no file system can be mounted here")
        subprocess.run(["umount", self.disk], check=True)
        names = [os.path.join(folder, name) for folder, _, files in os.walk(self.pristine) for name in files]
        page = os.sysconf("SC_PAGE_SIZE")
        for way in (FIRST, FULL, UPDATE):
            self.db = os.path.join(self.top, "db")
            self.assertEqual(self.run_planned(*self.reset(way)).code, 0)
            # What is there already, to the page, and the first few steps of what is to come.
            taken = 0 if way == FIRST else sum(-(-os.stat(name).st_size // page) * page for name in names)
            first = 2 if way == FIRST else len(names) + 4
            sizes = [taken + 2 * page + self.plan.grown() * part // 10 for part in range(10)] + [taken + 64 * page + (1 << 22)]
            by_bytes = [self.on_a_disk(way, f"size={size}") for size in sizes]
            by_inodes = [self.on_a_disk(way, f"nr_inodes={first + n}") for n in (*range(8), 100)]
            for codes in (by_bytes, by_inodes):
                self.assertEqual((codes[0], codes[-1]), (2, 0), (way, by_bytes, by_inodes))


class Clock(Faults):
    def test_the_time_of_day_jumps(self):
        """An hour forth and back, from any look at it on: nothing but the speed that is told changes."""
        for way in (FULL, UPDATE):
            for jump in (3600, -3600, -10**9, 10**10):
                for skip in (0, 1, 3):
                    run = self.run_planned(*self.reset(way), jump=jump, jump_skip=skip)
                    self.assertEqual(run.code, 0, run)
                    self.assertEqual(self.judge(run, way, {"jump": jump, "skip": skip}), self.new)
        # A file that was changed while the clock stood in the future is seen when it is right again.
        self.write("t/b.txt", "Un titre\nEncore un autre texte.")
        run = self.run_planned(jump=10**8)
        self.assertEqual(run.code, 0, run)
        self.write("t/b.txt", "Un titre\nEncore une autre fois.")
        self.assertEqual(self.run_planned(jump=-10**8).code, 0)
        self.assertEqual(self.dump()["t/b.txt"]["text"], "Encore une autre fois.")


if __name__ == "__main__":
    fault.harness.main()
