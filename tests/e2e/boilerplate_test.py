# SPDX-License-Identifier: GPL-2.0-or-later
"""Lines that are shown but not read, by the real programs: not matched unless asked for, and no distance."""
import json
import os
import unittest

import voisin_test as vt

TEXTS = {
    "pont.txt": "Le pont rouvre\n\nLa crue de la rivière\n\nA lire : Le barrage du nord tiendra\n\nemporta le vieux moulin.\n",
    "port.txt": "Le port ferme\n\nLes dockers votent la grève.\n\nTags : barrage, moulin\n\nPartager :\n",
    "seul.txt": "Partager :",
    "etiquettes.txt": "Étiquettes\n\n,\n\nAFP\n\nLe quai sera rebâti avant la fin du mois de mars.\n",
}
FOOT = "Le Courrier du Fleuve, au plus près de vous"


def pages():
    """Twelve articles of one source with one line under each, and that line once in another source."""
    for i in range(12):
        yield {"id": f"page-{i:02}", "source": "Le Courrier du Fleuve",
               "text": f"Le niveau de l'eau est de {i + 40} centimètres.\n\n{FOOT}"}
    yield {"id": "autre", "source": "La Gazette", "text": f"On lit dans un journal :\n\n{FOOT}"}


class Boilerplate(unittest.TestCase):

    @classmethod
    def setUpClass(cls):
        cls.index = vt.Index()
        folder = cls.index.write(TEXTS)
        with open(os.path.join(folder, "pages.jsonl"), "w", encoding="utf-8") as file:
            file.writelines(json.dumps(page, ensure_ascii=False) + "\n" for page in pages())
        done = cls.index.update(folder)
        assert done.returncode == 0, done.stderr
        cls.daemon = vt.Daemon(cls.index)

    @classmethod
    def tearDownClass(cls):
        cls.daemon.close()
        cls.index.close()

    def ids(self, *words):
        return sorted(self.daemon.ask("--ids", "--all", *words).stdout.split())

    def test_not_matched_unless_asked_for(self):
        for query, ids, all_ids in (
                ("barrage", [], ["pont.txt", "port.txt"]),
                ("=barrage", [], ["pont.txt", "port.txt"]),
                ("barra*", [], ["pont.txt", "port.txt"]),
                ("tags", [], ["port.txt"]),
                ("\"barrage du nord\"", [], ["pont.txt"]),
                ("=\"barrage du nord\"", [], ["pont.txt"]),
                ("barrage SENT moulin", [], ["port.txt"]),
                ("barrage NEAR moulin", [], ["port.txt"]),
                ("(barrage OR tags) NEAR (moulin OR =moulin)", [], ["port.txt"]),
                ("grève AND barrage", [], ["port.txt"]),
                ("grève NEAR barrage", [], []),
                ("NOT barrage AND moulin", ["pont.txt"], []),
                # A text of nothing else is read.
                ("partager", ["seul.txt"], ["port.txt", "seul.txt"])):
            with self.subTest(query=query):
                self.assertEqual(self.ids(query), ids)
                self.assertEqual(self.ids("--boilerplate", query), all_ids)

    def test_adds_nothing_to_a_distance(self):
        for query, ids in (("rivière ADJ/0 emporta", ["pont.txt"]), ("\"rivière emporta\"", ["pont.txt"]),
                           ("crue NEAR/3 emporta", ["pont.txt"])):
            with self.subTest(query=query):
                self.assertEqual(self.ids(query), ids)
                self.assertEqual(self.ids("--boilerplate", query), ids)

    def test_is_shown(self):
        document = json.loads(self.daemon.ask("--json", "--document", "port.txt").stdout)
        text = document["text"].encode()
        self.assertEqual([text[off:off + n].decode() for off, n in document["aside"]],
                         ["Tags : barrage, moulin\n\nPartager :"])
        answer = self.daemon.ask("--color", "always", "--boilerplate", "barrage", "SENT", "moulin").stdout
        self.assertIn("Tags : ", answer)

    def test_is_no_title(self):
        document = json.loads(self.daemon.ask("--json", "--document", "etiquettes.txt").stdout)
        self.assertEqual(document["title"], "")
        self.assertTrue(document["text"].startswith("Étiquettes\n"))
        self.assertEqual(document["aside"], [[0, len("Étiquettes\n\n,\n\nAFP".encode())]])
        self.assertEqual(self.ids("afp"), [])
        self.assertEqual(self.ids("quai DEBUT/2"), ["etiquettes.txt"])

    def test_lines_that_recur(self):
        self.assertEqual(self.ids("journal"), ["autre"])
        self.assertEqual(self.ids("\"au plus près\""), ["autre"])
        self.assertEqual(len(set(self.ids("--boilerplate", "\"au plus près\"")) - {"suite"}), 13)
        self.assertEqual(len(self.ids("centimètres")), 12)

    def test_an_update_knows_what_recurs(self):
        with open(os.path.join(self.index.folder, "texts", "suite.jsonl"), "w", encoding="utf-8") as file:
            json.dump({"id": "suite", "source": "Le Courrier du Fleuve", "text": f"L'eau baisse enfin.\n{FOOT}"}, file)
        self.assertEqual(self.index.update(os.path.join(self.index.folder, "texts")).returncode, 0)
        self.assertEqual(self.ids("baisse"), ["suite"])
        self.assertEqual(self.ids("\"au plus près\""), ["autre"])


if __name__ == "__main__":
    unittest.main(verbosity=2)
