# SPDX-License-Identifier: GPL-2.0-or-later
"""Reprints, from files to screen: folded pages, ids, counts and walks, and what --reprises tells."""
import json
import os
import unittest

import voisin_test as vt

DISPATCH = ("Le pont de la Vierge a rouvert mardi à la circulation après onze mois de travaux, a annoncé la mairie. Les bus y "
            "passeront dès la semaine prochaine, et les camions devront attendre le printemps.")
PASSAGE = ("Selon le syndicat des transports, deux mille trois cents voyageurs avaient pris chaque jour la navette de "
           "remplacement, qui faisait un détour de vingt minutes par la rocade.")
ARTICLES = {
    "a.txt": "Le pont rouvre\n\n" + DISPATCH + "\n\n" + PASSAGE + "\n",
    # the same with a dateline, another typography and a word changed
    "b.txt": "Circulation : le pont est rouvert\n\nVILLENEUVE — " + DISPATCH.replace("mardi", "hier").upper() + "\n\n"
             + PASSAGE.replace("l'", "l\u2019") + "\n",
    "c.txt": "Le pont rouvre\n\n" + DISPATCH + "\n\n" + PASSAGE + "\n",
    # takes the passage over, in an article of its own
    "d.txt": "Un an de navettes\n\nLes habitants de la rive gauche respirent, et les commerçants du pont comptent leurs pertes. " + PASSAGE
             + " Reste une question que personne n'a tranchée : qui paiera les panneaux, les affiches et les heures de nuit "
             "des chauffeurs, que le contrat ne prévoyait pas et que la région refuse de prendre à sa charge ?\n",
    "e.txt": "La rocade\n\nLe pont de la rocade, lui, reste fermé, et nul ne sait jusqu'à quand il le restera.\n",
}


