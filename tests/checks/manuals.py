# SPDX-License-Identifier: GPL-2.0-or-later
"""manuals: mandoc finds nothing to complain about in the manual pages."""
import subprocess

import tree


def main():
    top = tree.root()
    tree.require("mandoc")
    files = tree.sources(top, (".1", ".3", ".5", ".7", ".8"), tree.ROOMS + ["docs"])
    findings = []
    for path in files:
        # STYLE messages about the date format of other systems' conventions are not errors.
        run = subprocess.run(["mandoc", "-T", "lint", "-W", "warning", path], cwd=top,
                             capture_output=True, text=True, check=False)
        findings += run.stdout.splitlines()
    tree.finish(findings, files)


main()
