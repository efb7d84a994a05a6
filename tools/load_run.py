#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# A load run for `./dev bench`: starts the release build on free ports of the loopback with a store of its own, makes
# accounts, and lets `meerkat bench` log in, chat and be idle there. Prints one line for each.
#   tools/load_run.py [--server build/release/meerkat] [--users 2000] [--seconds 5]
#   tools/load_run.py --peer 127.0.0.1:5222 --peer-pid PID      the same against another server with its accounts open
import argparse
import json
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

# One hash and few rounds: what is measured is the server, not how dear a password is to guess.
CONFIG = """
[general]
  hosts = ["localhost"]
  default_server_domain = "localhost"
  registration_timeout = "infinity"
[[listen.c2s]]
  port = 0
  ip_address = "127.0.0.1"
  backlog = 4096
[[listen.c2s]]
  port = 0
  ip_address = "127.0.0.1"
  backlog = 4096
  tls.mode = "tls"
[auth]
  password.hash = ["sha"]
  password.scram_iterations = 4096
[auth.internal]
[limits]
  connections_per_address = "infinity"
  unauthenticated_per_address = "infinity"
  connection_rate = "infinity"
[internal_databases.embedded]
  directory = "{directory}/data"
[modules.mod_register]
[modules.mod_ping]
"""


class Server:
    def __init__(self, binary, directory):
        (directory / "server.toml").write_text(CONFIG.format(directory=directory))
        ready = directory / "ready"
        self.process = subprocess.Popen([binary, "serve", "--config", directory / "server.toml", "--ready-file", ready],
                                        stdout=subprocess.DEVNULL)
        until = time.monotonic() + 30
        while not ready.exists():
            if self.process.poll() is not None or time.monotonic() > until:
                sys.exit("the server did not start")
            time.sleep(0.02)
        ports = dict(line.split() for line in ready.read_text().splitlines())
        self.plain, self.tls, self.pid = ports["c2s"], ports["c2s-tls"], self.process.pid

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(20)


class Peer:
    def __init__(self, address, pid):
        self.plain, self.tls, self.pid = address, None, pid

    def stop(self):
        pass


# What is asked, and the figures of the answer that are shown: key, heading, unit.
LOGIN = (("logins_per_s", "per second", ""), ("server_cpu_us_per_login", "server CPU", "us"),
         ("login_p99_ms", "p99", "ms"))
REGISTER = (("registrations_per_s", "per second", ""), ("server_cpu_us_per_registration", "server CPU", "us"))
CHAT = (("messages_per_s", "per second", ""), ("server_cpu_us_per_message", "server CPU", "us"),
        ("latency_p50_ms", "p50", "ms"), ("latency_p99_ms", "p99", "ms"), ("lost", "lost", ""),
        ("doubled", "doubled", ""))
IDLE = (("server_rss_kb_per_session", "memory of the server", "KB"),)


def brief(number):
    return f"{number:.0f}" if number >= 1000 else f"{number:.3g}"


def run(binary, server, name, figures, mode, *arguments, address=None):
    command = [binary, "bench", mode, "--server", address or server.plain, "--server-pid", str(server.pid), "--json",
               *arguments]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True)
    if done.returncode != 0:
        print(f"{name}: failed")
        return False
    answer = json.loads(done.stdout.strip().splitlines()[-1])
    words = [f"{heading} {brief(answer[key])} {unit}".rstrip() for key, heading, unit in figures if key in answer]
    print(f"{name:44} " + " · ".join(words), flush=True)
    return True


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--server", default=ROOT / "build/release/meerkat")
    arguments.add_argument("--users", type=int, default=2000)
    arguments.add_argument("--seconds", type=int, default=5)
    arguments.add_argument("--peer", help="address of another server")
    arguments.add_argument("--peer-pid", type=int, default=0)
    arguments = arguments.parse_args()
    binary, users, seconds = arguments.server, str(arguments.users), str(arguments.seconds)
    with tempfile.TemporaryDirectory(prefix="meerkat-bench-") as directory:
        server = Peer(arguments.peer, arguments.peer_pid) if arguments.peer else Server(binary, Path(directory))
        try:
            pairs = str(min(500, arguments.users // 2))
            chat = ("--pairs", pairs, "--seconds", seconds, "--body", "100")
            good = [
                run(binary, server, f"registrations, {users}", REGISTER, "register", "--users", users),
                run(binary, server, f"idle sessions, {users}", IDLE, "idle", "--users", users, "--seconds", "2"),
                run(binary, server, f"logins, SCRAM-SHA-1, {users}", LOGIN, "login", "--users", users, "--rehearse"),
                run(binary, server, f"chat, {pairs} pairs, 100 B, closed loop", CHAT, "chat", *chat, "--window", "1"),
                run(binary, server, f"chat, {pairs} pairs, 100 B, 1 000 messages/s", CHAT, "chat", *chat, "--rate", "1000"),
            ]
            if server.tls:
                good.append(run(binary, server, f"chat over TLS 1.3, {pairs} pairs, closed loop", CHAT, "chat", *chat,
                                "--window", "1", "--tls", "direct", address=server.tls))
        finally:
            server.stop()
    sys.exit(0 if all(good) else 1)


main()
