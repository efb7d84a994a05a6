# SPDX-License-Identifier: Apache-2.0
# Item 31: what a client says it can do is believed as far as the hash proves it (XEP-0115 §5.4, XEP-0390): nobody speaks
# for those who announce the same hash, by a false answer, one that is put together otherwise, or one for somebody else; the
# legacy format counts for nothing; and hashes without end are neither asked for nor kept without end.
import base64
import hashlib
from xml.sax.saxutils import quoteattr

from kit import MB, expect
from people import told

CONFIG = "people"
IDENTITY = "<identity category='client' type='pc' name='honest'/>"
FORM = ("<x xmlns='jabber:x:data' type='result'><field var='FORM_TYPE' type='hidden'><value>urn:xmpp:dataforms:softwareinfo"
        "</value></field><field var='os'><value>Mac</value></field></x>")


def digest(text):
    return base64.b64encode(hashlib.sha1(text.encode()).digest()).decode()


def version(features, form=""):
    """XEP-0115 §5.1 of the one identity; `form`: what its fields add."""
    return digest("client/pc//honest<" + "".join(f"{feature}<" for feature in sorted(features)) + form)


def announce(client, ver, attributes="hash='sha-1'"):
    """The question that the server asks about it, if it does."""
    client.send(f"<presence><c xmlns='http://jabber.org/protocol/caps' {attributes} "
                f"node='urn:example:client' ver='{ver}'/></presence>")
    questions = [iq for iq in told(client, "iq") if iq.attributes.get("type") == "get"]
    expect(len(questions) <= 1, f"one question at a time: {[q.show() for q in questions]}")
    return questions[0] if questions else None


def answer(client, question, features, identity=IDENTITY, more=""):
    node = quoteattr(question.children[0].attributes["node"])
    listed = "".join(f"<feature var='{feature}'/>" for feature in features)
    client.send(f"<iq type='result' id='{question.attributes['id']}' to='localhost'>"
                f"<query xmlns='http://jabber.org/protocol/disco#info' node={node}>{identity}{listed}{more}</query></iq>")


def is_known(house, ver):
    """Whether the next client that announces it is believed without a question."""
    return announce(house.member(), ver) is None


def poisoning(house):
    honest = ["urn:xmpp:ping", "urn:xmpp:receipts"]
    ver, marked = version(honest), version(honest, "urn:xmpp:dataforms:softwareinfo<os<Mac<")
    false = {"other features": dict(features=["urn:evil"]), "one more": dict(features=[*honest, "urn:evil"]),
             "none": dict(features=[]),
             "one of two": dict(features=honest[:1]),
             "a name that is two": dict(features=["urn:xmpp:ping&lt;urn:xmpp:receipts"]),
             "one twice": dict(features=[*honest, honest[0]]),
             "another identity": dict(features=honest, identity=IDENTITY.replace("pc", "bot")),
             "the identity twice": dict(features=honest, identity=2 * IDENTITY),
             "no identity": dict(features=honest, identity=""),
             "an identity with a slash": dict(features=honest,
                                              identity="<identity category='client/pc' type='' name='honest'/>"),
             "a form that is not in the hash": dict(features=honest, more=FORM),
             "two forms": dict(features=honest, more=2 * FORM)}
    for number, (what, answered) in enumerate(false.items()):
        liar = house.member(wish="liar")
        question = announce(liar, ver)
        expect(question is not None, f"{what}: what was not proved is asked for again")
        answer(liar, question, **answered)
        expect(liar.is_alive(), f"{what}: a false answer ends nothing")
        expect(number or question.attributes["from"] == "localhost", "it is the server that asks")
    # Somebody answers for somebody else, or before he is asked, or an error.
    client, mallory = house.member(), house.member(wish="mallory")
    question = announce(client, ver)
    answer(mallory, question, honest)
    mallory.send(f"<iq type='error' id='{question.attributes['id']}' to='localhost'/>")
    expect(mallory.is_alive() and not is_known(house, ver), "another client's answer counts for nothing")
    answer(client, question, honest)
    expect(client.is_alive() and is_known(house, ver), "the right answer is known from then on")
    answer(client, question, ["urn:evil"])
    expect(client.is_alive() and is_known(house, ver), "and is answered once")
    # The same hash of another algorithm is another hash.
    for attributes in "hash='md5'", "hash='sha-256'", "hash='SHA-1'", "hash='sha-1 '":
        liar = house.member(wish="liar")
        question = announce(liar, ver, attributes)
        if question is not None:
            answer(liar, question, ["urn:evil"])
        expect(liar.is_alive() and is_known(house, ver), f"{attributes} changes nothing")
    client = house.member()
    answer(client, announce(client, marked), honest, more=FORM)
    expect(client.is_alive() and is_known(house, marked), "a form that is in the hash is right")


def legacy(house):
    """XEP-0115 §13: without `hash` nothing can be proved, so nobody is asked."""
    client = house.member()
    for attributes in "", "ext='a b c'", "hash=''", f"hash='{'x' * 5000}'":
        expect(announce(client, "1.0", attributes) is None, f"{attributes[:20]} asks for a question")
    for ver in "", "x" * 5000, "&lt;", " ":
        question = announce(client, ver)
        if question is not None:
            answer(client, question, ["urn:evil"])
        expect(client.is_alive(), f"{ver[:10]!r} ends nothing")


def explosion(house):
    """Always something new, each of it proved, and as large as a stanza may be."""
    with house.bounded("hashes without end", memory=40 * MB, seconds=120):
        for number in range(12):
            client, questions = house.member(wish="many", available=False), 0
            for turn in range(20):
                features = [f"urn:x:{number}:{turn}:{n}:{'f' * 380}" for n in range(500)]
                question = announce(client, version(features))
                if question is not None:
                    questions += 1
                    answer(client, question, features)
            expect(client.is_alive() and questions <= 12, f"a client is asked {questions} times in a moment")
            client.drop()
        flooder = house.member(wish="flooder")
        for start in range(0, 2000, 200):
            flooder.send("".join(f"<presence><c xmlns='http://jabber.org/protocol/caps' hash='sha-1' node='n' "
                         f"ver='{digest(str(n))}'/>"
                                 "</presence>" for n in range(start, start + 200)))
            asked = [iq for iq in told(flooder, "iq") if iq.attributes.get("type") == "get"]
            expect(len(asked) <= 10, f"who never answers is asked {len(asked)} times")
        flooder.drop()
    too_many = house.member()
    features = [f"urn:y:{n}" for n in range(2000)]
    answer(too_many, announce(too_many, version(features)), features)
    expect(too_many.is_alive() and not is_known(house, version(features)), "more than any client can do is not kept")


def attack(house):
    poisoning(house)
    legacy(house)
    explosion(house)
