# SPDX-License-Identifier: GPL-2.0-or-later
"""harness: a daemon on an index of its own, and raw sockets to it.

A test program is `python3 NAME.py BIN_DIR [TEST...]`.  No test sleeps to wait for something that it can see:
wait_for() asks until it holds.  Bounds on time are generous, because the machine may be busy.
"""
import json
import os
import re
import resource
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import unittest
import warnings

SOON = 10  # seconds: what waits for nobody has happened by then, also on a machine that is busy
PATIENCE = 20  # seconds until something that should happen soon counts as not happening
LINE_MAX = 65536

ARTICLES = [
    {"id": "alep-1", "title": "Un cessez-le-feu à Alep", "date": "2016-12-07", "source": "Essai",
     "url": "https://example.org/1", "text": "Le cessez-le-feu d’Alep tient depuis mardi. Les habitants sortent."},
    {"id": "alep-2", "title": "La ville", "date": "2016-12-08", "source": "Essai", "url": "",
     "text": "Alep est une ville de Syrie. La trêve y est fragile."},
    {"id": "paris", "title": "À Paris", "date": "2017-01-02", "source": "Essai", "url": "",
     "text": "Une manifestation a réuni dix mille personnes."},
    {"id": "long", "title": "Un long texte", "date": "", "source": "", "url": "",
     "text": "La rivière coule sous le pont. " * 20000},
]

bin_dir = None
index_dir = None
scratch = None


def main():
    """Reads the arguments, makes the index, runs the tests of the calling program."""
    global bin_dir, index_dir, scratch
    if len(sys.argv) < 2 or not os.path.exists(os.path.join(sys.argv[1], "voisind")):
        sys.exit(f"usage: {sys.argv[0]} BIN_DIR [TEST...]")
    bin_dir = os.path.abspath(sys.argv.pop(1))
    with tempfile.TemporaryDirectory(prefix="voisind-") as folder:
        scratch = folder
        index_dir = os.path.join(folder, "db")
        make_index(index_dir, ARTICLES)
        unittest.main()


def warnings_off():
    """For what Python warns of and a test does on purpose."""
    return warnings.catch_warnings(action="ignore") if sys.version_info >= (3, 11) else warnings.catch_warnings()


def program(name):
    return os.path.join(bin_dir, name)


def make_index(folder, articles, *options):
    """Makes the index in `folder` hold these articles and no others."""
    source = folder + ".jsonl"
    with open(source, "w", encoding="utf-8") as file:
        for article in articles:
            file.write(json.dumps(article, ensure_ascii=False) + "\n")
    subprocess.run([program("voisin-index"), "--db", folder, *options, source], check=True,
                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL, timeout=60)


def wait_for(what, condition, seconds=PATIENCE):
    """Asks until `condition` gives something true, which is returned."""
    end = time.monotonic() + seconds
    while True:
        result = condition()
        if result:
            return result
        if time.monotonic() > end:
            raise AssertionError(f"not within {seconds} s: {what}")
        time.sleep(0.01)


def wait_until_served(path):
    """Until a daemon answers at this Unix socket: its file is there a moment before anybody listens on it."""
    def answers():
        try:
            with Client("unix:" + path) as client:
                return "result" in client.ask("ping")
        except (FileNotFoundError, ConnectionRefusedError):
            return False

    wait_for("the daemon answers", answers)


def process_exists(pid):
    """Whether a process is there and no zombie."""
    try:
        with open(f"/proc/{pid}/stat", encoding="ascii", errors="replace") as file:
            return file.read().rsplit(")", 1)[1].split()[0] not in "ZX"
    except FileNotFoundError:
        return False


def process_name(pid):
    try:
        with open(f"/proc/{pid}/comm", encoding="ascii", errors="replace") as file:
            return file.read().strip()
    except OSError:
        return None


