# SPDX-License-Identifier: Apache-2.0
# Item 5: ill-formed UTF-8, overlong forms, surrogates, characters cut at the edge of a buffer, NUL, U+FFFE, controls.
import time

from kit import each_is_answered, expect

BROKEN = {
    "a lonely tail": b"\x80", "a lead without tail": b"\xc3", "latin-1": b"caf\xe9 ", "overlong slash": b"\xc0\xaf",
    "overlong NUL": b"\xc0\x80", "overlong in three": b"\xe0\x80\xaf", "overlong in four": b"\xf0\x80\x80\xaf",
    "a high surrogate": b"\xed\xa0\x80", "a low surrogate": b"\xed\xbf\xbf", "a pair as CESU-8": b"\xed\xa0\xbd\xed\xb8\x80",
    "beyond Unicode": b"\xf4\x90\x80\x80", "five bytes": b"\xf8\x88\x80\x80\x80", "FE": b"\xfe", "FF": b"\xff",
    "UTF-16": "<a/>".encode("utf-16"), "NUL": b"\0", "U+FFFE": b"\xef\xbf\xbe", "U+FFFF": b"\xef\xbf\xbf", "bell": b"\x07",
    "escape": b"\x1b[31m", "vertical tab": b"\x0b", "unit separator": b"\x1f"}


def attack(house):
    frames = [("text", b"<message><body>x%sy</body></message>"), ("an attribute", b"<message id='x%sy'/>"),
              ("a name", b"<message><x%sy/></message>"), ("CDATA", b"<message><b><![CDATA[x%sy]]></b></message>"),
              ("an attribute's name", b"<message x%sy=''/>")]
    cases = [(f"{name} in {where}", frame % data, "not-well-formed")
             for name, data in BROKEN.items() for where, frame in frames]
    with house.bounded("broken text", seconds=20):
        each_is_answered(house, cases)
        each_is_answered(house, cases[::len(frames)], logged_in=True)
    # A character that is cut in two by the edge of a buffer is whole, if the other half comes.
    sender, reader = house.member(), house.member()
    text = "é€😀"
    sender.send(f"<message to='{reader.jid}' type='chat'><body>")
    for index in range(len(text.encode())):
        sender.send(text.encode()[index:index + 1])
        time.sleep(0.003)  # so that each arrives alone
    sender.send("</body></message>")
    expect(reader.stanza("message").child("body").text == text, "characters that come in pieces arrive whole")
    sender.send(b"<message><body>\xe2\x82")
    time.sleep(0.02)
    sender.send(b"</body></message>")
    expect(sender.verdict() == "not-well-formed", "half a character at the edge of a buffer is an error")
