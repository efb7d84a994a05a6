# SPDX-License-Identifier: Apache-2.0
# What Prometheus reads over HTTP.
import gzip
import http.client
import sys

from figures import PACKAGED
from services.kinds import make_service
from xmpptest.exposition import Exposition
from xmpptest.runner import LeftOut, expect, test
from xmpptest.waiting import eventually

OPEN_METRICS = "application/openmetrics-text"
# As Prometheus 2.42 says it.
OF_PROMETHEUS = (f"{OPEN_METRICS};version=1.0.0,{OPEN_METRICS};version=0.0.1;q=0.75,"
                 "text/plain;version=0.0.4;q=0.5,*/*;q=0.1")


def scraped(place, method="GET", path="/metrics", **headers):
    connection = http.client.HTTPConnection(*place.http_address, timeout=20)
    try:
        connection.request(method, path, headers={name.replace("_", "-"): value for name, value in headers.items()})
        answer = connection.getresponse()
        return answer.status, dict((name.lower(), value) for name, value in answer.getheaders()), answer.read()
    finally:
        connection.close()


@test("the metrics are text for who wants text, who likes anything, and Prometheus")
def text(place):
    for accept in ("text/plain", "*/*", OF_PROMETHEUS):
        status, headers, body = scraped(place, Accept=accept)
        expect(status == 200 and headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8", headers)
        told = Exposition(body.decode())
        expect(told.types["sm_session_logins"] == "counter", told.types)
        expect(told.value("sm_session_logins", host_type="localhost") is not None, "without _total")
        expect(told.types["process_cpu_seconds_total"] == "counter", told.types)


@test("who wants OpenMetrics gets what its own parser understands")
def open_metrics(place):
    sys.path.append("/usr/lib/python3/dist-packages")
    try:
        from prometheus_client.openmetrics.parser import text_string_to_metric_families
    except ImportError as missing:
        raise LeftOut("python3-prometheus-client is not installed") from missing
    status, headers, body = scraped(place, Accept=f"{OPEN_METRICS}; version=1.0.0")
    expect(status == 200 and headers["content-type"] == f"{OPEN_METRICS}; version=1.0.0; charset=utf-8", headers)
    expect(body.endswith(b"\n# EOF\n"), body[-100:])
    families = {family.name: family for family in text_string_to_metric_families(body.decode())}
    logins = families["sm_session_logins"]
    expect(logins.type == "counter" and {sample.name for sample in logins.samples} == {"sm_session_logins_total"}, logins)
    expect(families["process_cpu_seconds"].samples[0].name == "process_cpu_seconds_total", families["process_cpu_seconds"])
    expect(families["sm_session_count"].type == "gauge", families["sm_session_count"])


@test("what is large is compressed for who takes that")
def compressed(place):
    status, headers, body = scraped(place, Accept_Encoding="gzip")
    expect(status == 200 and headers.get("content-encoding") == "gzip", headers)
    expect(b"# TYPE sm_session_logins counter\n" in gzip.decompress(body), "it is the same")


@test("metrics are only read")
def read_only(place):
    expect(scraped(place, "POST")[0] == 405, "POST is not allowed")
    status, headers, body = scraped(place, "HEAD")
    expect(status == 200 and not body and headers["content-type"].startswith("text/plain"), status, headers)


@test("without [instrumentation.prometheus] nothing is told, and a change of that takes effect at once")
def switched_off(place):
    place.change(("[instrumentation.prometheus]\n", "# prometheus\n"))
    expect(scraped(place)[0] == 404, "nobody may read")
    place.change(("# prometheus\n", "[instrumentation.prometheus]\n"))
    expect(scraped(place)[0] == 200, "everybody may")


@test("Prometheus itself reads names, types, labels and values as MongooseIM has them")
def prometheus(place):
    host, port = place.http_address
    user = place.new_user("scraped")
    with make_service("prometheus", scrapes=[f"{host}:{port}"], rules=[PACKAGED / "meerkat.rules.yml"]) as prometheus:
        place.come_and_go(user)
        logins = place.value("sm_session_logins", host_type="localhost")
        local = '{host_type="localhost"}'
        expect(eventually(lambda: [value for _, value in prometheus.query(f"sm_session_logins{local}")] == [logins]),
               logins, prometheus.ask("targets"))
        labels, _ = prometheus.query(f"sm_session_logins{local}")[0]
        expect(labels == {"__name__": "sm_session_logins", "host_type": "localhost", "job": "meerkat",
                          "instance": f"{host}:{port}"}, labels)
        expect(prometheus.query("up")[0][1] == 1, prometheus.ask("targets"))
        for name, kind in (("sm_session_logins", "counter"), ("sm_session_count", "gauge"),
                           ("auth_authorize_time", "histogram"), ("mod_private_mnesia_count", "counter"),
                           ("c2s_message_processed_time", "histogram"), ("xmpp_element_in_message_count", "counter"),
                           ("system_memory_total", "gauge"), ("process_cpu_seconds_total", "counter"),
                           ("tls_cert_remaining_days_count", "gauge")):
            known = prometheus.ask("metadata", metric=name)
            expect(not known or known[name][0]["type"] == kind, name, known)
            expect(known or name == "c2s_message_processed_time", name)  # a histogram comes with its first value
        middle = prometheus.query("histogram_quantile(0.5, sum by (le) (auth_authorize_time_bucket))")
        expect(middle and 0 < middle[0][1] < 60e6, middle)
        limits = {labels["le"] for labels, _ in prometheus.query(f"auth_authorize_time_bucket{local}")}
        expect(limits == {str(2 ** i) for i in range(31)} | {"+Inf"}, limits)
        rules = prometheus.ask("rules")["groups"][0]["rules"]
        expect(eventually(lambda: all(rule["health"] == "ok" for rule in prometheus.ask("rules")["groups"][0]["rules"])), rules)
        expect(not [rule["name"] for rule in rules if rule["state"] == "firing"], rules)


@test("who reads metrics is no client")
def no_client(place):
    connection = http.client.HTTPConnection(*place.http_address, timeout=20)
    connection.request("GET", "/metrics")
    connection.getresponse().read()  # and it stays open
    began = place.value("system_up_time_seconds")
    expect(eventually(lambda: place.value("system_up_time_seconds") > began), "it is looked at anew")
    expect(place.value("sm_node_sessions_count") == 0, place.value("sm_node_sessions_count"))
    connection.close()
