#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# What operators touch outside of a running server: its log, what systemd hears and hands over, what a core dump or the
# process's memory would show, `meerkat check` and `meerkat setup`.
#   tests/operations/operations.py [--server build/debug/meerkat] [WORD…]
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tools"))
import before_start  # noqa: E402
import logs  # noqa: E402
import secrets_in_memory  # noqa: E402
import service  # noqa: E402
from xmpptest.runner import run_tests, tests_of  # noqa: E402

if __name__ == "__main__":
    sys.exit(run_tests("operations", "Tests what operators touch outside of a running server.",
                       tests_of(before_start, logs, service, secrets_in_memory), side_by_side=3))
