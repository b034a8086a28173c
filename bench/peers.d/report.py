# SPDX-License-Identifier: GPL-2.0-or-later
"""The tables of a run, as Markdown, and their place in docs/performance.md."""
import math
import os
import re

import corpora
import costs

BAR = "lucene"  # what all are compared with
RACE = ("phrase of two", "phrase, stop words", "phrase of 3-5", "NEAR rare-rare", "NEAR rare-common", "NEAR common-common",
        "phrase in NEAR")
SHOWN = 3  # differences of a kind


def quantile(values, share):
    """By nearest rank, as stats_quantile() of bench/stats.c."""
    ordered = sorted(values)
    return ordered[max(math.ceil(share * len(ordered)), 1) - 1]


def classes(results):
    """{class: [numbers of its queries]}, in the order of the file."""
    found = {}
    for i, query in enumerate(results["queries"]):
        found.setdefault(query[0], []).append(i)
    return found


def medians(results, key):
    """The median of each query over the passes, {number: microseconds}; none of a query that the peer cannot say."""
    times, counts = results["times"][key], results["counts"][key]
    return {i: quantile([one[i] for one in times], 0.5) for i, count in enumerate(counts) if count >= 0 and times}


def table(rows):
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    lines = ["| " + " | ".join(cell.ljust(w) if i == 0 else cell.rjust(w) for i, (cell, w) in enumerate(zip(row, widths))) + " |"
             for row in rows]
    rule = "|" + "|".join("-" * (w + 2) if i == 0 else "-" * (w + 1) + ":" for i, w in enumerate(widths)) + "|"
    return "\n".join([lines[0], rule, *lines[1:]])


# ---- The tables ----

def peers_table(results):
    rows = [["peer", "version", "asked", "text"]]
    text = {"stems": "stems", "forms": "forms", "raw": "as it is"}
    for peer in results["peers"]:
        rows.append([peer["name"], peer["version"], peer["how"], ", ".join(text[name] for name in peer["texts"])])
    return table(rows)


def indexing_row(name, cost, size):
    return [name, "%.1f" % cost["wall"], "%.1f" % cost["cpu"], "%.1f" % (size / 1e6 / cost["wall"]),
            "%.0f" % (cost["peak"] / 2 ** 20), "%.1f" % (cost["bytes"] / 1e6), "%.2f" % (cost["bytes"] / size)]


def indexing_table(results):
    rows = [["index", "wall s", "CPU s", "MB/s", "peak MiB", "MB on disk", "per byte of text"]]
    for peer in results["peers"]:
        of_texts = results["indexing"][peer["key"]]
        for text, cost in of_texts.items():
            suffix = "" if text == "raw" else ", " + text
            rows.append(indexing_row(peer["name"] + suffix, cost, results["bytes"]))
    return table(rows)


def times_table(results):
    rows = [["class"] + [peer["name"] for peer in results["peers"]]]
    of_peers = [medians(results, peer["key"]) for peer in results["peers"]]
    for name, numbers in classes(results).items():
        row = [name]
        for times in of_peers:
            values = [times[i] for i in numbers if i in times]
            row.append("%.0f / %.0f" % (quantile(values, 0.5), quantile(values, 0.95)) if values else "-")
        rows.append(row)
    return table(rows)


def ratio(times, base, numbers):
    """Of the sums, over the queries that both answer; None where these are fewer than half."""
    both = [i for i in numbers if i in times and i in base]
    if len(both) * 2 < len(numbers):
        return None
    return sum(times[i] for i in both) / sum(base[i] for i in both)


def ratios_table(results, bar):
    rows = [["class"] + [peer["name"] for peer in results["peers"]]]
    base = medians(results, bar)
    for name, numbers in classes(results).items():
        found = [ratio(medians(results, peer["key"]), base, numbers) for peer in results["peers"]]
        rows.append([name] + ["-" if value is None else "%.2f" % value for value in found])
    return table(rows)


# ---- What follows from them ----

def race(results):
    """Whether Voisin is at or under both Lucenes' median and 95th percentile, class by class."""
    ours = medians(results, "voisin")
    theirs = [medians(results, key) for key in ("lucene", "luceneintervals") if key in results["times"]]
    rows = [["class", "Voisin", "the better Lucene", "median", "p95"]]
    for name, numbers in classes(results).items():
        if name not in RACE:
            continue
        own = [quantile([ours[i] for i in numbers if i in ours], share) for share in (0.5, 0.95)]
        best = [min(quantile([times[i] for i in numbers], share) for times in theirs) for share in (0.5, 0.95)]
        rows.append([name, "%.0f / %.0f" % tuple(own), "%.0f / %.0f" % tuple(best), *("%.2f" % (a / b) for a, b in zip(own, best))])
    return table(rows)


