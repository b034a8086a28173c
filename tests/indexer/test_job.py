# SPDX-License-Identifier: GPL-2.0-or-later
"""voisin-index as an unattended job: its configuration file, sources that go missing, files that get other names."""

import os
import shutil
import subprocess

import harness
from harness import INDEX, Case, Run


class Configured(Case):
    """A case with a configuration file in self.conf."""

    def setUp(self):
        super().setUp()
        self.conf = os.path.join(self.top, "voisin.conf")

    def configure(self, text):
        with open(self.conf, "w", encoding="utf-8") as file:
            file.write(text)

    def configure_sources(self, *names, more=""):
        """A file with a source for each name, in a folder of that name."""
        text = f"[index]\npath = {self.db}\n"
        for name in names:
            text += f"[source {name}]\npath = {self.folder(name)}\n"
        self.configure(text + more)

    def folder(self, name):
        path = os.path.join(self.top, name)
        os.makedirs(path, exist_ok=True)
        return path

    def job(self, *args):
        process = subprocess.run([INDEX, "--config", self.conf, *args], capture_output=True, timeout=300, check=False)
        return Run(process, process.stdout, process.stderr)

    def said(self, run, code, *texts):
        self.assertEqual(run.code, code, run)
        for text in texts:
            self.assertIn(text, run.err + run.out, run)


class Configuration(Configured):
    def test_sources_are_indexed(self):
        self.configure_sources("afp", "rfi")
        self.write("a.txt", "Texte un", folder=self.folder("afp"))
        self.write("b.txt", "Texte deux", folder=self.folder("rfi"))
        self.check(self.job(), 0, added=2)
        self.check(self.job(), 0, unchanged=2)
        self.assertEqual(self.ids(), ["a.txt", "b.txt"])

    def test_db_goes_before_the_file(self):
        self.configure_sources("afp")
        self.write("a.txt", "Texte un", folder=self.folder("afp"))
        other = os.path.join(self.top, "other")
        self.check(self.job("--db", other), 0, added=1)
        self.assertFalse(os.path.exists(self.db))

    def test_excluded(self):
        self.configure_sources("afp", more="exclude = brouillons\nexclude = *.vieux.txt\nexclude = 2016/mai/*\n")
        for name in ("a.txt", "brouillons/b.txt", "x/brouillons/c.txt", "d.vieux.txt", "2016/mai/e.txt",
                     "2016/mai.txt", "y/2016/mai/f.txt"):
            self.write(name, "Texte de " + name, folder=self.folder("afp"))
        self.check(self.job(), 0, added=3)
        self.assertEqual(self.ids(), ["2016/mai.txt", "a.txt", "y/2016/mai/f.txt"])

    def test_a_file_that_is_excluded_now_is_deleted(self):
        self.configure_sources("afp")
        self.write("a.txt", "Texte un", folder=self.folder("afp"))
        self.write("b.txt", "Texte deux", folder=self.folder("afp"))
        self.check(self.job(), 0, added=2)
        self.configure_sources("afp", more="exclude = b.*\n")
        self.check(self.job(), 0, deleted=1, unchanged=1)

    def test_what_is_wrong_is_said(self):
        folder = self.folder("afp")
        index = f"[index]\npath = {self.db}\n"
        for text, said in (
                ("", "does not say where the index is: [index], path = DIR"),
                (f"[source a]\npath = {folder}\n", "does not say where the index is: [index], path = DIR"),
                (index, "has no section [source NAME]"),
                (index + "[source a]\n", "voisin.conf:3: [source a] has no path"),
                (index + "[source a]\npath = afp\n", "voisin.conf:4: path: the path must begin with /"),
                ("[index]\npath = db\n", "voisin.conf:2: path: the path must begin with /"),
                (index + "[source a]\npfad = x\n", 'voisin.conf:4: [source] has no key "pfad"'),
                (index + "[sauce a]\n", "voisin.conf:3: there is no section [sauce]"),
                (index + f"[source a]\npath = {folder}\n[watch]\nquiet = 2\n",
                 "voisin.conf:6: quiet: the unit is missing; units are ms, s, min, h, d")):
            self.configure(text)
            for args in ((), ("--check",)):
                self.said(self.job(*args), 2, said)
        self.assertEqual(sorted(os.listdir(self.top)), ["afp", "docs", "voisin.conf"])

    def test_another_programs_section_is_none_of_our_business(self):
        self.configure_sources("afp", more="[daemon]\nanything = 1\n")
        self.said(self.job("--check"), 0, "all right: 1 source, for the index " + self.db)

    def test_check_names_everything_and_touches_nothing(self):
        self.configure_sources("afp", "rfi", more=f"[source c]\npath = {self.top}/afp/sous\n"
                                                  f"[source d]\npath = {self.top}/missing\n"
                                                  f"[source e]\npath = {self.conf}\n")
        self.folder("afp/sous")
        run = self.job("--check")
        self.said(run, 2, "voisin.conf:7: [source c] and [source afp] have files in common, below",
                  "voisin.conf:10: path: cannot open", "voisin.conf:12: path:")
        self.assertEqual(len(run.err.splitlines()), 3, run)
        self.configure_sources("afp", "rfi")
        self.said(self.job("--check"), 0, "all right: 2 sources")
        self.assertFalse(os.path.exists(self.db))
        self.configure(f"[index]\npath = {self.top}/no/where\n[source a]\npath = {self.docs}\n")
        self.said(self.job("--check"), 2, "cannot be made")

    def test_a_missing_source_ends_the_run_before_it_begins(self):
        self.configure_sources("afp", "rfi")
        self.write("a.txt", "Texte un", folder=self.folder("afp"))
        os.rmdir(self.folder("rfi"))
        self.said(self.job(), 2, "voisin.conf:6: path: cannot open")
        self.assertFalse(os.path.exists(self.db))

    def test_config_and_paths(self):
        self.configure_sources("afp")
        self.said(self.job(self.docs), 2, "either --config or paths")

    def test_dry_run(self):
        self.configure_sources("afp")
        self.write("a.txt", "Texte un", folder=self.folder("afp"))
        self.check(self.job("--dry-run"), 0, added=1)
        self.assertFalse(os.path.exists(self.db))


