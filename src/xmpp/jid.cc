// SPDX-License-Identifier: Apache-2.0
#include "xmpp/jid.h"

#include <array>
#include <cstring>
#include <memory>
#include <new>
#include <optional>
#include <string>

#include "base/keyed_hash.h"
#include "xmpp/stringprep.h"

namespace meerkat {

struct Jid::Parts {
  std::string_view node;
  std::string_view domain;
  std::string_view resource;
};

std::string_view name_of(JidProblem problem) {
  static constexpr std::array<std::string_view, 6> names{"empty",      "no_domain",    "bad_node",
                                                         "bad_domain", "bad_resource", "too_long"};
  return names[static_cast<std::size_t>(problem)];
}

Jid::Block* Jid::new_block(std::size_t room) {
  auto* block = new (::operator new(sizeof(Block) + room)) Block;
  block->room = static_cast<std::uint16_t>(room);
  return block;
}

void Jid::free_block(const Block* block) noexcept {
  const std::size_t size = sizeof(Block) + block->room;
  block->~Block();
  ::operator delete(const_cast<Block*>(block), size);
}

// Prepares straight into the block. Empty when something is not ASCII, or not as it should be: the long way then says
// what.
Jid Jid::prepare_if_ascii(const Parts& parts) {
  const auto fits = [](std::string_view part) { return part.size() <= max_prepared_size; };
  std::string_view domain = parts.domain;
  if (domain.ends_with('.')) domain.remove_suffix(1);
  if (!fits(parts.node) || !fits(domain) || !fits(parts.resource) || domain.empty()) return {};

  const std::size_t domain_at = parts.node.empty() ? 0 : parts.node.size() + 1;
  const std::size_t bare_size = domain_at + domain.size();
  const std::size_t text_size = bare_size + (parts.resource.empty() ? 0 : parts.resource.size() + 1);
  Block* block = new_block(text_size);
  Jid jid{block};
  char* const bytes = block->bytes();
  block->domain_at = static_cast<std::uint16_t>(domain_at);
  block->bare_size = static_cast<std::uint16_t>(bare_size);
  block->text_size = static_cast<std::uint16_t>(text_size);

  if (!prepare_ascii(node_ascii, parts.node, bytes)) return {};
  if (domain_at > 0) bytes[domain_at - 1] = '@';
  if (!prepare_ascii(label_ascii, domain, bytes + domain_at)) return {};
  if (!has_plain_labels({bytes + domain_at, domain.size()})) return {};
  if (text_size > bare_size) bytes[bare_size] = '/';
  if (text_size > bare_size && !prepare_ascii(resource_ascii, parts.resource, bytes + bare_size + 1)) return {};
  block->bare_hash = keyed_hash({bytes, bare_size});
  return jid;
}

// Lays out parts that are prepared already.
Jid Jid::put_together(std::string_view node, std::string_view domain, std::string_view resource) {
  std::string text;
  text.reserve(node.size() + domain.size() + resource.size() + 2);
  if (!node.empty()) text.append(node) += '@';
  const std::size_t domain_at = text.size();
  text += domain;
  const std::size_t bare_size = text.size();
  if (!resource.empty()) (text += '/').append(resource);

  Block* block = new_block(text.size());
  std::memcpy(block->bytes(), text.data(), text.size());
  block->domain_at = static_cast<std::uint16_t>(domain_at);
  block->bare_size = static_cast<std::uint16_t>(bare_size);
  block->text_size = static_cast<std::uint16_t>(text.size());
  block->bare_hash = keyed_hash({block->bytes(), bare_size});
  return Jid{block};
}

// The long way: through libidn, and with a reason when it fails.
std::expected<Jid, JidProblem> Jid::prepare(const Parts& parts) {
  if (Jid jid = prepare_if_ascii(parts)) return jid;
  const auto problem = [](std::string_view part, JidProblem otherwise) {
    return std::unexpected{part.size() > max_prepared_size ? JidProblem::too_long : otherwise};
  };
  std::optional<std::string> node{""}, resource{""};
  if (!parts.node.empty()) node = nodeprep(parts.node);
  if (!node) return problem(parts.node, JidProblem::bad_node);
  const auto domain = domainprep(parts.domain);
  if (!domain) return problem(parts.domain, JidProblem::bad_domain);
  if (!parts.resource.empty()) resource = resourceprep(parts.resource, Unassigned::allowed);
  if (!resource) return problem(parts.resource, JidProblem::bad_resource);
  return put_together(*node, *domain, *resource);
}

std::expected<Jid, JidProblem> Jid::parse(std::string_view text) {
  if (text.empty()) return std::unexpected{JidProblem::empty};
  Parts parts;
  const auto slash = text.find('/');
  if (slash != std::string_view::npos) {
    parts.resource = text.substr(slash + 1);
    if (parts.resource.empty()) return std::unexpected{JidProblem::bad_resource};
    text = text.substr(0, slash);
  }
  const auto at = text.find('@');
  if (at != std::string_view::npos) {
    parts.node = text.substr(0, at);
    if (parts.node.empty()) return std::unexpected{JidProblem::bad_node};
    text.remove_prefix(at + 1);
  }
  parts.domain = text;
  if (parts.domain.empty()) return std::unexpected{JidProblem::no_domain};
  return prepare(parts);
}

std::expected<Jid, JidProblem> Jid::make(std::string_view node, std::string_view domain, std::string_view resource) {
  if (domain.empty())
    return std::unexpected{node.empty() && resource.empty() ? JidProblem::empty : JidProblem::no_domain};
  return prepare({node, domain, resource});
}

Jid Jid::joined_with(std::string_view prepared_resource) const {
  const std::size_t bare_size = block_->bare_size;
  const std::size_t size = bare_size + (prepared_resource.empty() ? 0 : prepared_resource.size() + 1);
  Block* block = new_block(size);
  char* const bytes = block->bytes();
  std::memcpy(bytes, block_->bytes(), bare_size);
  if (!prepared_resource.empty()) {
    bytes[bare_size] = '/';
    std::memcpy(bytes + bare_size + 1, prepared_resource.data(), prepared_resource.size());
  }
  block->domain_at = block_->domain_at;
  block->bare_size = block_->bare_size;
  block->text_size = static_cast<std::uint16_t>(size);
  block->bare_hash = block_->bare_hash;
  return Jid{block};
}

Jid Jid::bare() const { return is_full() ? joined_with({}) : *this; }

std::expected<Jid, JidProblem> Jid::with_resource(std::string_view unprepared) const {
  if (empty()) return std::unexpected{JidProblem::empty};
  if (unprepared.empty()) return bare();
  if (unprepared == resource()) return *this;
  const auto prepared = resourceprep(unprepared, Unassigned::allowed);
  if (prepared) return joined_with(*prepared);
  return std::unexpected{unprepared.size() > max_prepared_size ? JidProblem::too_long : JidProblem::bad_resource};
}

std::uint64_t Jid::hash() const { return is_full() ? keyed_hash(text()) : bare_hash(); }

std::size_t JidHash::operator()(std::string_view text) const { return keyed_hash(text); }

}  // namespace meerkat
