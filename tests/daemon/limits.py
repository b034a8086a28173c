# SPDX-License-Identifier: GPL-2.0-or-later
"""limits: each bound on a request one below, at, and one above it, by default and where an option sets another.

What is refused names the bound and its value.  Of the options themselves: the ends of their ranges, as docs/limits.md has them,
which tests/checks/limits.py holds against the source.
"""
import json
import os
import re
import signal
import string
import subprocess
import urllib.request

import harness
from harness import request, wait_for

LIMITS_MD = os.path.join(os.path.dirname(__file__), "..", "..", "docs", "limits.md")
LETTERS = [a + b + c for a in "bcd" for b in string.ascii_lowercase for c in string.ascii_lowercase]
# Words that begin alike, so many that a prefix stands for as many: one article for each beginning.
BEGINNINGS = {f"quor{name}": n for name, n in (("a", 9), ("b", 10), ("c", 11), ("d", 199), ("e", 200), ("f", 201))}
VOCABULARY = [{"id": name, "title": "", "date": "", "source": "", "url": "", "language": "fr",
               "text": " ".join(name + letters for letters in LETTERS[:n])} for name, n in BEGINNINGS.items()]
BEGINNING_OF = {n: name for name, n in BEGINNINGS.items()}
# For replies of any length.
LONG = [{"id": f"titre-{n}", "title": f"Un titre {n} " + "très " * 350, "date": "", "source": "", "url": "", "language": "fr",
         "text": f"Le texte {n}."} for n in range(100)]


def words(n):
    """n words of the index, each one term."""
    return " ".join("quorf" + letters for letters in LETTERS[:n])


def search(q):
    return request("search", {"q": q})


def long_line(n):
    line = request("search", {"q": "alep"})[:-1]
    return line + b" " * (n - len(line)) + b"\n"


def nested(n):
    return b'{"jsonrpc":"2.0","id":1,"method":"ping","params":{"x":' + b"[" * (n - 2) + b"]" * (n - 2) + b"}}\n"


def keys(n):
    members = ",".join(f'"k{i}":0' for i in range(n))
    return ('{"jsonrpc":"2.0","id":1,"method":"ping","params":{' + members + "}}\n").encode()


def terms(n):
    """A prefix of 200 words where that is not too many, and words."""
    return search(f"{BEGINNING_OF[200]}* {words(n - 200)}" if n > 200 else f"{BEGINNING_OF[9]}* {words(n - 9)}")


# name: (what is asked at n, another value to set it to)
BOUNDS = {
    "request_bytes": (long_line, 2000),
    "json_depth": (nested, 4),
    "json_keys": (keys, 20),
    "query_bytes": (lambda n: search("alep " + "x" * (n - 5)), 40),
    "query_words": (lambda n: search(words(n)), 4),
    "query_terms": (terms, 20),
    "query_depth": (lambda n: search("(" * n + "alep" + ")" * n), 3),
    "query_phrases": (lambda n: search(" ".join(['"la ville"'] * n)), 2),
    "phrase_words": (lambda n: search('"' + " ".join(["la"] * n) + '"'), 3),
    "distance": (lambda n: search(f"alep NEAR/{n} ville"), 20),
    "prefixes": (lambda n: search(" ".join(name + "*" for name in ("quora", "quorb", "quorc", "quorab", "quorbb")[:n])), 2),
    "prefix_expansion": (lambda n: search(BEGINNING_OF[n] + "*"), 10),
    "hits": (lambda n: request("search", {"q": "alep", "limit": n}), 20),
    "ids": (lambda n: request("search", {"q": "alep", "limit": n, "detail": "id"}), 30),
    "window": (lambda n: request("search", {"q": "alep", "limit": 10, "offset": n - 10}), 40),
}
# These two are parameters of a request, and refused as such: "limit must be an integer from 0 to 100".
PARAMETERS = {"hits": "limit", "ids": "limit"}


def rows():
    """The settings of docs/limits.md: name -> (option, least, usual, ceiling)."""
    found = {}
    with open(LIMITS_MD, encoding="utf-8") as file:
        for line in file:
            row = re.match(r"\| `(\w+)` \| `--([\w-]+)` \| ([\d,]+) \| ([\d,]+) \| ([\d,]+) \|", line)
            if row:
                found[row[1]] = (row[2], *(int(row[i].replace(",", "")) for i in (3, 4, 5)))
    return found


