# SPDX-License-Identifier: GPL-2.0-or-later
"""The program voisin against a server in this process: what it prints, and how it ends.

Usage: test_cli.py PATH-OF-VOISIN
"""
import json
import os
import pty
import resource
import signal
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from fake_server import Error, Library, Server

VOISIN = sys.argv.pop(1)
BOLD, FAINT, MARK, END = "\x1b[1m", "\x1b[2m", "\x1b[1;31m", "\x1b[0m"

TEXTS = {
    "000": {"title": "Alep : le cessez-le-feu tient", "date": "2016-12-15", "source": "AFP",
            "text": "Un cessez-le-feu est entré en vigueur mardi à Alep, dans le nord de la Syrie, après des "
                    "semaines de combats.\n\nLes habitants d'Alep attendent l'évacuation."},
    "001": {"title": "", "text": "日本語の Alep テキスト e\u0301te\u0301 \x1b[31mrouge\x1b[0m\x07\x9b0m et d’Alep\u202e fin"},
    "très/long/chemin/du/fichier/002.txt": {"title": "Deux", "source": "Le Monde", "url": "http://x/",
                                            "text": "Alep. " + "mot " * 30 + "fin d'Alep"},
}


def environment(**changes):
    env = {"PATH": "", "LC_ALL": "C", "COLUMNS": "72"}
    env.update(changes)
    return {key: value for key, value in env.items() if value is not None}


def run(server, *words, **options):
    env = environment(**dict({"VOISIN_SERVER": server.address if server else None}, **options.pop("env", {})))
    options.setdefault("stdout", subprocess.PIPE)
    done = subprocess.run([VOISIN, *words], env=env, stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, timeout=60,
                          **options)
    out = done.stdout.decode() if done.stdout is not None else None
    return done.returncode, out, done.stderr.decode()


class Case(unittest.TestCase):
    maxDiff = None

    def serve(self, answer, path=None):
        server = Server(answer, path)
        self.addCleanup(server.close)
        return server

    def setUp(self):
        self.library = self.serve(Library(TEXTS).answer)

    def check(self, words, out, code=0, err="", **options):
        self.assertEqual(run(self.library, *words, **options), (code, out, err))


