// SPDX-License-Identifier: Apache-2.0
// RFC 6120 §4.9 stream errors: why we end a stream, as the peer is told. Thrown inside stream negotiation.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace meerkat {

// RFC 6120 §4.9.3, all of it. `invalid_xml` and `not_well_formed` differ: the first is against a schema.
enum class StreamCondition : std::uint8_t {
  bad_format,
  bad_namespace_prefix,
  conflict,
  connection_timeout,
  host_gone,
  host_unknown,
  improper_addressing,
  internal_server_error,
  invalid_from,
  invalid_namespace,
  invalid_xml,
  not_authorized,
  not_well_formed,
  policy_violation,
  remote_connection_failed,
  reset,
  resource_constraint,
  restricted_xml,
  see_other_host,
  system_shutdown,
  undefined_condition,
  unsupported_encoding,
  unsupported_feature,
  unsupported_stanza_type,
  unsupported_version,
};

// The element's name, e.g. "host-unknown", and back.
std::string_view condition_name(StreamCondition condition);
std::optional<StreamCondition> stream_condition(std::string_view name);

// A value: one condition with what may go along. Made by the factories, which bear the conditions' names:
//   throw StreamError::host_unknown();
struct StreamError {
  StreamCondition condition = StreamCondition::undefined_condition;
  std::string text;         // for people, English, unescaped; "" for none
  std::string other_host;   // host or host:port inside <see-other-host/>, unescaped
  std::string application;  // an application-specific element, already XML with its namespace; "" for none

  static StreamError of(StreamCondition condition, std::string text = {});

  static StreamError bad_format(std::string text = {}) { return of(StreamCondition::bad_format, std::move(text)); }
  static StreamError bad_namespace_prefix(std::string text = {}) {
    return of(StreamCondition::bad_namespace_prefix, std::move(text));
  }
  static StreamError conflict(std::string text = {}) { return of(StreamCondition::conflict, std::move(text)); }
  static StreamError connection_timeout(std::string text = {}) {
    return of(StreamCondition::connection_timeout, std::move(text));
  }
  static StreamError host_gone(std::string text = {}) { return of(StreamCondition::host_gone, std::move(text)); }
  static StreamError host_unknown(std::string text = {}) { return of(StreamCondition::host_unknown, std::move(text)); }
  static StreamError improper_addressing(std::string text = {}) {
    return of(StreamCondition::improper_addressing, std::move(text));
  }
  static StreamError internal_server_error(std::string text = {}) {
    return of(StreamCondition::internal_server_error, std::move(text));
  }
  static StreamError invalid_from(std::string text = {}) { return of(StreamCondition::invalid_from, std::move(text)); }
  static StreamError invalid_namespace(std::string text = {}) {
    return of(StreamCondition::invalid_namespace, std::move(text));
  }
  static StreamError invalid_xml(std::string text = {}) { return of(StreamCondition::invalid_xml, std::move(text)); }
  static StreamError not_authorized(std::string text = {}) {
    return of(StreamCondition::not_authorized, std::move(text));
  }
  static StreamError not_well_formed(std::string text = {}) {
    return of(StreamCondition::not_well_formed, std::move(text));
  }
  static StreamError policy_violation(std::string text = {}) {
    return of(StreamCondition::policy_violation, std::move(text));
  }
  static StreamError remote_connection_failed(std::string text = {}) {
    return of(StreamCondition::remote_connection_failed, std::move(text));
  }
  static StreamError reset(std::string text = {}) { return of(StreamCondition::reset, std::move(text)); }
  static StreamError resource_constraint(std::string text = {}) {
    return of(StreamCondition::resource_constraint, std::move(text));
  }
  static StreamError restricted_xml(std::string text = {}) {
    return of(StreamCondition::restricted_xml, std::move(text));
  }
  static StreamError system_shutdown(std::string text = {}) {
    return of(StreamCondition::system_shutdown, std::move(text));
  }
  static StreamError unsupported_encoding(std::string text = {}) {
    return of(StreamCondition::unsupported_encoding, std::move(text));
  }
  static StreamError unsupported_feature(std::string text = {}) {
    return of(StreamCondition::unsupported_feature, std::move(text));
  }
  static StreamError unsupported_stanza_type(std::string text = {}) {
    return of(StreamCondition::unsupported_stanza_type, std::move(text));
  }
  static StreamError unsupported_version(std::string text = {}) {
    return of(StreamCondition::unsupported_version, std::move(text));
  }
  // `host`: "host", "host:port", or "[IPv6]:port" (RFC 6120 §4.9.3.19).
  static StreamError see_other_host(std::string host, std::string text = {});
  // Only together with an application-specific condition (RFC 6120 §4.9.3.21), e.g. <handled-count-too-high/>.
  static StreamError undefined_condition(std::string application, std::string text = {});

  // The same error with an application-specific element.
  StreamError with(std::string element) && {
    application = std::move(element);
    return std::move(*this);
  }

  std::string_view condition_name() const { return meerkat::condition_name(condition); }

  // Appends <stream:error>…</stream:error>, to stand inside a stream that declares the prefix. Any thread.
  void append_to(std::string& out) const;
  // The same as a document of its own, <error xmlns='http://etherx.jabber.org/streams'>: WebSocket frames (RFC 7395
  // §3.1) and BOSH bodies that do not declare the prefix.
  void append_as_document_to(std::string& out) const;

  friend bool operator==(const StreamError&, const StreamError&) = default;
};

}  // namespace meerkat
