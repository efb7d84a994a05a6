#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# What keeps strangers and floods within bounds, against the real server.
#   tests/limits/limits.py [--server build/debug/meerkat] [WORD…]
import resource
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tools"))
import addresses  # noqa: E402
import budgets  # noqa: E402
import guesses  # noqa: E402
import half_open  # noqa: E402
import memory  # noqa: E402
from xmpptest.runner import run_tests, tests_of  # noqa: E402

if __name__ == "__main__":
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    sys.exit(run_tests("limits", "Floods the server in many ways.",
                       tests_of(addresses, guesses, budgets, half_open, memory)))