class Deletes(Configured):
    def fill(self, name, n):
        for i in range(n):
            self.write(f"{name}{i}.txt", f"Texte {i} de {name}", folder=self.folder(name))

    def test_a_small_source_does_not_hide_behind_a_large_one(self):
        self.configure_sources("grande", "petite")
        self.fill("grande", 100)
        self.fill("petite", 15)
        self.check(self.job(), 0, added=115)
        shutil.rmtree(self.folder("petite"))
        self.folder("petite")  # as a mount point without its file system
        run = self.job()
        self.check(run, 2, unchanged=100)
        self.said(run, 2, "15 of 15 known documents of source petite are no longer there, and none was deleted")
        self.said(self.job("--full"), 2, "15 of 15 known documents of source petite")
        self.assertEqual(len(self.ids()), 115)
        self.check(self.job("--dry-run"), 2, unchanged=100)
        self.check(self.job("--allow-deletes"), 0, unchanged=100, deleted=15)
        self.assertEqual(len(self.ids()), 100)

    def test_a_fifth_may_go(self):
        self.configure_sources("afp")
        self.fill("afp", 60)
        self.check(self.job(), 0, added=60)
        for i in range(12):
            os.remove(os.path.join(self.folder("afp"), f"afp{i}.txt"))
        self.check(self.job(), 0, unchanged=48, deleted=12)
        for i in range(12, 23):
            os.remove(os.path.join(self.folder("afp"), f"afp{i}.txt"))
        self.check(self.job(), 2, unchanged=37)

    def test_what_is_added_stays_when_deleting_is_refused(self):
        self.configure_sources("a", "b")
        self.fill("a", 20)
        self.check(self.job(), 0, added=20)
        shutil.rmtree(self.folder("a"))
        self.folder("a")
        self.fill("b", 3)
        self.check(self.job(), 2, added=3)
        self.assertEqual(len(self.ids()), 23)


