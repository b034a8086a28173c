#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""slips: how often is the right word suggested for a misspelled one, and how fast?

    bench/suggest/slips.py SOCKET DOCS.jsonl [N]

SOCKET is a voisind's on an index of DOCS.jsonl.  N (1000) words of four letters or more, half of them drawn from the
distinct words that three articles or more hold, half from the running text, get one slip each, of each kind in
turn.  A slip that is a word of the articles itself is none, and is drawn again.  The seed is fixed.
"""
import collections
import json
import random
import re
import socket
import statistics
import sys
import time
import unicodedata

KEYS = ["azertyuiop", "qsdfghjklm", "wxcvbn"]


def fold(text):
    text = text.lower().replace("œ", "oe").replace("æ", "ae")
    return "".join(c for c in unicodedata.normalize("NFD", text) if not unicodedata.combining(c))


def neighbours(letter):
    for row, keys in enumerate(KEYS):
        if letter in keys:
            column = keys.index(letter)
            return [KEYS[r][c] for r in (row - 1, row, row + 1) for c in (column - 1, column, column + 1)
                    if 0 <= r < 3 and 0 <= c < len(KEYS[r]) and (r, c) != (row, column)]
    return [letter]


def slip(kind, word, rng):
    i = rng.randrange(len(word))
    if kind == "adjacent key":
        return word[:i] + rng.choice(neighbours(word[i])) + word[i + 1:]
    if kind == "missing letter":
        return word[:i] + word[i + 1:]
    if kind == "doubled letter":
        return word[:i] + word[i] + word[i:]
    i = min(i, len(word) - 2)
    return word[:i] + word[i + 1] + word[i] + word[i + 2:]


class Daemon:
    def __init__(self, path):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.connect(path)
        self.lines = self.socket.makefile("rb")

    def ask(self, method, **params):
        line = json.dumps({"jsonrpc": "2.0", "id": 1, "method": method, "params": params}) + "\n"
        begun = time.perf_counter()
        self.socket.sendall(line.encode())
        reply = json.loads(self.lines.readline())
        return reply["result"], (time.perf_counter() - begun) * 1000


def read_words(path):
    """Article counts of the folded words, and the spellings that have an accent."""
    counts, running, accented = collections.Counter(), [], {}
    with open(path, encoding="utf-8") as file:
        for line in file:
            words = re.findall(r"[a-zà-öø-ÿœ]{4,}", json.loads(line)["text"].lower())
            counts.update({fold(word) for word in words})
            running += [fold(word) for word in words[:20]]
            accented.update((word, fold(word)) for word in words[:20] if fold(word) != word)
    return counts, running, accented


def main():
    daemon, number = Daemon(sys.argv[1]), int(sys.argv[3]) if len(sys.argv) > 3 else 1000
    rng = random.Random(20161213)
    counts, running, accented = read_words(sys.argv[2])
    known = sorted(word for word, count in counts.items() if count >= 3)
    kinds = ["adjacent key", "missing letter", "doubled letter", "exchanged letters"]
    first, three, times = collections.Counter(), collections.Counter(), []
    total = collections.Counter()
    while not daemon.ask("suggest", q="a")[0]["completions"]:
        pass  # the words are being read
    for i in range(number):
        kind, pool = kinds[i % 4], "distinct" if i // 4 % 2 == 0 else "running"
        word = wrong = ""
        while wrong == word or wrong in counts:
            word = rng.choice(known if pool == "distinct" else running)
            wrong = slip(kind, word, rng)
        result, ms = daemon.ask("suggest", q=wrong, limit=3)
        times.append(ms)
        found = [fold(c["word"]) for c in result["corrections"] or result["completions"]]
        for key in (kind, pool, "all"):
            total[key] += 1
            first[key] += found[:1] == [word]
            three[key] += word in found[:3]
    print(f"{'slip':20} {'number':>6} {'first':>7} {'of three':>8}")
    for key in kinds + ["distinct", "running", "all"]:
        print(f"{key:20} {total[key]:6} {first[key] / total[key]:7.1%} {three[key] / total[key]:8.1%}")
    print(f"a correction: median {statistics.median(times):.2f} ms, at the 99th percentile "
          f"{sorted(times)[len(times) * 99 // 100]:.2f} ms")
    times = [daemon.ask("suggest", q=word[:rng.randint(1, len(word))])[1] for word in rng.sample(running, 1000)]
    print(f"a completion: median {statistics.median(times):.2f} ms, at the 99th percentile "
          f"{sorted(times)[990]:.2f} ms")
    words = rng.sample(sorted(accented), 250)
    same = sum(daemon.ask("search", q=accented[word], limit=0, total="exact")[0]["total"]["value"] >=
               daemon.ask("search", q=word, limit=0, total="exact")[0]["total"]["value"] or
               any(word in hint["loose"] for hint in
                   daemon.ask("search", q=accented[word], limit=0)[0].get("hints", [])) for word in words)
    print(f"accents left out: of {len(words)} accented words {same / len(words):.1%} are found as well, or hinted at")


main()
