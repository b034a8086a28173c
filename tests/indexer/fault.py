# SPDX-License-Identifier: GPL-2.0-or-later
"""What the tests with failing disks share: a plan for the library that is loaded before the others (fault.c)."""

import errno
import mmap
import os
import signal
import struct
import subprocess

import harness

LIBRARY = os.environ.get("FAULT_LIBRARY", "")
KINDS = ("open", "write", "fsync", "rename", "unlink", "mkdir", "symlink", "truncate", "close", "read")
CHANGES = KINDS[1:8]
KILL, HALF, HALF_AND_KILL = 1000, 1001, 1002
FOR_GOOD = 0xFFFFFFFF
LAYOUT = struct.Struct("=6I3q2I")
NO_BOUND = -1
# libxapian 1.4.22 itself leaks when a write fails, and its check deletes by another type; our library stands before the sanitizer's.
SANITIZER = "verify_asan_link_order=0:detect_leaks=0:new_delete_type_mismatch=0"


class Plan:
    """What happens to the calls of the runs that are given `environment`."""

    def __init__(self, top, area, log=None):
        self.path = os.path.join(top, "plan")
        with open(self.path, "wb") as file:
            file.write(bytes(LAYOUT.size))
        with open(self.path, "r+b") as file:
            self.page = mmap.mmap(file.fileno(), LAYOUT.size)
        self.environment = {**os.environ, "LD_PRELOAD": LIBRARY, "FAULT_PLAN": self.path, "FAULT_AREA": area,
                            "LC_ALL": "C", "ASAN_OPTIONS": SANITIZER}
        if log is not None:
            self.environment["FAULT_LOG"] = log
        self.set()

    def set(self, kinds=(), skip=0, times=1, action=0, budget=NO_BOUND, jump=0, jump_skip=0):
        bits = sum(1 << KINDS.index(kind) for kind in kinds)
        self.page[:] = LAYOUT.pack(bits, skip, times, action, 0, 0, budget, 0, jump, jump_skip, 0)

    def fields(self):
        return LAYOUT.unpack(self.page[:])

    def seen(self):
        return self.fields()[4]

    def done(self):
        return self.fields()[5]

    def grown(self):
        return self.fields()[7]


class Case(harness.Case):
    """A test with a plan for the index in self.db."""

    def setUp(self):
        super().setUp()
        self.top = os.path.realpath(self.top)
        self.docs, self.db = os.path.join(self.top, "docs"), os.path.join(self.top, "db")
        self.plan = Plan(self.top, self.top + "/db")

    def run_planned(self, *args, **planned):
        """A run under a plan, in a group of its own, so that a kill reaches all its processes and not the test."""
        self.plan.set(**planned)
        process = self.start(*args, self.docs, env=self.plan.environment, start_new_session=True)
        run = harness.Run(process, *process.communicate(timeout=300))
        self.assertIn(run.code, (0, 1, 2, -signal.SIGKILL), run)
        self.plan.page.flush()
        return run

    def verify(self, db=None):
        done = subprocess.run([harness.INDEX, "--db", db or self.db, "--verify"], capture_output=True, check=False,
                              timeout=300, env={**os.environ, "ASAN_OPTIONS": SANITIZER})
        self.assertEqual(done.returncode, 0, done)

    def calls(self, *args, kinds=CHANGES):
        """How many calls of these kinds an undisturbed run makes."""
        run = self.run_planned(*args, kinds=kinds, skip=FOR_GOOD)
        self.assertEqual(run.code, 0, run)
        self.assertGreater(self.plan.seen(), 0)
        return self.plan.seen()


def points(n, few, long):
    """Numbers below n: all of them where VOISIN_LONG is set, or n is small; otherwise few, the last ones among them."""
    most = long if os.environ.get("VOISIN_LONG") else few
    if n <= most:
        return list(range(n))
    last = max(1, most // 4)
    spread = {round((n - last) * k / (most - last)) for k in range(most - last)}
    return sorted(spread | set(range(n - last, n)))


ERRORS = (errno.EIO, errno.ENOSPC)
