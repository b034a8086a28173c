# SPDX-License-Identifier: GPL-2.0-or-later
"""clients: those that docs/protocol.md shows, each run as it stands there against a daemon."""
import os
import re
import shutil
import subprocess
import sys

import harness

PAGE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "docs", "protocol.md")
# Language of the block, file, and the program that runs it.
CLIENTS = {"python": ("ask.py", sys.executable), "js": ("ask.js", shutil.which("node") or shutil.which("nodejs"))}
MANY = [{"id": f"doc-{n:03}", "title": f"Dépêche {n}", "date": "2016-12-07", "source": "", "url": "",
         "text": "La trêve tient à Alep. " * (n % 5 + 1)} for n in range(250)]


class Documented(harness.Case):
    def client(self, language):
        name, interpreter = CLIENTS[language]
        with open(PAGE, encoding="utf-8") as file:
            blocks = re.findall(rf"^```{language}\n(.*?)^```", file.read(), re.M | re.S)
        self.assertEqual(len(blocks), 1)
        self.assertLessEqual(len([line for line in blocks[0].split("\n") if line.strip()]), 40)
        if interpreter is None:
            self.skipTest(f"there is no program here that runs {name}")
        path = os.path.join(harness.scratch, name)
        with open(path, "w", encoding="utf-8") as file:
            file.write(blocks[0])
        return [interpreter, path]

    def check(self, language):
        client = self.client(language)
        folder = os.path.join(harness.scratch, "many-" + language)
        harness.make_index(folder, MANY)
        daemon = self.start(db=folder)

        def ask(q, address=daemon.addresses[0]):
            done = subprocess.run([*client, q, address], capture_output=True, timeout=60, check=False,
                                  env=dict(os.environ, PYTHONUTF8="1"))
            return done.returncode, done.stdout.decode(), done.stderr.decode()

        code, out, err = ask("trêve NEAR Alep")
        self.assertEqual((code, err), (0, ""))
        self.assertEqual(sorted(out.splitlines()), [f"{article['id']} {article['title']}" for article in MANY])
        code, out, err = ask("cessez-le-feu")
        self.assertEqual((code, out, err), (0, "", ""))
        code, out, err = ask("Alep NEAR")
        self.assertEqual((code != 0, out), (True, ""))
        self.assertIn("NEAR has nothing on its right", err)
        self.alive(daemon)
        self.assertEqual(daemon.end(), 0)
        code, out, err = ask("Alep")
        self.assertEqual((code != 0, out), (True, ""))
        self.assertRegex(err, "refused|REFUSED")

    def test_python(self):
        self.check("python")

    def test_node(self):
        self.check("js")


if __name__ == "__main__":
    harness.main()
