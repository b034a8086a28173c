# SPDX-License-Identifier: GPL-2.0-or-later
"""protocol: bytes in, exact lines or the end out."""
import json
import socket
import time

import harness
from harness import LINE_MAX, SEARCH, request

PING = request("ping")

# Bytes of other protocols at the start of a connection: one error, then the end.
FOREIGN = {
    "HTTP GET": b"GET / HTTP/1.0\r\n\r\n",
    "HTTP POST of a browser": b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 60\r\n\r\n" + SEARCH,
    "HTTP/2 preface": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "TLS ClientHello": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(range(64)),
    "SSH": b"SSH-2.0-OpenSSH_9.2\r\n",
    "Redis": b"*1\r\n$4\r\nPING\r\n",
    "memcached": b"get a\r\n",
    "SMTP": b"EHLO example.org\r\n",
    "NUL": b"\0" + PING,
    "control byte": b"\x01" + PING,
    "0xff": b"\xff" + PING,
    "byte order mark": b"\xef\xbb\xbf" + PING,
    "UTF-16": PING.decode().encode("utf-16"),
    "a JSON string": b'"ping"\n',
    "blanks before": b" \r\n\t GET / HTTP/1.0\r\n\r\n",
}

BASE = '{"jsonrpc":"2.0","id":1,"method":%s}'
SEARCH_WITH = '{"jsonrpc":"2.0","id":1,"method":"search","params":{"q":"alep",%s}}'

# Lines that are refused while the connection goes on: (line, code, id in the reply).
REFUSED = [
    (b"{}x", -32700, None),
    (b"{", -32700, None),
    (b'{"jsonrpc":"2.0","id":1,"method":"ping"} {}', -32700, None),
    (b'{"jsonrpc":"2.0","id":1,"method":"ping",}', -32700, None),
    (b"{'jsonrpc':'2.0'}", -32700, None),
    (b'{"jsonrpc":"2.0","id":1,"method":"pi\0ng"}', -32700, None),
    (b'{"jsonrpc":"2.0","id":1,"method":"pi\x01ng"}', -32700, None),
    (b'{"jsonrpc":"2.0","id":1,"method":"pi\xffng"}', -32700, None),
    (b'{"jsonrpc":"2.0","id":1,"method":"pi\xc0\xafng"}', -32700, None),
    (b'{"jsonrpc":"2.0","id":1,"method":"pi\xed\xa0\x80ng"}', -32700, None),
    (b'{"jsonrpc":"2.0","id":1,"method":"\\ud800"}', -32700, None),
    (b'{"jsonrpc":"2.0","id":1,"id":2,"method":"ping"}', None, None),
    (b"[" * 100000 + b"]", None, None),
    (b"[" * 60000, None, None),
    (b'{"a":' * 10000 + b"1", None, None),
    (b"[]", -32600, None),
    (b"[" + PING.strip() + b"]", -32600, None),
    (b"{}", -32600, None),
    (b'{"jsonrpc":"2.0","method":"ping"}', -32600, None),
    (b'{"jsonrpc":"1.0","id":1,"method":"ping"}', -32600, 1),
    (b'{"jsonrpc":"2.0","id":{},"method":"ping"}', -32600, None),
    (b'{"jsonrpc":"2.0","id":1,"method":"ping","more":1}', -32600, 1),
    ((BASE % '"drop"').encode(), -32601, 1),
    ((BASE % "7").encode(), -32600, 1),
    ((BASE % '"search"').encode(), -32602, 1),
    (b'{"jsonrpc":"2.0","id":1,"method":"search","params":[]}', -32602, 1),
    ((SEARCH_WITH % '"limit":101').encode(), -32602, 1),
    ((SEARCH_WITH % '"limit":-1').encode(), -32602, 1),
    ((SEARCH_WITH % '"limit":1.5').encode(), -32602, 1),
    ((SEARCH_WITH % '"limit":"1"').encode(), -32602, 1),
    ((SEARCH_WITH % '"limit":18446744073709551616').encode(), None, None),
    ((SEARCH_WITH % '"limit":1e999').encode(), None, None),
    ((SEARCH_WITH % '"limit":1,"offset":10000').encode(), -32602, 1),
    ((SEARCH_WITH % '"__proto__":1').encode(), -32602, 1),
    ((SEARCH_WITH % '"q":"syrie"').encode(), None, None),
    ((SEARCH_WITH % '"\\u0071":"syrie"').encode(), None, None),
    (b'{"jsonrpc":"2.0","id":1,"method":"search","params":{"q":"(alep"}}', -32001, 1),
    (b'{"jsonrpc":"2.0","id":1,"method":"document","params":{"id":"none"}}', -32006, 1),
]


def settled(line):
    """A reply without what differs from one run to the next."""
    reply = json.loads(line)
    reply["result"].pop("ms", None)
    return reply


