# SPDX-License-Identifier: GPL-2.0-or-later
"""Each bound on what an indexed file or a configuration file may hold: one below it, at it, and one above it.

What is refused names what is too much and how much may be; everything else of the run is indexed.  docs/limits.md lists these bounds.
"""
import json
import os
import subprocess
import unittest

import harness

HEADER = "Subject: Titre\nMIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\n"


def nested_mail(depth):
    """A message whose text stands in `depth` others."""
    return "Content-Type: message/rfc822\n\n" * depth + HEADER + "\nUn texte assez long.\n"


def parts(n):
    """A message with n parts, itself one of them."""
    return ("Subject: t\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=x\n\n"
            + "--x\nContent-Type: text/plain\n\nUn texte.\n" * (n - 1) + "--x--\n")


def header(n):
    """A message with n bytes of headers."""
    start = HEADER + "X-Long: "
    return start + "x" * (n - len(start) - 1) + "\n\nUn texte assez long.\n"


def page(depth):
    """A page with elements `depth` deep: html, body, article, and div in div."""
    more = depth - 4
    return ("<html><body><article>" + "<div>" * more + "<p>Le texte de la page est assez long pour en être un.</p>"
            + "</div>" * more + "</article></body></html>")


def nodes(n):
    """A page of n elements and pieces of text: html, head, title, its text, body, p, its text, and br."""
    return ("<html><head><title>T</title></head><body><p>Le texte de la page est assez long pour en être un.</p>"
            + "<br>" * (n - 7) + "</body></html>")


def line_of(**fields):
    return json.dumps({"id": "x", "title": "t", "text": "Un texte.", **fields}, ensure_ascii=False) + "\n"


# limit: (file, its contents at n, n, what a refusal says)
FILES = {
    "id": ("a.jsonl", lambda n: line_of(id="x" * n), 200, "the id is longer than 200 bytes"),
    "title": ("a.jsonl", lambda n: line_of(title="t" * n), 4096, "the title is longer than 4096 bytes"),
    "source": ("a.jsonl", lambda n: line_of(source="s" * n), 4096, "the source is longer than 4096 bytes"),
    "url": ("a.jsonl", lambda n: line_of(url="http://e.example/" + "u" * (n - 17)), 4096,
            "the url is longer than 4096 bytes"),
    "author": ("a.jsonl", lambda n: line_of(author="a" * n), 4096, "the author is longer than 4096 bytes"),
    "LIMIT_DOCUMENT_WORDS": ("a.txt", lambda n: "t\n\n" + "a " * n, 2000000, "LIMIT_DOCUMENT_WORDS (2000000)"),
    "LIMIT_MAIL_DEPTH": ("a.eml", nested_mail, 16, "(LIMIT_MAIL_DEPTH)"),
    "LIMIT_MAIL_PARTS": ("a.eml", parts, 256, "(LIMIT_MAIL_PARTS)"),
    "LIMIT_HEADER_BYTES": ("a.eml", header, 64 * 1024, "(LIMIT_HEADER_BYTES)"),
    "LIMIT_SOURCE_DEPTH": ("a.html", page, 256, "(LIMIT_SOURCE_DEPTH)"),
    "LIMIT_SOURCE_NODES": ("a.html", nodes, 2000000, "(LIMIT_SOURCE_NODES)"),
}


def config(top, sources="", index="", watch=""):
    return (f"[index]\npath = {top}/db\n{index}[source s]\npath = {top}/docs\n{sources}"
            + (f"[watch]\n{watch}" if watch else ""))


