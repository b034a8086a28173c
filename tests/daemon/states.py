# SPDX-License-Identifier: GPL-2.0-or-later
"""states: every way in which an index can be wrong, at the start and under a daemon that serves a right one.

At the start the program ends with status 2 and one line that says what is wrong, where there is no older generation to go back to
(damage.py).  A daemon that runs goes on with the
index that it has, and `stats` says what it refuses, and why.
"""
import fcntl
import hashlib
import os
import re
import shutil
import subprocess

import harness
from harness import wait_for

GOOD, OTHER = harness.ARTICLES[:2], harness.ARTICLES[:3]
TABLES = ("iamglass", "postlist.glass", "docdata.glass", "termlist.glass", "inverted")


def change(path, edit):
    """Replaces a file's bytes by edit(bytes)."""
    with open(path, "rb") as file:
        data = edit(file.read())
    os.unlink(path)
    with open(path, "wb") as file:
        file.write(data)


def manifest(edit):
    return lambda folder: change(os.path.join(folder, "manifest"), edit)


def sealed(edit):
    """A manifest that says something else, and vouches for it."""
    def spoil(data):
        lines = edit(data[:data.rindex(b"end ")])
        return lines + b"end " + hashlib.blake2b(lines, digest_size=16).hexdigest().encode() + b"\n"
    return manifest(spoil)


def point(folder, target):
    """Makes `current` of the index that holds a generation point elsewhere."""
    current = os.path.join(os.path.dirname(folder), "current")
    os.unlink(current)
    if target is not None:
        os.symlink(target, current)


def point_nowhere(folder):
    """And nothing before it is there to go back to."""
    os.rename(folder, os.path.join(os.path.dirname(folder), "gen-000888"))
    point(folder, "gen-000777")


def as_file(folder, text):
    shutil.rmtree(folder)
    with open(folder, "w", encoding="ascii") as file:
        file.write(text)


def without(name):
    return lambda folder: os.unlink(os.path.join(folder, name))


