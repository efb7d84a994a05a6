# SPDX-License-Identifier: Apache-2.0
# Every command, what it answers and what it refuses.
import re

from xmpptest.client import Refused
from xmpptest.runner import expect, test



@test("an account is registered with a password from standard input and can log in")
def register(office):
    said = office.done("account", "register", "Ann@localhost", "--password-stdin", stdin="secret\n")
    expect(said.out == "ann@localhost is registered\n" and not said.err, said)
    office.log_in("ann").close()
    office.refused("exists", "account", "register", "ann@localhost", "--password-stdin", stdin="x\n")
    office.refused("domain_not_found", "account", "register", "ann@elsewhere", "--password-stdin", stdin="x\n")
    office.refused("bad_password", "account", "register", "bea@localhost", "--password-stdin", stdin="\n")
    office.refused("invalid_jid", "account", "register", "localhost", "--password-stdin", stdin="x\n")


@test("a password on the command line is taken with a warning")
def password_as_argument(office):
    said = office.done("account", "register", "open@localhost", "secret")
    expect("others on this machine can read a password" in said.err, said)
    expect("secret" not in said.out + said.err, said)


@test("a password is asked for twice at the terminal and not shown")
def password_at_terminal(office):
    twice = [("Password: ", "tty secret"), ("Once more: ", "tty secret")]
    said = office.at_terminal("account", "register", "tty@localhost", answers=twice)
    expect(said.code == 0 and "tty secret" not in said.out, said)
    office.log_in("tty", password="tty secret").close()
    differing = [("Password: ", "one"), ("Once more: ", "two")]
    said = office.at_terminal("account", "change-password", "tty@localhost", answers=differing)
    expect(said.code == 2 and "differ" in said.out, said)
    once = [("Password: ", "tty secret")]
    said = office.at_terminal("account", "check-password", "tty@localhost", answers=once)
    expect(said.code == 0, said)


@test("without a terminal a missing password is wrong usage")
def no_terminal(office):
    said = office.meerkat("account", "register", "x@localhost")
    expect(said.code == 2 and "--password-stdin" in said.err, said)
    said = office.meerkat("account", "register", "x@localhost", "--password-stdin")
    expect(said.code == 2 and "no password on standard input" in said.err, said)


@test("a password is changed and checked")
def change_password(office):
    name = office.new_user("changer")
    client = office.log_in(name)
    office.done("account", "change-password", f"{name}@localhost", "--password-stdin", stdin="new\n")
    client.ask("get", "<ping xmlns='urn:xmpp:ping'/>", "localhost")  # the session stays
    office.done("account", "check-password", f"{name}@localhost", "--password-stdin", stdin="new\n")
    office.refused("incorrect", "account", "check-password", f"{name}@localhost", "--password-stdin", stdin="secret\n")
    office.refused("user_does_not_exist", "account", "change-password", "no@localhost", "--password-stdin", stdin="x\n")
    office.refused("user_does_not_exist", "account", "check-password", "no@localhost", "--password-stdin", stdin="x\n")
    client.close()


@test("a banned account loses its sessions and its logins until it is unbanned, over a restart too")
def ban(office):
    name = office.new_user("banned")
    client = office.log_in(name)
    said = office.done("account", "ban", f"{name}@localhost", "--reason", "too much spam")
    expect("1 of its sessions was ended" in said.out, said)
    error = client.hear("stanza", "error")
    expect(error.child("policy-violation") is not None and error.child("text").text == "too much spam", error)
    for mechanism in "SCRAM-SHA-256", "PLAIN":
        expect(refusal(office, name, "secret", mechanism) == "account-disabled", mechanism)
        expect(refusal(office, name, "wrong", mechanism) == "not-authorized", mechanism)
    office.stop()
    office.start()
    expect(refusal(office, name, "secret", "PLAIN") == "account-disabled")
    state = office.done("account", "check", f"{name}@localhost", "--json").json()
    expect(state["banned"] and state["reason"] == "too much spam" and state["sessions"] == 0, state)
    office.done("account", "unban", f"{name}@localhost")
    office.log_in(name).close()
    office.refused("not_banned", "account", "unban", f"{name}@localhost")
    office.refused("user_does_not_exist", "account", "ban", "no@localhost")
    office.refused("user_does_not_exist", "account", "unban", "no@localhost")


