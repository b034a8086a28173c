# SPDX-License-Identifier: GPL-2.0-or-later
"""service: what a service manager, a monitor and a reader of the log see."""
import json
import os
import re
import signal
import socket
import subprocess

import harness
from harness import wait_for


class Manager:
    """The end of a service manager's notification socket."""

    def __init__(self, name):
        self.path = os.path.join(harness.scratch, name)
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(self.path)
        self.socket.settimeout(harness.PATIENCE)

    def next(self):
        return self.socket.recv(4096).decode()

    def next_other_than(self, *names):
        while True:
            message = self.next()
            if message not in names:
                return message


class Notify(harness.Case):
    def test_ready_reload_stop_and_watchdog(self):
        manager = Manager("notify")
        self.addCleanup(manager.socket.close)
        user = ("--user", "nobody") if os.geteuid() == 0 else ()
        os.chmod(harness.scratch, 0o755)
        environment = dict(os.environ, NOTIFY_SOCKET=manager.path, WATCHDOG_USEC="200000")
        daemon = self.start(*user, env=environment)
        self.assertEqual(manager.next(), "READY=1")
        for _ in range(3):
            self.assertEqual(manager.next(), "WATCHDOG=1")
        daemon.tell(signal.SIGHUP)
        self.assertRegex(manager.next_other_than("WATCHDOG=1"), r"^RELOADING=1\nMONOTONIC_USEC=\d+$")
        self.assertEqual(manager.next_other_than("WATCHDOG=1"), "READY=1")
        self.assertEqual(daemon.end(), 0)
        self.assertEqual(manager.next_other_than("WATCHDOG=1"), "STOPPING=1")

    def test_wrong_sockets(self):
        for path in ("/nonexistent/notify", "nothing", "/" + "x" * 200):
            command = [harness.program("voisind"), "--db", harness.index_dir]
            done = subprocess.run(command + (["--user", "nobody"] if os.geteuid() == 0 else []),
                                  env=dict(os.environ, NOTIFY_SOCKET=path), capture_output=True, text=True, check=False,
                                  timeout=harness.PATIENCE)
            self.assertEqual(done.returncode, 2)
            self.assertIn(path[:100], done.stderr)


class Activation(harness.Case):
    """Sockets that a service manager opened: descriptors from 3 on."""

    def run_with(self, sockets, *options, n=None):
        """voisind with the sockets as its descriptors 3, 4 ..., and LISTEN_PID its own."""
        count = len(sockets) if n is None else n
        command = 'exec env LISTEN_PID=$$ LISTEN_FDS=%d "$@"' % count
        fds = [each.fileno() for each in sockets]

        def place():
            for i, fd in enumerate(fds):
                os.dup2(fd, 20 + i)
            for i in range(len(fds)):
                os.dup2(20 + i, 3 + i)

        # As root a service has to say whom to become.
        user = ["--user", "nobody"] if os.geteuid() == 0 else []
        return subprocess.Popen(["/bin/sh", "-c", command, "sh", harness.program("voisind"), "--db", harness.index_dir,
                                 *user, *options], stderr=subprocess.PIPE, stdin=subprocess.DEVNULL, preexec_fn=place,
                                close_fds=False)

    def test_tcp_and_unix(self):
        os.chmod(harness.scratch, 0o755)
        path = os.path.join(harness.scratch, "activated")
        with socket.create_server(("127.0.0.1", 0)) as tcp, socket.socket(socket.AF_UNIX) as unix:
            unix.bind(path)
            unix.listen(5)
            address = "127.0.0.1:%d" % tcp.getsockname()[1]
            process = self.run_with([tcp, unix])
            try:
                for target in (address, "unix:" + path):
                    # The sockets listen already, so that nobody has to wait for the daemon.
                    with harness.Client(target) as client:
                        self.assertIn("hits", client.ask("search", {"q": "alep"})["result"])
                process.send_signal(signal.SIGTERM)
                self.assertEqual(process.wait(harness.PATIENCE), 0)
                # It is the manager's socket: it stays.
                self.assertTrue(os.path.exists(path))
            finally:
                process.kill()
                process.wait()
                log = process.stderr.read().decode()
                process.stderr.close()
        self.assertIn(f"listening address={address}", log)
        self.assertNotIn("7117", log)

    def test_refused(self):
        os.chmod(harness.scratch, 0o755)
        with socket.create_server(("0.0.0.0", 0)) as tcp, socket.socket() as idle:
            for sockets, n, word in (([tcp], None, "--allow-remote"), ([idle], None, "descriptor 3"), ([], 17, "16")):
                process = self.run_with(sockets, n=n)
                _, err = process.communicate(timeout=harness.PATIENCE)
                self.assertEqual(process.returncode, 2)
                self.assertIn(word, err.decode())


