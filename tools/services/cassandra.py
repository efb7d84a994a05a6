# SPDX-License-Identifier: Apache-2.0
# Cassandra 5 on the local JVM.
import contextlib
import shutil
import signal
import socket
import subprocess
from pathlib import Path

from .maven import class_path
from .service import Service, find_program, free_port
from .tls_files import tls_files

# What Cassandra asks of Java 17 (its conf/jvm17-server.options), and little memory.
EXPORTS = ["java.base/jdk.internal.misc", "java.management.rmi/com.sun.jmx.remote.internal.rmi",
           "java.rmi/sun.rmi.registry", "java.rmi/sun.rmi.server", "java.sql/java.sql", "java.base/java.lang.ref",
           "jdk.unsupported/sun.misc", "jdk.compiler/com.sun.tools.javac.file", "jdk.attach/sun.tools.attach"]
OPENS = ["java.base/java.lang.module", "java.base/jdk.internal.loader", "java.base/jdk.internal.ref",
         "java.base/jdk.internal.reflect", "java.base/jdk.internal.math", "java.base/jdk.internal.module",
         "java.base/jdk.internal.util.jar", "jdk.management/com.sun.management.internal", "java.base/sun.nio.ch",
         "java.base/java.io", "java.base/java.lang.reflect", "jdk.compiler/com.sun.tools.javac",
         "java.base/java.lang", "java.base/java.util", "java.base/java.util.concurrent",
         "java.base/java.util.concurrent.atomic", "java.base/java.nio", "java.base/java.net"]
FLAGS = ["-Xms384m", "-Xmx512m", "-Xss512k", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xshare:auto",
         "-XX:-UsePerfData", "-Djdk.attach.allowAttachSelf=true", "-Dio.netty.tryReflectionSetAccessible=true",
         "-Djava.awt.headless=true", "-Djava.net.preferIPv4Stack=true", "-Dcassandra-foreground=yes",
         "-Dcassandra.skip_wait_for_gossip_to_settle=0", "-Dcassandra.ring_delay_ms=0",
         "-Dcassandra.superuser_setup_delay_ms=-1", "-Dcassandra.initial_token=0",
         "-Dcassandra.reset_bootstrap_progress=true", "-Dcassandra.load_ring_state=false"]

SETTINGS = """
cluster_name: meerkat tests
num_tokens: 1
initial_token: 0
auto_bootstrap: false
partitioner: org.apache.cassandra.dht.Murmur3Partitioner
endpoint_snitch: SimpleSnitch
seed_provider:
  - class_name: org.apache.cassandra.locator.SimpleSeedProvider
    parameters: [{{seeds: "127.0.0.1:{storage_port}"}}]
listen_address: 127.0.0.1
rpc_address: 127.0.0.1
storage_port: {storage_port}
ssl_storage_port: {storage_port}
native_transport_port: {port}
start_native_transport: true
data_file_directories: ["{folder}/data"]
commitlog_directory: "{folder}/commitlog"
saved_caches_directory: "{folder}/saved_caches"
hints_directory: "{folder}/hints"
cdc_raw_directory: "{folder}/cdc"
commitlog_sync: periodic
commitlog_sync_period: 1s
commitlog_segment_size: 4MiB
commitlog_total_space: 64MiB
commitlog_disk_access_mode: legacy
disk_access_mode: standard
memtable_heap_space: 48MiB
memtable_offheap_space: 16MiB
key_cache_size: 1MiB
file_cache_size: 32MiB
prepared_statements_cache_size: 5MiB
batch_size_warn_threshold: 5KiB
batch_size_fail_threshold: 50KiB
concurrent_reads: 4
concurrent_writes: 4
concurrent_counter_writes: 2
concurrent_compactors: 1
native_transport_max_threads: 8
auto_snapshot: false
hinted_handoff_enabled: false
authenticator: {authenticator}
authorizer: {authorizer}
role_manager: CassandraRoleManager
"""

# Both with and without TLS at the same port: a start takes long enough to be for many tests.
ENCRYPTION = """
client_encryption_options:
  enabled: true
  optional: true
  keystore: "{folder}/keystore.p12"
  keystore_password: of the tests
  store_type: PKCS12
  require_client_auth: false
"""

QUIET = """<configuration>
  <appender name="out" class="ch.qos.logback.core.ConsoleAppender">
    <encoder><pattern>%-5level %date{ISO8601} %F:%L - %msg%n</pattern></encoder>
  </appender>
  <root level="WARN"><appender-ref ref="out" /></root>
</configuration>
"""


class Cassandra(Service):
    """One node. With any password, Cassandra's own superuser is there: `cassandra` with the password `cassandra`."""

    kind = "cassandra"
    start_deadline = 180.0

    def prepare(self):
        find_program("java")
        class_path(self.kind)
        folder = self.directory
        (folder / "logback.xml").write_text(QUIET)
        text = SETTINGS.format(folder=folder, port=self.port, storage_port=free_port(),
                               authenticator="PasswordAuthenticator" if self.password else "AllowAllAuthenticator",
                               authorizer="AllowAllAuthorizer")
        if self.tls:
            files = tls_files(folder)
            subprocess.run(["openssl", "pkcs12", "-export", "-in", files.certificate, "-inkey", files.key, "-out",
                            str(folder / "keystore.p12"), "-passout", "pass:of the tests"], check=True,
                           capture_output=True)
            text += ENCRYPTION.format(folder=folder)
        (folder / "cassandra.yaml").write_text(text)

    def command(self):
        folder = self.directory
        flags = [*FLAGS, f"-Dcassandra.config=file://{folder}/cassandra.yaml", f"-Dcassandra.storagedir={folder}",
                 f"-Dlogback.configurationFile={folder}/logback.xml", f"-Djava.io.tmpdir={folder}",
                 f"-XX:ErrorFile={folder}/crash.log"]
        for option, packages in (("--add-exports", EXPORTS), ("--add-opens", OPENS)):
            for package in packages:
                flags += [option, f"{package}=ALL-UNNAMED"]
        agent = next(jar for jar in class_path(self.kind).split(":") if Path(jar).name.startswith("jamm-"))
        return [find_program("java"), f"-javaagent:{agent}", *flags, "-cp", class_path(self.kind),
                "org.apache.cassandra.service.CassandraDaemon"]

    def is_ready(self):
        """It answers OPTIONS."""
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 1) as probe:
            probe.settimeout(2)
            probe.sendall(bytes.fromhex("040000000500000000"))
            return probe.recv(9)[4:5] == b"\x06"
        return False

    def stop(self, number=signal.SIGKILL):
        """Nothing of it is kept, so it need not tidy up."""
        super().stop(number)
