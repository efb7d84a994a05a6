# SPDX-License-Identifier: Apache-2.0
# The socket: who may use it, and what happens to those who misuse it.
import json
import os
import shutil
import socket
import stat
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor

from office import hear_all
from xmpptest.runner import expect, test
from xmpptest.waiting import SLOWNESS

NOBODY = 65534


def ask(office, connection, request):
    connection.sendall((request if isinstance(request, bytes) else json.dumps(request).encode()) + b"\n")
    said = b""
    while not said.endswith(b"\n"):
        part = connection.recv(65536)
        expect(part, "the server closed", said)
        said += part
    return json.loads(said)


def answers_soon(office):
    """When those who have left are noticed to be gone."""
    until = time.monotonic() + 10
    while office.meerkat("status").code != 0:
        expect(time.monotonic() < until, "the server lets people in again")


@test("the socket is its owner's alone")
def permissions(office):
    mode = office.socket.stat().st_mode
    expect(stat.S_ISSOCK(mode) and stat.S_IMODE(mode) == 0o600, oct(mode))


@test("another user is refused by the file, and by the server where the file would allow it")
def other_user(office):
    if os.geteuid() != 0:
        return  # only root can be somebody else
    as_nobody = ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups"]
    doors = [office.directory, office.directory / "data"]
    before = [door.stat().st_mode for door in doors]
    program = office.directory / "meerkat-for-all"
    shutil.copy(office.binary, program)
    program.chmod(0o755)
    words = [*as_nobody, program, "status", "--json", "--socket", office.socket]
    try:
        for door in doors:
            door.chmod(0o755)
        said = subprocess.run(words, capture_output=True, text=True, timeout=30)
        expect(said.returncode == 3 and "may not be used by you" in said.stderr, said)
        office.socket.chmod(0o666)
        said = subprocess.run(words, capture_output=True, text=True, timeout=30)
        expect(said.returncode == 1 and json.loads(said.stdout)["error"]["code"] == "not_permitted", said)
    finally:
        office.socket.chmod(0o600)
        for door, mode in zip(doors, before):
            door.chmod(stat.S_IMODE(mode))
        program.unlink()
    expect("admin_refused" in office.log.read_text(encoding="utf-8"))


@test("several requests are answered one after the other on one connection")
def pipelined(office):
    with office.connect() as here:
        status = {"command": "status"}
        expect("record" in ask(office, here, status))
        expect(ask(office, here, {"command": "sttus"})["error"]["code"] == "no_such_command")
        expect("record" in ask(office, here, status))
        here.sendall((json.dumps(status) + "\n").encode() * 50)
        said = b""
        while said.count(b"\n") < 50:
            said += here.recv(65536)
        expect(all("record" in json.loads(line) for line in said.splitlines()))


@test("garbage is answered once, and the connection closed")
def garbage(office):
    for bytes_ in (b"\n", b"hello\n", b"\x00\xff\xfe\n", b"GET / HTTP/1.1\r\n\r\n", b"[" * 60000 + b"\n", b"{}\n",
                   b'{"command":"account list","arguments":[]}\n', b'{"command":null}\n' * 1000):
        with office.connect() as here:
            here.sendall(bytes_)
            lines = hear_all(here).splitlines()
            expect(len(lines) == 1 and json.loads(lines[0])["error"]["code"] == "invalid_request", bytes_[:20], lines)
    office.done("status")


@test("a request without end is cut off")
def endless(office):
    with office.connect() as here:
        try:
            for _ in range(64):
                here.sendall(b"x" * 4096)
        except (BrokenPipeError, ConnectionResetError):
            pass
        said = hear_all(here)
        expect(not said or b"request_too_long" in said, said)
    office.done("status")


@test("who never reads is waited for without harm to others")
def never_reads(office):
    for number in range(40):
        office.done("account", "register", f"{'n' * 200}{number}@example.org", "--password-stdin", stdin="x\n")
    with office.connect() as here:
        here.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        request = json.dumps({"command": "account list"}).encode() + b"\n"
        here.setblocking(False)
        for _ in range(500):
            try:
                here.send(request)
            except BlockingIOError:
                break
        before = office.memory()
        for _ in range(20):
            office.done("status")
        expect(office.memory() - before < 10 * 2**20, "memory stays")
    office.done("status")


@test("those who leave in the middle of an answer do no harm")
def leaves(office):
    for _ in range(50):
        here = office.connect()
        here.sendall(b'{"command":"account list"}\n{"command":"session list"}\n')
        here.close()
    answers_soon(office)


@test("too many connections are turned away with a sentence, and welcome again later")
def too_many(office):
    open_ones = [office.connect() for _ in range(32)]
    try:
        for each in open_ones:
            expect("record" in ask(office, each, {"command": "status"}))
        with office.connect() as one_more:
            expect(json.loads(hear_all(one_more))["error"]["code"] == "too_many_connections")
    finally:
        for each in open_ones:
            each.close()
    answers_soon(office)


@test("many operators at once are all served")
def crowd(office):
    def work(number):
        user = f"crowd{number}@localhost"
        office.done("account", "register", user, "--password-stdin", stdin="x\n")
        office.done("account", "check", user)
        office.done("account", "unregister", user)
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(work, range(16)))


@test("a second server does not take the socket of the first")
def two_servers(office):
    other = office.directory / "second.toml"
    text = office.config.read_text(encoding="utf-8").replace(str(office.directory / "data"), str(office.directory / "two"))
    other.write_text(text + f'\n[admin]\n  socket = "{office.socket}"\n', encoding="utf-8")
    said = office.program("serve", "--config", other)
    expect(said.code == 1 and "another server has it" in said.err, said)
    office.done("status")


@test("a stop with somebody at the socket is quick")
def stop(office):
    with office.connect() as here:
        here.sendall(b'{"command":"status"}\n')
        started = time.monotonic()
        problem = office.stop()
        expect(problem is None and time.monotonic() - started < 4 * SLOWNESS, problem)
    expect(not office.socket.exists(), "the socket goes with the server")
    office.start()
