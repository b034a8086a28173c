# SPDX-License-Identifier: GPL-2.0-or-later
"""messages: every message of the source is in po/fr.po, translated, with the same formats and a good form."""
import os
import re
import subprocess
import tempfile

import tree

ROOMS = ["po", "base", "stemmer", "store", "query", "protocol", "indexer", "daemon", "client"]
# error.message, less what the arguments of a format may take.
MESSAGE_BYTES = 220


def run(*command, **options):
    return subprocess.run(command, capture_output=True, text=True, check=False, **options)


def entries(text):
    """(msgid, [msgstr], where it is used) of each entry of a .po file."""
    for block in text.split("\n\n"):
        places = re.search(r"^#: (.*)$", block, re.M)
        strings = {}
        for key, quoted in re.findall(r'^(msgid|msgid_plural|msgstr(?:\[\d\])?) ((?:"(?:\\.|[^"\\])*"\n?)+)',
                                      block, re.M):
            strings[key] = "".join(re.findall(r'"((?:\\.|[^"\\])*)"', quoted))
        if strings.get("msgid"):
            yield strings["msgid"], [s for k, s in strings.items() if k.startswith("msgstr")], \
                places.group(1) if places else "po/fr.po"


def up_to_date(top, po, folder):
    pot = os.path.join(folder, "voisin.pot")
    made = run(os.path.join(top, "script", "update-po"), "--pot", pot)
    if made.returncode != 0:
        return ["script/update-po: " + made.stderr]
    with open(pot, encoding="utf-8") as file:
        wanted = {message: place for message, _, place in entries(file.read())}
    with open(po, encoding="utf-8") as file:
        there = {message: place for message, _, place in entries(file.read())}
    findings = [f"{wanted[message]}: {message}: not in po/fr.po; run script/update-po, then translate it"
                for message in wanted.keys() - there.keys()]
    findings += [f"{there[message]}: {message}: no longer in the source; run script/update-po"
                 for message in there.keys() - wanted.keys()]
    return findings + [f"{place}: {message}: catalogs cannot hold PRI... (base/catalog.h); write %llu and a cast"
                       for message, place in wanted.items() if "%<PRI" in message]


def form(po):
    """What msgfmt cannot know: French typography, and room for the message."""
    with open(po, encoding="utf-8") as file:
        text = file.read()
    findings = []
    for message, translations, _ in entries(text):
        for said in translations:
            if re.search(r" [;?!]| :(?= |$)", said):
                findings.append(f"po/fr.po: {message}: a plain space before : ; ? or !")
            if re.search(r"«(?!\u00a0)|(?<!\u00a0)»", said):
                findings.append(f"po/fr.po: {message}: no no-break space inside « »")
            if "\\n" not in said and len(said.encode()) > MESSAGE_BYTES:
                findings.append(f"po/fr.po: {message}: longer than {MESSAGE_BYTES} bytes")
            if message.startswith(" ") != said.startswith(" ") or message.endswith(" ") != said.endswith(" "):
                findings.append(f"po/fr.po: {message}: begins or ends otherwise")
    return findings


def main():
    top = os.path.abspath(tree.root())
    for tool in ("xgettext", "msgfmt", "msgattrib"):
        tree.require(tool)
    po = os.path.join(top, "po", "fr.po")
    findings = run("msgfmt", "--check", "--output-file=/dev/null", po).stderr.splitlines()
    for kind in ("untranslated", "only-fuzzy", "only-obsolete"):
        left = run("msgattrib", "--no-wrap", "--" + kind, po).stdout
        findings += [f"po/fr.po: {kind}: {message}" for message, _, _ in entries(left.replace("#~ ", ""))]
    with tempfile.TemporaryDirectory() as folder:
        findings += up_to_date(top, po, folder)
    findings += form(po)
    tree.finish(findings, tree.sources(top, (".c", ".h"), ROOMS))


main()
