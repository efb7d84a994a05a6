# SPDX-License-Identifier: Apache-2.0
# What operators see live: figures, workers, the log's tail, the configuration in force, and the trace of an address.
import contextlib
import json
import os
import shutil
import signal
import subprocess
import tempfile
import time

from xmpptest.runner import expect, test
from xmpptest.waiting import SLOWNESS, eventually

PATIENCE = 20.0 * SLOWNESS


def rows(office, *words):
    return office.done(*words, "--json").json()


def newest(office):
    return rows(office, "live", "figures", "--limit", "1")[0]


def message(to, text, number="m1"):
    return f"<message type='chat' to='{to}' id='{number}'><body>{text}</body></message>"


@contextlib.contextmanager
def traced(office, address, *more):
    trace = office.done("trace", "start", address, *more, "--json").json()
    try:
        yield str(trace["id"])
    finally:
        office.meerkat("trace", "stop", str(trace["id"]))


def seen(office, trace, since=0):
    return rows(office, "trace", "read", trace, "--since", str(since))


def comes(office, trace, part):
    """It is seen before long; all that was seen."""
    expect(eventually(lambda: any(part in line["text"] for line in seen(office, trace)), PATIENCE),
           part, seen(office, trace))
    return seen(office, trace)


@test("a session and its login appear in the live figures, second by second")
def figures(office):
    expect(eventually(lambda: rows(office, "live", "figures"), PATIENCE))
    before = newest(office)
    client = office.log_in(office.new_user("seen"))
    expect(eventually(lambda: newest(office)["sessions"] == before["sessions"] + 1, PATIENCE), before, newest(office))
    since = rows(office, "live", "figures", "--since", str(before["at"]))
    expect(sum(sample["logins"] for sample in since) == 1, since)
    expect([sample["at"] for sample in since] == sorted({sample["at"] for sample in since}), since)
    expect(since[-1]["memory"] > 1_000_000 and since[-1]["heap"] > 0 and since[-1]["cpu"] is not None, since[-1])
    client.close()
    expect(eventually(lambda: newest(office)["sessions"] == before["sessions"], PATIENCE), before, newest(office))


@test("what clients say and hear is in the live figures, with how long it took")
def traffic(office):
    ann, bob = office.log_in(office.new_user("ann")), office.log_in(office.new_user("bob"))
    bob.send("<presence/>")
    at = newest(office)["at"]
    for number in range(20):
        ann.send(message(bob.jid, "x" * 100, f"m{number}"))
    ann.ask("get", "<ping xmlns='urn:xmpp:ping'/>", "localhost")

    def since(figure):
        return sum(sample[figure] for sample in rows(office, "live", "figures", "--since", str(at)))

    expect(eventually(lambda: since("messages_out") >= 20, PATIENCE), since("messages_out"))
    expect(since("messages_in") == 20 and since("iqs_in") >= 1 and since("stanzas_timed") == 20,
           rows(office, "live", "figures", "--since", str(at)))
    expect(since("bytes_in") > 2000 and since("bytes_out") > 2000)
    slowest = [sample["stanza_p99_us"] for sample in rows(office, "live", "figures", "--since", str(at))]
    expect(any(slowest), slowest)
    ann.close()
    bob.close()


@test("each worker tells how busy it is and what lives there")
def workers(office):
    client = office.log_in(office.new_user("worker"))
    count = office.done("status", "--json").json()["workers"]
    expect(eventually(lambda: sum(each["sessions"] for each in rows(office, "live", "workers")) >= 1, PATIENCE))
    now = rows(office, "live", "workers")
    expect([each["worker"] for each in now] == list(range(count)), now)
    expect(all(0 <= each["busy"] <= 1000 and each["mails"] > 0 for each in now), now)
    client.close()


@test("the log is read on from where it was read last")
def log_tail(office):
    last = rows(office, "log", "tail", "--limit", "1")[-1]["number"]
    client = office.log_in(office.new_user("logged"))
    office.done("session", "kick", client.jid)
    fresh = rows(office, "log", "tail", "--since", str(last))
    kicked = [line for line in fresh if line["what"] == "command" and "session kick" in line["fields"]]
    expect(len(kicked) == 1 and kicked[0]["level"] == "notice" and kicked[0]["room"] == "admin", fresh)
    expect(all(line["number"] > last for line in fresh), fresh)
    expect(not rows(office, "log", "tail", "--since", str(fresh[-1]["number"]), "--level", "critical"))
    client.drop()


