# SPDX-License-Identifier: GPL-2.0-or-later
"""hostile: bytes in, exact lines or the end out, and after each case the daemon is as it was before.

The cases are in hostile.txt, which says how they are written, and those of ../protocol/json.txt.  tests/CATALOGUE.md
tells which item of the catalogue each one is.

    hostile.py BIN_DIR            run them
    hostile.py BIN_DIR --record   print hostile.txt as the daemon answers now; the difference is to be read, not believed
"""
import json
import os
import re
import sys

import harness
from harness import LINE_MAX, request, wait_for

HERE = os.path.dirname(os.path.abspath(__file__))
TABLE = os.path.join(HERE, "hostile.txt")
JSON_TABLE = os.path.join(HERE, "..", "protocol", "json.txt")


def expand(text):
    """The bytes of a table's text: UTF-8, with \\*N{text} and \\xHH."""
    text = re.sub(r"\\\*(\d+)\{([^}]*)\}", lambda match: match.group(2) * int(match.group(1)), text)
    return re.sub(rb"\\x([0-9a-f]{2})", lambda match: bytes([int(match.group(1), 16)]), text.encode("utf-8"))


def settled(line):
    """A reply's text without what differs from run to run, and without what is a matter of taste (query/suggest/)."""
    text = re.sub(r'"(ms|score|cost)":[-+.0-9e]+', r'"\1":0', line.decode("utf-8"))
    text = re.sub(r'"value":\d+,"relation":"estimate"', '"value":0,"relation":"estimate"', text)
    text = re.sub(r',"(hints|suggestions)":.*?(?=,"(suggestions|total)":)', "", text)
    # What else is known of a document may grow.
    text = re.sub(r'("url":"[^"]*"),.*?("text":|"distance":)', r"\1,\2", text)
    return re.sub(r'"generation":"[^"]*"', '"generation":""', text)


class Row:
    """One case: what is sent on a connection of its own, and what must come back."""

    def __init__(self, source):
        self.source = source
        self.expected = []
        kind, text = source.split(" ", 1) if " " in source else (source, "")
        if kind == "?":
            self.data = request("search", {"q": expand(text).decode("utf-8"), "limit": 0})
        else:
            self.data = expand(text) + (b"\n" if kind == ">" else b"")


def read_table():
    """All lines of the table, those that are cases as Row."""
    lines = []
    with open(TABLE, encoding="utf-8") as file:
        for line in file.read().rstrip("\n").split("\n"):
            if line.startswith(("> ", ">- ", "? ")) or line in (">", ">-", "?"):
                lines.append(Row(line))
            elif line.startswith("< "):
                lines[-1].expected.append(line[2:])
            else:
                lines.append(line)
    return lines


class Watched(harness.Case):
    """One daemon, which after each case must be as it was before."""

    def setUp(self):
        self.daemon = self.start("--variants", "none", "--workers", "1")
        self.children = self.daemon.workers()
        self.steady = self.daemon.connect()
        self.addCleanup(self.steady.close)
        self.assertIn("result", self.steady.ask("search", {"q": "alep"}))
        self.descriptors = self.daemon.descriptors()

    def as_before(self):
        """ALIVE: another connection is answered rightly, the processes are the same, no descriptor is left open."""
        found = self.steady.ask("search", {"q": "cessez-le-feu NEAR Alep"})["result"]
        self.assertEqual([hit["id"] for hit in found["hits"]], ["alep-1"])
        self.assertIsNone(self.daemon.process.poll())
        self.assertEqual(self.daemon.workers(), self.children)
        wait_for("its descriptor is closed", lambda: self.daemon.descriptors() == self.descriptors)

    def answers(self, data, least=1):
        """What comes back: lines, and "." where the connection ends."""
        got = []
        with self.daemon.connect() as client:
            client.send(data)
            while len(got) < least:
                line = client.line()
                if line is None:
                    return got + ["."]
                got.append(settled(line))
            # What else comes stands before the answer to a ping, or the connection is closed.
            try:
                client.send(b"\n" + request("ping", None, "behind"))
                while (line := client.line()) is not None:
                    if b'"id":"behind"' in line:
                        return got
                    got.append(settled(line))
            except (BrokenPipeError, ConnectionResetError):
                pass
        return got + ["."]