class Bounds(harness.Case):
    @classmethod
    def setUpClass(cls):
        cls.index = os.path.join(harness.scratch, "limits")
        harness.make_index(cls.index, harness.ARTICLES[:3] + VOCABULARY + LONG)

    def limits(self, daemon):
        with daemon.connect() as client:
            return client.ask("stats")["result"]["limits"]

    def ask(self, daemon, line):
        with daemon.connect() as client:
            client.send(line)
            return client.reply()

    def taken(self, name, reply):
        """Whether the reply is no refusal by this bound."""
        if "error" not in reply:
            return True
        if reply["error"]["data"]["status"] == "limit":
            self.assertIn(name.upper() if "LIMIT_" in reply["error"]["message"] else name, reply["error"]["message"])
            return False
        # What a parameter of another kind is told: the JSON was read.
        return "unknown parameter" in reply["error"]["message"]

    def check(self, daemon, name, bound):
        ask_for = BOUNDS[name][0]
        self.assertEqual(self.limits(daemon)[name], bound)
        for n in (bound - 1, bound):
            self.assertTrue(self.taken(name, self.ask(daemon, ask_for(n))), (name, n))
        reply = self.ask(daemon, ask_for(bound + 1))
        self.assertFalse(self.taken(name, reply), (name, bound + 1, reply))
        self.assertIn(PARAMETERS.get(name, name), reply["error"]["message"].lower())
        self.assertIn(str(bound), reply["error"]["message"])

    def test_as_they_are(self):
        """Without an option."""
        daemon = self.start(db=self.index)
        for name in BOUNDS:
            with self.subTest(name):
                self.check(daemon, name, rows()[name][2])
        self.alive(daemon)

    def test_as_set(self):
        for name, (_, bound) in BOUNDS.items():
            with self.subTest(name):
                daemon = self.start("--workers", "1", "--" + name.replace("_", "-"), str(bound), db=self.index)
                self.check(daemon, name, bound)
                daemon.close()

    def test_letters_of_a_prefix(self):
        """The other way round: one letter fewer is refused."""
        for least, options in ((rows()["prefix_letters_min"][2], ()), (5, ("--prefix-letters-min", "5"))):
            daemon = self.start("--workers", "1", "--prefix-expansion", "1000", "--query-terms", "1024", *options,
                                db=self.index)
            self.assertEqual(self.limits(daemon)["prefix_letters_min"], least)
            for n in (least + 1, least):
                self.assertIn("result", self.ask(daemon, search(BEGINNING_OF[9][:n] + "*")))
            reply = self.ask(daemon, search(BEGINNING_OF[9][:least - 1] + "*"))
            self.error(reply, -32002, "limit")
            self.assertIn(f"LIMIT_PREFIX_LETTERS_MIN ({least})", reply["error"]["message"])
            daemon.close()

    def test_steps_of_a_match(self):
        """Refused by name and value, and so is nothing that takes fewer; exactly: tests/query/limits_test.c."""
        hard = search("(quorfbaa NEAR/50 quorfbab) NEAR/50 (quorfbac NEAR/50 quorfbad) NEAR/50 (quorfbae PARA quorfbaf)")
        text = "quorfbaa quorfbab quorfbac quorfbad quorfbae quorfbaf. " * 300
        folder = os.path.join(harness.scratch, "steps")
        harness.make_index(folder, [dict(harness.ARTICLES[0], id="steps", text=text)])
        daemon = self.start("--workers", "1", "--match-steps", "1000", db=folder)
        reply = self.ask(daemon, hard)
        self.error(reply, -32002, "limit")
        self.assertIn("LIMIT_MATCH_STEPS (1000 match steps)", reply["error"]["message"])
        self.assertIn("result", self.ask(daemon, search("quorfbaa NEAR/1 quorfbab")))

    def test_bytes_of_a_reply(self):
        """
        A reply has its time in it, a number of some digits, so its length is known but for these.  With an id that is one byte
        longer each time, replies are seen that are one byte shorter than the bound, as long, and refused.
        """
        bound = rows()["reply_bytes"][1]
        daemon = self.start("--workers", "1", "--reply-bytes", str(bound), db=self.index)
        self.assertEqual(self.limits(daemon)["reply_bytes"], bound)
        with daemon.connect() as client:
            def ask(hits, length):
                """The reply's line for an id that takes `length` bytes there, six for a control character."""
                client.send(request("search", {"q": "titre", "limit": hits, "passages": 0},
                                    "\x01" * (length // 6) + "x" * (length % 6)))
                return client.line()

            hits = next(n for n in range(1, 101) if b'"error"' in ask(n, 0)) - 1
            missing = bound - len(ask(hits, 0))
            wanted, seen = {bound - 1, bound, "refused"}, set()
            # The digits are drawn anew each time.
            for length in 100 * list(range(missing - 10, missing + 10)):
                if wanted <= seen:
                    break
                line = ask(hits, length)
                if b'"error"' in line:
                    self.assertIn(f"{bound} bytes (limit reply_bytes)", json.loads(line)["error"]["message"])
                    seen.add("refused")
                else:
                    self.assertLessEqual(len(line), bound)
                    seen.add(len(line))
        self.assertLessEqual(wanted, seen)
        self.alive(daemon)

    def test_a_text_is_cut_to_fit(self):
        """A document is given as far as the bound goes, and says that there is more."""
        bound = rows()["reply_bytes"][1]
        daemon = self.start("--reply-bytes", str(bound))
        with daemon.connect() as client:
            client.send(request("document", {"id": "long", "length": 524288}))
            line = client.line()
        self.assertLessEqual(len(line), bound)
        self.assertTrue(json.loads(line)["result"]["more"])

    def test_reprints(self):
        """No refusal: the reply says that there are more than were looked at."""
        limit = 1000
        text = "Le convoi a quitté la ville mardi matin sous la garde de la Croix-Rouge, disent les habitants du quartier. "
        for n in (limit - 1, limit, limit + 1):
            folder = os.path.join(harness.scratch, f"reprints-{n}")
            harness.make_index(folder, [dict(harness.ARTICLES[0], id=f"r{i}", text=text * 3) for i in range(n + 1)])
            daemon = self.start("--workers", "1", "--deadline-ms", "60000", "--soft-deadline-ms", "60000", db=folder)
            with daemon.connect() as client:
                client.send(request("reprints", {"id": "r0", "limit": 1}))
                reply = client.reply()["result"]
            self.assertEqual((reply["total"], reply["more"]), (min(n, limit), n > limit))
            daemon.close()

    def test_requests_in_flight(self):
        """So many are under way; the next one waits in the socket until one of them is answered."""
        for bound, options in ((rows()["in_flight"][2], ()), (3, ("--in-flight", "3"))):
            daemon = self.start("--workers", "1", "--queue", "100", "--deadline-ms", "60000", "--metrics", "127.0.0.1:0",
                                *options, db=self.index)
            worker = daemon.workers()[0]
            for n in (bound - 1, bound, bound + 1):
                with daemon.connect() as client:
                    client.ask("ping")
                    os.kill(worker, signal.SIGSTOP)
                    for i in range(n):
                        client.send(request("search", {"q": f"alep OU zz{bound}a{n}a{i}"}, i))
                    wait_for("they are under way", lambda d=daemon, m=min(n, bound): self.under_way(d) == m)
                    for _ in range(10):
                        with daemon.connect() as other:
                            other.ask("ping")
                        self.assertEqual(self.under_way(daemon), min(n, bound))
                    os.kill(worker, signal.SIGCONT)
                    self.assertEqual([client.reply()["id"] for _ in range(n)], list(range(n)))
            daemon.close()

    def under_way(self, daemon):
        address = next(line for line in daemon.log if "metrics address" in line).split("address=")[1].split()[0]
        with urllib.request.urlopen(f"http://{address}/metrics", timeout=harness.PATIENCE) as page:
            text = page.read().decode()
        return sum(int(re.search(rf"^voisin_{name} (\d+)$", text, re.M)[1]) for name in ("queue", "workers_busy"))


class Settings(harness.Case):
    """The ends of the range of each option, which -n checks without an index."""
    # What goes together with what.
    WITH = {"soft_deadline_ms": ("--deadline-ms", "60000"), "deadline_ms": ("--soft-deadline-ms", "1"),
            "cache_mib": ("--worker-mib", "65536")}

    def check(self, name, option, value):
        done = subprocess.run([harness.program("voisind"), "-n", "--db", harness.index_dir, *self.WITH.get(name, ()),
                               f"--{option}={value}"], stdin=subprocess.DEVNULL, capture_output=True, text=True,
                              timeout=harness.PATIENCE, check=False)
        return done.returncode, done.stderr

    def test_ranges(self):
        self.assertGreater(len(rows()), 30)
        for name, (option, least, usual, ceiling) in rows().items():
            with self.subTest(name):
                for value in {least, min(least + 1, ceiling), usual, max(ceiling - 1, least), ceiling}:
                    self.assertEqual(self.check(name, option, value)[0], 0, self.check(name, option, value)[1])
                for value in (least - 1, ceiling + 1):
                    code, err = self.check(name, option, value)
                    self.assertEqual(code, 2, (value, err))
                    self.assertIn(f"--{option} takes a number from {least} to {ceiling}, not \"{value}\"", err)

    def test_shown_by_stats(self):
        daemon = self.start("--workers", "1", hurried=True)
        with daemon.connect() as client:
            stats = client.ask("stats")["result"]
        shown = dict(stats["limits"], workers=stats["workers"]["configured"] + 1, cache_bytes=stats["cache"]["bytes_max"])
        for name, (_, _, usual, _) in rows().items():
            factor = 1 << 20 if name.endswith("_mib") else 1
            self.assertEqual(shown[name.replace("_mib", "_bytes")], usual * factor, name)


# method: (its parameters at n, the most, the parameter that a refusal names)
PARAMETERS_OF = (
    ("search", lambda n: {"q": "alep", "passages": n}, 10, "passages"),
    ("search", lambda n: {"q": "alep", "matches": n}, 1000, "matches"),
    ("document", lambda n: {"id": "alep-1", "length": n}, 512 * 1024, "length"),
    ("reprints", lambda n: {"id": "alep-1", "limit": n}, 100, "limit"),
    ("suggest", lambda n: {"q": "ale", "limit": n}, 20, "limit"),
    ("auth", lambda n: {"token": "x" * n}, 256, "token"),
    ("document", lambda n: {"id": "x" * n}, 200, "id"),
)
TOKEN = "q4v0hJ8kS2bYw1Zr7mNx"


class Parameters(harness.Case):
    def test_of_requests(self):
        daemon = self.start()
        with daemon.connect() as client:
            for method, params, most, name in PARAMETERS_OF:
                with self.subTest(method, name=name):
                    for n in (most - 1, most):
                        reply = client.ask(method, params(n))
                        # An id of as many bytes may be, and is none of ours.
                        self.assertIn(reply.get("error", {}).get("data", {}).get("status"), (None, "not_found"), reply)
                    reply = client.ask(method, params(most + 1))
                    self.error(reply, -32602, "invalid")
                    self.assertRegex(reply["error"]["message"], rf"^{name} must be .*\b{most}\b")
            for n, code in ((1023, -32001), (1024, -32001), (1025, -32602)):
                self.error(client.ask("search", {"q": "alep", "cursor": "x" * n}), code, "invalid")

    def test_of_the_metrics(self):
        daemon = self.start("--metrics", "127.0.0.1:0")
        address = next(line for line in daemon.log if "metrics address" in line).split("address=")[1].split()[0]
        for n, status in ((8191, b"200"), (8192, b"200"), (8193, b"431")):
            head = b"GET /metrics HTTP/1.1\r\nX: "
            with harness.Client(address) as client:
                client.send(head + b"x" * (n - len(head) - 4) + b"\r\n\r\n")
                self.assertEqual(client.line().split()[1], status, n)
        for n in (15, 16):
            idle = [harness.Client(address) for _ in range(n)]
            with harness.Client(address) as one_more:
                one_more.send(b"GET /metrics HTTP/1.1\r\n\r\n" if n < 16 else b"")
                self.assertEqual(one_more.line() is None, n == 16)
            for client in idle:
                client.close()
            wait_for("all are gone", lambda: daemon.descriptors_of_clients() == 0)


class Files(harness.Case):
    """What a file of the daemon may hold, which -n checks."""

    def write(self, text):
        path = os.path.join(harness.scratch, "limited")
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        os.chmod(path, 0o600)
        return path

    def check(self, *options):
        done = subprocess.run([harness.program("voisind"), "-n", "--db", harness.index_dir, *options],
                              stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=harness.PATIENCE, check=False)
        return done.returncode, done.stderr

    def check_at(self, make, most, least=None):
        """make(n) gives the options; `least` to `most` are taken."""
        for n in (most - 1, most) + (() if least is None else (least, least + 1)):
            self.assertEqual(self.check(*make(n)), (0, self.check(*make(n))[1]), n)
        for n in (most + 1,) + (() if least is None else (least - 1,)):
            code, err = self.check(*make(n))
            self.assertEqual(code, 2, (n, err))
            self.assertRegex(err, rf"\b({most}|{least})\b")

    def test_tokens(self):
        def with_file(text):
            return "--token-file", self.write(text)

        self.check_at(lambda n: with_file("".join(f"n{i} {TOKEN}{i:04}\n" for i in range(n))), 64)
        self.check_at(lambda n: with_file(f"a {'x' * n}\n"), 256, 16)
        self.check_at(lambda n: with_file(f"{'n' * n} {TOKEN}\n"), 32)
        line = f"a {TOKEN}\n"
        self.check_at(lambda n: with_file(line + "#" * (n - len(line))), 32 * 1024)

    def test_names(self):
        def with_file(text):
            return "--variants", "none", "--variants", self.write(text)

        self.check_at(lambda n: with_file("Alep, Halab\n" + "#" * (n - 12)), 4 * 1024 * 1024)
        self.check_at(lambda n: with_file(", ".join(f"nom{'abcdefghijklmnopqrst'[i]}" for i in range(n)) + "\n"), 16)
        self.check_at(lambda n: with_file("Alep, " + " ".join(f"mot{'abcdefghijklmnopqrst'[i]}" for i in range(n)) + "\n"), 12)

    def test_options_that_may_be_repeated(self):
        names = self.write("Alep, Halab\n")
        self.check_at(lambda n: [word for i in range(n) for word in ("--listen", f"127.0.0.1:{1025 + i}")], 16)
        self.check_at(lambda n: [word for _ in range(n) for word in ("--variants", names)], 7)


if __name__ == "__main__":
    harness.main()
