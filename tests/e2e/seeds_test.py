# SPDX-License-Identifier: GPL-2.0-or-later
"""The questions for which Voisin exists, asked of five real articles."""
import glob
import json
import os
import unittest

import voisin_test as vt

SEEDS = vt.need(os.path.join(vt.SHARED, "seeds"))

TABLE = [
    ("cessez-le-feu NEAR Alep", "000 004"),
    ("Alep NEAR cessez-le-feu", "000 004"),
    ("\"cessez le feu\" NEAR Alep", "000 004"),
    ("cessez\u2011le\u2011feu NEAR alep", "000 004"),
    ("cessez-le-feu NEAR/11 Alep", "000 003 004"),
    ("(\"cessez le feu\" OU trêve) NEAR Alep", "000 003 004"),
    ("Etats-Unis", "000 001 002"),
    ("États-Unis", "000 001 002"),
    ("ETATS-UNIS", "000 001 002"),
    ("300000", "002"),
    ("300 000", "002"),
    ("300.000", "002"),
    ("80000", "003"),
    ("\"cessez du feu\"", ""),
    ("Alep", "000 001 002 003 004"),
]

REFUSED = [("cessez-le-feu NEAR ", 15), ("(Alep", 1), ("NEAR/0x Alep", 6)]


class Seeds(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.index = vt.Index()
        done = cls.index.update(SEEDS)
        assert done.returncode == 0, done.stderr
        cls.daemon = vt.Daemon(cls.index)

    @classmethod
    def tearDownClass(cls):
        cls.daemon.close()
        cls.index.close()

    def numbers(self, query):
        return {name[:3] for name in self.daemon.ids(query)}

    def test_table(self):
        for query, answer in TABLE:
            with self.subTest(query=query):
                self.assertEqual(self.numbers(query), set(answer.split()))

    def test_no_hit_is_exit_1(self):
        answer = self.daemon.ask("--ids", "\"cessez du feu\"")
        self.assertEqual((answer.returncode, answer.stdout), (1, ""))

    def test_stems_meet_inside_near_and_exact_forms_do_not(self):
        self.assertEqual(self.numbers("rebelle NEAR Alep"), self.numbers("rebelles NEAR Alep"))
        self.assertNotEqual(self.numbers("=rebelle NEAR Alep"), self.numbers("rebelle NEAR Alep"))

    def test_refusals_name_the_column(self):
        for query, column in REFUSED:
            with self.subTest(query=query):
                answer = self.daemon.ask("--ids", "--", query)
                self.assertEqual(answer.returncode, 2)
                self.assertEqual(answer.stdout, "")
                self.assertIn("column %d" % column, answer.stderr)

    def test_one_alep_is_marked_and_not_ten(self):
        answer = self.daemon.ask("--json", "--", "cessez-le-feu NEAR Alep")
        hit = [h for h in json.loads(answer.stdout)["hits"] if h["id"].startswith("000")][0]
        marks = [s["text"] for p in hit["passages"] for s in p["segments"] if s["mark"]]
        self.assertEqual(marks, ["cessez-le-feu", "Alep"])
        self.assertEqual(hit["distance"], 1)

    def test_marks_are_bytes_of_the_stored_text(self):
        for path in sorted(glob.glob(os.path.join(SEEDS, "*.txt"))):
            name = os.path.basename(path)
            text = json.loads(self.daemon.ask("--json", "--document", name).stdout)["text"].encode()
            answer = json.loads(self.daemon.ask("--json", "--all", "--", "Alep").stdout)
            hit = [h for h in answer["hits"] if h["id"] == name][0]
            for passage in (p for p in hit["passages"] if p["zone"] == "text"):
                shown = "".join(s["text"] for s in passage["segments"]).encode()
                self.assertEqual(text[passage["offset"]:passage["offset"] + len(shown)], shown)


if __name__ == "__main__":
    vt.main()
