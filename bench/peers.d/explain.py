# SPDX-License-Identifier: GPL-2.0-or-later
"""Why a peer counts what the others do not: each known reason is tried on the text itself, and holds only if it gives that count.

    Groonga      counts the words between from the end of the query's first word to the end of its second, so that NEAR is one word wider in
                 the order of the query and one narrower in the other.
    PostgreSQL   keeps 256 positions of a word, and none beyond 16,383 (its documentation, "Limitations" of text search).
"""
import bisect

MOST_DOCUMENTS = 300000  # reading more takes minutes
NEAR = 11  # from word to word: ten words between


class Rule:
    def __init__(self, reason, kinds, ahead=NEAR, back=NEAR, positions=None, last=None):
        self.reason, self.kinds, self.ahead, self.back = reason, kinds, ahead, back
        self.most, self.last = positions, last

    def kept(self, positions):
        """Those that the peer keeps of a word's positions; counted from 1, as it does."""
        if self.most is None:
            return positions
        return sorted({min(position, self.last) for position in positions})[:self.most]


RULES = {
    "groonga": Rule("its NEAR allows 11 words between in the order of the query and 9 in the other", ("near",), 12, 10),
    "postgres": Rule("it keeps 256 positions of a word and none beyond 16,383", ("phrase", "near", "phrasenear"),
                     positions=256, last=16383),
}


def read_positions(path, words):
    """The positions of these words in each document that has one of them."""
    with open(path, encoding="utf-8") as file:
        for line in file:
            places = {}
            for position, word in enumerate(line.rstrip("\n").partition("\t")[2].split(" "), 1):
                if word in words:
                    places.setdefault(word, []).append(position)
            if places:
                yield places


def phrases(terms, places):
    """Where the phrase begins."""
    others = [set(places[term]) for term in terms[1:]]
    return [place for place in places[terms[0]] if all(place + i + 1 in other for i, other in enumerate(others))]


def has_between(positions, first, last):
    i = bisect.bisect_left(positions, first)
    return i < len(positions) and positions[i] <= last


def is_near(starts, length, positions, rule):
    """Whether some position is near a phrase of that length which begins at one of `starts`: behind it, or before it."""
    return any(has_between(positions, start + length, start + length - 1 + rule.ahead) or
               has_between(positions, start - rule.back, start - 1) for start in starts)


def matches(rule, kind, terms, places):
    """Whether the query matches where its words stand so."""
    if any(term not in places for term in terms):
        return False
    if kind == "phrase":
        return bool(phrases(terms, places))
    *phrase, word = terms
    return is_near(phrases(phrase, places), len(phrase), places[word], rule)


def split(query):
    """(kind, terms) of a line of the queries."""
    return query[2], tuple(query[3].replace("|", " ").split(" "))


def counts_by(rule, queries, path):
    """How many documents each (kind, terms) has by the rule, from the text."""
    counts = dict.fromkeys(queries, 0)
    for places in read_positions(path, {word for _, terms in queries for word in terms}):
        kept = {word: rule.kept(positions) for word, positions in places.items()}
        for kind, terms in queries:
            counts[kind, terms] += matches(rule, kind, terms, kept)
    return counts


def reasons(results, key, differing, texts):
    """{number of a query: why its count differs}, for those for which that is known."""
    rule, found = RULES.get(key), {}
    if rule is None or results["documents"] > MOST_DOCUMENTS:
        return found
    for text in texts:
        queries = {i: split(results["queries"][i]) for i in differing
                   if results["queries"][i][1] == text and results["queries"][i][2] in rule.kinds}
        counted = counts_by(rule, set(queries.values()), texts[text]) if queries else {}
        found.update({i: rule.reason for i, query in queries.items() if counted[query] == results["counts"][key][i]})
    return found


def find(results, texts):
    """[(peer, number of the query, its count, Voisin's count, reason or None)] of all counts that differ; texts: {name: path}.

    -1 is of a query that one cannot say, and differs from nothing: for Voisin a prefix of more words than a query may have."""
    found = []
    base = results["counts"].get("voisin") or next(iter(results["counts"].values()))
    for peer in results["peers"]:
        counts = results["counts"][peer["key"]]
        differing = [i for i, count in enumerate(counts) if peer["comparable"] and -1 not in (count, base[i]) and count != base[i]]
        why = reasons(results, peer["key"], differing, texts)
        found += [(peer["key"], i, counts[i], base[i], why.get(i)) for i in differing]
    return found
