#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# A load run for `./dev bench`: starts the release build on free ports of the loopback with stores of its own, makes
# accounts, and lets `meerkat bench` load it. Prints one line for each run.
#   tools/load_run.py [--server build/release/meerkat] [--users 2000] [--seconds 5] [STAGE…]
#   tools/load_run.py --peer 127.0.0.1:5222 --peer-pid PID [--prefix u --password pw] [STAGE…]
#                                               the same against another server with its accounts open
#   tools/load_run.py --modules few chat        without the modules of instant messaging
import argparse
import json
import os
import shutil
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
"""
FEW = ("register", "ping", "stream_management")
# All that a message, a presence or a login passes.
ALL = (*FEW, "disco", "roster", "presence", "offline", "privacy", "blocking", "carboncopy", "csi", "caps", "stanzaid",
       "vcard", "private", "last", "amp", "adhoc", "time", "version")


class Server:
    """A server with a directory of its own; it may be stopped and started again on the same store."""

    def __init__(self, wish, name):
        self.binary, self.directory = wish.server, wish.directory / name
        self.directory.mkdir()
        modules = ALL if wish.modules == "all" else FEW
        text = CONFIG.format(directory=self.directory)
        text += "".join(f"[modules.mod_{module}]\n" for module in modules)
        (self.directory / "server.toml").write_text(text)
        self.start()

    def start(self):
        ready = self.directory / "ready"
        ready.unlink(missing_ok=True)
        self.process = subprocess.Popen([self.binary, "serve", "--config", self.directory / "server.toml",
                                         "--ready-file", ready], stdout=subprocess.DEVNULL)
        until = time.monotonic() + 30
        while not ready.exists():
            if self.process.poll() is not None or time.monotonic() > until:
                sys.exit("the server did not start")
            time.sleep(0.02)
        ports = dict(line.split() for line in ready.read_text().splitlines())
        self.plain, self.tls, self.pid = ports["c2s"], ports["c2s-tls"], self.process.pid

    def sessions(self):
        said = subprocess.run([self.binary, "session", "count", "--json", "--config", self.directory / "server.toml"],
                              capture_output=True, text=True, check=True)
        return sum(row["sessions"] for row in json.loads(said.stdout))

    def cpu_seconds(self):
        fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(") ")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(20)

    def again(self):
        self.stop()
        self.start()

    def remove(self):
        self.stop()
        shutil.rmtree(self.directory)


class Peer:
    """Another server, which runs already."""

    def __init__(self, wish, _):
        self.plain, self.tls, self.pid = wish.peer, None, wish.peer_pid

    def again(self):
        pass

    def remove(self):
        pass


# What is asked, and the figures of the answer that are shown: key, heading, unit.
LOGIN = (("logins_per_s", "per second", ""), ("server_cpu_us_per_login", "server CPU", "us"),
         ("login_p99_ms", "p99", "ms"))
REGISTER = (("registrations_per_s", "per second", ""), ("server_cpu_us_per_registration", "server CPU", "us"))
CHAT = (("messages_per_s", "per second", ""), ("server_cpu_us_per_message", "server CPU", "us"),
        ("latency_p50_ms", "p50", "ms"), ("latency_p99_ms", "p99", "ms"), ("lost", "lost", ""),
        ("doubled", "doubled", ""))
UNACKNOWLEDGED = (("unacknowledged", "unacknowledged", ""),)
IDLE = (("server_rss_kb_per_session", "memory of the server", "KB"),)
CONTACTS = (("server_cpu_us_per_login", "server CPU per login", "us"), ("login_p99_ms", "p99", "ms"),
            ("server_cpu_us_per_logout", "per logout", "us"),
            ("server_cpu_us_per_introduction", "per subscription both ways", "us"),
            ("presences_missing", "presences missing", ""))
PRESENCE = (("deliveries_per_s", "deliveries per second", ""), ("server_cpu_us_per_delivery", "server CPU", "us"),
            ("lost", "lost", ""))
OFFLINE = (("server_cpu_us_per_message_stored", "server CPU to store", "us"),
           ("server_cpu_us_per_message_fetched", "to fetch", "us"), ("lost", "lost", ""),
           ("out_of_order", "out of order", ""))
ROSTER = (("first_get_p50_ms", "first time", "ms"), ("server_cpu_us_per_first_get", "server CPU", "us"),
          ("later_get_p50_ms", "again", "ms"), ("server_cpu_us_per_later_get", "server CPU", "us"),
          ("contacts_missing", "contacts missing", ""))
RESUME = (("resumes_per_s", "per second", ""), ("server_cpu_us_per_resume", "server CPU", "us"),
          ("server_cpu_us_per_cut", "per cut", "us"), ("resume_p99_ms", "p99", "ms"),
          ("not_resumed", "not resumed", ""), ("lost", "lost", ""), ("doubled", "doubled", ""))
DETACHED = (("server_rss_kb_per_connected_session", "connected", "KB"),
            ("server_rss_kb_per_detached_session", "detached", "KB"),
            ("server_rss_kb_per_detached_session_with_messages", "with 10 messages that wait", "KB"))


def brief(number):
    return f"{number:.0f}" if number >= 1000 else f"{number:.3g}"


class Stages:
    def __init__(self, wish):
        self.wish = wish
        self.good = True
        self.idle = []  # what goes on beside the other stages: processes, and their servers

    def begin(self, server, mode, *arguments, address=None):
        command = [self.wish.server, "bench", mode, "--server", address or server.plain, "--server-pid",
                   str(server.pid), "--user-prefix", self.wish.prefix, "--password", self.wish.password, "--json"]
        return subprocess.Popen([*command, *map(str, arguments)], stdout=subprocess.PIPE, text=True)

    def end(self, process, name, figures):
        output = process.communicate()[0]
        lines = output.strip().splitlines()
        answer = json.loads(lines[-1]) if lines else {}
        words = [f"{heading} {brief(answer[key])} {unit}".rstrip() for key, heading, unit in figures if key in answer]
        if process.returncode != 0:
            self.good = False
            words.insert(0, "FAILED " + answer.get("first_failure", ""))
        if name:
            print(f"{name:44} " + " · ".join(words), flush=True)
        return answer

    def run(self, server, name, figures, mode, *arguments, address=None):
        return self.end(self.begin(server, mode, *arguments, address=address), name, figures)

    def accounts(self, server, count):
        self.run(server, "", (), "register", "--users", count)

    def chat(self):
        wish = self.wish
        server, users, pairs = server_of(wish)(wish, "chat"), wish.users, min(500, wish.users // 2)
        chat = ("--pairs", pairs, "--seconds", wish.seconds, "--body", 100)
        self.run(server, f"registrations, {users}", REGISTER, "register", "--users", users)
        self.run(server, f"idle sessions, {users}", IDLE, "idle", "--users", users, "--seconds", 2)
        self.run(server, f"logins, SCRAM-SHA-1, {users}", LOGIN, "login", "--users", users, "--rehearse")
        self.run(server, f"chat, {pairs} pairs, 100 B, closed loop", CHAT, "chat", *chat, "--window", 1)
        self.run(server, f"chat, {pairs} pairs, 100 B, 1 000 messages/s", CHAT, "chat", *chat, "--rate", 1000)
        if server.tls:
            self.run(server, f"chat over TLS 1.3, {pairs} pairs, closed loop", CHAT, "chat", *chat, "--window", 1,
                     "--tls", "direct", address=server.tls)
        server.remove()

    def sm(self):
        """Stream management on both sides, and the same without, twice in turn: what is compared is near in time."""
        wish, pairs = self.wish, min(500, self.wish.users // 2)
        server = server_of(wish)(wish, "sm")
        self.accounts(server, 2 * pairs)
        chat = ("--pairs", pairs, "--seconds", wish.seconds, "--body", 100)
        for _ in range(2):
            self.run(server, f"chat, {pairs} pairs, without acknowledgements", CHAT, "chat", *chat)
            self.run(server, f"chat, {pairs} pairs, stream management", (*CHAT, *UNACKNOWLEDGED), "chat", *chat, "--sm")
        server.remove()

    def resume(self):
        """Memory first, while the server is fresh."""
        users = self.wish.resume_users
        server = server_of(self.wish)(self.wish, "resume")
        self.accounts(server, users + 1)
        server.again()
        sessions = ("--users", users)
        self.run(server, f"memory of {users} sessions", DETACHED, "resume", *sessions, "--messages", 10, "--rounds", 1,
                 "--stay", 2)
        self.run(server, f"resumptions, {users} sessions", RESUME, "resume", *sessions, "--messages", 0)
        self.run(server, "resumptions, 3 messages waiting for each", RESUME, "resume", *sessions, "--messages", 3)
        server.remove()

    def spike(self):
        """All are cut off at once, and mod_last writes when each of them was last here."""
        if self.wish.peer:
            return print(f"{'cut off at once':44} left out: xload's mode spike is for peers", flush=True)
        users = self.wish.spike_users
        server = Server(self.wish, "spike")
        self.accounts(server, users)
        sessions = self.begin(server, "idle", "--users", users, "--seconds", 600)
        until = time.monotonic() + 120
        while server.sessions() < users and time.monotonic() < until:
            time.sleep(0.5)
        time.sleep(2)
        before, began = server.cpu_seconds(), time.monotonic()
        sessions.kill()
        sessions.communicate()
        while server.sessions() > 0 and time.monotonic() < until:
            time.sleep(0.1)
        took = time.monotonic() - began
        time.sleep(7)  # the last batch, and the marks of those who were online
        left = server.sessions()
        spent = (server.cpu_seconds() - before) / users * 1e6
        self.good = self.good and left == 0
        print(f"{f'cut off at once, {users} sessions':44} " + ("" if left == 0 else f"FAILED {left} stay · ")
              + f"server CPU {brief(spent)} us for each · over in {brief(took)} s", flush=True)
        server.remove()

    def contacts(self):
        """Logins and logouts with a roster of 50, and without; then, on fresh servers, what idle sessions need."""
        users = self.wish.contact_users
        full, empty = (server_of(self.wish)(self.wish, name) for name in ("full", "empty"))
        with_roster = ("--users", users, "--roster", 50, "--online", 10)
        without = ("--users", users, "--roster", 0)
        self.accounts(full, 2 * users)
        if not self.wish.peer:
            self.accounts(empty, users)
        self.run(full, f"logins, roster of 50, 10 online, {users}", CONTACTS, "contacts", *with_roster)
        # A peer has the accounts behind them for it: nobody is their contact.
        first = ("--first-user", 2 * users) if self.wish.peer else ()
        if self.wish.peer:
            self.run(full, "", (), "register", "--users", users, *first)
        self.run(empty, f"logins, empty roster, {users}", CONTACTS, "contacts", *without, *first)
        if self.wish.stay and not self.wish.peer:
            return self.begin_idling(full, empty, with_roster, without)
        full.remove()
        empty.remove()

    def begin_idling(self, full, empty, with_roster, without):
        """On servers that were started anew everybody logs in and is silent, while the other stages are run."""
        stay = ("--prepared", "--rounds", 1, "--stay", self.wish.stay)
        for server, arguments in ((full, with_roster), (empty, without)):
            server.again()
            self.idle.append((self.begin(server, "contacts", *arguments, *stay), server))
        time.sleep(5)

    def end_idling(self):
        if not self.idle:
            return
        of_full, of_empty = (self.end(process, "", ()) for process, _ in self.idle)
        for _, server in self.idle:
            server.remove()
        key = "server_rss_kb_per_session"
        if key in of_full and key in of_empty:
            print(f"{'idle for ' + str(self.wish.stay) + ' s, roster of 50':44} memory of the server "
                  f"{brief(of_full[key])} KB · empty roster {brief(of_empty[key])} KB", flush=True)

    def presence(self):
        groups, fan = 20, 50
        server = server_of(self.wish)(self.wish, "presence")
        self.accounts(server, groups * (fan + 1))
        self.run(server, f"presence to {fan} contacts, {groups} groups", PRESENCE, "presence", "--groups", groups,
                 "--fan", fan, "--seconds", self.wish.seconds)
        server.remove()

    def offline(self):
        server = server_of(self.wish)(self.wish, "offline")
        many = self.wish.offline_users
        self.accounts(server, many + 1)
        self.run(server, "1 000 messages for one who is away", OFFLINE, "offline", "--users", 1, "--messages", 1000)
        self.run(server, f"one message each for {many} who are away", OFFLINE, "offline", "--users", many)
        server.remove()

    def roster(self):
        server = server_of(self.wish)(self.wish, "roster")
        roster = ("--users", 10, "--entries", 2000, "--rounds", 10)
        self.accounts(server, 10)
        self.run(server, "", (), "roster", *roster)
        server.again()
        self.run(server, "roster of 2 000 contacts, asked for", ROSTER, "roster", *roster, "--prepared")
        server.remove()


def server_of(wish):
    return Peer if wish.peer else Server


STAGES = ("contacts", "chat", "sm", "resume", "spike", "presence", "offline", "roster")


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("stages", nargs="*", metavar="STAGE", help=f"what is run: {', '.join(STAGES)}; all of them "
                           "when none is named")
    arguments.add_argument("--server", default=ROOT / "build/release/meerkat")
    arguments.add_argument("--users", type=int, default=2000, help="users of the stage chat")
    arguments.add_argument("--contact-users", type=int, default=1000, help="users with contacts who log in and out")
    arguments.add_argument("--offline-users", type=int, default=10000, help="users who get one message each")
    arguments.add_argument("--resume-users", type=int, default=2000, help="users who are cut off and resume")
    arguments.add_argument("--spike-users", type=int, default=4000, help="users who are cut off at once")
    arguments.add_argument("--seconds", type=int, default=5)
    arguments.add_argument("--stay", type=int, default=75,
                           help="seconds after which the memory of idle sessions is measured; 0: not at all")
    arguments.add_argument("--modules", choices=("all", "few"), default="all")
    arguments.add_argument("--peer", help="address of another server")
    arguments.add_argument("--peer-pid", type=int, default=0)
    arguments.add_argument("--prefix", default="bench", help="accounts are PREFIX0, PREFIX1, …")
    arguments.add_argument("--password", default="bench")
    wish = arguments.parse_args()
    for stage in wish.stages:
        if stage not in STAGES:
            arguments.error(f"there is no stage {stage}; there are: {', '.join(STAGES)}")
    with tempfile.TemporaryDirectory(prefix="meerkat-bench-") as directory:
        wish.directory = Path(directory)
        stages = Stages(wish)
        for stage in wish.stages or STAGES:
            getattr(stages, stage)()
        stages.end_idling()
    sys.exit(0 if stages.good else 1)


main()
