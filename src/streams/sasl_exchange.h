// SPDX-License-Identifier: Apache-2.0
// RFC 6120 §6: one SASL exchange, from <auth/> to <success/> or <failure/>.
#pragma once

#include <chrono>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/limits/login_throttle.h"
#include "runtime/task.h"
#include "streams/negotiation.h"

namespace meerkat {

// The mechanisms a stream offers at this moment, most preferred first: what the accounts can check, what the channel
// gives to bind to, and PLAIN only where nobody listens.
std::vector<SaslMechanism> offered_mechanisms(const LoginOffer& login, const C2sOptions& options, Accounts& accounts,
                                              bool secured, const ChannelBinding& binding, bool has_client_certificate);

// Lives for one <auth/>.
class SaslExchange {
 public:
  SaslExchange(Negotiation& negotiation, C2sStream& stream) : negotiation_(negotiation), stream_(stream) {}

  // `auth` is the piece just taken. The authenticated user, or why not (the client has not been told).
  Task<std::expected<Jid, SaslFailure>> run(xml::Element auth);
  // Whether a password was tried; else the exchange failed over its form, as when a client binds to a kind of channel
  // that is not there and goes on to its next mechanism.
  bool guessed() const { return guessed_; }
  // What goes into <success/>, base64.
  const std::string& success_data() const { return success_data_; }
  // A sentence that goes with the failure; may be empty.
  const std::string& explanation() const { return explanation_; }

 private:
  using Message = std::expected<std::string, SaslFailure>;
  using Outcome = std::expected<Jid, SaslFailure>;

  Task<Outcome> exchange(xml::Element auth);
  Task<Message> initial_message(std::optional<std::string> initial);
  Task<Message> next_message(std::string challenge);
  Task<Outcome> scram(SaslMechanism mechanism, std::string message);
  Task<Outcome> plain(std::string message);
  Task<Outcome> external(std::string message);
  Outcome anonymous();
  Task<std::optional<SaslFailure>> wait_for_turn(std::string account);
  std::optional<SaslFailure> refusal_of(const LoginThrottle::Answer& answer);
  SaslFailure come_back(std::chrono::seconds after, std::string_view why);
  SaslFailure too_busy();
  void judge(const Outcome& outcome);
  Outcome user_of(std::string_view name, std::string_view authzid) const;
  // The accounts that this listener asks.
  Accounts& asked() const;
  const HostCounts& counts() const;

  Negotiation& negotiation_;
  C2sStream& stream_;
  std::string success_data_, explanation_;
  std::optional<LoginThrottle::Attempt> attempt_;
  bool guessed_ = false;
};

}  // namespace meerkat
