# SPDX-License-Identifier: Apache-2.0
# What is counted and measured, seen by an operator while clients do things.
import re

from xmpptest.client import Refused
from xmpptest.exposition import Exposition
from xmpptest.runner import expect, test
from xmpptest.waiting import eventually

ROSTER = "<query xmlns='jabber:iq:roster'/>"
NOTES = "<query xmlns='jabber:iq:private'><notes xmlns='urn:notes'/></query>"


def all_metrics(office):
    return Exposition(office.done("metrics").out)


def of_host(office, *names, host="localhost"):
    all_of_them = all_metrics(office)
    return [all_of_them.value(name, host_type=host) or 0 for name in names]


@test("what clients ask of stores is counted and timed by the function of the store")
def backend_calls(office):
    here = {"function": "multi_get_data", "host_type": "localhost"}
    name = office.new_user("counted")
    client = office.log_in(name)
    before = all_metrics(office)
    client.ask("get", NOTES)
    client.ask("set", NOTES)
    client.ask("get", NOTES)
    after = all_metrics(office)
    expect(after.types["mod_private_mnesia_count"] == "counter", after.types)
    expect(after.value("mod_private_mnesia_count", **here) == before.value("mod_private_mnesia_count", **here) + 2,
           after.samples["mod_private_mnesia_count"])
    expect(after.types["mod_private_mnesia_time"] == "histogram", after.types)
    timed = before.value("mod_private_mnesia_time_count", **here) or 0
    expect(after.value("mod_private_mnesia_time_count", **here) == timed + 2, after.samples["mod_private_mnesia_time_count"])
    expect(after.value("mod_private_mnesia_time_sum", **here) > 0, after.samples["mod_private_mnesia_time_sum"])
    elsewhere = {**here, "host_type": "example.org"}
    expect(after.value("mod_private_mnesia_count", **elsewhere) == 0, after.samples["mod_private_mnesia_count"])
    client.close()


@test("the changes of a roster are counted as what they are")
def roster_calls(office):
    def count(function):
        return all_metrics(office).value("mod_roster_mnesia_count", function=function, host_type="localhost")

    client = office.log_in(office.new_user("lister"))
    functions = ("update_roster_t", "roster_subscribe_t", "del_roster_t")
    before = [count(function) for function in functions]
    client.ask("get", ROSTER)
    client.ask("set", "<query xmlns='jabber:iq:roster'><item jid='friend@localhost' name='Friend'/></query>")
    client.ask("set", "<query xmlns='jabber:iq:roster'><item jid='friend@localhost' subscription='remove'/></query>")
    expect([count(function) for function in functions] == [before[0] + 1, before[1], before[2] + 1], before)
    client.close()


@test("a session counts when it opens and when it ends, for the domain it belongs to")
def sessions(office):
    names = ("sm_session_logins", "sm_session_logouts", "sm_session_count")
    user = office.new_user("opener")
    logins, logouts, open_now = of_host(office, *names)
    elsewhere = of_host(office, *names, host="example.org")
    client = office.log_in(user)
    expect(of_host(office, *names) == [logins + 1, logouts, open_now + 1], logins, logouts, open_now)
    client.close()
    ended = [logins + 1, logouts + 1, open_now]
    expect(eventually(lambda: of_host(office, *names) == ended), ended, of_host(office, *names))
    expect(of_host(office, *names, host="example.org") == elsewhere, elsewhere)
    types = all_metrics(office).types
    expect([types[name] for name in names] == ["counter", "counter", "gauge"], types)


@test("logins are counted and timed, and those that fail as well")
def logins(office):
    names = ("auth_authorize_count", "auth_authorize_time_count", "c2s_auth_failed_count")
    user = office.new_user("knocker")
    before = of_host(office, *names)
    office.log_in(user).close()
    expect(of_host(office, *names) == [before[0] + 1, before[1] + 1, before[2]], before)
    try:
        office.log_in(user, password="wrong")
        expect(False, "a wrong password is refused")
    except Refused:
        pass
    expect(of_host(office, *names) == [before[0] + 2, before[1] + 2, before[2] + 1], before)


@test("what is asked of accounts is counted and timed")
def accounts(office):
    names = ("auth_try_register_count", "auth_register_user_count", "auth_check_password_count",
             "auth_unregister_user_count")
    before = of_host(office, *names)
    user = f"{office.new_user('asked')}@localhost"
    office.refused("exists", "account", "register", user, "--password-stdin", stdin="secret\n")  # asks twice
    office.done("account", "check-password", user, "--password-stdin", stdin="secret\n")
    office.done("account", "unregister", user)
    after = of_host(office, *names)
    expect([now - then for now, then in zip(after, before)] == [3, 1, 1, 1], before, after)


@test("rosters that are fetched, changed and pushed are counted")
def roster_events(office):
    names = ("mod_roster_get_count", "mod_roster_set_count", "mod_roster_push_count")
    client = office.log_in(office.new_user("pusher"))
    before = of_host(office, *names)
    client.ask("get", ROSTER)
    client.ask("set", "<query xmlns='jabber:iq:roster'><item jid='friend@localhost'/></query>")
    expect(of_host(office, *names) == [number + 1 for number in before], before)
    client.close()


@test("the queues of pools have a length, and a host type does not speak for a pool that all share")
def pools_of_all(office):
    told = Exposition(office.done("metrics", "wpool").out)
    expect(told.value("wpool_global_queue_lengths_total", pool_tag="gone", pool_type="redis") == 0, told.samples)
    expect("wpool_queue_lengths_total" not in told.types, told.types)


@test("metrics are shown by a part of their name, and by the names of Exometer")
def parts_and_exometer(office):
    said = office.done("metrics", "mod_private")
    expect(set(Exposition(said.out).types) <= {"mod_private_mnesia_count", "mod_private_mnesia_time"}, said)
    office.refused("no_such_metric", "metrics", "nothing_of_the_kind")
    said = office.done("metrics", "--exometer", "mod_private")
    lines = said.out.splitlines()
    expect(all(re.fullmatch(r"\[[^][]+\]( [a-z0-9]+=-?\d+)+", line) for line in lines), said)
    expect(any(line.startswith("[example.org, mod_private_mnesia, multi_get_data, count] count=") for line in lines), said)


@test("each event is described with its labels and measurements")
def described(office):
    said = office.done("metrics", "--describe")
    lines = said.out.splitlines()
    shape = r"[a-z0-9_]+ \{[a-z_, ]*\}: [a-z_]+ (gauge|counter|spiral|histogram)(, [a-z_]+ [a-z]+)*\. [A-Z].*\."
    expect(all(re.fullmatch(shape, line) for line in lines), [line for line in lines if not re.fullmatch(shape, line)])
    expect(any(line.startswith("sm_session {host_type}: logins spiral, logouts spiral, count counter. ")
               for line in lines), said)