def way_table(results):
    """What the daemon's way adds: of the medians, and query by query within the same pass, as the machine was at that moment."""
    own, through = (results["times"][key] for key in ("voisin", "voisind"))
    of_own, of_through = medians(results, "voisin"), medians(results, "voisind")
    rows = [["class", "in process", "through the daemon", "more", "more in the same pass"]]
    for name, numbers in classes(results).items():
        asked = [i for i in numbers if i in of_own and i in of_through]
        if not asked:
            continue
        at = [quantile([times[i] for i in asked], 0.5) for times in (of_own, of_through)]
        paired = [quantile([b[i] - a[i] for a, b in zip(own, through)], 0.5) for i in asked]
        rows.append([name, *("%.0f" % value for value in (*at, at[1] - at[0], quantile(paired, 0.5)))])
    return table(rows)


def unexplained(results):
    return [difference for difference in results["differences"] if difference[4] is None]


def differences(results):
    names = {peer["key"]: peer["name"] for peer in results["peers"]}
    compared = [names[peer["key"]] for peer in results["peers"] if peer["comparable"]]
    lines = ["%d queries, every hit counted by %s: %d counts differ." % (
        len(results["queries"]), ", ".join(compared), len(results["differences"]))]
    groups = {}
    for key, i, count, base, reason in results["differences"]:
        groups.setdefault((key, reason), []).append("`%s` %d, not %d" % (results["queries"][i][5], count, base))
    for (key, reason), found in groups.items():
        why = "reason not found" if reason is None else "%s, which gives just these counts when the text is counted by it" % reason
        lines.append("* %s, %d queries: %s (%s%s)." % (names[key], len(found), why, "; ".join(found[:SHOWN]),
                                                       "; ..." if len(found) > SHOWN else ""))
    for peer in results["peers"]:
        unsaid = sum(count < 0 for count in results["counts"][peer["key"]])
        if unsaid:
            lines.append("* %s cannot say %d of the queries." % (peer["name"], unsaid))
        if not peer["comparable"]:
            lines.append("* %s is not compared: its analysis makes other terms." % peer["name"])
    return "\n".join(lines)


def markdown(results):
    parts = [
        "%s, %.1f MB, on %s; %d cores, load %s at the start, %s when the indexes were there, %s at the end. %d queries a class, "
        "seed %d, %d passes." % (
            corpora.describe(results["corpus"], results["documents"]), results["bytes"] / 1e6, results["date"], results["cores"],
            *("/".join(load) for load in results["loads"]), max(map(len, classes(results).values())), results["seed"],
            results["passes"]),
        peers_table(results), "Making the indexes:", indexing_table(results), differences(results),
        "Microseconds, median / 95th percentile, ten ids:", times_table(results)]
    if BAR in results["times"]:
        parts += ["Sum of each class, in times that of Lucene:", ratios_table(results, BAR)]
        if "voisin" in results["times"]:
            parts += ["The positional classes, Voisin in process against the better of Lucene's two ways, and the quotients:",
                      race(results)]
    if all(results["times"].get(key) for key in ("voisin", "voisind")):
        parts += ["What the daemon's way adds to the median of each class, and to the median query when each is compared with itself in "
                  "the same pass:", way_table(results)]
    return "\n\n".join(parts) + "\n"


def publish(root, name, text, drawing):
    """Puts the text between the marks of that name in docs/performance.md, and the plot beside it."""
    page = os.path.join(root, "docs", "performance.md")
    with open(page, encoding="utf-8") as file:
        before = file.read()
    marks = re.compile(r"(<!-- %s -->\n).*?(<!-- end of %s -->\n)" % (name, name), re.DOTALL)
    picture = "![%s](%s.svg)\n" % (name, name)
    after, found = marks.subn(lambda match: "%s\n%s\n%s\n%s" % (match.group(1), text, picture, match.group(2)), before)
    if found != 1:
        raise costs.Failure("%s has no place for %s" % (page, name))
    with open(page, "w", encoding="utf-8") as file:
        file.write(after)
    with open(os.path.join(root, "docs", name + ".svg"), "w", encoding="utf-8") as file:
        file.write(drawing)