class Metrics(harness.Case):
    def get(self, daemon, request):
        address = re.search(r"metrics address=(\S+)", "".join(daemon.logged("metrics address"))).group(1)
        with harness.Client(address) as client:
            client.send(request)
            data = b""
            while True:
                part = client.socket.recv(65536)
                if not part:
                    return data.decode()
                data += part

    def start_with_metrics(self, *options, **named):
        daemon = self.start("--metrics", "127.0.0.1:0", *options, **named)
        wait_for("it serves metrics", lambda: daemon.logged("metrics address"))
        return daemon

    def test_page(self):
        daemon = self.start_with_metrics("--workers", "1")
        with daemon.connect() as client:
            for _ in range(3):
                client.ask("search", {"q": "alep"})
            client.ask("search", {"q": "alep NEAR"})
            client.ask("ping")
            generation = client.ask("stats")["result"]["generation"]
            page = self.get(daemon, b"GET /metrics HTTP/1.1\r\nHost: localhost:1\r\n\r\n")
        head, body = page.split("\r\n\r\n", 1)
        self.assertTrue(head.startswith("HTTP/1.1 200 OK\r\n"))
        self.assertIn("text/plain; version=0.0.4", head)
        self.assertIn(f"Content-Length: {len(body)}", head)
        values = {}
        for line in body.splitlines():
            self.assertRegex(line, r'^(# (HELP|TYPE) voisin_\w+ .+|voisin_\w+(\{[^{}]*\})? [0-9.e+]+)$')
            if not line.startswith("#"):
                name, value = line.rsplit(" ", 1)
                self.assertNotIn(name, values)
                values[name] = float(value)
        self.assertEqual(values['voisin_requests_total{method="search",result="ok"}'], 3)
        self.assertEqual(values['voisin_requests_total{method="search",result="invalid"}'], 1)
        self.assertEqual(values['voisin_requests_total{method="ping",result="ok"}'], 1)
        self.assertEqual(values['voisin_request_seconds_count{method="search"}'], 4)
        self.assertEqual(values['voisin_request_seconds_bucket{method="search",le="+Inf"}'], 4)
        buckets = [v for k, v in values.items() if k.startswith('voisin_request_seconds_bucket{method="search"')]
        self.assertEqual(buckets, sorted(buckets))
        self.assertEqual((values["voisin_connections"], values["voisin_workers"]), (1, 1))
        self.assertEqual((values["voisin_cache_hits_total"], values["voisin_cache_misses_total"]), (2, 1))
        self.assertGreater(values["voisin_memory_network_bytes"], 1 << 20)
        self.assertGreater(values["voisin_memory_workers_bytes"], 1 << 20)
        self.assertIn(f'generation="{generation}"', body)

    def polled(self, daemon):
        page = self.get(daemon, b"GET /metrics HTTP/1.1\r\n\r\n")
        return int(re.search(r"^voisin_polled_requests_total (\d+)$", page, re.M).group(1))

    def ask_many(self, daemon, times=30):
        with daemon.connect() as client:
            for number in range(times):
                self.assertIn("result", client.ask("search", {"q": "alep"}, number))

    def test_polls_for_one_client_alone(self):
        if len(os.sched_getaffinity(0)) < 2:
            self.skipTest("a single core")
        daemon = self.start_with_metrics()
        self.ask_many(daemon, 1)
        # Other programs may want the cores: then it does not.
        wait_for("it polls", lambda: self.ask_many(daemon) or self.polled(daemon) > 1)

    def test_polls_never(self):
        core = {min(os.sched_getaffinity(0))}
        for options, named in ((("--busy-poll-us", "0"), {}), ((), {"preexec_fn": lambda: os.sched_setaffinity(0, core)})):
            daemon = self.start_with_metrics(*options, **named)
            self.ask_many(daemon)
            self.assertEqual(self.polled(daemon), 0)

    def test_everything_else_is_refused(self):
        daemon = self.start_with_metrics()
        for request, status in ((b"GET / HTTP/1.1\r\n\r\n", 404), (b"GET /metrics?x HTTP/1.1\r\n\r\n", 404),
                                (b"GET /metrics HTTP/9.9\r\n\r\n", 404), (b"POST /metrics HTTP/1.1\r\n\r\n", 405),
                                (b"HEAD /metrics HTTP/1.1\r\n\r\n", 405), (b"\x16\x03\x01\r\n\r\n", 400),
                                (b"GET /metrics HTTP/1.1\r\nHost: evil.example\r\n\r\n", 403),
                                (b"GET /metrics HTTP/1.1\r\nHost: localhost\r\nOrigin: http://evil.example\r\n\r\n", 403),
                                (b"GET /metrics HTTP/1.1\r\nX: " + b"x" * 9000 + b"\r\n\r\n", 431)):
            self.assertTrue(self.get(daemon, request).startswith(f"HTTP/1.1 {status} "), request[:40])
        for request in (b"GET /metrics HTTP/1.1\r\nHost: 127.0.0.1:9\r\n\r\n", b"GET /metrics HTTP/1.0\n\n",
                        b"GET /metrics HTTP/1.1\r\nHost: [::1]:9\r\n\r\n"):
            self.assertTrue(self.get(daemon, request).startswith("HTTP/1.1 200 "), request)
        address = re.search(r"metrics address=(\S+)", daemon.logged("metrics address")[0]).group(1)
        idle = [harness.Client(address) for _ in range(16)]
        with harness.Client(address) as one_more:
            self.assertTrue(one_more.at_end())
        for client in idle:
            client.close()
        self.alive(daemon)

    def test_only_this_machine(self):
        done = subprocess.run([harness.program("voisind"), "-n", "--db", "x", "--allow-remote", "--metrics", "0.0.0.0:1"],
                              capture_output=True, text=True, check=False, timeout=harness.PATIENCE)
        self.assertEqual(done.returncode, 2)
        self.assertIn("0.0.0.0:1", done.stderr)