class Reprints(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.index = vt.Index()
        cls.folder = os.path.join(cls.index.folder, "docs")
        os.mkdir(cls.folder)
        for name, text in ARTICLES.items():
            cls.write(name, text)
        done = cls.index.update(cls.folder)
        assert done.returncode == 0, done.stderr
        cls.daemon = vt.Daemon(cls.index)

    @classmethod
    def tearDownClass(cls):
        cls.daemon.close()
        cls.index.close()

    @classmethod
    def write(cls, name, text):
        with open(os.path.join(cls.folder, name), "w", encoding="utf-8") as out:
            out.write(text)

    def json(self, *arguments):
        answer = self.daemon.ask("--json", *arguments)
        self.assertIn(answer.returncode, (0, 1), answer.stderr)
        return json.loads(answer.stdout)

    def groups(self, *arguments):
        """Each group of a page as a set: the one that is shown, and those under it."""
        hits = self.json(*arguments)["hits"]
        return {frozenset([hit["id"]] + hit.get("reprints", {"ids": []})["ids"]) for hit in hits}

    def test_a_page_is_folded(self):
        folded = {frozenset(["a.txt", "b.txt", "c.txt"]), frozenset(["d.txt"]), frozenset(["e.txt"])}
        self.assertEqual(self.groups("pont"), folded)
        self.assertEqual(self.groups("--any", "pont", "zzz"), folded)
        self.assertEqual(self.groups("--fold", "--all", "pont"), folded)
        self.assertEqual(self.json("pont")["total"], {"value": 5, "relation": "eq"})
        pages = [self.groups("--limit", "1", "--offset", str(i), "pont") for i in range(4)]
        self.assertEqual(set().union(*pages), folded)
        self.assertEqual([len(page) for page in pages], [1, 1, 1, 0])

    def test_only_what_matches_is_folded(self):
        self.assertEqual(self.groups("pont", "mardi"), {frozenset(["a.txt", "c.txt"])})
        self.assertEqual(self.groups("villeneuve"), {frozenset(["b.txt"])})

    def test_no_fold(self):
        self.assertEqual(self.groups("--no-fold", "pont"), {frozenset([name]) for name in ARTICLES})
        self.assertEqual(len(self.groups("--all", "pont")), 5)

    def test_ids_counts_and_lines_speak_of_documents(self):
        self.assertEqual(self.daemon.ids("pont"), set(ARTICLES))
        self.assertEqual(len(self.daemon.ids("pont", "--fold")), 3)
        self.assertEqual(len(self.daemon.ids("pont", "--fold", "--all")), 3)
        self.assertEqual(self.daemon.ask("--count", "pont").stdout, "5\n")
        self.assertEqual(self.daemon.ask("--count", "--fold", "pont").stdout, "3\n")
        self.assertEqual(len(self.daemon.ask("--kwic", "mardi").stdout.splitlines()), 2)
        self.assertEqual(len(self.daemon.ask("--kwic", "--fold", "mardi").stdout.splitlines()), 1)

    def test_the_screen(self):
        answer = self.daemon.ask("pont", "voyageurs")
        self.assertRegex(answer.stdout, r"\n  and 2 reprints: [abc]\.txt, [abc]\.txt\n")
        self.assertIn("4 results for ", answer.stdout)
        french = vt.run(vt.program("voisin"), "--server", self.daemon.server, "pont", "voyageurs",
                        env={**os.environ, "LC_ALL": "fr_FR.UTF-8"})
        self.assertRegex(french.stdout, r"\n  et 2 reprises\u00a0: [abc]\.txt, [abc]\.txt\n")
        both = self.daemon.ask("--fold", "--no-fold", "pont")
        self.assertEqual((both.returncode, both.stderr), (2, "voisin: --fold and --no-fold cannot be used together\n"))

    def test_reprises(self):
        told = self.json("--reprises", "a.txt")
        self.assertEqual([(r["id"], r["likeness"] == 1) for r in told["reprints"]], [("c.txt", True), ("b.txt", False)])
        self.assertEqual([c["id"] for c in told["copies"]], ["d.txt"])
        texts = {name: self.json("--document", name)["text"].encode() for name in ("a.txt", "d.txt")}
        passage = told["copies"][0]["passages"][0]
        for name, prefix in (("a.txt", ""), ("d.txt", "other_")):
            start = passage[prefix + "offset"]
            cut = texts[name][start:start + passage[prefix + "length"]].decode()
            self.assertEqual(cut, PASSAGE[:-1])
        self.assertEqual((passage["text"], passage["words"]), (PASSAGE[:-1], 28))
        self.assertAlmostEqual(told["copies"][0]["share"], 28 / 63, delta=0.06)
        other = self.json("--reprises", "d.txt")
        self.assertEqual(other["reprints"], [])
        self.assertEqual({c["id"] for c in other["copies"]}, {"a.txt", "b.txt", "c.txt"})
        screen = self.daemon.ask("--reprises", "a.txt").stdout
        for line in (r"2 reprints\n", r"  100 %  .*c\.txt\n", r"1 other document with passages of it\n"):
            self.assertRegex(screen, line)

    def test_reprises_of_nothing(self):
        alone = self.daemon.ask("--reprises", "e.txt")
        self.assertEqual(alone.returncode, 1)
        self.assertIn("0 reprints\n", alone.stdout)
        missing = self.daemon.ask("--reprises", "zzz")
        self.assertEqual((missing.returncode, missing.stderr), (2, "voisin: no document has this id\n"))
        self.assertEqual(self.json("--reprises", "a.txt", "--limit", "1")["total"], 2)

    def test_updates(self):
        """What was shown goes, and comes back changed: nothing else is written again."""
        os.remove(os.path.join(self.folder, "c.txt"))
        self.write("b.txt", "Autre chose\n\nLe pont aux ânes, de nouveau, et rien que lui dans tout ce journal du soir.\n")
        done = self.index.update("--allow-deletes", self.folder)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(self.groups("pont"), {frozenset([n]) for n in ("a.txt", "b.txt", "d.txt", "e.txt")})
        for name in ("b.txt", "c.txt"):
            self.write(name, ARTICLES[name])
        self.assertEqual(self.index.update(self.folder).returncode, 0)
        self.test_a_page_is_folded()


if __name__ == "__main__":
    vt.main()
