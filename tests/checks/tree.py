# SPDX-License-Identifier: GPL-2.0-or-later
"""tree: the source files that the checks read, and how they report.

A check is a program `NAME.py ROOT` that prints one line `file:line: what is wrong` for each finding
and exits 0 without any, 1 with some, 77 (skipped) where a tool that it needs is not installed.
"""
import os
import re
import shutil
import sys

SKIPPED = 77
ROOMS = ["base", "stemmer", "xapian-c", "store", "query", "protocol",
         "indexer", "daemon", "client", "tests", "bench"]


def root():
    """The folder to check: the first argument."""
    if len(sys.argv) < 2 or not os.path.isdir(sys.argv[1]):
        sys.exit(f"usage: {sys.argv[0]} ROOT")
    return sys.argv[1]


def sources(top, suffixes, rooms=None):
    """Paths relative to `top` of the files in the rooms that end in one of `suffixes`, sorted."""
    found = []
    for room in rooms or ROOMS:
        for folder, _, names in os.walk(os.path.join(top, room)):
            found += [os.path.relpath(os.path.join(folder, name), top)
                      for name in names if name.endswith(suffixes)]
    return sorted(found)


def read(top, path):
    with open(os.path.join(top, path), encoding="utf-8") as file:
        return file.read()


def blank(match):
    return re.sub(r"[^\n]", " ", match.group())


def code(text, keep_strings=False):
    """C text with comments (and the insides of strings) blanked, line numbers kept."""
    token = re.compile(r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'', re.S)
    return token.sub(lambda m: m.group() if keep_strings and m.group()[0] in "\"'" else blank(m), text)


def line_of(text, offset):
    return text.count("\n", 0, offset) + 1


def require(tool):
    """Ends the check as skipped where `tool` is not installed."""
    if shutil.which(tool) is None:
        print(f"skipped: {tool} is not installed (script/bootstrap --ci installs it)")
        sys.exit(SKIPPED)


def finish(findings, files):
    """Reports, and exits.  To have looked at nothing is a failure too."""
    for finding in findings:
        print(finding)
    if not files:
        print("no source file found: the check looked at nothing")
    else:
        print(f"{len(files)} files, {len(findings)} findings")
    sys.exit(1 if findings or not files else 0)