class Log(harness.Case):
    LINE = re.compile(r'^voisind (?P<level>\w+) request conn=\d+ number=\d+ id=(?P<id>\S+) method=(?P<method>\S+) '
                      r'status=(?P<status>\w+) ms=[\d.]+ hits=\d+( generation=(?P<generation>gen-\d+\.\d+))? bytes=\d+'
                      r'(?P<rest>.*)\n$')

    def lines(self, daemon, n):
        wait_for("all is logged", lambda: len(daemon.logged(" request conn=")) >= n)
        return [self.LINE.match(line) for line in daemon.logged(" request conn=")]

    def test_one_line_a_request(self):
        sentinel = "zzsentinelzz"
        daemon = self.start("--workers", "1")
        with daemon.connect() as client:
            client.ask("search", {"q": "alep " + sentinel}, 7)
            client.ask("search", {"q": "alep " + sentinel + " NEAR"}, "eight")
            client.ask("ping", None, None)
            client.ask("search", {"q": "alep"}, 9)
            client.ask("search", {"q": "alep"}, 10)
            client.send(b'{"' + sentinel.encode() + b'\x1b[31m":"\n')
            client.reply()
        lines = self.lines(daemon, 6)
        self.assertEqual([(line["id"], line["method"], line["status"]) for line in lines],
                         [("7", "search", "ok"), ('"eight"', "search", "invalid"), ("null", "ping", "ok"),
                          ("9", "search", "ok"), ("10", "search", "ok"), ("null", "-", "invalid")])
        self.assertTrue(lines[0]["generation"])
        self.assertIn("cached=yes", lines[4]["rest"])
        self.assertNotIn("cached", lines[3]["rest"])
        self.assertNotIn(sentinel, "".join(daemon.log))

    def test_queries_only_where_asked_for(self):
        daemon = self.start("--log-queries", "--slow-ms", "0")
        with daemon.connect() as client:
            client.ask("search", {"q": 'alep\n"x" status=ok \x1b[0m'})
            client.ask("search", {"q": "é" * 2000})
        lines = self.lines(daemon, 2)
        self.assertEqual(lines[0]["level"], "warn")
        self.assertIn('slow=yes q="alep\\n\\"x\\" status=ok \\u001b[0m"', lines[0]["rest"])
        for line in daemon.logged(" request conn="):
            self.assertTrue(line.isprintable() or line[:-1].isprintable(), line)

    def test_a_long_id_cannot_forge_words(self):
        daemon = self.start()
        with daemon.connect() as client:
            client.ask("ping", None, "x" * 62 + " status=forged " + "y" * 100)
        line = wait_for("it is logged", lambda: daemon.logged(" request conn="))[0]
        self.assertNotIn("forged", line)


