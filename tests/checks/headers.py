# SPDX-License-Identifier: GPL-2.0-or-later
"""headers: each header compiles alone, so it includes what its prototypes need.  `headers.py ROOT [CC]`."""
import concurrent.futures
import os
import subprocess
import sys

import tree

FLAGS = ["-std=c11", "-D_GNU_SOURCE", "-Wall", "-Wextra", "-Werror", "-fsyntax-only"]


# Headers of libraries that are in folders of their own.
PACKAGES = ["libxml-2.0"]


def package_flags():
    tree.require("pkg-config")
    run = subprocess.run(["pkg-config", "--cflags", *PACKAGES], capture_output=True, text=True, check=True)
    return run.stdout.split()


def compile_alone(compiler, flags, top, path):
    """The compiler's complaint about a file that includes `path` twice and nothing else, or ''."""
    text = f'#include "{path}"\n#include "{path}"\nextern int nothing;\n'
    run = subprocess.run([compiler, *FLAGS, *flags, "-I", top, "-x", "c", "-"], input=text,
                         capture_output=True, text=True, check=False)
    return "" if run.returncode == 0 else f"{path}:1: does not compile alone\n{run.stderr.rstrip()}"


def main():
    top = os.path.abspath(tree.root())
    compiler = sys.argv[2] if len(sys.argv) > 2 else "cc"
    tree.require(compiler)
    flags = package_flags()
    # The headers of tests may want names that CMake defines for one test, such as the folder of its data.
    files = tree.sources(top, (".h",), [room for room in tree.ROOMS if room != "tests"])
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        results = pool.map(lambda path: compile_alone(compiler, flags, top, path), files)
    tree.finish([result for result in results if result], files)


main()
