// SPDX-License-Identifier: Apache-2.0
#include "modules/caps/announced.h"

#include "base/text.h"
#include "xmpp/entity_caps.h"
#include "xmpp/named_hash.h"

namespace meerkat {
namespace {

// A hash of 512 bits has 88 characters; nodes are URIs of programs.
constexpr std::size_t longest_hash = 128, longest_node = 1024, longest_algorithm = 32;

std::string attribute(const xml::Element& of, std::string_view name) {
  const auto value = of.attr(name);
  return value ? value->str() : std::string{};
}

bool is_reasonable(const Announced& announced) {
  return !announced.algorithm.empty() && announced.algorithm.size() <= longest_algorithm && !announced.hash.empty() &&
         announced.hash.size() <= longest_hash && announced.node.size() <= longest_node;
}

std::optional<Announced> read_v1(const xml::Element& caps) {
  Announced announced{.version = CapsVersion::v1,
                      .algorithm = attribute(caps, "hash"),
                      .hash = attribute(caps, "ver"),
                      .node = attribute(caps, "node")};
  announced.node += '#' + announced.hash;
  return is_reasonable(announced) ? std::optional{std::move(announced)} : std::nullopt;
}

std::optional<Announced> read_v2(const xml::Element& caps) {
  for (const xml::Element child : caps.children()) {
    if (!child.is("hash", ns::hashes)) continue;
    Announced announced{
        .version = CapsVersion::v2, .algorithm = attribute(child, "algo"), .hash = child.text(), .node = {}};
    announced.node = std::string{ns::caps2.uri} + '#' + announced.algorithm + '.' + announced.hash;
    if (is_reasonable(announced) && announced.can_be_proved()) return announced;
  }
  return std::nullopt;
}

}  // namespace

bool Announced::can_be_proved() const {
  // XEP-0414 has it that SHA-1 proves nothing any more; XEP-0115 has nothing better.
  if (version == CapsVersion::v2 && algorithm == "sha-1") return false;
  return std::ranges::find(known_hashes(), algorithm) != known_hashes().end();
}

bool Announced::is_proved_by(const xml::Element& query, std::string_view lang) const {
  const auto text = version == CapsVersion::v1 ? caps_text(query) : caps2_text(query, lang);
  if (!text) return false;
  const auto digest = named_hash(algorithm, *text);
  return digest && base64(*digest) == hash;
}

std::optional<Announced> announced_by(const xml::Element& presence, bool reads_v1, bool reads_v2) {
  std::optional<Announced> announced;
  for (const xml::Element child : presence.children()) {
    if (reads_v2 && child.is("c", ns::caps2))
      if (auto newer = read_v2(child)) return newer;
    if (reads_v1 && !announced && child.is("c", ns::caps)) announced = read_v1(child);
  }
  return announced;
}

}  // namespace meerkat
