# SPDX-License-Identifier: GPL-2.0-or-later
"""docs/protocol.md and docs/protocol.schema.json say the same.

Every example is a line that the schema takes, as a request (->) or as the reply to the one before (<-), and
the schema refuses what requests.txt calls refused.  The client in the page is valid Python.

Usage: check_document.py DOCS     Exit status 77: python3-jsonschema is absent.
"""
import ast
import json
import os
import re
import sys

try:
    from jsonschema import Draft202012Validator
except ImportError:
    print("skipped: python3-jsonschema is not installed")
    sys.exit(77)

DOCS = sys.argv[1]
HERE = os.path.dirname(os.path.abspath(__file__))
schema = json.load(open(DOCS + "/protocol.schema.json", encoding="utf-8"))
page = open(DOCS + "/protocol.md", encoding="utf-8").read()
faults = []


def validator(kind):
    return Draft202012Validator(dict(schema, anyOf=[{"$ref": "#/$defs/" + kind}]))


def check(kind, message, text):
    for error in validator(kind).iter_errors(message):
        faults.append("%s: %s: %s" % (kind, error.message[:200], text[:100]))


def check_examples():
    method, seen = None, set()
    examples = re.findall(r"^    ([→←]) (.*)$", page, re.M)
    for (arrow, text), (_, answer) in zip(examples, examples[1:] + [("", "")]):
        message = json.loads(text)
        if len(text.encode()) > 65536:
            faults.append("too long: " + text[:100])
        if arrow == "→":
            method = message["method"]
            if '"code":-32602' not in answer:
                check("request", message, text)
            elif validator("request").is_valid(message):
                faults.append("the schema takes what the parser refuses: " + text)
        elif "error" in message:
            check("error_reply", message, text)
        else:
            check("result_reply", message, text)
            check(method + "_result", message["result"], text)
            seen.add(method)
    if seen != {"search", "explain", "suggest", "document", "reprints", "stats", "auth", "ping"}:
        faults.append("examples of results are of %s alone" % seen)


def check_requests():
    """What the parser takes the schema takes; what it refuses for a request's or parameter's form is refused."""
    lines = open(HERE + "/requests.txt", encoding="utf-8").read().splitlines()
    cases = [(a[2:], b[2:]) for a, b in zip(lines, lines[1:]) if a.startswith("> ") and b.startswith("< ")]
    takes = validator("request").is_valid
    taken = refused = 0
    for line, outcome in cases:
        # What JSON itself cannot say: offset + limit, bytes of strings, numbers such as 10.0.
        odd = re.search(r":10\.0|:1\.0|1e\d|\\x|\\u0000", line.replace('"2.0"', ""))
        if odd or outcome.startswith(("-32700", "-32002")) or "offset + limit" in outcome:
            continue
        if takes(json.loads(line)) != outcome.startswith("{"):
            faults.append("parser and schema differ: " + line)
        taken += outcome.startswith("{")
        refused += not outcome.startswith("{")
    if taken < 25 or refused < 60:
        faults.append("too few cases: %d taken, %d refused" % (taken, refused))


def check_client():
    blocks = re.findall(r"^```python\n(.*?)^```", page, re.M | re.S)
    if len(blocks) != 1:
        faults.append("there must be one client in Python")
    for block in blocks:
        ast.parse(block)


Draft202012Validator.check_schema(schema)
check_examples()
check_requests()
check_client()
print("\n".join(faults) or "the examples fit the schema")
sys.exit(1 if faults else 0)