class Moves(Configured):
    def test_renamed_text_gets_the_id_of_its_new_name(self):
        self.write("alep.txt", "L’armée à Alep\n\nUn texte. Une autre phrase.\n\nUn paragraphe.")
        self.write("autre.txt", "Autre\n\nUn autre texte.")
        self.check(self.run_index(), 0, added=2)
        os.makedirs(os.path.join(self.docs, "2016"))
        os.rename(os.path.join(self.docs, "alep.txt"), os.path.join(self.docs, "2016/alep.txt"))
        self.check(self.run_index("--dry-run"), 0, unchanged=1, moved=1)
        self.check(self.run_index(), 0, unchanged=1, moved=1)
        after = self.dump()
        self.assertEqual(sorted(after), ["2016/alep.txt", "autre.txt"])
        moved = after["2016/alep.txt"]
        self.check(self.run_index(), 0, unchanged=2)
        self.check(self.run_index("--full"), 0, added=2)
        self.assertEqual(self.dump()["2016/alep.txt"], moved)

    def test_renamed_folder(self):
        for i in range(50):
            self.write(f"vieux/{i}.txt", f"Titre {i}\n\nTexte {i}")
        self.write_jsonl("vieux/j.jsonl", [{"id": f"j{i}", "text": f"texte {i}"} for i in range(30)])
        self.check(self.run_index(), 0, added=80)
        os.rename(os.path.join(self.docs, "vieux"), os.path.join(self.docs, "neuf"))
        self.check(self.run_index(), 0, moved=80)
        ids = [f"neuf/{i}.txt" for i in range(50)] + [f"j{i}" for i in range(30)]
        self.assertEqual(self.ids(), sorted(ids))
        self.check(self.run_index(), 0, unchanged=80)
        shutil.rmtree(os.path.join(self.docs, "neuf"))
        self.check(self.run_index("--allow-deletes"), 0, deleted=80)

    def test_rotated_names(self):
        """jour.txt becomes hier.txt, and a new jour.txt appears: no id is in the way of another."""
        self.write("jour.txt", "Lundi\n\nTexte de lundi")
        self.check(self.run_index(), 0, added=1)
        os.rename(os.path.join(self.docs, "jour.txt"), os.path.join(self.docs, "hier.txt"))
        self.write("jour.txt", "Mardi\n\nTexte de mardi, plus long")
        self.check(self.run_index(), 0, added=1, changed=1)
        after = self.dump()
        self.assertEqual(after["hier.txt"]["text"], "Texte de lundi")
        self.assertEqual(after["jour.txt"]["text"], "Texte de mardi, plus long")

    def test_copy_is_no_move(self):
        self.write("a.txt", "Titre\n\nTexte")
        self.check(self.run_index(), 0, added=1)
        self.write("b.txt", "Titre\n\nTexte")
        self.check(self.run_index(), 0, added=1, unchanged=1)
        self.assertEqual(self.ids(), ["a.txt", "b.txt"])

    def test_one_vanished_two_appeared(self):
        self.write("a.txt", "Titre\n\nTexte")
        self.check(self.run_index(), 0, added=1)
        os.remove(os.path.join(self.docs, "a.txt"))
        self.write("b.txt", "Titre\n\nTexte")
        self.write("c.txt", "Titre\n\nTexte")
        self.check(self.run_index(), 0, added=1, moved=1)
        self.assertEqual(self.ids(), ["b.txt", "c.txt"])
        self.check(self.run_index(), 0, unchanged=2)

    def test_same_size_other_bytes(self):
        self.write("a.txt", "Titre\n\nTexte un")
        self.check(self.run_index(), 0, added=1)
        os.remove(os.path.join(self.docs, "a.txt"))
        self.write("b.txt", "Titre\n\nTexte de")
        self.check(self.run_index(), 0, added=1, deleted=1)
        self.assertEqual(self.ids(), ["b.txt"])

    def test_between_sources(self):
        self.configure_sources("afp", "rfi")
        for i in range(20):
            self.write(f"{i}.txt", f"Texte {i}", folder=self.folder("afp"))
        self.check(self.job(), 0, added=20)
        for i in range(20):
            os.rename(f"{self.folder('afp')}/{i}.txt", f"{self.folder('rfi')}/r{i}.txt")
        self.check(self.job(), 0, moved=20)
        self.assertEqual(self.ids(), sorted(f"r{i}.txt" for i in range(20)))

    def test_text_that_is_named_as_jsonl_is_other_documents(self):
        self.write("a.txt", '{"id": "x", "text": "un texte"}\n')
        self.check(self.run_index(), 0, added=1)
        os.rename(os.path.join(self.docs, "a.txt"), os.path.join(self.docs, "a.jsonl"))
        self.check(self.run_index(), 0, added=1, deleted=1)
        self.assertEqual(self.ids(), ["x"])


