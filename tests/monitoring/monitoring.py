#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# What the server counts, as the real carbon, StatsD and Prometheus of an operator get it.
#   tests/monitoring/monitoring.py [--server build/debug/meerkat] [WORD…]
import sys
from pathlib import Path

TESTS = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(TESTS.parent / "tools"), str(TESTS / "tools")]
import figures  # noqa: E402
import reports  # noqa: E402
import scrapes  # noqa: E402
from monitored import stage  # noqa: E402
from xmpptest.runner import run_tests, tests_of  # noqa: E402

if __name__ == "__main__":
    sys.exit(run_tests("monitoring", "Tests what monitors are told.", tests_of(figures, reports, scrapes), stage))