def refusal(office, name, password, mechanism):
    from xmpptest.client import Client
    client = Client(office.address)
    try:
        client.log_in(name, password, mechanism=mechanism)
    except Refused as refused:
        return refused.condition
    finally:
        client.drop()
    return None


@test("an account that is unregistered is gone, and so are its sessions and its ban")
def unregister(office):
    name = office.new_user("leaver")
    client = office.log_in(name)
    office.done("account", "unregister", f"{name}@localhost")
    expect(client.hear("stanza", "error").child("not-authorized") is not None)
    expect(refusal(office, name, "secret", "PLAIN") == "not-authorized")
    office.refused("user_does_not_exist", "account", "unregister", f"{name}@localhost")
    office.refused("user_does_not_exist", "account", "check", f"{name}@localhost")


@test("when accounts were last here is shown and set, and who was not here for long is listed and removed")
def last(office):
    name, other = office.new_user("late"), office.new_user("never")
    office.refused("last_not_found", "last", "get", f"{name}@localhost")
    office.refused("user_does_not_exist", "last", "get", "no@localhost")
    office.refused("not_a_time", "last", "list-old", "yesterday")
    client = office.log_in(name)
    client.ask("get", "<query xmlns='jabber:iq:roster'/>")
    client.send("<presence/><presence type='unavailable'><status>see you</status></presence>")
    client.ask("get", "<ping xmlns='urn:xmpp:ping'/>")
    said = office.done("last", "get", f"{name}@localhost", "--json").json()
    expect(said["status"] == "see you" and said["timestamp"].startswith("20"), said)
    client.close()
    active = office.done("last", "count-active", "localhost", "--timestamp", "2001-01-01T00:00:00Z", "--json").json()
    expect(len(active) == 1 and active[0]["users"] >= 1, active)
    office.done("last", "set", f"{name}@localhost", "long gone", "--timestamp", "2000-01-02T03:04:05Z")
    old = office.done("last", "list-old", "2000-01-03T00:00:00Z", "localhost", "--json").json()
    expect({"user": f"{name}@localhost", "timestamp": "2000-01-02T03:04:05Z"} in old, old)
    expect({"user": f"{other}@localhost", "timestamp": None} in old, old)
    office.done("account", "register", "old@example.org", "--password-stdin", stdin="x\n")
    removed = office.done("last", "remove-old", "2000-01-03T00:00:00Z", "example.org", "--json").json()
    expect("old@example.org" in [row["user"] for row in removed], removed)
    office.refused("user_does_not_exist", "account", "check", "old@example.org")
    office.done("account", "check", f"{name}@localhost")


