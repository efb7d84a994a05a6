// SPDX-License-Identifier: Apache-2.0
#include "store/amqp/rabbit_options.h"

namespace meerkat::amqp {

using namespace config;

Section<RabbitPoolOptions> rabbit_pool_section() {
  using C = RabbitConnection;
  const auto reconnect =
      Section<Reconnect>{"reconnect", "What happens when the connection breaks."}
          .option("delay", &Reconnect::delay, "The longest time between two attempts; the first ones follow sooner.",
                  at_least(std::chrono::milliseconds{1}), needs_restart)
          .ignored("attempts", "Meerkat tries until it works.");
  const auto connection =
      Section<C>{"connection", "Where the broker is, and who we are there."}
          .option("host", &C::host, "The broker.", non_empty, needs_restart, was_called("amqp_host"))
          .option("port", &C::port, "Its port; with TLS brokers mostly listen at 5671.", at_least(1), needs_restart,
                  was_called("amqp_port"))
          .option("username", &C::username, "Who we are there.", non_empty, needs_restart, was_called("amqp_username"))
          .option("password", &C::password, "The password of the user.", non_empty, secret, needs_restart,
                  was_called("amqp_password"))
          .option("virtual_host", &C::virtual_host, "The virtual host with our exchanges; it must be there.", non_empty,
                  needs_restart)
          .option("confirms_enabled", &C::confirms_enabled,
                  "Wait until the broker has taken each message; without it nobody notices what is lost.",
                  needs_restart)
          .option("max_worker_queue_len", &C::max_worker_queue_len,
                  "How many messages may wait for one worker; with one more the oldest is let go. The option of the "
                  "same name above this table goes first.",
                  needs_restart)
          .section("reconnect", &C::reconnect, reconnect)
          .section("tls", &C::tls, tls_client_section(), needs_restart);
  using O = RabbitPoolOptions;
  return Section<O>{"outgoing_pools.rabbit.<tag>", "Connections to RabbitMQ, or another broker of AMQP 0-9-1."}
      .include(&O::pool, pool_section())
      .section("connection", &O::connection, connection);
}

}  // namespace meerkat::amqp
