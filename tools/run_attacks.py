#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# Attacks a server of its own per item: tests/attacks/item_NN_*.py, each with a function attack(house). Whatever happens,
# the server must live, answer bystanders in time, lose no message of theirs and end well.
#   tools/run_attacks.py [--server build/debug/meerkat] [--only 4 …] [--hard]
import argparse
import importlib
import resource
import signal
import sys
import time
import traceback
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "tests/attacks"), str(ROOT / "tools")]
from kit import Failed, House, busy_machine  # noqa: E402
from xmpptest.server import default_binary, summary  # noqa: E402

LONGEST = 60  # seconds for one item on a quiet machine; ten times that with --hard or sanitizers
ALARMING = ("stream_failed", "negotiation_failed", "hook_failed", "iq_handler_failed", "level=error", "level=critical",
            "Sanitizer", "terminate called")


def items(only):
    paths = sorted((ROOT / "tests/attacks").glob("item_*.py"))
    return [path.stem for path in paths if not only or int(path.stem.split("_")[1]) in only]


def too_late(*_):
    raise Failed("the attack took too long")


def complaints(house):
    """What the server should not have said."""
    lines = house.log_lines() if house.server else []
    return [line for line in lines
            if any(word in line for word in ALARMING) and not any(word in line for word in house.expected_log)]


def run(name, binary, hard):
    """What went wrong, one sentence each, and why a part was left out."""
    house, problems = House(binary, hard), []
    signal.signal(signal.SIGALRM, too_late)
    signal.alarm(int(LONGEST * (10 if hard or house.sanitized else 1) * busy_machine()))
    try:
        module = importlib.import_module(name)
        if not getattr(module, "OPENS_BY_ITSELF", False):
            house.open(getattr(module, "CONFIG", "open"))
            house.begin_watch(getattr(module, "WATCH_INSIDE_TLS", False))
        module.attack(house)
    except Exception as problem:  # one item's trouble is not the others'
        where = traceback.extract_tb(problem.__traceback__)
        line = next((f" ({Path(f.filename).name}:{f.lineno})" for f in reversed(where) if "item_" in f.filename), "")
        problems.append(f"{type(problem).__name__}: {problem}{line}")
    signal.alarm(0)
    if house.watch:
        problems.append(house.watch.end())
    house.leave()
    if house.server and house.server.process:
        problems += [house.server.stop()] + [f"the log says: {line}" for line in complaints(house)[:5]]
    return [problem for problem in problems if problem], house


def main():
    parser = argparse.ArgumentParser(description="Attacks servers.")
    parser.add_argument("--server", type=Path, default=None, help="the program (default: the newest build)")
    parser.add_argument("--only", type=int, nargs="+", default=[], metavar="ITEM", help="only these items")
    parser.add_argument("--hard", action="store_true", help="the long versions")
    options = parser.parse_args()
    binary = (options.server or default_binary()).resolve()
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    started, passed, failed = time.monotonic(), 0, 0
    for name in items(options.only):
        began = time.monotonic()
        problems, house = run(name, binary, options.hard)
        passed, failed = passed + (not problems), failed + bool(problems)
        worst = f", bystanders waited {house.watch.worst * 1000:.0f} ms" if hasattr(house.watch, "worst") else ""
        left_out = f"; left out: {house.skipped}" if house.skipped else ""
        print(f"{'FAILED ' if problems else 'ok     '} {name} in {time.monotonic() - began:.1f} s{worst}{left_out}")
        for problem in problems:
            print("    " + problem)
        sys.stdout.flush()
    summary("attacks", passed, failed, started)
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main())