@test("accounts are listed and counted by domain")
def list_accounts(office):
    for name in "zoe", "yan", "xia":
        office.done("account", "register", f"{name}@example.org", "--password-stdin", stdin="x\n")
    office.done("account", "ban", "yan@example.org")
    rows = office.done("account", "list", "example.org", "--json").json()
    expect([row["user"] for row in rows] == ["xia@example.org", "yan@example.org", "zoe@example.org"], rows)
    expect([row["banned"] for row in rows] == [False, True, False], rows)
    expect(all(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", row["created"]) for row in rows), rows)
    some = office.done("account", "list", "example.org", "--after", "xia", "--limit", "1", "--json").json()
    expect([row["user"] for row in some] == ["yan@example.org"], some)
    both = {row["domain"]: row["accounts"] for row in office.done("account", "count", "--json").json()}
    expect(both["example.org"] == 3 and both["localhost"] >= 1, both)
    people = office.done("account", "list", "example.org").out.splitlines()
    expect(people[0].split() == ["user", "created", "banned", "reason"] and len(people) == 4, people)
    expect(len({line.index("2") for line in people[1:]}) == 1, people)  # one column under the other
    office.refused("domain_not_found", "account", "list", "elsewhere")
    office.refused("not_a_number", "account", "list", "--limit", "many")
    office.refused("domain_not_found", "account", "count", "elsewhere")


@test("sessions are listed, counted, shown and kicked")
def sessions(office):
    name = office.new_user("walker")
    phone, desk = office.log_in(name, "phone"), office.log_in(name, "desk")
    desk.send("<presence><priority>5</priority></presence>")
    desk.ask("get", "<ping xmlns='urn:xmpp:ping'/>", "localhost")
    rows = {row["address"]: row for row in office.done("session", "list", "localhost", "--json").json()}
    mine = rows[f"{name}@localhost/desk"]
    expect(mine["ip"] == "127.0.0.1" and mine["available"] and mine["priority"] == 5 and mine["uptime"] < 60, mine)
    expect(mine["security"] is None, mine)
    expect(office.done("session", "count", "example.org", "--json").json() == [{"domain": "example.org", "sessions": 0}])
    expect(len(office.done("session", "list", "--limit", "1", "--json").json()) == 1)
    expect(len(office.done("session", "info", f"{name}@localhost", "--json").json()) == 2)
    one = office.done("session", "info", f"{name}@localhost/phone", "--json").json()
    expect(len(one) == 1 and one[0]["since"].endswith("Z") and one[0]["unanswered"] == 0, one)
    office.done("session", "kick", f"{name}@localhost/phone", "--reason", "tea time")
    expect(phone.hear("stanza", "error").child("text").text == "tea time")
    desk.ask("get", "<ping xmlns='urn:xmpp:ping'/>", "localhost")
    office.done("session", "kick", f"{name}@localhost")
    expect(desk.hear("stanza", "error").child("policy-violation") is not None)
    office.refused("no_session", "session", "kick", f"{name}@localhost")
    office.refused("no_session", "session", "info", f"{name}@localhost")
    office.refused("domain_not_found", "session", "kick", "a@elsewhere")
    office.refused("domain_not_found", "session", "list", "elsewhere")
    office.refused("invalid_jid", "session", "kick", "localhost")


@test("what others wrote cannot steer the terminal of whoever lists it")
def hostile_text(office):
    name = office.new_user("hostile")
    client = office.log_in(name, "\u65e5\u672c \U0001f600")
    office.done("account", "ban", "zoe@example.org", "--reason", "\u202eevil\u009b31m")
    people = office.done("account", "list", "example.org").out
    expect("\\u202eevil\\x9b31m" in people and "\u202e" not in people and "\u009b" not in people, people)
    office.refused("control_characters", "account", "ban", "zoe@example.org", "--reason", "\x1b[31m")
    sessions = [line for line in office.done("session", "list").out.splitlines() if "127.0.0.1" in line]
    wide = [line for line in sessions if line.startswith(name)]
    expect(len(wide) == 1 and "\u65e5\u672c \U0001f600" in wide[0], sessions)
    client.close()


@test("the status tells how the server is")
def status(office):
    state = office.done("status", "--json").json()
    expect(state["state"] == "running" and state["hosts"] == ["localhost", "example.org"], state)
    expect(state["workers"] >= 1 and state["memory"] > 10**6 and state["most_descriptors"] > 100, state)
    expect(state["listens"] == [f"c2s {office.address[0]}:{office.address[1]}"], state)
    people = office.done("status").out
    expect(re.search(r"^uptime +\d+ (s|min)", people, re.M), people)


@test("the log's level is changed while the server runs")
def log_level(office):
    levels = office.done("log", "level", "--json").json()
    expect(levels[0] == {"of": None, "level": "info"}, levels)
    office.done("log", "level", "debug", "--of", "streams")
    expect({"of": "streams", "level": "debug"} in office.done("log", "level", "--json").json())
    office.done("log", "level", "info", "--of", "streams")
    office.refused("no_such_place", "log", "level", "debug", "--of", "nowhere")
    office.refused("missing_argument", "log", "level", "--of", "streams")


@test("no password gets into the log, and what was changed does")
def passwords_stay_out(office):
    office.done("account", "register", "quiet@localhost", "--password-stdin", stdin="Zauberwort77\n")
    office.refused("exists", "account", "register", "quiet@localhost", "--password-stdin", stdin="Zauberwort77\n")
    log = office.log.read_text(encoding="utf-8")
    expect("Zauberwort77" not in log)
    line = [line for line in log.splitlines() if "what=command" in line and "quiet@localhost" in line][0]
    expect('command="account register"' in line and "uid" in line and "outcome=done" in line, line)


@test("a reload says what is different, that nothing is, or all that is wrong with the file, a line for each")
def reload(office):
    said = office.done("reload")
    expect(said.out == "nothing is different from what runs\n", said)
    expect(office.done("reload", "--json").json() == [])
    good = office.config.read_text()
    office.config.write_text(good.replace('"info"', '"inof"').replace("[modules.mod_ping]", "[modules.mod_pong]"))
    office.refused("reload_refused", "reload")
    lines = office.meerkat("reload").err.splitlines()
    expect(len(lines) == 3 and '"inof"' in lines[0] and "mod_pong" in lines[1] and lines[2] == "nothing was changed", lines)
    office.config.write_text(good)


@test("words that are not understood are told apart, with a suggestion and code 2")
def mistakes(office):
    for words, sentence in (
            (["sreve"], 'there is no command "sreve" - did you mean "serve"?'),
            (["acount", "list"], 'there is no command "acount" - did you mean "account"?'),
            (["account", "lits"], 'there is no command "account lits" - did you mean "account list"?'),
            (["account", "list", "--limt", "1"], 'meerkat account list has no option "--limt" - did you mean "--limit"?'),
            (["log", "level", "debgu"], 'did you mean "debug"?'),
            (["account"], "meerkat account needs one more word: register, unregister"),
            (["account", "ban"], "user is required"),
            (["account", "check", "a@b", "c@d"], 'meerkat account check does not know what to do with "c@d"'),
            ([], "meerkat needs one more word"),
            (["\x1b[31mred"], 'there is no command "\\x1b[31mred"')):
        said = office.program(*words)
        expect(said.code == 2 and sentence in said.err and not said.out, words, said)


@test("a server that is not running, or not to be found, is told in a sentence with code 3")
def not_running(office):
    said = office.program("status", "--socket", office.directory / "nothing.sock")
    expect(said.code == 3 and "the server is not running" in said.err and "meerkat serve" in said.err, said)
    said = office.program("status", "--config", office.directory / "nothing.toml")
    expect(said.code == 3 and "nothing.toml" in said.err and "--socket" in said.err, said)
    office.stop()
    said = office.meerkat("status")
    expect(said.code == 3 and "the server is not running" in said.err, said)
    office.start()
    office.process.kill()
    office.process.wait()
    said = office.meerkat("status")  # its socket is still there
    expect(office.socket.exists() and said.code == 3 and "nobody listens" in said.err, said)
    office.start()
    office.done("status")


@test("the server can be found by its socket alone")
def by_socket(office):
    said = office.program("account", "count", "--socket", office.socket)
    expect(said.code == 0 and "localhost" in said.out, said)


@test("the program knows its version and prints its pages")
def pages(office):
    expect(re.fullmatch(r"Meerkat \d+\.\d+\.\d+\n", office.program("version").out))
    expect(office.program("--version").out == office.program("version").out)
    expect(".B meerkat account register" in office.program("man").out)
    expect("## account register" in office.program("man", "--markdown").out)
    expect("account" in office.program("--help").out and office.program("account", "ban", "--help").code == 0)
