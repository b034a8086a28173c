# SPDX-License-Identifier: GPL-2.0-or-later
"""Those that are compared.  Each makes its indexes in a folder of its own, and then answers "count" and "pass" (driver.h)."""
import glob
import hashlib
import json
import os
import pwd
import shutil
import subprocess

import costs

HERE = os.path.dirname(os.path.abspath(__file__))
SERVE = os.path.join(HERE, "serve")
CONNECTS = """python3 -c 'import socket, sys; socket.socket(socket.AF_UNIX).connect(sys.argv[1])' '%s'"""
# Capitals are for operators: NEAR is one only where its letters are known.
LETTERS = "0..9, A..Z->a..z, a..z, U+DF..U+F6, U+F8..U+17F"


class Absent(Exception):
    pass


def need(path, package):
    if not path or not os.path.exists(path):
        raise Absent("install %s" % package)
    return path


def output(*command):
    return subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, encoding="utf-8", check=False).stdout


def version_of(package):
    """Of a Debian package, without what Debian adds to it."""
    text = output("dpkg-query", "-W", "-f", "${Version}", package)
    return text.split("+")[0].split("-")[0].split(":")[-1]


class System:
    """One peer.  The work of a corpus is `place`: its texts are in place.cut, the peer's own things in self.folder."""
    name = how = package = None
    texts = ("stems", "forms")
    warm = 1        # passes before the first one that counts
    comparable = True  # it counts what all the others count
    passes_most = None

    def __init__(self, bin_folder, place):
        self.bin = bin_folder
        self.cut = place.cut
        self.docs = place.docs
        self.folder = os.path.join(place.folder, self.key())
        self.process = None
        self.need_parts()

    @classmethod
    def key(cls):
        return cls.__name__.lower()

    def program(self):
        return os.path.join(self.bin, "bench_peer_" + self.key())

    def need_parts(self):
        need(self.program(), self.package)

    def version(self):
        return version_of(self.package)

    def stamp(self):
        """Changes where an index that was kept must be made again."""
        return self.version()

    # ---- Indexing ----

    def index_command(self, text):
        return [self.program(), "index", self.text(text), os.path.join(self.folder, text)]

    def text(self, text):
        return os.path.join(self.cut, text + ".tsv")

    def prepare(self):
        pass

    def environment(self):
        return None

    def index_size(self, text):
        del text
        return costs.size(self.folder)

    def index(self, again):
        """Makes the indexes unless they are there; returns the cost of each, {text: {wall, cpu, peak, bytes}}."""
        kept = os.path.join(self.folder, "costs.json")
        if os.path.exists(kept) and not again:
            with open(kept, encoding="utf-8") as file:
                stamp, cost = json.load(file)
            if stamp == self.stamp():
                return cost
        shutil.rmtree(self.folder, ignore_errors=True)
        os.makedirs(self.folder)
        self.prepare()
        cost, before = {}, 0
        for text in self.texts:
            cost[text] = costs.run(self.index_command(text), self.folder, self.environment())
            after = self.index_size(text)
            cost[text]["bytes"] = after - before
            before = after
        with open(kept, "w", encoding="utf-8") as file:
            json.dump([self.stamp(), cost], file)
        return cost

    # ---- Asking ----

    def query_command(self, queries):
        return [self.program(), "query", self.folder, queries]

    def start(self, queries):
        self.log = open(os.path.join(self.folder, "query.log"), "w+", encoding="utf-8", errors="replace")
        self.process = subprocess.Popen(self.query_command(queries), stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        stderr=self.log, encoding="utf-8")

    def line(self):
        line = self.process.stdout.readline()
        if not line:
            self.log.seek(0)
            raise costs.Failure("%s ended: %s" % (self.name, self.log.read()[-2000:]))
        return line

    def say(self, command):
        self.process.stdin.write(command + "\n")
        self.process.stdin.flush()

    def count(self, n):
        self.say("count")
        return [int(self.line()) for _ in range(n)]

    def one_pass(self):
        self.say("pass")
        return [float(cell) for cell in self.line().split()]

    def stop(self):
        """Ends the process, if there is one; returns what it has to say where it failed."""
        if self.process is None:
            return ""
        self.process.stdin.close()
        code = self.process.wait()
        self.process.stdout.close()
        self.log.seek(0)
        said = "%s: status %d\n%s" % (self.name, code, self.log.read()[-2000:]) if code != 0 else ""
        self.log.close()
        self.process = None
        return said


