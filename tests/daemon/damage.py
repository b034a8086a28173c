# SPDX-License-Identifier: GPL-2.0-or-later
"""damage: the published generation is spoilt while it is served; the one before it is gone back to.

Generation 1 has one article more than the second, so that an answer tells where it is from.  Each request is another one: kept
replies need no table.
"""
import hashlib
import os
import shutil
import signal
import subprocess
import urllib.request

import harness
from harness import request, wait_for



def article(n):
    """Hardly to be compressed, so that the stored texts take several blocks."""
    words = " ".join(hashlib.sha256(f"{n} {i}".encode()).hexdigest()[:40] for i in range(30))
    return dict(harness.ARTICLES[1], id=f"doc-{n}", text=f"Alep est une ville de Syrie. Rien de neuf. {words}.")


BEFORE = [article(n) for n in range(60)]
AFTER = BEFORE[:40]
TABLES = ("postlist.glass", "docdata.glass", "termlist.glass", "inverted")
WHOLE = "--whole-database"


def overwrite(path, data):
    """In place: who has the file open sees it."""
    with open(path, "r+b") as file:
        file.write(data)


def garbage(path):
    overwrite(path, (b"\xa5\x5a" * os.path.getsize(path))[:os.path.getsize(path)])


def cut(path):
    os.truncate(path, os.path.getsize(path) // 2)


def exchange(path):
    """Another file of the same size in its place: who has the old one open reads that."""
    size = os.path.getsize(path)
    with open(path + ".new", "wb") as file:
        file.write(os.urandom(size))
    os.rename(path + ".new", path)


class Damage(harness.Case):
    def index(self, name, *options, both=True):
        """An index with two generations, or with the second one alone."""
        folder = os.path.join(harness.scratch, name)
        harness.make_index(folder, BEFORE)
        harness.make_index(folder, AFTER, "--full", "--allow-deletes", *options)
        if not both:
            shutil.rmtree(os.path.join(folder, "gen-000001"))
        return folder, os.path.join(folder, "gen-000002")

    def count(self):
        self.asked = getattr(self, "asked", 0) + 1
        return self.asked

    def served(self, client):
        """Asks for all, by a query that was not asked before: how many there are and of which generation, or the status."""
        reply = client.ask("search", {"q": f"ville OU zz{self.count()}", "total": "exact", "limit": 1, "matches": 1})
        if "error" in reply:
            return reply["error"]["data"]["status"]
        return reply["result"]["total"]["value"], reply["result"]["generation"].split(".")[0]

    def refused(self, client):
        return client.ask("stats")["result"]["refused_generation"]

    def kill_worker(self, daemon):
        for worker in daemon.workers():
            os.kill(worker, signal.SIGKILL)

    def went_back(self, daemon, client, table):
        """It serves the first generation, and says so."""
        self.assertEqual(self.served(client), (60, "gen-000001"))
        refused = self.refused(client)
        self.assertEqual(refused["name"], "gen-000002")
        self.assertNotEqual(refused["why"], "")
        lines = wait_for("it is logged", lambda: daemon.logged("index refused name=gen-000002 served=gen-000001"))
        self.assertEqual(len(lines), 1, daemon.log)
        if table is not None:
            self.assertIn(table, refused["why"])
            self.assertIn(table, lines[0])

    def comes_back(self, daemon, folder, client):
        """A whole generation is published: that one is served, and nothing is refused."""
        harness.make_index(folder, AFTER[:30], "--full", "--allow-deletes")
        wait_for("the new one is served", lambda: self.served(client) == (30, "gen-000003"))
        self.assertIsNone(self.refused(client))
        wait_for("it is logged", lambda: daemon.logged("index accepted served=gen-000003"))

    def test_cut_under_a_worker(self):
        for table in ("postlist.glass", "docdata.glass", "position.glass"):
            with self.subTest(table):
                folder, generation = self.index("cut-" + table, WHOLE)
                os.unlink(os.path.join(generation, "inverted"))  # or Xapian is asked for little
                daemon = self.start("--workers", "1", db=folder)
                with daemon.connect() as client:
                    self.assertEqual(self.served(client), (40, "gen-000002"))
                    os.truncate(os.path.join(generation, table), 100)
                    # What a search reads of this table may have been read before: then nothing is wrong yet.
                    self.drop_what_was_read(client)
                    self.went_back(daemon, client, table)
                    self.comes_back(daemon, folder, client)
                    self.assertEqual(client.ask("stats")["result"]["workers"]["restarts"], 0)
                self.alive_on(daemon)

    def without_file(self, client):
        """The same generation is served, right, and its inverted file is not used."""
        self.assertEqual(self.served(client), (40, "gen-000002"))
        stats = client.ask("stats")["result"]
        self.assertIsNone(stats["refused_generation"])
        self.assertFalse(stats["inverted_file"]["used"])
        self.assertIn("inverted", stats["inverted_file"]["why"])
        self.assertEqual(client.ask("explain", {"q": "ville"})["result"]["index"], "xapian")

    def test_garbage_in_the_inverted_file(self):
        """A list that contradicts itself costs a whole database the file, and no request."""
        folder, generation = self.index("inverted", WHOLE)
        daemon = self.start("--workers", "1", db=folder)
        with daemon.connect() as client:
            self.assertEqual(client.ask("explain", {"q": "ville"})["result"]["index"], "inverted")
            garbage(os.path.join(generation, "inverted"))
            self.without_file(client)
            self.assertEqual(daemon.logged("index refused"), [])
            self.assertEqual(client.ask("stats")["result"]["workers"]["restarts"], 0)
            harness.make_index(folder, AFTER[:30], "--full", "--allow-deletes")
            wait_for("the new one is served", lambda: self.served(client) == (30, "gen-000003"))
            self.assertTrue(client.ask("stats")["result"]["inverted_file"]["used"])

    def test_inverted_file_cut_under_a_worker(self):
        """The kernel kills whoever reads behind the end: the worker is replaced, and the next one does without."""
        folder, generation = self.index("inverted-cut", WHOLE)
        daemon = self.start_with_sigbus(folder)
        with daemon.connect() as client:
            self.assertEqual(self.served(client), (40, "gen-000002"))
            self.cut_below(daemon, client, generation)
            self.without_file(client)

    def start_with_sigbus(self, folder):
        """A sanitizer would take the signal for a fault of ours."""
        sanitizer = ":".join(filter(None, (os.environ.get("ASAN_OPTIONS"), "handle_sigbus=0")))
        return self.start("--workers", "1", db=folder, env=dict(os.environ, ASAN_OPTIONS=sanitizer))

    def cut_below(self, daemon, client, generation):
        os.truncate(os.path.join(generation, "inverted"), 0)
        client.ask("search", {"q": "\"rien de neuf\"", "total": "exact"})
        wait_for("it is replaced", lambda: len(daemon.logged("ready$")) == 2)

    def test_inverted_file_of_a_lean_index(self):
        """It is a table like any other: where it is spoilt under a worker the generation before is served."""
        for spoil in (garbage, cut):
            with self.subTest(spoil.__name__):
                folder, generation = self.index("lean-" + spoil.__name__)
                daemon = self.start_with_sigbus(folder)
                with daemon.connect() as client:
                    self.assertEqual(self.served(client), (40, "gen-000002"))
                    if spoil is cut:
                        self.cut_below(daemon, client, generation)
                    else:
                        spoil(os.path.join(generation, "inverted"))
                    self.went_back(daemon, client, "inverted")
                    self.assertTrue(client.ask("stats")["result"]["inverted_file"]["used"])
                    self.comes_back(daemon, folder, client)

    def changed(self, name, *options):
        """The same two generations, and articles of the second one changed, so that these are in a layer of their own."""
        folder, generation = self.index(name, *options)
        harness.make_index(folder, [dict(one, text=one["text"] + " Toujours.") for one in AFTER[:9]] + AFTER[9:])
        self.assertEqual([file for file in os.listdir(generation) if file.startswith("inverted.")], ["inverted.1"])
        return folder, os.path.join(generation, "inverted.1")

    def test_garbage_in_a_layer(self):
        """A layer is a table of a lean index too."""
        for how in ("kept open", "opened anew"):
            with self.subTest(how):
                folder, layer = self.changed("layer-" + how.replace(" ", "-"))
                daemon = self.start("--workers", "1", db=folder)
                with daemon.connect() as client:
                    self.assertEqual(self.served(client), (40, "gen-000002"))
                    self.assertEqual(client.ask("stats")["result"]["inverted_file"]["put"], 9)
                    garbage(layer)
                    if how == "opened anew":
                        self.kill_worker(daemon)
                    wait_for("it went back", lambda: self.served(client) == (60, "gen-000001"))
                    self.went_back(daemon, client, "inverted")
                    self.comes_back(daemon, folder, client)

    def test_a_layer_that_is_gone(self):
        """One that is open serves on; a worker that opens the index misses it."""
        folder, layer = self.changed("layer-gone")
        daemon = self.start("--workers", "1", db=folder)
        with daemon.connect() as client:
            self.assertEqual(self.served(client), (40, "gen-000002"))
            os.unlink(layer)
            self.assertEqual(self.served(client), (40, "gen-000002"))
            self.kill_worker(daemon)
            wait_for("it went back", lambda: self.served(client) == (60, "gen-000001"))
            self.went_back(daemon, client, "inverted.1")
            self.comes_back(daemon, folder, client)

    def test_a_layer_of_a_whole_index(self):
        """Without one of them none is used, and every answer is right."""
        folder, layer = self.changed("layer-whole", WHOLE)
        daemon = self.start("--workers", "1", db=folder)
        with daemon.connect() as client:
            self.assertEqual(client.ask("explain", {"q": "ville"})["result"]["index"], "inverted")
            garbage(layer)
            self.without_file(client)
            self.assertEqual(client.ask("search", {"q": "toujours", "total": "exact"})["result"]["total"]["value"], 9)
            self.assertEqual(daemon.logged("index refused"), [])
            harness.make_index(folder, AFTER[:30], "--full", "--allow-deletes")
            wait_for("the new one is served", lambda: self.served(client) == (30, "gen-000003"))
            self.assertTrue(client.ask("stats")["result"]["inverted_file"]["used"])

    def test_lean_index_alone_without_its_file(self):
        """No answer is made of what is left; an update says so too, and a build mends it."""
        folder, generation = self.index("lean-alone", both=False)
        daemon = self.start("--workers", "1", db=folder)
        with daemon.connect() as client:
            os.unlink(os.path.join(generation, "inverted"))
            self.kill_worker(daemon)
            wait_for("requests are told", lambda: self.served(client) == "corrupt")
            done = subprocess.run([harness.program("voisin-index"), "--db", folder, folder + ".jsonl"], check=False,
                                  stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=harness.PATIENCE)
            self.assertEqual(done.returncode, 2)
            self.assertIn("gen-000002/inverted", done.stderr)
            harness.make_index(folder, AFTER[:30], "--full", "--allow-deletes")
            wait_for("the new one is served", lambda: self.served(client)[0] == 30)
        self.alive_on(daemon)

    def drop_what_was_read(self, client):
        """Requests that read all tables; each is answered, from the one generation or the other."""
        for method, params in (("search", {"q": "\"rien de neuf\"", "matches": 3}), ("document", {"id": "doc-7"}),
                               ("search", {"q": "syrie NEAR ville", "limit": 30}), ("document", {"id": "doc-33"}),
                               ("search", {"q": "neuf", "cursor": "", "limit": 100})):
            self.assertIn("result", client.ask(method, params))

    def alive_on(self, daemon):
        with daemon.connect() as client:
            self.assertIn("result", client.ask("search", {"q": "alep"}))
        wait_for("descriptors are closed", lambda: daemon.descriptors_of_clients() == 0)

    def test_garbage_under_a_worker(self):
        """Of the right size.  Xapian finds out at a request, which is answered by the one before; it is not tried again."""
        folder, generation = self.index("garbage")
        daemon = self.start("--workers", "1", db=folder)
        with daemon.connect() as client:
            self.assertEqual(self.served(client), (40, "gen-000002"))
            for table in TABLES:
                garbage(os.path.join(generation, table))
            self.went_back(daemon, client, None)
            for _ in range(20):
                self.assertEqual(self.served(client), (60, "gen-000001"))
            self.assertEqual(len(daemon.logged("index refused")), 1)
            self.comes_back(daemon, folder, client)

    def test_two_workers(self):
        """Each finds it for itself; every answer is right for the generation that it names."""
        folder, generation = self.index("two")
        daemon = self.start("--workers", "2", db=folder)
        with daemon.connect() as client, daemon.connect() as other:
            for table in TABLES:
                garbage(os.path.join(generation, table))

            def both_went_back():
                for one in (client, other):
                    one.send(request("search", {"q": f"ville OU zz{self.count()}", "total": "exact", "limit": 1}))
                for one in (client, other):
                    result = one.reply()["result"]
                    self.assertIn((result["total"]["value"], result["generation"].split(".")[0]),
                                  ((60, "gen-000001"), (40, "gen-000002")))
                return len(daemon.logged("index refused")) == 2

            wait_for("both workers went back", both_went_back)
            self.comes_back(daemon, folder, client)

    def test_worker_that_starts_anew(self):
        """Cut, spoilt and exchanged tables are refused at the opening, by name."""
        for spoil in (cut, garbage, exchange, os.unlink):
            for table in TABLES:
                with self.subTest(spoil=spoil.__name__, table=table):
                    folder, generation = self.index(f"anew-{spoil.__name__}-{table}")
                    daemon = self.start("--workers", "1", db=folder)
                    spoil(os.path.join(generation, table))
                    with daemon.connect() as client:
                        self.kill_worker(daemon)
                        wait_for("it is replaced", lambda d=daemon: len(d.logged("ready$")) == 2)
                        self.went_back(daemon, client, table)
                    daemon.close()

    def test_no_request_costs_a_generation(self):
        """What fails by what the client says is no damage, however often it is said."""
        folder, _ = self.index("asked")
        daemon = self.start("--workers", "1", db=folder)
        with daemon.connect() as client:
            for _ in range(10):
                for cursor in ("gen-000001:5", "gen-000009:5", "gen-000002:99999", ":", "gen-000002:4294967296"):
                    client.ask("search", {"q": "ville", "cursor": cursor})
                client.ask("document", {"id": "nowhere"})
                client.ask("search", {"q": "ville NEAR"})
            self.assertEqual(self.served(client), (40, "gen-000002"))
            self.assertIsNone(self.refused(client))
            self.assertEqual(daemon.logged("index refused"), [])

    def test_mended_in_place(self):
        """The file comes back as it was: no new generation is needed."""
        folder, generation = self.index("mended")
        table = os.path.join(generation, "inverted")
        with open(table, "rb") as file:
            data = file.read()
        daemon = self.start("--workers", "1", db=folder)
        garbage(table)
        with daemon.connect() as client:
            self.kill_worker(daemon)
            wait_for("it is replaced", lambda: len(daemon.logged("ready$")) == 2)
            self.went_back(daemon, client, "inverted")
            overwrite(table, data)
            wait_for("it is served again", lambda: self.served(client) == (40, "gen-000002"))
            self.assertIsNone(self.refused(client))

    def test_at_the_start(self):
        """A restart is no worse than going on: the one before is served, and it is said."""
        folder, generation = self.index("start")
        garbage(os.path.join(generation, "postlist.glass"))
        daemon = self.start("--workers", "1", "--metrics", "127.0.0.1:0", listen=("127.0.0.1:0",), db=folder)
        with daemon.connect() as client:
            self.went_back(daemon, client, "postlist.glass")
            self.assertEqual(self.metric(daemon), "voisin_index_refused 1")
            self.comes_back(daemon, folder, client)
            self.assertEqual(self.metric(daemon), "voisin_index_refused 0")

    def metric(self, daemon):
        address = next(line for line in daemon.log if "metrics" in line).split("address=")[1].split()[0]
        with urllib.request.urlopen(f"http://{address}/metrics", timeout=harness.PATIENCE) as page:
            return next(line for line in page.read().decode().splitlines() if line.startswith("voisin_index_refused"))

    def test_nothing_to_go_back_to(self):
        """Each request is told so, and the next whole generation ends it."""
        folder, generation = self.index("alone", both=False)
        daemon = self.start("--workers", "1", db=folder)
        with daemon.connect() as client:
            for table in TABLES:
                cut(os.path.join(generation, table))
            self.kill_worker(daemon)
            wait_for("requests are told", lambda: self.served(client) == "corrupt")
            self.assertIn("result", client.ask("ping"))
            harness.make_index(folder, AFTER[:30], "--full", "--allow-deletes")
            wait_for("the new one is served", lambda: self.served(client)[0] == 30)
        self.alive_on(daemon)

    def test_the_one_before_is_spoilt_too(self):
        folder, generation = self.index("both")
        first = os.path.join(folder, "gen-000001")
        garbage(os.path.join(first, "docdata.glass"))
        cut(os.path.join(generation, "docdata.glass"))
        done = subprocess.run([harness.program("voisind"), "--db", folder, "--listen", "127.0.0.1:0"], check=False,
                              stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=harness.PATIENCE)
        self.assertEqual(done.returncode, 2)
        self.assertIn("gen-000002/docdata.glass", done.stderr)

    def test_verify_finds_one_byte(self):
        """What no opening sees for certain: `voisin-index --verify` compares all, and the timer runs it."""
        folder, generation = self.index("byte")
        path = os.path.join(generation, "docdata.glass")
        with open(path, "r+b") as file:
            file.seek(os.path.getsize(path) // 2)
            byte = file.read(1)
            file.seek(-1, os.SEEK_CUR)
            file.write(bytes([byte[0] ^ 1]))
        done = subprocess.run([harness.program("voisin-index"), "--db", folder, "--verify"], check=False,
                              stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=harness.PATIENCE)
        self.assertEqual(done.returncode, 2)
        self.assertIn("docdata.glass is not as it was written", done.stdout + done.stderr)


if __name__ == "__main__":
    harness.main()