class Options(Case):
    REFUSED = [
        ([], "there is no query; voisin --help says what can be asked"),
        (["--"], "there is no query; voisin --help says what can be asked"),
        (["--all"], "there is no query; voisin --help says what can be asked"),
        (["--explain"], "there is no query; voisin --help says what can be asked"),
        (["--foo", "a"], "unknown option --foo; voisin --help lists them"),
        (["--lim", "3", "a"], "unknown option --lim; voisin --help lists them"),
        (["--\x1b[31m", "a"], "unknown option --\\x1b[31m; voisin --help lists them"),
        (["-syrie", "alep"], "unknown option -syrie; write -- before a query that begins with -"),
        (["-n3", "a"], "unknown option -n3; write -- before a query that begins with -"),
        (["a", "--limit"], "--limit needs a value"),
        (["a", "--any=yes"], "--any takes no value"),
        (["a", "--limit", ""], "--limit must be a number from 0 to 10000; --all shows every hit"),
        (["a", "--limit", "-1"], "--limit must be a number from 0 to 10000; --all shows every hit"),
        (["a", "--limit", "+1"], "--limit must be a number from 0 to 10000; --all shows every hit"),
        (["a", "--limit", "1e3"], "--limit must be a number from 0 to 10000; --all shows every hit"),
        (["a", "--limit", " 1"], "--limit must be a number from 0 to 10000; --all shows every hit"),
        (["a", "--limit", "0x10"], "--limit must be a number from 0 to 10000; --all shows every hit"),
        (["a", "--limit", "10001"], "--limit must be a number from 0 to 10000; --all shows every hit"),
        (["a", "--limit", "4294967297"], "--limit must be a number from 0 to 10000; --all shows every hit"),
        (["a", "--limit", "99999999999999999999"], "--limit must be a number from 0 to 10000; --all shows every hit"),
        (["a", "--offset", "10001"], "--offset must be a number from 0 to 10000; --all shows every hit"),
        (["a", "--offset", "9991"], "--offset and --limit together reach at most 10000 hits; --all shows every hit"),
        (["a", "--passages", "11"], "--passages must be a number from 0 to 10"),
        (["a", "--accents", "Loose"], "--accents must be typed, loose or strict"),
        (["a", "--sort", "size"], "--sort must be relevance, date or closeness, or left or right with --kwic"),
        (["a", "--color", "yes"], "--color must be auto, always or never"),
        (["a", "--color="], "--color must be auto, always or never"),
        (["a", "--timeout", "0"], "--timeout must be a number of seconds from 0.001 to 3600"),
        (["a", "--timeout", "0.000"], "--timeout must be a number of seconds from 0.001 to 3600"),
        (["a", "--timeout", "3600.001"], "--timeout must be a number of seconds from 0.001 to 3600"),
        (["a", "--timeout", "1.2345"], "--timeout must be a number of seconds from 0.001 to 3600"),
        (["a", "--timeout", ".5"], "--timeout must be a number of seconds from 0.001 to 3600"),
        (["a", "--timeout", "1s"], "--timeout must be a number of seconds from 0.001 to 3600"),
        (["a", "--timeout", "inf"], "--timeout must be a number of seconds from 0.001 to 3600"),
        (["a", "--timeout", "99999999999"], "--timeout must be a number of seconds from 0.001 to 3600"),
        (["a", "--ids", "--json"], "--ids and --json cannot be used together"),
        (["a", "--sort", "left"], "--sort left sorts the lines of --kwic, which is not there"),
        (["a", "--sort", "right", "--json"], "--sort right sorts the lines of --kwic, which is not there"),
        (["a", "--kwic", "--count"], "--kwic and --count cannot be used together"),
        (["a", "--explain", "--ids"], "--explain and --ids cannot be used together"),
        (["a", "--explain", "--stats"], "--explain and --stats cannot be used together"),
        (["--stats", "--kwic"], "--stats and --kwic cannot be used together"),
        (["--stats", "a"], "--stats takes no query"),
        (["--document", "000", "a"], "--document takes no query"),
        (["--suggest", "a", "b"], "--suggest takes no query"),
        (["--suggest", "a", "--kwic"], "--suggest and --kwic cannot be used together"),
        (["a", "--no-variants=1"], "--no-variants takes no value"),
        (["--ping", "--", "a"], "--ping takes no query"),
        (["a", "--all", "--limit", "10"], "--all and --limit cannot be used together"),
        (["a", "--all", "--offset=0"], "--all and --offset cannot be used together"),
        (["a", "--all", "--sort", "date"], "--all and --sort cannot be used together"),
        (["a", "--server", ""], "a server is unix:PATH or HOST:PORT: there is no port"),
        (["a", "--server", "localhost"], "a server is unix:PATH or HOST:PORT: there is no port"),
        (["a", "--server", "localhost:0"], "the port of a server must be a number from 1 to 65535"),
        (["a", "--server", "localhost:65536"], "the port of a server must be a number from 1 to 65535"),
        (["a", "--server", "localhost:http"], "the port of a server must be a number from 1 to 65535"),
        (["a", "--server", "::1:7117"], "an IPv6 address is written in brackets: [::1]:7117"),
        (["a", "--server", "unix:"], "unix: must be followed by the path of a socket"),
        (["a", "--server", "unix:/nonexistent/s"], "cannot connect to unix:/nonexistent/s: No such file or directory"),
        (["--document", ""], "an id is of 1 to 200 bytes"),
    ]

    def test_refused(self):
        for words, message in self.REFUSED:
            with self.subTest(words):
                self.check(words, "", 2, "voisin: " + message + "\n")

    def test_not_utf8(self):
        self.check([b"d'Al\xe9p"], "", 2, "voisin: the query is not valid UTF-8 (byte 5)\n")

    def test_long_query(self):
        self.check(["x" * 70000], "", 2, "voisin: the request is longer than 65536 bytes\n")
        self.check(["x" * 100000] * 3, "", 2, "voisin: the query is longer than 262144 bytes\n")

    def asked(self, *words):
        """The parameters that reach the server, besides the language."""
        run(self.library, *words)
        params = dict(self.library.requests[-1].get("params"))
        self.assertEqual(params.pop("lang"), "en")
        return params

    def test_parameters(self):
        self.assertEqual(self.asked("cessez-le-feu", "NEAR", "Alep"), {"q": "cessez-le-feu NEAR Alep"})
        self.assertEqual(self.asked("a", "--any", "--accents=strict", "--sort", "date", "--limit=3", "--offset", "5"),
                         {"q": "a", "operator": "or", "accents": "strict", "sort": "date", "limit": 3, "offset": 5})
        self.assertEqual(self.asked("a", "--no-variants"), {"q": "a", "variants": False})
        self.assertEqual(self.asked("a", "--no-variants", "--explain"), {"q": "a", "variants": False})
        self.assertEqual(self.asked("--suggest", "cessez-le-f"), {"q": "cessez-le-f", "limit": 10})
        self.assertEqual(self.asked("--suggest=a", "--limit", "8"), {"q": "a"})
        self.assertEqual(self.asked("--suggest=a", "--limit", "100"), {"q": "a", "limit": 20})
        self.assertEqual(self.asked("--", "-a", "--any"), {"q": "-a --any"})
        self.assertEqual(self.asked("a", "-"), {"q": "a -"})
        self.assertEqual(self.asked("--passages", "0", ""), {"q": "", "passages": 0})
        self.assertEqual(self.asked("a", "--count"), {"q": "a", "limit": 0, "total": "exact"})
        self.assertEqual(self.asked("a", "--ids", "--limit", "7"),
                         {"q": "a", "detail": "id", "limit": 7, "passages": 0})
        self.assertEqual(self.asked("a", "--ids", "--all"),
                         {"q": "a", "detail": "id", "limit": 1000, "passages": 0, "cursor": ""})
        self.assertEqual(self.asked("a", "--explain", "--any", "--limit", "5"), {"q": "a", "operator": "or"})

    def test_help_and_version(self):
        code, out, err = run(None, "--help")
        self.assertEqual((code, err), (0, ""))
        for name in ("server any accents no-variants suggest sort limit all offset ids json kwic explain count color passages timeout "
                     "document stats ping help version").split():
            self.assertIn("--" + name, out)
        self.assertTrue(all(len(line) < 100 for line in out.splitlines()))
        code, out, err = run(None, "--version", "--server", "nonsense")
        self.assertEqual((code, err), (0, ""))
        self.assertRegex(out, r"^voisin \d+\.\d+\.\d+ \(protocol 1\)\n$")

    def test_server_by_option_and_environment(self):
        self.assertEqual(run(None, "--ping", "--server", self.library.address)[0], 0)
        self.assertEqual(run(None, "--ping", "--server", self.library.address,
                             env={"VOISIN_SERVER": "nonsense"})[0], 0)
        with tempfile.TemporaryDirectory() as folder:
            local = self.serve(Library(TEXTS).answer, folder + "/s")
            self.assertEqual(run(local, "--ping")[0], 0)
            self.assertEqual(len(local.requests), 1)


