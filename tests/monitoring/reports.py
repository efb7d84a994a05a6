# SPDX-License-Identifier: Apache-2.0
# What arrives at Graphite and StatsD.
import time

from xmpptest.runner import expect, test
from xmpptest.waiting import eventually

LOGINS = "sm_session.logins.count"


def latest(place, name):
    values = place.carbon.values(f"node7.xmpp.{name}")
    return values[-1] if values else None


@test("what is counted arrives at Graphite under Exometer's names, with node and prefix before them")
def graphite(place):
    user = place.new_user("counted")
    place.come_and_go(user, 2)
    logins = place.value("sm_session_logins", host_type="localhost")
    expect(eventually(lambda: latest(place, f"localhost.{LOGINS}") == logins), logins, latest(place, f"localhost.{LOGINS}"))
    expect(eventually(lambda: latest(place, f"example.org.{LOGINS}") == 0), "the other host type has none")
    expect(eventually(lambda: latest(place, "localhost.sm_session.logins.one") >= 2), "two came in the last minute")


@test("Graphite has the datapoints that Exometer reports, and no others")
def datapoints(place):
    place.come_and_go(place.new_user("timed"))
    time_of_logins = "node7.xmpp.localhost.auth_authorize.time."
    wanted = {f"{time_of_logins}{point}" for point in ("min", "mean", "max", "median", "95", "99", "999")}
    expect(eventually(lambda: wanted <= place.carbon.names()), wanted - place.carbon.names())
    names = place.carbon.names()
    expect({name for name in names if name.startswith(time_of_logins)} == wanted, names)
    for name in ("global.system_up_time.seconds.value", "global.system_up_time.seconds.ms_since_reset",
                 "global.wpool_global_queue_lengths.gone.redis.total.value", "localhost.sm_session.count.value",
                 "localhost.mod_private_mnesia.multi_get_data.count.one"):
        expect(f"node7.xmpp.{name}" in names, name)
    least, mean, most = (latest(place, f"localhost.auth_authorize.time.{point}") for point in ("min", "mean", "max"))
    expect(0 < least <= mean <= most, least, mean, most)


@test("a Graphite that goes away is missed once in the log, and gets what there is when it comes back")
def graphite_restarts(place):
    user = place.new_user("patient")
    failed, again = len(place.logged("report_failed")), len(place.logged("reports_arrive_again"))
    place.carbon.stop()
    expect(eventually(lambda: len(place.logged("report_failed")) > failed), "the log tells of the fault")
    place.come_and_go(user, 3)
    time.sleep(1)  # two reports that fail, and say nothing
    expect(len(place.logged("report_failed")) == failed + 1, place.log_tail())
    line = place.logged("report_failed")[-1]
    expect(f"reporter=graphite:127.0.0.1:{place.carbon.port}" in line and "refused" in line, line)
    place.carbon.start()
    logins = place.value("sm_session_logins", host_type="localhost")
    expect(eventually(lambda: latest(place, f"localhost.{LOGINS}") == logins), logins)
    expect(len(place.logged("reports_arrive_again")) == again + 1, place.log_tail())


@test("StatsD understands every line, and has the values as gauges")
def statsd(place):
    user = place.new_user("gauged")
    place.come_and_go(user)
    logins = place.value("sm_session_logins", host_type="localhost")
    name = f"chat.localhost.{LOGINS}"
    expect(eventually(lambda: place.statsd.gauges().get(name) == logins), logins, place.statsd.gauges().get(name))
    gauges = place.statsd.gauges()
    expect("chat.localhost.auth_authorize.time.95" in gauges, sorted(gauges)[:20])
    expect("chat.localhost.auth_authorize.time.n" not in gauges, "what Exometer does not report")
    expect(gauges["chat.global.system_memory.total.value"] > 1e6, gauges["chat.global.system_memory.total.value"])
    expect(place.statsd.bad_lines() == 0, place.statsd.bad_lines())


@test("a StatsD that is not there is noticed, and told again when it is back")
def statsd_restarts(place):
    def lines(what):
        return [line for line in place.logged(what) if f"reporter=statsd:127.0.0.1:{place.statsd.port}" in line]

    place.statsd.stop()
    expect(eventually(lambda: len(lines("report_failed")) == 1), place.log_tail())
    place.statsd.start()
    expect(eventually(lambda: len(lines("reports_arrive_again")) == 1), place.log_tail())
    expect(eventually(lambda: f"chat.localhost.{LOGINS}" in place.statsd.gauges()), "it has everything again")


@test("a change of [instrumentation] takes effect at once")
def reload(place):
    place.change(('prefix = "chat"', 'prefix = "talk"'), ("[instrumentation.prometheus]", "[instrumentation.exometer]\n  all_metrics_are_global = true"))
    expect(eventually(lambda: "talk.global.sm_session.logins.count" in place.statsd.gauges()), "the new names arrive")
    summed = place.statsd.gauges()["talk.global.sm_session.logins.count"]
    expect(summed == place.value("sm_session_logins", host_type="localhost"), summed)
    expect("talk.localhost.sm_session.logins.count" not in place.statsd.gauges(), "no host type has names of its own")
    place.change(('prefix = "talk"', 'prefix = "chat"'), ("[instrumentation.exometer]\n  all_metrics_are_global = true", "[instrumentation.prometheus]"))