class Cache(harness.Case):
    def cache(self, client):
        return client.ask("stats")["result"]["cache"]

    def test_same_bytes(self):
        daemon = self.start("--workers", "1")
        requests = [("search", {"q": "cessez-le-feu NEAR Alep", "matches": 3}), ("search", {"q": "rien de tel qqq"}),
                    ("document", {"id": "alep-1"}), ("explain", {"q": "alep NEAR trêve"}),
                    ("search", {"q": '"ms":7', "limit": 3})]
        with daemon.connect() as client:
            for method, params in requests:
                replies = []
                for number in (1, "two"):
                    reply = client.ask(method, params, number)
                    self.assertEqual(reply.pop("id"), number)
                    reply["result"].pop("ms", None)
                    replies.append(json.dumps(reply, sort_keys=True))
                self.assertEqual(replies[0], replies[1])
            cache = self.cache(client)
            self.assertEqual(cache["hits"], 3)  # corrections are worked out anew
            self.assertEqual(cache["hits"] + cache["misses"], 10)
            self.assertGreater(cache["bytes"], 500)

    def test_never_stale(self):
        """Commits and switches under requests that come again and again."""
        folder = os.path.join(harness.scratch, "changing")
        articles = [{"id": "a", "title": "Un", "text": "Le mot est là."}]
        harness.make_index(folder, articles)
        daemon = self.start(db=folder)
        with daemon.connect() as client:
            for i in range(6):
                for _ in range(5):
                    reply = client.ask("search", {"q": "mot", "detail": "id", "total": "exact"})
                    self.assertEqual(reply["result"]["total"]["value"], i + 1)
                    reply = client.ask("document", {"id": "a"})
                    self.assertEqual(reply["result"]["text"].strip(), "Le mot est là." + " Encore." * i)
                articles[0]["text"] += " Encore."
                articles.append({"id": f"b{i}", "title": "Deux", "text": f"Un mot de plus, le numéro {i}."})
                harness.make_index(folder, articles, *(("--full",) if i % 2 else ()))
            self.assertGreater(self.cache(client)["hits"], 10)

    def test_bounded(self):
        daemon = self.start("--workers", "1", "--cache-mib", "1")
        with daemon.connect() as client:
            for i in range(400):
                client.ask("document", {"id": "long", "length": 20000, "offset": i * 100})
            cache = self.cache(client)
            self.assertEqual(cache["bytes_max"], 1 << 20)
            self.assertLessEqual(cache["bytes"], 1 << 20)
            self.assertGreater(cache["entries"], 20)
            self.assertLess(cache["entries"], 60)
            # The newest are there, the oldest have given way.
            client.ask("document", {"id": "long", "length": 20000, "offset": 399 * 100})
            self.assertEqual(self.cache(client)["hits"], cache["hits"] + 1)
            client.ask("document", {"id": "long", "length": 20000, "offset": 0})
            self.assertEqual(self.cache(client)["hits"], cache["hits"] + 1)

    def test_off(self):
        daemon = self.start("--workers", "1", "--cache-mib", "0")
        with daemon.connect() as client:
            for _ in range(3):
                self.assertIn("result", client.ask("search", {"q": "alep"}))
            self.assertEqual((self.cache(client)["hits"], self.cache(client)["entries"]), (0, 0))


if __name__ == "__main__":
    harness.main()