class Text(Case):
    def test_plain(self):
        self.check(["Alep", "--limit", "2"], """\
about 3 results for Alep

Alep : le cessez-le-feu tient
  AFP · 2016-12-15 · 000
    Un cessez-le-feu est entré en vigueur mardi à *Alep*, dans le nord
    de la Syrie, après des semaines de combats. Les habitants d'*Alep*
    attendent l'évacuation. …

001
  001
    日本語の *Alep* テキスト e\u0301te\u0301 \\x1b[31mrouge\\x1b[0m\\x07\\x9b0m et
    d’*Alep*\\u202e fin …
""")

    def test_color(self):
        self.check(["cessez-le-feu", "Alep", "--color", "always"], f"""\
about 1 result for cessez-le-feu Alep

{BOLD}Alep : le cessez-le-feu tient{END}
  {FAINT}AFP · 2016-12-15 · 000 · distance 3{END}
    Un {MARK}cessez-le-feu{END} est entré en vigueur mardi à {MARK}Alep{END}, dans le nord de
    la Syrie, après des semaines de combats. Les habitants d'{MARK}Alep{END}
    attendent l'évacuation. …
""")

    def test_when_to_color(self):
        """Only on a terminal, unless the user or the terminal says otherwise."""
        for words, env, colored in [
                ([], {"TERM": "xterm"}, True),
                ([], {"TERM": "xterm", "NO_COLOR": ""}, True),
                ([], {"TERM": "xterm", "NO_COLOR": "1"}, False),
                ([], {"TERM": "dumb"}, False),
                ([], {}, False),
                (["--color=never"], {"TERM": "xterm"}, False),
                (["--color=always"], {"TERM": "dumb", "NO_COLOR": "1"}, True)]:
            with self.subTest(words=words, env=env):
                self.assertEqual(MARK in self.on_terminal(["Alep", *words], env), colored)
        self.assertNotIn("\x1b", run(self.library, "Alep", env={"TERM": "xterm"})[1])

    def on_terminal(self, words, env):
        ours, theirs = pty.openpty()
        env = environment(VOISIN_SERVER=self.library.address, **env)
        child = subprocess.Popen([VOISIN, *words], env=env, stdout=theirs, stdin=subprocess.DEVNULL)
        os.close(theirs)
        out = b""
        try:
            while True:
                piece = os.read(ours, 65536)
                if not piece:
                    break
                out += piece
        except OSError:
            pass
        os.close(ours)
        self.assertEqual(child.wait(60), 0)
        return out.decode()

    def test_ids_on_terminal(self):
        """A program gets ids as they are; a terminal gets no commands."""
        self.library.answer = Library({"a\x1b[31m": {"title": "t", "text": "Alep"}}).answer
        self.check(["Alep", "--ids"], "a\x1b[31m\n")
        self.assertEqual(self.on_terminal(["Alep", "--ids"], {}), "a\\x1b[31m\r\n")

    def test_widths(self):
        for columns in ("20", "33", "80", "200"):
            for line in run(self.library, "Alep", env={"COLUMNS": columns})[1].splitlines():
                if line.startswith("    "):
                    self.assertLessEqual(width(line), int(columns), line)
        narrow = run(self.library, "Alep", env={"COLUMNS": "1"})[1]
        self.assertEqual(narrow, run(self.library, "Alep", env={"COLUMNS": "20"})[1])
        for nonsense in ("", "x", "-5", "0"):
            self.assertEqual(run(self.library, "Alep", env={"COLUMNS": nonsense})[1],
                             run(self.library, "Alep", env={"COLUMNS": "80"})[1])

    def test_long_word(self):
        self.library.answer = Library({"a": {"title": "t", "text": "Alep" + "x" * 50 + "\u0301 y"}}).answer
        self.check(["Alep"], "about 1 result for Alep\n\nt\n  a\n    *Alep*xxxxxxxxxx\n    xxxxxxxxxxxxxxxx\n"
                   "    xxxxxxxxxxxxxxxx\n    xxxxxxxx\u0301 y …\n", env={"COLUMNS": "20"})

    def test_title_passage(self):
        """A match in the title is marked there, and not shown a second time."""
        passage = {"zone": "title", "offset": 0, "cut_before": False, "cut_after": False,
                   "segments": [{"text": "Alep", "mark": True}, {"text": " : fin", "mark": False}]}
        cut = dict(passage, zone="text", cut_before=True, segments=[{"text": "fin d'Alep", "mark": False}])
        hit = {"id": "7", "title": "Alep : fin", "date": "", "source": "", "url": "", "score": 1, "distance": 0,
               "passages": [passage, cut]}
        self.library.answer = lambda request: {"understood": "alep", "total": {"value": 1, "relation": "eq"},
                                               "hits": [hit], "generation": "g", "ms": 1}
        self.check(["Alep"], "1 result for alep\n\n*Alep* : fin\n  7 · distance 0\n    … fin d'Alep\n")

    def test_notes(self):
        """What was made of the query, below the number of hits; a word with accents has chosen already."""
        answer = {"understood": "a", "total": {"value": 0, "relation": "eq"}, "hits": [], "generation": "g", "ms": 1,
                  "expanded": [{"from": "Bachar", "to": ["Bashar"]}, {"from": "ONU", "to": ["Nations\x1b unies", "x"]}],
                  "not_expanded": ["Alep", "UE"],
                  "hints": [{"word": "cote", "loose": ["côte", "côté"]}, {"word": "pêche", "loose": ["péché"]},
                            {"word": "b", "loose": []}],
                  "suggestions": ["q1", "q2"]}
        self.library.answer = lambda request: answer
        self.check(["a"], "no results for a\nalso searched: Bashar, Nations\\x1b unies, x\n"
                   "too many words to search other spellings of: Alep, UE\n"
                   "cote also stands for côte, côté with --accents loose\ndid you mean: q1 or q2\n", 1)
        code, out, _ = run(self.library, "a", "--json")
        self.assertEqual(code, 1)
        told = json.loads(out)
        for key in ("expanded", "not_expanded", "hints", "suggestions"):
            self.assertEqual(told[key], answer[key])
        for key, wrong in (("expanded", [{"from": "a"}, 7]), ("expanded", 1), ("hints", [{"loose": []}]),
                           ("suggestions", [1]), ("not_expanded", {})):
            answer[key], right = wrong, answer[key]
            self.assertEqual(run(self.library, "a")[0], 2, key)
            answer[key] = right

    def test_suggest(self):
        def completion(word):
            return {"q": "x " + word, "word": word, "documents": 3}
        answer = {"completions": [completion("alep"), completion("alpes")], "corrections": [completion("aleph")],
                  "generation": "g", "ms": 0.1}
        self.library.answer = lambda request: answer
        self.check(["--suggest", "x al"], "x alep\nx alpes\nx aleph\n")
        code, out, _ = run(self.library, "--suggest", "x al", "--json")
        self.assertEqual((code, json.loads(out)), (0, answer))
        answer.update(completions=[], corrections=[])
        self.check(["--suggest", "x"], "", 1)
        answer.update(completions=[{"q": "a"}])
        self.assertEqual(run(self.library, "--suggest", "x")[0], 2)

    def test_none(self):
        self.check(["rien"], "no results for rien\n", 1)
        self.check(["rien", "--kwic"], "", 1)
        self.check(["Alep", "--offset", "5", "--ids"], "", 0)


