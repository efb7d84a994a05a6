#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# Lets real clients meet: each of tests/clients registers, logs in over STARTTLS and over direct TLS, and chats with
# each other one. Those that can, come back when their connection is cut. Every step is a test.
#   tools/run_clients.py [--server build/debug/meerkat]
#   tools/run_clients.py --peer 127.0.0.1:5222,127.0.0.1:5223 --ca cert.pem
import argparse
import hashlib
import itertools
import os
import queue
import shutil
import subprocess
import sys
import threading
import time
from pathlib import Path

from xmpptest.client import Client
from xmpptest.relay import Relay
from xmpptest.server import ROOT, DidNotStart, Peer, Server, default_binary, summary
from xmpptest.waiting import SLOWNESS
from xmpptest.wire import Problem

SOURCES, BUILT = ROOT / "tests/clients", ROOT / "build/clients"
DEADLINE = float(os.environ.get("MEERKAT_TEST_DEADLINE", "30")) * SLOWNESS
MODES = {"starttls": "STARTTLS", "direct": "direct TLS"}


def prepare_slixmpp():
    return ["/usr/bin/python3", SOURCES / "slixmpp_chat.py"]


def prepare_strophe():
    program, source = BUILT / "strophe_chat", SOURCES / "strophe_chat.c"
    if not program.exists() or program.stat().st_mtime < source.stat().st_mtime:
        flags = subprocess.check_output(["pkg-config", "--cflags", "--libs", "libstrophe"], text=True).split()
        compiler = shutil.which("clang-19") or "cc"
        subprocess.run([compiler, "-std=c11", "-Wall", "-Wextra", "-O1", "-o", program, source, *flags], check=True)
    return [program]


def prepare_xmppjs():
    """npm installs into build/clients, once for each version of the lock file."""
    lock, installed = SOURCES / "package-lock.json", BUILT / "installed-lock.json"
    for name in ("package.json", "package-lock.json", ".npmrc", "xmppjs_chat.js"):
        shutil.copy(SOURCES / name, BUILT / name)
    if not installed.exists() or installed.read_bytes() != lock.read_bytes():
        done = subprocess.run(["npm", "ci", "--ignore-scripts"], cwd=BUILT, stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        if done.returncode:
            raise Problem("npm cannot install @xmpp/client:\n" + done.stdout)
        shutil.copy(lock, installed)
    return ["node", BUILT / "xmppjs_chat.js"]


RESUMING = ("slixmpp", "xmppjs")  # have stream management (XEP-0198)
# What they choose when everything is offered. slixmpp tries SCRAM in a way that has to be refused, see clients.toml.
BY_ITSELF = {"slixmpp": ("PLAIN", "SCRAM-"), "strophe": ("SCRAM-",), "xmppjs": ("SCRAM-",)}
KINDS = {"slixmpp": prepare_slixmpp, "strophe": prepare_strophe, "xmppjs": prepare_xmppjs}


class Puppet:
    """A client process. Takes commands, tells what happened."""

    def __init__(self, kind, command, address, mode, jid, password, ca, *more):
        self.kind, self._heard, self._said = kind, [], queue.Queue()
        self._process = subprocess.Popen(
            [*command, address[0], str(address[1]), mode, jid, password, ca, *more], text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            env={**os.environ, "NODE_EXTRA_CA_CERTS": str(ca)})
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self):
        for line in self._process.stdout:
            self._said.put(line.rstrip("\n"))
        self._said.put(None)

    def command(self, *words):
        self._process.stdin.write(" ".join(words) + "\n")
        self._process.stdin.flush()

    def hears(self, *words):
        """Waits for a line that begins with these words; gives the rest of its words."""
        wanted, until = " ".join(words), time.monotonic() + DEADLINE
        while True:
            for line in self._heard:
                if line == wanted or line.startswith(wanted + " "):
                    self._heard.remove(line)
                    return line[len(wanted):].split()
            try:
                line = self._said.get(timeout=max(0.001, until - time.monotonic()))
            except queue.Empty:
                line = None
            if line is None or line.startswith("failed"):
                heard = "\n".join("      " + said for said in [*self._heard[-15:], line or "(nothing more)"])
                raise Problem(f"{self.kind} did not hear '{wanted}', but:\n{heard}")
            self._heard.append(line)

    def quit(self):
        try:
            self._process.stdin.write("quit\n")
            self._process.stdin.close()
        except OSError:
            pass
        try:
            self._process.wait(5)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


