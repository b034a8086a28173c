# SPDX-License-Identifier: GPL-2.0-or-later
"""What bench/peers makes of its figures, against cases worked out by hand."""
import json
import os
import random
import sys
import tempfile
import unittest
import xml.etree.ElementTree

import voisin_test as vt

sys.path.insert(0, os.path.join(vt.ROOT, "bench", "peers.d"))

import corpora  # noqa: E402
import costs  # noqa: E402
import explain  # noqa: E402
import plot  # noqa: E402
import report  # noqa: E402

TEXTS = ["a b c", "a x x b", "b x x x a", "c c c", "b x x a x x x x b"]


def query(name, kind, terms, voisin):
    return [name, "stems", kind, terms, terms, voisin]


def results(groonga_count):
    """Two peers, two queries, three passes."""
    return {
        "date": "2026-11-21", "corpus": "orangesum", "documents": 5, "bytes": 40, "seed": 1, "passes": 3, "warm": 1, "cores": 2,
        "loads": [["1", "2", "3"]] * 3,
        "queries": [query("word", "term", "a", "a"), query("NEAR rare-rare", "near", "a b", "a NEAR/10 b")],
        "indexing": {"voisin": {"raw": {"wall": 2.0, "cpu": 1.0, "peak": 2 ** 20, "bytes": 80}}, "groonga": {}},
        "counts": {"voisin": [4, 4], "groonga": [4, groonga_count]},
        "times": {"voisin": [[10.0, 50.0], [30.0, 20.0], [20.0, 90.0]], "groonga": [[100.0, 500.0]] * 3},
        "peers": [{"key": "voisin", "name": "Voisin", "how": "in process", "version": "1", "texts": ["raw"], "comparable": True},
                  {"key": "groonga", "name": "Groonga", "how": "by hand", "version": "2", "texts": ["stems"], "comparable": True}],
    }


class Folder(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)

    def path(self, name, text=None):
        path = os.path.join(self.folder.name, name)
        if text is not None:
            with open(path, "w", encoding="utf-8") as file:
                file.write(text)
        return path


class Figures(unittest.TestCase):
    def test_quantiles_are_by_nearest_rank(self):
        self.assertEqual(report.quantile([3, 1, 2], 0.5), 2)
        self.assertEqual(report.quantile([4, 3, 2, 1], 0.5), 2)
        self.assertEqual(report.quantile(range(1, 21), 0.95), 19)
        self.assertEqual(report.quantile([7], 0.95), 7)

    def test_a_query_has_the_median_of_its_passes(self):
        self.assertEqual(report.medians(results(4), "voisin"), {0: 20.0, 1: 50.0})

    def test_what_a_peer_cannot_say_has_no_time(self):
        self.assertEqual(report.medians(results(-1), "groonga"), {0: 100.0})

    def test_ratios_are_of_sums_of_what_both_answer(self):
        self.assertAlmostEqual(report.ratio({0: 1.0, 1: 2.0}, {0: 2.0, 1: 4.0, 2: 100.0}, [0, 1, 2]), 0.5)
        self.assertIsNone(report.ratio({0: 1.0}, {0: 2.0, 1: 4.0, 2: 1.0}, [0, 1, 2]))


