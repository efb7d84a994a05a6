# SPDX-License-Identifier: Apache-2.0
# Item 1: DTD, entity, processing instruction, comment, CDATA in a wrong place, second XML declaration. RFC 6120 §11.1.
from kit import HEADER, each_is_answered

START = HEADER.format(host="localhost")
BEFORE_THE_HEADER = [
    ("a DTD", "<!DOCTYPE a [<!ENTITY b 'c'>]>", "restricted-xml"),
    ("a DTD behind the declaration", "<?xml version='1.0'?><!DOCTYPE a SYSTEM 'http://127.0.0.1/x'>", "restricted-xml"),
    ("a comment", "<!-- hello -->" + START, "restricted-xml"),
    ("an instruction", "<?php phpinfo() ?>" + START, "restricted-xml"),
    ("an instruction that begins like the declaration", "<?xml-stylesheet href='x'?>" + START, "restricted-xml"),
    ("two declarations", "<?xml version='1.0'?>" + START, "restricted-xml"),
    ("CDATA", "<![CDATA[x]]>", "restricted-xml"),
]
IN_THE_STREAM = [
    ("a comment between stanzas", "<!-- hello -->", "restricted-xml"),
    ("an instruction between stanzas", "<?php x ?>", "restricted-xml"),
    ("a declaration between stanzas", "<?xml version='1.0'?>", "restricted-xml"),
    ("CDATA between stanzas", "<![CDATA[x]]>", "restricted-xml"),
    ("a DTD between stanzas", "<!DOCTYPE a>", "restricted-xml"),
    ("an entity between stanzas", "&amp;", ("bad-format", "not-well-formed")),
    ("a comment in a stanza", "<message><body>a<!-- b --></body></message>", "restricted-xml"),
    ("an instruction in a stanza", "<message><body>a<?b c?></body></message>", "restricted-xml"),
    ("a declaration in a stanza", "<message><?xml version='1.0'?></message>", "restricted-xml"),
    ("a DTD in a stanza", "<message><!DOCTYPE a></message>", "restricted-xml"),
    ("an entity declared in a stanza", "<message><!ENTITY a 'b'></message>", "restricted-xml"),
    ("a conditional section", "<message><![INCLUDE[x]]></message>", "restricted-xml"),
    ("CDATA in a start tag", "<message <![CDATA[x]]>/>", "not-well-formed"),
    ("CDATA in an attribute", "<message id='<![CDATA[x]]>'/>", "not-well-formed"),
    ("the end of CDATA in text", "<message><body>]]></body></message>", "not-well-formed"),
]


def attack(house):
    with house.bounded("what RFC 6120 leaves out of XML", seconds=15):
        each_is_answered(house, BEFORE_THE_HEADER, opened=False)
        each_is_answered(house, IN_THE_STREAM)
        each_is_answered(house, IN_THE_STREAM, logged_in=True)