class Meeting:
    """Clients on one server. The commands that start them are shared by several meetings."""

    def __init__(self, commands):
        self.passed = self.failed = 0
        self.server = self.ca = None
        self.commands, self.accounts, self.puppets = commands, {}, {}  # by kind; puppets by (kind, mode)

    def shows(self, sentence, step, *arguments):
        """One test. Gives whether it passed."""
        try:
            step(*arguments)
            self.passed += 1
            return True
        except (Problem, DidNotStart, OSError, subprocess.SubprocessError, KeyError) as problem:
            self.failed += 1
            print(f"FAILED  {sentence}\n    {type(problem).__name__}: {problem}\n", flush=True)
            return False

    def _address(self, mode):
        return self.server.address if mode == "starttls" else self.server.tls_address

    def _start(self, kind, mode, *more, address=None):
        name, password = self.accounts[kind]
        jid = f"{name}@{self.server.host}"
        address = address or self._address(mode)
        return Puppet(kind, self.commands[kind], address, mode, jid, password, self.ca, *more)

    def prepare(self, kind):
        BUILT.mkdir(parents=True, exist_ok=True)
        self.commands[kind] = KINDS[kind]()

    def _friend(self):
        """A small client of ours, registered and logged in."""
        account = self.server.new_account("friend")
        registrar, friend = (Client(self.server.address, self.server.host) for _ in range(2))
        registrar.secure()
        registrar.register(*account)
        registrar.drop()
        friend.log_in(*account)
        return friend

    def register(self, kind):
        """slixmpp can register by itself; for the others a small client of ours does it."""
        self.accounts[kind] = self.server.new_account(kind)
        if kind == "slixmpp":
            puppet = self._start(kind, "starttls", "register")
            try:
                puppet.hears("registered")
            finally:
                puppet.quit()
            return
        registrar = Client(self.server.address, self.server.host)
        try:
            registrar.secure()
            registrar.register(*self.accounts[kind])
        finally:
            registrar.drop()

    def log_in(self, kind, mode, mechanisms=("SCRAM-",)):
        puppet = self.puppets[kind, mode] = self._start(kind, mode)
        puppet.jid, mechanism = puppet.hears("online")
        if not mechanism.startswith(mechanisms):
            raise Problem(f"{kind} authenticated by {mechanism}")

    def come_back(self, kind, mode, times=3, messages=20):
        """Somebody writes while the connection is cut, and everything comes once and in order."""
        friend = self._friend()
        with Relay(self._address(mode)) as relay:
            puppet = self._start(kind, mode, "resumes", address=relay.address)
            try:
                puppet.jid, _ = puppet.hears("online")
                puppet.hears("resumable")
                for turn in range(times):
                    texts = [f"{turn}.{number}" for number in range(messages)]
                    self._write(friend, puppet.jid, texts[:messages // 2])
                    relay.cut()
                    puppet.hears("offline")
                    self._write(friend, puppet.jid, texts[messages // 2:])
                    relay.mend()
                    puppet.command("reconnect")
                    puppet.hears("resumed")
                    for text in texts:
                        if (heard := puppet.hears("message", friend.jid)) != [text]:
                            raise Problem(f"{kind} should have heard {text}, but heard {heard}")
                self.be_answered(puppet)
            finally:
                puppet.quit()
                friend.drop()

    @staticmethod
    def _write(friend, to, texts):
        """The server has all of it when this is done."""
        for text in texts:
            friend.send(f"<message to='{to}' type='chat'><body>{text}</body></message>")
        friend.ask("get", "<ping xmlns='urn:xmpp:ping'/>", friend.host)

    def be_answered(self, puppet):
        puppet.command("ping", self.server.host)
        puppet.hears("pong", self.server.host)
        puppet.command("version", self.server.host)
        puppet.hears("version", self.server.host)

    def chat(self, one, other):
        for sender, receiver, text in ((one, other, "hello, who is there?"), (other, one, "it's me: <ä> & 😀")):
            sender.command("message", receiver.jid, text)
            if receiver.hears("message", sender.jid) != text.split():
                raise Problem("the text has changed on its way")

    def see_presence(self, one, other):
        one.command("presence", other.jid)
        other.hears("presence", one.jid, "available")

    def ask_each_other(self, one, other):
        one.command("version", other.jid)
        if one.hears("version", other.jid) != [other.kind]:
            raise Problem(f"{other.kind} was not the one who answered")

    def introduce(self, one, other):
        address = one.jid.partition("/")[0]
        name = f"{address.partition('@')[0]} & Friends"
        one.command("introduce", name)
        one.hears("introduced")
        other.hears("avatar", one.jid, hashlib.sha1(b"hello").hexdigest())
        other.command("who", address)
        if other.hears("who", address) != name.split():
            raise Problem("the name has changed on its way")
        other.command("search", name.upper())
        if other.hears("found") != [address]:
            raise Problem("somebody else was found, or nobody")

    def try_every_mechanism(self):
        for kind in self.commands:
            self.shows(f"{kind} gets an account where every mechanism is offered", self.register, kind)
            for mode, words in MODES.items():
                expected = BY_ITSELF[kind]
                self.shows(f"{kind} logs in over {words} by {' or '.join(expected)} when it has the choice",
                           self.log_in, kind, mode, expected)
                self.puppets.pop((kind, mode)).quit()

    def meet(self):
        for kind in self.commands:
            self.shows(f"{kind} gets an account by in-band registration", self.register, kind)
            for mode, words in MODES.items():
                if not self.shows(f"{kind} logs in with SCRAM over {words}", self.log_in, kind, mode):
                    self.puppets.pop((kind, mode)).quit()
                    continue
                self.shows(f"{kind} over {words} is answered by the server: ping and version",
                           self.be_answered, self.puppets[kind, mode])
        for one, other in itertools.combinations(self.puppets.values(), 2):
            pair = f"{one.kind} and {other.kind} ({one.jid.partition('/')[0]} and {other.jid.partition('/')[0]})"
            self.shows(f"{pair} chat both ways", self.chat, one, other)
            self.shows(f"{pair}: the second sees the first one's presence", self.see_presence, one, other)
            self.shows(f"{pair}: the second answers the first one's question", self.ask_each_other, one, other)
        speakers = [puppet for puppet in self.puppets.values() if puppet.kind == "slixmpp"]
        for one, other in itertools.permutations(speakers, 2):
            self.shows(f"slixmpp ({one.jid}) sets a vCard; its other device sees the avatar, the name, and finds it",
                       self.introduce, one, other)
        for key in list(self.puppets):
            self.shows(f"{key[0]} says goodbye", self.puppets[key].quit)
        for kind, mode in itertools.product(RESUMING, MODES):
            self.shows(f"{kind} over {MODES[mode]} resumes when its connection is cut, and misses nothing",
                       self.come_back, kind, mode)


def make_certificate(directory):
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
                    "-days", "2", "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1",
                    "-keyout", directory / "key.pem", "-out", directory / "cert.pem"], check=True, capture_output=True)


def hold(meeting, binary, template, what_happens):
    """Starts a server, lets the clients do what they came for, stops the server."""
    server = meeting.server = Server(binary, SOURCES / template)
    make_certificate(server.directory)
    meeting.ca = server.directory / "cert.pem"
    if not meeting.shows(f"the server starts with {template}", server.start):
        return
    try:
        what_happens(meeting)
    finally:
        problem = server.stop()
    if problem:
        meeting.failed += 1
        print(f"FAILED  the server ends well\n    {problem}\n")


def main():
    parser = argparse.ArgumentParser(description="Lets real clients meet on a server.")
    parser.add_argument("--server", type=Path, default=None, help="the program (default: the newest build)")
    parser.add_argument("--peer", help="ADDRESS,TLS_ADDRESS of a server that runs already")
    parser.add_argument("--ca", type=Path, help="with --peer: the certificate to trust")
    options = parser.parse_args()
    started = time.monotonic()
    meeting = Meeting({})
    for kind in KINDS:
        meeting.shows(f"{kind} is ready to be used", meeting.prepare, kind)
    if options.peer:
        pair = [(a.rpartition(":")[0], int(a.rpartition(":")[2])) for a in options.peer.split(",")]
        meeting.server, meeting.ca = Peer(*pair), options.ca
        meeting.meet()
        passed, failed = meeting.passed, meeting.failed
    else:
        binary = (options.server or default_binary()).resolve()
        hold(meeting, binary, "clients.toml", Meeting.meet)
        second = Meeting(meeting.commands)
        hold(second, binary, "every_mechanism.toml", Meeting.try_every_mechanism)
        passed, failed = meeting.passed + second.passed, meeting.failed + second.failed
    return summary("clients", passed, failed, started)


if __name__ == "__main__":
    sys.exit(main())
