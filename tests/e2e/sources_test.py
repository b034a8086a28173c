# SPDX-License-Identifier: GPL-2.0-or-later
"""Files of every format in one folder: indexed by voisin-index, served by voisind, found by voisin."""
import gzip
import json
import os
import unittest

import voisin_test as vt

TEXT = ("Le cessez-le-feu a été respecté à Alep pendant toute la nuit, selon les habitants. "
        "Un convoi est entré dans la ville à l'aube.")
ENGLISH = ("The ceasefire near Aleppo was broken after midnight, and the rebels who had signed it said that they "
           "would not be the first to leave the city.")

FILES = {
    "a.txt": ("Texte\n" + TEXT).encode("windows-1252"),
    "b.txt": ("Deux fois\n" + TEXT).encode().decode("windows-1252", "replace").encode(),
    "c.txt.gz": gzip.compress(("Serré\n" + TEXT).encode()),
    "d.md": f"---\ntitle: Marques\ndate: 2016-12-07\n---\n\n*Le* {TEXT[3:]}\n".encode(),
    "e.html": ("<html><head><title>Page</title><meta name=date content=2016-12-08></head><body><nav><a href=/>Alep"
               f"</a></nav><article><h1>Page</h1><p>{TEXT}</p></article></body></html>").encode(),
    "f.xml": (f"<rss><channel><title>Fil</title><item><guid>u:1</guid><title>Entrée</title><description>{TEXT}"
              "</description></item></channel></rss>").encode(),
    "g.eml": f"Subject: Message\nDate: Wed, 7 Dec 2016 09:30:00 +0100\n\n{TEXT}\n".encode(),
    "h.mbox": f"From x\nMessage-ID: <m@x>\nSubject: Boite\n\n{TEXT}\n".encode(),
    "i.txt": ("English\n" + ENGLISH).encode(),
    "j.jsonl": json.dumps({"id": "ligne", "text": TEXT, "author": "Jeanne", "language": "fr-FR"}).encode(),
    "k.doc": ("Filtré\n" + TEXT).encode(),
    "bad.html": b"<p> </p>",
    "bad.xml": b"<urlset/>",
    "bad.warc": b"rien",
}


def warc():
    reply = f"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<title>Archive</title><p>{TEXT}</p>".encode()
    head = (f"WARC/1.0\r\nWARC-Type: response\r\nWARC-Target-URI: https://x.example/\r\nWARC-Date: 2016-12-09T00:00:00Z"
            f"\r\nContent-Type: application/http\r\nContent-Length: {len(reply)}\r\n\r\n").encode()
    return gzip.compress(head + reply + b"\r\n\r\n")


class Sources(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.index = vt.Index()
        cls.addClassCleanup(cls.index.close)
        cls.docs = os.path.join(cls.index.folder, "docs")
        os.mkdir(cls.docs)
        for name, contents in {**FILES, "w.warc.gz": warc()}.items():
            with open(os.path.join(cls.docs, name), "wb") as file:
                file.write(contents)
        cls.done = cls.index.update("--filter", "doc=cat", cls.docs)
        cls.daemon = vt.Daemon(cls.index)
        cls.addClassCleanup(cls.daemon.close)

    def ask(self, *query):
        done = vt.run(vt.program("voisin"), "--server", self.daemon.server, *query)
        self.assertIn(done.returncode, (0, 1), done.stderr)
        return done.stdout

    def ids(self, *query):
        return sorted(self.ask("--ids", "--all", *query).split())

    def test_report(self):
        self.assertEqual(self.done.returncode, 1, self.done.stderr)
        lines = self.done.stdout.splitlines()
        self.assertIn("in other languages than French, and not stemmed: 1; from other encodings than UTF-8: 1; "
                      "with characters mended: 1", lines)
        self.assertRegex(lines[-1], r"^added 12, .* refused 3 in ")
        errors = self.done.stderr
        self.assertIn("bad.html: the text is empty", errors)
        self.assertIn("bad.xml: neither RSS nor Atom: its outermost element is <urlset>", errors)
        self.assertIn("bad.warc:1: no WARC record begins here", errors)

    def test_every_format_is_found(self):
        self.assertEqual(self.ids("cessez-le-feu NEAR Alep"), [
            "a.txt", "b.txt", "c.txt.gz", "d.md", "e.html", "g.eml",
            "https://x.example/@2016-12-09T00:00:00Z", "k.doc", "ligne", "m@x", "u:1"])
        self.assertEqual(self.ids("respecter SENT habitant"), self.ids("cessez-le-feu NEAR Alep"))

    def test_other_languages_are_found_as_they_are_written(self):
        self.assertEqual(self.ids("ceasefire NEAR Aleppo"), ["i.txt"])
        self.assertEqual(self.ids("rebels SENT city"), ["i.txt"])
        self.assertEqual(self.ids("rebel"), [])
        hit = json.loads(self.ask("--json", "rebels").splitlines()[0])
        hit = hit["hits"][0] if "hits" in hit else hit
        self.assertEqual(hit["language"], "en")
        marked = [s["text"] for p in hit["passages"] for s in p["segments"] if s["mark"]]
        self.assertEqual(marked, ["rebels"])

    def test_dates_say_where_they_are_from(self):
        expected = {"d.md": ("2016-12-07", "metadata"), "e.html": ("2016-12-08", "metadata"),
                    "g.eml": ("2016-12-07", "metadata"), "https://x.example/@2016-12-09T00:00:00Z": ("2016-12-09", "file")}
        for name, (date, dated) in expected.items():
            document = json.loads(self.ask("--document", name, "--json"))
            self.assertEqual((document["date"], document["dated"]), (date, dated), name)
        self.assertIn("file of 2016-12-09", self.ask("--document", "https://x.example/@2016-12-09T00:00:00Z"))
        self.assertEqual(json.loads(self.ask("--document", "ligne", "--json"))["author"], "Jeanne")

    def test_filters_are_checked_before_anything_is_done(self):
        for wrong in ("doc", "=cat", "doc='cat"):
            done = vt.run(vt.program("voisin-index"), "--db", os.path.join(self.index.folder, "none"), "--filter", wrong,
                          self.docs)
            self.assertEqual(done.returncode, 2, done)
            self.assertFalse(os.path.exists(os.path.join(self.index.folder, "none")))

    def test_filters_of_the_configuration(self):
        config = os.path.join(self.index.folder, "voisin.conf")
        with open(config, "w", encoding="utf-8") as file:
            file.write(f"[index]\npath = {self.index.folder}/conf\nfilter = doc=cat %s\n[source a]\npath = {self.docs}\n")
        done = vt.run(vt.program("voisin-index"), "--config", config)
        self.assertIn("added 12,", done.stdout, done.stderr)
        with open(config, "w", encoding="utf-8") as file:
            file.write(f"[index]\npath = {self.index.folder}/conf\nfilter = doc\n[source a]\npath = {self.docs}\n")
        done = vt.run(vt.program("voisin-index"), "--config", config, "--check")
        self.assertEqual(done.returncode, 2)
        self.assertIn("voisin.conf:3: filter: a filter is written EXT=COMMAND", done.stderr)


if __name__ == "__main__":
    unittest.main(verbosity=2)
