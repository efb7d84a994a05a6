# SPDX-License-Identifier: Apache-2.0
# What operators find in Redis with general.sm_backend = "redis", and that nobody waits for it.
import time

from faults import BACK_IN, expect, person
from xmpptest.server import Server, running


def with_registry(template, service):
    """The text of a configuration that tells Redis of sessions."""
    text = template.replace("[general]\n", '[general]\n  sm_backend = "redis"\n', 1)
    return f"{text}\n[outgoing_pools.redis.default.connection]\n  host = \"{service.address}\"\n  port = {service.port}\n"


def wait_for(what, is_so):
    deadline = time.monotonic() + BACK_IN
    while not is_so():
        expect(time.monotonic() < deadline, f"not so in time: {what}")
        time.sleep(0.05)


def check_sessions(binary, template, service):
    """Sessions are seen in Redis while they live, also after it was away and forgot them; a stop leaves nothing."""
    with running(Server(binary, template)) as server:
        with person(server) as eve:
            entry = f"HGETALL s2:{eve.account[0].lower()}:localhost"
            wait_for("a session is told of", lambda: '"available":false' in service.cli(entry))
            eve.send("<presence><priority>5</priority></presence>")
            wait_for("a priority is told of", lambda: '"priority":5,"available":true' in service.cli(entry))
            service.kill()
            began = time.monotonic()
            eve.send("<presence><priority>6</priority></presence>")
            eve.ask("get", "<ping xmlns='urn:xmpp:ping'/>", server.host)
            expect(time.monotonic() - began < 1, "a client waits for Redis")
            service.start()
            wait_for("a session is told of again", lambda: '"priority":6,"available":true' in service.cli(entry))
        wait_for("the end of a session is told of", lambda: not service.cli(entry).strip())
        with person(server):
            server.stop()
    expect(service.cli("DBSIZE").strip() == "0", f"a stop leaves {service.cli('KEYS *')}")