class Files(harness.Case):
    def test_of_a_file(self):
        for name, (file, contents, limit, words) in FILES.items():
            with self.subTest(name):
                for n in (limit - 1, limit, limit + 1):
                    for old in os.listdir(self.docs):
                        os.remove(os.path.join(self.docs, old))
                    self.write("good.txt", "Un titre\n\nUn bon texte.")
                    self.write(file, contents(n))
                    run = self.run_index("--full", "--allow-deletes")
                    self.assertEqual(run.code, 0 if n <= limit else 1, (name, n, run))
                    if n > limit:
                        self.assertIn(words, run.err)
                        self.assertIn("good.txt", self.ids())

    def test_words_of_a_command(self):
        """And how many commands there are."""
        self.write("a.doc", "Un texte assez long.")
        for n in (31, 32, 33):
            run = self.run_index("--full", "--filter", "doc=cat " + "- " * (n - 1), self.docs, stdin=subprocess.DEVNULL)
            self.assertEqual("LIMIT_FILTER_WORDS" in run.err, n > 32, (n, run))
        for n in (31, 32, 33):
            options = [word for i in range(n) for word in ("--filter", f"x{i}=cat")]
            run = self.run_index("--full", *options, self.docs)
            self.assertEqual("(LIMIT_FILTERS)" in run.err, n > 32, (n, run))


    def test_bytes_of_a_source(self):
        """What a command writes, of which 16 MiB at most may be the text: it is another refusal that goes before it."""
        self.write("a.doc", "x")
        limit = 32 * 1024 * 1024
        for n in (limit - 1, limit, limit + 1):
            run = self.run_index("--full", "--filter", f"doc=head -c {n} /dev/zero", self.docs)
            self.assertEqual(f"head writes more than {limit} bytes" in run.err, n > limit, (n, run.err[:300]))


class Configuration(harness.Case):
    def refused(self, text):
        """What --check says of a configuration; empty where nothing."""
        self.write("good.txt", "Un titre\n\nUn bon texte.")
        path = os.path.join(self.top, "voisin.conf")
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        run = self.run_check(path)
        self.assertIn(run.code, (0, 2), run)
        return run.err if run.code else ""

    def run_check(self, path):
        process = subprocess.Popen([harness.INDEX, "--config", path, "--check"], stdin=subprocess.DEVNULL,
                                           stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        return harness.Run(process, *process.communicate(timeout=60))

    def check_at(self, make, limit, words):
        for n in (limit - 1, limit):
            self.assertEqual(self.refused(make(n)), "", n)
        err = self.refused(make(limit + 1))
        for word in words:
            self.assertIn(word, err)

    def test_pattern(self):
        self.check_at(lambda n: config(self.top, sources="exclude = " + "x" * n + "\n"), 1024, ("exclude", "1024"))

    def test_durations(self):
        for key in ("quiet", "longest"):
            self.check_at(lambda n, key=key: config(self.top, watch=("longest = 24 h\n" if key == "quiet" else "")
                                                    + f"{key} = {n} ms\n"), 24 * 60 * 60 * 1000, (key, "0 ms to 1 d"))

    def test_bytes_of_a_file(self):
        start = config(self.top)
        self.check_at(lambda n: start + ("#" * 1023 + "\n") * ((n - len(start)) // 1024) + "#" * ((n - len(start)) % 1024),
                      1024 * 1024, ("1048576 bytes",))

    def test_bytes_of_a_line(self):
        self.check_at(lambda n: config(self.top) + "#" * n + "\n", 8 * 1024, ("8192",))

    def test_bytes_of_a_name(self):
        self.check_at(lambda n: config(self.top).replace("[source s]", "[source " + "s" * n + "]"), 64, ("64",))

    def test_sections(self):
        for i in range(1000):
            os.mkdir(os.path.join(self.top, f"s{i}"))
        self.check_at(lambda n: config(self.top) + "".join(f"[source s{i}]\npath = {self.top}/s{i}\n" for i in range(n - 2)),
                      1000, ("more than 1000 sections",))

    def test_values(self):
        self.check_at(lambda n: config(self.top, sources="".join(f"exclude = x{i}\n" for i in range(n - 2))), 10000,
                      ("more than 10000 values",))


    def test_words_of_an_alert(self):
        """The program is one of them."""
        alerts = os.path.join(self.top, "alerts.conf")

        def with_words(n):
            with open(alerts, "w", encoding="utf-8") as file:
                file.write("[alert a]\nquery = x\ncommand = /bin/true" + " b" * (n - 1) + "\n")
            return config(self.top) + f"[alerts]\nfile = {alerts}\n"

        self.check_at(with_words, 32, ("command", "more than 32 words"))


harness.main()
