# SPDX-License-Identifier: GPL-2.0-or-later
# Read by ctest before the tests: they compare English messages, also where the developer's own are French.
set(ENV{LC_ALL} C.UTF-8)
set(ENV{LANGUAGE} "")
