# SPDX-License-Identifier: Apache-2.0
# Services by name, each in a module of that name.
import importlib

KINDS = {"postgres": "Postgres", "mariadb": "MariaDB", "redis": "Redis", "rabbitmq": "RabbitMQ", "slapd": "Slapd",
         "cassandra": "Cassandra", "opensearch": "OpenSearch", "web": "Web", "nghttpx": "Nghttpx",
         "carbon": "Carbon", "prometheus": "Prometheus", "statsd": "Statsd"}


def make_service(kind, **options):
    if kind not in KINDS:
        raise SystemExit(f"no service {kind}; there are {', '.join(KINDS)}")
    return getattr(importlib.import_module(f".{kind}", __package__), KINDS[kind])(**options)
