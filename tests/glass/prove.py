# SPDX-License-Identifier: GPL-2.0-or-later
"""prove: an index built by the bulk loader holds what one built by Xapian holds, and lives on as one.

    prove.py BIN [FILE...]       BIN: the build folder; FILE: .jsonl or .jsonl.zst (sample/*.jsonl)

Builds both ways, with one process and with three; compares every term, posting, position, value and statistic; checks;
then changes both through voisin-index (documents added, replaced, deleted) and compares again; compacts both and
compares again; and reads the loader's index through xapian-replicate and xapian-tcpsrv.  Exit status 77: a file is absent.
"""

import json
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
SAMPLE = os.path.join(HERE, "..", "..", "sample")


def run(*command, **kwargs):
    """Runs a command that must succeed; its output."""
    process = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False, **kwargs)
    out = process.stdout.decode("utf-8", "replace")
    if process.returncode != 0:
        sys.exit(f"{' '.join(command)}: status {process.returncode}\n{out[-3000:]}")
    return out


class Proof:
    """Two indexes of the same articles, one of each kind."""

    def __init__(self, build, top):
        self.build, self.top = build, top
        self.articles = os.path.join(top, "articles")
        os.mkdir(self.articles)

    def db(self, name):
        """The generation of an index that is served."""
        return os.path.realpath(os.path.join(self.top, name, "current"))

    def program(self, name):
        return os.path.join(self.build, "tests", name)

    def make(self, name, way):
        files = sorted(os.path.join(self.articles, file) for file in os.listdir(self.articles))
        run(self.program("build-index"), way, os.path.join(self.top, name), *files)

    def compare(self, what, one, other):
        out = run(self.program("compare-databases"), one, other)
        counts = [int(n) for n in re.findall(r"\d+", out)]
        if min(counts[:6]) == 0 or counts[-1] != 0:
            sys.exit(f"{what}: {out}")
        print(f"{what}: {out.strip()}", flush=True)

    def check(self, db):
        out = run("xapian-check", db)
        if "No errors found" not in out:
            sys.exit(out)

    def change(self):
        """Of every eight documents one goes, two get another text, and one new one comes."""
        for file in sorted(os.listdir(self.articles)):
            path = os.path.join(self.articles, file)
            with open(path, encoding="utf-8") as lines:
                documents = [json.loads(line) for line in lines]
            kept = []
            for i, document in enumerate(documents):
                if i % 8 == 3:
                    continue
                if i % 8 in (2, 5):
                    document["text"] += "\n\nUn paragraphe de plus, sur Alep et le cessez-le-feu."
                kept.append(document)
                if i % 8 == 6:
                    kept.append({"id": f"{document['id']} bis", "text": "Un article nouveau. " + document["text"][:200]})
            with open(path, "w", encoding="utf-8") as out:
                out.writelines(json.dumps(document, ensure_ascii=False) + "\n" for document in kept)

    def update(self, name):
        command = [os.path.join(self.build, "bin", "voisin-index"), "--quiet", "--db", os.path.join(self.top, name),
                   "--allow-deletes", self.articles]
        process = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)
        out = process.stdout.decode()
        if process.returncode not in (0, 1) or "added 0" in out or "changed 0" in out or "deleted 0" in out:
            sys.exit(f"{' '.join(command)}: {process.returncode} {out} {process.stderr.decode()[-2000:]}")


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def await_server(server, port):
    """Until it can be connected to."""
    while server.poll() is None:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        os.sched_yield()
    sys.exit(f"{server.args[0]} ended with status {server.returncode}")


def replicate(proof, name):
    """A copy through Xapian's own replication protocol, which reads the database's files and changesets."""
    port = free_port()
    parent = os.path.join(proof.top, "masters")
    os.mkdir(parent)
    os.symlink(proof.db(name), os.path.join(parent, "master"))
    copy = os.path.join(proof.top, "copy")
    with subprocess.Popen(["xapian-replicate-server", "--interface=127.0.0.1", f"--port={port}", parent],
                          stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as server:
        await_server(server, port)
        run("xapian-replicate", "--one-shot", "--host=127.0.0.1", f"--port={port}", "--master=master", copy)
        server.kill()
    proof.compare("replicated", proof.db(name), copy)


def serve(proof, name):
    """A stub that names a server: the same documents through Xapian's remote protocol."""
    port = free_port()
    with subprocess.Popen(["xapian-tcpsrv", "--interface=127.0.0.1", f"--port={port}", proof.db(name)],
                          stdout=subprocess.DEVNULL) as server:
        await_server(server, port)
        stub = os.path.join(proof.top, "stub")
        with open(stub, "w", encoding="ascii") as out:
            out.write(f"remote 127.0.0.1:{port}\n")
        local = run("xapian-delve", "-1", proof.db(name))
        remote = run("xapian-delve", "-1", stub)
        server.kill()
    pick = re.compile(r"^(number of documents|average document length|highest document id).*$", re.M)
    if not pick.findall(local) or [m.group() for m in pick.finditer(local)] != [m.group() for m in pick.finditer(remote)]:
        sys.exit(f"{local}\n{remote}")
    print("served by xapian-tcpsrv", flush=True)


def multiply(folder):
    """More articles of the few that there are: their paragraphs in other orders."""
    with open(os.path.join(folder, "0.jsonl"), encoding="utf-8") as lines:
        documents = [json.loads(line) for line in lines]
    paragraphs = [p for document in documents for p in document["text"].split("\n") if p.strip()]
    with open(os.path.join(folder, "more.jsonl"), "w", encoding="utf-8") as out:
        for i in range(600):
            text = "\n\n".join(paragraphs[(i * 7 + k * (1 + i % 5)) % len(paragraphs)] for k in range(1 + i % 9))
            document = {"id": f"more/{i}", "title": f"Titre {i}", "date": f"2016-12-{1 + i % 28:02}", "text": text}
            out.write(json.dumps(document, ensure_ascii=False) + "\n")


def unpack(files, folder):
    for i, file in enumerate(files):
        path = os.path.join(folder, f"{i}.jsonl")
        if file.endswith(".zst"):
            run("zstd", "-dcq", file, "-o", path)
        else:
            shutil.copyfile(file, path)


def main():
    build, *files = sys.argv[1:]
    files = files or sorted(os.path.join(SAMPLE, file) for file in os.listdir(SAMPLE) if file.endswith(".jsonl"))
    absent = [file for file in files if not os.access(file, os.R_OK)]
    if absent:
        print("skipped:", *absent)
        sys.exit(77)
    with tempfile.TemporaryDirectory(prefix="voisin-prove-") as top:
        proof = Proof(build, top)
        unpack(files, proof.articles)
        if len(sys.argv) == 2:
            multiply(proof.articles)
        proof.make("xapian", "xapian")
        for way in ("1", "3"):
            proof.make(way, way)
            proof.compare(f"{way} process(es)", proof.db("xapian"), proof.db(way))
            proof.check(proof.db(way))
        proof.change()
        for name in ("xapian", "3"):
            proof.update(name)
            proof.check(proof.db(name))
        proof.compare("changed", proof.db("xapian"), proof.db("3"))
        for name in ("xapian", "3"):
            run("xapian-compact", "--no-renumber", proof.db(name), os.path.join(top, f"compact-{name}"))
            proof.check(os.path.join(top, f"compact-{name}"))
        proof.compare("compacted", os.path.join(top, "compact-xapian"), os.path.join(top, "compact-3"))
        replicate(proof, "1")
        serve(proof, "1")


main()
