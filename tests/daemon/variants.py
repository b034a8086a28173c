# SPDX-License-Identifier: GPL-2.0-or-later
"""variants: files of names, refused at the start where they are wrong, read again when they change."""
import os
import signal
import time

import harness
import start
from harness import wait_for


def write(name, text):
    """Writes a file of names anew, as an editor does: beside, then renamed."""
    path = os.path.join(harness.scratch, name)
    with open(path + ".new", "wb") as file:
        file.write(text if isinstance(text, bytes) else text.encode())
    os.rename(path + ".new", path)
    return path


class Variants(harness.Case):
    def ask(self, client, q, **params):
        """(ids, expanded) of a query."""
        result = client.ask("search", dict(params, q=q))["result"]
        return sorted(hit["id"] for hit in result["hits"]), result.get("expanded")

    def test_names(self):
        path = write("names.txt", "Paris, Lutèce\nAlep, Halab\nmanifestation, cessez-le-feu\n")
        daemon = self.start("--variants", "none", "--variants", path)
        with daemon.connect() as client:
            self.assertEqual(self.ask(client, "Lutèce"), (["paris"], [{"from": "Lutèce", "to": ["Paris"]}]))
            self.assertEqual(self.ask(client, "Halab NEAR ville")[0], ["alep-2"])
            self.assertEqual(self.ask(client, '"le manifestation"'),
                             (["alep-1"], [{"from": "manifestation", "to": ["cessez-le-feu"]}]))
            self.assertEqual(self.ask(client, "=Lutece"), ([], None))
            self.assertEqual(self.ask(client, "lutec*"), ([], None))
            self.assertEqual(self.ask(client, "Lutèce", variants=False), ([], None))
            self.assertEqual(self.ask(client, "Lutèce", variants=True)[0], ["paris"])
            self.assertEqual(self.ask(client, "Syrie"), (["alep-2"], None))
            explained = client.ask("explain", {"q": "Lutèce"})["result"]
            self.assertEqual(explained["understood"], "lutèce")
            self.assertEqual([child["text"] for child in explained["tree"]["children"]], ["lutèce", "paris"])
            self.assertEqual(explained["expanded"], [{"from": "Lutèce", "to": ["Paris"]}])
            explained = client.ask("explain", {"q": "Lutèce", "variants": False})["result"]
            self.assertEqual((explained["tree"]["kind"], "expanded" in explained), ("word", False))

    def test_a_query_with_no_room_for_them(self):
        path = write("room.txt", "Alep, Halab\n")
        daemon = self.start("--variants", path)
        words = " ".join("mot" + chr(97 + i // 26) + chr(97 + i % 26) for i in range(63))
        with daemon.connect() as client:
            result = client.ask("search", {"q": "Alep " + words})["result"]
            self.assertEqual(result["not_expanded"], ["Alep"])
            self.assertNotIn("expanded", result)

    def test_prefixes_first(self):
        """What the prefixes and the names together take past a limit runs without the names."""
        articles = [{"id": str(i), "title": "", "text": f"prefixe{chr(97 + i // 26)}{chr(97 + i % 26)} alep"}
                    for i in range(199)]
        articles += [{"id": "b" + str(i), "title": "", "text": f"debuta{chr(97 + i // 26)}{chr(97 + i % 26)} alep"}
                     for i in range(56)]
        folder = os.path.join(harness.scratch, "prefixes")
        harness.make_index(folder, articles)
        daemon = self.start("--variants", write("prefixes.txt", "Alep, Halab\n"), db=folder)
        with daemon.connect() as client:
            result = client.ask("search", {"q": "prefixe* alep debut*", "operator": "or", "limit": 0})["result"]
            self.assertEqual(result["not_expanded"], ["alep"])
            self.assertEqual(result["total"]["value"], 255)

    def test_the_shipped_ones(self):
        daemon = self.start()
        with daemon.connect() as client:
            self.assertEqual(self.ask(client, "Halab")[0], ["alep-1", "alep-2"])
        daemon = self.start("--variants", "none")
        with daemon.connect() as client:
            self.assertEqual(self.ask(client, "Halab"), ([], None))

    def test_wrong_at_the_start(self):
        wrong = [("Alep\n", ":1: a group needs two"), ("# a\nAlep, Halab\nParis,,\n", ":3: there is nothing"),
                 (b"Alep, Hal\xe9b\n", ":1: this line is not UTF-8"), ("Alep, ...\n", ":1: there is no word")]
        for text, message in wrong:
            for options in (["-n"], []):
                path = write("wrong.txt", text)
                code, out, err = start.run(*options, "--db", harness.index_dir, "--listen", "127.0.0.1:0",
                                           "--variants", path)
                self.assertEqual((code, out), (2, ""))
                self.assertIn(path + message, err)
        code, _, err = start.run("-n", "--db", "x", "--variants", os.path.join(harness.scratch, "absent.txt"))
        self.assertEqual(code, 2)
        self.assertIn("absent.txt", err)
        code, _, err = start.run("-n", "--db", "x", *["--variants", "x"] * 9)
        self.assertEqual(code, 2)
        self.assertIn("--variants", err)

    def told(self, client):
        """What stats says of the names."""
        return client.ask("stats")["result"]["variants"]

    def test_read_again(self):
        path = write("again.txt", "Paris, Lutèce\n")
        daemon = self.start("--workers", "1", "--variants", "none", "--variants", path)
        with daemon.connect() as client:
            self.assertEqual(self.ask(client, "Lutèce")[0], ["paris"])
            self.assertEqual(self.told(client), {"groups": 1, "refused": None})
            write("again.txt", "Paris, Paname\n")
            wait_for("the new names are known", lambda: self.ask(client, "Paname")[0] == ["paris"])
            self.assertEqual(self.ask(client, "Lutèce")[0], [])
            # What is wrong is told once, and the old names stay.
            write("again.txt", "Paris, Paname\nParis\n")
            wait_for("the fault is told", lambda: self.ask(client, "Paname") and daemon.logged(r"again\.txt:2: "))
            self.assertEqual(self.ask(client, "Paname")[0], ["paris"])
            self.assertEqual(self.told(client)["groups"], 1)
            self.assertIn("again.txt:2: ", self.told(client)["refused"])
            os.unlink(path)
            wait_for("the absence is told", lambda: self.ask(client, "Paname") and daemon.logged("not read.*No such"))
            self.assertEqual(self.ask(client, "Paname")[0], ["paris"])
            self.assertIn("again.txt", self.told(client)["refused"])
            end = time.monotonic() + 1.2
            while time.monotonic() < end:
                self.ask(client, "Paname")
            self.assertEqual(len(daemon.logged("variants not read")), 2)
            write("again.txt", "Paris, Lutèce\n")
            wait_for("the names are back", lambda: self.ask(client, "Lutèce")[0] == ["paris"])
            self.assertEqual(self.told(client), {"groups": 1, "refused": None})

    def test_hangup(self):
        """SIGHUP reads them again at once, even where the file seems to be the same."""
        path = write("hangup.txt", "Paris, Lutèce\n")
        daemon = self.start("--workers", "1", "--variants", path)
        with daemon.connect() as client:
            self.assertEqual(self.ask(client, "Lutèce")[0], ["paris"])
            before = os.stat(path)
            with open(path, "r+", encoding="utf-8") as file:
                file.write("Paris, Paname\n")
            os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
            daemon.tell(signal.SIGHUP)
            wait_for("the new names are known", lambda: self.ask(client, "Paname")[0] == ["paris"])
            wait_for("it is told", lambda: daemon.logged("hangup"))
            wait_for("what came of it is told", lambda: daemon.logged("variants read groups="))


if __name__ == "__main__":
    harness.main()