def unhurried(options):
    """The options, and deadlines where they say none: no search may be cut short by a machine that is busy; what deadlines do is tested in deadlines.py."""
    if "--soft-deadline-ms" in options or "--config" in options:
        return options
    if "--deadline-ms" in options:
        hard = int(options[options.index("--deadline-ms") + 1])
        return [*options, "--soft-deadline-ms", str(hard * 2 // 3)]
    return [*options, "--soft-deadline-ms", "20000", "--deadline-ms", "30000"]


class Daemon:
    """A running voisind; ended by its own number."""

    def __init__(self, *options, listen=("127.0.0.1:0",), db=None, binary="voisind", confined=None, hurried=False, **popen):
        arguments = [program(binary), "--verbose", "--db", db or index_dir]
        # Such as valgrind, which makes system calls of its own.
        wrapper = os.environ.get("VOISIN_WRAPPER", "").split()
        arguments = wrapper + arguments
        if wrapper or not (os.geteuid() == 0 if confined is None else confined):
            # What this class looks at in /proc is root's alone once the daemon has made itself undumpable.
            arguments.append("--no-sandbox")
        for address in listen:
            arguments += ["--listen", address]
        self.log = []
        self.n_workers = int(options[options.index("--workers") + 1]) if "--workers" in options else 2
        self.process = subprocess.Popen(arguments + list(options if hurried else unhurried(options)), stdin=subprocess.DEVNULL,
                                        stderr=subprocess.PIPE, **popen)
        self.pid = self.process.pid
        self.reader = threading.Thread(target=self.read_log, daemon=True)
        self.reader.start()
        try:
            wait_for("the daemon listens",
                     lambda: len(self.logged("listening")) == len(listen) or self.process.poll() is not None)
            assert self.process.poll() is None, "".join(self.log)
        except AssertionError:
            self.close()
            raise
        self.addresses = [re.search(r"address=(\S+)", line).group(1) for line in self.logged("listening")]
        self.quiet_descriptors = self.settled_descriptors()

    def read_log(self):
        for line in self.process.stderr:
            self.log.append(line.decode("utf-8"))

    def logged(self, pattern):
        return [line for line in list(self.log) if re.search(pattern, line)]

    def workers(self):
        return [pid for pid in self.children() if process_name(pid) != "voisind-keeper"]

    def keeper(self):
        return next(pid for pid in self.children() if process_name(pid) == "voisind-keeper")

    def children(self):
        with open(f"/proc/{self.pid}/task/{self.pid}/children", encoding="ascii") as file:
            return [int(pid) for pid in file.read().split()]

    def settled_descriptors(self):
        """What is open when all workers have started and nobody is connected."""
        wait_for("all workers are ready", lambda: len(self.logged("ready$")) >= self.n_workers)
        return self.descriptors()

    def descriptors(self):
        try:
            return len(os.listdir(f"/proc/{self.pid}/fd"))
        except PermissionError:
            return 0  # nobody but root may count those of a confined daemon

    def descriptors_of_clients(self):
        """How many more descriptors are open than when the first address was listened on."""
        return self.descriptors() - self.quiet_descriptors

    def sanitized(self):
        """Whether it was built with a sanitizer, which keeps freed memory for a while."""
        with open(f"/proc/{self.pid}/statm", encoding="ascii") as file:
            return int(file.read().split()[0]) * os.sysconf("SC_PAGE_SIZE") > 1 << 40

    def memory(self):
        """Resident bytes."""
        with open(f"/proc/{self.pid}/statm", encoding="ascii") as file:
            return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")

    def cpu_seconds(self):
        with open(f"/proc/{self.pid}/stat", encoding="ascii", errors="replace") as file:
            fields = file.read().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def connect(self, number=0, receive_buffer=None):
        return Client(self.addresses[number], receive_buffer)

    def tell(self, number):
        self.process.send_signal(number)

    def end(self, number=signal.SIGTERM):
        """Sends a signal and returns the exit status."""
        self.tell(number)
        code = self.process.wait(PATIENCE)
        self.reader.join(PATIENCE)
        self.process.stderr.close()
        return code

    def close(self):
        """Ends it if it still runs: at once, by two signals, and clean (a leak would show in the status)."""
        code = 0
        if self.process.poll() is None:
            for pid in self.workers():
                resume(pid)
            self.tell(signal.SIGTERM)
            self.tell(signal.SIGINT)
            try:
                code = self.process.wait(PATIENCE)
            except subprocess.TimeoutExpired:
                self.process.kill()
                code = self.process.wait(PATIENCE)
        self.reader.join(PATIENCE)
        if not self.process.stderr.closed:
            self.process.stderr.close()
        assert code == 0, f"the daemon ended with status {code}: " + "".join(self.log[-50:])
        # (A leak checker whose process is killed while it looks says "==PID==Unable to get registers".)
        assert not self.logged(r"Sanitizer|runtime error|^==\d+==(?!Unable to get)"), "".join(self.log)


def limit_descriptors(pid, soft, hard=None):
    """Bounds what another process may open; returns what was in force."""
    _, top = resource.prlimit(pid, resource.RLIMIT_NOFILE)
    return resource.prlimit(pid, resource.RLIMIT_NOFILE, (soft, hard or top))


def resume(pid):
    try:
        os.kill(pid, signal.SIGCONT)
    except ProcessLookupError:
        pass


class Client:
    """A raw socket; what it reads are lines and the end."""

    def __init__(self, address, receive_buffer=None):
        if address.startswith("unix:"):
            self.socket = socket.socket(socket.AF_UNIX)
            target = address[len("unix:"):]
        else:
            host, port = address.rsplit(":", 1)
            self.socket = socket.socket(socket.AF_INET6 if "[" in host else socket.AF_INET)
            target = (host.strip("[]"), int(port))
        if receive_buffer:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        try:
            # With a time limit, a Unix socket would not wait for its place in the listener's backlog.
            self.socket.connect(target)
        except OSError:
            self.socket.close()
            raise
        self.socket.settimeout(PATIENCE)
        if self.socket.family != socket.AF_UNIX:
            self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.held = b""

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self.socket.close()

    def reset(self):
        """Closes with a RST."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        self.socket.close()

    def send(self, data):
        self.socket.sendall(data)

    def send_seen(self, data):
        """Sends up to 15 lines to a daemon whose workers are stopped; the answer to a ping behind them shows that all were taken."""
        self.send(data + request("ping", None, "seen"))
        assert self.reply()["id"] == "seen"

    def line(self):
        """The next line without its newline, or None at the end."""
        while b"\n" not in self.held:
            try:
                data = self.socket.recv(1 << 20)
            except ConnectionResetError:
                data = b""
            if not data:
                return None
            self.held += data
        line, self.held = self.held.split(b"\n", 1)
        return line

    def reply(self):
        line = self.line()
        if line is None:
            raise AssertionError("the connection ended instead of a reply")
        return json.loads(line.decode("utf-8"))

    def ask(self, method, params=None, number=1):
        self.send(request(method, params, number))
        return self.reply()

    def at_end(self):
        """Whether nothing but the end is left to read."""
        return self.line() is None and self.held == b""


def request(method, params=None, number=1):
    message = {"jsonrpc": "2.0", "id": number, "method": method}
    if params is not None:
        message["params"] = params
    return json.dumps(message).encode("utf-8") + b"\n"


SEARCH = request("search", {"q": "cessez-le-feu NEAR Alep"})


class Case(unittest.TestCase):
    """A test with daemons, each of which must be alive at its end."""

    def start(self, *options, **named):
        daemon = Daemon(*options, **named)
        self.addCleanup(daemon.close)
        return daemon

    def alive(self, daemon):
        """A second connection is answered, by the same process."""
        start = time.monotonic()
        with daemon.connect() as client:
            self.assertEqual(client.ask("ping")["result"]["protocol"], 1)
            self.assertIn("hits", client.ask("search", {"q": "alep"})["result"])
        self.assertLess(time.monotonic() - start, SOON)
        self.assertIsNone(daemon.process.poll())

    def error(self, reply, code, status, number=1):
        self.assertIn("error", reply)
        self.assertEqual((reply["error"]["code"], reply["error"]["data"]["status"], reply["id"]),
                         (code, status, number))
