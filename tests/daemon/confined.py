# SPDX-License-Identifier: GPL-2.0-or-later
"""confined: who the daemon's processes are, and what they cannot do even when they try."""
import os
import pwd
import shutil
import subprocess

import harness
from harness import wait_for

# What each process is made to try by voisind-misbehaving: "prevented", or "killed" where only an intruder would try.
NETWORK = {"open": "prevented", "create": "prevented", "mkdir": "prevented", "unlink": "prevented",
           "socket": "prevented", "kill": "prevented", "root": "prevented", "code": "prevented",
           "exec": "killed", "fork": "killed", "ptrace": "killed"}
WORKER = NETWORK | {"open": "prevented"}


def misbehaving():
    return os.path.join(os.path.dirname(harness.bin_dir), "tests", "voisind-misbehaving")


def status_of(pid):
    with open(f"/proc/{pid}/status", encoding="ascii", errors="replace") as file:
        return dict((key, value.split()) for key, _, value in (line.partition(":") for line in file))


def sandboxed(daemon):
    return "running without a sandbox" not in "".join(daemon.log)


class Tries(harness.Case):
    def start_misbehaving(self, *options):
        if not os.path.exists(misbehaving()):
            self.skipTest("voisind-misbehaving is not built")
        daemon = self.start(*options, binary=misbehaving(), confined=True)
        if not sandboxed(daemon):
            self.skipTest("built with a sanitizer, which needs system calls of its own")
        return daemon

    def test_worker(self):
        daemon = self.start_misbehaving("--workers", "1")
        if daemon.logged("sandbox without"):
            self.skipTest("this kernel has no seccomp or Landlock")
        for act, end in WORKER.items():
            with self.subTest(act):
                worker, = daemon.workers()
                with daemon.connect() as client:
                    reply = client.ask("search", {"q": f"misbehave worker {act}"})
                if end == "prevented":
                    self.assertRegex(reply["error"]["message"], "^prevented: (Operation not permitted|Permission denied)")
                    self.assertEqual(daemon.workers(), [worker])
                else:
                    self.assertIn("ended", reply["error"]["message"])
                    wait_for("it was killed by its filter", lambda: daemon.logged(f"pid={worker} ended signal=31"))
                self.alive(daemon)

    def test_network_process(self):
        for act, end in NETWORK.items():
            with self.subTest(act):
                daemon = self.start_misbehaving("--workers", "1")
                with daemon.connect() as client:
                    client.send(harness.request("search", {"q": f"misbehave network {act}"}))
                    if end == "prevented":
                        message = client.reply()["error"]["message"]
                        self.assertRegex(message, "^prevented: (Operation not permitted|Permission denied)")
                        self.alive(daemon)
                        continue
                    self.assertTrue(client.at_end())
                self.assertEqual(daemon.process.wait(harness.PATIENCE), -31)
                daemon.process.returncode = 0  # what close() wants to see

    def test_without_a_sandbox(self):
        """The acts above are no mistake of the test: without the sandbox they succeed."""
        daemon = self.start(binary=misbehaving(), confined=False) if os.path.exists(misbehaving()) else None
        if daemon is None:
            self.skipTest("voisind-misbehaving is not built")
        if os.geteuid() == 0:
            daemon.close()
            daemon = self.start("--no-sandbox", binary=misbehaving())
        for process in ("worker", "network"):
            for act in ("open", "socket", "fork", "code"):
                with daemon.connect() as client:
                    reply = client.ask("search", {"q": f"misbehave {process} {act}"})
                self.assertEqual(reply["error"]["message"], "done", (process, act))


