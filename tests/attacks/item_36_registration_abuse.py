# SPDX-License-Identifier: Apache-2.0
# Item 36: floods of registrations from one address, the password of somebody else, accounts that are removed while they are
# made or used. Names that look like another's are item 17. What joins later: captchas.
import threading

from kit import NS, Problem, Refused, expect

CONFIG = "paced"  # one account per address in ten minutes
REMOVE = f"<query xmlns='{NS['register']}'><remove/></query>"


def register(house, name, source, password="secret"):
    client = house.stranger(opened=True, source=source)
    try:
        client.register(name, password)
        return "done"
    except Refused as refusal:
        return refusal.condition
    finally:
        client.drop()


def flood(house):
    with house.bounded("a flood of registrations", cpu=3.0, memory=6e6):
        heard = [register(house, f"flood.{number}", "127.0.2.1") for number in range(1000 if house.hard else 150)]
    expect(heard[0] == "done" and set(heard[1:]) == {"resource-constraint"}, f"one address registers {heard.count('done')}")
    expect(register(house, "neighbour", "127.0.2.2") == "done", "another address is not held responsible")
    client = house.stranger(opened=True, source="127.0.2.3")
    client.send("".join(f"<iq type='set' id='p{n}'><query xmlns='{NS['register']}'><username>p{n}</username>"
                        "<password>x</password>"
                        "</query></iq>" for n in range(20)))
    expect(client.verdict() == "policy-violation", "and no stream asks for ever")


def others_passwords(house):
    victim, mallory = ("victim", "127.0.3.1"), ("mallory", "127.0.3.2")
    for name, source in victim, mallory:
        expect(register(house, name, source) == "done", "they register")
    for ask_of in None, "localhost", "victim@localhost", "mallory@localhost", "victim@localhost/x":
        member = house.member(("mallory", "secret"))
        for name in "victim", "VICTIM", "victim@localhost", "", "mallory@other.test":
            try:
                member.ask("set", f"<query xmlns='{NS['register']}'><username>{name}</username>"
                                  "<password>mine</password></query>", ask_of)
                expect(False, f"mallory set the password of {name!r}, asking {ask_of}")
            except Refused:
                pass
        if ask_of and "victim" in ask_of:
            try:
                member.ask("set", REMOVE, ask_of)
                expect(False, f"mallory removed an account by asking {ask_of}")
            except Refused:
                pass
        member.drop()
    for name in "victim", "mallory":
        expect(house.member((name, "secret")).is_alive(), f"{name} has the old password")


def removal_race(house):
    """One removes the account while others log in, send and register it again: afterwards it is there, or it is not."""
    for number in range(6 if house.hard else 3):
        name, source = f"racer.{number}", f"127.0.4.{number + 1}"
        expect(register(house, name, source) == "done", "the account is made")
        owner = house.member((name, "secret"))
        gate, stale = threading.Barrier(6), []

        def log_in():
            gate.wait()
            try:
                stale.append(house.member((name, "secret"), available=False))
            except (Refused, Problem, OSError):
                pass
            except Exception:  # it was sent away in the middle of its login
                pass

        def remove():
            gate.wait()
            try:
                owner.ask("set", REMOVE)
            except (Refused, Problem):
                pass

        def again():
            gate.wait()
            register(house, name, f"127.0.5.{number + 1}", "new")
        threads = [threading.Thread(target=target) for target in (log_in, log_in, log_in, remove, again, again)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        ins = {password for password in ("secret", "new") if logs_in(house, name, password)}
        expect(len(ins) <= 1, f"after the race two passwords open {name}")
        expect("secret" not in ins, f"the removed account {name} is still there")


def logs_in(house, name, password):
    client = house.stranger(tls=True, opened=True)
    try:
        client.authenticate(name, password)
        return True
    except Refused:
        return False
    finally:
        client.drop()


def attack(house):
    flood(house)
    others_passwords(house)
    removal_race(house)
