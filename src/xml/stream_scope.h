// SPDX-License-Identifier: Apache-2.0
// The namespaces that a stream header declares for all stanzas of its stream. RFC 6120 §4.8.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "xml/namespaces.h"

namespace meerkat::xml {

// A value. Nearly all streams have the usual header and share one of the static instances; results of a parse borrow
// from the scope they were parsed in.
class StreamScope {
 public:
  struct Prefix {
    std::string name, uri;
    std::uint16_t id;  // 0: not a well-known one
    friend bool operator==(const Prefix&, const Prefix&) = default;
  };

  // Nothing declared: for an element that stands alone (a WebSocket frame, a stored stanza).
  StreamScope() = default;

  // The shared instances: the default namespace, and the prefix `stream`; `server` also has `db` for dialback.
  static const StreamScope& none();
  static const StreamScope& client();
  static const StreamScope& server();
  static const StreamScope& component();

  void declare_default(std::string_view uri);
  void declare(std::string_view prefix, std::string_view uri);

  std::string_view default_uri() const { return default_uri_; }
  std::uint16_t default_id() const { return default_id_; }  // 0: none, or not a well-known one
  const std::vector<Prefix>& prefixes() const { return prefixes_; }

  // Regardless of the order in which prefixes were declared.
  friend bool operator==(const StreamScope&, const StreamScope&) = default;

 private:
  std::string default_uri_;
  std::uint16_t default_id_ = 0;
  std::vector<Prefix> prefixes_;  // sorted by name
};

}  // namespace meerkat::xml
