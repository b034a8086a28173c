# SPDX-License-Identifier: GPL-2.0-or-later
"""Why a peer counts what the others do not: each known reason is tried on the text itself, and holds only if it gives that count.

    Groonga   counts the words between from the end of the query's first word to the end of its second, so that NEAR is one word wider in
              the order of the query and one narrower in the other.
"""
import bisect

MOST_DOCUMENTS = 300000  # reading more takes minutes
REASONS = {
    ("groonga", "near"): ("its NEAR allows 11 words between in the order of the query and 9 in the other", 12, 10),
}


def read_positions(path, words):
    """The positions of these words in each document that has one of them."""
    with open(path, encoding="utf-8") as file:
        for line in file:
            places = {}
            for position, word in enumerate(line.rstrip("\n").partition("\t")[2].split(" ")):
                if word in words:
                    places.setdefault(word, []).append(position)
            if places:
                yield places


def is_near(first, second, ahead, back):
    """Whether some position of `second` is at most `ahead` behind one of `first`, or at most `back` before it."""
    for place in first:
        i = bisect.bisect_left(second, place - back)
        if i < len(second) and second[i] <= place + ahead:
            return True
    return False


def counts_by(rule, queries, path):
    """How many documents each query (first, second) has by the rule, from the text."""
    _, ahead, back = rule
    wanted = {word for query in queries for word in query}
    counts = dict.fromkeys(queries, 0)
    for places in read_positions(path, wanted):
        for first, second in queries:
            if first in places and second in places and is_near(places[first], places[second], ahead, back):
                counts[first, second] += 1
    return counts


def find(results, stems):
    """[(peer, number of the query, its count, Voisin's count, reason or None)] of all counts that differ."""
    found = []
    base = results["counts"].get("voisin") or next(iter(results["counts"].values()))
    for peer in results["peers"]:
        differing = [i for i, count in enumerate(results["counts"][peer["key"]])
                     if peer["comparable"] and count not in (base[i], -1)] if peer["comparable"] else []
        found += check(results, peer["key"], differing, base, stems)
    return found


def check(results, key, differing, base, stems):
    rules = {}
    for i in differing:
        rule = REASONS.get((key, results["queries"][i][2]))
        if rule is not None and results["documents"] <= MOST_DOCUMENTS:
            rules.setdefault(rule, {})[i] = tuple(results["queries"][i][3].split(" "))
    reasons = {}
    for rule, queries in rules.items():
        counted = counts_by(rule, set(queries.values()), stems)
        reasons.update({i: rule[0] for i, query in queries.items() if counted[query] == results["counts"][key][i]})
    return [(key, i, results["counts"][key][i], base[i], reasons.get(i)) for i in differing]
