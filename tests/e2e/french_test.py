# SPDX-License-Identifier: GPL-2.0-or-later
"""The table of docs/comparison.md: each article is found by the queries of its row, and not by those that must not."""
import json
import os
import re
import unittest

import voisin_test as vt

PAGE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "docs", "comparison.md")
ROWS_MIN = 17
CODE = re.compile(r"`([^`]+)`")


def spelled_out(cell):
    """What stands in backquotes in a cell, with its \\u made characters."""
    return [re.sub(r"\\u([0-9a-f]{4})", lambda m: chr(int(m.group(1), 16)), text) for text in CODE.findall(cell)]


def read_rows():
    """(what, article, queries that find it, queries that do not)."""
    rows = []
    with open(PAGE, encoding="utf-8") as file:
        for line in file:
            cells = line.strip().strip("|").split("|")
            if line.startswith("|") and len(cells) == 5 and "`" in cells[1]:
                what, article, found, missed, _ = cells
                rows.append((what.strip(), spelled_out(article)[0], spelled_out(found), spelled_out(missed)))
    return rows


class French(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.rows = read_rows()
        cls.index = vt.Index()
        cls.addClassCleanup(cls.index.close)
        path = os.path.join(cls.index.folder, "rows.jsonl")
        with open(path, "w", encoding="utf-8") as file:
            for number, (_, article, _, _) in enumerate(cls.rows):
                file.write(json.dumps({"id": str(number), "text": article}) + "\n")
        cls.index.update(path)
        cls.daemon = vt.Daemon(cls.index)
        cls.addClassCleanup(cls.daemon.close)

    def test_all_rows_are_there(self):
        self.assertGreaterEqual(len(self.rows), ROWS_MIN)
        for what, _, found, _ in self.rows:
            self.assertTrue(found, what)

    def test_found(self):
        for number, (what, article, found, _) in enumerate(self.rows):
            for query in found:
                with self.subTest(what, query=query):
                    self.assertIn(str(number), self.daemon.ids(query), article)

    def test_not_found(self):
        for number, (what, article, _, missed) in enumerate(self.rows):
            for query in missed:
                with self.subTest(what, query=query):
                    self.assertNotIn(str(number), self.daemon.ids(query), article)


vt.main()
