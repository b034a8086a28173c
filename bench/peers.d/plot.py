# SPDX-License-Identifier: GPL-2.0-or-later
"""Plots as SVG, written by hand: a dot at the median, a line to the 95th percentile; and curves."""
import math
import xml.sax.saxutils

import report

# Okabe and Ito's colours, which the colour-blind can tell apart; Voisin is drawn in the strongest.
COLOURS = {"voisin": "#d55e00", "voisind": "#e69f00", "lucene": "#0072b2", "luceneintervals": "#56b4e9", "lucenefrench": "#7570b3",
           "xapian": "#000000", "sqlite": "#009e73", "sphinx": "#cc79a7", "groonga": "#999933", "postgres": "#888888"}
FONT = 'font-family="sans-serif" font-size="%d"'
LEFT, WIDTH, RIGHT = 170, 640, 20
STEP, GAP = 9, 12  # between peers, between classes


def text(x, y, words, size=11, anchor="start", more=""):
    return '<text x="%.1f" y="%.1f" text-anchor="%s" %s %s>%s</text>' % (
        x, y, anchor, FONT % size, more, xml.sax.saxutils.escape(words))


def line(x1, y1, x2, y2, colour, width=1):
    return '<line x1="%.1f" y1="%.1f" x2="%.1f" y2="%.1f" stroke="%s" stroke-width="%s"/>' % (x1, y1, x2, y2, colour, width)


def dot(x, y, colour, radius=3.5):
    return '<circle cx="%.1f" cy="%.1f" r="%s" fill="%s"/>' % (x, y, radius, colour)


def page(width, height, parts):
    head = '<svg xmlns="http://www.w3.org/2000/svg" width="%d" height="%d" viewBox="0 0 %d %d">' % (width, height, width, height)
    return "\n".join([head, '<rect width="100%" height="100%" fill="white"/>', *parts, "</svg>"]) + "\n"


class Log:
    """From values to places, logarithmically, between powers of ten."""

    def __init__(self, values, start, length):
        self.low = math.floor(math.log10(min(values)))
        self.high = max(math.ceil(math.log10(max(values))), self.low + 1)
        self.start, self.length = start, length

    def __call__(self, value):
        return self.start + (math.log10(value) - self.low) / (self.high - self.low) * self.length

    def ticks(self):
        return [10 ** power for power in range(self.low, self.high + 1)]


def short(value):
    """1500000 microseconds -> 1.5 s."""
    for unit, size in (("s", 1e6), ("ms", 1e3), ("µs", 1)):
        if value >= size:
            return "%g %s" % (value / size, unit)
    return "%g µs" % value


def legend(names, colours, x, y, width):
    parts, at = [], x
    for name, colour in zip(names, colours):
        needed = 22 + 7 * len(name)
        if at + needed > width:
            at, y = x, y + 16
        parts += [dot(at + 5, y - 4, colour), text(at + 13, y, name)]
        at += needed
    return parts, y


def figures(results):
    """[(class, [(peer, median, p95)])]"""
    of_peers = {peer["key"]: report.medians(results, peer["key"]) for peer in results["peers"]}
    rows = []
    for name, numbers in report.classes(results).items():
        row = []
        for key, times in of_peers.items():
            values = [times[i] for i in numbers if i in times]
            if values:
                row.append((key, report.quantile(values, 0.5), report.quantile(values, 0.95)))
        rows.append((name, row))
    return rows


def peers(results):
    rows = figures(results)
    everything = [value for _, row in rows for _, low, high in row for value in (low, high)]
    axis = Log(everything, LEFT, WIDTH)
    heading = "Top ten ids: median (dot) and 95th percentile (end of the line); %s documents" % "{:,}".format(results["documents"])
    parts = [text(LEFT, 20, heading, 13)]
    keys, bottom = legend([peer["name"] for peer in results["peers"]], [COLOURS[peer["key"]] for peer in results["peers"]],
                          LEFT, 40, LEFT + WIDTH)
    parts += keys
    top = y = bottom + 30
    body = []
    for name, row in rows:
        body.append(text(LEFT - 8, y + len(row) * STEP / 2 + 4, name, 12, "end"))
        for key, low, high in row:
            body += [line(axis(low), y, axis(high), y, COLOURS[key], 2), dot(axis(low), y, COLOURS[key])]
            y += STEP
        y += GAP
        body.append(line(LEFT, y - STEP - GAP / 2 + 4, LEFT + WIDTH, y - STEP - GAP / 2 + 4, "#dddddd"))
    for tick in axis.ticks():
        parts += [line(axis(tick), top - 8, axis(tick), y - GAP, "#dddddd"), text(axis(tick), top - 12, short(tick), 10, "middle")]
    return page(LEFT + WIDTH + RIGHT + 20, y + 5, parts + body)


def curves(title, unit, xs, series, x, y, width, height):
    """One panel: series is [(name, colour, [value or None, one for each of xs])], on two logarithmic axes."""
    values = [value for _, _, row in series for value in row if value]
    across, up = Log(xs, x + 45, width - 75), Log(values, y + height - 25, -(height - 55))
    parts = [text(x + 45, y + 16, "%s, %s" % (title, unit), 12)]
    for tick in across.ticks():
        parts += [line(across(tick), y + 30, across(tick), y + height - 25, "#eeeeee"),
                  text(across(tick), y + height - 10, "{:,}".format(tick), 10, "middle")]
    for tick in up.ticks():
        parts += [line(x + 45, up(tick), x + width - 15, up(tick), "#dddddd"), text(x + 41, up(tick) + 4, "%g" % tick, 10, "end")]
    for _, colour, row in series:
        points = [(across(at), up(value)) for at, value in zip(xs, row) if value]
        parts.append('<polyline points="%s" fill="none" stroke="%s" stroke-width="2"/>' % (
            " ".join("%.1f,%.1f" % point for point in points), colour))
        parts += [dot(*point, colour) for point in points]
    return parts