def cut(name):
    return lambda folder: change(os.path.join(folder, name), lambda data: data[:len(data) // 2])


def garbage(name):
    return lambda folder: change(os.path.join(folder, name), lambda data: (b"\xa5\x5a" * len(data))[:len(data)])


def link_outside(folder):
    """The generation is a link to somewhere else."""
    outside = folder + ".elsewhere"
    shutil.move(folder, outside)
    os.symlink(outside, folder)


# name: (what is done to the generation's folder, what the message holds)
WRONG = {
    "current is gone": (lambda folder: point(folder, None), "no index"),
    "current points nowhere": (point_nowhere, "gen-000777"),
    "current points to itself": (lambda folder: point(folder, "current"), "current"),
    "current points to a file": (lambda folder: point(folder, "gen-000001/manifest"), "current"),
    "current points outside": (lambda folder: point(folder, "../../etc"), "current"),
    "current points to an absolute path": (lambda folder: point(folder, folder), "current"),
    "the generation is a link to outside": (link_outside, "gen-"),
    "the generation is a file": (lambda folder: as_file(folder, "nothing\n"), "gen-"),
    "the generation is a stub that points elsewhere": (lambda folder: as_file(folder, "auto /tmp\n"), "gen-"),
    "the manifest is gone": (without("manifest"), "manifest"),
    "the manifest is empty": (manifest(lambda data: b""), "damaged"),
    "the manifest is garbage": (garbage("manifest"), "damaged"),
    "the manifest is cut": (cut("manifest"), "damaged"),
    "the manifest's own hash is wrong": (manifest(lambda data: data.replace(b"documents", b"documents ")), "damaged"),
    "a byte of the manifest is another": (manifest(lambda data: data.replace(b"glass", b"glasS", 1)), "damaged"),
    "the manifest is of another schema": (sealed(lambda data: re.sub(rb"schema \d+", b"schema 99", data)), "reindex"),
    "the manifest is of another analysis": (sealed(lambda data: re.sub(rb"analysis .*", b"analysis 99", data)), "reindex"),
    "the manifest counts other documents": (sealed(lambda data: re.sub(rb"documents \d+", b"documents 77", data)),
                                            "documents instead of 77"),
    "the manifest is of a kind to come": (sealed(lambda data: data.replace(b"manifest 2", b"manifest 9")), "damaged"),
    **{f"{name} is gone": (without(name), "damaged") for name in TABLES},
    **{f"{name} is cut": (cut(name), "damaged") for name in TABLES},
    **{f"{name} is empty": (lambda folder, name=name: change(os.path.join(folder, name), lambda data: b""), "damaged")
       for name in TABLES},
    "the version file is garbage": (garbage("iamglass"), ""),
    "the version file is one of chert": (lambda folder: os.rename(os.path.join(folder, "iamglass"),
                                                                  os.path.join(folder, "iamchert")), "damaged"),
}


class States(harness.Case):
    def folder(self, name, articles=GOOD):
        folder = os.path.join(harness.scratch, re.sub(r"\W+", "-", name))
        harness.make_index(folder, articles, "--full")
        return folder, os.path.realpath(os.path.join(folder, "current"))

    def test_at_the_start(self):
        for name, (spoil, word) in WRONG.items():
            with self.subTest(name):
                folder, generation = self.folder("start " + name)
                spoil(generation)
                done = subprocess.run([harness.program("voisind"), "--db", folder, "--listen", "127.0.0.1:0"],
                                      stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=30, check=False)
                self.assertEqual((done.returncode, done.stdout), (2, ""), done.stderr)
                self.assertNotIn("listening", done.stderr)
                self.assertIn(word, done.stderr)

    def test_under_a_daemon(self):
        """A new generation that is wrong is refused; the one that is served goes on; a right one ends it."""
        for name, (spoil, _) in WRONG.items():
            with self.subTest(name):
                folder, _ = self.folder("under " + name, OTHER)
                daemon = self.start("--workers", "1", db=folder)
                with daemon.connect() as client:
                    self.assertEqual(self.found(client, "manifestation"), ["paris"])
                    served = client.ask("stats")["result"]["generation"]
                    # Nobody asks in between, so that nothing is looked at before it is spoilt.
                    harness.make_index(folder, GOOD, "--full")
                    spoil(os.path.realpath(os.path.join(folder, "current")))
                    self.assertEqual(self.found(client, "manifestation"), ["paris"])
                    stats = client.ask("stats")["result"]
                    self.assertEqual(stats["generation"], served)
                    self.assertNotEqual(stats["refused_generation"]["why"], "")
                    self.assertEqual(stats["workers"]["restarts"], 0)
                    self.publish("right " + name, folder)
                    wait_for("the right one is served", lambda c=client: self.found(c, "manifestation") == [])
                daemon.close()

    def publish(self, name, folder):
        """Puts a right generation of another index into this one, and serves it."""
        aside, made = self.folder(name)
        os.rename(made, os.path.join(folder, "gen-000009"))
        shutil.rmtree(aside)
        os.symlink("gen-000009", os.path.join(folder, "next"))
        os.rename(os.path.join(folder, "next"), os.path.join(folder, "current"))

    def found(self, client, q):
        reply = client.ask("search", {"q": q})
        return [hit["id"] for hit in reply["result"]["hits"]] if "result" in reply else reply

    def test_garbage_of_the_right_size(self):
        """Some blocks of each table are held against their hashes at the opening."""
        for name in TABLES[1:]:
            with self.subTest(name):
                folder, generation = self.folder("garbage " + name)
                garbage(name)(generation)
                done = subprocess.run([harness.program("voisind"), "--db", folder, "--listen", "127.0.0.1:0"],
                                      stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=30, check=False)
                self.assertEqual((done.returncode, done.stdout), (2, ""), done.stderr)
                self.assertIn(name + " is not as it was written, at byte 0", done.stderr)

    def test_leftovers(self):
        """Half a generation, newer ones that nothing points to, a lock that is held: none of them matters."""
        folder, generation = self.folder("leftovers")
        shutil.copytree(generation, os.path.join(folder, "gen-000009.tmp"))
        os.unlink(os.path.join(folder, "gen-000009.tmp", "manifest"))
        os.mkdir(os.path.join(folder, "gen-000008"))
        with open(os.path.join(generation, "v.tmp"), "wb") as file:
            file.write(b"half a version file")
        with open(os.path.join(generation, "flintlock"), "ab") as lock:
            fcntl.lockf(lock, fcntl.LOCK_EX)
            daemon = self.start(db=folder)
            with daemon.connect() as client:
                self.assertEqual(client.ask("stats")["result"]["generation"].split(".")[0], os.path.basename(generation))
            self.alive(daemon)

    def test_number_going_back(self):
        folder, first = self.folder("back")
        kept = first + ".kept"
        shutil.copytree(first, kept, symlinks=True)
        harness.make_index(folder, OTHER, "--full")
        daemon = self.start(db=folder)
        with daemon.connect() as client:
            self.assertEqual(self.found(client, "manifestation"), ["paris"])
            if os.path.exists(first):
                shutil.rmtree(first)
            os.rename(kept, first)
            os.symlink(os.path.basename(first), os.path.join(folder, "next"))
            os.rename(os.path.join(folder, "next"), os.path.join(folder, "current"))
            self.assertEqual(self.found(client, "manifestation"), [])
            self.assertEqual(client.ask("stats")["result"]["generation"].split(".")[0], os.path.basename(first))
        self.alive(daemon)

    def test_another_generation_at_the_same_path(self):
        """The same name and the same revision, but another folder: opened anew, never mixed."""
        folder, generation = self.folder("same path", OTHER)
        daemon = self.start(db=folder)
        other, made = self.folder("same path, other", GOOD)
        self.assertEqual(os.path.basename(generation), os.path.basename(made))
        with daemon.connect() as client:
            for _ in range(4):
                self.assertEqual(self.found(client, "manifestation"), ["paris"])
            os.rename(generation, generation + ".old")
            os.rename(made, generation)
            shutil.rmtree(other)
            for _ in range(4):
                self.assertEqual(self.found(client, "manifestation"), [])
                self.assertEqual(sorted(self.found(client, "alep")), ["alep-1", "alep-2"])
                self.assertEqual(client.ask("stats")["result"]["documents"], 2)
        self.alive(daemon)

    def test_few_documents(self):
        for n in (0, 1):
            folder = os.path.join(harness.scratch, f"few-{n}")
            harness.make_index(folder, GOOD)
            harness.make_index(folder, GOOD[:n], "--full", "--allow-deletes")
            daemon = self.start(db=folder)
            with daemon.connect() as client:
                self.assertEqual(client.ask("stats")["result"]["documents"], n)
                for q in ("alep", "\"cessez le feu\"", "cessez-le-feu NEAR Alep", "ale*", "titre:alep", "alep SAUF paris"):
                    self.assertEqual(len(self.found(client, q)), n, q)
                reply = client.ask("search", {"q": "alep", "cursor": ""})["result"]
                self.assertEqual((len(reply["hits"]), reply["cursor"]), (n, None))
                self.assertIn("result", client.ask("suggest", {"q": "al"}))

    def test_rights(self):
        """Files that may not be read are refused by name; a folder that may not be written to is served."""
        if os.geteuid() != 0:
            self.skipTest("only root can become somebody without rights")
        os.chmod(harness.scratch, 0o755)
        folder, generation = self.folder("rights")

        def nobody():
            os.setgroups([])
            os.setgid(65534)
            os.setuid(65534)

        for path, _, names in os.walk(folder):
            os.chmod(path, 0o555)
            for name in names:
                os.chmod(os.path.join(path, name), 0o444)
        daemon = self.start(db=folder, preexec_fn=nobody)
        with daemon.connect() as client:
            self.assertEqual(len(self.found(client, "alep")), 2)
        os.chmod(os.path.join(generation, "postlist.glass"), 0)
        done = subprocess.run([harness.program("voisind"), "--db", folder, "--listen", "127.0.0.1:0"], preexec_fn=nobody,
                              stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=30, check=False)
        self.assertEqual(done.returncode, 2)
        self.assertIn("denied", done.stderr)


if __name__ == "__main__":
    harness.main()