class Voisin(System):
    name, how = "Voisin", "in process"
    texts = ("raw",)
    package = "script/bootstrap"

    def index_program(self):
        return os.path.join(self.bin, "voisin-index")

    def version(self):
        return output(self.index_program(), "--version").split()[-1]

    def stamp(self):
        with open(self.index_program(), "rb") as file:
            return hashlib.sha256(file.read()).hexdigest()

    def index_command(self, text):
        return [self.index_program(), "--full", "--quiet", "--db", self.database(), self.docs]

    def database(self):
        return os.path.join(self.folder, "db")

    def index_size(self, text):
        return costs.size(self.database())

    def query_command(self, queries):
        return [self.program(), "query", self.database(), queries]


class Voisind(Voisin):
    name, how = "voisind", "through the daemon, over a Unix socket"

    def __init__(self, bin_folder, place):
        super().__init__(bin_folder, place)
        self.voisin = Voisin(bin_folder, place)

    def index(self, again):
        del again
        os.makedirs(self.folder, exist_ok=True)
        self.voisin.index(False)
        return {}

    def query_command(self, queries):
        socket = os.path.join(self.folder, "socket")
        address = "unix:" + socket
        ready = "'%s' --server '%s' --ping" % (os.path.join(self.bin, "voisin"), address)
        # The same questions for all, and no reply that was kept from the pass before.
        return [SERVE, ready, "--", os.path.join(self.bin, "voisind"), "--db", self.voisin.database(), "--listen", address,
                "--variants", "none", "--cache-mib", "0", "--", self.program(), "query", address, queries]


class Xapian(System):
    name, how = "bare Xapian", "in process, TermGenerator and its defaults"
    package = "libxapian-dev"

    def environment(self):
        return {"XAPIAN_FLUSH_THRESHOLD": ""}


class Sqlite(System):
    name, how = "SQLite FTS5", "in process, contentless"
    package = "libsqlite3-dev"


class Groonga(System):
    name, how = "Groonga", "in process, by commands"
    package = "libgroonga-dev"


class Lucene(System):
    name, how, kind = "Lucene", "in process (JVM), PhraseQuery and SpanNear", "spans"
    package = "liblucene8-java"
    warm = 30
    jars = ("lucene-core-8*.jar", "lucene-analyzers-common-8*.jar", "lucene-queries-8*.jar")

    def need_parts(self):
        need(shutil.which("javac"), "default-jdk-headless")
        self.path = [need((glob.glob("/usr/share/java/" + jar) or [""])[0], self.package) for jar in self.jars]

    def java(self):
        classes = os.path.join(os.path.dirname(self.folder), "classes")
        source = os.path.join(HERE, "LucenePeer.java")
        made = os.path.join(classes, "LucenePeer.class")
        if not os.path.exists(made) or os.path.getmtime(made) < os.path.getmtime(source):
            os.makedirs(classes, exist_ok=True)
            said = output("javac", "-d", classes, "-cp", ":".join(self.path), source)
            if not os.path.exists(made):
                raise costs.Failure(said)
        return ["java", "-Xmx2g", "-cp", ":".join([*self.path, classes]), "LucenePeer", self.kind]

    def index_command(self, text):
        return [*self.java(), "index", self.text(text), os.path.join(self.folder, text)]

    def query_command(self, queries):
        return [*self.java(), "query", self.folder, queries]


class LuceneIntervals(Lucene):
    name, how, kind = "Lucene, intervals", "the same index, positional queries by intervals", "intervals"

    def __init__(self, bin_folder, place):
        super().__init__(bin_folder, place)
        self.spans = Lucene(bin_folder, place)

    def index(self, again):
        del again
        os.makedirs(self.folder, exist_ok=True)
        self.spans.index(False)
        return {}

    def query_command(self, queries):
        return [*self.java(), "query", self.spans.folder, queries]


class LuceneFrench(Lucene):
    name, how, kind = "Lucene, French", "FrenchAnalyzer on the raw text, SpanNear", "french"
    texts = ("raw",)
    comparable = False


