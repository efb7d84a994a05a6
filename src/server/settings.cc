// SPDX-License-Identifier: Apache-2.0
#include "server/settings.h"

#include <algorithm>

#include "xmpp/jid.h"

namespace meerkat {
namespace {

using namespace config;

bool is_domain(std::string_view text) {
  const auto jid = Jid::parse(text);
  return jid && jid->is_domain();
}

Section<GeneralSettings> general_section() {
  using S = GeneralSettings;
  return Section<S>{"general", "What concerns the whole server."}
      .option("loglevel", &S::loglevel, "From which importance on events are logged.")
      .option("hosts", &S::hosts, "The domains that are served.", unique, non_empty, mandatory,
              must_be("a domain", is_domain), example("[\"example.org\"]"))
      .option("default_server_domain", &S::default_server_domain,
              "The domain that errors come from before a client has said which one it wants.", mandatory,
              must_be("a domain", is_domain), example("\"example.org\""))
      .option("language", &S::language, "The language of texts for people.")
      .option("worker_threads", &S::worker_threads, "Threads that serve connections; 0 means one per core.",
              needs_restart)
      .option("registration_timeout", &S::registration_timeout,
              "How long an address must wait between two registrations of accounts.", unit("seconds"), at_least(1))
      .ignored("sm_backend", "Sessions live in the memory of their home worker.")
      .ignored("component_backend", "Components are not served yet.")
      .ignored("s2s_backend", "Other servers are not talked to yet.")
      .ignored("replaced_wait_timeout", "A replaced session is gone before the new one is bound.")
      .ignored("routing_modules", "The router knows its way.")
      .ignored("hide_service_name", "A broken connection learns nothing but the default domain.")
      .ignored("http_server_name", "There is no HTTP listener yet.")
      .check([](const S& general, Checker& checker) {
        if (general.worker_threads > 256) checker.refuse("worker_threads", "more than 256 workers help nobody");
      });
}

}  // namespace

config::Section<Settings> settings_section() {
  return Section<Settings>{"", "The configuration of Meerkat."}
      .check([](const Settings& settings, Checker& checker) {
        const auto& hosts = settings.general.hosts;
        const std::string& domain = settings.general.default_server_domain;
        if (std::ranges::find(hosts, domain) == hosts.end())
          checker.warn("general", "default_server_domain is not one of hosts: " + domain);
      })
      .section("general", &Settings::general, general_section(), mandatory)
      .section("log", &Settings::log, log_section())
      .section("listen", &Settings::listen,
               Section<ListenSettings>{"listen", "Where the server listens."}.list("c2s", &ListenSettings::c2s,
                                                                                   c2s_section()))
      .section("auth", &Settings::auth, auth_section())
      .section("internal_databases", &Settings::internal_databases,
               Section<InternalDatabasesSettings>{"internal_databases", "The database inside the server."}
                   .section("embedded", &InternalDatabasesSettings::embedded,
                            Section<EmbeddedSettings>{"internal_databases.embedded", "The embedded database."}.option(
                                "directory", &EmbeddedSettings::directory,
                                "Where the files are; created when it is missing.", needs_restart))
                   .ignored("mnesia", "Meerkat's embedded database takes the place of Mnesia.")
                   .ignored("cets", "Meerkat's embedded database takes the place of CETS."))
      .map("access", &Settings::access, access_clause_section(), names_are("rule"))
      .option("modules", &Settings::modules, "The features beside the stream; each table starts one.");
}

}  // namespace meerkat
