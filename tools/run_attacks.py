#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# Attacks a server of its own per item: tests/attacks/item_NN_*.py, each with a function attack(house). Whatever happens,
# the server must live, answer bystanders in time, lose no message of theirs and end well. Several items at a time, each in
# a process of its own; those that judge short times (ALONE) come last, one by one.
#   tools/run_attacks.py [--server build/debug/meerkat] [--only 4 …] [--hard]
import argparse
import importlib
import multiprocessing
import resource
import signal
import sys
import time
import traceback
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
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
    """Whether all went well, and what to show."""
    began, house, problems = time.monotonic(), House(binary, hard), []
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
    problems = [problem for problem in problems if problem]
    worst = f", bystanders waited {house.watch.worst * 1000:.0f} ms" if hasattr(house.watch, "worst") else ""
    left_out = f"; left out: {house.skipped}" if house.skipped else ""
    first = f"{'FAILED ' if problems else 'ok     '} {name} in {time.monotonic() - began:.1f} s{worst}{left_out}"
    return not problems, "\n    ".join([first, *problems])


def run_all(names, binary, hard, at_a_time):
    """Yields what run() says of each, in the order in which they end. A process that dies has failed as well."""
    alone = [name for name in names if getattr(importlib.import_module(name), "ALONE", False)]
    for together, count in ([name for name in names if name not in alone], at_a_time), (alone, 1):
        with ProcessPoolExecutor(count, max_tasks_per_child=1, mp_context=multiprocessing.get_context("spawn")) as pool:
            begun = {pool.submit(run, name, binary, hard): name for name in together}
            for done in as_completed(begun):
                try:
                    yield done.result()
                except BrokenProcessPool:
                    yield False, f"FAILED  {begun[done]}: the process of an item died"


def main():
    parser = argparse.ArgumentParser(description="Attacks servers.")
    parser.add_argument("--server", type=Path, default=None, help="the program (default: the newest build)")
    parser.add_argument("--only", type=int, nargs="+", default=[], metavar="ITEM", help="only these items")
    parser.add_argument("--hard", action="store_true", help="the long versions")
    parser.add_argument("--at-a-time", type=int, default=4, help="so many items")
    options = parser.parse_args()
    binary = (options.server or default_binary()).resolve()
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    started, passed, failed = time.monotonic(), 0, 0
    for well, said in run_all(items(options.only), binary, options.hard, options.at_a_time):
        passed, failed = passed + well, failed + (not well)
        print(said, flush=True)
    return summary("attacks", passed, failed, started)


if __name__ == "__main__":
    sys.exit(main())
