# SPDX-License-Identifier: GPL-2.0-or-later
"""The test sets: documents, queries and judgements, and how a question becomes a query."""
import json
import os
import re
import subprocess

# name: where the documents are, whether the queries are questions.
SETS = {
    "fquad_valid": ("fquad_valid/docs.jsonl", True),
    "piaf": ("piaf/docs.jsonl", True),
    "cnil_faq": ("cnil_faq/docs.jsonl", True),
    "afriqa_fr_fon": ("afriqa_fr_fon/docs.jsonl", True),
    "orangesum_title": ("orangesum_20k/docs.jsonl.zst", False),
    "orangesum_heading": ("orangesum_20k/docs.jsonl.zst", False),
}


def lines(path):
    if path.endswith(".zst"):
        text = subprocess.run(["zstd", "-dcq", path], stdout=subprocess.PIPE, check=True).stdout.decode()
    else:
        with open(path, encoding="utf-8") as file:
            text = file.read()
    return [json.loads(line) for line in text.split("\n") if line.strip()]


def documents(data, name):
    """Pairs of id and text.  The text alone: a title of cnil_faq is the very question."""
    return [(d["id"], d["text"]) for d in lines(os.path.join(data, SETS[name][0]))]


def queries(data, name):
    """Pairs of id and text, of those that have a relevant document; and the grades by query and document."""
    grades = {}
    with open(os.path.join(data, name, "qrels.tsv"), encoding="utf-8") as file:
        for line in file:
            query, document, grade = line.split()
            if int(grade) > 0:
                grades.setdefault(query, {})[document] = int(grade)
    asked = [(q["id"], q["text"]) for q in lines(os.path.join(data, name, "queries.jsonl"))]
    return [q for q in asked if q[0] in grades], grades


OPERATORS = {"AND", "ET", "OR", "OU", "NOT", "SAUF", "NEAR", "PRES", "PRÈS", "ADJ", "AVANT", "SENT", "PHRASE", "PARA",
             "PARAGRAPHE", "FIRST", "DEBUT", "DÉBUT"}
INNER = re.compile(r"(?<=\d)[.,](?=\d)|(?<=\w)['\u2019\u02bc](?=\w)|(?<=\b\w)\.(?=\w\b)")


def words(text):
    """A question as a query: its words and nothing of what the query language reads as more.  A hyphen becomes a
    blank, since a hyphenated word is a phrase and "trouve-t-il" is none that an answer would hold."""
    kept = {match.start() for match in INNER.finditer(text)}
    plain = "".join(c if c.isalnum() or i in kept or ord(c) in range(0x300, 0x370) else " " for i, c in enumerate(text))
    return " ".join(w.lower() if w.upper() in OPERATORS else w for w in plain.split())


ELIDED = re.compile(r"\b(?:[ldjmtsncç]|qu|jusqu|lorsqu|puisqu|quoiqu)['\u2019]", re.IGNORECASE)


def without_elision(text):
    return ELIDED.sub("", text)


def without_stop_words(text, stop):
    """Not emptied: a query that has nothing else keeps them."""
    kept = [w for w in re.findall(r"\w+(?:['\u2019]\w+)*", text) if w.lower() not in stop]
    return " ".join(kept) or text