class Sphinx(System):
    name, how = "Sphinx", "SphinxQL over a Unix socket"
    package = "libmariadb-dev"

    def need_parts(self):
        super().need_parts()
        for program in ("indexer", "searchd"):
            need(shutil.which(program), "sphinxsearch")

    def version(self):
        return version_of("sphinxsearch")

    def source(self, text):
        return """source {0} {{
    type = tsvpipe
    tsvpipe_command = cat '{1}'
    tsvpipe_field = words
}}
index {0} {{
    source = {0}
    path = {2}/{0}
    dict = keywords
    min_word_len = 1
    min_prefix_len = {3}
    charset_table = {4}
    mlock = 0
}}
""".format(text, self.text(text), self.folder, 2 if text == "forms" else 0, LETTERS)

    def prepare(self):
        with open(os.path.join(self.folder, "sphinx.conf"), "w", encoding="utf-8") as file:
            file.write("".join(self.source(text) for text in self.texts))
            file.write("indexer {{\n    mem_limit = 512M\n    max_file_field_buffer = 32M\n}}\n"
                       "searchd {{\n    listen = {0}/socket:mysql41\n    log = {0}/searchd.log\n"
                       "    pid_file = {0}/searchd.pid\n    workers = threads\n    binlog_path =\n}}\n".format(self.folder))

    def configuration(self):
        return os.path.join(self.folder, "sphinx.conf")

    def index_command(self, text):
        return ["indexer", "--config", self.configuration(), text]

    def query_command(self, queries):
        return [SERVE, CONNECTS % os.path.join(self.folder, "socket"), "--", "searchd", "--nodetach", "--config", self.configuration(), "--",
                self.program(), "query", self.folder, queries]


class Postgres(System):
    name, how = "PostgreSQL", "over a Unix socket, tsvector and GIN"
    package = "libpq-dev"
    passes_most = 1  # its NEAR takes a second

    def need_parts(self):
        super().need_parts()
        self.programs = need((sorted(glob.glob("/usr/lib/postgresql/*/bin")) or [""])[-1], "postgresql")
        self.as_user = []
        if os.geteuid() == 0:  # it refuses to run as root
            try:
                user = pwd.getpwnam("postgres")
            except KeyError:
                raise Absent("there is no user postgres") from None
            self.user = user
            self.as_user = ["setpriv", "--reuid=postgres", "--regid=postgres", "--init-groups"]

    def version(self):
        return version_of(os.path.basename(glob.glob("/usr/share/doc/postgresql-[0-9]*")[-1]))

    def tool(self, name):
        return [*self.as_user, os.path.join(self.programs, name)]

    def prepare(self):
        if self.as_user:
            os.chown(self.folder, self.user.pw_uid, self.user.pw_gid)
        said = output(*self.tool("initdb"), "-D", os.path.join(self.folder, "data"), "-E", "UTF8", "--locale=C.UTF-8",
                      "-A", "trust", "-U", "postgres", "--no-sync")
        if not os.path.exists(os.path.join(self.folder, "data", "PG_VERSION")):
            raise costs.Failure(said)

    def served(self, *command):
        settings = {"listen_addresses": "", "unix_socket_directories": self.folder, "shared_buffers": "1GB",
                    "maintenance_work_mem": "512MB", "work_mem": "256MB", "fsync": "off", "jit": "off",
                    "max_parallel_workers_per_gather": "0", "max_wal_size": "8GB"}
        flags = [flag for name, value in settings.items() for flag in ("-c", "%s=%s" % (name, value))]
        return [SERVE, "'%s/pg_isready' -q -h '%s'" % (self.programs, self.folder), "--", *self.tool("postgres"), "-D",
                os.path.join(self.folder, "data"), *flags, "--", *command]

    def index_command(self, text):
        return self.served(*super().index_command(text))

    def index_size(self, text):
        return costs.size(os.path.join(self.folder, "data", "base"))

    def query_command(self, queries):
        return self.served(*super().query_command(queries))


ALL = (Voisin, Voisind, Lucene, LuceneIntervals, LuceneFrench, Xapian, Sqlite, Sphinx, Groonga, Postgres)
