#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# What service_mongoose_system_metrics tells, to whom, and what it does when nobody listens: the server with a collector
# of our own on this machine.
#   tests/reports/reports.py [--server build/debug/meerkat] [WORD…]
import contextlib
import json
import re
import stat
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "tools"), str(Path(__file__).resolve().parent)]
from collector import STANZAS, Collector, problems_of_report  # noqa: E402
from services.tls_files import tls_files  # noqa: E402
from xmpptest.client import Client  # noqa: E402
from xmpptest.runner import expect, run_tests, test, tests_of  # noqa: E402
from xmpptest.server import Server, free_port, running  # noqa: E402
from xmpptest.waiting import eventually  # noqa: E402

SECRET = "s3cr&t of the collector"
HOUSE = """
[general]
  hosts = ["secret-name-one.example", "secret-name-two.example"]
  default_server_domain = "secret-name-one.example"
  loglevel = "info"
  registration_timeout = "infinity"

[[listen.c2s]]
  port = 0
  ip_address = "127.0.0.1"
  shaper = "secretshaper"

[[listen.c2s]]
  port = 0
  ip_address = "127.0.0.1"
  tls.mode = "starttls"

[[listen.c2s]]
  port = 0
  ip_address = "127.0.0.1"
  tls.mode = "tls"

[shaper.secretshaper]
  max_rate = 1000000

[auth]
  sasl_mechanisms = ["plain"]
[auth.internal]

[internal_databases.embedded]
  directory = "$data"

[outgoing_pools.http.secrettag]
  workers = 1
  [outgoing_pools.http.secrettag.connection]
    host = "http://127.0.0.1:9"

[modules.mod_adhoc]
[modules.mod_blocking]
[modules.mod_carboncopy]
[modules.mod_csi]
[modules.mod_disco]
[modules.mod_last]
[modules.mod_offline]
[modules.mod_ping]
[modules.mod_presence]
[modules.mod_privacy]
[modules.mod_private]
[modules.mod_register]
[modules.mod_roster]
[modules.mod_stream_management]
[modules.mod_time]
[modules.mod_vcard]
[modules.mod_version]
"""
# Nothing of these may be in a report.
PRIVATE = ["secret-name", "secretshaper", "secretalice", "secretbob", "secrettag", "127.0.0.1", "localhost", "/tmp",
           "s3cr", "G-TEST", "hello bob", "mod_ping"]
SERVICE = "\n[services.service_mongoose_system_metrics]\n"


def reporting(collector, periodic=400, **more):
    options = {"report": "true", "initial_report": 100, "periodic_report": periodic,
               "endpoint": f'"{collector.endpoint}"', "tracking_id": f'{{id = "G-TEST", secret = "{SECRET}"}}', **more}
    return SERVICE + "".join(f"  {key} = {value}\n" for key, value in options.items() if value is not None)


@contextlib.contextmanager
def house(binary, service, text=HOUSE):
    """A server with this service that is not started yet."""
    with tempfile.TemporaryDirectory(prefix="meerkat-test-") as directory:
        template = Path(directory) / "reports.toml"
        template.write_text(text + service, encoding="utf-8")
        yield Server(binary, template, directory=Path(directory) / "server", host="secret-name-one.example")


def report_of(server):
    file = server.directory / "data/system_metrics_report.json"
    return json.loads(file.read_text(encoding="utf-8")) if file.exists() else None


def command(server, *words):
    run = subprocess.run([server.binary, *words, "--config", server.directory / "meerkat.toml"],
                         capture_output=True, text=True, timeout=30, check=False)
    expect(run.returncode == 0, f"{words}: {run.stderr}")
    return run.stdout


def commands(server, *words):
    return json.loads(command(server, *words, "--json"))


def address_of(server):
    for line in (server.directory / "ready").read_text(encoding="utf-8").splitlines():
        kind, _, where = line.partition(" ")
        if kind == "c2s":  # the first has no TLS
            host, _, port = where.rpartition(":")
            return host, int(port)
    raise LookupError("no listener")


