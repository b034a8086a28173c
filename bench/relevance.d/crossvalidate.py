#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""crossvalidate: what choosing among settings is worth on queries that had no part in the choice.

    bench/relevance.d/crossvalidate.py SCORES [FOLDS]

SCORES is what `bench/relevance --scores` wrote for several settings: label, set, nDCG@10 of each query.  The queries
of each set are dealt into FOLDS parts (5); for each part the label is taken that is best on the others, averaged over
the sets, and scored on that part.  Prints the labels by their mean, and the held-out mean of what was chosen.
"""
import random
import sys

import metrics


def read(path):
    scores = {}
    with open(path, encoding="utf-8") as file:
        for line in file:
            label, name, *values = line.rstrip("\n").split("\t")
            scores.setdefault(label, {})[name] = [float(v) for v in values]
    sets = sorted(next(iter(scores.values())))
    return {label: by_set for label, by_set in scores.items() if sorted(by_set) == sets}, sets


def deal(scores, sets, folds, seed=1):
    """The fold of each query of each set."""
    source = random.Random(seed)
    some = next(iter(scores.values()))
    dealt = {}
    for name in sets:
        dealt[name] = [i % folds for i in range(len(some[name]))]
        source.shuffle(dealt[name])
    return dealt


def mean_of(by_set, sets, takes):
    return metrics.mean(metrics.mean(v for i, v in enumerate(by_set[name]) if takes(name, i)) for name in sets)


def main():
    if len(sys.argv) not in (2, 3):
        sys.exit(__doc__)
    folds = int(sys.argv[2]) if len(sys.argv) == 3 else 5
    scores, sets = read(sys.argv[1])
    dealt = deal(scores, sets, folds)
    for label, by_set in sorted(scores.items(), key=lambda item: -mean_of(item[1], sets, lambda n, i: True))[:10]:
        print("%.4f  %s" % (mean_of(by_set, sets, lambda n, i: True), label))
    held_out = []
    for fold in range(folds):
        best = max(scores, key=lambda label: mean_of(scores[label], sets, lambda n, i: dealt[n][i] != fold))
        held_out.append(mean_of(scores[best], sets, lambda n, i: dealt[n][i] == fold))
        print("fold %d: %.4f with %s" % (fold, held_out[-1], best))
    print("held-out mean: %.4f of %d settings" % (metrics.mean(held_out), len(scores)))


if __name__ == "__main__":
    main()
