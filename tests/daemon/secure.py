# SPDX-License-Identifier: GPL-2.0-or-later
"""secure: tokens and TLS, of the daemon and of the client."""
import json
import os
import shutil
import signal
import ssl
import subprocess

import harness
from harness import request, wait_for
from start import run

GOOD, OTHER = "q4v0hJ8kS2bYw1Zr7mNx", "9TfLr3XcPz6uEd5WaKgB"


def write(name, text, mode=0o600):
    path = os.path.join(harness.scratch, name)
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)
    os.chmod(path, mode)
    return path


def certificate(name, host="localhost"):
    """A certificate that signs itself, and its key."""
    paths = [os.path.join(harness.scratch, name + end) for end in (".crt", ".key")]
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days",
                    "2", "-subj", "/CN=" + host, "-addext", f"subjectAltName=DNS:{host},IP:127.0.0.1", "-out", paths[0],
                    "-keyout", paths[1]], check=True, stderr=subprocess.DEVNULL, timeout=harness.PATIENCE)
    return paths


def voisin(*arguments, **environment):
    done = subprocess.run([harness.program("voisin"), *arguments], capture_output=True, text=True, check=False,
                          timeout=harness.PATIENCE, env=dict(os.environ, **environment))
    return done.returncode, done.stdout, done.stderr


