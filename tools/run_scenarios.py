#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# Plays tests/scenarios/*.scenario against running servers, one for each configuration; servers and dialogues side by side.
#   tools/run_scenarios.py [--server build/debug/meerkat] [WORD…]        only files or dialogues that contain a WORD
#   tools/run_scenarios.py --peer plain=127.0.0.1:5222[,127.0.0.1:5223]  against a server that runs already
import argparse
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from xmpptest.dialogue import WrittenWrong, read
from xmpptest.play import Play
from xmpptest.server import ROOT, DidNotStart, Peer, Server, default_binary, summary
from xmpptest.wire import Problem

SCENARIOS = ROOT / "tests/scenarios"


def play(dialogue, server):
    """Nothing when all went as written, else what to show."""
    performance = Play(server)
    line = None
    try:
        for line in dialogue.lines:
            performance.perform(line.text)
        return None
    except (Problem, OSError, ValueError, KeyError, AttributeError) as problem:
        said = "\n".join("    " + note for note in performance.transcript[-24:])
        where = dialogue.path
        where = where.relative_to(ROOT) if where.is_relative_to(ROOT) else where
        return (f"{where}:{line.number}: {line.text.splitlines()[0]}\n"
                f"    {type(problem).__name__ + ': ' if not isinstance(problem, Problem) else ''}{problem}\n{said}")
    finally:
        performance.end()


def run_group(server, config, dialogues, jobs, verbose):
    """All dialogues of one configuration. Returns the numbers passed and failed."""
    passed = failed = 0
    with ThreadPoolExecutor(jobs) as pool:
        for dialogue, problem in zip(dialogues, pool.map(lambda d: play(d, server), dialogues)):
            if problem:
                failed += 1
                print(f"FAILED  {dialogue.name}  [{config}]\n  {problem}\n", flush=True)
            else:
                passed += 1
                if verbose:
                    print(f"ok      {dialogue.name}  [{config}]", flush=True)
    return passed, failed


def secrets_in(log):
    """The lines of a log that tell a password: the tests give theirs the words that are looked for."""
    text = log.read_text(encoding="utf-8", errors="replace") if log.exists() else ""
    telling = [line for line in text.splitlines() if "secret of" in line or "c2VjcmV0IG9m" in line]
    return "its log tells passwords:\n" + "\n".join(telling[:5]) if telling else None


def run_with_own_server(binary, config, dialogues, jobs, verbose):
    """Starts, plays, stops; a bad start or end is a failed test as well."""
    server = Server(binary, SCENARIOS / "configs" / f"{config}.toml")
    try:
        server.start()
    except (DidNotStart, OSError) as problem:
        print(f"FAILED  a server with configuration {config} starts\n  {problem}\n", flush=True)
        return 0, len(dialogues) + 1
    try:
        passed, failed = run_group(server, config, dialogues, jobs, verbose)
    finally:
        problem = server.stop() or secrets_in(server.log)
    if problem:
        print(f"FAILED  a server with configuration {config} ends well\n  {problem}\n", flush=True)
    return passed + (not problem), failed + bool(problem)


def peers_from(arguments):
    peers = {}
    for text in arguments:
        config, _, addresses = text.partition("=")
        pair = [(a.rpartition(":")[0], int(a.rpartition(":")[2])) if a else None for a in addresses.split(",")]
        peers[config] = Peer(pair[0], pair[1] if len(pair) > 1 else None)
    return peers


def main():
    parser = argparse.ArgumentParser(description="Plays scenarios against a running server.")
    parser.add_argument("words", nargs="*", help="only files or dialogues that contain one of these")
    parser.add_argument("--server", type=Path, default=None, help="the program (default: the newest build)")
    parser.add_argument("--peer", action="append", default=[], metavar="CONFIG=ADDRESS[,TLS_ADDRESS]")
    parser.add_argument("--servers", type=int, default=6, help="so many servers at a time")
    parser.add_argument("--jobs", type=int, default=8, help="so many dialogues at a time with each server")
    parser.add_argument("--verbose", action="store_true", help="name the dialogues that pass, too")
    options = parser.parse_args()
    started, peers = time.monotonic(), peers_from(options.peer)
    binary = (options.server or default_binary()).resolve()
    try:
        files = [read(path) for path in sorted(SCENARIOS.glob("*.scenario"))]
    except WrittenWrong as problem:
        sys.exit(str(problem))

    groups = {}  # (configuration, file when it has its own server) -> dialogues
    for file in files:
        wanted = [d for d in file.dialogues
                  if not options.words or any(w in file.path.stem or w in d.name for w in options.words)]
        for config in file.configs if wanted else []:
            groups.setdefault((config, file.path if file.own_server else None), []).extend(wanted)

    def run(group):
        (config, own), dialogues = group
        jobs = 1 if own else options.jobs
        if not options.peer:
            return run_with_own_server(binary, config, dialogues, jobs, options.verbose)
        if own or config not in peers:
            return 0, 0
        return run_group(peers[config], config, dialogues, jobs, options.verbose)

    # Those first whose dialogues wait for each other, because they take longest.
    ordered = sorted(groups.items(), key=lambda group: -len(group[1]) if group[0][1] else 0)
    with ThreadPoolExecutor(options.servers) as pool:
        results = list(pool.map(run, ordered))
    return summary("scenarios", sum(passed for passed, _ in results), sum(failed for _, failed in results), started)


if __name__ == "__main__":
    sys.exit(main())
