# SPDX-License-Identifier: Apache-2.0
# Item 16, of clients (XEP-0178 §2): only the XMPP address in the subjectAltName says who somebody is; no common name, no
# e-mail, URI or DNS name, no wildcard, no name with a NUL, none of another authority. What joins later: servers (s2s).
import itertools

from kit import NS, Problem, Refused, expect
from xmpptest import sasl
from xmpptest.certificates import KEY, openssl

CONFIG = "certified"
XMPP_ADDRESS = "otherName:1.3.6.1.5.5.7.8.5;"
_numbers = itertools.count(1)


def issue(house, subject, names, signed=True):
    """A certificate with exactly these names, signed by the authority that the server trusts, or by itself."""
    authority = house.server.authority()
    stem = house.server.directory / f"odd{next(_numbers)}"
    key, request, made, text, both = (stem.with_suffix(s) for s in (".key", ".csr", ".crt", ".ext", ".pem"))
    extension = f"2.5.29.17=DER:{names.hex()}\n" if isinstance(names, bytes) else f"subjectAltName={names}\n" if names else ""
    text.write_text("extendedKeyUsage=clientAuth\n" + extension, encoding="utf-8")
    openssl("req", *KEY, "-subj", subject, "-utf8", "-keyout", key, "-out", request)
    by = ["-CA", authority.file, "-CAkey", authority._key, "-set_serial", next(_numbers)] if signed else ["-signkey", key]
    openssl("x509", "-req", "-in", request, *by, "-days", 2, "-extfile", text, "-out", made)
    both.write_bytes(key.read_bytes() + made.read_bytes())
    return both


def by_hand(address):
    """The name in DER, because the openssl program writes no NUL."""
    def tagged(tag, content):
        return bytes([tag, len(content)]) + content
    address = tagged(0xa0, tagged(0x0c, address.encode()))
    return tagged(0x30, tagged(0xa0, bytes.fromhex("06082b06010505070805") + address))


def external(house, certificate, wish=""):
    client = house.stranger_in_clear()
    client.certificate = certificate
    try:
        client.handshake()
        client.open_stream()
        if "EXTERNAL" not in client.mechanisms():
            return "not offered"
        client.authenticate("", "", mechanism="EXTERNAL", authzid=wish)
        client.open_stream()
        return client.bind().partition("/")[0]
    except Refused as refusal:
        return refusal.condition
    except Problem as problem:
        return str(problem)
    finally:
        client.drop()


def attack(house):
    victim = f"{house.account('victim')[0]}@localhost"
    mallory = f"{house.account('mallory')[0]}@localhost"
    honest = issue(house, "/CN=client", XMPP_ADDRESS + f"UTF8:{victim}")
    expect(external(house, honest) == victim, "an honest certificate is who it says")

    mine = XMPP_ADDRESS + f"UTF8:{mallory}"
    lies = {
        "a common name": issue(house, f"/CN={victim}", ""),
        "a common name beside a foreign address": issue(house, f"/CN={victim}", XMPP_ADDRESS + "UTF8:x@elsewhere.example"),
        "a subject that looks like an address": issue(house, f"/O=x\\, otherName=1.3.6.1.5.5.7.8.5;UTF8:{victim}/CN=c", ""),
        "a subject with new lines": issue(house, f"/CN=x\nsubjectAltName=xmppAddr:{victim}", ""),
        "an e-mail address": issue(house, "/CN=c", f"email:{victim}"),
        "a URI": issue(house, "/CN=c", f"URI:xmpp:{victim}"),
        "a DNS name": issue(house, "/CN=c", "DNS:localhost"),
        "a wildcard": issue(house, "/CN=c", XMPP_ADDRESS + "UTF8:*@localhost"),
        "a bare domain": issue(house, "/CN=c", XMPP_ADDRESS + "UTF8:localhost"),
        "a NUL in the address": issue(house, "/CN=c", by_hand(f"{victim}\0.evil.example")),
        "another kind of name": issue(house, "/CN=c", f"otherName:1.3.6.1.5.5.7.8.7;UTF8:{victim}"),
        "an octet string": issue(house, "/CN=c", XMPP_ADDRESS + f"OCT:{victim}"),
        "one that signed itself": issue(house, "/CN=c", XMPP_ADDRESS + f"UTF8:{victim}", signed=False),
    }
    for name, certificate in lies.items():
        for wish in "", victim:
            heard = external(house, certificate, wish)
            expect(heard in ("invalid-authzid", "not-authorized", "not offered") or "handshake" in heard,
                   f"by {name}, asking for {wish!r}, somebody became {heard}")
    # Who has an address of their own asks for another's.
    own = issue(house, "/CN=c", mine)
    for wish in (victim, victim.upper(), f"{victim}/r", "localhost", "*", f"{mallory},{victim}", f"{mallory}\0{victim}"):
        heard = external(house, own, wish)
        expect(heard == "invalid-authzid", f"{mallory} asks for {wish!r} and gets {heard}")
    several = issue(house, "/CN=c", f"{mine},{XMPP_ADDRESS}UTF8:{victim}")
    expect(external(house, several) == "invalid-authzid", "who may be two must say which")
    expect(external(house, several, victim) == victim, "and may be either")
    client = house.stranger(tls=True, opened=True)
    client.send(f"<auth xmlns='{NS['sasl']}' mechanism='EXTERNAL'>{sasl.encode(victim)}</auth>")
    expect(client.stanza("failure", "success").local == "failure", "without a certificate there is no EXTERNAL")
