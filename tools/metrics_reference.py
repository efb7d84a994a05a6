#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# Prints docs/reference/metrics.md: all that a server counts and measures, as a server with every module tells it.
#   tools/metrics_reference.py [--server build/debug/meerkat]
import argparse
import re
import subprocess
import sys

from xmpptest.server import ROOT, Server, default_binary

PROMETHEUS = {"spiral": "counter", "counter": "gauge", "gauge": "gauge", "histogram": "histogram"}
EVENT = re.compile(r"([a-z0-9_]+) \{([a-z_, ]*)\}: ([a-z0-9_, ]+)\. (.*)")

HEAD = """\
# Metrics

What the server counts and measures, with all modules and pools in its configuration; printed by
`tools/metrics_reference.py` from what `meerkat metrics --describe` says. How it works is told in
[instrumentation](../how-it-works/instrumentation.md), and where we count differently from MongooseIM in
[differences](differences.md).

The name for Prometheus is `<event>_<measurement>`, with the labels of the event. For Exometer it is
`[<host type>, <event>, <other labels>, <measurement>]`, with `global` where there is no host type. Times are
microseconds, sizes bytes. `mnesia` in a name is the embedded database; with another one it is `rdbms` or `ldap`, and for
pools of databases the driver stands behind `mongoose_rdbms_`.

| Event | Labels | Measurements | What is counted |
|---|---|---|---|
"""


def described(binary):
    server = Server(binary, ROOT / "tools/metrics_reference.toml")
    server.start()

    def told(*words):
        return subprocess.run([binary, "metrics", *words, "--config", server.directory / "meerkat.toml"], check=True,
                              capture_output=True, text=True).stdout

    try:
        told()  # what is looked at for the first time when somebody reads is known from then on
        return told("--describe")
    finally:
        server.stop()


def page(text):
    rows = []
    for line in text.splitlines():
        name, labels, measured, sentence = EVENT.fullmatch(line).groups()
        kinds = [each.split(" ") for each in measured.split(", ")]
        told = ", ".join(f"`{what}` {PROMETHEUS[kind]}" for what, kind in kinds)
        rows.append(f"| `{name}` | {labels.replace('_', chr(92) + '_')} | {told} | {sentence} |\n")
    return HEAD + "".join(rows)


if __name__ == "__main__":
    asked = argparse.ArgumentParser()
    asked.add_argument("--server", default=default_binary())
    sys.stdout.write(page(described(asked.parse_args().server)))
