// SPDX-License-Identifier: Apache-2.0
// The client's side of XEP-0198: counts both ways, answers when it is asked, asks now and then as real clients do, and
// knows by which name its session is resumed.
#pragma once

#include <cstdint>
#include <expected>
#include <string>

#include "xml/element.h"

namespace meerkat::bench {

// Of one client, from <enable/> on; outlives its connection when the session is to be resumed.
class ClientManagement {
 public:
  // Asks for an acknowledgement behind every so many stanzas; 0: never by itself.
  explicit ClientManagement(std::uint32_t ask_every) : ask_every_(ask_every) {}

  // <enabled/>: both sides count from now on. What is wrong with it; empty when nothing is.
  std::string enabled(const xml::Element& answer);
  bool counts() const { return counts_; }

  // A whole stanza stands at the end of `out`.
  void sent(std::string& out);
  void ask(std::string& out);
  // Something came while it counts. True when it was about stream management alone; otherwise what is wrong with it.
  std::expected<bool, std::string> takes(const xml::Element& element, std::string& out);

  // On a new stream, in place of binding.
  void ask_to_resume(std::string& out) const;
  // <resumed/>: what is wrong with it, also when the server has not handled all that it was sent; empty when nothing
  // is.
  std::string resumed(const xml::Element& answer);

  std::uint32_t unacknowledged() const { return sent_ - acknowledged_; }
  // How often the server asked.
  std::uint32_t asked() const { return asked_; }

 private:
  std::string acknowledged(const xml::Element& told);

  const std::uint32_t ask_every_;
  std::uint32_t since_asking_ = 0;
  // All modulo 2^32 (XEP-0198 §4).
  std::uint32_t sent_ = 0;
  std::uint32_t acknowledged_ = 0;
  std::uint32_t handled_ = 0;
  std::uint32_t asked_ = 0;
  bool counts_ = false;
  std::string id_;  // fit for an attribute
};

}  // namespace meerkat::bench
