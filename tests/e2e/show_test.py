# SPDX-License-Identifier: GPL-2.0-or-later
"""What is shown of matches by the real programs: --kwic, matches too many to list, counts that are cut."""
import json
import os
import unittest

import voisin_test as vt

TEXTS = {
    "a.txt": "Un convoi part d'Alep. Les civils d'ALEP attendent. À l'est d’Alep, rien.",
    "b.txt": "L'armée avance à Alep ; l'Alep d'hier n'est plus. 日本語 Alep !",
    "endless.txt": "de la " * 100000,
}


def context(line):
    """The words beside the marked one: before it from the nearest on, and behind it."""
    before, _, behind = line.split("*")
    return before.split()[-1], behind.split()


class Texts(unittest.TestCase):
    TEXTS = TEXTS
    OPTIONS = []

    @classmethod
    def setUpClass(cls):
        cls.index = vt.Index()
        folder = cls.index.write(cls.TEXTS)
        done = cls.index.update(folder)
        assert done.returncode == 0, done.stderr
        cls.daemon = vt.Daemon(cls.index, *cls.OPTIONS)

    @classmethod
    def tearDownClass(cls):
        cls.daemon.close()
        cls.index.close()


class Show(Texts):

    def lines(self, *words):
        answer = self.daemon.ask("--kwic", *words)
        self.assertEqual((answer.returncode, answer.stderr), (0, ""))
        return answer.stdout.splitlines()

    def test_kwic(self):
        lines = self.lines("alep")
        self.assertEqual(len(lines), 6)
        self.assertEqual(sorted(self.lines("alep", "--sort", "left")), sorted(lines))
        self.assertEqual(sorted(self.lines("alep", "--sort", "right", "--all")), sorted(lines))

    def test_kwic_by_the_left(self):
        nearest = [context(line)[0] for line in self.lines("alep", "--sort", "left")]
        self.assertEqual(nearest, ["à", "d'", "d’", "d'", "l'", "日本語"])
        furthest = [context(line)[1] for line in self.lines("alep", "--sort", "left")]
        # d: civils, est, part
        self.assertEqual([words[0] for words in furthest[1:4]], ["attendent.", ",", "."])

    def test_kwic_by_the_right(self):
        behind = [" ".join(context(line)[1]) for line in self.lines("alep", "--sort", "right")]
        self.assertEqual([text[:9] for text in behind],
                         ["!", "attendent", "d'hier n'", "; l'Alep ", ". Les civ", ", rien."])

    def test_too_many_matches(self):
        query = "(de NEAR/50 la) NEAR/50 (la NEAR/50 de)"
        answer = self.daemon.ask("--json", query)
        self.assertEqual(answer.returncode, 0, answer.stderr)
        hit = json.loads(answer.stdout)["hits"][0]
        self.assertEqual((hit["id"], hit["unlisted"], len(hit["passages"])), ("endless.txt", True, 1))
        self.assertIn("too many matches to list", self.daemon.ask(query).stdout)
        answer = self.daemon.ask("--kwic", query)
        self.assertEqual(len(answer.stdout.splitlines()), 1)
        self.assertEqual(answer.stderr, "voisin: endless.txt has too many matches to list, and few of them are shown\n")
        self.assertEqual(self.daemon.ask("--count", query).stdout, "1\n")


class Cut(Texts):
    # Of which a count takes some fifty times as long as it may.
    TEXTS = {f"{number}.txt": f"Le {number}. " + "de la " * 20000 for number in range(100)}
    OPTIONS = ["--soft-deadline-ms", "10", "--deadline-ms", "20"]

    def test_a_count_that_is_cut_says_so(self):
        answer = self.daemon.ask("--count", "de PARA la PARA de")
        self.assertEqual((answer.returncode, answer.stdout), (2, ""))
        self.assertEqual(answer.stderr, "voisin: the count was cut short, so that there is none: "
                                        "the search took longer than 20 ms (limit deadline-ms)\n")


if __name__ == "__main__":
    vt.main()
