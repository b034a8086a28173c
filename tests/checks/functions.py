# SPDX-License-Identifier: GPL-2.0-or-later
"""functions: no function over 100 lines, no file (but a test) over 800, unless functions_allowed.txt names it.

Works on the layout that clang-format gives: a function's body is a `{` alone in the first column, up to
the next `}` in the first column; its name stands before the first `(` of the lines above.  An allow-list row that is no longer needed
is a finding as well, so the list shrinks.
"""
import os
import re

import tree

FUNCTION_LINES = 100
FILE_LINES = 800


def functions(text):
    """(name, first line, lines of the body) of each function."""
    lines = tree.code(text).split("\n")
    start = None
    for number, line in enumerate(lines):
        if line.rstrip() == "{":
            start = number
        elif line.startswith("}") and start is not None:
            yield name_above(lines, start), start + 1, number - start - 1
            start = None


def name_above(lines, brace):
    """The name of the function whose body opens at `brace`: the last line above it that begins in column one with `name(`."""
    for line in reversed(lines[max(0, brace - 12):brace]):
        match = re.match(r"[\w:~<>,*& ]*?([\w:~]+)\s*\(", line)
        if match and not line[0].isspace():
            return match.group(1)
    return "?"


def read_allowed():
    path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "functions_allowed.txt")
    with open(path, encoding="utf-8") as file:
        rows = [line.split("#")[0].strip() for line in file]
    return {row for row in rows if row}


def main():
    top = tree.root()
    files = tree.sources(top, (".c", ".h", ".cc"))
    long = {}
    for path in files:
        text = tree.read(top, path)
        if text.count("\n") > FILE_LINES and not path.startswith("tests/"):
            long[path] = f"{path}:1: {text.count(chr(10))} lines; look for the second module inside"
        for name, line, length in functions(text):
            if length > FUNCTION_LINES:
                long[f"{path} {name}"] = f"{path}:{line}: {name} is {length} lines long"
    allowed = read_allowed()
    findings = [finding for key, finding in sorted(long.items()) if key not in allowed]
    if os.path.exists(os.path.join(top, "CMakeLists.txt")):
        findings += [f"functions_allowed.txt: '{row}' is not needed any more"
                     for row in sorted(allowed - set(long))]
    tree.finish(findings, files)


main()
