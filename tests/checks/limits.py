# SPDX-License-Identifier: GPL-2.0-or-later
"""limits: docs/limits.md has every bound of base/limits.h and every setting of a bound, with its figures, and tests that exist.

`limits.py ROOT --rows` prints the rows that the source asks for, to begin with.
"""
import os
import re
import sys

import tree

PAGE = "docs/limits.md"
CONSTANT = re.compile(r"\b(LIMIT_\w+) = ([^,\n}]+)")
BOUND = re.compile(r'XX\(\w+, "(\w+)", ([^,]+), ([^,]+), ([^,]+),\s*N_\("([^"]*)"\)\)')
NUMBER = re.compile(r'NUMBER\("([\w-]+)", \w+, \w+, ([^,]+), ([^,]+), ([^,]+),\s*N_\("([^"]*)"\)\)')

# Bounds of one room alone: the header, and which of its constants.
ELSEWHERE = (
    ("protocol/request.h", r"REQUEST_(?:\w+_MAX|CURSOR_BYTES|TOKEN_BYTES)"),
    ("daemon/metrics.h", r"METRICS_(?:CLIENTS|REQUEST_BYTES)"),
    ("daemon/tokens.h", r"TOKENS?_\w+"),
    ("daemon/settings.h", r"SETTINGS_\w+_MAX"),
    ("query/language/variants.h", r"VARIANTS_\w+"),
)


def value(text, constants):
    """A C expression of whole numbers and constants."""
    text = re.sub(r"\b[A-Z]\w+\b", lambda m: str(constants[m.group()]), text).replace("/", "//")
    if not re.fullmatch(r"[\d\s*+/()-]+", text):
        raise ValueError(text)
    return eval(text)  # digits and operators alone


def figure(number):
    return f"{number:,}"


def wanted(top):
    """The constants, and the settings as name: (option, least, usual, ceiling, help); those that have a setting are no rows."""
    constants = {"MIB": 1024 * 1024}
    for name, text in CONSTANT.findall(tree.code(tree.read(top, "base/limits.h"))):
        constants[name] = value(text, constants)
    settings, used = {}, set()
    bounds = tree.read(top, "base/bounds.h").replace("\\\n", " ")
    for name, least, usual, ceiling, text in BOUND.findall(bounds):
        settings[name] = (name.replace("_", "-"), least, usual, ceiling, text)
    for option, usual, least, ceiling, text in NUMBER.findall(tree.read(top, "daemon/settings-table.c")):
        settings[option.replace("-", "_")] = (option, least, usual, ceiling, text)
    for name, (option, least, usual, ceiling, text) in settings.items():
        used |= set(re.findall(r"LIMIT_\w+", usual))
        settings[name] = (option, *(figure(value(x, constants)) for x in (least, usual, ceiling)), text)
    del constants["MIB"]
    fixed = {name: figure(n) for name, n in constants.items() if name not in used}
    for path, names in ELSEWHERE:
        if os.path.exists(os.path.join(top, path)):
            for name, text in re.findall(rf"\b({names}) = ([^,\n}}]+)", tree.code(tree.read(top, path))):
                fixed[name] = figure(value(text, constants))
    return fixed, settings


def rows(text):
    """The cells of each row of a table, with the number of its line."""
    for number, line in enumerate(text.splitlines(), 1):
        if line.startswith("| `"):
            yield number, [cell.strip() for cell in line.strip().strip("|").split("|")]


def check_tests(top, cell):
    """What is wrong with "`file` test, test; `file` test", or "— why there is none"; a test is a function below tests/."""
    if re.match("— .", cell):
        return
    for part in cell.split(";"):
        named = re.fullmatch(r"\s*`([\w./-]+)`((?: test_\w+,?)*)(?: \([^)]*\))?\s*", part)
        if not named:
            yield f"not \"`file` test_name\": {part.strip()}"
            continue
        path = os.path.join("tests", named[1]) if not named[1].startswith("bench/") else named[1]
        if not os.path.exists(os.path.join(top, path)):
            yield f"there is no {path}"
            continue
        text = tree.read(top, path)
        yield from (f"{path} has no {name}" for name in re.findall(r"test_\w+", named[2])
                    if not re.search(rf"\b{name}\(", text))


def check_row(top, cells, constants, settings):
    name = cells[0].strip("`")
    if name in settings:
        option, *figures, _ = settings.pop(name)
        if cells[1:5] != [f"`--{option}`", *figures]:
            yield f"{name}: {cells[1:5]} should be {['--' + option, *figures]}"
    elif name in constants:
        if cells[1] != constants[name]:
            yield f"{name}: {cells[1]} should be {constants[name]}"
        del constants[name]
    else:
        yield f"{name} is no bound, or has two rows"
    yield from check_tests(top, cells[-1])


def main():
    top = tree.root()
    constants, settings = wanted(top)
    if "--rows" in sys.argv:
        for name, (option, least, usual, ceiling, text) in settings.items():
            print(f"| `{name}` | `--{option}` | {least} | {usual} | {ceiling} | {text} |  |")
        for name, number in constants.items():
            print(f"| `{name}` | {number} |  |  |")
        return
    findings = []
    for number, cells in rows(tree.read(top, PAGE)):
        findings += [f"{PAGE}:{number}: {what}" for what in check_row(top, cells, constants, settings)]
    findings += [f"{PAGE}: no row for {name}" for name in [*settings, *constants]]
    tree.finish(findings, [PAGE])


main()
