# SPDX-License-Identifier: Apache-2.0
# A server with lines of our own in its configuration, for the time of a `with`.
import contextlib
from pathlib import Path

from xmpptest.client import Client
from xmpptest.server import Server, running

TEMPLATE = Path(__file__).with_name("serve.toml")


@contextlib.contextmanager
def started(binary, general="", log="", port=0, **process):
    """`process` goes to the Server; how it ends is part of the test."""
    server = Server(binary, TEMPLATE, **process)
    text = TEMPLATE.read_text(encoding="utf-8")
    for word, line in (("$general", general), ("$log", log), ("$port", str(port))):
        text = text.replace(word, line)
    server.template = server.directory / "template.toml"
    server.template.write_text(text, encoding="utf-8")
    with running(server):
        yield server


def logged_in(server, name, password, mechanism=None):
    """A client with an account of its own."""
    with contextlib.closing(registering(server)) as first:
        first.register(name, password)
    client = Client(server.address)
    client.log_in(name, password, mechanism=mechanism)
    return client


def registering(server):
    client = Client(server.address)
    client.secure()
    client.close = client.drop  # for contextlib.closing: nobody waits for the goodbye
    return client
