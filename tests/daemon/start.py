# SPDX-License-Identifier: GPL-2.0-or-later
"""start: options, addresses, sockets; every wrong one is refused with a message that names it."""
import os
import resource
import signal
import socket
import stat
import subprocess

import harness

# Options that are refused, and a word of the message.
WRONG = [
    ([], "--db"),
    (["--db", ""], "--db"),
    (["--db"], "--db"),
    (["--db", "x", "--nonsense"], "--nonsense"),
    (["--db", "x", "-x"], "-x"),
    (["--db", "x", "more"], "more"),
    (["--db", "x", "--allow-remote=1"], "--allow-remote"),
    (["--db", "x", "--workers", "0"], "from 1 to 64"),
    (["--db", "x", "--workers", "65"], "from 1 to 64"),
    (["--db", "x", "--workers", "-1"], "--workers"),
    (["--db", "x", "--workers", " 1"], "--workers"),
    (["--db", "x", "--workers", "2x"], "--workers"),
    (["--db", "x", "--workers", ""], "--workers"),
    (["--db", "x", "--idle-ms", "99999999999999999999"], "--idle-ms"),
    (["--db", "x", "--idle-ms", "4294967297"], "--idle-ms"),
    (["--db", "x", "--soft-deadline-ms", "1001"], "--deadline-ms"),
    (["--db", "x", "--listen", "localhost"], "localhost"),
    (["--db", "x", "--listen", "127.0.0.1:"], "127.0.0.1:"),
    (["--db", "x", "--listen", "127.0.0.1:65536"], "65536"),
    (["--db", "x", "--listen", "127.0.0.1:-1"], "-1"),
    (["--db", "x", "--listen", "127.0.0.1:http"], "http"),
    (["--db", "x", "--listen", ":7117"], ":7117"),
    (["--db", "x", "--listen", "::1:7117"], "::1:7117"),
    (["--db", "x", "--listen", "no-such-host.invalid:1"], "no-such-host.invalid"),
    (["--db", "x", "--listen", "unix:"], "unix:"),
    (["--db", "x", "--listen", "unix:" + "x" * 108], "107 bytes"),
    (["--db", "x"] + ["--listen", "127.0.0.1:0"] * 17, "16 times"),
    (["--db", "x", "--listen", "0.0.0.0:0"], "--allow-remote"),
    (["--db", "x", "--listen", "[::]:0"], "--allow-remote"),
    (["--db", "x", "--listen", "192.0.2.1:0"], "--allow-remote"),
    (["--db", "x", "--listen", "127.0.0.1:0", "--listen", "[::ffff:192.0.2.1]:0"], "--allow-remote"),
]


def run(*arguments, **popen):
    """Runs voisind to its end: (exit status, standard output, standard error)."""
    done = subprocess.run([harness.program("voisind"), *arguments], stdin=subprocess.DEVNULL, capture_output=True,
                          text=True, timeout=harness.PATIENCE, check=False, **popen)
    return done.returncode, done.stdout, done.stderr


class Options(harness.Case):
    def test_wrong_ones(self):
        for arguments, word in WRONG:
            with self.subTest(" ".join(arguments)[:100]):
                code, out, err = run("-n", *arguments)
                self.assertEqual((code, out), (2, ""))
                self.assertIn(word, err)
                self.assertEqual(err.count("\n"), 1)

    def test_right_ones(self):
        code, out, err = run("--db", "x", "--check", "--listen", "[::1]:0", "--listen", "unix:x", "--workers=64")
        self.assertEqual((code, out, err), (0, "configuration OK\n", ""))
        code, out, err = run("--db", "x", "-n", "--listen", "0.0.0.0:0", "--allow-remote")
        self.assertEqual((code, out, err), (0, "configuration OK\n", ""))
        code, out, err = run("--help")
        self.assertEqual((code, err), (0, ""))
        for word in ("--db", "--listen", "--allow-remote", "--workers", "--worker-mib", "7117"):
            self.assertIn(word, out)
        code, out, err = run("--version")
        self.assertEqual((code, err), (0, ""))
        self.assertRegex(out, r"^voisind \d+\.\d+\.\d+\n$")

    def test_output_that_cannot_be_written(self):
        for option in ("--help", "--version"):
            with open("/dev/full", "w", encoding="ascii") as full:
                done = subprocess.run([harness.program("voisind"), option], stdout=full, check=False, timeout=20)
            self.assertEqual(done.returncode, 2)

    def test_bad_index(self):
        file = os.path.join(harness.scratch, "file")
        empty = os.path.join(harness.scratch, "empty")
        with open(file, "w", encoding="ascii"):
            os.makedirs(empty, exist_ok=True)
        for db in ("/nonexistent/index", file, empty):
            with self.subTest(db):
                code, out, err = run("--db", db, "--listen", "127.0.0.1:0")
                self.assertEqual((code, out), (2, ""))
                self.assertIn(db, err)
                self.assertNotIn("listening", err)