def width(line):
    import unicodedata
    return sum(0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in line)


class Forms(Case):
    def test_ids(self):
        self.check(["Alep", "--ids"], "000\n001\ntrès/long/chemin/du/fichier/002.txt\n")
        self.check(["rien", "--ids"], "", 1)

    def test_count(self):
        self.check(["Alep", "--count"], "3\n")
        self.check(["rien", "--count"], "0\n", 1)

    def test_json(self):
        for words in (["--limit", "3"], ["--all"]):
            code, out, err = run(self.library, "Alep", "--json", *words)
            self.assertEqual((code, err, out.count("\n")), (0, "", 1))
            found = json.loads(out)
            self.assertEqual([hit["id"] for hit in found["hits"]], sorted(TEXTS))
            self.assertIn('"score":0.1,', out)
            self.assertEqual(found["total"], {"value": 3, "relation": "estimate"})
            self.assertEqual(found["hits"][1]["passages"][0]["segments"][2]["text"],
                             " テキスト e\u0301te\u0301 \x1b[31mrouge\x1b[0m\x07\x9b0m et d’")
            self.assertFalse({c for c in out if ord(c) < 32 or 127 <= ord(c) < 160 or c == "\u202e"} - {"\n"})
        code, out, err = run(self.library, "rien", "--json")
        self.assertEqual((code, json.loads(out)["hits"]), (1, []))

    def test_kwic(self):
        self.check(["Alep", "--kwic"], """\
000             ré en vigueur mardi à *Alep*, dans le nord de la Syrie, 
000             bats. Les habitants d'*Alep* attendent l'évacuation.
001                          日本語の *Alep* テキスト e\u0301te\u0301 \\x1b[31mrouge
001                [0m\\x07\\x9b0m et d’*Alep*\\u202e fin
…chier/002.txt                        *Alep*. mot mot mot mot mot mot mo
…chier/002.txt  mot mot mot mot fin d'*Alep*
""")

    def test_kwic_color(self):
        self.check(["Alep", "--kwic", "--limit", "1", "--color", "always", "--any"], f"""\
000             ré en vigueur mardi à {MARK}Alep{END}, dans le nord de la Syrie, ap
000             bats. Les habitants d'{MARK}Alep{END} attendent l'évacuation.
""")

    def test_kwic_sorted(self):
        """By the words beside the match, from it outwards; where these are the same, as they came."""
        left = run(self.library, "Alep", "--kwic", "--sort", "left")
        self.assertEqual(left, (0, """\
…chier/002.txt                        *Alep*. mot mot mot mot mot mot mo
000             ré en vigueur mardi à *Alep*, dans le nord de la Syrie, 
001                [0m\\x07\\x9b0m et d’*Alep*\\u202e fin
…chier/002.txt  mot mot mot mot fin d'*Alep*
000             bats. Les habitants d'*Alep* attendent l'évacuation.
001                          日本語の *Alep* テキスト e\u0301te\u0301 \\x1b[31mrouge
""", ""))
        right = run(self.library, "Alep", "--kwic", "--sort", "right", "--all")
        self.assertEqual(sorted(right[1].splitlines()), sorted(left[1].splitlines()))
        self.assertEqual([line[line.index("*"):][6:12] for line in right[1].splitlines()],
                         ["", " atten", ", dans", "\\u202e", ". mot ", " テキスト "])
        self.check(["rien", "--kwic", "--sort", "left"], "", 1)

    def test_kwic_sorts_no_more_than_it_keeps(self):
        """Past 20,000 lines the first so many are sorted and shown, and that is said."""
        texts = {"%03d" % i: {"title": "t", "text": ("%s Alep " % "cba"[i % 3]) * 300} for i in range(70)}
        self.library.answer = Library(texts).answer
        code, out, err = run(self.library, "Alep", "--kwic", "--sort", "left", "--limit", "70")
        self.assertEqual((code, err), (0, "voisin: only the first 20000 lines are sorted and shown; "
                                          "there is no room for more\n"))
        lines = out.splitlines()
        self.assertEqual(len(lines), 20000)
        words = [line[:line.index("*")].split()[-1] for line in lines]
        self.assertEqual(words, sorted(words))

    def test_unlisted(self):
        """Matches that were too many to list are told."""
        answer = self.library.answer

        def unlisted(request):
            reply = answer(request)
            for hit in reply.get("hits", []):
                hit["unlisted"] = True
            return reply
        self.library.answer = unlisted
        self.assertIn("000 · too many matches to list\n", run(self.library, "Alep", "--limit", "1")[1])
        self.assertEqual(run(self.library, "Alep", "--kwic", "--limit", "1")[2],
                         "voisin: 000 has too many matches to list, and few of them are shown\n")

    def test_count_cut_short(self):
        def late(request):
            raise Error(-32003, "the search took longer than 9 ms (limit deadline-ms)", status="timeout")
        self.library.answer = late
        self.check(["a", "--count"], "", 2, "voisin: the count was cut short, so that there is none: "
                   "the search took longer than 9 ms (limit deadline-ms)\n")

    def test_kwic_far_apart(self):
        """What is between two words is left out where the line has no room for it, and only there."""
        self.check(["cessez-le-feu", "Alep", "--kwic"],
                   "000                                Un *cessez-le-feu* … *Alep*, dans le \n")
        self.check(["cessez-le-feu", "Alep", "--kwic"],
                   "000" + " " * 62 + "Un *cessez-le-feu* est entré en vigueur mardi à *Alep*, dans le nor\n",
                   env={"COLUMNS": "132"})

    def test_kwic_columns(self):
        """The match begins in one column, whatever stands before it, and no line is too wide."""
        for columns in (20, 40, 79, 80, 81, 150):
            out = run(self.library, "Alep", "--kwic", env={"COLUMNS": str(columns)})[1]
            begins = {width(line[:line.index("*")]) for line in out.splitlines()}
            self.assertEqual(len(begins), 1, out)
            self.assertTrue(all(width(line) <= columns for line in out.splitlines()), out)

    def test_kwic_long_text(self):
        """Matches far apart in a long text, which comes in slices."""
        text = ("é " * 60000 + "ici Alep là. ") * 3
        self.library.answer = Library({"a": {"title": "t", "text": text, "total_matches": 5}}).answer
        line = "a" + " " * 14 + " " + "é é é é é é é é é ici " + "*Alep* là. é é é é é é é é é é é é\n"
        lines = run(self.library, "Alep", "--kwic", env={"COLUMNS": "72"})
        self.assertEqual(lines[0], 0)
        self.assertEqual(lines[2], "voisin: 2 more matches in a\n")
        self.assertEqual(len(lines[1].splitlines()), 3)
        for one in lines[1].splitlines():
            self.assertIn(" é é ici *Alep* là.", one)
        self.assertEqual(lines[1].splitlines(True)[0], line)

    def test_kwic_title(self):
        match = {"distance": 0, "spans": [{"zone": "title", "offset": 9, "length": 4}],
                 "sentence": {"zone": "title", "offset": 0, "length": 13}}
        hit = {"id": "7", "title": "Été\td’Alep", "date": "", "source": "", "url": "", "score": 1, "distance": None,
               "passages": [], "matches": [match], "total_matches": 1}
        self.library.answer = lambda request: {"understood": "alep", "total": {"value": 1, "relation": "eq"},
                                               "hits": [hit], "generation": "g", "ms": 1}
        for offset, out in ((10, "7" + " " * 31 + "Été d’*Alep*\n"), (2000, "7" + " " * 27 + "Été d’Alep**\n")):
            match["spans"][0]["offset"] = offset
            self.check(["Alep", "--kwic"], out)
        match["spans"] = []
        self.check(["Alep", "--kwic"], "", 2, "voisin: the server's reply is not understood: a match has no place\n")

    def test_explain(self):
        out = """\
understood  alep
tree
  near distance=10
    phrase
      word text=cessez form=stem
    word text=al\\x1bep form=exact
xapian      Query((Zcess@1 PHRASE 3 Zfeu@3))
index       inverted
exact       yes: the index alone decides
cost        12 postings, estimated
generation  gen-000001.1
"""
        self.check(["Alep", "--explain"], out)
        code, out, err = run(self.library, "Alep", "--explain", "--json")
        self.assertEqual((code, json.loads(out)["cost"]), (0, 12))

    def test_document(self):
        self.check(["--document", "000"], "Alep : le cessez-le-feu tient\nAFP · 2016-12-15 · 000\n\n"
                   + TEXTS["000"]["text"] + "\n")
        self.check(["--document", "nichts"], "", 2, "voisin: there is no document nichts\n")
        code, out, err = run(self.library, "--document", "001", "--json")
        self.assertEqual((code, json.loads(out)["text"]), (0, TEXTS["001"]["text"]))

    def test_long_document(self):
        text = "é€😀\n" * 50000
        self.library.answer = Library({"a": {"title": "t", "text": text}}).answer
        self.check(["--document", "a"], "t\na\n\n" + text + "\n")
        self.assertGreater(len(self.library.requests), 5)
        code, out, err = run(self.library, "--document", "a", "--json")
        self.assertEqual((code, json.loads(out)["text"]), (0, text))

    def test_document_changes(self):
        library = Library({"a": {"title": "t", "text": "x" * 100000}})
        self.library.answer = lambda request: dict(
            library.answer(request), generation="g%d" % request["params"].get("offset", 0))
        code, out, err = run(self.library, "--document", "a")
        self.assertEqual((code, err), (2, "voisin: the index changed while the document was read; please ask again\n"))

    def test_stats_and_ping(self):
        code, out, err = run(self.library, "--stats")
        self.assertEqual((code, json.loads(out)["limits"]), (0, {"request_bytes": 65536}))
        self.check(["--ping"], "voisind 0.1.0 (protocol 1)\n")
        self.check(["--ping", "--json"], '{"version":"0.1.0","protocol":1}\n')


