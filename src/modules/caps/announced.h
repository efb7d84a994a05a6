// SPDX-License-Identifier: Apache-2.0
// What a presence announces of the client that sent it: one hash of XEP-0115 or XEP-0390, and how its answer is proved.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "xml/element.h"

namespace meerkat {

enum class CapsVersion : std::uint8_t { v1, v2 };  // XEP-0115, XEP-0390

struct Announced {
  CapsVersion version = CapsVersion::v1;
  std::string algorithm;  // by its name of XEP-0300
  std::string hash;       // base64, as it was announced
  std::string node;       // to be asked for

  // Equal for equal hashes, whoever announces them.
  std::string key() const { return (version == CapsVersion::v1 ? "1 " : "2 ") + algorithm + ' ' + hash; }
  // Whether this server can compute that hash.
  bool can_be_proved() const;
  // Whether a disco#info <query/> is what was announced. `lang` is the language of its stanza.
  bool is_proved_by(const xml::Element& query, std::string_view lang) const;
};

// Nothing when the presence says nothing of the kind: no <c/>, one of the legacy format (XEP-0115 §13), which cannot be
// verified, or one that no client would write. XEP-0390 goes first (XEP-0390 §7.2), when its hash can be computed here.
std::optional<Announced> announced_by(const xml::Element& presence, bool reads_v1, bool reads_v2);

}  // namespace meerkat
