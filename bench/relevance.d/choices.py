# SPDX-License-Identifier: GPL-2.0-or-later
"""What was chosen for the ranking, and each choice undone alone: a name for the reader, and constants of query/plan and invfile."""

CHOICES = [
    ("everything as it is", []),
    ("common words weigh as much as any", ["WEIGHTS_COMMON=1.0"]),
    ("common words weigh next to nothing", ["WEIGHTS_COMMON=0.1"]),
    ("*k1* as Xapian has it", ["BM25_K1=1.0"]),
    ("*b* as Xapian has it", ["BM25_B=0.5"]),
    ("without the form as typed", ["RANK_FORM=0.0"]),
    ("without kin", ["RANK_KIN=0.0"]),
    ("without closeness", ["RANK_CLOSE=0.0"]),
    ("without earliness", ["RANK_EARLY=0.0"]),
    ("without kin in the stead of absent words", ["ABSENT_KIN=0.0"]),
    ("the ten best put in order, not thirty", ["RANK_WINDOW=10"]),
    ("the hundred best", ["RANK_WINDOW=100"]),
    ("none of it: BM25 over stems as Xapian has it", [
        "WEIGHTS_COMMON=1.0", "BM25_K1=1.0", "BM25_B=0.5", "RANK_FORM=0.0", "RANK_KIN=0.0", "RANK_CLOSE=0.0",
        "RANK_EARLY=0.0", "ABSENT_KIN=0.0"]),
]