class Table(Watched):
    def test_table(self):
        cases = 0
        for row in read_table():
            if not isinstance(row, Row):
                continue
            with self.subTest(row.source[:120]):
                self.assertTrue(row.expected)
                self.assertEqual(self.answers(row.data, len([line for line in row.expected if line != "."])),
                                 row.expected)
                self.as_before()
            cases += 1
        self.assertGreaterEqual(cases, 200)

    def test_memory(self):
        """The whole table again leaves the daemon as large as it was."""
        rows = [row for row in read_table() if isinstance(row, Row)]

        def run_all():
            for row in rows:
                self.answers(row.data, len([line for line in row.expected if line != "."]))

        run_all()
        before = self.daemon.memory()
        for _ in range(3):
            run_all()
        if not self.daemon.sanitized():
            self.assertLess(self.daemon.memory() - before, (1 << 20) + before // 20)
        self.as_before()


class Json(Watched):
    """Each text of json.txt as a parameter, and as a line of its own."""

    # A taken text is the value of an unknown parameter, which is what the refusal is about then.
    FRAME = (b'{"jsonrpc":"2.0","id":1,"method":"ping","params":{"x":', b"}}")

    def cases(self):
        with open(JSON_TABLE, "rb") as file:
            for line in file.read().split(b"\n"):
                if line[:2] in (b"y ", b"n ", b"t ", b"r "):
                    yield line[:1] in b"yt", expand(line[2:].decode("utf-8"))

    def test_as_a_parameter(self):
        cases = 0
        for taken, text in self.cases():
            line = self.FRAME[0] + text + self.FRAME[1]
            # A newline ends a request; two levels more than the limit's are refused for that.
            if b"\n" in text or len(line) > LINE_MAX or taken and re.search(rb"[\[{].*" * 15, text):
                continue
            with self.subTest(text[:80]):
                reply = json.loads(self.answers(line + b"\n")[0])
                self.assertEqual(reply["id"], 1 if taken else None)
                if taken:
                    self.assertEqual(reply["error"]["code"], -32602)
                    self.assertIn('"x"', reply["error"]["message"])
                else:
                    self.assertIn(reply["error"]["code"], (-32700, -32002))
            cases += 1
        self.as_before()
        self.assertGreaterEqual(cases, 318)

    def test_as_a_line(self):
        cases = 0
        for taken, text in self.cases():
            stripped = text.strip(b" \t\r")
            if b"\n" in text or not stripped or len(text) > LINE_MAX:
                continue
            with self.subTest(text[:80]):
                got = self.answers(text + b"\n")
                reply = json.loads(got[0])
                self.assertIsNone(reply["id"])
                if stripped[:1] not in (b"{", b"["):
                    self.assertEqual((reply["error"]["code"], got[1:]), (-32700, ["."]))
                elif taken:
                    self.assertEqual((reply["error"]["code"], got[1:]), (-32600, []))
                else:
                    self.assertIn(reply["error"]["code"], (-32700, -32002))
                    self.assertEqual(got[1:], [])
            cases += 1
        self.as_before()
        self.assertGreaterEqual(cases, 318)


class Record(Watched):
    def test_record(self):
        for row in read_table():
            if not isinstance(row, Row):
                print(row)
                continue
            print(row.source)
            for line in self.answers(row.data, max(1, len([line for line in row.expected if line != "."]))):
                print("< " + line)


if __name__ == "__main__":
    if "--record" in sys.argv:
        sys.argv[sys.argv.index("--record")] = "Record.test_record"
    else:
        del Record
    harness.main()
