# SPDX-License-Identifier: GPL-2.0-or-later
"""The messages of the three programs in French, by the environment or by a request's `lang`.

What programs read (codes, statuses, columns, JSON) is the same in both languages.
"""
import json
import os
import signal
import socket
import sys
import unittest

import voisin_test as vt

NB = "\u00a0"
CATALOG = os.path.join(vt.BIN, "..", "share", "locale", "fr", "LC_MESSAGES", "voisin.mo")

# Every one means French, none needs that locale to be installed.
FRENCH = [
    {"LANG": "fr_FR.UTF-8"},
    {"LC_MESSAGES": "fr_CA"},
    {"LC_ALL": "fr_BE.ISO-8859-1", "LANG": "en_US.UTF-8"},
    {"LANGUAGE": "fr"},
    {"LANG": "en_GB.UTF-8", "LANGUAGE": "de:fr:en"},
    {"LC_ALL": "C.UTF-8", "LANGUAGE": "fr"},
]
ENGLISH = [
    {},
    {"LANG": "C.UTF-8"},
    {"LC_ALL": "C", "LANG": "fr_FR.UTF-8", "LANGUAGE": "fr"},
    {"LANG": "fr_FR.UTF-8", "LANGUAGE": "en"},
    {"LANG": "de_DE.UTF-8"},
]
FR = {"LANGUAGE": "fr"}


def environment(language):
    env = {key: value for key, value in os.environ.items() if not key.startswith(("LC_", "LANG"))}
    return {**env, "COLUMNS": "72", **language}


def run(language, name, *arguments):
    done = vt.run(vt.program(name), *arguments, env=environment(language))
    return done.returncode, done.stdout, done.stderr


