#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# The methods of [auth] through the front door: tokens, a program, certificates, a database, a directory, a web service, everybody, several.
#   tests/methods/methods.py [--server build/debug/meerkat] [WORD…]
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tools"))
import certified  # noqa: E402
import databases  # noqa: E402
import directories  # noqa: E402
import programs  # noqa: E402
import several  # noqa: E402
import tokens  # noqa: E402
import webs  # noqa: E402
from xmpptest.runner import run_tests, tests_of  # noqa: E402

if __name__ == "__main__":
    sys.exit(run_tests("methods", "Logs in by the methods of [auth].",
                       tests_of(tokens, programs, certified, several, databases, directories, webs), side_by_side=2))
