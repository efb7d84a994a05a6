#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# Runs the unit tests of a build by ctest and counts doctest's test cases.
#   tools/run_unit_tests.py build/debug [FLOOR…]
import os
import re
import subprocess
import sys
import time
import xml.etree.ElementTree as ElementTree
from pathlib import Path

from xmpptest.server import summary

CASES = re.compile(r"test cases:\s*(\d+)\s*\|\s*(\d+) passed\s*\|\s*(\d+) failed")


def main():
    started, directory, floors = time.monotonic(), Path(sys.argv[1]).resolve(), sys.argv[2:]
    report = directory / "unit_tests.xml"
    report.unlink(missing_ok=True)
    only = ["-R", f"^({'|'.join(map(re.escape, floors))})$"] if floors else []
    subprocess.run(["ctest", "--test-dir", directory, "--quiet", "--no-tests=error", "--timeout", "300",
                    "-j", str(os.cpu_count()), "--test-output-size-passed", "1000000",
                    "--test-output-size-failed", "1000000", "--output-junit", report, *only],
                   stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    passed = failed = 0
    for floor in ElementTree.parse(report).getroot().iter("testcase") if report.exists() else []:
        said = floor.findtext("system-out") or ""
        counted = CASES.search(said)
        if counted:
            passed, failed = passed + int(counted[2]), failed + int(counted[3])
        if floor.get("status") != "run":  # failed, crashed or did not start
            failed += 0 if counted and int(counted[3]) else 1
            print(f"FAILED  unit tests of {floor.get('name')}\n{said}", flush=True)
    return summary("unit", passed, failed, started)


if __name__ == "__main__":
    sys.exit(main())
