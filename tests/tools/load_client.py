# SPDX-License-Identifier: Apache-2.0
# `meerkat bench` about contacts, presence and what waits for those who are away: small runs, whose figures add up.
import json
import os

from xmpptest.runner import expect, test


def bench(office, mode, *arguments):
    """The figures of a run with accounts of its own."""
    prefix = mode[0] + os.urandom(3).hex() + "x"
    common = ("--server", "%s:%d" % office.address, "--user-prefix", prefix, "--in-flight", "5", "--limit", "60",
              "--json")
    made = office.program("bench", "register", *common, "--users", "12")
    expect(made.code == 0, made)
    done = office.program("bench", mode, *common, "--mechanism", "SCRAM-SHA-256", *arguments)
    expect(done.code == 0, done)
    return json.loads(done.out)


@test("users with contacts log in and out, and exactly their contacts hear of it")
def contacts(office):
    figures = bench(office, "contacts", "--users", "3", "--roster", "6", "--online", "2", "--rounds", "2")
    expect(figures["outcome"] == "complete" and figures["logins"] == 6, figures)
    expect(figures["introductions"] == 18 and figures["introductions_missing"] == 0, figures)
    expect(figures["presences_missing"] == 0 and figures["presences_too_many"] == 0, figures)


@test("presence that changes comes to all contacts")
def presence(office):
    figures = bench(office, "presence", "--groups", "2", "--fan", "5", "--seconds", "1")
    expect(figures["introductions"] == 10 and figures["lost"] == 0, figures)
    expect(figures["deliveries"] >= 10 and figures["deliveries"] % 5 == 0, figures)


@test("messages for those who are away wait for them, in order")
def offline(office):
    figures = bench(office, "offline", "--users", "2", "--messages", "120")
    expect(figures["messages"] == 240, figures)
    expect(figures["lost"] == figures["refused"] == figures["out_of_order"] == 0, figures)


@test("a roster that was made is there")
def roster(office):
    figures = bench(office, "roster", "--users", "2", "--entries", "30", "--rounds", "3")
    expect(figures["refused"] == figures["contacts_missing"] == 0, figures)
