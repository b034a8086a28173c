# SPDX-License-Identifier: GPL-2.0-or-later
"""Those that are compared.  Each gets documents and queries, and gives a ranking of at most 100 ids a query.

What does not change is not made twice: Voisin's index of a set, and what the baselines found, are kept in `folder`
under a name made from all that went into them, and found there again by the next run that is given the folder.
"""
import glob
import hashlib
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time

import sets

HITS = 100
DEADLINES = ["--deadline-ms", "60000", "--soft-deadline-ms", "60000"]  # a busy machine is no reason for worse hits
HERE = os.path.dirname(os.path.abspath(__file__))
JARS = ("lucene-core-8*.jar", "lucene-analyzers-common-8*.jar")


class Failure(Exception):
    pass


class Absent(Exception):
    pass


def run(*command, **options):
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8", check=False, **options)
    if done.returncode != 0:
        raise Failure("%s: status %d\n%s" % (" ".join(command), done.returncode, done.stderr[-2000:]))
    return done.stdout


def read(path):
    with open(path, "rb") as file:
        return file.read()


def write(path, text):
    with open(path, "wb") as file:
        file.write(text)


def tsv(pairs):
    return "".join("%s\t%s\n" % (identity, " ".join(text.split())) for identity, text in pairs).encode()


def key(*parts):
    """A name for what is made from these bytes and from nothing else."""
    digest = hashlib.sha256()
    for part in parts:
        digest.update(b"%d:" % len(part) + part)
    return digest.hexdigest()[:24]


def read_run(text):
    rankings = {}
    for line in text.splitlines():
        query, document = line.split("\t")
        rankings.setdefault(query, []).append(document)
    return rankings


class Xapian:
    name = "Xapian"
    source = os.path.join(HERE, "xapian_run.cc")

    def __init__(self, folder):
        self.folder = folder
        self.version = run("pkg-config", "--modversion", "xapian-core").encode()

    def make(self, scratch):
        """Compiles the program; returns its command."""
        program = os.path.join(scratch, "xapian_run")
        flags = run("pkg-config", "--cflags", "--libs", "xapian-core").split()
        run(os.environ.get("CXX", "c++"), "-std=c++17", "-O2", "-o", program, self.source, *flags)
        return [program]

    def prepare(self, documents, queries):
        return documents, queries

    def search(self, documents, queries):
        inputs = [tsv(pairs) for pairs in self.prepare(documents, queries)]
        kept = os.path.join(self.folder, key(read(self.source), self.version, *inputs) + ".run")
        if not os.path.exists(kept):
            with tempfile.TemporaryDirectory(prefix="voisin-relevance-") as scratch:
                paths = [os.path.join(scratch, name) for name in ("documents.tsv", "queries.tsv", "index")]
                write(paths[0], inputs[0])
                write(paths[1], inputs[1])
                write(kept + ".new", run(*self.make(scratch), *paths).encode())
            os.rename(kept + ".new", kept)
        return read_run(read(kept).decode())


class XapianHelped(Xapian):
    """Elided particles cut from both sides, and the words of a stop list from the queries."""
    name = "Xapian, elision, stop list"

    def __init__(self, folder, stop_list):
        super().__init__(folder)
        if not os.path.exists(stop_list):
            raise Absent("there is no stop list at %s" % stop_list)
        with open(stop_list, encoding="utf-8") as file:
            self.stop = set(file.read().split())

    def prepare(self, documents, queries):
        return ([(i, sets.without_elision(t)) for i, t in documents],
                [(i, sets.without_stop_words(sets.without_elision(t), self.stop)) for i, t in queries])


