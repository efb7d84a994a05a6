#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# The configuration changes while the server runs: what is new holds at once, sessions go on, and what cannot be applied
# changes nothing.
#   tests/reload/reload.py [--server build/debug/meerkat] [WORD…]
import json
import os
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import tempfile
from contextlib import closing
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tools"))
import connections  # noqa: E402
from house import Talk, field, house  # noqa: E402
from xmpptest.certificates import make_self_signed  # noqa: E402
from xmpptest.client import Client, Refused  # noqa: E402
from xmpptest.runner import run_tests, test, tests_of  # noqa: E402
from xmpptest.server import free_port  # noqa: E402
from xmpptest.wire import Problem  # noqa: E402

MODULES = "[modules.mod_register]\n[modules.mod_disco]\n"
TIME = "<time xmlns='urn:xmpp:time'/>"
PING = "<ping xmlns='urn:xmpp:ping'/>"
SOFTWARE = "<query xmlns='jabber:iq:version'/>"


def refusal(client, payload):
    try:
        client.ask("get", payload, "localhost")
    except Refused as refused:
        return refused.condition
    return None


@test("modules start, stop and get other options while sessions talk")
def modules_come_go_and_change(binary):
    with house(binary) as server, Talk(server), closing(server.logged_in()) as alice:
        alice.close = alice.drop
        assert refusal(alice, TIME) == "service-unavailable" and refusal(alice, PING) is None
        server.change(modules=MODULES + "[modules.mod_time]\n[modules.mod_version]")
        assert refusal(alice, TIME) is None and refusal(alice, PING) == "service-unavailable"
        assert alice.ask("get", SOFTWARE, "localhost").children[0].child("os") is None
        server.change(modules=MODULES + "[modules.mod_version]\nos_info = true")
        assert alice.ask("get", SOFTWARE, "localhost").children[0].child("os") is not None
        features = alice.ask("get", "<query xmlns='http://jabber.org/protocol/disco#info'/>", "localhost").children[0]
        named = {feature.attributes.get("var") for feature in features.children}
        assert "jabber:iq:version" in named and "urn:xmpp:time" not in named, named


def hears(client, words, local):
    """What the client is told of that name, once it has said these words."""
    client.send(words)
    while (event := client.next(local)).kind != "stanza" or event.element.local != local:
        pass
    return event.element


@test("stream management gets other options, and sessions that wait are resumed")
def stream_management_changes(binary):
    managed = "[modules.mod_stream_management]\nresume_timeout = "
    enable = "<enable xmlns='urn:xmpp:sm:3' resume='true'/>"
    with house(binary) as server, Talk(server):
        server.change(modules=f"{MODULES}{managed}60")
        alice = server.logged_in()
        enabled = hears(alice, enable, "enabled").attributes
        assert enabled["max"] == "60", enabled
        alice.drop()
        server.change(modules=f"{MODULES}{managed}90")
        back = Client(server.address)
        back.secure()
        back.authenticate(*alice.account)
        back.open_stream()
        hears(back, f"<resume xmlns='urn:xmpp:sm:3' previd='{enabled['id']}' h='0'/>", "resumed")
        back.drop()
        other = server.logged_in("other")
        assert hears(other, enable, "enabled").attributes["max"] == "90"
        other.drop()


@test("what is logged changes at once")
def log_level(binary):
    with house(binary) as server, Talk(server):
        server.logged_in().drop()
        assert not server.logged("account_registered")
        server.change(general='loglevel = "info"')
        server.logged_in().drop()
        server.wait_for("account_registered", 1)