def log_in(server, name):
    client = Client(address_of(server), "secret-name-one.example")
    client.open_stream()
    client.register(name, "secret word")
    client.log_in(name, "secret word")
    client.send("<presence/>")
    return client


def chat(server, times):
    alice, bob = log_in(server, "secretalice"), log_in(server, "secretbob")
    for number in range(times):
        alice.send(f"<message type='chat' to='{bob.jid}' id='m{number}'><body>hello bob</body></message>")
    heard = 0
    while heard < times:
        event = bob.next("a message")
        heard += event.kind == "stanza" and event.element.local == "message"
    return alice, bob


def counts(report, what):
    return {item["params"]["stanza_type"]: item["params"][what] for item in report
            if item["name"] == "xmpp_stanza_count"}


def judge(collector):
    wrong = [problem for request in collector.requests for problem in request.problems]
    wrong += [problem for report in collector.reports() for problem in problems_of_report(report)]
    expect(not wrong, wrong)


@test("reports are sent periodically, in requests that fit the schema, with all there is to tell and nothing private")
def test_reports(binary):
    with Collector() as collector, house(binary, reporting(collector)) as server, running(server):
        expect(collector.wait_for(lambda _: len(collector.reports()) >= 2), "there is no second report")
        clients = chat(server, 7)
        seen = len(collector.reports())
        expect(collector.wait_for(lambda _: len(collector.reports()) >= seen + 3), "reports go on")
        shown = commands(server, "system-metrics", "show")
        state = commands(server, "system-metrics", "status")
        for client in clients:
            client.drop()
    judge(collector)
    first, latest = collector.reports()[0], collector.reports()[-1]
    expect(len(first) > 25, "one request is not enough")
    items = {item["name"]: item["params"] for item in first}
    expect(items["host_count"] == {"value": 2} and items["domain_count"] == {"value": 2}, items)
    expect(items["transport_mechanism"] == {"tcp": "enabled"}, items)
    expect([item["params"]["mode"] for item in first if item["name"] == "tls_option"] == ["starttls", "tls"], first)
    expect([item["params"]["value"] for item in first if item["name"] == "outgoing_pool"] == ["http"], first)
    modules = [item["params"] for item in first if item["name"] == "module_with_opt"]
    expect(modules.count({"module": "mod_roster", "backend": "mnesia"}) == 2, "one for each host type")
    expect({"module": "mod_csi"} in modules, modules)
    check_counts(collector.reports())
    check_requests(collector.requests)
    expect([row["name"] for row in shown] == [item["name"] for item in latest], "the command shows the same items")
    expect(state["reports"] and state["sent_to"] == collector.endpoint and state["failure"] is None, state)
    expect(state["client_id"] == collector.requests[0].document["client_id"], state)
    everything = b"".join(request.body for request in collector.requests).decode() + json.dumps(shown)
    expect(not [word for word in PRIVATE if word in everything], "something private is told")


def check_counts(reports):
    before = dict.fromkeys(STANZAS, 0)
    for report in reports:
        total, increment = counts(report, "total"), counts(report, "increment")
        for kind in STANZAS:
            expect(increment[kind] == total[kind] - before[kind], f"{kind}: {before} then {total}, but {increment}")
        before = total
    last, first = counts(reports[-1], "total"), counts(reports[0], "total")
    for kind in STANZAS[0], STANZAS[3]:
        expect(last[kind] - first[kind] >= 7, f"seven messages are not in {kind}: {first} then {last}")


def check_requests(requests):
    for request in requests:
        expect(request.target == "/mp/collect?api_secret=s3cr%26t%20of%20the%20collector&measurement_id=G-TEST",
               request.target)
        expect(b" " not in re.sub(rb'"[^"]*"', b"", request.body), "a body has no room for looks")
    expect(len({request.document["client_id"] for request in requests}) == 1, "there are several clients")