@test("every option is told with the line it stands in, or as a default, and secrets are not")
def configuration(office):
    options = {option["path"]: option for option in rows(office, "config", "show")}
    written = office.config.read_text().splitlines()
    line = next(i for i, text in enumerate(written, 1) if "scram_iterations" in text)
    expect(options["auth.password.scram_iterations"]["value"] == "4096", options)
    expect(options["auth.password.scram_iterations"]["from"] == f"meerkat.toml:{line}", options)
    expect(options["listen.c2s[0].backlog"]["from"] == "default", options)
    expect(options["outgoing_pools.redis.gone.connection.password"]["value"] == '"***"', options)
    expect("not for everybody" not in office.done("config", "show").out)
    given = rows(office, "config", "show", "--given", "general.")
    expect(given and all(option["from"] != "default" and "general." in option["path"] for option in given), given)


@test("what was changed while the server ran says when, or by which command")
def changed_configuration(office):
    path = "modules.mod_ping.ping_interval"

    def option(which):
        return next(each for each in rows(office, "config", "show", which) if each["path"] == which)

    before = office.config.read_text()
    office.config.write_text(before.replace("[modules.mod_ping]", "[modules.mod_ping]\n  ping_interval = 77"))
    expect(option(path)["from"] == "default", option(path))
    office.done("reload")
    expect(option(path)["from"].startswith("meerkat.toml:") and option(path)["changed"], option(path))
    office.config.write_text(before)
    office.done("reload")
    expect(option(path)["from"] == "default" and option(path)["changed"], option(path))
    level = office.done("log", "level", "--json").json()[0]["level"]
    office.done("log", "level", "error")
    expect(option("general.loglevel")["from"] == "meerkat log level", option("general.loglevel"))
    expect(option("general.loglevel")["value"] == '"error"', option("general.loglevel"))
    office.done("log", "level", level)


@test("a trace shows what a client says and hears, and never a word of it")
def trace(office):
    ann, bob = office.log_in(office.new_user("ann")), office.log_in(office.new_user("bob"))
    with traced(office, ann.jid) as number:
        ann.send(message(bob.jid, "the treasure is under the tree", "from-ann"))
        bob.send(message(ann.jid, "whose tree?", "from-bob"))
        ann.send("<iq type='set' id='vc'><vCard xmlns='vcard-temp'><FN>Ann Onymous</FN></vCard></iq>")
        lines = comes(office, number, "from-bob")
        comes(office, number, "'vc'")
    ways = {("from-ann" in line["text"] and "ann") or ("from-bob" in line["text"] and "bob"): line["way"] for line in lines}
    expect(ways["ann"] == "in" and ways["bob"] == "out", lines)
    told = office.done("trace", "read", number).out
    expect("[30 bytes]" in told and bob.jid in told, told)
    for secret in ("treasure", "whose", "Onymous"):
        expect(secret not in told, told)
    begun = [line for line in rows(office, "log", "tail") if line["what"] in ("trace_began", "trace_ended")][-2:]
    expect([line["what"] for line in begun] == ["trace_began", "trace_ended"], begun)
    expect(all("by=\"uid" in line["fields"] for line in begun), begun)
    ann.close()
    bob.close()


@test("a trace sees a session that logs in later, and a password is not in it")
def trace_of_newcomer(office):
    name = office.new_user("newcomer")
    with traced(office, f"{name}@localhost") as number:
        client = office.log_in(name)
        client.ask("set", "<query xmlns='jabber:iq:register'><username>" + name +
                   "</username><password>correct horse</password></query>", "localhost")
        lines = comes(office, number, "jabber:iq:register")
    expect(not any("correct horse" in line["text"] for line in lines), lines)
    client.close()


@test("of a flood a hundred stanzas a second are shown, and the rest is counted")
def flood(office):
    ann = office.log_in(office.new_user("flooder"))
    with traced(office, ann.jid) as number:
        ann.send("".join(message("nobody@localhost", "x", f"f{i}").replace("chat", "headline") for i in range(1000)))
        ann.ask("get", "<ping xmlns='urn:xmpp:ping'/>", "localhost")
        mine = next(each for each in rows(office, "trace", "list") if str(each["id"]) == number)
        expect(mine["stanzas"] >= 1000 and mine["left_out"] > 0, mine)
        expect(len(seen(office, number)) + mine["left_out"] >= 1000, mine)
        expect(eventually(lambda: any("were left out" in line["text"] for line in seen(office, number)), PATIENCE))
    ann.close()


