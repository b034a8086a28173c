# SPDX-License-Identifier: GPL-2.0-or-later
"""libvoisin as others get it: it exports exactly what voisin.h declares, as .so and as .a, and the header
compiles alone, in C and in C++.

Usage: test_library.py VOISIN.H LIBVOISIN.SO LIBVOISIN.A CC CXX SANITIZERS
"""
import os
import re
import subprocess
import sys
import tempfile
import unittest

HEADER, SHARED, ARCHIVE, CC, CXX, SANITIZERS = sys.argv[1:7]
del sys.argv[1:]

PROGRAM = """\
#include "voisin.h"

#include <stdio.h>
#include <string.h>

int main(void)
{
    struct voisin *voisin = NULL;
    struct voisin_error error;
    enum voisin_status status = voisin_open("unix:/nonexistent", 100, &voisin, &error);

    voisin_close(voisin);
    puts(voisin_status_name(status));
    return status == VOISIN_IO ? 0 : 1;
}
"""


def declared():
    text = re.sub(r"/\*.*?\*/", "", open(HEADER).read(), flags=re.S)
    return set(re.findall(r"\b(voisin_\w+)\(", text))


def exported(path, *options):
    lines = subprocess.run(["nm", *options, path], check=True, capture_output=True, text=True).stdout.splitlines()
    words = [line.split() for line in lines]
    return {word[2].split("@")[0] for word in words if len(word) == 3 and word[1] in "TDBRVWi"}


class Library(unittest.TestCase):
    def test_symbols(self):
        self.assertGreater(len(declared()), 15)
        self.assertEqual(exported(SHARED, "-D", "--defined-only"), declared())

    @unittest.skipIf(SANITIZERS, "sanitizers put names of their own into objects")
    def test_archive_symbols(self):
        self.assertEqual(exported(ARCHIVE, "-g", "--defined-only"), declared())

    def test_soname(self):
        out = subprocess.run(["readelf", "-d", SHARED], check=True, capture_output=True, text=True).stdout
        self.assertIn("Library soname: [libvoisin.so.0]", out)

    def test_programs(self):
        """C and C++ against the header alone, linked with each form of the library."""
        sanitize = ["-fsanitize=" + SANITIZERS] if SANITIZERS else []
        with tempfile.TemporaryDirectory() as folder:
            for compiler, suffix, standard in ((CC, "c", "-std=c99"), (CXX, "cc", "-std=c++98")):
                source, program = folder + "/p." + suffix, folder + "/p"
                with open(source, "w") as file:
                    file.write(PROGRAM)
                for library in ([SHARED, "-Wl,-rpath," + os.path.dirname(SHARED)], [ARCHIVE, "-ljansson", "-lssl", "-lcrypto"]):
                    subprocess.run([compiler, standard, "-Wall", "-Wextra", "-Werror", "-I", os.path.dirname(HEADER),
                                    source, "-o", program, *library, *sanitize], check=True)
                    out = subprocess.run([program], check=True, capture_output=True, text=True).stdout
                    self.assertEqual(out, "io\n")


if __name__ == "__main__":
    unittest.main()
