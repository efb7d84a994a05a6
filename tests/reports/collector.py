# SPDX-License-Identifier: Apache-2.0
# Who gets the reports in tests: takes requests of Google Analytics' measurement protocol (GA4), keeps their bytes, and
# judges every one of them against what that protocol and the list of items allow.
import json
import re
import ssl
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, urlsplit

UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
STANZAS = ["xmppMessageSent", "xmppIqSent", "xmppPresenceSent", "xmppMessageReceived", "xmppIqReceived",
           "xmppPresenceReceived"]
HANDLERS = {"mongoose_bosh_handler", "mongoose_graphql_handler", "mongoose_websocket_handler"}
ORDER = ["host_count", "domain_count", "module_with_opt", "custom_module_count", "cluster", "http_api",
         "transport_mechanism", "tls_option", "outgoing_pool", "xmpp_stanza_count"]


def count(value):
    return type(value) is int and value >= 0


def one_of(*words):
    return lambda value: value in words


def text(pattern):
    return lambda value: type(value) is str and re.fullmatch(pattern, value) is not None


VALUE = {"value": count}
SCHEMA = {
    "host_count": VALUE, "domain_count": VALUE, "custom_module_count": VALUE,
    "cluster": {"uptime": text(r"\d{4,}-[0-2]\d:[0-5]\d:[0-5]\d"), "version": text(r"\d+\.\d+\.\d+\S*"),
                "component": count, "node_number": count, "config_type": one_of("toml")},
    "tls_option": {"mode": one_of("starttls", "starttls_required", "tls"), "module": one_of("openssl")},
    "outgoing_pool": {"value": one_of("cassandra", "elastic", "http", "ldap", "rabbit", "rdbms", "redis")},
    "xmpp_stanza_count": {"stanza_type": one_of(*STANZAS), "total": count, "increment": count},
}
BACKEND = {"module": text(r"mod_[a-z0-9_]+"), "backend": one_of("mnesia", "rdbms", "ldap", "http", "rabbit")}


def problems_of_item(item):
    """What is wrong with one item of a report, in words; nothing when all is well."""
    if list(item) != ["name", "params"] or item["name"] not in ORDER:
        return f"no item is like {item}"
    name, params = item["name"], item["params"]
    if name in ("http_api", "transport_mechanism"):
        allowed = HANDLERS | ({"tcp"} if name == "transport_mechanism" else set())
        good = params and set(params) <= allowed and set(params.values()) == {"enabled"}
    elif name == "module_with_opt":
        good = list(params) in (["module"], ["module", "backend"]) and all(BACKEND[key](params[key]) for key in params)
    else:
        good = list(params) == list(SCHEMA[name]) and all(holds(params[key]) for key, holds in SCHEMA[name].items())
    return None if good else f"the parameters of {name} are {params}"


def problems_of_report(items):
    problems = [problem for problem in map(problems_of_item, items) if problem]
    places = [ORDER.index(item["name"]) for item in items if item["name"] in ORDER]
    if places != sorted(places):
        problems.append(f"the items stand in another order: {[item['name'] for item in items]}")
    for once in ("host_count", "domain_count", "custom_module_count", "cluster"):
        if sum(item["name"] == once for item in items) != 1:
            problems.append(f"{once} does not stand there once")
    if [item["params"]["stanza_type"] for item in items if item["name"] == "xmpp_stanza_count"] != STANZAS:
        problems.append("the counts of stanzas are not those six")
    return problems


class Request:
    def __init__(self, command, target, headers, body):
        self.command, self.target, self.headers, self.body = command, target, headers, body
        self.query = parse_qsl(urlsplit(target).query, keep_blank_values=True, strict_parsing=True)
        self.problems = self._problems()

    def _problems(self):
        wrong = []
        if self.command != "POST" or self.headers.get("content-type") != "application/json":
            wrong.append(f"{self.command} with the content type {self.headers.get('content-type')}")
        if [key for key, _ in self.query] != ["api_secret", "measurement_id"]:
            wrong.append(f"the query is {self.query}")
        try:
            self.document = json.loads(self.body.decode("utf-8"))
        except ValueError as mistake:
            self.document = {"events": []}
            return [*wrong, f"the body is no JSON: {mistake}"]
        if list(self.document) != ["client_id", "events"] or not UUID.fullmatch(self.document["client_id"]):
            wrong.append(f"the body has {list(self.document)} and the client {self.document.get('client_id')}")
        if not 1 <= len(self.document["events"]) <= 25:
            wrong.append(f"there are {len(self.document['events'])} events")
        return wrong + [problem for problem in map(problems_of_item, self.document["events"]) if problem]


class Collector:
    """Takes requests on a port of its own while it is open. `status` is what it answers; None: it never does."""

    def __init__(self, tls=None, port=0):
        self.status, self.requests, self.connections = 204, [], 0
        self._changed, self._released = threading.Condition(), threading.Event()
        collector = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                collector.take(self)

            do_GET = do_PUT = do_POST

            def log_message(self, *_):
                pass

        class Listener(ThreadingHTTPServer):
            def get_request(self):
                connection, peer = self.socket.accept()
                with collector._changed:
                    collector.connections += 1
                if tls is None:
                    return connection, peer
                connection.settimeout(10)
                return context.wrap_socket(connection, server_side=True), peer

            def handle_error(self, *_):
                pass  # of a client that went away

        if tls is not None:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(tls.certificate, tls.key)
        self._listener = Listener(("127.0.0.1", port), Handler)
        self._listener.daemon_threads = True
        self._scheme = "https" if tls else "http"
        self.port = self._listener.server_address[1]
        threading.Thread(target=self._listener.serve_forever, args=(0.05,), daemon=True).start()

    @property
    def host(self):
        return f"{self._scheme}://localhost:{self.port}" if self._scheme == "https" else f"http://127.0.0.1:{self.port}"

    @property
    def endpoint(self):
        return self.host + "/mp/collect"

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self._released.set()
        self._listener.shutdown()
        self._listener.server_close()

    def take(self, handler):
        body = handler.rfile.read(int(handler.headers.get("content-length", 0)))
        request = Request(handler.command, handler.path, {k.lower(): v for k, v in handler.headers.items()}, body)
        with self._changed:
            self.requests.append(request)
            self._changed.notify_all()
        if self.status is None:
            self._released.wait()
            return
        handler.send_response(self.status)
        handler.send_header("content-length", "0")
        handler.end_headers()

    def wait_for(self, holds, within=15.0):
        """True once `holds(requests)`."""
        with self._changed:
            return self._changed.wait_for(lambda: holds(self.requests), within)

    def reports(self):
        """The items of each report that is complete, put together from its requests."""
        reports = []
        with self._changed:
            events = [event for request in self.requests for event in request.document["events"]]
        for event in events:
            if event["name"] == "host_count":
                reports.append([])
            reports[-1].append(event)
        return [report for report in reports if report[-1]["params"].get("stanza_type") == STANZAS[-1]]