@test("what is written is not shown unless the configuration allows it")
def content(office):
    office.refused("not_permitted", "trace", "start", "ann@localhost", "--content")
    office.refused("domain_not_found", "trace", "start", "ann@elsewhere.example")


@contextlib.contextmanager
def following(office, address):
    """`meerkat trace`, as somebody sees it who has it on his screen."""
    process = subprocess.Popen([office.binary, "trace", address, "--config", office.config], stdout=subprocess.PIPE,
                               stderr=subprocess.STDOUT, text=True)
    try:
        expect(process.stdout.readline().startswith("following "))
        yield process
    finally:
        process.kill()
        process.wait()


def running(office):
    return [trace for trace in rows(office, "trace", "list") if trace["running"]]


@test("meerkat trace follows an account until Ctrl-C, and then nobody is traced any more")
def follow(office):
    ann = office.log_in(office.new_user("followed"))
    with following(office, ann.jid) as process:
        ann.send(message("bob@localhost", "psst", "seen\u202etxt"))
        line = process.stdout.readline()
        expect(" < " + ann.jid in line and "[4 bytes]" in line and "psst" not in line and "\u202e" not in line, line)
        process.send_signal(signal.SIGINT)
        rest = process.stdout.read()
        expect(process.wait(PATIENCE) == 0 and "the trace has ended: it was stopped" in rest, rest)
    expect(not running(office), running(office))
    ann.close()


@test("a trace ends when its time is up, and meerkat trace with it")
def follow_to_the_end(office):
    said = office.meerkat("trace", "somebody@localhost", "--for", "1")
    expect(said.code == 0 and "the trace has ended: its time is up" in said.out, said)
    said = office.meerkat("trace", "somebody@elsewhere.example")
    expect(said.code == 1 and "elsewhere.example" in said.err, said)
    expect(office.meerkat("trace").code == 2)


@test("meerkat top prints itself once where there is no terminal, and in JSON for programs")
def top_once(office):
    expect(eventually(lambda: rows(office, "live", "figures"), PATIENCE))
    said = office.done("top")
    expect("sessions " in said.out and "worker" in said.out and "\x1b" not in said.out, said)
    told = office.done("top", "--json").json()
    expect(told["status"]["state"] == "running" and told["figures"] and told["workers"], told)
    expect(told["pools"][0]["pool"] == "redis.gone", told)
    expect(office.program("top", "--socket", "/nowhere/admin.sock").code == 3)


class Tmux:
    """A terminal whose screen can be looked at."""

    def __init__(self, columns, rows_, *words):
        self.directory = tempfile.mkdtemp()
        self.socket = os.path.join(self.directory, "tmux")
        self("-f", "/dev/null", "new-session", "-d", "-x", str(columns), "-y", str(rows_),
             " ".join(map(str, words)) + "; echo code $?; sleep 1000")

    def __call__(self, *words):
        return subprocess.run(["tmux", "-u", "-S", self.socket, *words], capture_output=True, text=True, check=True,
                              env={**os.environ, "LANG": "C.UTF-8"}).stdout

    def screen(self):
        return self("capture-pane", "-p")

    def shows(self, part):
        return eventually(lambda: part in self.screen(), PATIENCE, 0.1)

    def close(self):
        subprocess.run(["tmux", "-S", self.socket, "kill-server"], check=False, capture_output=True)
        shutil.rmtree(self.directory)


@test("meerkat top draws itself anew each second, fits a terminal whose size changes, and quits with q")
def top(office):
    ann = office.log_in(office.new_user("topped"))
    terminal = Tmux(100, 40, office.binary, "top", "--config", office.config)
    try:
        count = office.done("status", "--json").json()["sessions"]
        expect(terminal.shows(f"sessions {count} "), terminal.screen())
        bob = office.log_in(office.new_user("topped"))
        expect(terminal.shows(f"sessions {count + 1} "), terminal.screen())
        terminal("resize-window", "-x", "60", "-y", "12")
        time.sleep(0.1)  # the window is taken over by the terminal
        expect(terminal.shows("sessions"), terminal.screen())
        expect(len(terminal.screen().rstrip("\n").split("\n")) <= 12, terminal.screen())
        terminal("send-keys", "q")
        expect(terminal.shows("code 0"), terminal.screen())
        expect("sessions" not in terminal.screen(), terminal.screen())
        bob.close()
    finally:
        terminal.close()
    ann.close()
