# SPDX-License-Identifier: Apache-2.0
# Verbs: how actors connect, and how TLS comes about.
import re
import ssl

from ..client import Client
from ..wire import Problem
from .leaving import hears_the_end_of_the_connection
from .verb import verb


@verb(r"connects( with TLS)?")
def connects(play, actor, tls=None):
    play.account(actor)
    connect(play, actor, bool(tls))


@verb(r"connects and says nothing")
def connects_silently(play, actor):
    connect(play, actor, False, handshake=False)


def connect(play, actor, tls, handshake=True):
    tls = tls or not play.server.address
    address = play.server.tls_address if tls else play.server.address
    if not address:
        raise Problem("this configuration has no such port")
    client = play.clients[actor] = Client(address, play.server.host, name=actor, transcript=play.transcript)
    client.certificate = play.certificates.get(actor)
    if tls and handshake:
        play.clients[actor].handshake()


@verb(r'has a certificate for ("[^"]*"(?:, "[^"]*")*)(?: (that has expired|signed by nobody))?')
def has_a_certificate(play, actor, addresses, flaw=None):
    play.account(actor)
    names = [play.fill(address) for address in re.findall(r'"([^"]*)"', addresses)]
    play.certificates[actor] = play.server.authority().issue(
        names, expired=flaw == "that has expired", trusted=flaw != "signed by nobody")


@verb(r"asks for (the certificate of (\S+)|no certificate)")
def asks_for(play, actor, _, domain=None):
    play.client(actor).server_name = domain


@verb(r"knows no TLS after 1.2")
def knows_only_old_tls(play, actor):
    play.client(actor).newest_tls = ssl.TLSVersion.TLSv1_2


@verb(r"is shown the certificate of (\S+)")
def is_shown_the_certificate_of(play, actor, domain):
    if not play.client(actor).was_shown_certificate_of(domain):
        raise Problem(f"{actor} was shown the certificate of somebody else")


@verb(r"opens a stream(?: to (\S+))?")
def opens(play, actor, host=None):
    play.client(actor).open_stream(host)


@verb(r"is secure")
def is_secure(play, actor):
    """The stream is open, inside TLS where that is to be had."""
    play.client(actor).secure()


@verb(r"starts TLS")
def starts_tls(play, actor):
    play.client(actor).start_tls()


@verb(r"shakes hands")
def shakes_hands(play, actor):
    play.client(actor).handshake()


@verb(r"shakes hands in vain")
def shakes_hands_in_vain(play, actor):
    """TLS does not come about. In TLS 1.3 the refusal comes when our side is done already."""
    if play.client(actor).tries_handshake():
        hears_the_end_of_the_connection(play, actor)


@verb(r"is not served in clear")
def is_not_served_in_clear(play, actor):
    """After <proceed/> there is TLS, with nobody authenticated, or there is no connection; never an answer."""
    client = play.client(actor)
    if not client.tries_handshake():
        return
    client.open_stream()
    if not client.mechanisms():
        raise Problem(f"{actor} was authenticated by what was sent in clear")