class Language(unittest.TestCase):
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        cls.index = vt.Index()
        cls.addClassCleanup(cls.index.close)
        cls.docs = os.path.join(cls.index.folder, "docs")
        os.mkdir(cls.docs)
        for name, text in (("a.txt", "Le cessez-le-feu à Alep.\n\nIl tient."), ("b.txt", "Alep attend.\n\nEncore.")):
            with open(os.path.join(cls.docs, name), "w", encoding="utf-8") as file:
                file.write(text)
        cls.index.update(cls.docs)
        cls.daemon = vt.Daemon(cls.index)
        cls.addClassCleanup(cls.daemon.close)

    def voisin(self, language, *arguments):
        return run(language, "voisin", "--server", self.daemon.server, *arguments)

    def rpc(self, method, **params):
        """A reply of the daemon, as JSON."""
        with socket.socket(socket.AF_UNIX) as client:
            client.connect(self.daemon.path)
            request = {"jsonrpc": "2.0", "id": 1, "method": method, "params": params}
            client.sendall(json.dumps(request).encode() + b"\n")
            return json.loads(client.makefile("rb").readline())

    def index_of_two(self):
        index = vt.Index()
        self.addCleanup(index.close)
        index.update(self.docs)
        return index

    # --- voisin ---

    def test_choice_by_the_environment(self):
        for languages, message in ((FRENCH, "option inconnue --nope" + NB + "; voisin --help en donne la liste"),
                                   (ENGLISH, "unknown option --nope; voisin --help lists them")):
            for language in languages:
                with self.subTest(language):
                    self.assertEqual(run(language, "voisin", "--nope"), (2, "", "voisin: " + message + "\n"))

    def test_hits(self):
        code, out, err = self.voisin(FR, "cessez-le-feu NEAR Alep")
        self.assertEqual((code, err), (0, ""))
        lines = out.splitlines()
        self.assertEqual(lines[0], '1 résultat pour "cessez le feu" NEAR/10 alep')
        self.assertIn("· distance 1", out)
        self.assertTrue(self.voisin(FR, "alep")[1].startswith("2 résultats pour alep\n"))
        self.assertEqual(self.voisin(FR, "lune"), (1, "aucun résultat pour lune\n", ""))

    def test_explain(self):
        out = self.voisin(FR, "--explain", "alep")[1].splitlines()
        self.assertEqual(out[0], "compris     alep")
        self.assertEqual(out[1], "arbre")
        self.assertTrue(any(line.startswith("exact       oui" + NB + ": l'index décide seul") for line in out), out)
        self.assertTrue(any(line.startswith("coût        ") for line in out), out)
        self.assertTrue(any(line.startswith("génération  gen-") for line in out), out)

    def test_refusal_by_the_daemon(self):
        """The daemon speaks English, its client French: the place is the same."""
        self.assertEqual(self.voisin(FR, "alep (syrie"), (
            2, "", f"voisin: la requête est refusée à la colonne 6{NB}: cette parenthèse n'est jamais refermée\n"
                   "  alep (syrie\n       ^\n"))
        self.assertEqual(self.voisin({}, "alep (syrie"), (
            2, "", "voisin: the query is refused at column 6: this bracket is never closed\n"
                   "  alep (syrie\n       ^\n"))
        self.assertEqual(self.voisin(FR, "cessez-le-feu NEAR")[2].splitlines()[0],
                         f"voisin: la requête est refusée à la colonne 15{NB}: il n'y a rien à droite de NEAR")
        self.assertEqual(self.voisin(FR, "--document", "zzz"),
                         (2, "", "voisin: aucun document n'a cet identifiant\n"))

    def test_no_server(self):
        self.assertEqual(run(FR, "voisin", "--server", "unix:/nonexistent/socket", "a"), (
            2, "", f"voisin: connexion impossible à unix:/nonexistent/socket{NB}: Aucun fichier ou dossier de ce nom\n"))

    def test_what_programs_read(self):
        """--json, --ids, --count, and exit statuses."""
        for options in (["--json"], ["--ids"], ["--count"], ["--explain", "--json"]):
            for query in ("alep", "lune"):
                one, other = self.voisin({}, *options, query), self.voisin(FR, *options, query)
                if "--json" in options and "--explain" not in options:
                    one, other = [(code, {**json.loads(out), "ms": 0}, err) for code, out, err in (one, other)]
                self.assertEqual(one, other)

    def test_help(self):
        code, out, err = run(FR, "voisin", "--help")
        self.assertEqual((code, err), (0, ""))
        self.assertTrue(out.startswith(f"Usage{NB}: voisin [OPTION]... [--] REQUÊTE...\n"), out)
        options = [word.rstrip(":") for word in run({}, "voisin", "--help")[1].split() if word.startswith("--")]
        self.assertEqual([word.rstrip(":") for word in out.split() if word.startswith("--")], options)

    # --- voisind ---

    def test_requests(self):
        """One after another in any order: each refusal in its own language, all else as ever."""
        cases = [
            ("search", {"q": "alep NEAR"}, "NEAR has nothing on its right", "il n'y a rien à droite de NEAR"),
            ("explain", {"q": '"alep'}, "this quote is never closed", "ce guillemet n'est jamais refermé"),
            ("search", {"q": "a*"}, "a prefix needs LIMIT_PREFIX_LETTERS_MIN (3) letters or more before its *",
             "un préfixe demande au moins LIMIT_PREFIX_LETTERS_MIN (3) lettres avant son *"),
            ("search", {"q": 1}, "q must be a string", "q doit être une chaîne"),
            ("search", {}, "the parameter q is missing", "le paramètre q manque"),
            ("document", {"id": "zzz"}, "no document has this id", "aucun document n'a cet identifiant"),
            ("serch", {}, 'there is no method "serch"', f"il n'y a pas de méthode «{NB}serch{NB}»"),
        ]
        for method, params, english, french in cases + cases[::-1]:
            with self.subTest(params):
                plain = self.rpc(method, **params)["error"]
                self.assertEqual(self.rpc(method, lang="fr", **params)["error"], {**plain, "message": french})
                self.assertEqual(self.rpc(method, lang="en", **params)["error"], {**plain, "message": english})
                self.assertEqual(plain["message"], english)
        self.assertEqual(self.rpc("search", q="alep NEAR", lang="fr")["error"],
                         {"code": -32001, "message": "il n'y a rien à droite de NEAR",
                          "data": {"status": "invalid", "column": 6, "offset": 5}})
        self.assertEqual(self.rpc("search", q="alep", lang="de")["error"]["message"],
                         "lang must be one of en, fr")

    def test_language_of_the_server(self):
        """Without `lang`, a French daemon refuses in French; its log stays English."""
        self.addCleanup(os.environ.update, dict(os.environ))
        os.environ.update({"LC_ALL": "fr_FR.UTF-8", "LANGUAGE": ""})
        daemon = vt.Daemon(self.index_of_two())
        self.addCleanup(daemon.close)
        usual, self.daemon = self.daemon, daemon
        try:
            self.assertEqual(self.rpc("search", q="alep NEAR")["error"]["message"], "il n'y a rien à droite de NEAR")
            self.assertEqual(self.rpc("search", q="alep NEAR", lang="en")["error"]["message"],
                             "NEAR has nothing on its right")
            self.assertEqual(self.rpc("search", q="alep", lang=7)["error"]["message"],
                             f"lang n'admet que ces valeurs{NB}: en, fr")
            self.assertEqual(self.voisin({}, "alep NEAR")[2].splitlines()[0],
                             "voisin: the query is refused at column 6: NEAR has nothing on its right")
        finally:
            self.daemon = usual
        self.assertIn("voisind info listening address=", daemon.text())
        self.assertIn(" method=search status=invalid ", daemon.text())

    def test_a_worker_that_is_killed(self):
        """A refusal that the network process makes up, of a request that it read long before."""
        daemon = vt.Daemon(self.index_of_two(), "--workers", "1", "--deadline-ms", "300", "--soft-deadline-ms", "300")
        self.addCleanup(daemon.close)
        worker = int(vt.run("pgrep", "-P", str(daemon.process.pid), "voisind-worker").stdout)
        usual, self.daemon = self.daemon, daemon
        try:
            os.kill(worker, signal.SIGSTOP)
            error = self.rpc("search", q="alep", lang="fr")["error"]
        finally:
            self.daemon = usual
        self.assertEqual(error, {"code": -32003, "data": {"status": "timeout"},
                                 "message": "la recherche a duré plus de 300 ms (limite deadline-ms)"})
        self.assertIn('replaced why="the search took longer than 300 ms (limit deadline-ms)"', daemon.text())

    def test_start_of_the_daemon(self):
        code, out, err = run(FR, "voisind")
        self.assertEqual((code, out), (2, ""))
        self.assertEqual(err, f"voisind error il manque --db DOSSIER{NB}; voisind --help donne la liste des options\n")
        code, out, err = run(FR, "voisind", "--db", "/nonexistent", "--listen", "unix:" + self.daemon.path + "2")
        self.assertEqual(code, 2)
        self.assertIn(f"il n'y a pas d'index dans /nonexistent{NB}; créez-en un avec voisin-index", err)
        self.assertEqual(run(FR, "voisind", "--db", "x", "--check"), (0, "configuration correcte\n", ""))
        out = run(FR, "voisind", "--help")[1]
        self.assertIn(f"HÔTE:PORT, tls:HÔTE:PORT ou unix:CHEMIN{NB}; peut être répété (127.0.0.1:7117)", out)
        self.assertIn("mémoire d'un processus de recherche", out)

    # --- voisin-index ---

    def test_index(self):
        index = vt.Index()
        self.addCleanup(index.close)
        code, out, err = run(FR, "voisin-index", "--db", index.db, self.docs)
        self.assertEqual((code, err), (0, ""))
        self.assertRegex(out, r"^ajoutés 2, modifiés 0, supprimés 0, inchangés 0, refusés 0 en \d+,\d s, \d+,\d Mo/s\n$")
        bad = os.path.join(index.folder, "mal.txt")
        with open(bad, "wb") as file:
            file.write(b" \n")
        code, out, err = run(FR, "voisin-index", "--db", index.db, "--dry-run", self.docs, bad)
        self.assertEqual(code, 1)
        self.assertTrue(out.startswith(f"à blanc{NB}: ajoutés 0,"), out)
        self.assertEqual(err, f"voisin-index: refusé{NB}: {bad}{NB}: le texte est vide\n")
        self.assertEqual(run(FR, "voisin-index"), (
            2, "", f"voisin-index: quel index{NB}? Donnez son dossier{NB}: --db DOSSIER\n"
                   f"Essayez{NB}: voisin-index --help\n"))
        self.assertEqual(run(FR, "voisin-index", "--db", index.db, "/nonexistent")[2],
                         f"voisin-index: impossible d'ouvrir /nonexistent{NB}: Aucun fichier ou dossier de ce nom\n")
        self.assertTrue(run(FR, "voisin-index", "--help")[1].startswith(f"usage{NB}: voisin-index --db DOSSIER"))


if not os.path.exists(CATALOG):
    print("skipped: this build has no French catalog (msgfmt, of Debian's gettext, was not there)")
    sys.exit(vt.SKIPPED)
vt.main()
