# SPDX-License-Identifier: GPL-2.0-or-later
"""Those that are compared.  Each gets documents and queries, and gives a ranking of at most 100 ids a query."""
import glob
import json
import os
import shutil
import socket
import subprocess
import sys
import time

import sets

HITS = 100
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


def write_tsv(path, pairs):
    with open(path, "w", encoding="utf-8") as file:
        for identity, text in pairs:
            file.write("%s\t%s\n" % (identity, " ".join(text.split())))


def read_run(text):
    rankings = {}
    for line in text.splitlines():
        query, document = line.split("\t")
        rankings.setdefault(query, []).append(document)
    return rankings


class Xapian:
    name = "Xapian"

    def __init__(self, folder):
        self.folder = os.path.join(folder, "xapian")
        self.program = os.path.join(folder, "xapian_run")
        if not os.path.exists(self.program):
            flags = run("pkg-config", "--cflags", "--libs", "xapian-core").split()
            run(os.environ.get("CXX", "c++"), "-std=c++17", "-O2", "-o", self.program,
                os.path.join(HERE, "xapian_run.cc"), *flags)

    def command(self):
        return [self.program]

    def prepare(self, documents, queries):
        return documents, queries

    def search(self, documents, queries):
        shutil.rmtree(self.folder, ignore_errors=True)
        os.makedirs(self.folder)
        documents, queries = self.prepare(documents, queries)
        paths = [os.path.join(self.folder, name) for name in ("documents.tsv", "queries.tsv", "index")]
        write_tsv(paths[0], documents)
        write_tsv(paths[1], queries)
        return read_run(run(*self.command(), *paths))


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

    def __init__(self, folder):
        self.folder = os.path.join(folder, "lucene")
        jars = [path for jar in JARS for path in sorted(glob.glob("/usr/share/java/" + jar))[-1:]]
        if len(jars) < len(JARS) or not shutil.which("javac"):
            raise Absent("needs liblucene8-java and a JDK (apt-get install liblucene8-java default-jdk-headless)")
        classes = os.path.join(folder, "classes")
        self.path = ":".join([classes, *jars])
        run("javac", "-cp", self.path, "-d", classes, os.path.join(HERE, "LuceneRun.java"))

    def command(self):
        return ["java", "-cp", self.path, "LuceneRun"]


class Voisin:
    name = "Voisin"

    def __init__(self, folder, programs):
        self.folder = os.path.join(folder, "voisin")
        self.programs = programs
        self.indexed = None
        self.shortened = 0

    def index(self, documents):
        """The index of the last set is kept for the next, where that has the same documents."""
        if self.indexed == documents:
            return
        shutil.rmtree(self.folder, ignore_errors=True)
        os.makedirs(os.path.join(self.folder, "documents"))
        with open(os.path.join(self.folder, "documents", "all.jsonl"), "w", encoding="utf-8") as file:
            for identity, text in documents:
                file.write(json.dumps({"id": identity, "text": text}, ensure_ascii=False) + "\n")
        run(os.path.join(self.programs, "voisin-index"), "--full", "--quiet", "--db", os.path.join(self.folder, "db"),
            os.path.join(self.folder, "documents"))
        self.indexed = documents

    def search(self, documents, queries):
        self.index(documents)
        address = os.path.join(self.folder, "socket")
        with open(os.path.join(self.folder, "log"), "w", encoding="utf-8") as log:
            daemon = subprocess.Popen(
                [os.path.join(self.programs, "voisind"), "--db", os.path.join(self.folder, "db"), "--listen",
                 "unix:" + address], stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        try:
            with connect(daemon, address, log.name) as connection:
                with connection.makefile("rb") as replies:
                    return {identity: self.ask(connection, replies, text) for identity, text in queries}
        finally:
            daemon.terminate()
            daemon.wait(30)

    def ask(self, connection, replies, text):
        """A query of more words than are allowed loses its last ones."""
        words = sets.words(text).split()
        while words:
            request = {"jsonrpc": "2.0", "id": 1, "method": "search", "params": {
                "q": " ".join(words), "operator": "or", "detail": "id", "limit": HITS}}
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
    flags = " ".join("-D%s=%s" % (name, value) for name, value in constants)
    print("bench/relevance: building in %s" % folder, file=log)
    run("cmake", "-S", root, "-B", folder, "-G", "Ninja", "-DCMAKE_BUILD_TYPE=Release", "-DVOISIN_BENCH=OFF",
        "-DVOISIN_TESTS=OFF", "-DCMAKE_C_FLAGS=" + flags)
    run("cmake", "--build", folder, "-j", str(os.cpu_count()), "--target", "voisind", "voisin-index")
    return os.path.join(folder, "bin")
