# SPDX-License-Identifier: GPL-2.0-or-later
"""suggest: corrections, completions and hints through the daemon, also while the index changes."""
import os

import harness
from harness import wait_for


class Suggest(harness.Case):
    def test_did_you_mean(self):
        daemon = self.start()
        with daemon.connect() as client:
            result = client.ask("search", {"q": "cesez-le-feu NEAR alepp"})["result"]
            self.assertEqual((result["hits"], result["suggestions"]), ([], ["cessez-le-feu NEAR alep"]))
            found = client.ask("search", {"q": result["suggestions"][0]})["result"]
            self.assertEqual([hit["id"] for hit in found["hits"]], ["alep-1"])
            self.assertNotIn("suggestions", found)
            # Corrected, it would find nothing.
            self.assertNotIn("suggestions", client.ask("search", {"q": "alepp paris"})["result"])
            # A walk is told on its first page alone.
            self.assertIn("suggestions", client.ask("search", {"q": "alepp", "cursor": ""})["result"])
            self.assertIn("suggestions", client.ask("search", {"q": "alepp", "detail": "id", "limit": 0})["result"])

    def test_method(self):
        daemon = self.start()
        with daemon.connect() as client:
            def suggest(q, **params):
                result = client.ask("suggest", dict(params, q=q))["result"]
                self.assertEqual(sorted(result), ["completions", "corrections", "generation", "ms"])
                return [[one["q"] for one in result[key]] for key in ("completions", "corrections")]
            self.assertEqual(suggest("cessez-le-feu NEAR al"), [["cessez-le-feu NEAR alep"], []])
            self.assertEqual(suggest("d’alpe"), [[], ["d’alep"]])
            self.assertEqual(suggest("manifestaton"), [[], ["manifestation"]])
            self.assertEqual(suggest(""), [[], []])
            self.assertEqual(suggest("alep "), [[], []])
            self.assertEqual(suggest("a", limit=0), [[], []])
            self.assertEqual(len(suggest("d", limit=2)[0]), 2)
            self.error(client.ask("suggest", {"q": "x" * 5000}), -32002, "limit")
            self.assertEqual(client.ask("stats")["result"]["requests"]["suggest"], 8)

    def test_hints(self):
        folder = os.path.join(harness.scratch, "hints")
        harness.make_index(folder, [{"id": "1", "title": "", "text": "La côte et le côté."}])
        daemon = self.start(db=folder)
        with daemon.connect() as client:
            result = client.ask("search", {"q": "cote", "accents": "strict"})["result"]
            self.assertEqual(result["hits"], [])
            self.assertEqual([hint["word"] for hint in result["hints"]], ["cote"])
            self.assertEqual(sorted(result["hints"][0]["loose"]), sorted(["côte", "côté"]))
            self.assertIn("côte", result["suggestions"])
            result = client.ask("search", {"q": "cote", "accents": "loose"})["result"]
            self.assertEqual((len(result["hits"]), "hints" in result), (1, False))

    def test_new_words(self):
        """The words of a new state of the index are known without a restart."""
        folder = os.path.join(harness.scratch, "changing")
        harness.make_index(folder, [{"id": "1", "title": "", "text": "Une trottinette."}])
        daemon = self.start("--workers", "1", db=folder)
        with daemon.connect() as client:
            def complete(q):
                return [one["word"] for one in client.ask("suggest", {"q": q})["result"]["completions"]]
            self.assertEqual(complete("tro"), ["trottinette"])
            harness.make_index(folder, [{"id": "1", "title": "", "text": "Une trottinette."},
                                        {"id": "2", "title": "", "text": "Un troubadour, une trottinette."}])
            wait_for("the new word is known", lambda: complete("tro") == ["trottinette", "troubadour"])


if __name__ == "__main__":
    harness.main()
