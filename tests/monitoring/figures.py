# SPDX-License-Identifier: Apache-2.0
# What is told of the process and its surroundings, and what the log tells of events.
import json
import re
import subprocess

from services.service import find_program
from xmpptest.runner import expect, test
from xmpptest.server import ROOT
from xmpptest.waiting import eventually

PACKAGED = ROOT / "packaging/monitoring"
# Words of PromQL and of Grafana's variables that are no metrics.
LANGUAGE = {"sum", "by", "connection_type", "rate", "min", "max", "histogram_quantile", "le", "instance", "host_type", "function", "or",
            "vector", "up", "job", "changes", "avg_over_time", "offset", "and"}
# What a server has only with such a pool.
OF_POOLS = {"wpool_queue_lengths_total", "wpool_global_rdbms_stats_workers", "mongoose_rdbms_pgsql_time",
            "mongoose_rdbms_mysql_time"}


@test("the process and its memory, sockets and queues are told by the names that dashboards know")
def system(place):
    told = place.exposed()
    for name in ("system_up_time_seconds", "system_tcp_ports_count", "system_process_queue_lengths_total",
                 "system_info_port_count", "system_info_port_limit", "system_info_process_count",
                 "system_info_process_limit", "system_memory_total", "system_memory_processes", "system_memory_system",
                 "system_memory_code", "process_resident_memory_bytes", "process_open_fds", "process_max_fds",
                 "process_start_time_seconds"):
        expect(told.types.get(name) == "gauge", name, told.types.get(name))
    expect(told.types["process_cpu_seconds_total"] == "counter", told.types)
    expect(abs(told.value("system_memory_total") - place.memory()) < 50e6, told.value("system_memory_total"), place.memory())
    expect(told.value("system_memory_processes") + told.value("system_memory_system") == told.value("system_memory_total"))
    expect(told.value("system_tcp_ports_count") >= 1, told.value("system_tcp_ports_count"))


@test("the certificate of a listener is good for as many days as it says")
def certificate(place):
    days = place.value("tls_cert_remaining_days_count", listener_id=f"127.0.0.1@tcp/{place.address[1]}")
    told = place.done("metrics", "tls_cert")
    expect(days is not None and days > 0, told)


@test("sessions are counted for all, accounts once each, connections also before they log in")
def sessions(place):
    def now():
        return [place.value(f"sm_{kind}_sessions_count") for kind in ("total", "unique", "node")]

    expect(eventually(lambda: now() == [0, 0, 0]), now())
    user = place.new_user("twice")
    phone, desk = place.log_in(user), place.log_in(user, "desk")
    expect(eventually(lambda: now() == [2, 1, 2]), now())
    phone.close()
    expect(eventually(lambda: now() == [1, 1, 1]), now())
    desk.close()
    expect(eventually(lambda: now() == [0, 0, 0]), now())


@test("what is looked at is looked at again only after the probe interval")
def probe_interval(place):
    def up():
        return place.value("system_up_time_seconds")

    began = up()
    expect(eventually(lambda: up() > began), "with an interval of a second")
    place.change(("probe_interval = 1\n", "probe_interval = 3600\n"))
    stands = up()
    place.change(("probe_interval = 3600\n", "probe_interval = 3601\n"))
    expect(up() == stands, stands, up())
    place.change(("probe_interval = 3601\n", "probe_interval = 1\n"))
    expect(eventually(lambda: up() > stands), up())


@test("the last minute is told to who asks by the names of Exometer, and left out where nobody wants Exometer")
def last_minute(place):
    user = place.new_user("recent")
    place.come_and_go(user)
    said = place.done("metrics", "--exometer", "localhost, sm_session, logins").out
    counts = re.fullmatch(r"\[localhost, sm_session, logins\] count=(\d+) one=(\d+)\n", said)
    expect(counts and 0 < int(counts[2]) <= int(counts[1]), said)


@test("every event is a line of the log when it happens, with its labels and what was measured, while that is wished")
def event_log(place):
    user = place.new_user("logged")
    expect(not place.logged("sm_session"), "nobody has wished for it")
    place.change(("[instrumentation.prometheus]", '[instrumentation.log]\n  level = "info"\n[instrumentation.prometheus]'))
    place.come_and_go(user)
    expect(eventually(lambda: any(" host_type=localhost logins=1" in line for line in place.logged("sm_session"))),
           place.log_tail())
    expect(any(re.search(r" host_type=localhost time=\d+", line) for line in place.logged("auth_authorize")), place.log_tail())
    expect(eventually(lambda: any(" seconds=" in line for line in place.logged("system_up_time"))), "probes are logged too")
    place.change(('[instrumentation.log]\n  level = "info"\n', ""))
    before = len(place.logged("sm_session"))
    place.come_and_go(user)
    expect(len(place.logged("sm_session")) == before, "nobody wishes for it any more")


def names_in(expression):
    """Names of metrics: not what stands in quotes, in brackets behind by, or before a sign of comparison."""
    bare = re.sub(r'"[^"]*"|\{[^}]*\}|\[[^]]*\]', " ", expression)
    bare = re.sub(r"\bby\s*\([^)]*\)", " ", bare)
    words = set(re.findall(r"(?<![0-9A-Za-z_])[A-Za-z_]\w*", bare)) - LANGUAGE
    return {re.sub(r"_bucket$", "", word) for word in words}


@test("every metric of the dashboard and of the alerts is one that the server tells")
def packaged(place):
    user = place.new_user("shown")
    client = place.log_in(user)
    client.ask("get", "<query xmlns='jabber:iq:roster'/>")
    client.send(f"<message to='{user}@localhost'><body>hello</body></message>")
    client.close()
    dashboard = json.loads((PACKAGED / "grafana-dashboard.json").read_text())
    expressions = [target["expr"] for panel in dashboard["panels"] for target in panel.get("targets", [])]
    expressions += [query for each in dashboard["templating"]["list"]
                    for query in re.findall(r"label_values\((\w+),", each["query"])]
    rules = (PACKAGED / "meerkat.rules.yml").read_text()
    alerts = re.findall(r"expr: (?:>-\n)?((?:.+\n)(?:          .+\n)*)", rules)
    expect(len(expressions) > 30 and len(alerts) >= 8, len(expressions), len(alerts))
    wanted = set().union(*map(names_in, expressions + alerts))
    expect(len(wanted) > 25, wanted)
    types = place.exposed().types
    expect(wanted - set(types) <= OF_POOLS, sorted(wanted - set(types) - OF_POOLS))
    for expression in expressions:
        for name in re.findall(r"rate\((\w+)\{", expression):
            expect(name.endswith("_bucket") or types.get(name, "counter") == "counter", name)


def promtool(*words, said=""):
    return subprocess.run([find_program("promtool"), *map(str, words)], input=said, capture_output=True, text=True)


@test("promtool reads what the server says, and finds nothing but names that do not end in _total")
def promtool_metrics(place):
    done = promtool("check", "metrics", said=place.done("metrics").out)
    # 3: it was read, and there are opinions about names, which are MongooseIM's.
    expect(done.returncode in (0, 3), done)
    others = [line for line in done.stderr.splitlines()
              if not re.search(r'"_total" suffix|"_count" suffix|non-counter metrics should not have|'
                               r"metric names should not contain|use base unit", line)]
    expect(not others, others)


@test("promtool finds nothing wrong with the alerts")
def promtool_rules(_):
    done = promtool("check", "rules", PACKAGED / "meerkat.rules.yml")
    expect(done.returncode == 0 and "8 rules found" in done.stdout, done)
