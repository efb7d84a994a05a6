// SPDX-License-Identifier: Apache-2.0
#include "xmpp/stanza_error.h"

#include <algorithm>
#include <array>

#include "xml/namespaces.h"
#include "xml/writer.h"

namespace meerkat {
namespace {

struct Row {
  std::string_view name;
  StanzaErrorType type;
  int legacy_code;
};

// In the order of StanzaCondition. Types by RFC 6120 §8.3.3, codes by XEP-0086 §3; unexpected-request, where the
// RFC leaves a choice, as MongooseIM sends it.
constexpr std::array rows{
    Row{"bad-request", StanzaErrorType::modify, 400},
    Row{"conflict", StanzaErrorType::cancel, 409},
    Row{"feature-not-implemented", StanzaErrorType::cancel, 501},
    Row{"forbidden", StanzaErrorType::auth, 403},
    Row{"gone", StanzaErrorType::cancel, 302},
    Row{"internal-server-error", StanzaErrorType::cancel, 500},
    Row{"item-not-found", StanzaErrorType::cancel, 404},
    Row{"jid-malformed", StanzaErrorType::modify, 400},
    Row{"not-acceptable", StanzaErrorType::modify, 406},
    Row{"not-allowed", StanzaErrorType::cancel, 405},
    Row{"not-authorized", StanzaErrorType::auth, 401},
    Row{"policy-violation", StanzaErrorType::modify, 0},
    Row{"recipient-unavailable", StanzaErrorType::wait, 404},
    Row{"redirect", StanzaErrorType::modify, 302},
    Row{"registration-required", StanzaErrorType::auth, 407},
    Row{"remote-server-not-found", StanzaErrorType::cancel, 404},
    Row{"remote-server-timeout", StanzaErrorType::wait, 504},
    Row{"resource-constraint", StanzaErrorType::wait, 500},
    Row{"service-unavailable", StanzaErrorType::cancel, 503},
    Row{"subscription-required", StanzaErrorType::auth, 407},
    Row{"undefined-condition", StanzaErrorType::cancel, 500},
    Row{"unexpected-request", StanzaErrorType::wait, 400},
};
static_assert(rows.size() == static_cast<std::size_t>(StanzaCondition::unexpected_request) + 1);

constexpr std::array<std::string_view, 5> type_names{"auth", "cancel", "continue", "modify", "wait"};

const Row& row_of(StanzaCondition condition) { return rows[static_cast<std::size_t>(condition)]; }

// Appends ` xmlns='…'` with one of our own namespaces, which need no escaping.
void append_xmlns(std::string& out, const Namespace& space) { ((out += " xmlns='") += space.uri) += '\''; }

}  // namespace

std::string_view condition_name(StanzaCondition condition) { return row_of(condition).name; }

std::optional<StanzaCondition> stanza_condition(std::string_view name) {
  const auto found = std::ranges::find(rows, name, &Row::name);
  if (found == rows.end()) return std::nullopt;
  return static_cast<StanzaCondition>(found - rows.begin());
}

std::string_view type_name(StanzaErrorType type) { return type_names[static_cast<std::size_t>(type)]; }

std::optional<StanzaErrorType> stanza_error_type(std::string_view name) {
  const auto found = std::ranges::find(type_names, name);
  if (found == type_names.end()) return std::nullopt;
  return static_cast<StanzaErrorType>(found - type_names.begin());
}

StanzaErrorType default_type(StanzaCondition condition) { return row_of(condition).type; }

int legacy_code(StanzaCondition condition) { return row_of(condition).legacy_code; }

StanzaError StanzaError::of(StanzaCondition condition, std::string text) {
  return {.condition = condition, .type = default_type(condition), .text = std::move(text)};
}

StanzaError StanzaError::gone(std::string uri, std::string text) {
  StanzaError error = of(StanzaCondition::gone, std::move(text));
  error.address = std::move(uri);
  return error;
}

StanzaError StanzaError::redirect(std::string uri, std::string text) {
  StanzaError error = of(StanzaCondition::redirect, std::move(text));
  error.address = std::move(uri);
  return error;
}

StanzaError StanzaError::undefined_condition(std::string application, std::string text) {
  return of(StanzaCondition::undefined_condition, std::move(text)).with(std::move(application));
}

void StanzaError::append_to(std::string& out) const {
  const std::string_view name = condition_name();
  out += "<error";
  if (const int code = legacy_code(condition); code != 0) xml::write_attribute(out, "code", std::to_string(code));
  xml::write_attribute(out, "type", type_name(type));
  (out += "><") += name;
  append_xmlns(out, ns::stanza_errors);
  if (address.empty()) {
    out += "/>";
  } else {
    out += '>';
    xml::escape_text(out, address);
    ((out += "</") += name) += '>';
  }
  if (!text.empty()) {
    out += "<text";
    append_xmlns(out, ns::stanza_errors);
    out += " xml:lang='en'>";
    xml::escape_text(out, text);
    out += "</text>";
  }
  (out += application) += "</error>";
}

}  // namespace meerkat
