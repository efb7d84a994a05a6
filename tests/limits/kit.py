# SPDX-License-Identifier: Apache-2.0
# What the tests of limits have in common: servers with limits of their own, floods, measuring.
import contextlib
import select
import socket
import statistics
import tempfile
import time
from pathlib import Path

from xmpptest.client import HEADER, Client, Refused  # noqa: F401
from xmpptest.runner import LeftOut, expect
from xmpptest.server import Server, is_sanitized, running
from xmpptest.waiting import eventually
from xmpptest.wire import Problem  # noqa: F401

CONFIG = """[general]
  hosts = ["localhost"]
  default_server_domain = "localhost"
  loglevel = "notice"
  registration_timeout = {registration_timeout}
[[listen.c2s]]
  port = 0
  ip_address = "127.0.0.1"
  backlog = 4096
  {listen}
[[listen.c2s]]
  port = 0
  ip_address = "127.0.0.1"
  backlog = 4096
  tls.mode = "tls"
  {listen}
[auth]
  sasl_mechanisms = ["scram_sha1", "plain"]
  password.hash = ["sha"]
  password.scram_iterations = {iterations}
[auth.internal]
[limits]
  {limits}
[internal_databases.embedded]
  directory = "$data"
[modules.mod_register]
[modules.mod_ping]
"""
PING = "<iq type='get' id='p' to='localhost'><ping xmlns='urn:xmpp:ping'/></iq>"
NO_PACE = 'connection_rate = "infinity"'


@contextlib.contextmanager
def server(binary, limits="", listen="", registration_timeout='"infinity"', iterations=4096, prefix=()):
    """A server with these lines in [limits] and in each listener; it must end well. `prefix` goes before its command."""
    with tempfile.TemporaryDirectory(prefix="meerkat-limits-") as directory:
        template = Path(directory) / "template.toml"
        template.write_text(CONFIG.format(limits=limits.replace("; ", "\n  "), listen=listen, iterations=iterations,
                                          registration_timeout=registration_timeout))
        with running(Server(binary, template, directory=directory, prefix=prefix)) as it:
            yield it


def user(running, name, source=None):
    """An account, logged in."""
    client = Client(running.address, source=source)
    client.open_stream()
    client.register(name, "secret")
    client.log_in(name, "secret", mechanism="SCRAM-SHA-1")
    return client


def login(running, name, password="secret", source=None, mechanism="SCRAM-SHA-1"):
    """None when it went well, else SASL's condition; the connection is dropped."""
    client = Client(running.address, source=source)
    try:
        client.open_stream()
        client.authenticate(name, password, mechanism)
    except Refused as refused:
        return refused.condition
    finally:
        client.drop()
    return None


def timed(action):
    started = time.monotonic()
    action()
    return time.monotonic() - started


def middle(times):
    return statistics.median(times) * 1000


def counts_bytes(binary):
    if is_sanitized(binary):
        raise LeftOut("sanitizers keep freed memory")


def crowd(address, count, say=b"", sources=8):
    """So many connections from several addresses, each of which says the same and then nothing. The server has taken
    them all in then, and has answered or closed those who said something."""
    sockets, pending = [], select.poll()
    waiting = {}
    for number in range(count):
        one = socket.socket()
        one.setblocking(False)
        one.bind((f"127.0.9.{number % sources + 1}", 0))
        one.connect_ex(address)
        sockets.append(one)
        waiting[one.fileno()] = one
        pending.register(one.fileno(), select.POLLOUT)
        while len(waiting) >= 512 or (number == count - 1 and waiting):
            ready = pending.poll(5000)
            expect(ready, f"{len(waiting)} connections are not accepted")
            for descriptor, _ in ready:
                pending.unregister(descriptor)
                with contextlib.suppress(OSError):
                    waiting.pop(descriptor).send(say)
    expect(eventually(lambda: not_accepted(address) == 0), f"{not_accepted(address)} connections are not accepted")
    if say:
        wait_for_answers(sockets)
    return sockets


def not_accepted(address):
    """How many connections wait in the kernel until the server takes them."""
    waiting, port = 0, f":{address[1]:04X}"
    with open("/proc/net/tcp", encoding="ascii") as table:
        for line in table:
            _, here, _, state, queues, *_ = line.split()
            if state == "0A" and here.endswith(port):  # listening: the second queue is that of accept(2)
                waiting += int(queues.partition(":")[2], 16)
    return waiting


def wait_for_answers(sockets):
    silent = select.poll()
    for one in sockets:
        silent.register(one.fileno(), select.POLLIN)
    left = len(sockets)
    while left:
        heard = silent.poll(20000)
        expect(heard, f"{left} connections are not answered")
        for descriptor, _ in heard:
            silent.unregister(descriptor)
        left -= len(heard)


def closed_of(sockets):
    """How many the other side has closed."""
    closed = 0
    for one in sockets:
        try:
            while True:
                if not one.recv(65536):
                    closed += 1
                    break
        except BlockingIOError:
            pass
        except OSError:
            closed += 1
    return closed


def drop(sockets):
    for one in sockets:
        one.close()


def raw(address, say=b"", source=None):
    """All that the server says to a connection that says this, until it closes or is silent for two seconds."""
    with socket.create_connection(address, timeout=2, source_address=(source or "", 0)) as one:
        heard = b""
        try:
            if say:
                one.sendall(say)
            while chunk := one.recv(65536):
                heard += chunk
        except TimeoutError:
            heard += b"(silence)"
        except OSError:
            heard += b"(reset)"
    return heard
