# SPDX-License-Identifier: GPL-2.0-or-later
"""format: clang-format would change nothing."""
import subprocess

import tree


def main():
    top = tree.root()
    tree.require("clang-format")
    files = tree.sources(top, (".c", ".h", ".cc"))
    run = subprocess.run(["clang-format", "--dry-run", *files], cwd=top, capture_output=True,
                         text=True, check=False)
    findings = [line for line in run.stderr.splitlines() if "[-Wclang-format-violations]" in line]
    if run.returncode != 0 and not findings:
        findings = [run.stderr.rstrip()]
    tree.finish(findings, files)


main()
