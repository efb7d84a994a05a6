# SPDX-License-Identifier: Apache-2.0
# What the tests of methods share: a server with a table [auth] of their own, and logins that succeed or not.
import contextlib
import json
import subprocess
import tempfile
from pathlib import Path

from xmpptest.client import Client, Refused
from xmpptest.runner import Failed, expect
from xmpptest.server import Server, running

CONFIGURATION = """
[general]
  hosts = ["localhost"]
  default_server_domain = "localhost"
  loglevel = "info"
  registration_timeout = "infinity"
[[listen.c2s]]
  port = 0
  ip_address = "127.0.0.1"
{listener}
[internal_databases.embedded]
  directory = "$data"
[modules.mod_register]
[modules.mod_ping]
{auth}
"""


@contextlib.contextmanager
def server_with(binary, auth, listener="", files=()):
    """`auth` may speak of $$HERE, a directory with these files: pairs of name and text; programs can be run."""
    with tempfile.TemporaryDirectory(prefix="meerkat-test-") as name:
        here = Path(name)
        for file, text in files:
            (here / file).write_text(text, encoding="utf-8")
            (here / file).chmod(0o700)
        template = here / "template.toml"
        template.write_text(CONFIGURATION.format(auth=auth.replace("$$HERE", name), listener=listener),
                            encoding="utf-8")
        with running(Server(binary, template, here / "server")) as server:
            yield server


@contextlib.contextmanager
def client_of(server, certificate=None):
    """Somebody who has connected, with a file of a key and a certificate or without."""
    client = Client(server.address)
    client.certificate = certificate
    try:
        yield client
    finally:
        client.drop()


def log_in(server, name, password, mechanism="PLAIN", certificate=None):
    """Logs in, is answered a ping and leaves."""
    with client_of(server, certificate) as client:
        client.log_in(name, password, mechanism=mechanism)
        client.ask("get", "<ping xmlns='urn:xmpp:ping'/>", to="localhost")


def refusal(server, name, password, mechanism="PLAIN", certificate=None):
    """The condition with which SASL refuses."""
    try:
        log_in(server, name, password, mechanism, certificate)
    except Refused as refused:
        return refused.condition
    raise Failed(f"{name} was let in")


def offered(server, certificate=None):
    with client_of(server, certificate) as client:
        client.secure()
        return client.mechanisms()


def told(binary, server, *command):
    """What an operator is told; the socket stands in $$HERE/admin.sock."""
    said = subprocess.run([binary, *command, "--json", "--socket", server.directory.parent / "admin.sock"],
                          check=True, capture_output=True, text=True, timeout=30).stdout
    return json.loads(said)


def expect_same(found, wanted):
    expect(found == wanted, f"{found!r}, not {wanted!r}")
