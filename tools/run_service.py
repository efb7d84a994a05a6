#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Runs one real server for tests until its standard input ends.

Commands come on standard input, a line each: start, stop, kill, pause, go_on, or `call METHOD ARGUMENT`, which calls
a method of the service (such as `call psql SELECT 1`). Each is answered by one line: "ok RESULT" or "failed WHY".
The first line says "ready PORT DIRECTORY", or "skipped WHY" when the service cannot be set up on this machine."""
import argparse
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from services.kinds import make_service  # noqa: E402
from services.service import NotHere  # noqa: E402


def say(line):
    print(line.replace("\n", " "), flush=True)


def obey(service, line):
    word, _, rest = line.partition(" ")
    if word == "call":
        method, _, argument = rest.partition(" ")
        return getattr(service, method)(*[argument][:bool(argument)])
    if word not in ("start", "stop", "kill", "pause", "go_on"):
        raise ValueError(f"no command {word}")
    getattr(service, word)()
    return None


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("kind")
    parser.add_argument("--directory")
    parser.add_argument("--port", type=int)
    parser.add_argument("--password")
    parser.add_argument("--tls", action="store_true")
    parser.add_argument("--absent", action="store_true", help="do not start it yet")
    arguments = parser.parse_args()
    try:
        service = make_service(arguments.kind, directory=arguments.directory, port=arguments.port,
                               password=arguments.password, tls=arguments.tls)
        if not arguments.absent:
            service.start()
    except NotHere as reason:
        say(f"skipped {reason}")
        return
    try:
        say(f"ready {service.port} {service.directory}")
        for line in sys.stdin:
            try:
                result = obey(service, line.rstrip("\n"))
                say(f"ok {'' if result is None else str(result).strip()}")
            except Exception as failure:  # told to the test, which decides
                say(f"failed {failure}")
    finally:
        service.close()


if __name__ == "__main__":
    main()
