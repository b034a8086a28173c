# SPDX-License-Identifier: GPL-2.0-or-later
"""shell: shellcheck finds nothing to complain about in the scripts."""
import os
import subprocess

import tree


def is_shell(path):
    if not os.path.isfile(path):
        return False
    with open(path, "rb") as file:
        first = file.read(80)
    return path.endswith(".sh") or (first.startswith(b"#!") and b"sh" in first.split(b"\n")[0])


def main():
    top = tree.root()
    tree.require("shellcheck")
    folders = ["script", ".ci", "tests", "bench", "packaging"]
    files = [path for path in tree.sources(top, ("",), folders) if is_shell(os.path.join(top, path))]
    run = subprocess.run(["shellcheck", "-x", "-f", "gcc", *files], cwd=top, capture_output=True,
                         text=True, check=False)
    tree.finish((run.stdout + run.stderr).splitlines(), files)


main()
