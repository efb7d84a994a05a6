# SPDX-License-Identifier: Apache-2.0
# What is counted and measured, seen by an operator while clients do things.
import re

from xmpptest.exposition import Exposition
from xmpptest.runner import expect, test

ROSTER = "<query xmlns='jabber:iq:roster'/>"
NOTES = "<query xmlns='jabber:iq:private'><notes xmlns='urn:notes'/></query>"


def all_metrics(office):
    return Exposition(office.done("metrics").out)


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


@test("metrics are shown by a part of their name, and by the names of Exometer")
def parts_and_exometer(office):
    said = office.done("metrics", "mod_private")
    expect(set(Exposition(said.out).types) <= {"mod_private_mnesia_count", "mod_private_mnesia_time"}, said)
    office.refused("no_such_metric", "metrics", "nothing_of_the_kind")
    said = office.done("metrics", "--exometer", "mod_private")
    lines = said.out.splitlines()
    expect(all(re.fullmatch(r"\[[^][]+\]( [a-z0-9]+=-?\d+)+", line) for line in lines), said)
    expect(any(line.startswith("[example.org, mod_private_mnesia, multi_get_data, count] count=") for line in lines), said)
