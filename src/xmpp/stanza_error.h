// SPDX-License-Identifier: Apache-2.0
// RFC 6120 §8.3 stanza errors: why a stanza was refused, as the peer is told.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace meerkat {

// RFC 6120 §8.3.3, all of it.
enum class StanzaCondition : std::uint8_t {
  bad_request,
  conflict,
  feature_not_implemented,
  forbidden,
  gone,
  internal_server_error,
  item_not_found,
  jid_malformed,
  not_acceptable,
  not_allowed,
  not_authorized,
  policy_violation,
  recipient_unavailable,
  redirect,
  registration_required,
  remote_server_not_found,
  remote_server_timeout,
  resource_constraint,
  service_unavailable,
  subscription_required,
  undefined_condition,
  unexpected_request,
};

// RFC 6120 §8.3.2: what the sender may do about it. `continue_` reads "continue" on the wire.
enum class StanzaErrorType : std::uint8_t { auth, cancel, continue_, modify, wait };

// The element's name, e.g. "item-not-found", and back.
std::string_view condition_name(StanzaCondition condition);
std::optional<StanzaCondition> stanza_condition(std::string_view name);

// The attribute's value, e.g. "continue", and back.
std::string_view type_name(StanzaErrorType type);
std::optional<StanzaErrorType> stanza_error_type(std::string_view name);

// The type of RFC 6120 §8.3.3, but for internal-server-error ("wait", so that clients try again) as MongooseIM has it.
StanzaErrorType default_type(StanzaCondition condition);

// XEP-0086 legacy code, e.g. 404; 0 for policy-violation and others that XEP never heard of.
int legacy_code(StanzaCondition condition);

// A value: one condition with what may go along. Made by the factories, which bear the conditions' names:
//   co_return StanzaError::item_not_found("no such item in this node");
struct StanzaError {
  StanzaCondition condition = StanzaCondition::undefined_condition;
  StanzaErrorType type = StanzaErrorType::cancel;
  std::string text;         // for people, English, unescaped; "" for none
  std::string address;      // the URI inside <gone/> and <redirect/>, unescaped
  std::string application;  // an application-specific element, already XML with its namespace; "" for none

  static StanzaError of(StanzaCondition condition, std::string text = {});

  static StanzaError bad_request(std::string text = {}) { return of(StanzaCondition::bad_request, std::move(text)); }
  static StanzaError conflict(std::string text = {}) { return of(StanzaCondition::conflict, std::move(text)); }
  static StanzaError feature_not_implemented(std::string text = {}) {
    return of(StanzaCondition::feature_not_implemented, std::move(text));
  }
  static StanzaError forbidden(std::string text = {}) { return of(StanzaCondition::forbidden, std::move(text)); }
  static StanzaError internal_server_error(std::string text = {}) {
    return of(StanzaCondition::internal_server_error, std::move(text));
  }
  static StanzaError item_not_found(std::string text = {}) {
    return of(StanzaCondition::item_not_found, std::move(text));
  }
  static StanzaError jid_malformed(std::string text = {}) {
    return of(StanzaCondition::jid_malformed, std::move(text));
  }
  static StanzaError not_acceptable(std::string text = {}) {
    return of(StanzaCondition::not_acceptable, std::move(text));
  }
  static StanzaError not_allowed(std::string text = {}) { return of(StanzaCondition::not_allowed, std::move(text)); }
  static StanzaError not_authorized(std::string text = {}) {
    return of(StanzaCondition::not_authorized, std::move(text));
  }
  static StanzaError policy_violation(std::string text = {}) {
    return of(StanzaCondition::policy_violation, std::move(text));
  }
  static StanzaError recipient_unavailable(std::string text = {}) {
    return of(StanzaCondition::recipient_unavailable, std::move(text));
  }
  static StanzaError registration_required(std::string text = {}) {
    return of(StanzaCondition::registration_required, std::move(text));
  }
  static StanzaError remote_server_not_found(std::string text = {}) {
    return of(StanzaCondition::remote_server_not_found, std::move(text));
  }
  static StanzaError remote_server_timeout(std::string text = {}) {
    return of(StanzaCondition::remote_server_timeout, std::move(text));
  }
  static StanzaError resource_constraint(std::string text = {}) {
    return of(StanzaCondition::resource_constraint, std::move(text));
  }
  static StanzaError service_unavailable(std::string text = {}) {
    return of(StanzaCondition::service_unavailable, std::move(text));
  }
  static StanzaError subscription_required(std::string text = {}) {
    return of(StanzaCondition::subscription_required, std::move(text));
  }
  static StanzaError unexpected_request(std::string text = {}) {
    return of(StanzaCondition::unexpected_request, std::move(text));
  }
  // `uri`: where the other has gone, e.g. "xmpp:new@example.net" (RFC 6120 §8.3.3.5, §8.3.3.14); "" for nowhere known.
  static StanzaError gone(std::string uri = {}, std::string text = {});
  static StanzaError redirect(std::string uri, std::string text = {});
  // Only together with an application-specific condition (RFC 6120 §8.3.3.21).
  static StanzaError undefined_condition(std::string application = {}, std::string text = {});

  // The same error with another type, or with an application-specific element:
  //   StanzaError::not_acceptable().with("<max-resources-exceeded xmlns='urn:xmpp:errors'/>")
  StanzaError as(StanzaErrorType other) && {
    type = other;
    return std::move(*this);
  }
  StanzaError with(std::string element) && {
    application = std::move(element);
    return std::move(*this);
  }

  std::string_view condition_name() const { return meerkat::condition_name(condition); }

  // Appends <error code='…' type='…'>…</error>, to stand inside a stanza of jabber:client or :server. Throws nothing
  // but bad_alloc. Any thread.
  void append_to(std::string& out) const;

  friend bool operator==(const StanzaError&, const StanzaError&) = default;
};

}  // namespace meerkat
