# SPDX-License-Identifier: Apache-2.0
# Item 15: lies about channel binding (RFC 5802 §6, RFC 9266, XEP-0440): the wrong type, the data of another channel, the
# flags `n` and `y` where they are no truth, tls-unique under TLS 1.3, somebody in between who passes everything on.
from kit import NS, Refused, expect
from xmpptest import sasl

EXPORTER, END_POINT = "tls-exporter", "tls-server-end-point"


def outcome(house, account, mechanism, flag, bound_to=b"", final_flag=None):
    """"success", or the condition of the failure. `final_flag` is what the last message says instead."""
    client = house.stranger(tls=True, opened=True)
    data = bound_to(client) if callable(bound_to) else bound_to
    try:
        if final_flag is None:
            client.authenticate(*account, mechanism=mechanism, flag=flag, bound_to=data)
        else:
            scram = sasl.Scram(mechanism, *account, flag=flag, bound_to=data)
            client.send(f"<auth xmlns='{NS['sasl']}' mechanism='{mechanism}'>{sasl.encode(scram.first())}</auth>")
            challenge = sasl.decode(client.stanza("challenge").text)
            scram._gs2 = f"{final_flag},,"
            client.send(f"<response xmlns='{NS['sasl']}'>{sasl.encode(scram.final(challenge))}</response>")
            answer = client.stanza("success", "failure")
            if answer.local == "failure":
                return answer.children[0].local
        return "success"
    except Refused as refusal:
        return refusal.condition
    finally:
        client.drop()


def own(kind):
    return lambda client: client.channel_binding(kind)


def attack(house):
    account = house.account()
    elsewhere = house.stranger(tls=True, opened=True)
    stolen = elsewhere.channel_binding(EXPORTER)
    plus, plain, not_authorized = "SCRAM-SHA-256-PLUS", "SCRAM-SHA-256", ("not-authorized",)
    either = ("not-authorized", "malformed-request")
    trials = [
        (plus, f"p={EXPORTER}", own(EXPORTER), None, ("success",)),
        (plus, f"p={END_POINT}", own(END_POINT), None, ("success",)),
        (plain, "n", b"", None, ("success",)),
        (plain, "y", b"", None, not_authorized),  # "you cannot bind": but we said we can
        (plus, "n", b"", None, either), (plus, "y", b"", None, either),
        (plain, f"p={EXPORTER}", own(EXPORTER), None, either),
        (plus, f"p={EXPORTER}", stolen, None, not_authorized),
        (plus, f"p={EXPORTER}", own(END_POINT), None, not_authorized),
        (plus, f"p={END_POINT}", own(EXPORTER), None, not_authorized),
        (plus, f"p={EXPORTER}", b"", None, not_authorized),
        (plus, f"p={EXPORTER}", lambda c: c.channel_binding(EXPORTER)[:-1], None, not_authorized),
        (plus, f"p={EXPORTER}", lambda c: c.channel_binding(EXPORTER) + b"\0", None, not_authorized),
        (plus, "p=tls-unique", b"x" * 12, None, either), (plus, "p=tls-unique", own(EXPORTER), None, either),
        (plus, "p=TLS-EXPORTER", own(EXPORTER), None, either), (plus, "p=", b"", None, either),
        (plus, "p", b"", None, either), (plus, "P=tls-exporter", own(EXPORTER), None, either),
        (plus, "p=nothing", b"", None, either),
        # The last message says another flag than the first.
        (plus, f"p={EXPORTER}", own(EXPORTER), f"p={END_POINT}", not_authorized),
        (plain, "n", b"", "y", not_authorized), (plain, "n", b"", f"p={EXPORTER}", not_authorized),
    ]
    for mechanism, flag, data, final_flag, wanted in trials:
        heard = outcome(house, account, mechanism, flag, data, final_flag)
        expect(heard in wanted, f"{mechanism} with {flag!r}, then {final_flag!r}: {heard}, not {wanted}")

    # Somebody in between, who has a TLS connection with either side and passes the messages on.
    victim_side, server_side = house.stranger(tls=True, opened=True), house.stranger(tls=True, opened=True)
    scram = sasl.Scram(plus, *account, flag=f"p={EXPORTER}", bound_to=victim_side.channel_binding(EXPORTER))
    server_side.send(f"<auth xmlns='{NS['sasl']}' mechanism='{plus}'>{sasl.encode(scram.first())}</auth>")
    challenge = sasl.decode(server_side.stanza("challenge").text)
    server_side.send(f"<response xmlns='{NS['sasl']}'>{sasl.encode(scram.final(challenge))}</response>")
    expect(server_side.stanza("failure", "success").local == "failure", "nobody logs in from in between")

    # Without TLS there is nothing to bind to, and no mechanism that says there is.
    bare = house.stranger(opened=True)
    expect(not [m for m in bare.mechanisms() if m.endswith("-PLUS")], "no PLUS in the clear")
    bare.send(f"<auth xmlns='{NS['sasl']}' mechanism='{plus}'>cD10bHMtZXhwb3J0ZXIsLG49YSxyPWI=</auth>")
    expect(bare.stanza("failure").child("invalid-mechanism"), "nor is one played along with")
