# SPDX-License-Identifier: GPL-2.0-or-later
"""deathly: queries that are made to hurt; tests/daemon/deaths.py and bench/deaths ask them."""
STOP = "de la le et les des un une du en que qui dans par pour sur au plus ne pas".split()
# In how many ways each is asked: ten hits; counted exactly; any word, sorted by closeness.
WAYS = ({"limit": 10}, {"limit": 0, "total": "exact"}, {"limit": 10, "operator": "or", "sort": "closeness"})


def nested(operator, depth, words=STOP):
    text = words[0]
    for i in range(depth):
        text = f"({text} {operator} {words[(i + 1) % len(words)]})"
    return text


def queries():
    """Name and query.  The first ones are beyond every bound; the others are as dear as the bounds let them be."""
    yield "100,000 unknown words", " ".join(f"zq{i}x" for i in range(100000))
    yield "4 KiB of unknown words", " ".join(f"zq{i}x" for i in range(560))
    yield "4 KiB of one word", "de " * 1300
    yield "a phrase of 4 KiB", '"' + "de la " * 650 + '"'
    yield "100,000 brackets", "(" * 100000 + "alep" + ")" * 100000
    yield "1,000 nested ANDs and ORs", "".join("de AND (la OR (" for _ in range(250)) + "le" + "))" * 250
    yield "a*", "a*"
    yield "26 prefixes of a letter", " ".join(f"{c}*" for c in "abcdefghijklmnopqrstuvwxyz")
    yield "four prefixes", "con* OR pré* OR dis* OR int*"
    yield "64 of the most frequent words", " OR ".join((STOP * 4)[:64])
    yield "AND of 64 of them", " ".join((STOP * 4)[:64])
    yield "16 phrases of stop words", " OR ".join(f'"{a} {b}"' for a, b in zip(STOP[:16], STOP[1:17]))
    yield "a phrase of 32 stop words", '"' + " ".join((STOP * 2)[:32]) + '"'
    yield "exactly that phrase", '="' + " ".join((STOP * 2)[:32]) + '"'
    yield "NEAR/50 of 16", "NEAR/50(" + ", ".join(STOP[:16]) + ")"
    yield "NEAR nested 15 deep", nested("NEAR/50", 15)
    yield "ADJ nested 15 deep, of one word", nested("ADJ/50", 15, ["de"])
    yield "NEAR of one word with itself", " NEAR/50 ".join(["de"] * 16)
    yield "NOT NEAR", "de NOT NEAR/50 (la NEAR/50 (le NEAR/50 les))"
    yield "SENT of phrases", '"de la" SENT "dans le" SENT ("et les" NEAR/50 "par la")'
    yield "PARA, nested", nested("PARA", 12)
    yield "exact forms in NEAR", "=de NEAR/50 (=la NEAR/50 (=les NEAR/50 =des))"
    yield "prefixes in NEAR", "(con* OR pré*) NEAR/50 (dis* OR int*)"
    yield "holes in a phrase", '"de * * * * la * * * * le"~50'
    yield "first words of stop words", "(de NEAR/50 la NEAR/50 le) DEBUT/5000"
    yield "at least 1,000", "de>=1000 OR la>=1000 OR le>=1000"
    yield "everything but a word", "date:0001..9999 NOT zzqx"
