// SPDX-License-Identifier: Apache-2.0
// What operators decide about vCards.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/section.h"
#include "core/backend.h"
#include "core/iq_processing.h"
#include "core/module_entry.h"
#include "modules/vcard/ldap_cards.h"

namespace meerkat {

// From LDAP they are only read.
enum class VcardBackend : std::uint8_t { embedded, rdbms, ldap };

struct VcardOptions {
  std::string host = "vjud.@HOST@";
  bool search = true;
  config::Limit<std::uint32_t> matches = 30u;
  config::Bytes max_size{128 * 1024};
  VcardBackend backend = VcardBackend::embedded;
  std::optional<LdapCardsOptions> ldap;
  IqProcessing iqdisc{.type = IqProcessing::Type::parallel, .workers = {}};

  Backend keeps_in() const { return backend == VcardBackend::rdbms ? Backend::rdbms : Backend::embedded; }
  std::vector<NeededPool> needed_pools() const;
  // That of the directory, if there is one.
  std::vector<std::string> served_domains(std::string_view domain) const;
};

config::Section<VcardOptions> vcard_section();

}  // namespace meerkat

template <>
struct meerkat::config::EnumNames<meerkat::VcardBackend> {
  using enum meerkat::VcardBackend;
  static constexpr EnumName names[] = {
      {embedded, "embedded"}, {embedded, "mnesia"}, {embedded, "cets"}, {rdbms, "rdbms"}, {ldap, "ldap"}};
};
