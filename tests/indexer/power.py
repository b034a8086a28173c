# SPDX-License-Identifier: GPL-2.0-or-later
"""power: what a disk may hold after the power went, from a log of all changes (fault.c).

A model of a file system.  A file has the bytes that were synced, and changes since; a folder has the names that are sure
to be there, and changes since.  After a cut each 4 KiB page of an unsynced write is there or not, by chance.  What is
sure of names depends on the rule:

    eager     every name at once: a new name may stand for a file without its bytes
    later     every name that came before a sync of anything, and some of those since, in their order (a journal)
    strict    a name when its own folder is synced, and nothing else: what POSIX promises
"""

import os
import random
import struct

ENTRY = struct.Struct("=4I3Q")
OPEN, WRITE, SYNC, RENAME, UNLINK, MKDIR, SYMLINK, TRUNCATE = range(8)
MARK = 99  # not of the library: the test says that a run ended well
RULES = ("eager", "later", "strict")
PAGE = 4096


def read_log(path):
    """[(kind, path, other, is_new, ino, off, data)]"""
    entries = []
    with open(path, "rb") as file:
        data = file.read()
    at = 0
    while at < len(data):
        kind, path_len, other_len, is_new, ino, off, data_len = ENTRY.unpack_from(data, at)
        at += ENTRY.size
        parts = []
        for n in (path_len, other_len, data_len):
            parts.append(data[at:at + n])
            at += n
        entries.append((kind, os.fsdecode(parts[0]), os.fsdecode(parts[1]), is_new, ino, off, parts[2]))
    assert at == len(data), "the log ends within an entry"
    return entries


def mark(path):
    with open(path, "ab") as file:
        file.write(ENTRY.pack(MARK, 0, 0, 0, 0, 0, 0))


class File:
    def __init__(self):
        self.durable = b""
        self.unsynced = []  # (offset, bytes), or (size, None) for a cut

    def sync(self):
        self.durable = self.bytes_after(lambda: True)
        self.unsynced = []

    def bytes_after(self, is_kept):
        out = bytearray(self.durable)
        for off, data in self.unsynced:
            if data is None:
                if is_kept():
                    out = out[:off] + bytes(max(0, off - len(out)))
                continue
            at = 0
            while at < len(data):
                end = min(len(data), at + PAGE - (off + at) % PAGE)
                if is_kept():
                    if len(out) < off + end:
                        out += bytes(off + end - len(out))
                    out[off + at:off + end] = data[at:end]
                at = end
        return bytes(out)


class Folder:
    def __init__(self):
        self.names = {}  # as the running system sees them: a File, a Folder, or the text of a link
        self.durable = {}


class Disk:
    """Plays the log up to some entry; then power() says what is left."""

    def __init__(self, top):
        self.top = top
        self.root = Folder()
        self.by_ino = {}
        self.pending = []  # changes of names that are not sure yet: [(folder, name, what or None)...], each at one stroke

    def find(self, path):
        assert path.startswith(self.top), path
        node = self.root
        for name in [n for n in path[len(self.top):].split("/") if n]:
            node = node.names[name]
            if isinstance(node, str):  # `current`
                raise AssertionError(path)
        return node

    def place(self, path):
        folder, name = os.path.split(path)
        return self.find(folder), name

    def change(self, *changes):
        for folder, name, what in changes:
            if what is None:
                folder.names.pop(name, None)
            else:
                folder.names[name] = what
        self.pending.append(changes)

    def play(self, entry):
        kind, path, other, is_new, ino, off, data = entry
        if kind == OPEN:
            self.opened(path, is_new, ino)
        elif kind == WRITE:
            self.by_ino[ino].unsynced.append((off, data))
        elif kind == TRUNCATE:
            self.by_ino[ino].unsynced.append((off, None))
        elif kind == SYNC:
            self.synced(self.by_ino.get(ino))
        elif kind == RENAME:
            folder, name = self.place(path)
            target, new = self.place(other)
            self.change((target, new, folder.names[name]), (folder, name, None))
        elif kind == UNLINK:
            folder, name = self.place(path)
            self.change((folder, name, None))
        elif kind == MKDIR:
            folder, name = self.place(path)
            self.by_ino[ino] = Folder()
            self.change((folder, name, self.by_ino[ino]))
        elif kind == SYMLINK:
            folder, name = self.place(path)
            self.change((folder, name, other))

    def opened(self, path, is_new, ino):
        folder, name = self.place(path)
        if is_new == 1:
            self.by_ino[ino] = File()
            self.change((folder, name, self.by_ino[ino]))
        elif is_new == 2:
            folder.names[name].unsynced.append((0, None))

    def synced(self, node):
        if isinstance(node, File):
            node.sync()

        def settle(changes):
            for folder, name, what in changes:
                if what is None:
                    folder.durable.pop(name, None)
                else:
                    folder.durable[name] = what
        if self.rule == "eager":
            return
        if self.rule == "later":
            for changes in self.pending:
                settle(changes)
            self.pending = []
        elif isinstance(node, Folder) or node is None:
            # A descriptor of no file or folder that was made here is the top's own.
            node = node or self.root
            kept = []
            for changes in self.pending:
                (settle if any(folder is node for folder, _, _ in changes) else kept.append)(changes)
            self.pending = kept

    def power(self, rule, entries, chance):
        """Plays the entries, cuts the power; gives {path below the top: bytes, a link's text, or None for a folder}."""
        self.rule = rule
        for entry in entries:
            self.play(entry)
        share = chance.choice((0.0, 0.3, 0.5, 0.9, 1.0))
        n = len(self.pending) if rule == "eager" else chance.choice((0, chance.randint(0, len(self.pending))))
        for changes in self.pending[:n]:
            for folder, name, what in changes:
                if what is None:
                    folder.durable.pop(name, None)
                else:
                    folder.durable[name] = what
        left = {}
        self.collect(self.root, "", left, lambda: chance.random() < share)
        return left

    def collect(self, folder, path, left, is_kept):
        for name, node in folder.durable.items():
            below = f"{path}/{name}"
            if isinstance(node, Folder):
                left[below] = None
                self.collect(node, below, left, is_kept)
            else:
                left[below] = node if isinstance(node, str) else node.bytes_after(is_kept)


def lay_out(left, top):
    """Writes what power() gave into the empty folder `top`."""
    for path, what in sorted(left.items(), key=lambda item: item[0]):
        if what is None:
            os.makedirs(top + path, exist_ok=True)
        elif isinstance(what, str):
            os.symlink(what, top + path)
        else:
            with open(top + path, "wb") as file:
                file.write(what)


def whole(top, entries):
    """The disk with nothing lost."""
    return Disk(top).power("eager", entries, Always())


class Always(random.Random):
    def random(self):
        return 0.0

    def choice(self, seq):
        return seq[-1]
