# SPDX-License-Identifier: Apache-2.0
# The log of a running server, whatever clients put into it (attack 50).
import json
import os
import re
import socket
import tempfile
from contextlib import closing
from pathlib import Path

from started import logged_in, registering, started
from xmpptest.client import Refused
from xmpptest.runner import test

TIME = re.compile(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$")
NASTY = "\u202evil\u0085"


def lines_of(path):
    return path.read_bytes().decode("utf-8").splitlines()  # fails on what is not UTF-8


@test("each line of a JSON log is one valid object with a time, a level, a word and a room")
def every_json_line_is_an_object(binary):
    with started(binary, general='loglevel = "debug"', log='format = "json"') as server:
        logged_in(server, "alice", "wonderland of 42 rabbits").drop()
    events = [json.loads(line) for line in lines_of(server.log) if not line.startswith("ready")]
    assert {"listening", "account_registered", "stopped"} <= {event["what"] for event in events}, events
    for event in events:
        assert TIME.match(event["when"]) and {"level", "what", "room"} <= event.keys(), event
    registered = next(event for event in events if event["what"] == "account_registered")
    assert registered["room"] == "mod_register" and registered["user"] == "alice@localhost", registered


@test("newlines, escapes and bytes that are no text in names, addresses and TLS never make a line of their own")
def clients_forge_no_lines(binary):
    with started(binary, general='loglevel = "debug"') as server:
        for name in ("a\nlevel=error what=forged", NASTY, "\x1b[2J", "x" * 900):
            with closing(registering(server)) as client:
                try:
                    client.register(name, "secret of the forger")
                except Exception:  # refused or cut off, either is well
                    pass
        for raw in (b"\x16\x03\x01\x00\x10\x1b[2J\nlevel=error what=forged", b"\xff\xfe\n\x07<stream:"):
            with socket.create_connection(server.address) as client:
                client.sendall(b"<?xml version='1.0'?>" + raw)
                client.shutdown(socket.SHUT_WR)
                client.recv(4096)
    for line in lines_of(server.log):
        assert not re.search(r"[\x00-\x1f\x7f-\x9f\u2028-\u202e]", line), repr(line)
        assert line.startswith("when=") and " level=error what=forged" not in line.partition("room=")[0], line


@test("at the most talkative level no password is logged, neither of a right nor of a wrong login")
def no_passwords_are_logged(binary):
    words = ("Abrakadabra-4711-right", "Simsalabim-0815-wrong")
    with started(binary, general='loglevel = "debug"') as server:
        for mechanism in ("PLAIN", "SCRAM-SHA-256"):
            logged_in(server, f"user-{mechanism.lower()}", words[0], mechanism).drop()
            with closing(registering(server)) as client:
                try:
                    client.authenticate(f"user-{mechanism.lower()}", words[1], mechanism)
                    raise AssertionError("a wrong password was taken")
                except Refused:
                    pass
    text = server.log.read_text(encoding="utf-8")
    assert "account_registered" in text
    assert not any(word in text for word in words), text


@test("when standard error is systemd's journal, lines begin with <N> and leave the time to the journal")
def the_journal_gets_priorities_and_no_times(binary):
    reader, writer = os.pipe()
    status = os.fstat(writer)
    environment = os.environ | {"JOURNAL_STREAM": f"{status.st_dev}:{status.st_ino}"}
    with started(binary, general='loglevel = "notice"', env=environment, stderr=writer):
        os.close(writer)
    with os.fdopen(reader, encoding="utf-8") as journal:
        lines = journal.read().splitlines()
    assert lines and all(re.match(r"<[2-7]>level=", line) for line in lines), lines
    assert any(line.startswith("<5>level=notice what=listening") for line in lines), lines


@test("a log file holds what standard error would, and one that cannot be written stops the start with advice")
def a_log_file(binary):
    with tempfile.TemporaryDirectory(prefix="meerkat-logs-") as directory:
        with started(binary, general='loglevel = "notice"', log='output = "meerkat.log"', cwd=directory) as server:
            pass
        assert "what=stopped" in (Path(directory) / "meerkat.log").read_text(encoding="utf-8")
    assert "what=stopped" not in server.log.read_text(encoding="utf-8")
