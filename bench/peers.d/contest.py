# SPDX-License-Identifier: GPL-2.0-or-later
"""A run: texts, queries, indexes, and then the peers in turn, pass by pass."""
import contextlib
import datetime
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile

import corpora
import costs
import explain
import systems

TEXTS = ("stems", "forms", "raw")
DRAWN_FROM = 100000  # documents; of more, memory would be short


class Place:
    """Where the work of one corpus is."""

    def __init__(self, work, corpus, docs):
        name = "voisin-peers-" + corpora.label(corpus) + ("-first-%d" % docs if docs else "")
        self.folder = os.path.join(work, name)
        self.cut = os.path.join(self.folder, "text")
        self.docs = os.path.join(self.folder, "text", "docs.jsonl")
        self.figures = os.path.join(self.folder, "text", "figures.json")


def say(text):
    print("bench/peers: %s" % text, file=sys.stderr, flush=True)


def call(*command, **options):
    done = subprocess.run(command, stderr=subprocess.PIPE, encoding="utf-8", errors="replace", check=False, **options)
    if done.returncode != 0:
        raise costs.Failure("%s: status %d\n%s" % (" ".join(command), done.returncode, (done.stderr or "")[-2000:]))
    if done.stderr:
        say(done.stderr.strip())


def build(root, given):
    """The folder of the programs, which are built unless they are given."""
    if given:
        return os.path.join(given, "bin")
    folder = os.path.join(root, "build", "release")
    call("cmake", "--preset", "release", cwd=root, stdout=subprocess.DEVNULL)
    call("cmake", "--build", folder, "-j", str(os.cpu_count()), "--target", "bench_peers_programs", cwd=root,
         stdout=subprocess.DEVNULL)
    return os.path.join(folder, "bin")


def kept_texts(place, stamp):
    """The number and bytes of texts that were kept; None where there are none, or of another analysis: then all is made anew."""
    if os.path.exists(place.figures):
        with open(place.figures, encoding="utf-8") as file:
            kept, count, size = json.load(file)
        if kept == stamp:
            return count, size
    shutil.rmtree(place.folder, ignore_errors=True)
    return None


def write_texts(programs, place, chosen):
    """The documents, and their words as all peers cut them.  Returns their number and bytes."""
    cut = os.path.join(programs, "bench_peers_cut")
    stamp = "%s texts=%d" % (subprocess.run([cut, "version"], stdout=subprocess.PIPE, encoding="utf-8", check=True).stdout.strip(),
                             corpora.VERSION)
    figures = kept_texts(place, stamp)
    if figures is None:
        os.makedirs(place.cut)
        say("writing the texts")
        figures = corpora.write(chosen.corpus, chosen.data, place.docs, chosen.docs)
        call(cut, place.docs, *(os.path.join(place.cut, text + ".tsv") for text in TEXTS))
        with open(place.figures, "w", encoding="utf-8") as file:
            json.dump([stamp, *figures], file)
    return figures


def draw_queries(programs, place, chosen):
    path = os.path.join(place.folder, "queries-%d-%d.tsv" % (chosen.seed, chosen.queries))
    if not os.path.exists(path):
        say("drawing the queries")
        with open(path + ".new", "w", encoding="utf-8") as out:
            call(os.path.join(programs, "bench_peers_draw"), place.docs, str(chosen.seed), str(chosen.queries), str(DRAWN_FROM),
                 stdout=out)
        os.rename(path + ".new", path)
    with open(path, encoding="utf-8") as file:
        return path, [line.rstrip("\n").split("\t") for line in file]


def make_peers(programs, place, chosen):
    made = []
    for peer in systems.ALL:
        if peer.key() not in chosen.peers:
            continue
        try:
            made.append(peer(programs, place))
        except systems.Absent as why:
            say("%s is left out: %s" % (peer.name, why))
    return made


def index(peers, chosen):
    indexing = {}
    for peer in peers:
        say("index of %s" % peer.name)
        indexing[peer.key()] = peer.index(peer.key() in chosen.rebuild or "all" in chosen.rebuild)
    return indexing


def ask(peers, path, n, chosen):
    """Counts all queries, warms up, and lets the peers take turns.  Returns the counts and the times, {peer: [pass][query]}."""
    counts, times = {}, {peer.key(): [] for peer in peers}
    drawn = random.Random(chosen.seed)
    try:
        for peer in peers:
            peer.start(path)
            say("counting by %s" % peer.name)
            counts[peer.key()] = peer.count(n)
            for _ in range(peer.warm if peer.warm == 1 else chosen.warm):
                peer.one_pass()
        for turn in range(chosen.passes):
            say("pass %d" % (turn + 1))
            for peer in drawn.sample(peers, len(peers)):  # who comes behind whom makes a difference
                if peer.passes_most is None or len(times[peer.key()]) < peer.passes_most:
                    times[peer.key()].append(peer.one_pass())
    finally:
        failures = [said for said in [peer.stop() for peer in peers] if said]
    if failures:
        raise costs.Failure("\n".join(failures))
    return counts, times


def in_folder(program, folder, body):
    """Calls body(FOLDER) with the folder that is given, or one that is removed afterwards.  Returns the exit status."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that what is begun is ended
    work = os.path.abspath(folder or tempfile.mkdtemp(prefix="voisin-peers-"))
    os.makedirs(work, exist_ok=True)
    with contextlib.ExitStack() as at_end:
        if folder is None:
            os.chmod(work, 0o755)  # for PostgreSQL's user
            at_end.callback(shutil.rmtree, work, ignore_errors=True)
        try:
            return body(work)
        except corpora.Absent as why:
            print("%s: skipped: %s; name a folder with --data" % (program, why), file=sys.stderr)
            return 77
        except costs.Failure as failure:
            print("%s: %s" % (program, failure), file=sys.stderr)
            return 1


def load():
    with open("/proc/loadavg", encoding="ascii") as file:
        return file.read().split()[:3]


def run(root, work, chosen):
    before = load()
    programs = build(root, chosen.build)
    place = Place(work, chosen.corpus, chosen.docs)
    documents, size = write_texts(programs, place, chosen)
    path, queries = draw_queries(programs, place, chosen)
    peers = make_peers(programs, place, chosen)
    indexing = index(peers, chosen)
    loads = [before, load()]
    counts, times = ask(peers, path, len(queries), chosen)
    results = {
        "date": datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%d"), "corpus": chosen.corpus, "documents": documents,
        "bytes": size, "seed": chosen.seed, "passes": chosen.passes, "warm": chosen.warm, "cores": os.cpu_count(),
        "loads": loads + [load()], "queries": queries, "indexing": indexing, "counts": counts, "times": times,
        "peers": [{"key": peer.key(), "name": peer.name, "how": peer.how, "version": peer.version(),
                   "texts": peer.texts, "comparable": peer.comparable} for peer in peers],
    }
    say("looking into counts that differ")
    results["differences"] = explain.find(results, {text: os.path.join(place.cut, text + ".tsv") for text in ("stems", "forms")})
    return results
