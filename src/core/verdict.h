// SPDX-License-Identifier: Apache-2.0
// What a handler says about an event: go on, stop here, or refuse with an error for the sender.
#pragma once

#include <memory>
#include <utility>

#include "xmpp/stanza_error.h"

namespace meerkat {

class [[nodiscard]] Verdict {
 public:
  static Verdict next() { return Verdict{Kind::next}; }
  // Handled: nobody else is asked, and the stanza goes no further.
  static Verdict stop() { return Verdict{Kind::stop}; }
  static Verdict refuse(StanzaError error) {
    Verdict verdict{Kind::refuse};
    verdict.error_ = std::make_unique<StanzaError>(std::move(error));
    return verdict;
  }

  bool goes_on() const { return kind_ == Kind::next; }
  // Null unless refused.
  const StanzaError* error() const { return error_.get(); }

 private:
  enum class Kind : std::uint8_t { next, stop, refuse };
  explicit Verdict(Kind kind) : kind_(kind) {}

  Kind kind_;
  std::unique_ptr<StanzaError> error_;
};

}  // namespace meerkat
