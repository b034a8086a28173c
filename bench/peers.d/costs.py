# SPDX-License-Identifier: GPL-2.0-or-later
"""What a command costs: seconds on the clock, seconds of the processor, the most memory at one moment, bytes on the disk."""
import os
import subprocess
import threading
import time

FIRST_LOOK, LOOKS_GROW, LOOKS_MOST = 0.01, 1.2, 0.25  # seconds between two looks at the memory


class Failure(Exception):
    pass


def descendants(pid):
    yield pid
    try:
        for task in os.listdir("/proc/%d/task" % pid):
            with open("/proc/%d/task/%s/children" % (pid, task), encoding="ascii") as file:
                children = file.read().split()
            for child in children:
                yield from descendants(int(child))
    except OSError:
        pass  # it has ended


def memory(pid):
    """Bytes that a process and its descendants have for themselves and share: not the pages of mapped files, which the kernel can drop."""
    kib = 0
    for process in descendants(pid):
        try:
            with open("/proc/%d/smaps_rollup" % process, encoding="ascii") as file:
                kib += sum(int(line.split()[1]) for line in file if line.startswith(("Pss_Anon:", "Pss_Shmem:")))
        except OSError:
            pass
    return kib * 1024


def watch(pid, done, peak):
    pause = FIRST_LOOK
    while not done.wait(pause):
        peak[0] = max(peak[0], memory(pid))
        pause = min(pause * LOOKS_GROW, LOOKS_MOST)


def sync_files(folder):
    """Brings every file below to the disk, so that no peer is faster by leaving that to later."""
    for path, _, names in os.walk(folder):
        for name in names:
            if not os.path.isfile(os.path.join(path, name)):
                continue
            descriptor = os.open(os.path.join(path, name), os.O_RDONLY)
            os.fsync(descriptor)
            os.close(descriptor)


def size(folder):
    """What the files below take on the disk: those of Groonga have holes."""
    return sum(os.lstat(os.path.join(path, name)).st_blocks * 512 for path, _, names in os.walk(folder) for name in names)


def run(command, folder, environment=None):
    """Runs a command that writes to `folder`."""
    start, done, peak = time.monotonic(), threading.Event(), [0]
    with open(os.path.join(folder, "index.log"), "wb") as log:
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                                   env=dict(os.environ, **(environment or {})))
        watcher = threading.Thread(target=watch, args=(process.pid, done, peak))
        watcher.start()
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        done.set()
        watcher.join()
    if process.returncode != 0:
        with open(os.path.join(folder, "index.log"), encoding="utf-8", errors="replace") as log:
            raise Failure("%s: status %d\n%s" % (" ".join(command), process.returncode, log.read()[-2000:]))
    sync_files(folder)
    return {"wall": time.monotonic() - start, "cpu": usage.ru_utime + usage.ru_stime, "peak": peak[0]}
