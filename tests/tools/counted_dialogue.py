# SPDX-License-Identifier: Apache-2.0
# A dialogue whose every element is known, and what an operator sees of it.
import contextlib

from office import Office
from xmpptest.client import Client
from xmpptest.exposition import Exposition
from xmpptest.runner import expect, test
from xmpptest.server import ROOT, running
from xmpptest.waiting import eventually

C2S = {"connection_type": "c2s", "host_type": "localhost"}
BLOCK = "<block xmlns='urn:xmpp:blocking'><item jid='{}'/></block>"


class Counting(Client):
    """Knows how many bytes it has said."""

    def __init__(self, address, **more):
        super().__init__(address, **more)
        self.said = 0

    def send(self, data):
        self.said += len(data.encode() if isinstance(data, str) else data)
        super().send(data)


def metrics_of(office):
    return Exposition(office.done("metrics").out)


class Difference:
    """How much larger values are than they were."""

    def __init__(self, office):
        self._office, self._before = office, metrics_of(office)

    def of(self, names, **labels):
        now = metrics_of(self._office)
        return [(now.value(name, **labels) or 0) - (self._before.value(name, **labels) or 0) for name in names]

    def expect(self, wanted, **labels):
        """What is written to a client may be counted a moment before the client has heard of it, or behind it."""
        names, values = list(wanted), list(wanted.values())
        expect(eventually(lambda: self.of(names, **labels) == values), wanted, self.of(names, **labels))


@contextlib.contextmanager
def server(office):
    with running(Office(office.binary, ROOT / "tests/tools/counted.toml")) as counted:
        yield counted


def elements(direction, **numbers):
    """All nine counts of a direction; those that are not named are 0."""
    names = ("count", "stanza_count", "message_count", "iq_count", "presence_count", "error_count",
             "message_error_count", "iq_error_count", "presence_error_count")
    return {f"xmpp_element_{direction}_{name}": numbers.get(name, 0) for name in names}


def logged_in(here, name, tls=False):
    user = here.new_user(name)
    client = Counting(here.tls_address if tls else here.address)
    if tls:
        client.handshake()
    client.log_in(user, "secret", "phone", mechanism="PLAIN")
    return client


def hears(client, *parts):
    """The next stanza, which has all these parts."""
    said = client.hear("stanza").show()
    expect(all(part in said for part in parts), parts, said)


@test("a login is two elements in and four out, and its bytes are those of the connection it came through")
def a_login(office):
    with server(office) as here:
        for tls, secret, other in ((False, "tcp", "tls"), (True, "tls", "tcp")):
            before = Difference(here)
            client = logged_in(here, "comer", tls)
            before.expect({**elements("in", count=2, stanza_count=1, iq_count=1),
                           **elements("out", count=4, stanza_count=1, iq_count=1)}, **C2S)
            before.expect({f"{secret}_data_in_byte_size": client.said, f"{other}_data_in_byte_size": 0,
                           f"{other}_data_out_byte_size": 0}, connection_type="c2s")
            sent, written = before.of([f"{secret}_data_out_byte_size"], connection_type="c2s") + \
                before.of(["xmpp_element_out_byte_size_sum"], **C2S)
            expect(0 < written < sent, written, sent)  # stream headers are no elements
            client.close()


@test("what clients say to each other is counted where it comes in and where it goes out, with its bytes")
def a_conversation(office):
    with server(office) as here:
        alice, bob = logged_in(here, "alice"), logged_in(here, "bob", tls=True)
        bob.send("<presence/>")
        hears(bob, "<presence", bob.jid)
        before = Difference(here)
        message = f"<message to='{bob.jid}' type='chat'><body>one</body></message>"
        error = f"<message to='{bob.jid}' type='error' id='7'/>"
        nonsense = "<iq type='get' id='q'><query xmlns='urn:nobody:knows'/></iq>"
        directed = f"<presence to='{bob.jid}'/>"
        alice.send(message + message + error + nonsense + directed)
        hears(alice, "service-unavailable")
        for what in ("one", "one", "error", "<presence"):
            hears(bob, what)
        before.expect({**elements("in", count=5, stanza_count=5, message_count=2, message_error_count=1, iq_count=1,
                                  presence_count=1, error_count=1),
                       **elements("out", count=5, stanza_count=5, message_count=2, message_error_count=1,
                                  iq_error_count=1, presence_count=1, error_count=2)}, **C2S)
        said = len(message + message + error + nonsense + directed)
        before.expect({"xmpp_element_in_byte_size_sum": said, "xmpp_element_in_byte_size_count": 5}, **C2S)
        before.expect({"tcp_data_in_byte_size": said, "tls_data_in_byte_size": 0}, connection_type="c2s")
        out = before.of(["xmpp_element_out_byte_size_sum"], **C2S)
        by_connection = before.of(["tcp_data_out_byte_size", "tls_data_out_byte_size"], connection_type="c2s")
        expect(sum(by_connection) == out[0] and all(by_connection), by_connection, out)
        before.expect({"c2s_message_processed_time_count": 3}, host_type="localhost")
        alice.close()
        bob.close()


