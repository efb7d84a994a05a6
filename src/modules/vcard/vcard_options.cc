// SPDX-License-Identifier: Apache-2.0
#include "modules/vcard/vcard_options.h"

#include "core/service.h"

namespace meerkat {
namespace {

void has_a_directory(const VcardOptions& options, config::Checker& checker) {
  if (options.backend == VcardBackend::ldap && !options.ldap)
    checker.refuse("backend", "the directory is not known — write a table named ldap with its base");
}

}  // namespace

std::vector<std::string> VcardOptions::served_domains(std::string_view domain) const {
  if (!search) return {};
  return {service_domain(host, domain)};
}

std::vector<NeededPool> VcardOptions::needed_pools() const {
  if (backend != VcardBackend::ldap || !ldap) return {};
  return {{"ldap.pool_tag", "ldap", ldap->people.pool_tag}};
}

config::Section<VcardOptions> vcard_section() {
  return config::Section<VcardOptions>{"modules.mod_vcard",
                                       "Keeps vCards, lets people be found by them, and tells of avatars in presence."}
      .option("host", &VcardOptions::host,
              "The address of the directory in which users are searched for. @HOST@ stands for the domain.",
              config::must_be("a domain, such as \"vjud.@HOST@\"", is_service_pattern))
      .option("search", &VcardOptions::search, "Offer the directory. Without it nobody can search for users.")
      .option("matches", &VcardOptions::matches,
              "How many users a search finds at most. Never more than 1000, nor more than 256 KB of them.")
      .option("max_size", &VcardOptions::max_size,
              "How large a vCard may be, photo and all. Larger ones that are kept already stay.",
              config::at_least(config::Bytes{1024}))
      .option("backend", &VcardOptions::backend, backend_sentence, config::needs_restart)
      .section("ldap", &VcardOptions::ldap, ldap_cards_section(), config::needs_restart)
      .section("iqdisc", &VcardOptions::iqdisc, iqdisc_section(IqProcessing::Type::parallel))
      .check(has_a_directory);
}

}  // namespace meerkat
