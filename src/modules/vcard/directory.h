// SPDX-License-Identifier: Apache-2.0
// XEP-0055 Jabber Search: users of one domain are found by their vCards, at an address of its own.
#pragma once

#include <cstdint>

#include "core/iq_processing.h"
#include "core/service.h"
#include "modules/vcard/vcard_store.h"
#include "xmpp/data_form.h"

namespace meerkat {

// A part of the module.
class Directory {
 public:
  // An answer is never larger, whatever `matches` says.
  static constexpr std::uint32_t most_rows = 1000;
  static constexpr std::size_t most_bytes = 256 * 1024;

  Directory(HostType& host, std::string_view domain, VcardStore& store, std::uint32_t matches, const IqProcessing& how);

  IqReply asked_for_fields(const IqRequest& request);
  Task<IqReply> searched(const IqRequest& request);
  IqReply asked_for_card(const IqRequest& request);

 private:
  Task<std::vector<FoundUser>> find(Search search);

  Service service_;
  VcardStore& store_;
  const std::uint32_t matches_;
};

}  // namespace meerkat
