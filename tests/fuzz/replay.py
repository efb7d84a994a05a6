#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# Runs every fuzz target on its corpus, tests/fuzz/corpus/TARGET: what was once found is not lost again.
#   tests/fuzz/replay.py build/debug [TARGET…]
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tools"))
from xmpptest.server import summary  # noqa: E402

LONGEST = 60  # seconds for what is left of one corpus


def replay(binary, target, files):
    """How many files were run well, and how many broke the target; it goes on behind those."""
    failed, left = 0, files
    while left:
        try:
            ran = subprocess.run([binary, target, *left], stdin=subprocess.DEVNULL, capture_output=True, text=True,
                                 errors="replace", timeout=LONGEST)
            begun, said, code = ran.stdout.splitlines(), ran.stderr, ran.returncode
        except subprocess.TimeoutExpired as slow:
            begun, said, code = (slow.stdout or b"").decode().splitlines(), f"not done in {LONGEST} s", 1
        if code == 0:
            break
        failed += 1
        print(f"FAILED  {begun[-1] if begun else target}\n{said[-4000:]}", flush=True)
        left = left[len(begun):] if begun else []
    return len(files) - failed, failed


def main():
    started, directory, wanted = time.monotonic(), Path(sys.argv[1]).resolve(), sys.argv[2:]
    passed = failed = 0
    for corpus in sorted((ROOT / "tests/fuzz/corpus").iterdir()):
        if wanted and corpus.name not in wanted:
            continue
        files = sorted(str(file.relative_to(ROOT)) for file in corpus.iterdir())
        good, bad = replay(directory / "tests/corpora_replay", corpus.name, files)
        passed, failed = passed + good, failed + bad
    return summary("corpora", passed, failed, started)


if __name__ == "__main__":
    sys.exit(main())
