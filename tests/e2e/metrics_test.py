# SPDX-License-Identifier: GPL-2.0-or-later
"""The measures of bench/relevance against cases worked out by hand."""
import math
import os
import sys
import unittest

import voisin_test as vt

sys.path.insert(0, os.path.join(vt.ROOT, "bench", "relevance.d"))

import metrics  # noqa: E402
import sets  # noqa: E402


class Scores(unittest.TestCase):
    def test_one_relevant_document_at_rank_3(self):
        got = metrics.scores(["a", "b", "c", "d"], {"c": 1})
        self.assertEqual(got[:3], (0.0, 1.0, 1.0))
        self.assertAlmostEqual(got[3], 1 / 3)
        self.assertAlmostEqual(got[4], 1 / math.log2(4))

    def test_the_first_is_right(self):
        self.assertEqual(metrics.scores(["a", "b"], {"a": 2}), (1.0, 1.0, 1.0, 1.0, 1.0))

    def test_nothing_is_found(self):
        self.assertEqual(metrics.scores([], {"a": 1}), (0.0,) * 5)
        self.assertEqual(metrics.scores(["b"], {"a": 1}), (0.0,) * 5)

    def test_grades(self):
        # Gains 1, 0, 2 at ranks 1 to 3: 1 + 2/2 = 2.  Best: 2, 1: 2 + 1/log2(3).
        got = metrics.scores(["a", "x", "b"], {"a": 1, "b": 2})
        self.assertAlmostEqual(got[4], 2 / (2 + 1 / math.log2(3)))
        self.assertEqual(got[3], 1.0)

    def test_grade_0_is_not_relevant(self):
        self.assertEqual(metrics.scores(["z", "a"], {"z": 0, "a": 1})[:4], (0.0, 1.0, 1.0, 0.5))

    def test_depths(self):
        ranking = ["x%d" % i for i in range(200)]
        ranking[10], ranking[99], ranking[100] = "a", "b", "c"
        got = metrics.scores(ranking, {"a": 1, "b": 1, "c": 1})
        self.assertEqual((got[0], got[1], got[3], got[4]), (0.0, 0.0, 0.0, 0.0))
        self.assertAlmostEqual(got[2], 2 / 3)

    def test_more_relevant_documents_than_the_depth(self):
        ranking = ["d%d" % i for i in range(10)]
        self.assertAlmostEqual(metrics.ndcg(ranking, {"d%d" % i: 1 for i in range(20)}, 10), 1.0)


class Significance(unittest.TestCase):
    def test_equal_systems(self):
        self.assertEqual(metrics.p_value([0.1, 0.5], [0.1, 0.5], 100), 1.0)

    def test_every_exchange_of_three_pairs(self):
        # Of the 8 ways to exchange within 3 equal differences only none and all are as extreme: p = 1/4.
        self.assertAlmostEqual(metrics.p_value([1, 1, 1], [0, 0, 0], 20000), 0.25, delta=0.02)

    def test_sides_do_not_count(self):
        ours, theirs = [0.9, 0.8, 0.1, 0.7, 0.6], [0.5, 0.9, 0.0, 0.2, 0.3]
        self.assertAlmostEqual(metrics.p_value(ours, theirs, 20000), metrics.p_value(theirs, ours, 20000), delta=0.02)

    def test_a_clear_difference(self):
        self.assertLess(metrics.p_value([1.0] * 30, [0.0] * 30, 1000), 0.002)


class Questions(unittest.TestCase):
    def test_prose_becomes_words(self):
        for text, query in [
                ("Où se trouve-t-il ?", "Où se trouve t il"),
                ("« L’ONU » (depuis 1945) : -Alep, titre:x OU =y*", "L’ONU depuis 1945 Alep titre x ou y"),
                ("10,5 % de l'U.E., en 1.000", "10,5 de l'U.E en 1.000"),
                ("", "")]:
            with self.subTest(text=text):
                self.assertEqual(sets.words(text), query)

    def test_helped_baseline(self):
        self.assertEqual(sets.without_elision("L'ami qu’elle aujourd'hui"), "ami elle aujourd'hui")
        self.assertEqual(sets.without_stop_words("Où est la ville", {"est", "la", "où"}), "ville")
        self.assertEqual(sets.without_stop_words("Où est", {"est", "où"}), "Où est")


if __name__ == "__main__":
    vt.main()
