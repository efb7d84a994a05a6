# SPDX-License-Identifier: Apache-2.0
# Passwords that are guessed, accounts that are made in masses, logins that all come at once.
import threading
import time

from kit import NO_PACE, PING, Client, Problem, Refused, login, middle, server, timed, user
from xmpptest.runner import expect, test


@test("who guesses is told to wait; the owner logs in from elsewhere all the time")
def guesses_at_one_account(binary):
    with server(binary, NO_PACE + "; failed_logins_per_account_and_address = 6") as running:
        user(running, "alice").drop()
        said = [login(running, "alice", "wrong", "127.0.9.1", "PLAIN") for _ in range(8)]
        expect(said == ["not-authorized"] * 6 + ["temporary-auth-failure"] * 2, said)
        expect(login(running, "alice", source="127.0.9.1") == "temporary-auth-failure", "right, but too late")
        expect(login(running, "alice", source="127.0.9.2") is None, "the owner is locked out")


@test("the refusal says in which time to come back")
def words_for_guessers(binary):
    with server(binary, NO_PACE + "; failed_logins_per_account_and_address = 2") as running:
        user(running, "alice").drop()
        for _ in range(2):
            login(running, "alice", "wrong")
        client = Client(running.address)
        client.open_stream()
        try:
            client.authenticate("alice", "wrong", "PLAIN")
        except Refused:
            pass
        expect("; try again in " in "".join(client.transcript), client.transcript[-1])
        client.drop()


@test("who guesses at many accounts is refused, his neighbour who was here before is not")
def guesses_from_one_address(binary):
    with server(binary, NO_PACE + "; failed_logins_per_address = 8") as running:
        user(running, "alice", "127.0.9.1").drop()
        said = [login(running, f"victim{number}", "wrong", "127.0.9.1") for number in range(10)]
        expect(said == ["not-authorized"] * 8 + ["temporary-auth-failure"] * 2, said)
        expect(login(running, "alice", source="127.0.9.1") is None, "alice is locked out")


@test("a flood of logins at ten times the allowed rate costs bounded CPU")
def cost_of_guesses(binary):
    allowed, hashes = 20, {}
    for limit in (10 * allowed, allowed):
        with server(binary, NO_PACE + f"; failed_logins_per_address = {limit}; "
                    'failed_logins_per_account = "infinity"; failed_logins_per_account_and_address = "infinity"',
                    iterations=40000) as running:
            user(running, "alice").drop()
            before = running.cpu_seconds()
            for _ in range(10 * allowed):
                login(running, "alice", "wrong", mechanism="PLAIN", source="127.0.9.1")
            hashes[limit] = running.cpu_seconds() - before
    free, bounded = hashes[10 * allowed], hashes[allowed]
    print(f"limits: {10 * allowed} guesses cost {free:.2f} s of CPU unlimited, {bounded:.2f} s limited to {allowed}",
          flush=True)
    expect(bounded < free / 3, f"{bounded:.2f} s of CPU instead of {free:.2f} s")


@test("so many accounts are made per minute, and the rest costs next to nothing")
def flood_of_registrations(binary):
    with server(binary, NO_PACE + "; registrations_per_minute = 10", iterations=100000) as running:
        def register(number):
            client = Client(running.address, source=f"127.0.9.{number % 10 + 1}")
            client.open_stream()
            try:
                client.register(f"user{number}", "secret")
                return True
            except Refused as refused:
                expect(refused.condition == "resource-constraint", refused)
                return False
            finally:
                client.drop()
        before = running.cpu_seconds()
        made = sum(register(number) for number in range(10))
        first = running.cpu_seconds() - before
        more = sum(register(number) for number in range(10, 100))
        rest = running.cpu_seconds() - before - first
        print(f"limits: {made} accounts cost {first:.2f} s of CPU, 90 attempts more {rest:.2f} s", flush=True)
        expect(made == 10, f"{made} of the first ten")
        expect(more <= 3, f"{more} more than ten")
        expect(rest < 3 * first + 0.3, f"{rest:.2f} s for refusals, {first:.2f} s for {made} accounts")


@test("in a storm of logins newcomers are told to come back, and established sessions stay fast")
def storm_of_logins(binary):
    with server(binary, NO_PACE + '; logins_in_progress = 8; failed_logins_per_address = "infinity"',
                iterations=50000) as running:
        probe = user(running, "probe")
        user(running, "alice").drop()
        until, outcomes = time.monotonic() + 4, []

        def storm():
            while time.monotonic() < until:
                try:
                    outcomes.append(login(running, "alice", mechanism="PLAIN"))
                except Problem as problem:
                    outcomes.append(str(problem))
        threads = [threading.Thread(target=storm) for _ in range(40)]
        for thread in threads:
            thread.start()
        times = []
        while time.monotonic() < until:
            times.append(timed(lambda: (probe.send(PING), probe.next("pong"))))
            time.sleep(0.02)
        for thread in threads:
            thread.join()
        probe.drop()
        done, later = outcomes.count(None), outcomes.count("temporary-auth-failure")
        print(f"limits: storm: {done} logins, {later} told to come back, "
              f"pings {middle(times):.1f} ms (median), {max(times) * 1000:.0f} ms (longest)", flush=True)
        expect(later > done > 0, f"{done} logins, {later} refusals, {len(outcomes)} attempts")
        expect(done + later == len(outcomes), set(outcomes))
        expect(middle(times) < 100, f"pings take {middle(times):.0f} ms")
