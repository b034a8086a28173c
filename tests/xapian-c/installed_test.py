# SPDX-License-Identifier: GPL-2.0-or-later
"""The library as others get it: `installed_test.py BUILD_DIR CC CXX LIBDIR [FLAG...]`.

Installs it into a folder of its own, and then: it exports the functions of its headers and nothing
else; each is noexcept to C++; each header compiles alone in C and in C++; and a program finds it by pkg-config,
compiles, links and runs.
"""
import os
import re
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
WARNINGS = ["-Wall", "-Wextra", "-Werror"]
HEADERS = ["xapian-c.h", "source.h", "terminate.h"]


def run(*command, **more):
    """The output of a command that must succeed."""
    done = subprocess.run(command, capture_output=True, text=True, check=False, **more)
    if done.returncode != 0:
        sys.exit(f"{' '.join(command)}: {done.returncode}\n{done.stdout}{done.stderr}")
    return done.stdout


def prototypes(header):
    """The names of the functions that the header declares."""
    with open(header, encoding="utf-8") as file:
        text = file.read()
    text = re.sub(r"/\*.*?\*/", "", text, flags=re.S)
    text = re.sub(r"^[ \t]*#(.*\\\n)*.*$", "", text, flags=re.M)
    return set(re.findall(r"\b(xc_\w+)\s*\((?!\*)", text))


def exported(library):
    """The names of all that the library exports."""
    return {line.split()[-1] for line in run("nm", "-D", "--defined-only", library).splitlines()}


def compile_text(compiler, text, suffix, flags, prefix):
    source = os.path.join(prefix, "alone" + suffix)
    with open(source, "w", encoding="utf-8") as file:
        file.write(text)
    run(*compiler, *WARNINGS, *flags, "-fsyntax-only", source)


def nothrow_text(names):
    """A C++ program that does not compile unless each function is noexcept."""
    lines = [*(f"#include <{header}>" for header in HEADERS),
             "template <class R, class... A> constexpr bool nothrow(R (*)(A...) noexcept) { return true; }",
             "template <class R, class... A> constexpr bool nothrow(R (*)(A...)) { return false; }"]
    lines += [f'static_assert(nothrow(&{name}), "{name}");' for name in sorted(names)]
    return "\n".join(lines) + "\n"


def main():
    build, c_compiler, cxx_compiler, libdir, *flags = sys.argv[1:]
    with tempfile.TemporaryDirectory() as prefix:
        run("cmake", "--install", build, "--prefix", prefix, "--component", "xapian-c")
        library = os.path.join(prefix, libdir, "libxapian-c.so")
        environment = {**os.environ, "PKG_CONFIG_PATH": os.path.join(prefix, libdir, "pkgconfig"),
                       "LD_LIBRARY_PATH": os.path.join(prefix, libdir)}
        here = f"--define-variable=prefix={prefix}"
        cflags = run("pkg-config", here, "--cflags", "xapian-c", env=environment).split()
        libs = run("pkg-config", here, "--libs", "xapian-c", env=environment).split()

        declared = set().union(*(prototypes(os.path.join(cflags[0][2:], header)) for header in HEADERS))
        assert len(declared) > 100, declared
        assert exported(library) == declared, exported(library) ^ declared

        for header in HEADERS:
            alone = f"#include <{header}>\n#include <{header}>\nint nothing;\n"
            compile_text([c_compiler, "-std=c11"], alone, ".c", cflags, prefix)
            compile_text([c_compiler, "-std=c17", "-Wstrict-prototypes"], alone, ".c", cflags, prefix)
            compile_text([cxx_compiler, "-std=c++11"], alone, ".cc", cflags, prefix)
        compile_text([cxx_compiler, "-std=c++17"], nothrow_text(declared), ".cc", cflags, prefix)

        program = os.path.join(prefix, "consumer")
        run(c_compiler, "-std=c11", *WARNINGS, *flags, *cflags, os.path.join(HERE, "consumer.c"), "-o", program, *libs)
        said = run(program, os.path.join(prefix, "db"), env=environment)
        assert said == "Alep\n", said
    print(f"{len(declared)} functions")


main()
