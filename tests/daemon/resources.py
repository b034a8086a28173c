# SPDX-License-Identifier: GPL-2.0-or-later
"""resources: what the system gives, or does not give: limits of a process, addresses, somewhere to log to."""
import os
import resource
import signal
import subprocess

import harness
from harness import wait_for

NOBODY = 65534


def run(*arguments, **popen):
    done = subprocess.run([harness.program("voisind"), "--db", harness.index_dir, *arguments], stdin=subprocess.DEVNULL,
                          capture_output=True, text=True, timeout=60, check=False, **popen)
    return done.returncode, done.stdout, done.stderr


def as_nobody(*limits):
    """For a child: somebody without rights, with these limits."""
    def become():
        if os.geteuid() == 0:
            os.setgroups([])
            os.setgid(NOBODY)
            os.setuid(NOBODY)
        # After the change of user: execve(2) fails with EAGAIN when that change went past RLIMIT_NPROC, which it
        # does as soon as another process of this user runs.
        for which, value in limits:
            resource.setrlimit(which, (value, value))
    return become


class Limits(harness.Case):
    def setUp(self):
        # Whoever is nobody must be able to read the index.
        os.chmod(harness.scratch, 0o755)

    def test_no_process_may_be_started(self):
        if os.geteuid() != 0:
            self.skipTest("how many processes this user has already is unknown")
        # A leak checker would want a process of its own.
        code, out, err = run("--listen", "127.0.0.1:0", preexec_fn=as_nobody((resource.RLIMIT_NPROC, 0)),
                             env=dict(os.environ, ASAN_OPTIONS="detect_leaks=0"))
        self.assertEqual((code, out), (2, ""))
        self.assertIn("cannot start", err)

    def test_small_stack(self):
        daemon = self.start(preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_STACK, (256 << 10, 256 << 10)))
        self.alive(daemon)
        with daemon.connect() as client:
            for q in ("(" * 16 + "alep" + ")" * 16, " OU ".join(f"(alep NEAR mot{chr(97 + n)})" for n in range(15))):
                self.assertIn("result", client.ask("search", {"q": q}))

    def test_no_file_may_grow(self):
        """Nothing is written to a file, so SIGXFSZ never comes."""
        daemon = self.start(preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0)))
        self.alive(daemon)

    def test_processor_time_of_a_worker(self):
        """A worker that has used up its time is killed by the system, and replaced."""
        daemon = self.start("--workers", "1", "--deadline-ms", "30000", "--soft-deadline-ms", "30000", "--cache-mib",
                            "0")
        worker, = daemon.workers()
        try:
            resource.prlimit(worker, resource.RLIMIT_CPU, (1, 1))
        except PermissionError:
            self.skipTest("the system does not let limits of other processes be set")
        with daemon.connect() as client:
            def ended():
                reply = client.ask("search", {"q": '"la rivière" NEAR "sous le pont"', "total": "exact", "matches": 1000})
                if "error" in reply:
                    self.error(reply, -32603, "internal")
                return "error" in reply or worker not in daemon.workers()

            wait_for("its time is used up", ended, 120)
            self.assertIn("result", client.ask("search", {"q": "alep"}))
        self.assertNotIn(worker, daemon.workers())
        self.alive(daemon)

    def test_little_memory(self):
        """With three mebibytes for each process, of which libcrypto takes a good one, what cannot be done is refused, and the daemon lives."""
        probe = self.start()
        if probe.sanitized():
            self.skipTest("under a sanitizer memory has no limit")
        daemon = self.start(preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_DATA, (3 << 20, 3 << 20)))
        with daemon.connect() as client:
            self.assertIn("result", client.ask("ping"))
            for method, params in (("search", {"q": "rivière NEAR pont"}), ("document", {"id": "long", "length": 524288}),
                                   ("suggest", {"q": "riv"}), ("stats", None)) * 3:
                reply = client.ask(method, params)
                self.assertTrue("result" in reply or reply["error"]["data"]["status"] in ("nomem", "internal"), reply)
        self.assertIsNone(daemon.process.poll())
        wait_for("both workers are there", lambda: len(daemon.workers()) == 2)

class Addresses(harness.Case):
    def test_address_of_another_machine(self):
        code, out, err = run("--listen", "192.0.2.1:7117", "--allow-remote")
        self.assertEqual((code, out), (2, ""))
        self.assertIn("192.0.2.1:7117", err)

    def test_port_of_the_system(self):
        with open("/proc/sys/net/ipv4/ip_unprivileged_port_start", encoding="ascii") as file:
            if os.geteuid() != 0 or int(file.read()) <= 7:
                self.skipTest("here any user may have any port, or nobody may become another")
        os.chmod(harness.scratch, 0o755)
        code, out, err = run("--listen", "127.0.0.1:7", preexec_fn=as_nobody())
        self.assertEqual((code, out), (2, ""))
        self.assertIn("127.0.0.1:7", err)

    def test_the_second_of_two_addresses(self):
        """One that cannot be had ends the program, and takes back the one before it."""
        path = os.path.join(harness.scratch, "first")
        code, out, err = run("--listen", "unix:" + path, "--listen", "192.0.2.1:7117", "--allow-remote")
        self.assertEqual((code, out), (2, ""))
        self.assertIn("192.0.2.1", err)
        self.assertFalse(os.path.exists(path))


class Log(harness.Case):
    def served(self, stderr):
        """A daemon whose log goes nowhere answers."""
        path = os.path.join(harness.scratch, "log")
        process = subprocess.Popen([harness.program("voisind"), "--db", harness.index_dir, "--listen", "unix:" + path],
                                   stdin=subprocess.DEVNULL, stderr=stderr)
        try:
            harness.wait_until_served(path)
            yield path
            with harness.Client("unix:" + path) as client:
                for _ in range(100):
                    self.assertIn("result", client.ask("search", {"q": "alep"}))
            process.send_signal(signal.SIGTERM)
            self.assertEqual(process.wait(harness.PATIENCE), 0)
        finally:
            process.kill()
            process.wait()

    def test_full_disk(self):
        with open("/dev/full", "wb") as full:
            for _ in self.served(full):
                pass

    def test_reader_that_goes_away(self):
        ends = os.pipe()
        for _ in self.served(ends[1]):
            os.close(ends[1])
            os.close(ends[0])


if __name__ == "__main__":
    harness.main()
