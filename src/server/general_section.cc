// SPDX-License-Identifier: Apache-2.0
#include "server/general_section.h"

#include "xmpp/jid.h"

namespace meerkat {
namespace {

using namespace config;

// Options of MongooseIM that Meerkat does without, and what took their place.
void add_ignored(Section<GeneralSettings>& section) {
  section.ignored("component_backend", "Components are not served yet.")
      .ignored("s2s_backend", "Other servers are not talked to yet.")
      .ignored("replaced_wait_timeout", "A replaced session is gone before the new one is bound.")
      .ignored("route_subdomains", "Other servers are not talked to yet.")
      .ignored("routing_modules", "The router knows its way.")
      .ignored("hide_service_name", "A broken connection learns nothing but the default domain.")
      .ignored("all_metrics_are_global", "Write instrumentation.exometer.all_metrics_are_global.")
      .ignored("mongooseimctl_access_commands", "Commands come through a private socket, and the system says who may.")
      .ignored("rdbms_server_type", "The driver of a pool says which database it is.")
      .ignored("pgsql_users_number_estimate", "Write auth.rdbms.users_number_estimate.")
      .ignored("override", "The file is read anew at every start; nothing is kept of it.")
      .ignored("max_fsm_queue", "Senders to slow readers are held back instead.")
      .ignored("domain_certfile", "Write listen.c2s.tls.domains instead.")
      .ignored("s2s_timeout", "Other servers are not talked to yet.");
}

}  // namespace

bool is_domain(std::string_view text) {
  const auto jid = Jid::parse(text);
  return jid && jid->is_domain();
}

std::string prepared_domain(std::string_view text) { return std::string{Jid::parse(text)->domain()}; }

Section<GeneralSettings> general_section() {
  using S = GeneralSettings;
  Section<S> section{"general", "What concerns the whole server."};
  section
      .option(
          "loglevel", &S::loglevel,
          "From which importance on events are logged. `info` tells of every login; `debug` is for finding a fault.",
          example("\"notice\""))
      .option("hosts", &S::hosts, "The domains that are served.", unique,
              must_be("a domain, such as \"example.org\"", is_domain), example("[\"example.org\"]"))
      .option("host_types", &S::host_types,
              "Names for settings that several domains share. Domains cannot be added to them yet; list each in hosts.",
              unique, non_empty, example("[\"this is a host type\"]"))
      .option("default_server_domain", &S::default_server_domain,
              "The domain that errors come from before a client has said which one it wants.", mandatory,
              must_be("a domain, such as \"example.org\"", is_domain), example("\"example.org\""))
      .option("language", &S::language, "The language of texts for people.", non_empty, example("\"en\""))
      .option("worker_threads", &S::worker_threads, "Threads that serve connections; 0 means one per core.",
              needs_restart, at_most(256), example("4"))
      .option("registration_timeout", &S::registration_timeout,
              "How long an address must wait between two registrations of accounts.", at_least(1), example("\"10min\""))
      .option("core_dumps", &S::core_dumps,
              "Let a crash leave a core dump, and other processes of the same user look into this one. It would show "
              "keys and passwords: for debugging only.",
              needs_restart, example("true"));
  section.option(
      "sm_backend", &S::sm_backend,
      "Sessions live in the memory of their home worker; with \"redis\" the pool redis.default is told of them "
      "as well, for those who look there.",
      needs_restart, example("\"redis\""));
  section.option("http_server_name", &S::http_server_name,
                 "What HTTP listeners call themselves in the header `server` of their answers; empty: they do not.",
                 was_called("cowboy_server_name"));
  add_ignored(section);
  return section;
}

}  // namespace meerkat