class Explanations(Folder):
    def find(self, count, rule, **kept):
        """What is found of a count of `a NEAR b` that is not Voisin's, with this rule for Groonga."""
        path = self.path("stems.tsv", "".join("%d\t%s\n" % line for line in enumerate(TEXTS, 1)))
        usual = explain.RULES
        explain.RULES = {"groonga": explain.Rule("it is odd", ("near",), *rule, **kept)}
        try:
            return explain.find(results(count), {"stems": path})
        finally:
            explain.RULES = usual

    def test_equal_counts_are_not_looked_into(self):
        self.assertEqual(self.find(4, (1, 1)), [])

    def test_a_reason_holds_where_it_gives_the_count(self):
        # b at most 3 behind a: the first two texts; at most 3 before it: the last one.
        self.assertEqual(self.find(3, (3, 3)), [("groonga", 1, 3, 4, "it is odd")])
        self.assertEqual(self.find(2, (3, 2)), [("groonga", 1, 2, 4, "it is odd")])

    def test_and_only_there(self):
        found = self.find(2, (3, 3))
        self.assertEqual(found, [("groonga", 1, 2, 4, None)])
        self.assertEqual(len(report.unexplained({"differences": found})), 1)

    def test_positions_that_a_peer_does_not_keep(self):
        # Of the last text only the first b is kept, which is before its a; in the second nothing stands behind 3.
        self.assertEqual(self.find(2, (3, 0), positions=1, last=3), [("groonga", 1, 2, 4, "it is odd")])

    def test_phrases_and_phrases_in_near(self):
        rule = explain.RULES["postgres"]
        places = {"a": [1, 7], "b": [2, 30], "c": [13]}
        self.assertTrue(explain.matches(rule, "phrase", ("a", "b"), places))
        self.assertFalse(explain.matches(rule, "phrase", ("b", "a"), places))
        self.assertTrue(explain.matches(rule, "phrasenear", ("a", "b", "c"), places))  # ten words between 2 and 13
        self.assertFalse(explain.matches(rule, "phrasenear", ("a", "b", "c"), dict(places, c=[14])))
        self.assertEqual(explain.Rule("", (), positions=2, last=9).kept([1, 20, 30]), [1, 9])

    def test_what_cannot_be_said_is_no_difference(self):
        self.assertEqual(self.find(-1, (3, 3)), [])


class Pages(Folder):
    def test_tables_and_plot(self):
        made = dict(results(3), differences=[("groonga", 1, 3, 4, "it is odd")])
        text = report.markdown(made)
        self.assertIn("| word           | 20 / 20 | 100 / 100 |", text)
        self.assertIn("1 counts differ", text)
        self.assertIn("`a NEAR/10 b` 3, not 4", text)
        tree = xml.etree.ElementTree.fromstring(plot.peers(made))
        self.assertEqual(len(tree.findall("{http://www.w3.org/2000/svg}circle")), 2 + 2 * 2)

    def test_publishing_replaces_what_stands_between_the_marks(self):
        os.mkdir(self.path("docs"))
        page = self.path("docs/performance.md", "before\n<!-- x -->\nold\n<!-- end of x -->\nafter\n")
        for text in ("first", "second \\1"):
            report.publish(self.folder.name, "x", text, "<svg/>")
        with open(page, encoding="utf-8") as file:
            self.assertEqual(file.read(), "before\n<!-- x -->\n\nsecond \\1\n![x](x.svg)\n\n<!-- end of x -->\nafter\n")
        with self.assertRaises(costs.Failure):
            report.publish(self.folder.name, "y", "text", "<svg/>")


class Corpora(Folder):
    def test_a_text_is_cut_at_its_paragraphs_or_after_sentences(self):
        self.assertEqual(list(corpora.pieces("un\n\ndeux\ntrois")), ["un", "deux", "trois"])
        sentences = ["Il fait beau %s." % ("a" * 300), "Elle dort %s." % ("b" * 300), "Fin."]
        self.assertEqual(list(corpora.pieces(" ".join(sentences))), [" ".join(sentences[:2]), sentences[2]])

    def test_documents_are_single_lines_of_json(self):
        source = self.path("in.jsonl", '{"title": "T", "text": "un\\ndeux \\"trois\\""}\n' * 3)
        count, size = corpora.write(source, self.folder.name, self.path("out.jsonl"), 2)
        with open(self.path("out.jsonl"), encoding="utf-8") as file:
            made = [json.loads(line) for line in file]
        self.assertEqual((count, size), (2, 2 * len('T un deux "trois"')))
        self.assertEqual([document["id"] for document in made], ["1", "2"])
        self.assertEqual(made[0]["text"], 'T un deux "trois"')

    def test_chance_is_the_same_each_time(self):
        self.assertEqual([corpora.any_of("abcdef", random.Random(7)) for _ in range(2)], ["b", "b"])


if __name__ == "__main__":
    vt.main()
