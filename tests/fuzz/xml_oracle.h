// SPDX-License-Identifier: Apache-2.0
// Expat as the oracle of the parser's tests: both sides write what they understood as one canonical text, and the
// differences we chose have names.
#pragma once

#include <expat.h>

#include <algorithm>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "xml/element.h"
#include "xml/parser.h"

namespace meerkat::xml::oracle {

constexpr Limits wide{.bytes = 1u << 26, .depth = 60000, .attributes = 60000, .namespaces = 30000, .nodes = 1u << 24};

constexpr std::string_view header =
    "<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' version='1.0'>";

// Length before text, so that no text can look like structure.
inline void put(std::string& out, char kind, std::string_view text) {
  out += kind + std::to_string(text.size()) + ':';
  out += text;
}

// What expat understood of the children of a stream.
struct Seen {
  bool good = false;
  bool restricted = false;  // a comment or processing instruction
  bool text_outside = false;
  XML_Error error = XML_ERROR_NONE;
  struct Child {
    std::size_t begin, end;  // from the end of the header
    std::string tree;
  };
  std::vector<Child> children;
};

class Expat {
 public:
  explicit Expat(XML_Parser parser) : parser_(parser) {}

  void begin(const char* name, const char** attributes) {
    ++depth_;
    if (depth_ == 1) return;
    if (depth_ == 2) seen.children.push_back({position(), 0, {}});
    flush();
    std::string& out = seen.children.back().tree;
    put(out, '(', name);
    std::vector<std::pair<std::string, std::string>> sorted;
    for (; *attributes != nullptr; attributes += 2) sorted.emplace_back(attributes[0], attributes[1]);
    std::ranges::sort(sorted);
    for (const auto& [key, value] : sorted) put(out, '@', key), put(out, '=', value);
  }

  void end() {
    --depth_;
    if (depth_ == 0) return;
    flush();
    seen.children.back().tree += ')';
    if (depth_ > 1) return;
    seen.children.back().end = position() + static_cast<std::size_t>(XML_GetCurrentByteCount(parser_));
  }

  void text(std::string_view more) {
    if (depth_ > 1) text_ += more;
    if (depth_ <= 1 && more.find_first_not_of(" \t\n") != more.npos) seen.text_outside = true;
  }

  Seen seen;

 private:
  std::size_t position() const { return static_cast<std::size_t>(XML_GetCurrentByteIndex(parser_)) - header.size(); }
  void flush() {
    if (!text_.empty()) put(seen.children.back().tree, '#', text_);
    text_.clear();
  }
  XML_Parser parser_;
  int depth_ = 0;
  std::string text_;
};

// Parses `bytes` as what follows a usual stream header; `whole` when the stream is to be closed after them.
inline Seen ask_expat(std::string_view bytes, bool whole) {
  const XML_Parser parser = XML_ParserCreateNS("UTF-8", '\x01');
  Expat expat{parser};
  XML_SetUserData(parser, &expat);
  XML_SetElementHandler(
      parser,
      [](void* self, const char* name, const char** attributes) { static_cast<Expat*>(self)->begin(name, attributes); },
      [](void* self, const char*) { static_cast<Expat*>(self)->end(); });
  XML_SetCharacterDataHandler(parser, [](void* self, const char* text, int size) {
    static_cast<Expat*>(self)->text({text, static_cast<std::size_t>(size)});
  });
  XML_SetCommentHandler(parser, [](void* self, const char*) { static_cast<Expat*>(self)->seen.restricted = true; });
  XML_SetProcessingInstructionHandler(
      parser, [](void* self, const char*, const char*) { static_cast<Expat*>(self)->seen.restricted = true; });
  std::string all{header};
  all += bytes;
  if (whole) all += "</stream:stream>";
  expat.seen.good = XML_Parse(parser, all.data(), static_cast<int>(all.size()), whole ? 1 : 0) == XML_STATUS_OK;
  expat.seen.error = XML_GetErrorCode(parser);
  XML_ParserFree(parser);
  return std::move(expat.seen);
}

inline std::string expanded(std::string_view uri, std::string_view name) {
  return uri.empty() ? std::string{name} : std::string{uri} + '\x01' + std::string{name};
}

// The same text, by our own reading.
inline void write_tree(std::string& out, const Element& element) {
  put(out, '(', expanded(element.namespace_uri(), element.name()));
  std::vector<std::pair<std::string, std::string>> sorted;
  for (const Attribute each : element.attributes())
    sorted.emplace_back(expanded(each.namespace_uri, each.name), each.value.str());
  std::ranges::sort(sorted);
  for (const auto& [key, value] : sorted) put(out, '@', key), put(out, '=', value);
  const std::string_view inner = element.inner_raw();
  std::size_t at = 0;
  const auto text = [&](std::size_t to) {
    const std::string decoded = Text{inner.substr(at, to - at), Text::Kind::characters, true}.str();
    if (!decoded.empty()) put(out, '#', decoded);
  };
  for (const Element child : element.children()) {
    const auto begin = static_cast<std::size_t>(child.raw().data() - inner.data());
    text(begin);
    at = begin + child.raw().size();
    write_tree(out, child);
  }
  text(inner.size());
  out += ')';
}

inline std::string tree_of(const Index& index) {
  std::string out;
  write_tree(out, Element{index});
  return out;
}

// What is wrong between the two readings of `piece`, or nothing. The named policies:
//  restricted XML: we refuse comments and processing instructions;
//  plain declarations: we refuse references and what is no URI in the value of a namespace declaration;
//  short names: we refuse those of more than 1024 bytes.
inline std::optional<std::string> disagreement(std::string_view piece, const std::expected<Index, Problem>& own) {
  const Seen seen = ask_expat(piece, true);
  const bool one = seen.good && !seen.text_outside && seen.children.size() == 1 && seen.children[0].begin == 0 &&
                   seen.children[0].end == piece.size();
  if (own && one) {
    const std::string mine = tree_of(*own);
    if (mine == seen.children[0].tree) return std::nullopt;
    return "trees differ: " + mine + " against " + seen.children[0].tree;
  }
  if (!own && !one) return std::nullopt;
  if (own) {
    return std::string{"only we accept; expat says "} + (seen.good ? "one element" : XML_ErrorString(seen.error));
  }
  if (own.error() == Problem::restricted_xml && seen.restricted) return std::nullopt;
  if (own.error() == Problem::invalid_namespace) return std::nullopt;
  if (own.error() == Problem::too_large) return std::nullopt;
  return "only expat accepts; we say " + std::string{describe(own.error())};
}

}  // namespace meerkat::xml::oracle
