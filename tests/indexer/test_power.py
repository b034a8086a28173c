# SPDX-License-Identifier: GPL-2.0-or-later
"""F3: the power goes at any moment of two builds and three updates.

All changes of the index folder are recorded once; then the disk as it may be after the power went is laid out again and
again (power.py): at points drawn by chance, half of them near a commit or a publication, under each of three rules for
names.  What a run, a publication or a commit had reported done must be there, whole; the next run must complete the rest.
The seed is printed, and may be given in SEED; POINTS is how many.
"""

import os
import random
import shutil

import fault
import power

POINTS = int(os.environ.get("POINTS", "51"))
DOCUMENTS = 1300


class Power(fault.Case):
    def setUp(self):
        super().setUp()
        self.area = os.path.join(self.top, "area")
        self.db = os.path.join(self.area, "db")
        self.log = os.path.join(self.top, "log")
        os.mkdir(self.area)
        with open(self.log, "wb"):
            pass
        self.plan = fault.Plan(self.top, self.area, self.log)

    def lay_out(self, version):
        shutil.rmtree(self.docs)
        self.write_jsonl("a.jsonl", [{"id": f"j{i}", "title": f"Titre {i}", "date": "2016-12-07",
                                      "text": f"Le texte {i} de la version {version if i % 7 else 0}, à Alep."}
                                     for i in range(20 * version, DOCUMENTS)])
        self.write(f"moved-{version}.txt", "Un autre titre\nLa même chose.")

    def record(self):
        for version, args in enumerate(([], [], ["--full"], [], [])):
            self.lay_out(min(version, 3))
            run = self.run_planned("--allow-deletes", *args)
            self.assertEqual(run.code, 0, run)
            power.mark(self.log)
        self.final = self.dump()
        return power.read_log(self.log)

    @staticmethod
    def is_commit(entry):
        """A name by which readers see another state: `current`, or the version file of a generation that is served."""
        kind, _, other, *_ = entry
        return kind == power.RENAME and ".tmp/" not in other and os.path.basename(other) in ("current", "iamglass")

    def checkpoints(self, entries):
        """[(entry that makes a state visible, entry that makes it sure, the documents)]"""
        found = [(-1, -1, None)]
        for at, entry in enumerate(entries):
            if not self.is_commit(entry):
                continue
            # The folder is synced next; what another process does in between is no matter.
            sure = next(n for n in range(at + 1, len(entries)) if entries[n][0] == power.SYNC)
            found.append((at, sure, self.documents(power.whole(self.area, entries[:at + 1]))))
        return found

    def documents(self, left):
        """What an index holds; None where there is none."""
        shutil.rmtree(self.area)
        os.mkdir(self.area)
        power.lay_out(left, self.area)
        return self.dump() if os.path.isdir(self.db) else None

    def try_point(self, entries, checkpoints, at, rule, chance):
        sure = max(n for n, point in enumerate(checkpoints) if point[1] < at)
        last = max(n for n, point in enumerate(checkpoints) if point[0] < at)
        found = self.documents(power.Disk(self.area).power(rule, entries[:at], chance))
        allowed = [point[2] for point in checkpoints[sure:last + 1]]
        self.assertTrue(any(found == one for one in allowed),
                        f"{None if found is None else len(found)} documents; {[one and len(one) for one in allowed]}")
        if found is not None:
            self.verify()
        if chance.random() < 0.3:
            run = self.run_index("--allow-deletes")
            self.assertEqual(run.code, 0, run)
            self.assertEqual(self.dump(), self.final)
            self.verify()

    def test_power_cuts(self):
        seed = os.environ.get("SEED", str(random.randrange(1 << 32)))
        chance = random.Random(seed)
        entries = self.record()
        checkpoints = self.checkpoints(entries)
        print("seed", seed, "changes", len(entries), "states", len(checkpoints), flush=True)
        # Nothing, the two builds, and two updates, of which the first has more than one commit.
        self.assertGreaterEqual(len(checkpoints), 6)
        self.assertEqual(checkpoints[-1][2], self.final)
        ends = [n + 1 for n, entry in enumerate(entries) if entry[0] == power.MARK]
        near = [n for visible, _, _ in checkpoints[1:] for n in range(visible - 12, visible + 12) if n < len(entries)]
        for point in range(POINTS):
            rule = power.RULES[point % 3]
            at = chance.choice(ends) if point < 9 else chance.choice(near) if point % 2 else chance.randrange(len(entries))
            with self.subTest(seed=seed, point=point, rule=rule, at=at):
                self.try_point(entries, checkpoints, at, rule, chance)


if __name__ == "__main__":
    fault.harness.main()