@test("a domain is added and taken away; only its own sessions hear host-gone")
def hosts(binary):
    with house(binary) as server, Talk(server):
        server.change(hosts='["localhost", "new.example"]')
        stranger = Client(server.address)
        stranger.server_name = "localhost"
        stranger.open_stream("new.example")
        stranger.start_tls()
        stranger.register("nora", "secret of nora")
        stranger.log_in("nora", "secret of nora")
        local = server.logged_in()
        local.send(f"<message to='{stranger.jid}' type='chat'><body>welcome</body></message>")
        assert stranger.hear("stanza", "message").child("body").text == "welcome"
        assert server.hosts_with_metrics() == {"localhost", "new.example"}, server.hosts_with_metrics()
        server.change(hosts='["localhost"]')
        assert server.hosts_with_metrics() == {"localhost"}, server.hosts_with_metrics()
        error = stranger.hear("stanza", "error")
        assert error.children[0].local == "host-gone", error.children[0].local
        refused = Client(server.address)
        try:
            refused.open_stream("new.example")
            raise AssertionError("a domain that is gone is still served")
        except Problem:
            pass
        server.change(hosts='["localhost", "new.example"]')
        again = Client(server.address)
        again.open_stream("new.example")
        again.start_tls()
        again.log_in("nora", "secret of nora")
        for client in (stranger, local, refused, again):
            client.drop()


@test("the program of a domain that is added stands in the list of pools")
def pools_of_new_hosts(binary):
    place = Path(tempfile.mkdtemp(prefix="meerkat-reload-"))
    own = f'[auth.external]\nprogram = "/bin/cat"\n[admin]\nsocket = "{place}/admin.sock"'

    def pools():
        said = subprocess.run([binary, "pool", "list", "--json", "--socket", place / "admin.sock"], check=True,
                              capture_output=True, text=True, timeout=30).stdout
        return [row["pool"] for row in json.loads(said)]

    with house(binary, access=own) as server:
        assert pools() == ["external.localhost"], pools()
        server.change(hosts='["localhost", "new.example"]')
        assert pools() == ["external.localhost", "external.new.example"], pools()
    shutil.rmtree(place)


@test("ports are opened, closed and changed; sessions that came in there stay")
def listeners(binary):
    with house(binary) as server, Talk(server):
        other = free_port()
        listen = f'[[listen.c2s]]\nport = {other}\nip_address = "127.0.0.1"'
        server.change(listen=listen)
        there = "127.0.0.1", other
        guest = server.logged_in("gus", "SCRAM-SHA-256", there)
        server.change(listen="", c2s="max_stanza_size = 20000")
        try:
            socket.create_connection(there, timeout=5).close()
            raise AssertionError("a port that is gone still takes connections")
        except ConnectionError:
            pass
        assert refusal(guest, PING) is None
        small = server.logged_in("sam")
        small.send(f"<message to='{guest.jid}' type='chat'><body>{'x' * 30000}</body></message>")
        while small.hear("stanza").local != "error":  # its own presence comes first
            pass
        guest.send(f"<message to='{guest.jid}' type='chat'><body>{'x' * 30000}</body></message>")
        assert len(guest.hear("stanza", "message").child("body").text) == 30000
        for client in (guest, small):
            client.drop()


@test("other mechanisms are offered to those who come, without a break for those who are here")
def mechanisms(binary):
    with house(binary) as server, Talk(server):
        server.change(auth='sasl_mechanisms = ["plain"]')
        with closing(Client(server.address)) as client:
            client.close = client.drop
            client.secure()
            assert client.mechanisms() == ["PLAIN"], client.mechanisms()


@test("who may log in is decided by the rules of now")
def access_rules(binary):
    with house(binary, c2s='access = "c2s"', access="[access]\nc2s = [{acl = \"all\", value = \"allow\"}]") as server:
        with Talk(server):
            alice = server.logged_in()
            server.change(access="[access]\nc2s = [{acl = \"all\", value = \"deny\"}]")
            late = Client(server.address)
            try:
                late.log_in(*alice.account)
                raise AssertionError("a rule that denies lets in")
            except Refused as refused:
                assert refused.condition == "not-allowed", refused.condition
            assert refusal(alice, PING) is None
            alice.drop()
            late.drop()


