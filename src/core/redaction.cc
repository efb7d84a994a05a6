// SPDX-License-Identifier: Apache-2.0
#include "core/redaction.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "base/json_text.h"
#include "xml/writer.h"

namespace meerkat {
namespace {

// Attributes that say what a stanza is and where it goes. All others may say something about somebody.
constexpr std::array shown_attributes{
    "id",           "type",      "to",          "from",  "jid",    "node",     "var",      "lang",
    "subscription", "ask",       "affiliation", "ver",   "hash",   "algo",     "h",        "resume",
    "max",          "stamp",     "code",        "by",    "action", "category", "r",        "role",
    "index",        "mechanism", "queryid",     "order", "status", "seconds",  "namespace"};

// Elements whose text is an address, a number or one of few words.
struct ShownText {
  std::string_view name;
  const Namespace& ns;
};
const std::array shown_texts{ShownText{"show", ns::client}, ShownText{"priority", ns::client},
                             ShownText{"jid", ns::bind},    ShownText{"resource", ns::bind},
                             ShownText{"max", ns::rsm},     ShownText{"count", ns::rsm},
                             ShownText{"index", ns::rsm}};

// Whatever proves who somebody is.
constexpr std::array secret_words{"password",   "secret",        "token",  "digest",
                                  "credential", "authorization", "previd", "cnonce"};

bool is_one_of(std::string_view name, const auto& names) { return std::ranges::find(names, name) != names.end(); }

char lower(char letter) { return letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter - 'A' + 'a') : letter; }

bool sounds_secret(std::string_view name) {
  std::string small{name};
  std::ranges::transform(small, small.begin(), lower);
  return std::ranges::any_of(secret_words,
                             [&](std::string_view word) { return small.find(word) != std::string::npos; });
}

// Nothing in there is shown: SASL, logins of old, registration.
bool is_secret_place(const xml::Element& element) {
  const std::uint16_t ns = element.namespace_id();
  return ns == ns::sasl.id || ns == ns::sasl2.id || ns == ns::fast.id || ns == ns::auth.id || ns == ns::register_.id ||
         element.namespace_uri().starts_with("urn:xmpp:http:upload") ||
         element.namespace_uri().starts_with("urn:xmpp:extdisco");
}

// A field of a form says in its name what its value is.
bool is_secret_field(const xml::Element& element) {
  if (element.name() != "field") return false;
  const auto type = element.attr("type");
  const auto var = element.attr("var");
  return (type && *type == "text-private") || (var && sounds_secret(var->str()));
}

class Writer {
 public:
  explicit Writer(Redaction how) : how_(how) {}

  // `secret`: something around it is.
  void write(const xml::Element& element, std::string_view outer_namespace, bool secret) {
    if (out_.size() > longest_redacted) return;
    secret = secret || is_secret_place(element) || is_secret_field(element) || sounds_secret(element.name());
    out_ += '<';
    out_ += element.name();
    if (element.namespace_uri() != outer_namespace) value("xmlns", element.namespace_uri());
    for (const xml::Attribute attribute : element.attributes()) write(element, attribute, secret);
    const std::string text = element.text();
    if (!element.has_children() && text.empty()) {
      out_ += "/>";
      return;
    }
    out_ += '>';
    for (const xml::Element child : element.children()) write(child, element.namespace_uri(), secret);
    write_text(element, text, secret);
    out_ += "</";
    out_ += element.name();
    out_ += '>';
  }

  std::string end() && {
    std::string line;
    append_escaped(line, std::string_view{out_}.substr(0, longest_redacted));
    if (out_.size() > longest_redacted) line += "…";
    return line;
  }

 private:
  void write(const xml::Element& element, const xml::Attribute& attribute, bool secret) {
    const std::string text = attribute.value.str();
    // Whoever knows how a stream is called can take it up again (XEP-0198 §5).
    const bool names_stream = element.namespace_id() == ns::sm.id && attribute.name == "id";
    const bool is_shown = is_one_of(attribute.name, shown_attributes) || (how_ == Redaction::content && !secret);
    if (is_shown && !names_stream && !sounds_secret(attribute.name)) return value(attribute.name, text);
    value(attribute.name, fmt::format("[{} bytes]", text.size()));
  }

  void value(std::string_view name, std::string_view text) {
    out_ += ' ';
    out_ += name;
    out_ += "='";
    xml::escape_attribute(out_, text);
    out_ += '\'';
  }

  void write_text(const xml::Element& element, const std::string& text, bool secret) {
    if (text.find_first_not_of(" \t\r\n") == std::string::npos) return;
    const bool says_nothing =
        std::ranges::any_of(shown_texts, [&](const ShownText& shown) { return element.is(shown.name, shown.ns); });
    if (says_nothing || (how_ == Redaction::content && !secret))
      xml::escape_text(out_, text);
    else
      fmt::format_to(std::back_inserter(out_), "[{} bytes]", text.size());
  }

  const Redaction how_;
  std::string out_;
};

}  // namespace

std::string redacted(std::string_view element, Redaction how, xml::Parser& parser) {
  const auto index = parser.parse(element, xml::StreamScope::client(), xml::Limits::none());
  if (!index) return fmt::format("[{} bytes of XML that does not stand alone]", element.size());
  Writer writer{how};
  writer.write(xml::Element{*index}, ns::client.uri, false);
  return std::move(writer).end();
}

}  // namespace meerkat
