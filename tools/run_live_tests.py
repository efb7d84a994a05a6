#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# Runs the tests that need real servers of other kinds, which they start for themselves.
#   tools/run_live_tests.py build/debug [FILTER…]    (doctest's filter of test cases, such as '*postgres*')
import subprocess
import sys
import time
from pathlib import Path

from run_unit_tests import CASES
from xmpptest.server import summary

LONGEST = 900  # seconds for one floor


def main():
    started, directory, filters = time.monotonic(), Path(sys.argv[1]).resolve(), sys.argv[2:]
    passed = failed = 0
    skipped = set()
    for program in sorted(directory.glob("*_live_test")):
        try:
            said = subprocess.run([program, *(["--test-case=" + ",".join(filters)] if filters else [])], cwd=directory,
                                  stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                  text=True, errors="replace", timeout=LONGEST)
            text, code = said.stdout, said.returncode
        except subprocess.TimeoutExpired as late:
            text, code = (late.stdout or b"").decode(errors="replace") + "\nno end in time", 1
        counted = CASES.search(text)
        if counted:
            passed, failed = passed + int(counted[2]), failed + int(counted[3])
        if code != 0:
            failed += 0 if counted and int(counted[3]) else 1
            print(f"FAILED  {program.name}\n{text}", flush=True)
        skipped |= {line[line.index("skipped "):] for line in text.splitlines() if "skipped: skipped " in line
                    for line in [line.replace("skipped: ", "", 1)]}
    for reason in sorted(skipped):
        print(reason)
    return summary("services", passed, failed, started)


if __name__ == "__main__":
    sys.exit(main())