@test("the file has the latest report, pretty-printed, for the server's user and group alone")
def test_file(binary):
    with Collector() as collector, house(binary, reporting(collector, periodic=60000)) as server, running(server):
        expect(collector.wait_for(lambda _: collector.reports()), "there is no report")
        file = server.directory / "data/system_metrics_report.json"
        text = file.read_text(encoding="utf-8")
        expect(json.loads(text) == collector.reports()[0], "it is another report than the one that was sent")
        expect(text == json.dumps(json.loads(text), indent=2, ensure_ascii=False) + "\n", text)
        expect(stat.S_IMODE(file.stat().st_mode) & 0o137 == 0, oct(file.stat().st_mode))
        expect(not [word for word in PRIVATE if word in text], "something private is told")


@test("with a log file the report stands beside it")
def test_beside_the_log(binary):
    with house(binary, SERVICE + "  report = true\n  initial_report = 0\n") as server:
        logs = server.directory / "logs"
        logs.mkdir(parents=True)
        server.template.write_text(server.template.read_text() + f'\n[log]\n  output = "{logs}/meerkat.log"\n')
        with running(server):
            expect(eventually(lambda: (logs / "system_metrics_report.json").exists()), "there is no file")
            expect(report_of(server) is None, "there is another one in the data directory")


@test("without a tracking id nothing leaves the machine, and the file is written")
def test_no_tracking_id(binary):
    with Collector() as collector, house(binary, reporting(collector, 100, tracking_id=None)) as server:
        with running(server):
            expect(eventually(lambda: report_of(server) is not None), "there is no file")
            first = (server.directory / "data/system_metrics_report.json").stat().st_ino
            expect(eventually(lambda: (server.directory / "data/system_metrics_report.json").stat().st_ino != first),
                   "it is written anew")
            expect(commands(server, "system-metrics", "status")["sent_to"] is None, "nobody is told")
        expect(collector.connections == 0, "somebody connected to the endpoint")
        expect(not problems_of_report(report_of(server)), problems_of_report(report_of(server)))


@test("the client id is the same after a restart, and the first increment after it is the total")
def test_restart(binary):
    with Collector() as collector, house(binary, reporting(collector, 60000)) as server:
        for start in range(2):
            with running(server):
                expect(collector.wait_for(lambda _: len(collector.reports()) == start + 1), "there is no report")
    judge(collector)
    expect(len({request.document["client_id"] for request in collector.requests}) == 1, "the id has changed")
    latest = collector.reports()[-1]
    expect(counts(latest, "total") == counts(latest, "increment"), latest)


@test("each start has one word about reports unless the operator said what is wanted")
def test_notices(binary):
    said = {"": (0, 1), SERVICE: (1, 0), SERVICE + "  report = true\n": (0, 0), SERVICE + "  report = false\n": (0, 0)}
    for service, (transparency, disabled) in said.items():
        with house(binary, service) as server:
            for start in 1, 2:
                with running(server):
                    pass
                expect(len(server.logged("report_transparency")) == transparency * start, service, start)
                expect(len(server.logged("system_metrics_disabled")) == disabled * start, service, start)
            lines = server.logged("report_transparency") + server.logged("system_metrics_disabled")
            expect(all("level=warning" in line and "report = false" in line for line in lines), lines)


@test("report = false: nothing runs, and a change of the configuration starts it and stops it again")
def test_reload(binary):
    with Collector() as collector, house(binary, reporting(collector, 100, report="false")) as server:
        with running(server):
            expect(report_of(server) is None, "there is a file")
            config = server.directory / "meerkat.toml"
            off = config.read_text(encoding="utf-8")
            config.write_text(off.replace("report = false", "report = true"), encoding="utf-8")
            command(server, "reload")
            expect(collector.wait_for(lambda _: len(collector.reports()) >= 2), "there are no reports")
            config.write_text(off, encoding="utf-8")
            command(server, "reload")
            expect(not commands(server, "system-metrics", "status")["reports"], "it goes on")
            seen = len(collector.requests)
            time.sleep(0.5)
            expect(len(collector.requests) <= seen + 1, "reports go on")  # one may have been under way
    judge(collector)