class Refusals(Case):
    def refuse(self, query, offset, env={}):
        def answer(request):
            q = request["params"]["q"].encode()
            column = len(q[:offset].decode(errors="replace")) + 1
            raise Error(-32001, "it \x1b[31mfails", status="invalid", column=column, offset=offset)
        self.library.answer = answer
        code, out, err = run(self.library, query, env=env)
        self.assertEqual((code, out), (2, ""))
        return err

    def test_caret(self):
        for query, offset, column, shown in [
                ("(Alep", 0, 1, "  (Alep\n  ^\n"),
                ("cessez-le-feu NEAR", 18, 19, "  cessez-le-feu NEAR\n" + " " * 20 + "^\n"),
                ("été )", 6, 5, "  été )\n      ^\n"),
                ("e\u0301te\u0301 )", 8, 7, "  e\u0301te\u0301 )\n      ^\n"),
                ("日本 )", 7, 4, "  日本 )\n       ^\n"),
                ("a\tb\nc )", 6, 7, "  a b c )\n        ^\n"),
                ("a\x1b )", 3, 4, "  a\\x1b )\n        ^\n"),
                ("été", 4000, 4, "  été\n     ^\n")]:
            with self.subTest(query):
                self.assertEqual(self.refuse(query, offset),
                                 "voisin: the query is refused at column %d: it \\x1b[31mfails\n%s" % (column, shown))

    def test_caret_in_long_query(self):
        query = "a" * 300 + "(" + "b" * 300
        for offset in (0, 10, 299, 300, 301, 600, 601):
            lines = self.refuse(query, offset, {"COLUMNS": "40"}).splitlines()
            self.assertEqual(len(lines), 3)
            self.assertTrue(all(len(line) <= 40 for line in lines[1:]))
            at = lines[2].index("^")
            shown = lines[1][at] if at < len(lines[1]) else ""
            self.assertEqual(shown, query[offset:offset + 1])

    def test_without_place(self):
        def answer(request):
            raise Error(-32004, "too many requests wait", status="busy", retry_after_ms=50)
        self.library.answer = answer
        for words in (["a"], ["a", "--json"], ["a", "--ids"], ["a", "--kwic"], ["a", "--count"], ["a", "--explain"],
                      ["--stats"], ["--ping"], ["--document", "a"]):
            self.check(words, "", 2, "voisin: too many requests wait; try again in 50 ms\n")

    def test_wrong_servers(self):
        for answer, message in [
                (b"x\n", "the server's reply is not understood: it is not valid JSON (byte 1)"),
                (b'{"jsonrpc":"2.0","id":9,"result":{}}\n', "the server answered another request"),
                (b'{"jsonrpc":"2.0","id":1,"result":{}}\n', "is missing or wrong"),
                (b"y" * 3000000, "the server's reply is longer than 1114112 bytes"),
                (b'{"half', "the server did not answer in time")]:
            self.library.answer = lambda request: answer
            code, out, err = run(self.library, "a", "--timeout", "0.3")
            self.assertEqual((code, out), (2, ""))
            self.assertIn(message, err)

    def test_failure_midway(self):
        """What came before a failure is shown, but never as if it were all."""
        library = Library({"d%04d" % i: {"title": "t", "text": "Alep"} for i in range(250)})

        def answer(request):
            if request["params"].get("cursor") == "200":
                raise Error(-32005, "the index changed", status="stale")
            return library.answer(request)
        self.library.answer = answer
        code, out, err = run(self.library, "Alep", "--all", "--json")
        self.assertEqual((code, err), (2, "voisin: the index changed\n"))
        self.assertEqual(out.count('"id"'), 200)
        self.assertRaises(ValueError, json.loads, out)


