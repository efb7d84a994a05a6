#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# The tools of `meerkat` against a running server, through the real program and the real socket.
#   tests/tools/tools.py [--server build/debug/meerkat] [WORD…]
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tools"))
import commands  # noqa: E402
import completion  # noqa: E402
import counted_dialogue  # noqa: E402
import live  # noqa: E402
import load_client  # noqa: E402
import metrics  # noqa: E402
import pools  # noqa: E402
import socket_abuse  # noqa: E402
from office import Office  # noqa: E402
from xmpptest.runner import run_tests, tests_of  # noqa: E402
from xmpptest.server import ROOT, running  # noqa: E402


def office(binary):
    """One server for all tests."""
    return running(Office(binary, ROOT / "tests/tools/tools.toml"))


if __name__ == "__main__":
    rooms = (commands, completion, counted_dialogue, live, load_client, metrics, pools, socket_abuse)
    sys.exit(run_tests("tools", "Tests the tools.", tests_of(*rooms), office))