class Identity(harness.Case):
    def processes(self, daemon):
        return [daemon.pid, *daemon.children()]

    def test_status_of_each_process(self):
        daemon = self.start(confined=True)
        bare = not sandboxed(daemon)
        self.assertEqual(len(self.processes(daemon)), 4)
        for pid in self.processes(daemon):
            status = status_of(pid)
            for name in ("CapInh", "CapPrm", "CapEff", "CapAmb"):
                self.assertEqual(int(status[name][0], 16), 0, (pid, name))
            if os.geteuid() == 0:
                self.assertEqual(int(status["CapBnd"][0], 16), 0)
            self.assertEqual(status["NoNewPrivs"], ["1"])
            if not bare:
                self.assertEqual(status["Seccomp"], ["2"])
            with open(f"/proc/{pid}/limits", encoding="ascii") as file:
                self.assertRegex(file.read(), r"Max core file size +0 +0 ")

    def test_root_becomes_the_named_user(self):
        self.only_root()
        os.chmod(harness.scratch, 0o755)
        path = os.path.join(harness.scratch, "nobody.socket")
        daemon = self.start("--user", "nobody:nogroup", listen=("127.0.0.1:0", "unix:" + path))
        nobody = pwd.getpwnam("nobody")
        for pid in self.processes(daemon):
            status = status_of(pid)
            self.assertEqual(status["Uid"], [str(nobody.pw_uid)] * 4)
            self.assertEqual(status["Gid"], [str(nobody.pw_gid)] * 4)
            self.assertEqual(status["Groups"], [str(nobody.pw_gid)])
        self.assertEqual((os.stat(path).st_uid, os.stat(path).st_mode & 0o777), (nobody.pw_uid, 0o660))
        self.assertTrue(daemon.logged("running as user=nobody"))
        self.assertFalse(daemon.logged("ROOT"))
        self.alive(daemon)
        daemon.workers()
        # The folder is root's: the socket has to stay, and is replaced by the next one.
        self.assertEqual(daemon.end(), 0)
        self.assertTrue(os.path.exists(path))
        self.alive(self.start("--user", "nobody", listen=("unix:" + path,)))

    def test_root_becomes_the_owner_of_the_index(self):
        self.only_root()
        os.chmod(harness.scratch, 0o755)
        theirs = os.path.join(harness.scratch, "theirs")
        shutil.copytree(harness.index_dir, theirs, symlinks=True)
        for folder, folders, files in os.walk(theirs):
            for name in [folder] + [os.path.join(folder, each) for each in folders + files]:
                os.lchown(name, 12345, 12345)
        daemon = self.start(db=theirs)
        for pid in self.processes(daemon):
            self.assertEqual(status_of(pid)["Uid"], ["12345"] * 4)
        self.alive(daemon)

    def test_root_stays_root_only_in_the_open(self):
        self.only_root()
        daemon = self.start()
        self.assertTrue(daemon.logged("RUNNING AS ROOT"))
        service = dict(os.environ, NOTIFY_SOCKET="@voisin-test")
        done = subprocess.run([harness.program("voisind"), "--db", harness.index_dir, "--listen", "127.0.0.1:0"],
                              env=service, capture_output=True, text=True, check=False, timeout=harness.PATIENCE)
        self.assertEqual(done.returncode, 2)
        self.assertIn("--user", done.stderr)

    def test_wrong_users(self):
        names = [("nosuchuser", "nosuchuser"), ("nobody:nosuchgroup", "nosuchgroup"), (":", "--user"), ("root", "root")]
        for name, word in names if os.geteuid() == 0 else names[:1] + [("nobody", "only root")]:
            done = subprocess.run([harness.program("voisind"), "--db", harness.index_dir, "--user", name],
                                  capture_output=True, text=True, check=False, timeout=harness.PATIENCE)
            self.assertEqual(done.returncode, 2)
            self.assertIn(word, done.stderr)

    def test_keeper_killed(self):
        """Without its keeper the daemon cannot replace a worker: it answers what it has, and ends with a failure."""
        daemon = self.start()
        os.kill(daemon.keeper(), 9)
        self.assertEqual(daemon.process.wait(harness.PATIENCE), 2)
        self.assertTrue(daemon.logged("keeper process ended"))

    def only_root(self):
        if os.geteuid() != 0:
            self.skipTest("only root can become another user")


if __name__ == "__main__":
    harness.main()
