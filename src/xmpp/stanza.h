// SPDX-License-Identifier: Apache-2.0
// A stanza (RFC 6120 §8): an envelope that is rewritten on its way, and a body that is shared by all who receive it.
#pragma once

#include <atomic>
#include <cstdint>
#include <expected>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "xml/element.h"
#include "xml/index.h"
#include "xml/stream_scope.h"
#include "xmpp/jid.h"
#include "xmpp/stanza_error.h"

namespace meerkat {

namespace xml {
class Parser;
}

enum class StanzaKind : std::uint8_t { message, presence, iq };

// The types of all three kinds; `normal` and `available` are what an absent type means.
enum class StanzaType : std::uint8_t {
  normal,
  chat,
  groupchat,
  headline,
  available,
  unavailable,
  subscribe,
  subscribed,
  unsubscribe,
  unsubscribed,
  probe,
  get,
  set,
  result,
  error,
};

std::string_view name_of(StanzaKind kind);
// As in the `type` attribute; empty for `normal` and `available`.
std::string_view name_of(StanzaType type);
// Nothing when the word is no type of that kind (RFC 6121 §5.2.2 reads an unknown message type as normal).
std::optional<StanzaType> stanza_type(StanzaKind kind, std::string_view word);

// The bytes of a stanza as they came in, with their index: one block, counted, shared, never changed. Any thread.
class Body {
 public:
  xml::Element element() const { return xml::Element{index_}; }
  // Everything between the root's start and end tag, spliced into every copy that leaves.
  std::string_view inner() const { return inner_; }
  // The root's attributes and namespace declarations but for `from`, `to` and the default namespace, each led by a
  // space.
  std::string_view attributes() const { return {attributes_, attributes_size_}; }
  std::size_t size() const { return index_.size; }
  // The whole block in memory, in bytes.
  std::size_t footprint() const { return footprint_; }
  // It holds a password: the block is wiped before its memory is given back.
  void hold_secret() const { secret_.store(true, std::memory_order_relaxed); }

 private:
  friend class BodyRef;
  Body() = default;

  std::atomic<std::uint32_t> owners_{1};
  std::uint32_t attributes_size_ = 0;
  std::uint32_t footprint_ = 0;
  mutable std::atomic<bool> secret_{false};
  const char* attributes_ = nullptr;
  xml::Index index_;
  std::string_view inner_;
};

// Shared ownership of a Body.
class BodyRef {
 public:
  BodyRef() noexcept = default;
  BodyRef(const BodyRef& other) noexcept : body_(other.body_) {
    if (body_) body_->owners_.fetch_add(1, std::memory_order_relaxed);
  }
  BodyRef(BodyRef&& other) noexcept : body_(std::exchange(other.body_, nullptr)) {}
  BodyRef& operator=(BodyRef other) noexcept {
    std::swap(body_, other.body_);
    return *this;
  }
  ~BodyRef();

  // One allocation for bytes, attributes and index; `lang` is added when the root carries none and it is not empty.
  // The index must be of a stanza that can be spliced (see `spliceable`).
  static BodyRef copy_of(const xml::Index& index, std::string_view lang);

  const Body* operator->() const noexcept { return body_; }
  const Body& operator*() const noexcept { return *body_; }
  explicit operator bool() const noexcept { return body_ != nullptr; }

 private:
  Body* body_ = nullptr;
};

// Whether the bytes mean the same on any stream whose default namespace is that of the root.
bool spliceable(const xml::Index& index, const xml::StreamScope& scope);

// Values; move them.
struct Stanza {
  StanzaKind kind = StanzaKind::message;
  StanzaType type = StanzaType::normal;
  bool by_server = false;  // said in the name of `from`, who is not held when it is read too slowly
  Jid from, to;            // `to` is empty when the stanza had none
  BodyRef body;
  std::string extras;  // put after the body's content: stanza-id, delay, hints

  xml::Element element() const { return body->element(); }
  std::string id() const;
  // <iq type='result'/> and every error: nobody is to be answered.
  bool is_answer() const { return type == StanzaType::error || type == StanzaType::result; }
  // RFC 6121 §3: presence that asks to see somebody, or answers that.
  bool is_subscription() const {
    return kind == StanzaKind::presence && type >= StanzaType::subscribe && type <= StanzaType::unsubscribed;
  }
};

// Appends the stanza as it leaves, with the envelope's addresses. Nothing else is looked at: no walk of the tree.
void append_stanza(std::string& out, const Stanza& stanza);
// The same with another recipient (RFC 6121 §8.5.2: a copy for each resource keeps the `to` it came with).
void append_stanza(std::string& out, const Stanza& stanza, const Jid& to);
// The same, as it stands inside of another element: with its namespace.
void append_stanza_alone(std::string& out, const Stanza& stanza);

// What `append_stanza_alone` wrote, read again: what stood in `extras` is part of the body. Nothing when it is no
// stanza, or has an address that is none.
std::optional<Stanza> read_stanza(std::string_view xml, xml::Parser& parser);

// The same with a new body: children of this namespace are left out, and `content` (XML) comes after all others.
Stanza with_replaced(Stanza stanza, const Namespace& ns, std::string_view content);

// What the server says itself. `content` is XML.
Stanza make_stanza(StanzaKind kind, StanzaType type, const Jid& from, const Jid& to, std::string_view id,
                   std::string_view content);
// The answer to an iq (RFC 6120 §8.2.3): addresses swapped, same id.
Stanza make_result(const Stanza& request, std::string_view content);
// The error answer to any stanza (RFC 6120 §8.3): addresses swapped, same id, the original content first.
Stanza make_error(const Stanza& original, const StanzaError& error);

}  // namespace meerkat