class KnownRecords(Case):
    """The table of known records: what is passed over unread is what would have been read."""

    COUNT = 40

    def setUp(self):
        super().setUp()
        self.table = os.path.join(self.db, "known-records")
        self.records = [self.record(i, f"texte {i}") for i in range(self.COUNT)]
        self.put()
        self.check(self.run_index(), 0, added=self.COUNT)

    def record(self, i, text):
        return {"id": f"r{i}", "title": f"Titre {i}", "date": "2016-12-07", "text": text}

    def put(self):
        self.write_jsonl("a.jsonl", self.records)

    def check_as_anew(self):
        """The index is what a build of the same files is."""
        updated = self.dump()
        self.check(self.run_index("--full"), 0, added=len(updated))
        self.assertEqual(self.dump(), updated)

    def change(self):
        self.records[3] = self.record(3, "un autre texte")
        del self.records[7]
        self.records.append(self.record(99, "un texte neuf"))
        self.put()

    def check_change(self, others=0):
        self.change()
        self.check(self.run_index(), 0, added=1, changed=1, deleted=1, unchanged=self.COUNT - 2 + others)

    def test_changed(self):
        self.check_change()
        self.check_as_anew()

    def test_there_and_back(self):
        first = list(self.records)
        for i in range(3):
            self.records = [self.record(5, f"cinq {i}") if r["id"] == "r5" else r for r in first]
            self.put()
            self.check(self.run_index(), 0, changed=1, unchanged=self.COUNT - 1)
            self.records = list(first)
            self.put()
            self.check(self.run_index(), 0, changed=1, unchanged=self.COUNT - 1)
        self.check_as_anew()

    def test_twice_in_a_file(self):
        self.records += [self.records[2], self.record(4, "un autre quatre")]
        self.put()
        run = self.run_index()
        self.check(run, 1, unchanged=self.COUNT, refused=2)
        self.assertEqual(run.err.count("duplicate id"), 2)

    def test_changed_before_it_comes_as_it_was(self):
        self.records.insert(0, self.record(9, "un autre neuf"))
        self.put()
        self.check(self.run_index(), 1, changed=1, unchanged=self.COUNT - 1, refused=1)
        self.assertEqual(self.dump()["r9"]["text"], "un autre neuf")
        del self.records[0]
        self.put()
        self.check(self.run_index(), 0, changed=1, unchanged=self.COUNT - 1)
        self.assertEqual(self.dump()["r9"]["text"], "texte 9")

    def test_moved_to_another_file(self):
        self.write_jsonl("b.jsonl", self.records[20:])
        del self.records[20:]
        self.put()
        self.check(self.run_index(), 0, unchanged=self.COUNT)
        self.records = self.records[:10]
        self.put()
        self.check(self.run_index(), 0, unchanged=self.COUNT - 10, deleted=10)
        self.check_as_anew()

    def test_deleted_and_back(self):
        kept = self.records
        self.records = kept[:30]
        self.put()
        self.check(self.run_index(), 0, unchanged=30, deleted=10)
        self.records = kept
        self.put()
        self.check(self.run_index(), 0, unchanged=30, added=10)
        self.check_as_anew()

    def test_missing(self):
        os.remove(self.table)
        self.check_change()
        self.assertTrue(os.path.exists(self.table))
        self.records[0] = self.record(0, "zéro autrement")
        self.put()
        self.check(self.run_index(), 0, changed=1, unchanged=self.COUNT - 1)
        self.check_as_anew()

    def test_any_byte_damaged(self):
        with open(self.table, "rb") as file:
            whole = file.read()
        for round, at in enumerate((0, 16, 24, 40, 50, 64, 80, 83, len(whole) - 1)):
            with open(self.table, "wb") as file:
                file.write(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1:])
            self.records[1] = self.record(1, f"un, pour la fois {round}")
            self.put()
            self.check(self.run_index(), 0, changed=1, unchanged=self.COUNT - 1)
        self.check_change()
        self.check_as_anew()

    def test_of_another_state(self):
        with open(self.table, "rb") as file:
            old = file.read()
        first = list(self.records)
        self.check_change()
        with open(self.table, "wb") as file:
            file.write(old)
        self.records = first
        self.put()
        self.check(self.run_index(), 0, added=1, changed=1, deleted=1, unchanged=self.COUNT - 2)
        self.check_as_anew()

    def test_a_run_that_changes_other_files_keeps_it(self):
        before = os.stat(self.table).st_size
        self.write("c.txt", "Titre\n\nUn texte")
        self.check(self.run_index(), 0, added=1, unchanged=self.COUNT)
        self.assertEqual(os.stat(self.table).st_size, before)
        self.check_change(others=1)

    def test_a_dry_run_reads_all(self):
        self.change()
        self.check(self.run_index("--dry-run"), 0, added=1, changed=1, deleted=1, unchanged=self.COUNT - 2)
        self.check(self.run_index(), 0, added=1, changed=1, deleted=1, unchanged=self.COUNT - 2)

    def test_a_date_that_goes_by_the_mtime(self):
        """A day at the head of a text counts where it is not later than the file: another mtime, another document."""
        record = {"id": "jour", "text": "Paris, le 7 décembre 2016\n\nUn texte."}
        path = self.write_jsonl("d.jsonl", [record])
        os.utime(path, (10**9, 10**9))
        self.check(self.run_index(), 0, added=1, unchanged=self.COUNT)
        self.assertEqual(self.dump()["jour"]["dated"], "")
        path = self.write_jsonl("d.jsonl", [record, {"id": "autre", "text": "Un autre texte."}])
        self.check(self.run_index(), 0, added=1, changed=1, unchanged=self.COUNT)
        self.assertEqual(self.dump()["jour"]["date"], "2016-12-07")