class Lucene(Xapian):
    name = "Lucene 8, FrenchAnalyzer"
    source = os.path.join(HERE, "LuceneRun.java")

    def __init__(self, folder):  # pylint: disable=super-init-not-called
        self.folder = folder
        jars = [path for jar in JARS for path in sorted(glob.glob("/usr/share/java/" + jar))[-1:]]
        if len(jars) < len(JARS) or not shutil.which("javac"):
            raise Absent("needs liblucene8-java and a JDK (apt-get install liblucene8-java default-jdk-headless)")
        self.jars = jars
        self.version = " ".join(map(os.path.basename, jars)).encode()

    def make(self, scratch):
        path = ":".join([scratch, *self.jars])
        run("javac", "-cp", path, "-d", scratch, self.source)
        return ["java", "-cp", path, "LuceneRun"]


class Voisin:
    name = "Voisin"

    def __init__(self, folder, programs, hits=HITS):
        self.folder = folder
        self.programs = programs
        self.hits = hits
        self.shortened = 0

    def index(self, documents):
        lines = "".join(json.dumps({"id": identity, "text": text}, ensure_ascii=False) + "\n"
                        for identity, text in documents).encode()
        program = os.path.join(self.programs, "voisin-index")
        kept = os.path.join(self.folder, key(read(program), lines) + ".db")
        if not os.path.exists(kept):
            with tempfile.TemporaryDirectory(prefix="voisin-relevance-") as scratch:
                write(os.path.join(scratch, "all.jsonl"), lines)
                shutil.rmtree(kept + ".new", ignore_errors=True)
                run(program, "--full", "--quiet", "--db", kept + ".new", scratch)
            os.rename(kept + ".new", kept)
        return kept

    def search(self, documents, queries):
        index = self.index(documents)
        with tempfile.TemporaryDirectory(prefix="voisin-relevance-") as scratch:
            address, log = os.path.join(scratch, "socket"), os.path.join(scratch, "log")
            with open(log, "w", encoding="utf-8") as file:
                daemon = subprocess.Popen(
                    [os.path.join(self.programs, "voisind"), "--db", index, "--listen", "unix:" + address,
                     *DEADLINES],
                    stdin=subprocess.DEVNULL, stdout=file, stderr=file)
            try:
                with connect(daemon, address, log) as connection, connection.makefile("rb") as replies:
                    return {identity: self.ask(connection, replies, text) for identity, text in queries}
            finally:
                daemon.terminate()
                daemon.wait(30)

    def ask(self, connection, replies, text):
        """A query of more words than are allowed loses its last ones."""
        words = sets.words(text).split()
        while words:
            request = {"jsonrpc": "2.0", "id": 1, "method": "search", "params": {
                "q": " ".join(words), "operator": "or", "detail": "id", "limit": self.hits}}
            connection.sendall(json.dumps(request).encode() + b"\n")
            reply = json.loads(replies.readline())
            if "result" in reply:
                return [hit["id"] for hit in reply["result"]["hits"]]
            if reply["error"]["data"]["status"] != "limit":
                raise Failure("%s: %s" % (" ".join(words), reply["error"]["message"]))
            self.shortened += words == sets.words(text).split()
            words.pop()
        return []


def connect(daemon, address, log):
    for _ in range(600):
        connection = socket.socket(socket.AF_UNIX)
        try:
            connection.connect(address)
            return connection
        except OSError:
            connection.close()
        if daemon.poll() is not None:
            with open(log, encoding="utf-8") as file:
                raise Failure("voisind ended at its start:\n" + file.read())
        time.sleep(0.05)
    raise Failure("voisind does not listen")


def build(root, folder, constants):
    """Builds the programs, with other values for some of the scoring's constants where any are given."""
    log = sys.stderr
    ranking = ";".join("%s=%s" % (name, value) for name, value in constants)
    print("bench/relevance: building in %s" % folder, file=log)
    run("cmake", "-S", root, "-B", folder, "-G", "Ninja", "-DCMAKE_BUILD_TYPE=Release", "-DVOISIN_BENCH=OFF",
        "-DVOISIN_TESTS=OFF", "-DVOISIN_RANKING=" + ranking)
    run("cmake", "--build", folder, "-j", str(os.cpu_count()), "--target", "voisind", "voisin-index")
    return os.path.join(folder, "bin")
