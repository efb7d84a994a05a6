# SPDX-License-Identifier: Apache-2.0
# Services that no distribution packages: Maven brings their jars, which stay in ~/.m2.
import os
import subprocess
from pathlib import Path

from .service import NotHere, find_program

ROOT = Path(__file__).resolve().parents[2]
LONGEST_FETCH = 600  # seconds; once per machine


def class_path(kind):
    """Where the jars of KIND.pom.xml are, as Java wants it. Fetches them the first time."""
    known = ROOT / f"build/services/{kind}.classpath"
    for _ in range(2):
        if known.exists() and all(Path(jar).exists() for jar in known.read_text().split(":")):
            return known.read_text()
        known.parent.mkdir(parents=True, exist_ok=True)
        fresh = known.with_suffix(f".{os.getpid()}")
        try:
            subprocess.run([find_program("mvn"), "-q", "-B", "-f", Path(__file__).with_name(f"{kind}.pom.xml"),
                            "dependency:build-classpath", f"-Dmdep.outputFile={fresh}"], check=True,
                           capture_output=True, text=True, timeout=LONGEST_FETCH, stdin=subprocess.DEVNULL)
        except (subprocess.CalledProcessError, subprocess.TimeoutExpired) as failure:
            raise NotHere(f"Maven could not fetch {kind}: {(failure.stdout or str(failure))[-300:]}") from failure
        fresh.rename(known)
    raise NotHere(f"Maven named jars for {kind} that are not there")
