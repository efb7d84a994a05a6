#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# The page for operators: as attackers ask for it, and as people see it in a real Chromium. Screenshots are put into
# build/window.
#   tests/window/window.py [--server build/debug/meerkat] [WORD…]
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tools"))
import door  # noqa: E402
import seen  # noqa: E402
from stage import stage  # noqa: E402
from xmpptest.runner import run_tests, tests_of  # noqa: E402

if __name__ == "__main__":
    sys.exit(run_tests("window", "Tests the page for operators.", tests_of(seen, door), stage))
