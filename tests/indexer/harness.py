# SPDX-License-Identifier: GPL-2.0-or-later
"""What the tests that run voisin-index share: a scratch folder, the program, and a look into the index."""

import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
import unittest

INDEX = os.environ["VOISIN_INDEX"]
DUMP = os.environ["DUMP_INDEX"]
SUMMARY = re.compile(
    r"^(?:dry run: )?added (\d+), changed (\d+), deleted (\d+), unchanged (\d+), refused (\d+)"
    r" in \d+\.\d s, \d+\.\d MB/s$"
)
MOVED = re.compile(r"^moved, in files with another name and the same bytes: (\d+)$", re.MULTILINE)
NO_INDEX = 3


def is_being_read(pid, name):
    """Whether a process has a file of that name open, and has read some of it."""
    try:
        for fd in os.listdir(f"/proc/{pid}/fd"):
            if os.readlink(f"/proc/{pid}/fd/{fd}").endswith("/" + name):
                with open(f"/proc/{pid}/fdinfo/{fd}", encoding="ascii") as info:
                    return not info.readline().endswith("\t0\n")
    except FileNotFoundError:  # it was closed just now
        pass
    return False


class Run:
    """One finished run of voisin-index."""

    def __init__(self, process, out, err):
        self.code = process.returncode
        self.out = out.decode("utf-8", "surrogateescape")
        self.err = err.decode("utf-8")  # must be UTF-8, whatever the names and contents of files
        match = SUMMARY.match(self.out.splitlines()[-1]) if self.out else None
        self.counts = tuple(int(n) for n in match.groups()) if match else None
        moved = MOVED.search(self.out)
        self.moved = int(moved.group(1)) if moved else 0

    def __repr__(self):
        return f"exit {self.code}\n--- stdout\n{self.out}--- stderr\n{self.err}"


class Case(unittest.TestCase):
    """A test with a scratch folder, documents in self.docs, and an index in self.db."""

    def setUp(self):
        self.top = tempfile.mkdtemp(prefix="voisin-index-")
        self.docs = os.path.join(self.top, "docs")
        self.db = os.path.join(self.top, "db")
        os.mkdir(self.docs)

    def tearDown(self):
        # Not shutil.rmtree(), which recurses: some of these folders are a thousand deep.
        subprocess.run(["rm", "-rf", "--", self.top], check=True)

    def write(self, name, contents, folder=None):
        """Writes a file below the documents' folder, as text or bytes, and dates it an hour back."""
        if isinstance(contents, str):
            contents = contents.encode()
        if isinstance(name, str):
            name = name.encode()
        path = os.path.join((folder or self.docs).encode(), name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as file:
            file.write(contents)
        past = os.stat(path).st_mtime - 3600
        os.utime(path, (past, past))
        return path

    def write_jsonl(self, name, documents, folder=None):
        lines = [json.dumps(d, ensure_ascii=False) + "\n" for d in documents]
        return self.write(name, "".join(lines), folder)

    def start(self, *args, db=None, **kwargs):
        command = [INDEX, "--db", db or self.db, *args]
        return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, **kwargs)

    def start_until(self, condition, *args):
        """Starts it on these, and lets it run for a moment at a time until condition(process) holds.  It stands still then, until go_on()."""
        process = self.start(*args)
        while True:
            os.kill(process.pid, signal.SIGSTOP)
            what = os.waitid(os.P_PID, process.pid, os.WEXITED | os.WSTOPPED | os.WNOWAIT)
            if what.si_code != os.CLD_STOPPED:
                raise AssertionError(f"it ended too early: {Run(process, *process.communicate())}")
            os.waitid(os.P_PID, process.pid, os.WSTOPPED)
            if condition(process):
                return process
            os.kill(process.pid, signal.SIGCONT)
            time.sleep(0.0005)

    @staticmethod
    def go_on(process, number=None):
        """Sends it a signal, if any, lets it run, and waits for its end."""
        if number is not None:
            process.send_signal(number)
        process.send_signal(signal.SIGCONT)
        return Run(process, *process.communicate(timeout=300))

    def run_index(self, *args, db=None, **kwargs):
        """Runs voisin-index on the documents' folder, or on what `args` say."""
        if not any(not a.startswith("--") for a in args):
            args = (*args, self.docs)
        process = self.start(*args, db=db, **kwargs)
        return Run(process, *process.communicate(timeout=300))

    def check(self, run, code, added=0, changed=0, deleted=0, unchanged=0, moved=0, refused=0):
        self.assertEqual(run.counts, (added, changed, deleted, unchanged + moved, refused), run)
        self.assertEqual(run.moved, moved, run)
        self.assertEqual(run.code, code, run)

    def dump(self, db=None):
        """The documents of the index by id, or None where there is no index."""
        process = subprocess.run([DUMP, db or self.db], capture_output=True, timeout=300, check=False)
        if process.returncode == NO_INDEX:
            return None
        self.assertEqual(process.returncode, 0, process.stderr)
        lines = [json.loads(line) for line in process.stdout.splitlines()]
        self.stats = lines.pop()
        documents = {d["id"]: d for d in lines}
        self.assertEqual(len(documents), len(lines), "an id occurs twice")
        return documents

    def check_files(self, expected):
        """After dump(): there are no inverted files but those that the index names, and they say what others say of the same documents."""
        self.assertEqual(self.stats["sum"], expected)
        names = [name for name in os.listdir(os.path.join(self.db, "current")) if name.startswith("inverted")]
        self.assertEqual(len(names), self.stats["layers"], names)

    def ids(self):
        documents = self.dump()
        return None if documents is None else sorted(documents)


def main():
    unittest.main(argv=[sys.argv[0], "--verbose", *sys.argv[1:]])
