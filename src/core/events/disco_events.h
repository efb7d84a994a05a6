// SPDX-License-Identifier: Apache-2.0
// Events of service discovery (XEP-0030): what single modules know and the tables of core/disco.h do not.
#pragma once

#include <string_view>

#include "core/host_type.h"

namespace meerkat {

struct DiscoNodeAsked {
  static constexpr std::string_view name = "disco_node_asked";
  static constexpr std::string_view about =
      "Somebody who may ask wants to know what a node of the server or of an account is (XEP-0030 §3). Who knows it "
      "describes it, and stops.";
  HostType& host;
  IqTarget target;
  const IqRequest& request;
  std::string_view node;
  xml::Builder& query;  // the answer; `node` stands in it already
};

struct DiscoItemsAsked {
  static constexpr std::string_view name = "disco_items_asked";
  static constexpr std::string_view about =
      "Somebody who may ask wants to know the items of the server, of an account, or of a node of these (XEP-0030 §4). "
      "Without a node, all add theirs; of a node, who knows it adds its items and stops.";
  HostType& host;
  IqTarget target;
  const IqRequest& request;
  std::string_view node;  // empty: of none
  xml::Builder& query;    // the answer; `node` stands in it already
};

}  // namespace meerkat
