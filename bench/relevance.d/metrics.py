# SPDX-License-Identifier: GPL-2.0-or-later
"""What a ranked list is worth, and whether two systems differ.

Grades above 0 are relevant.  A query without any relevant document has no scores and must not be given.
nDCG is that of Järvelin and Kekäläinen (Cumulated gain-based evaluation of IR techniques, ACM TOIS 20(4), 2002)
with the grade itself as gain and the logarithm to base 2 of rank + 1.
"""
import math
import random

NAMES = ("hit@1", "hit@10", "R@100", "MRR@10", "nDCG@10")


def dcg(grades):
    return sum(grade / math.log2(rank + 1) for rank, grade in enumerate(grades, 1))


def ndcg(ranking, grades, depth):
    """Of the best possible list's gain, how much this one has; `grades` by document."""
    best = dcg(sorted((g for g in grades.values() if g > 0), reverse=True)[:depth])
    return dcg([max(grades.get(d, 0), 0) for d in ranking[:depth]]) / best


def hit(ranking, grades, depth):
    return float(any(grades.get(d, 0) > 0 for d in ranking[:depth]))


def recall(ranking, grades, depth):
    return sum(grades.get(d, 0) > 0 for d in ranking[:depth]) / sum(g > 0 for g in grades.values())


def reciprocal_rank(ranking, grades, depth):
    for rank, document in enumerate(ranking[:depth], 1):
        if grades.get(document, 0) > 0:
            return 1 / rank
    return 0.0


def scores(ranking, grades):
    """The five scores of one query, in the order of NAMES."""
    return (hit(ranking, grades, 1), hit(ranking, grades, 10), recall(ranking, grades, 100),
            reciprocal_rank(ranking, grades, 10), ndcg(ranking, grades, 10))


def mean(values):
    values = list(values)
    return math.fsum(values) / len(values)


def p_value(ours, theirs, draws=10000, seed=1):
    """Fisher's randomisation test, two-sided, of paired scores: the share of random exchanges within the pairs
    that set the means apart at least as far as they are (Smucker, Allan and Carterette, A comparison of statistical
    significance tests for information retrieval evaluation, CIKM 2007)."""
    differences = [a - b for a, b in zip(ours, theirs) if a != b]
    observed = abs(math.fsum(differences)) - 1e-9
    source = random.Random(seed)
    total = math.fsum(differences)
    extreme = 0
    for _ in range(draws):
        bits = source.getrandbits(len(differences) + 1)
        exchanged = 0.0
        for difference in differences:
            if bits & 1:
                exchanged += difference
            bits >>= 1
        extreme += abs(total - 2 * exchanged) >= observed
    return (extreme + 1) / (draws + 1)
