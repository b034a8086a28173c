# SPDX-License-Identifier: GPL-2.0-or-later
"""The texts that peers are compared on, each as one line: a title, a blank, a text without newlines.

    orangesum       20,000 news articles
    all             these and three collections of novels and laws, 126,754 documents
    recombined:N    N documents made of the paragraphs of "all", drawn by a seed: as long as documents drawn from "all", of real
                    sentences, but no article that anybody wrote
    FILE            a file of JSON lines (title, text), also packed (.zst)

All are said to be French, for the peers are given stems of all. So a text has no paragraphs and no lines that recur, and the peers differ in how they index and not in what.
"""
import json
import os
import random
import re
import subprocess

NEWS = "orangesum_20k/docs.jsonl.zst"
ALL = (NEWS, "large/eltec.jsonl.zst", "large/roman18.jsonl.zst", "large/codes_2012.jsonl.zst")
RECOMBINED = re.compile(r"recombined:([1-9][0-9]{0,7})$")
SEED = 20161207
VERSION = 1  # changes with what is made here
PARAGRAPH = 500  # characters from which a text without newlines is cut at the end of a sentence
SENTENCE_END = re.compile(r"(?<=[.!?»\"])\s*(?=[A-ZÀÂÉÈÊÎÔÇ«\"])")


class Absent(Exception):
    pass


def read_documents(data, names):
    """(title, text) of each document of these files."""
    for name in names:
        path = os.path.join(data, name)
        if not os.path.exists(path):
            raise Absent("there is no %s" % path)
        unpack = ["zstd", "-dcq", path] if path.endswith(".zst") else ["cat", path]
        with subprocess.Popen(unpack, stdout=subprocess.PIPE) as unpacked:
            for line in unpacked.stdout:
                document = json.loads(line)
                yield document.get("title") or "", document["text"]


def one_line(*parts):
    return " ".join(" ".join(parts).split())


def pieces(text):
    """The paragraphs of a text; where it has none, runs of whole sentences of some PARAGRAPH characters."""
    lines = [line for line in text.split("\n") if line.strip()]
    if len(lines) > 1:
        yield from lines
        return
    piece = ""
    for sentence in SENTENCE_END.split(text):
        piece += (" " if piece else "") + sentence
        if len(piece) >= PARAGRAPH:
            yield piece
            piece = ""
    if piece:
        yield piece


def any_of(values, chance):
    """As random.choice(), which other versions of Python may make otherwise."""
    return values[int(chance.random() * len(values))]


def recombined(data, count):
    chance = random.Random(SEED)
    paragraphs, lengths = [], []
    for title, text in read_documents(data, ALL):
        lengths.append(len(title) + len(text))
        paragraphs.extend(one_line(piece) for piece in pieces(title + "\n" + text))
    for _ in range(count):
        wanted, text = any_of(lengths, chance), []
        while wanted > 0:
            text.append(any_of(paragraphs, chance))
            wanted -= len(text[-1]) + 1
        yield " ".join(text)


def texts(corpus, data):
    match = RECOMBINED.match(corpus)
    if match:
        return recombined(data, int(match.group(1)))
    names = {"orangesum": (NEWS,), "all": ALL}.get(corpus, (os.path.abspath(corpus),))
    return (one_line(title, text) for title, text in read_documents(data, names))


def is_known(corpus):
    return corpus in ("orangesum", "all") or RECOMBINED.match(corpus) is not None or os.path.isfile(corpus)


def label(corpus):
    """For the name of a folder."""
    return re.sub(r"[^A-Za-z0-9]+", "-", corpus).strip("-")


def describe(corpus, count):
    what = {"orangesum": "news articles (OrangeSum)", "all": "news articles, pieces of novels and articles of law"}.get(
        corpus, "documents recombined from real paragraphs" if RECOMBINED.match(corpus) else "documents of " + corpus)
    return "{:,} {}".format(count, what)


def write(corpus, data, path, most):
    """Writes the documents as JSON lines with the ids 1, 2, ...; returns their number and the bytes of their texts."""
    count = size = 0
    with open(path + ".new", "w", encoding="utf-8") as out:
        for text in texts(corpus, data):
            if count == most:
                break
            count += 1
            size += len(text.encode())
            out.write('{"id": "%d", "language": "fr", "title": "", "text": %s}\n' % (count, json.dumps(text, ensure_ascii=False)))
    os.rename(path + ".new", path)
    return count, size