class KnownFiles(Configured):
    """The table of known files is a copy: whatever becomes of it, the answers stay."""

    def setUp(self):
        super().setUp()
        self.table = os.path.join(self.db, "known-files")
        for i in range(30):
            self.write(f"{i}.txt", f"Titre {i}\n\nTexte {i}")
        self.check(self.run_index(), 0, added=30)

    def change(self):
        self.write("3.txt", "Titre 3\n\nUn autre texte")
        os.remove(os.path.join(self.docs, "4.txt"))
        os.rename(os.path.join(self.docs, "5.txt"), os.path.join(self.docs, "cinq.txt"))
        self.write("neuf.txt", "Titre\n\nUn texte neuf")

    def check_change(self):
        self.change()
        self.check(self.run_index(), 0, added=1, changed=1, deleted=1, unchanged=27, moved=1)
        self.check(self.run_index(), 0, unchanged=30)

    def test_whole(self):
        before = os.stat(self.table).st_ino, os.stat(self.table).st_mtime_ns
        self.check(self.run_index(), 0, unchanged=30)
        self.assertEqual((os.stat(self.table).st_ino, os.stat(self.table).st_mtime_ns), before)
        self.check_change()
        self.assertNotEqual((os.stat(self.table).st_ino, os.stat(self.table).st_mtime_ns), before)

    def test_missing(self):
        os.remove(self.table)
        self.check_change()
        self.assertTrue(os.path.exists(self.table))

    def test_missing_and_nothing_changed(self):
        os.remove(self.table)
        self.check(self.run_index(), 0, unchanged=30)
        self.assertTrue(os.path.exists(self.table))

    def test_any_byte_damaged(self):
        with open(self.table, "rb") as file:
            whole = file.read()
        for at in (0, 20, 24, 33, 50, 64, 70, 100, len(whole) - 1):
            with open(self.table, "wb") as file:
                file.write(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1:])
            self.check(self.run_index(), 0, unchanged=30)
            with open(self.table, "rb") as file:
                self.assertEqual(file.read(), whole)
        self.check_change()

    def test_cut_short(self):
        with open(self.table, "rb") as file:
            whole = file.read()
        for length in (0, 10, 63, 64, 100, len(whole) - 56, len(whole) - 1):
            with open(self.table, "wb") as file:
                file.write(whole[:length])
            self.check(self.run_index(), 0, unchanged=30)

    def test_of_another_state(self):
        with open(self.table, "rb") as file:
            old = file.read()
        self.change()
        self.check(self.run_index(), 0, added=1, changed=1, deleted=1, unchanged=27, moved=1)
        with open(self.table, "wb") as file:
            file.write(old)
        self.check(self.run_index(), 0, unchanged=30)

    def test_that_is_no_file(self):
        os.remove(self.table)
        os.mkfifo(self.table)
        self.check(self.run_index(), 0, unchanged=30)

    def test_of_a_part_of_the_sources(self):
        other = self.folder("other")
        self.write("o.txt", "Autre texte", folder=other)
        self.check(self.run_index(other), 0, added=1)
        self.check(self.run_index(), 0, unchanged=30)
        os.remove(os.path.join(other, "o.txt"))
        self.check(self.run_index(), 0, unchanged=30)
        self.check(self.run_index(other), 0, deleted=1)


harness.main()