@test("a collector that fails is told once; when it works again that is told, and what it missed is in the increment")
def test_failing(binary):
    with Collector() as collector, house(binary, reporting(collector, 200)) as server, running(server):
        collector.status = 500
        expect(collector.wait_for(lambda requests: len(requests) >= 4), "it gives up")
        expect(len(server.logged("system_metrics_not_sent")) == 1, server.log_tail())
        expect("500" in server.logged("system_metrics_not_sent")[0], server.log_tail())
        expect(all(request.document["events"][0]["name"] == "host_count" for request in collector.requests),
               "after a failure the rest of a report is left out")
        for client in chat(server, 3):
            client.drop()
        failed, collector.status = len(collector.requests), 204
        expect(eventually(lambda: server.logged("system_metrics_sent")), "it is not told that it works again")
        expect(len(server.logged("system_metrics_not_sent")) == 1, server.log_tail())
        good = [request for request in collector.requests[failed:] if request.document["events"][-1]["name"] ==
                "xmpp_stanza_count"][0].document["events"]
        expect(counts(good, "increment") == counts(good, "total"), good)


@test("a refused connection is told once, and reports begin when somebody listens")
def test_refusing(binary):
    port = free_port()
    with Collector() as pattern:
        service = reporting(pattern, 100, endpoint=f'"http://127.0.0.1:{port}/mp/collect"')
    with house(binary, service) as server, running(server):
        expect(eventually(lambda: server.logged("system_metrics_not_sent")), "nothing is told")
        time.sleep(0.5)
        expect(len(server.logged("system_metrics_not_sent")) == 1, server.log_tail())
        expect(report_of(server) is not None, "the file is written all the same")
        with Collector(port=port) as collector:
            expect(collector.wait_for(lambda _: collector.reports()), "there is no report")
            judge(collector)


@test("a collector that never answers holds up nobody: not the clients, not the file, not the end of the server")
def test_slow(binary):
    with Collector() as collector, house(binary, reporting(collector, 200)) as server:
        collector.status = None
        server.start()
        expect(collector.wait_for(lambda requests: requests), "nothing is sent")
        began = time.monotonic()
        alice, bob = chat(server, 20)
        expect(time.monotonic() - began < 5, "clients wait")
        expect(len(collector.requests) == 1, "requests pile up")
        expect(report_of(server) is not None, "the file waits")
        alice.drop()
        bob.drop()
        began = time.monotonic()
        expect(server.stop() is None, "it ends well")
        expect(time.monotonic() - began < 4, f"it took {time.monotonic() - began:.1f} s to stop")


@test("over TLS a collector is believed when its authority is: the pool's own, or those of the system")
def test_tls(binary):
    with tempfile.TemporaryDirectory() as directory:
        files = tls_files(directory)
        with Collector(tls=files) as collector:
            pool = f"""
[outgoing_pools.http.reports]
  workers = 1
  [outgoing_pools.http.reports.connection]
    host = "{collector.host}"
    path_prefix = "/mp/"
    tls.cacertfile = "{files.authority}"
"""
            with house(binary, pool + reporting(collector, pool='"reports"')) as server, running(server):
                expect(collector.wait_for(lambda _: collector.reports()), server.log_tail())
            judge(collector)
            check_requests(collector.requests)
        with Collector(tls=files) as stranger, house(binary, reporting(stranger, 200)) as server, running(server):
            expect(eventually(lambda: server.logged("system_metrics_not_sent")), "nothing is told")
            expect(eventually(lambda: stranger.connections >= 2), "it tries again")
            expect(len(server.logged("system_metrics_not_sent")) == 1, server.log_tail())
            expect("certificate" in server.logged("system_metrics_not_sent")[0], server.log_tail())
            expect(not stranger.requests, "it was told to somebody whom nobody knows")


if __name__ == "__main__":
    sys.exit(run_tests("reports", "Tests what the server reports of itself.", tests_of(sys.modules[__name__]),
                       side_by_side=4))
