# SPDX-License-Identifier: Apache-2.0
# Item 51: SQL (and what else interprets text) in names, resources, passwords, and in what is registered: texts stay texts.
# What joins later: LDAP, Redis, AMQP, Elasticsearch.
import sqlite3

from kit import Problem, Refused, expect

SPITEFUL = ["' OR '1'='1", "'; DROP TABLE users; --", "'); DELETE FROM users; --", "\" OR 1=1 --", "admin'--",
            "a' UNION SELECT 1,2,3 --",
            "%", "_", "%%%", "a*b", "$1", "?", ":1", "@name", "\\", "\\'", "`id`", "$(id)", "; id", "| id", "&& id", "{{7*7}}",
            "${jndi:ldap://127.0.0.1/a}", "*)(uid=*", "../../etc/passwd", "..\\..", "a,dc=x", "NULL", "0x41", "1e309",
            "\u02bc OR 1=1",
            "\ufe68", "%27%20OR%201", "\r\nSET x y\r\n", "a\nb", "CON", "-1", "--help", "<script>alert(1)</script>", "😀" * 60]


def rows(house):
    found = {}
    for path in (house.server.directory / "data").rglob("*"):
        if not path.is_file() or path.read_bytes()[:15] != b"SQLite format 3":
            continue
        with sqlite3.connect(f"file:{path}?mode=ro", uri=True) as database:
            tables = [row[0] for row in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
            if "users" in tables:
                found["tables"] = sorted(tables)
                found["users"] = {tuple(row) for row in database.execute("SELECT server, username FROM users")}
    return found


def attack(house):
    victim = house.account("victim")
    before = rows(house)
    expect(before and ("localhost", victim[0]) in before["users"], "the table of accounts was found")
    taken = set()
    for number, text in enumerate(SPITEFUL):
        client = house.stranger(opened=True)
        try:
            client.register(text, "x")
            taken.add(number)
        except (Refused, Problem) as problem:
            expect(getattr(problem, "condition", "") in ("not-acceptable", "bad-request", "conflict"),
                   f"registering {text!r}: {problem}")
        client.drop()
        for name, password in ((text, "x" if number in taken else "y"), (victim[0], text), (text, victim[1])):
            right = number in taken and (name, password) == (text, "x")
            client = house.stranger(tls=True, opened=True)
            for mechanism in "PLAIN", "SCRAM-SHA-256":
                try:
                    client.authenticate(name, password, mechanism=mechanism)
                    heard = "success"
                except Refused as refusal:
                    heard = refusal.condition
                expect((heard == "success") == right, f"{mechanism} with {name!r} and {password!r}: {heard}")
                if heard == "success":
                    break
            client.drop()
    now = rows(house)
    expect(now["tables"] == before["tables"], f"there are other tables now: {now['tables']}")
    expect(len(now["users"]) == len(before["users"]) + len(taken), "there are as many accounts as were registered")

    # As passwords and resources they work, and mean themselves.
    for number, text in enumerate(SPITEFUL):
        client = house.stranger(opened=True)
        name = f"pass.{number}"
        try:
            client.register(name, text)
        except Refused as refusal:
            expect(refusal.condition == "not-acceptable", f"the password {text!r}: {refusal}")
            continue
        for mechanism in ("PLAIN", "SCRAM-SHA-256") if text.isascii() else ("PLAIN",):  # our SCRAM does no SASLprep
            client = house.stranger(tls=True, opened=True)
            client.authenticate(name, text, mechanism=mechanism)
            client.drop()
    plain = [text for text in SPITEFUL if text.isprintable()]
    for text in plain:
        member = house.member(victim, resource=text, available=False)
        expect(member.jid == f"{victim[0]}@localhost/{text}" or text in ("\ufe68",),
               f"the resource {text!r} became {member.jid!r}")
        expect(member.is_alive(), "and serves")
        member.drop()
    expect(rows(house)["tables"] == before["tables"], "the tables are still the same")