@test("a file with mistakes, or with what needs a restart, changes nothing at all, and says why")
def refused_changes_nothing(binary):
    with house(binary) as server, Talk(server), closing(server.logged_in()) as alice:
        alice.close = alice.drop
        wishes = {"modules": MODULES + "[modules.mod_time]", "general": 'loglevel = "info"'}
        server.write(**wishes, workers="3")
        line = server.hang_up("reload_refused")
        assert "these need a restart: general.worker_threads" in line, line
        server.write(**wishes, workers="2", limits="connection_rat = 5")
        line = server.hang_up("reload_refused")
        assert "connection_rat" in line and "did you mean" in line, line
        server.write(limits="]")
        server.hang_up("reload_refused")
        with socket.create_server(("127.0.0.1", 0)) as taken:
            port = taken.getsockname()[1]
            server.write(limits="", listen=f'[[listen.c2s]]\nport = {port}\nip_address = "127.0.0.1"')
            line = server.hang_up("reload_refused")
            assert "another program listens there" in line, line
        assert refusal(alice, TIME) == "service-unavailable"
        assert not server.logged("option_changed") and not server.logged("reloaded")
        server.change(listen="")
        assert refusal(alice, TIME) is None
        assert field(server.logged("reloaded")[-1], "changes") == "3", server.logged("reloaded")


def shown_by(server):
    """The certificate that a newcomer is shown."""
    client = Client(server.address)
    try:
        client.open_stream()
        client.start_tls()
        return client._socket.getpeercert(binary_form=True)
    finally:
        client.drop()


def certificate_in(file):
    return ssl.PEM_cert_to_DER_cert(file.read_text(encoding="ascii"))


def replace(server, name, text):
    """As tools do it that renew certificates: written beside, then put in place."""
    fresh = server.directory / f"{name}.fresh"
    fresh.write_text(text, encoding="ascii")
    os.replace(fresh, server.directory / name)


@test("a certificate that is replaced is shown without being told; a broken one is refused once, and the old one stays")
def certificates_are_taken(binary):
    with house(binary) as server, Talk(server):
        show, key = server.directory / "show.crt", server.directory / "show.key"
        first = certificate_in(show)
        assert shown_by(server) == first
        make_self_signed("second.example", server.directory / "second.pem")
        replace(server, "show.crt", (server.directory / "second.crt").read_text(encoding="ascii"))
        line = server.wait_for("certificate_refused", 1)
        assert "show" in field(line, "error"), line
        assert shown_by(server) == first
        replace(server, "show.key", (server.directory / "second.key").read_text(encoding="ascii"))
        server.wait_for("certificate_taken", 1)
        assert shown_by(server) == certificate_in(show) != first
        good = key.read_text(encoding="ascii")
        key.unlink()
        server.wait_for("certificate_refused", 2)
        assert shown_by(server) == certificate_in(show)
        replace(server, "show.key", good)
        server.wait_for("certificate_taken", 2)  # two looks later at least, at which there was nothing new to say
        said = [field(line, "what") for line in server.log_lines() if field(line, "what").startswith("certificate_")]
        said = [what for what in said if what in ("certificate_refused", "certificate_taken")]
        assert said == ["certificate_refused", "certificate_taken"] * 2, said
        expires = server.logged("certificate_expires")
        assert expires and int(field(expires[-1], "days_left")) < 3, expires


@test("on SIGHUP a broken certificate refuses the whole file")
def a_broken_certificate_refuses_a_reload(binary):
    with house(binary) as server, closing(server.logged_in()) as alice:
        alice.close = alice.drop
        make_self_signed("second.example", server.directory / "second.pem")
        shutil.copy(server.directory / "second.key", server.directory / "show.key")
        server.write(modules=MODULES + "[modules.mod_time]")
        server.hang_up("reload_refused")
        assert refusal(alice, TIME) == "service-unavailable"


@test("fifty changes of modules, hosts and listeners in a row lose no message and no session")
def fifty_times_under_load(binary):
    extra = "[modules.mod_time]\n[modules.mod_version]\n"
    with house(binary) as server, Talk(server, 0.001) as talk:
        for number in range(50):
            odd = number % 2
            server.write(modules=MODULES + (extra if odd else "[modules.mod_ping]\nsend_pings = true"),
                         hosts='["localhost", "second.example"]' if odd else '["localhost"]',
                         general=f'loglevel = "{"info" if odd else "notice"}"')
            server.process.send_signal(signal.SIGHUP)
            server.wait_for("reloaded", number + 1)
        assert talk.sent > 100, talk.sent


if __name__ == "__main__":
    sys.exit(run_tests("reload", "Tests changes of the configuration while the server runs.",
                       tests_of(sys.modules[__name__], connections), side_by_side=3))