class Sockets(harness.Case):
    def test_port_in_use(self):
        with socket.create_server(("127.0.0.1", 0)) as other:
            address = "127.0.0.1:%d" % other.getsockname()[1]
            code, _, err = run("--db", harness.index_dir, "--listen", address)
        self.assertEqual(code, 2)
        self.assertIn(address, err)
        self.assertIn("in use", err)

    def test_second_daemon(self):
        path = os.path.join(harness.scratch, "second")
        daemon = self.start(listen=("unix:" + path,))
        code, _, err = run("--db", harness.index_dir, "--listen", "unix:" + path)
        self.assertEqual(code, 2)
        self.assertIn("in use", err)
        self.alive(daemon)

    def test_unix_socket(self):
        path = os.path.join(harness.scratch, "socket")
        previous = os.umask(0)
        try:
            daemon = self.start(listen=("unix:" + path,))
        finally:
            os.umask(previous)
        self.assertEqual(stat.S_IMODE(os.stat(path).st_mode), 0o660)
        self.alive(daemon)
        self.assertEqual(daemon.end(), 0)
        self.assertFalse(os.path.exists(path))

    def test_other_files_are_not_touched(self):
        path = os.path.join(harness.scratch, "precious")
        with open(path, "w", encoding="ascii") as file:
            file.write("precious")
        code, _, err = run("--db", harness.index_dir, "--listen", "unix:" + path)
        self.assertEqual(code, 2)
        self.assertIn("no socket", err)
        with open(path, encoding="ascii") as file:
            self.assertEqual(file.read(), "precious")
        code, _, err = run("--db", harness.index_dir, "--listen", "unix:/nonexistent/folder/socket")
        self.assertEqual(code, 2)
        self.assertIn("/nonexistent/folder", err)

    def test_a_socket_that_is_anothers_by_now_stays(self):
        path = os.path.join(harness.scratch, "replaced")
        daemon = self.start(listen=("127.0.0.1:0", "unix:" + path))
        os.unlink(path)
        with socket.socket(socket.AF_UNIX) as other:
            other.bind(path)
            self.assertEqual(daemon.end(), 0)
            self.assertTrue(os.path.exists(path))

    def test_ipv6(self):
        try:
            socket.create_server(("::1", 0), family=socket.AF_INET6).close()
        except OSError:
            self.skipTest("this machine has no IPv6 loopback")
        daemon = self.start(listen=("[::1]:0",))
        self.assertRegex(daemon.addresses[0], r"^\[::1\]:\d+$")
        self.alive(daemon)


class Surroundings(harness.Case):
    def test_closed_standard_streams(self):
        path = os.path.join(harness.scratch, "closed")
        process = subprocess.Popen(
            ["/bin/sh", "-c", 'exec "$@" <&- >&- 2>&-', "sh", harness.program("voisind"), "--db",
             harness.index_dir, "--listen", "unix:" + path], close_fds=True)
        try:
            harness.wait_until_served(path)
            with harness.Client("unix:" + path) as client:
                self.assertIn("result", client.ask("search", {"q": "alep"}))
            process.send_signal(signal.SIGTERM)
            self.assertEqual(process.wait(harness.PATIENCE), 0)
        finally:
            if process.poll() is None:
                process.kill()

    def test_children_of_others(self):
        """A shell that becomes voisind by exec leaves it its children, which it does not wait for."""
        path = os.path.join(harness.scratch, "stepchild")
        process = subprocess.Popen(
            ["/bin/sh", "-c", 'sleep 600 & echo $!; exec "$@"', "sh", harness.program("voisind"), "--db",
             harness.index_dir, "--listen", "unix:" + path], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        child = int(process.stdout.readline())
        try:
            harness.wait_until_served(path)
            process.send_signal(signal.SIGTERM)
            self.assertEqual(process.wait(harness.PATIENCE), 0)
        finally:
            os.kill(child, signal.SIGKILL)
            process.kill()
            process.wait()
            process.stdout.close()

    def test_few_descriptors(self):
        def few(n):
            return lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (n, n))

        code, _, err = run("--db", harness.index_dir, "--listen", "127.0.0.1:0", preexec_fn=few(30))
        self.assertEqual(code, 2)
        self.assertIn("ulimit -n", err)
        daemon = self.start(preexec_fn=few(60))
        self.assertTrue(daemon.logged("connections lowered"))
        self.alive(daemon)

    def test_no_environment(self):
        daemon = self.start(env={})
        self.alive(daemon)
        other = self.start(env={"LC_ALL": "tr_TR.UTF-8", "LANG": "de_DE.UTF-8"})
        self.alive(other)


if __name__ == "__main__":
    harness.main()
