# SPDX-License-Identifier: GPL-2.0-or-later
"""units: systemd finds nothing wrong with the units, and little to be exposed by the services; the samples are right."""

import glob
import os
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

PACKAGING = os.environ["PACKAGING"]
BUILT = os.environ["PACKAGING_BUILT"]
PROGRAMS = os.environ["PROGRAMS"]
EXPOSURE_MOST = 20  # tenths


def units(*suffixes):
    found = [path for folder in (PACKAGING, BUILT) for suffix in suffixes
             for path in glob.glob(os.path.join(folder, "*" + suffix))]
    return sorted(found)


@unittest.skipUnless(shutil.which("systemd-analyze"), "systemd-analyze is not here (package systemd)")
class Units(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="voisin-units-")
        self.addCleanup(shutil.rmtree, self.folder)
        for path in units(".service", ".timer", ".socket"):
            with open(path, encoding="utf-8") as file:
                text = file.read()
            # The programs are where they were built, not where they will be installed; nor is the user there yet.
            text = re.sub(r"(?m)^(Exec\w+=)\S*/(voisin\w*(?:-index)?)", rf"\1{PROGRAMS}/\2", text)
            text = re.sub(r"(?m)^(User|Group|SocketUser|SocketGroup)=voisin$", r"\1=root", text)
            with open(os.path.join(self.folder, os.path.basename(path)), "w", encoding="utf-8") as file:
                file.write(text)

    def of(self, suffix):
        return sorted(glob.glob(os.path.join(self.folder, "*" + suffix)))

    def test_there_are_some(self):
        names = [os.path.basename(path) for path in self.of("")]
        self.assertIn("voisin-index.service", names)
        self.assertIn("voisin-index.timer", names)
        self.assertIn("voisin-verify.service", names)
        self.assertIn("voisin-verify.timer", names)
        self.assertIn("voisind.service", names)
        self.assertIn("voisind.socket", names)

    def test_verify(self):
        for path in self.of(""):
            run = subprocess.run(["systemd-analyze", "verify", "--man=no", path], capture_output=True, text=True,
                                 check=False)
            mine = [line for line in run.stderr.splitlines() if "voisin" in line]
            self.assertEqual((run.returncode, mine), (0, []), path + ": " + run.stderr)

    def test_exposure(self):
        for path in self.of(".service"):
            with open(path, encoding="utf-8") as file:
                text = re.sub(r"(?m)^(User|Group)=root$", r"\1=voisin", file.read())
            with open(path, "w", encoding="utf-8") as file:
                file.write(text)
            run = subprocess.run(["systemd-analyze", "security", "--offline=true", "--no-pager",
                                  f"--threshold={EXPOSURE_MOST - 1}", path], capture_output=True, text=True, check=False)
            overall = [line for line in run.stdout.splitlines() if "Overall exposure" in line]
            self.assertEqual(run.returncode, 0, f"{path}: {overall} {run.stderr}")
            print(os.path.basename(path), *overall)

    def test_timer_names_its_service(self):
        for path in self.of(".timer"):
            self.assertTrue(os.path.exists(path[:-len("timer")] + "service"), path)


@unittest.skipUnless(shutil.which("systemd-sysusers"), "systemd-sysusers is not here (package systemd)")
class Accounts(unittest.TestCase):
    def test_sysusers_and_tmpfiles(self):
        with tempfile.TemporaryDirectory(prefix="voisin-root-") as root:
            os.makedirs(os.path.join(root, "etc"))
            subprocess.run(["systemd-sysusers", "--root", root, os.path.join(PACKAGING, "voisin.sysusers")], check=True)
            with open(os.path.join(root, "etc/passwd"), encoding="utf-8") as file:
                self.assertRegex(file.read(), r"(?m)^voisin:.*:/var/lib/voisin:\S*/nologin$")
            if os.geteuid() != 0:
                self.skipTest("only root can give folders away")
            subprocess.run(["systemd-tmpfiles", "--root", root, "--create", os.path.join(PACKAGING, "voisin.tmpfiles")],
                           check=True)
            self.assertEqual(os.stat(os.path.join(root, "var/lib/voisin")).st_mode & 0o7777, 0o750)


class Samples(unittest.TestCase):
    """voisin.conf as it is shipped, and with every commented setting switched on, with folders that are there."""

    def check(self, text):
        with tempfile.TemporaryDirectory(prefix="voisin-conf-") as top:
            os.makedirs(os.path.join(top, "presse"))
            path = os.path.join(top, "voisin.conf")
            with open(os.path.join(top, "alerts.conf"), "w", encoding="utf-8") as file:
                file.write("[alert a]\nquery = Alep\nstdout = yes\n")
            text = text.replace("/etc/voisin/alerts.conf", os.path.join(top, "alerts.conf"))
            text = text.replace("/srv/presse", top + "/presse").replace("/var/lib/voisin", top)
            with open(path, "w", encoding="utf-8") as file:
                file.write(text)
            run = subprocess.run([os.path.join(PROGRAMS, "voisin-index"), "--check", "--config", path],
                                 capture_output=True, text=True, check=False)
            self.assertEqual(run.returncode, 0, run.stderr)
            self.check_daemon(top, path, text)

    def check_daemon(self, top, path, text):
        if shutil.which("openssl") is None:
            text = re.sub(r"(?m)^(tls-.*|listen = tls:.*)\n", "", text)
        else:
            subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                            "-subj", "/CN=localhost", "-out", top + "/server.crt", "-keyout", top + "/server.key"],
                           check=True, stderr=subprocess.DEVNULL)
        with open(top + "/tokens", "w", encoding="ascii", opener=lambda name, flags: os.open(name, flags, 0o600)) as file:
            file.write("redaction q4v0hJ8kS2bYw1Zr7mNx\n")
        with open(path, "w", encoding="utf-8") as file:
            file.write(text.replace("/etc/voisin", top))
        run = subprocess.run([os.path.join(PROGRAMS, "voisind"), "--check", "--config", path], capture_output=True,
                             text=True, check=False)
        self.assertEqual(run.returncode, 0, run.stderr)

    def test_as_shipped_and_with_all_settings(self):
        with open(os.path.join(PACKAGING, "voisin.conf"), encoding="utf-8") as file:
            text = file.read()
        self.check(text)
        self.check(re.sub(r"(?m)^#(?=\S)", "", text))

    def test_cron_lines_are_of_a_system_crontab(self):
        with open(os.path.join(BUILT, "voisin-index.cron"), encoding="utf-8") as file:
            lines = [line for line in file.read().splitlines() if line and not line.startswith("#")]
        self.assertEqual([line.split()[:6] for line in lines],
                         [["*/15", "*", "*", "*", "*", "voisin"], ["40", "3", "*", "*", "0", "voisin"]])
        for line in lines:
            command = line.split()[6]
            self.assertTrue(os.path.isabs(command) and command.endswith("/voisin-index"), command)
            self.assertNotIn("@", line)
        self.assertIn(" --verify ", lines[1])


if __name__ == "__main__":
    unittest.main(argv=[sys.argv[0], "--verbose", *sys.argv[1:]])