class Framing(harness.Case):
    def test_split_at_every_byte(self):
        daemon = self.start()
        with daemon.connect() as client:
            client.send(SEARCH)
            whole = settled(client.line())
            self.assertEqual([hit["id"] for hit in whole["result"]["hits"]], ["alep-1"])
            for at in range(1, len(SEARCH)):
                client.send(SEARCH[:at])
                # A second connection's answer shows that the first part was read.
                with daemon.connect(0) as other:
                    other.ask("ping")
                client.send(SEARCH[at:])
                self.assertEqual(settled(client.line()), whole, f"split at {at}")
        self.alive(daemon)

    def test_byte_by_byte_and_merged(self):
        daemon = self.start()
        with daemon.connect() as client:
            for byte in PING:
                client.send(bytes([byte]))
            self.assertIn("result", client.reply())
            client.send(request("ping", number=1) + request("ping", number=2))
            self.assertEqual({client.reply()["id"], client.reply()["id"]}, {1, 2})
            client.send(PING[:-1] + b"\r\n")
            self.assertIn("result", client.reply())
        self.alive(daemon)

    def test_pipeline_of_100(self):
        daemon = self.start()
        with daemon.connect() as client:
            client.send(b"".join(request("search", {"q": "alep"}, n) for n in range(100)))
            self.assertEqual(sorted(client.reply()["id"] for _ in range(100)), list(range(100)))
            client.send(b"".join(request("ping", None, n) for n in range(1000)))
            self.assertEqual(sorted(client.reply()["id"] for _ in range(1000)), list(range(1000)))
        self.alive(daemon)

    def test_blank_lines(self):
        daemon = self.start()
        with daemon.connect() as client:
            client.send(b"\n" * 10000 + b"\r\n" * 100 + b" \t\n\r" + PING + b"\n" * 10000 + b"\r\n  \n" + PING)
            self.assertEqual([client.reply()["id"] for _ in range(2)], [1, 1])
            client.socket.shutdown(socket.SHUT_WR)
            self.assertTrue(client.at_end())
        self.alive(daemon)

    def test_line_limit(self):
        daemon = self.start()
        body = PING.strip()
        for length, fits in ((LINE_MAX - 1, True), (LINE_MAX, True), (LINE_MAX + 1, False)):
            for end in (b"\n", b"\r\n"):
                with self.subTest(length=length, end=end), daemon.connect() as client:
                    client.send(body[:-1] + b" " * (length - len(body)) + b"}" + end)
                    reply = client.reply()
                    if fits:
                        self.assertIn("result", reply)
                        self.assertIn("result", client.ask("ping"))
                        continue
                    self.error(reply, -32002, "limit", None)
                    self.assertIn("65536", reply["error"]["message"])
                    self.assertTrue(client.at_end())
        self.alive(daemon)

    def test_no_newline_without_end(self):
        daemon = self.start()
        before = daemon.memory()
        with daemon.connect() as client, self.assertRaises((ConnectionResetError, BrokenPipeError)):
            for _ in range(1 << 14):
                client.send(b"{" * 65536)
        if not daemon.sanitized():
            self.assertLess(daemon.memory() - before, 4 << 20)
        self.alive(daemon)

    def test_end_in_a_line(self):
        daemon = self.start()
        with daemon.connect() as client:
            client.send(SEARCH[:-1])
            client.socket.shutdown(socket.SHUT_WR)
            self.assertTrue(client.at_end())
        self.alive(daemon)

    def test_half_close(self):
        daemon = self.start()
        with daemon.connect() as client:
            client.send(b"".join(request("search", {"q": "alep"}, n) for n in range(50)) + SEARCH[:10])
            client.socket.shutdown(socket.SHUT_WR)
            self.assertEqual(sorted(client.reply()["id"] for _ in range(50)), list(range(50)))
            self.assertTrue(client.at_end())
        self.alive(daemon)

    def test_reset_at_any_moment(self):
        daemon = self.start()
        big = request("document", {"id": "long", "length": 524288})
        before = daemon.descriptors()
        for data in (b"", SEARCH[:20], SEARCH, SEARCH * 30, big * 16):
            for _ in range(10):
                client = daemon.connect()
                client.send(data)
                client.reset()
        client = daemon.connect()
        client.send(big * 16)
        self.assertTrue(client.socket.recv(1000))
        client.reset()
        harness.wait_for("descriptors are closed", lambda: daemon.descriptors() <= before)
        self.alive(daemon)

    def test_urgent_byte(self):
        daemon = self.start()
        with daemon.connect() as client:
            client.send(SEARCH[:10])
            client.socket.send(b"!", socket.MSG_OOB)
            client.send(SEARCH[10:])
            client.line()
        self.alive(daemon)


