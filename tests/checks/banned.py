# SPDX-License-Identifier: GPL-2.0-or-later
"""banned: calls that have a safer way, and words that promise work without an issue."""
import re

import tree

CALLS = {
    "strcpy": "struct buf or memcpy with a checked length",
    "strcat": "struct buf",
    "strncpy": "memcpy with a checked length",
    "strncat": "struct buf",
    "sprintf": "buf_printf or snprintf",
    "vsprintf": "vsnprintf",
    "strtok": "a loop over a struct str",
    "atoi": "strtol with its checks",
    "atol": "strtol with its checks",
    "atof": "strtod with its checks",
    "gets": "file_read",
    "alloca": "an arena",
    "tmpnam": "mkstemp or mkdtemp",
    "mktemp": "mkstemp or mkdtemp",
}


def main():
    top = tree.root()
    files = tree.sources(top, (".c", ".h", ".cc"))
    findings = []
    for path in files:
        text = tree.read(top, path)
        body = tree.code(text)
        for match in re.finditer(r"(?<![\w.>])(" + "|".join(CALLS) + r")\s*\(", body):
            name = match.group(1)
            findings.append(f"{path}:{tree.line_of(body, match.start())}: {name}: use {CALLS[name]}")
        for match in re.finditer(r"\b(TODO|FIXME|XXX)\b", text):
            findings.append(f"{path}:{tree.line_of(text, match.start())}: {match.group()}: "
                            "open an issue, or do it")
        if not text.startswith("/* SPDX-License-Identifier: GPL-2.0-or-later */"):
            findings.append(f"{path}:1: the first line must be the licence identifier")
    tree.finish(findings, files)


main()
