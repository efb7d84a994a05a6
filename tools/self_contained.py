#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# Compiles each header alone, without the precompiled one: whoever includes it needs nothing else first.
# What compiled before is skipped until it, or something that it includes, changes.
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
STAMPS = ROOT / "build/self_contained"
COMMAND = ["clang++-19", "-std=c++23", "-fsyntax-only", "-Isrc", "-Wall", "-Wextra", "-Werror", "-x", "c++",
           "-Wno-missing-designated-field-initializers", "-Wno-unused-function"]


def is_known_good(stamp):
    """The stamp lists what the header included when it last compiled."""
    if not stamp.exists():
        return False
    names = stamp.read_text(encoding="utf-8").partition(":")[2].replace("\\\n", " ").split()
    files = [ROOT / name for name in names]
    return all(f.exists() and f.stat().st_mtime < stamp.stat().st_mtime for f in files)


def problem_of(header):
    stamp = STAMPS / (header.replace("/", "+") + ".d")
    if is_known_good(stamp):
        return None
    done = subprocess.run([*COMMAND, "-MD", "-MF", stamp, "-include", header, "/dev/null"], cwd=ROOT, capture_output=True, text=True)
    if done.returncode == 0:
        return None
    stamp.unlink(missing_ok=True)
    return done.stderr


def main():
    STAMPS.mkdir(parents=True, exist_ok=True)
    headers = sorted(path.relative_to(ROOT).as_posix() for path in (ROOT / "src").rglob("*.h"))
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        problems = [p for p in pool.map(problem_of, headers) if p]
    print("".join(problems), end="")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