class Tokens(harness.Case):
    def start_with_tokens(self, *options, **named):
        self.path = write("tokens", f"# who may ask\nredaction {GOOD}\n\n archives\t{OTHER}  \n")
        return self.start("--token-file", self.path, *options, **named)

    def test_wrong_files(self):
        for text, word in (("", "no token"), ("# none\n", "no token"), ("a\n", ":1"), ("a b c\n", ":1"),
                           ("a short\n", ":1"), ("ok " + GOOD + "\nx " + "y" * 257 + "\n", ":2"),
                           ("n" * 33 + " " + GOOD + "\n", ":1"), ("é " + GOOD + "\n", ":1"),
                           ("".join(f"n{i} {GOOD}\n" for i in range(65)), "64"), ("x" * 40000, "longer")):
            code, out, err = run("-n", "--db", "x", "--token-file", write("wrong", text))
            self.assertEqual((code, out), (2, ""), text[:50])
            self.assertIn(word, err)
            self.assertNotIn(GOOD, err)
        code, _, err = run("-n", "--db", "x", "--token-file", write("open", f"a {GOOD}\n", 0o644))
        self.assertEqual(code, 2)
        self.assertIn("all users", err)
        self.assertEqual(run("-n", "--db", "x", "--token-file", "/nonexistent/tokens")[0], 2)

    def test_who_has_none_is_refused(self):
        daemon = self.start_with_tokens()
        for line in (request("search", {"q": "alep"}), request("ping"), request("stats"),
                     request("auth", {"token": GOOD + "x"}), request("auth", {"token": GOOD[:-1]}),
                     request("auth", {"token": "\u00e9" * 20})):
            with daemon.connect() as client:
                client.send(line + request("ping", None, 2))
                self.error(client.reply(), -32012, "denied")
                self.assertTrue(client.at_end())
        for params in ({}, {"token": ""}, {"token": "x" * 257}, {"token": 5}, {"tokn": GOOD}):
            with daemon.connect() as client:
                client.send(request("auth", params))
                self.assertEqual(client.reply()["error"]["code"], -32602)
                client.send(request("ping", None, 2))
                self.error(client.reply(), -32012, "denied", 2)
        with daemon.connect() as client:
            client.ask("auth", {"token": GOOD})
            self.assertGreaterEqual(client.ask("stats")["result"]["errors"]["denied"], 11)

    def test_who_has_one_may_ask_and_is_named(self):
        daemon = self.start_with_tokens()
        for token, name in ((GOOD, "redaction"), (OTHER, "archives")):
            with daemon.connect() as client:
                client.send(request("auth", {"token": token}, 1) + request("search", {"q": "alep"}, 2))
                replies = {reply["id"]: reply for reply in (client.reply(), client.reply())}
                self.assertEqual(replies[1]["result"]["protocol"], 1)
                self.assertIn("hits", replies[2]["result"])
            wait_for("it is logged", lambda n=name: daemon.logged(f'method=search status=ok.* user="{n}"'))
        log = "".join(daemon.log)
        self.assertNotIn(GOOD, log)
        self.assertNotIn(OTHER, log)

    def test_a_unix_socket_needs_none(self):
        path = os.path.join(harness.scratch, "socket")
        daemon = self.start_with_tokens(listen=("unix:" + path,))
        with daemon.connect() as client:
            self.assertIn("result", client.ask("search", {"q": "alep"}))
        self.assertEqual(voisin("--server", "unix:" + path, "--token-file", write("any", "x" * 20), "--ping")[0], 0)

    def test_without_tokens_any_is_taken(self):
        daemon = self.start()
        with daemon.connect() as client:
            self.assertIn("result", client.ask("auth", {"token": "whatever"}))
            self.assertIn("result", client.ask("search", {"q": "alep"}))

    def test_they_are_read_again(self):
        user = ("--user", "nobody") if os.geteuid() == 0 else ()
        os.chmod(harness.scratch, 0o755)
        daemon = self.start_with_tokens(*user)
        if user:
            shutil.chown(self.path, "nobody")
        with open(self.path, "w", encoding="ascii") as file:
            file.write(f"nouveau {GOOD[::-1]}\n")
        daemon.tell(signal.SIGHUP)
        wait_for("it has read them", lambda: daemon.logged("hangup"))
        with daemon.connect() as client:
            self.error(client.ask("auth", {"token": GOOD}), -32012, "denied")
        with daemon.connect() as client:
            self.assertIn("result", client.ask("auth", {"token": GOOD[::-1]}))
            with open(self.path, "w", encoding="ascii") as file:
                file.write("spoilt\n")
            daemon.tell(signal.SIGHUP)
            wait_for("it says so", lambda: daemon.logged("tokens stay as they were why=.*tokens:1"))
        with daemon.connect() as client:
            self.assertIn("result", client.ask("auth", {"token": GOOD[::-1]}))

    def test_client(self):
        daemon = self.start_with_tokens()
        server = daemon.addresses[0]
        token = write("token", GOOD + "\n")
        self.assertEqual(voisin("--server", server, "--token-file", token, "--ids", "alep")[0], 0)
        self.assertEqual(voisin("--server", server, "--ids", "alep", VOISIN_TOKEN_FILE=token)[0], 0)
        for arguments, word in (((), "wants a token"), (("--token-file", write("bad", "x" * 20)), "none that this server"),
                                (("--token-file", "/nonexistent/token"), "/nonexistent/token")):
            code, out, err = voisin("--server", server, *arguments, "--ids", "alep")
            self.assertEqual((code, out), (2, ""))
            self.assertIn(word, err)
        code, _, err = voisin("--server", "192.0.2.1:7117", "--token-file", token, "--timeout", "1", "--ping")
        self.assertEqual(code, 2)
        self.assertIn("plain text", err)