class Content(harness.Case):
    def test_foreign_protocols(self):
        daemon = self.start()
        for name, data in FOREIGN.items():
            with self.subTest(name), daemon.connect() as client:
                start = time.monotonic()
                client.send(data)
                self.error(client.reply(), -32700, "invalid", None)
                self.assertTrue(client.at_end())
                self.assertLess(time.monotonic() - start, harness.SOON)
        with daemon.connect() as client:
            errors = client.ask("stats")["result"]["errors"]
        self.assertEqual(errors["invalid"], len(FOREIGN))
        self.alive(daemon)

    def test_refused_lines(self):
        daemon = self.start()
        for line, code, number in REFUSED:
            with self.subTest(line[:80]), daemon.connect() as client:
                client.send(line + b"\n")
                reply = client.reply()
                self.assertIn("error", reply)
                if code is not None:
                    self.assertEqual((reply["error"]["code"], reply["id"]), (code, number))
                if len(line) <= LINE_MAX:
                    self.assertIn("result", client.ask("ping"))
        self.alive(daemon)

    def test_place_of_a_refusal(self):
        daemon = self.start()
        with daemon.connect() as client:
            reply = client.ask("search", {"q": "Été NEAR (Alep"})
            self.error(reply, -32001, "invalid")
            data = reply["error"]["data"]
            self.assertEqual("Été NEAR (Alep".encode()[data["offset"]:].decode(),
                             "Été NEAR (Alep"[data["column"] - 1:])
        self.alive(daemon)

    def test_id_comes_back(self):
        daemon = self.start()
        with daemon.connect() as client:
            for text in ("0", "-7", "9007199254740993", '"a\\u0001\\n\\u2028é"', '""', "null",
                         json.dumps("x" * 1000)):
                client.send(b'{"jsonrpc":"2.0","id":' + text.encode() + b',"method":"ping"}\n')
                reply = client.reply()
                if text != "null":
                    self.assertEqual(reply["id"], json.loads(text))
        self.alive(daemon)

    def test_each_method(self):
        daemon = self.start()
        with daemon.connect() as client:
            ping = client.ask("ping")["result"]
            found = client.ask("search", {"q": "Alep", "passages": 1, "matches": 3})["result"]
            ids = client.ask("search", {"q": "Alep", "detail": "id"})["result"]
            explained = client.ask("explain", {"q": "cessez-le-feu NEAR Alep", "variants": False})["result"]
            stats = client.ask("stats")["result"]
            client.send(request("stats").replace(b'"stats"', b'"stats","params":{}'))
            self.assertIn("result", client.reply())
        self.assertEqual(ping["protocol"], 1)
        self.assertEqual({hit["id"] for hit in found["hits"]}, {"alep-1", "alep-2"})
        self.assertEqual(found["total"], {"value": 2, "relation": "eq"})
        for hit in found["hits"]:
            marked = [part["text"] for passage in hit["passages"] for part in passage["segments"] if part["mark"]]
            self.assertTrue(marked)
            self.assertEqual(set(marked), {"Alep"})
            self.assertEqual(hit["total_matches"], len(hit["matches"]))
        self.assertEqual([sorted(hit) for hit in ids["hits"]], [["id", "score"]] * 2)
        self.assertEqual(explained["tree"]["kind"], "near")
        self.assertEqual([child["kind"] for child in explained["tree"]["children"]], ["phrase", "word"])
        self.assertEqual((stats["pid"], stats["documents"]), (daemon.pid, len(harness.ARTICLES)))
        self.assertEqual(stats["limits"]["request_bytes"], LINE_MAX)
        self.assertEqual((stats["requests"]["search"], stats["requests"]["explain"]), (2, 1))
        self.alive(daemon)

    def test_document_in_parts(self):
        daemon = self.start()
        text = harness.ARTICLES[3]["text"]
        self.assertGreater(len(text.encode()), 524288)
        for length in (524288, 100000, 7777):
            got, offset, more = "", 0, True
            with self.subTest(length=length), daemon.connect() as client:
                while more:
                    part = client.ask("document", {"id": "long", "offset": offset, "length": length})["result"]
                    self.assertEqual((part["offset"], part["bytes"]), (offset, len(text.encode())))
                    got += part["text"]
                    offset += len(part["text"].encode())
                    more = part["more"]
                self.assertEqual(got, text)
        with daemon.connect() as client:
            beyond = client.ask("document", {"id": "long", "offset": 1 << 40})["result"]
            self.assertEqual((beyond["text"], beyond["more"]), ("", False))
        self.alive(daemon)

    def test_no_query_text_in_the_log(self):
        daemon = self.start()
        with daemon.connect() as client:
            client.ask("search", {"q": "Sentinelle"})
            client.send(b'{"Sentinelle\n')
            client.reply()
            client.ask("document", {"id": "Sentinelle\x1b[31m"})
        self.assertEqual(daemon.end(), 0)
        self.assertEqual(len(daemon.logged("method=search status=ok")), 1)
        self.assertFalse(daemon.logged("Sentinelle"))


if __name__ == "__main__":
    harness.main()
