# SPDX-License-Identifier: Apache-2.0
# What clients and operators see when every packet between the server and a service is lost: the service runs in a
# network of its own.
import time

from faults import ANSWERED_IN, BACK_IN, expect, person, reads, refusal_of, stores, until_it_works
from sessions import wait_for
from xmpptest.server import Server, running

MISSED = ("internal-server-error", "resource-constraint", "remote-server-timeout")


def lines_about(server, pool, what):
    return [line for line in server.logged(what) if f"pool={pool} " in line]


def expect_lines(server, pool, workers, before):
    """Each worker says once that it is down, with the cause and the next attempt, and once that it is back."""
    down = lines_about(server, pool, "pool_worker_down")
    expect(1 <= len(down) <= workers, f"{len(down)} lines about workers of {pool} that are down: {down}")
    expect(all("error=" in line and "next_try_in_ms=" in line for line in down), f"a line without cause: {down}")
    wait_for(f"every worker of {pool} says that it is back",
             lambda: len(lines_about(server, pool, "pool_worker_up")) - before >= len(down))
    expect(len(lines_about(server, pool, "pool_worker_down")) == len(down), "a worker said twice that it is down")


def database(binary, template, service, network):
    """Packets to the database are lost: errors in time, a line for each worker, nothing lost that was acknowledged."""
    with running(Server(binary, template)) as server, person(server) as eve:
        acknowledged = 0
        for _ in range(20):
            stores(eve, f"number {acknowledged + 1}")
            acknowledged += 1
        up = len(lines_about(server, "rdbms.default", "pool_worker_up"))
        network.loses_packets()
        try:
            for _ in range(3):
                expect(refusal_of(stores, eve, "lost") in MISSED, "a store without its database did not refuse")
                began = time.monotonic()
                eve.ask("get", "<ping xmlns='urn:xmpp:ping'/>", server.host)
                expect(time.monotonic() - began < 1, "who asks no database waits for it")
            expect(refusal_of(reads, eve) in MISSED, "a read without its database did not refuse")
        finally:
            network.works()
        said = until_it_works(reads, eve)
        # What was refused may have been done: nobody could know. What was acknowledged is there.
        text = str(said.show())
        expect(f"number {acknowledged}" in text or "lost" in text, f"what was acknowledged is not there: {text}")
        until_it_works(stores, eve, "after")
        expect("after" in str(reads(eve).show()), "what was stored after the fault is not there")
        expect_lines(server, "rdbms.default", 4, up)


def sessions(binary, template, service, network):
    """Packets to Redis are lost: no client waits, a line for each worker, and Redis knows all sessions afterwards."""
    with running(Server(binary, template)) as server, person(server) as eve:
        entry = f"HGETALL s2:{eve.account[0].lower()}:localhost"
        wait_for("a session is told of", lambda: '"available":false' in service.cli(entry))
        up = len(lines_about(server, "redis.default", "pool_worker_up"))
        network.loses_packets()
        try:
            began = time.monotonic()
            eve.send("<presence><priority>7</priority></presence>")
            eve.ask("get", "<ping xmlns='urn:xmpp:ping'/>", server.host)
            expect(time.monotonic() - began < 1, "a client waits for Redis")
            wait_for("the log tells that Redis is away", lambda: lines_about(server, "redis.default", "pool_worker_down"))
            expect(time.monotonic() - began < 2 * ANSWERED_IN, "Redis was waited for too long")
        finally:
            network.works()
        wait_for("a session is told of again", lambda: '"priority":7,"available":true' in service.cli(entry))
        expect_lines(server, "redis.default", 10, up)