class Tls(harness.Case):
    @classmethod
    def setUpClass(cls):
        if shutil.which("openssl") is None:
            raise harness.unittest.SkipTest("no openssl(1) to make certificates with")
        cls.crt, cls.key = certificate("server")
        cls.other_crt, cls.other_key = certificate("other", "other.example")
        cls.options = ("--tls-certificate", cls.crt, "--tls-key", cls.key)

    def start_tls(self, *options):
        return self.start(*self.options, *options, listen=("tls:127.0.0.1:0", "127.0.0.1:0"))

    def wrap(self, daemon, **named):
        """A client whose socket speaks TLS."""
        client = harness.Client(daemon.addresses[0][len("tls:"):], **named)
        context = ssl.create_default_context(cafile=self.crt)
        client.socket = context.wrap_socket(client.socket, server_hostname="localhost")
        return client

    def test_answers(self):
        daemon = self.start_tls()
        self.assertRegex(daemon.addresses[0], r"^tls:127\.0\.0\.1:\d+$")
        with self.wrap(daemon) as client:
            self.assertIn(client.socket.version(), ("TLSv1.2", "TLSv1.3"))
            for n in range(50):
                self.assertIn("result", client.ask("search", {"q": "alep", "offset": n}))
            # Many lines in one record, and replies of many records.
            client.send(b"".join(request("document", {"id": "long", "length": 400000, "offset": n}, n)
                                 for n in range(40)))
            self.assertEqual(sorted(client.reply()["id"] for _ in range(40)), list(range(40)))
        self.alive_plain(daemon)

    def alive_plain(self, daemon):
        with daemon.connect(1) as client:
            self.assertIn("result", client.ask("ping"))
        self.assertIsNone(daemon.process.poll())

    def test_line_at_the_limit_and_beyond(self):
        daemon = self.start_tls()
        line = request("search", {"q": "alep"})[:-1]
        for n, wanted in ((65536, "result"), (65537, "error")):
            with self.wrap(daemon) as client:
                client.send(line + b" " * (n - len(line)) + b"\n")
                self.assertIn(wanted, client.reply())

    def test_a_reader_that_is_slow_at_first(self):
        daemon = self.start_tls("--write-ms", "60000")
        with self.wrap(daemon, receive_buffer=4096) as client:
            for n in range(8):
                client.send(request("document", {"id": "long", "length": 500000, "offset": n}, n))
            self.assertEqual(sorted(client.reply()["id"] for _ in range(8)), list(range(8)))

    def test_plain_bytes_and_silence(self):
        daemon = self.start_tls("--request-ms", "300", "--idle-ms", "400")
        plain = daemon.addresses[0][len("tls:"):]
        for data in (b"GET / HTTP/1.1\r\n\r\n", request("ping"), b"\x16\x03\x01\x02\x00garbage" * 10, b"\x00" * 100):
            with harness.Client(plain) as client:
                client.send(data)
                try:
                    while client.line() is not None:
                        pass
                except ConnectionError:
                    pass
        with harness.Client(plain) as silent, harness.Client(plain) as half:
            half.send(b"\x16\x03\x01")
            self.assertTrue(silent.at_end())
            self.assertTrue(half.at_end())
        self.assertTrue(daemon.logged("does not shake hands"))
        with self.wrap(daemon) as client:
            self.assertIn("result", client.ask("ping"))
            self.assertTrue(client.at_end())
        wait_for("all is closed", lambda: daemon.descriptors_of_clients() == 0)
        # And the other way round: a hello of TLS on a plain port is no JSON.
        context = ssl.create_default_context(cafile=self.crt)
        with self.assertRaises((ssl.SSLError, ConnectionError)):
            context.wrap_socket(harness.Client(daemon.addresses[1]).socket, server_hostname="localhost")
        self.alive_plain(daemon)

    def test_old_versions_are_refused(self):
        daemon = self.start_tls()
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        context.set_ciphers("ALL:@SECLEVEL=0")
        with harness.warnings_off():
            context.minimum_version = context.maximum_version = ssl.TLSVersion.TLSv1_1
        with harness.Client(daemon.addresses[0][4:]) as client, self.assertRaises((ssl.SSLError, ConnectionError)):
            context.wrap_socket(client.socket)

    def test_no_session_is_resumed(self):
        """Each connection shakes hands in full: there is no ticket, and nothing is kept to resume by."""
        daemon = self.start_tls()
        for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
            context = ssl.create_default_context(cafile=self.crt)
            context.minimum_version = context.maximum_version = version
            session = None
            for _ in range(2):
                with harness.Client(daemon.addresses[0][len("tls:"):]) as client:
                    client.socket = context.wrap_socket(client.socket, server_hostname="localhost", session=session)
                    # With TLS 1.3 a ticket would come before the first answer.
                    self.assertIn("result", client.ask("ping"))
                    session = client.socket.session
                    self.assertFalse(client.socket.session_reused)
                    self.assertFalse(session is not None and session.has_ticket)

    def test_client(self):
        daemon = self.start_tls("--token-file", write("tokens", f"moi {GOOD}\n"))
        server = daemon.addresses[0]
        port = server.rsplit(":", 1)[1]
        token = ("--token-file", write("token", GOOD))
        for host in ("127.0.0.1", "localhost"):
            code, out, err = voisin("--server", f"tls:{host}:{port}", "--ca", self.crt, *token, "--ids", "alep")
            self.assertEqual((code, err), (0, ""))
            self.assertEqual(sorted(out.split()), ["alep-1", "alep-2"])
        for arguments, word in (((), "not trusted"), (("--ca", self.other_crt), "not trusted"),
                                (("--ca", "/nonexistent/ca"), "/nonexistent/ca"), (("--ca", self.key), self.key)):
            code, out, err = voisin("--server", server, *arguments, *token, "--ping")
            self.assertEqual((code, out), (2, ""))
            self.assertIn(word, err)
        code, _, err = voisin("--server", "tls:" + daemon.addresses[1], "--ca", self.crt, "--ping")
        self.assertEqual(code, 2)
        self.assertIn("no TLS", err)

    def test_the_certificate_is_for_the_host(self):
        daemon = self.start("--tls-certificate", self.other_crt, "--tls-key", self.other_key, listen=("tls:127.0.0.1:0",))
        port = daemon.addresses[0].rsplit(":", 1)[1]
        self.assertEqual(voisin("--server", f"tls:127.0.0.1:{port}", "--ca", self.other_crt, "--ping")[0], 0)
        code, _, err = voisin("--server", f"tls:localhost:{port}", "--ca", self.other_crt, "--ping")
        self.assertEqual(code, 2)
        self.assertIn("not trusted", err)

    def test_settings(self):
        tokens = write("tokens", f"moi {GOOD}\n")
        remote = ("-n", "--db", "x", "--listen")
        for arguments, word in (((*remote, "0.0.0.0:1"), "--token-file"), ((*remote, "tls:0.0.0.0:1"), "--tls-certificate"),
                                ((*remote, "tls:0.0.0.0:1", *self.options), "--token-file"),
                                ((*remote, "0.0.0.0:1", "--token-file", tokens, *self.options), "--allow-remote"),
                                ((*remote, "tls:unix:/x", *self.options), "tls:"),
                                ((*remote, "unix:/x", "--tls-key", self.key), "--tls-certificate"),
                                ((*remote, "unix:/x", "--tls-certificate", self.crt, "--tls-key", self.other_key), "key"),
                                ((*remote, "unix:/x", "--tls-certificate", self.key, "--tls-key", self.key), "certificate")):
            code, out, err = run(*arguments)
            self.assertEqual((code, out), (2, ""), arguments)
            self.assertIn(word, err)
        for arguments in ((*remote, "tls:0.0.0.0:1", *self.options, "--token-file", tokens),
                          (*remote, "0.0.0.0:1", "--allow-remote"), (*remote, "tls:127.0.0.1:1", *self.options)):
            self.assertEqual(run(*arguments)[0], 0, arguments)

    def test_a_new_certificate(self):
        user = ("--user", "nobody") if os.geteuid() == 0 else ()
        os.chmod(harness.scratch, 0o755)
        paths = [os.path.join(harness.scratch, name) for name in ("live.crt", "live.key")]
        shutil.copy(self.crt, paths[0])
        shutil.copy(self.key, paths[1])
        daemon = self.start(*user, "--tls-certificate", paths[0], "--tls-key", paths[1], listen=("tls:127.0.0.1:0",))
        server = daemon.addresses[0]
        with self.wrap(daemon) as client:
            self.assertIn("result", client.ask("ping"))
            shutil.copy(self.other_crt, paths[0])
            shutil.copy(self.other_key, paths[1])
            if user:
                for path in paths:
                    shutil.chown(path, "nobody")
            daemon.tell(signal.SIGHUP)
            wait_for("it has reloaded", lambda: daemon.logged("hangup"))
            self.assertEqual(voisin("--server", server, "--ca", self.other_crt, "--ping")[0], 0)
            self.assertEqual(voisin("--server", server, "--ca", self.crt, "--ping")[0], 2)
            # A connection of before lives on.
            self.assertIn("result", client.ask("search", {"q": "alep"}))
        self.assertNotIn("PRIVATE", "".join(daemon.log))
        self.assertNotIn("why=", json.dumps(daemon.logged("hangup")))


if __name__ == "__main__":
    harness.main()
