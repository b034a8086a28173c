# SPDX-License-Identifier: GPL-2.0-or-later
"""selftest: each check passes a good tree and finds what is planted in a bad one."""
import os
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
LICENCE = "/* SPDX-License-Identifier: GPL-2.0-or-later */\n"
LONG = "".join("\tcall();\n" for _ in range(101))

# A catalog of messages; what stands behind its head is a case's own.
PO = ('msgid ""\nmsgstr ""\n"Project-Id-Version: a\\n"\n"PO-Revision-Date: 2026-01-02 00:00+0000\\n"\n'
      '"Last-Translator: a\\n"\n"Language-Team: French\\n"\n"Language: fr\\n"\n"MIME-Version: 1.0\\n"\n'
      '"Content-Type: text/plain; charset=UTF-8\\n"\n"Content-Transfer-Encoding: 8bit\\n"\n\n')
with open(os.path.join(HERE, "..", "..", "script", "update-po"), encoding="utf-8") as script:
    UPDATE_PO = script.read()

LIMITS = ("| `a_b` | `--a-b` | 1 | 6 | 9 | of a | `a.py` test_a |\n"
          "| `LIMIT_B` | 3 | of b | — not from outside |\n")

CATALOGUE = "".join(f"| {item} | x | `a.py` test_a |\n" for item in [*range(1, 86), *(f"F{n}" for n in range(1, 15))])

GOOD = {
    "base/a.h": LICENCE + "#ifndef A_H\n#define A_H\n\n#include <stddef.h>\n\n"
                          "/* Never strcpy(). */\nsize_t a_size(const char *text);\n\n#endif\n",
    "base/a.c": LICENCE + '#include "base/a.h"\n\nsize_t\na_size(const char *text)\n{\n'
                          '\treturn text[0] == \'"\' ? 1 : sizeof("atoi(x)");\n}\n',
    "store/b.c": LICENCE + '#include "base/a.h"\n#include "xapian-c/x.h"\n',
    "query/plan/p.c": LICENCE + '#include "query/intervals/i.h"\n#include "store/b.h"\n',
    "xapian-c/x.cc": LICENCE + "#include <xapian.h>\n",
    "docs/a.1": '.Dd January 2, 2026\n.Dt A 1\n.Os\n.Sh NAME\n.Nm a\n.Nd test\n.Sh DESCRIPTION\nText.\n',
    "script/a": "#!/bin/sh\necho \"$1\"\n",
    "base/m.c": LICENCE + '#include "base/a.h"\n\nchar const *m = N_("good: %d");\n',
    "script/update-po": UPDATE_PO,
    "base/limits.h": LICENCE + "#ifndef L_H\n#define L_H\n\nenum { LIMIT_A = 2 * 3, LIMIT_B = LIMIT_A / 2 };\n\n#endif\n",
    "base/bounds.h": LICENCE + '#ifndef B_H\n#define B_H\n\n#define T(XX) XX(A, "a_b", 1, LIMIT_A, 9, N_("good: %d"))\n\n#endif\n',
    "daemon/settings-table.c": LICENCE,
    "docs/limits.md": LIMITS,
    "tests/CATALOGUE.md": CATALOGUE,
    "tests/a.py": "def test_a():\n    pass\n",
    "po/fr.po": PO + '#, c-format\nmsgid "good: %d"\nmsgstr "bon\u00a0: %d"\n',
}