@test("a message for nobody comes back, and one for nowhere as well; each is counted as what it is")
def what_comes_back(office):
    with server(office) as here:
        alice = logged_in(here, "alice")
        before = Difference(here)
        alice.send("<message to='nobody@localhost' type='chat'><body>hi</body></message>")
        hears(alice, "service-unavailable")
        alice.send("<message to='somebody@elsewhere.example' type='chat'><body>hi</body></message>")
        hears(alice, "remote-server-not-found")
        before.expect({"sm_message_bounced_count": 1, "hook_offline_message_count": 1}, host_type="localhost")
        before.expect({"router_no_route_found_count": 1})
        before.expect({"xmpp_element_out_message_error_count": 2, "xmpp_element_out_message_count": 0}, **C2S)
        alice.close()


@test("what privacy lists and block lists turn away is counted, the blocked by themselves")
def what_is_turned_away(office):
    with server(office) as here:
        alice, bob = logged_in(here, "alice"), logged_in(here, "bob")
        alice.send("<presence/>")
        hears(alice, "<presence", alice.jid)
        to_alice = f"<message to='{alice.jid}' type='chat'><body>hi</body></message>"
        names = ("denied_count", "blocked_count")
        before = Difference(here)
        alice.ask("set", BLOCK.format(bob.jid.partition("/")[0]))
        bob.send(to_alice)
        hears(bob, "service-unavailable")
        before.expect(dict(zip([f"mod_privacy_check_packet_{name}" for name in names], (0, 1))), host_type="localhost")
        alice.ask("set", "<unblock xmlns='urn:xmpp:blocking'/>")
        alice.ask("set", f"<query xmlns='jabber:iq:privacy'><list name='no'><item type='jid' value='{bob.jid}' "
                         "action='deny' order='1'><message/></item></list></query>")
        alice.ask("set", "<query xmlns='jabber:iq:privacy'><active name='no'/></query>")
        bob.send(to_alice)
        hears(bob, "service-unavailable")
        before.expect(dict(zip([f"mod_privacy_check_packet_{name}" for name in names], (1, 1))), host_type="localhost")
        alice.close()
        bob.close()


@test("anonymous users, connections that break and stream management are counted")
def comings_and_goings(office):
    with server(office) as here:
        before = Difference(here)
        guest = Client(here.address)
        guest.open_stream()
        guest.send("<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='ANONYMOUS'/>")
        guest.hear("stanza", "success")
        guest.open_stream()
        guest.bind()
        before.expect({"auth_anonymous_register_user_count": 1, "auth_anonymous_unregister_user_count": 0,
                       "hook_user_open_session_count": 1}, host_type="localhost")
        guest.close()
        before.expect({"auth_anonymous_unregister_user_count": 1, "hook_user_terminate_count": 1,
                       "hook_user_socket_closed_count": 0}, host_type="localhost")
        alice, bob = logged_in(here, "alice"), logged_in(here, "bob")
        bob.send("<presence/>")
        hears(bob, "<presence", bob.jid)
        bob.send("<enable xmlns='urn:xmpp:sm:3' resume='true'/>")
        hears(bob, "<enabled")
        alice.send(f"<message to='{bob.jid}' type='chat'><body>hi</body></message>")
        hears(bob, "hi")
        bob.drop()
        before.expect({"hook_user_socket_closed_count": 1, "hook_unacknowledged_message_count": 1,
                       "hook_user_send_xmlel_count": 1}, host_type="localhost")
        alice.close()


@test("an error for whoever has named no host belongs to none")
def without_a_host(office):
    with server(office) as here:
        before = Difference(here)
        stranger = Client(here.address)
        stranger.send("<stream:stream to='elsewhere.example' version='1.0' xmlns='jabber:client' "
                      "xmlns:stream='http://etherx.jabber.org/streams'>")
        stranger.hear("open", "stream")
        hears(stranger, "host-unknown")
        before.expect(elements("out", count=1, error_count=1), connection_type="c2s", host_type="")
        before.expect(elements("out"), **C2S)
        stranger.drop()
