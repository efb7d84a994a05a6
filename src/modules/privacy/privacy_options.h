// SPDX-License-Identifier: Apache-2.0
// What operators decide about privacy lists and about blocking: the same, since both write the same lists.
#pragma once

#include <cstddef>
#include <cstdint>

#include "config/section.h"
#include "core/backend.h"
#include "core/iq_processing.h"
#include "modules/privacy/rule_list.h"

namespace meerkat {

struct PrivacyOptions {
  std::uint32_t max_lists = 20;
  std::uint32_t max_items = 1000;
  Backend backend = Backend::embedded;
  IqProcessing iqdisc;
};

struct BlockingOptions {
  std::uint32_t max_items = 1000;
  Backend backend = Backend::embedded;
  IqProcessing iqdisc;
};

// Of the addresses and groups of one list: a client has to be able to read it.
inline constexpr std::size_t most_list_bytes = std::size_t{128} << 10;

inline bool has_room(const RuleList& list, std::uint32_t max_items) {
  return list.rules.size() <= max_items && list.bytes() <= most_list_bytes;
}

}  // namespace meerkat