# (check, file, its content, what the output must say)
BAD = [
    ("arrows", "query/language/p.c", '#include "store/b.h"\n', 'query/language may not include "store/b.h"'),
    ("arrows", "query/intervals/p.c", '#include "query/plan/p.h"\n', "query/intervals may not include"),
    ("arrows", "client/c.c", '#include "store/b.h"\n', 'client may not include "store/b.h"'),
    ("arrows", "client/c.c", '#include "stemmer/s.h"\n', 'client may not include "stemmer/s.h"'),
    ("arrows", "daemon/d.c", '  #  include "indexer/i.h"\n', 'daemon may not include "indexer/i.h"'),
    ("arrows", "base/b.c", '#include "store/b.h"\n', 'base may not include "store/b.h"'),
    ("arrows", "query/plan/p.c", '#include "protocol/x.h"\n', "query/plan may not include"),
    ("arrows", "query/language/p.c", '#include "xapian-c/x.h"\n', "query/language may not include"),
    ("arrows", "query/intervals/p.c", '#include "xapian-c/x.h"\n', "query/intervals may not include"),
    ("arrows", "store/b.cc", "#include <xapian/query.h>\n", "only xapian-c may include"),
    ("arrows", "query/language/p.c", "#include <event2/event.h>\n", "only daemon may include"),
    ("arrows", "base/b.c", '#include "a.h"\n', "from the project root"),
    ("banned", "base/b.c", "\tstrcpy(a, b);\n", "base/b.c:2: strcpy"),
    ("banned", "base/b.c", "\tx = sprintf (a, b);\n", "sprintf: use"),
    ("banned", "tests/b.c", "\tx = atoi(b);\n", "atoi: use"),
    ("banned", "base/b.c", "\tp = alloca(b);\n", "alloca: use"),
    ("banned", "base/b.c", "/* TO" "DO */\n", "open an issue"),
    ("functions", "base/b.c", "void\nlong_one(int a,\n    int b)\n{\n" + LONG + "}\n", "b.c:5: long_one is 101 lines"),
    ("functions", "base/b.c", "int x;\n" * 801, "look for the second module"),
    ("limits", "docs/limits.md", LIMITS.replace("| 6 |", "| 7 |"), "a_b: ["),
    ("limits", "docs/limits.md", LIMITS.replace("| 3 |", "| 4 |"), "LIMIT_B: 4 should be 3"),
    ("limits", "docs/limits.md", LIMITS.replace("test_a", "test_b"), "tests/a.py has no test_b"),
    ("limits", "docs/limits.md", LIMITS.replace("`a.py`", "`b.py`"), "there is no tests/b.py"),
    ("limits", "docs/limits.md", LIMITS.split("\n", maxsplit=1)[0], "no row for LIMIT_B"),
    ("limits", "docs/limits.md", LIMITS + "| `LIMIT_C` | 1 | of c | — x |\n", "LIMIT_C is no bound"),
    ("catalogue", "tests/CATALOGUE.md", CATALOGUE.replace("| 50 |", "| x |"), "no row for item 50"),
    ("catalogue", "tests/CATALOGUE.md", CATALOGUE.replace("| F9 | x | `a.py`", "| F9 | x | `b.py`"), "there is no b.py"),
    ("catalogue", "tests/CATALOGUE.md", CATALOGUE.replace("| 7 | x | `a.py` test_a", "| 7 | x | `a.py` test_b"),
     "CATALOGUE.md:7: a.py has no test_b"),
    ("headers", "base/b.h", "size_t b_size(void);\n", "base/b.h:1: does not compile alone"),
    ("headers", "base/b.h", "struct b {\n\tint x;\n};\n", "base/b.h:1: does not compile alone"),
    ("format", "base/b.c", "int  x;\n", "base/b.c:2"),
    ("manuals", "docs/b.1", ".Dd x\n.Dt\n.Nope\n", "docs/b.1"),
    ("messages", "base/b.c", 'char const *b = N_("new");\n', "not in po/fr.po"),
    ("messages", "base/b.c", 'char const *b = N_("%" PRIu64);\n', "catalogs cannot hold PRI"),
    ("messages", "po/fr.po", PO + 'msgid "good: %d"\nmsgstr ""\n', "untranslated: good"),
    ("messages", "po/fr.po", PO + '#, c-format, fuzzy\nmsgid "good: %d"\nmsgstr "b: %d"\n', "only-fuzzy: good"),
    ("messages", "po/fr.po", PO + '#, c-format\nmsgid "good: %d"\nmsgstr "bon %s"\n', "msgstr"),
    ("messages", "po/fr.po", PO + 'msgid "good: %d"\nmsgstr "bon : %d"\n', "a plain space"),
    ("messages", "po/fr.po", PO + 'msgid "good: %d"\nmsgstr "« %d »"\n', "inside « »"),
    ("messages", "po/fr.po", PO + 'msgid "good: %d"\nmsgstr "x%d"\n\n#~ msgid "old"\n#~ msgstr "vieux"\n',
     "only-obsolete: old"),
    ("shell", "script/b", "#!/bin/sh\nrm $1\n", "script/b:2"),
]


def write(top, path, content):
    full = os.path.join(top, path)
    os.makedirs(os.path.dirname(full), exist_ok=True)
    with open(full, "w", encoding="utf-8") as file:
        file.write(content)


def run(check, top):
    done = subprocess.run([sys.executable, os.path.join(HERE, check + ".py"), top],
                          capture_output=True, text=True, check=False)
    return done.returncode, done.stdout + done.stderr


def judge(check, planted, expected):
    """What went wrong with one case, or ''; 'skipped' where the check's tool is missing."""
    with tempfile.TemporaryDirectory() as top:
        for path, content in GOOD.items():
            write(top, path, content)
        style = os.path.join(HERE, "..", "..", ".clang-format")
        with open(style, encoding="utf-8") as file:
            write(top, ".clang-format", file.read())
        for path, content in planted.items():
            write(top, path, content)
        os.chmod(os.path.join(top, "script", "update-po"), 0o755)
        code, output = run(check, top)
    if code == 77:
        return "skipped"
    if code != (1 if planted else 0) or expected not in output:
        return f"{check}: exit {code}, expected {expected!r} in:\n{output}"
    return ""


def main():
    cases = [(check, {}, "0 findings") for check in sorted({row[0] for row in BAD})]
    for check, path, content, expected in BAD:
        head = LICENCE if path.endswith((".c", ".h", ".cc")) else ""
        cases.append((check, {path: head + content}, expected))
    # A file without its licence line is planted without the head that the others get.
    cases.append(("banned", {"base/c.c": "int x;\n"}, "base/c.c:1: the first line"))
    results = [judge(*case) for case in cases]
    for result in results:
        if result not in ("", "skipped"):
            print(result)
    failed = sum(result not in ("", "skipped") for result in results)
    skipped = results.count("skipped")
    print(f"{len(results)} cases, {failed} failed, {skipped} skipped for want of a tool")
    sys.exit(1 if failed else 77 if skipped else 0)


main()
