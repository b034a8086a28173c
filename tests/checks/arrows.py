# SPDX-License-Identifier: GPL-2.0-or-later
"""arrows: which room may include from which (ARCHITECTURE.md), and which may use which library."""
import re

import tree

# room -> rooms (or headers) that it may include from, besides itself and base.  The longest matching row counts.
ROOMS = {
    "base": [],
    "stemmer": [],
    "xapian-c": [],
    "reprints": ["stemmer"],
    "glass": [],
    "invfile": [],
    "store": ["stemmer", "reprints", "xapian-c", "glass", "invfile"],
    "query": ["stemmer", "store", "reprints", "invfile/bm25.h"],
    "query/language": ["stemmer"],
    "query/intervals": ["stemmer", "query/language"],
    "query/snippet": ["stemmer", "store", "query/language", "query/intervals", "query/search.h",
                      "query/plan"],
    "query/reprints": ["stemmer", "reprints", "store", "xapian-c", "query/plan", "query/search.h"],
    "query/plan": ["stemmer", "store", "xapian-c", "invfile", "query/language", "query/intervals", "query/search.h"],
    "protocol": [],
    "indexer": ["stemmer", "store", "query"],
    "daemon": ["query", "store", "protocol"],
    "client": ["protocol"],
}

# library header -> rooms that may include it.
LIBRARIES = {
    r"xapian(\.h|/)": ["xapian-c"],
    r"(event2/|event\.h|evutil\.h)": ["daemon"],
    r"libstemmer\.h": ["stemmer"],
    r"utf8proc\.h": ["stemmer", "client"],
    r"jansson\.h": ["protocol", "indexer", "client"],
    r"libxml/": ["indexer"],
    r"openssl/": ["daemon", "client"],
    r"seccomp\.h": ["daemon"],
}


def inside(path, room):
    return path == room or path.startswith(room + "/")


def room_of(path):
    return max((room for room in ROOMS if inside(path, room)), key=len, default=None)


def wrong(path, opening, target):
    """What is wrong with an #include, or None."""
    room = room_of(path)
    if opening == "<":
        for pattern, rooms in LIBRARIES.items():
            if re.match(pattern, target) and not any(inside(path, allowed) for allowed in rooms):
                return f"only {', '.join(rooms)} may include <{target}>"
        return None
    if target.endswith(".inc") and "/" not in target:
        return None  # a table that the build makes, for the one source that includes it
    if "/" not in target:
        return f'write the path from the project root: "{target}"'
    if any(inside(target, allowed) for allowed in [room, "base"] + ROOMS[room]):
        return None
    return f'{room} may not include "{target}"'


def main():
    top = tree.root()
    files = [path for path in tree.sources(top, (".c", ".h", ".cc")) if room_of(path)]
    findings = []
    for path in files:
        text = tree.code(tree.read(top, path), keep_strings=True)
        for match in re.finditer(r'^[ \t]*#[ \t]*include[ \t]*([<"])([^>"]+)', text, re.M):
            problem = wrong(path, *match.groups())
            if problem:
                findings.append(f"{path}:{tree.line_of(text, match.start())}: {problem}")
    tree.finish(findings, files)


main()