class Output(Case):
    FORMS = [["Alep"], ["Alep", "--json"], ["Alep", "--ids"], ["Alep", "--kwic"], ["Alep", "--count"],
             ["Alep", "--explain"], ["--document", "000"], ["--stats"], ["--ping"], ["--help"], ["--version"]]

    def test_full_device(self):
        for words in self.FORMS:
            with open("/dev/full", "wb") as full:
                self.assertEqual(run(self.library, *words, stdout=full)[0::2],
                                 (2, "voisin: cannot write: No space left on device\n"), words)

    def test_closed_pipe(self):
        """No death by SIGPIPE, and no word: the reader has seen enough."""
        for words in self.FORMS:
            ours, theirs = os.pipe()
            os.close(ours)
            self.assertEqual(run(self.library, *words, stdout=theirs)[0::2], (2, ""), words)
            os.close(theirs)

    def test_closed_descriptors(self):
        """With any of 0, 1, 2 closed nothing is written to the socket, and all else is as ever."""
        for closed in ((0,), (1,), (2,), (0, 1), (0, 2), (1, 2), (0, 1, 2)):
            before = len(self.library.requests)
            code, out, err = run(self.library, "Alep", preexec_fn=lambda: [os.close(fd) for fd in closed])
            self.assertEqual(code, 2 if 1 in closed else 0, closed)
            self.assertEqual(out.startswith("about 3"), 1 not in closed)
            self.assertEqual(err, "voisin: cannot write: Bad file descriptor\n" if closed in ((1,), (0, 1)) else "")
            self.assertEqual(len(self.library.requests), before + 1)

    def test_all_stops_with_its_reader(self):
        """--all ends when nobody reads any more, however many hits there are."""
        texts = {"d%06d" % i: {"title": "t", "text": "Alep"} for i in range(30000)}
        self.library.answer = Library(texts).answer
        env = environment(VOISIN_SERVER=self.library.address)
        child = subprocess.Popen([VOISIN, "Alep", "--all", "--ids"], env=env, stdout=subprocess.PIPE)
        self.assertEqual(child.stdout.readline(), b"d000000\n")
        child.stdout.close()
        self.assertEqual(child.wait(60), 2)
        self.assertLess(len(self.library.requests), 30)

    def test_environment(self):
        expected = run(self.library, "Alep")
        for env in ({}, {"LC_ALL": "tr_TR.UTF-8"}, {"LC_ALL": "nonsense", "TERM": "\x1b"}, {"HOME": "/nonexistent"}):
            self.assertEqual(run(self.library, "Alep", env=env), expected)

    def test_memory_of_all(self):
        """--all holds a page, not the answer: 60 MB of hits in an address space that has no room for them."""
        big = "x" * 6000
        hit = {"title": "t", "date": "", "source": "", "url": "", "score": 1, "distance": None, "passages": [
            {"zone": "text", "offset": 0, "cut_before": False, "cut_after": False,
             "segments": [{"text": big, "mark": False}]}]}

        def answer(request):
            start = int(request["params"]["cursor"] or 0)
            return {"understood": "a", "total": {"value": 10000, "relation": "eq"}, "generation": "g", "ms": 1,
                    "hits": [dict(hit, id=str(start + i)) for i in range(100)],
                    "cursor": str(start + 100) if start < 9900 else None}
        self.library.answer = answer
        if "asan" in run(None, "--version", env={"ASAN_OPTIONS": "help=1"})[2].lower():
            self.skipTest("AddressSanitizer's own memory does not fit into the bound")
        limit = 40 * 1024 * 1024
        with tempfile.TemporaryFile() as file:
            code, _, err = run(self.library, "a", "--all", "--json", stdout=file,
                               preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (limit, limit)))
            self.assertEqual((code, err), (0, ""))
            file.seek(0)
            self.assertEqual([int(hit["id"]) for hit in json.load(file)["hits"]], list(range(10000)))


class Documented(Case):
    def test_client_of_the_reference(self):
        """The client in docs/protocol.md works."""
        with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../docs/protocol.md"),
                  encoding="utf-8") as file:
            page = file.read()
        code = page.split("```python\n")[1].split("```")[0]
        done = subprocess.run([sys.executable, "-c", code, "Alep", self.library.address], capture_output=True,
                              timeout=60, env={"PYTHONUTF8": "1"})
        self.assertEqual((done.returncode, done.stderr), (0, b""))
        self.assertEqual([line.split()[0] for line in done.stdout.decode().splitlines()], sorted(TEXTS))


if __name__ == "__main__":
    signal.signal(signal.SIGPIPE, signal.SIG_IGN)
    unittest.main(verbosity=1)
