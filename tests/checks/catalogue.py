# SPDX-License-Identifier: GPL-2.0-or-later
"""catalogue: tests/CATALOGUE.md has a row for each item, and the files and tests that it names are there.

A name in backquotes that ends like a file is one, below tests/ or in one of its folders; `test_...` words behind it are its functions.
"""
import glob
import os
import re

import tree

PAGE = "tests/CATALOGUE.md"
ITEMS = [str(n) for n in range(1, 86)] + [f"F{n}" for n in range(1, 15)]
NAMED = re.compile(r"`([\w./-]+\.(?:py|c|txt))`([^`|]*)")


def items_of(cell):
    """The items that a row is about: "66, 68, 71", "F3"."""
    return re.findall(r"F?\d+", cell)


def texts_of(top, name):
    """What the files say that may be meant."""
    found = glob.glob(os.path.join(top, "tests", name)) + glob.glob(os.path.join(top, "tests", "*", name))
    return [tree.read(top, os.path.relpath(path, top)) for path in sorted(set(found))]


def check_line(top, line):
    for name, behind in NAMED.findall(line):
        texts = texts_of(top, name)
        if not texts:
            yield f"there is no {name} in tests"
        for test in re.findall(r"\btest_\w+", behind):
            if texts and not any(re.search(rf"\b{test}\(", text) for text in texts):
                yield f"{name} has no {test}"


def main():
    top = tree.root()
    findings, missing = [], set(ITEMS)
    for number, line in enumerate(tree.read(top, PAGE).splitlines(), 1):
        findings += [f"{PAGE}:{number}: {what}" for what in check_line(top, line)]
        cells = line.split("|")
        if line.startswith("|") and len(cells) == 5 and cells[3].strip():
            missing -= set(items_of(cells[1]))
    findings += [f"{PAGE}: no row for item {item}" for item in ITEMS if item in missing]
    tree.finish(findings, [PAGE])


main()
