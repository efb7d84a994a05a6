// SPDX-License-Identifier: Apache-2.0
// Who answers which namespace in an <iq/> (RFC 6120 §8.2.3): one table per host type and worker.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "core/generation.h"
#include "core/iq_queue.h"
#include "runtime/answer.h"
#include "xml/builder.h"
#include "xml/namespaces.h"
#include "xmpp/stanza.h"

namespace meerkat {

class Session;

// Whether the request is for an account (user@domain, answered at its home) or for the server (domain).
enum class IqTarget : std::uint8_t { account, server };

// A request as its handler sees it; valid until the handler's answer is there.
struct IqRequest {
  const Stanza& stanza;
  xml::Element query;  // the one child
  const Jid& from;
  const Jid& to;
  Session* sender;  // the session that sent it when it lives on this worker; else null

  bool is_set() const { return stanza.type == StanzaType::set; }
};

// The content of the result, or the error.
class IqReply {
 public:
  IqReply(const xml::Builder& content) : content_(content.str()) {}  // NOLINT: meant to convert
  IqReply(StanzaError error) : content_(std::move(error)) {}         // NOLINT: meant to convert
  static IqReply empty() { return IqReply{std::string{}}; }
  // Elements as text that the parser has accepted.
  static IqReply of_xml(std::string content) { return IqReply{std::move(content)}; }

  // Of an account that its handler knows to exist: nobody looks that up again before a stranger is told.
  IqReply about_known_account() && {
    account_is_known_ = true;
    return std::move(*this);
  }
  bool account_is_known() const { return account_is_known_; }

  const std::string* content() const { return std::get_if<std::string>(&content_); }
  const StanzaError* error() const { return std::get_if<StanzaError>(&content_); }

 private:
  explicit IqReply(std::string content) : content_(std::move(content)) {}
  std::variant<std::string, StanzaError> content_;
  bool account_is_known_ = false;
};

namespace iq_detail {
template <class>
struct HandlerOf;
template <class Owner_, class Return_>
struct HandlerOf<Return_ (Owner_::*)(const IqRequest&)> {
  using Owner = Owner_;
};
}  // namespace iq_detail

class IqTable {
 public:
  using Call = Answer<IqReply> (*)(void* owner, const IqRequest& request);
  struct Handler {
    void* owner = nullptr;
    Call call = nullptr;
    Generation* module = nullptr;  // stays until the answer is there

    explicit operator bool() const { return call != nullptr; }
    // The request must outlive the answer.
    Answer<IqReply> ask(const IqRequest& request) const;
  };
  struct Row {
    Namespace ns;
    IqTarget target;
    Handler get, set;
    std::shared_ptr<IqQueue> queue;  // null: requests do not wait for each other

    const Handler& handler(StanzaType type) const { return type == StanzaType::set ? set : get; }
  };

  // `worker_count`: how many tables like this one there are in the server.
  explicit IqTable(std::size_t worker_count = 1) : worker_count_(worker_count) {}

  // `iqs.on_get<&Last::asked_about_user>(*this, ns::last, IqTarget::account)`; the method returns IqReply,
  // Answer<IqReply> or Task<IqReply>. A namespace belongs to one module per target and type: a second claim throws.
  // `how` requests wait for each other while answers take time: gets and sets together.
  template <auto Method>
  void on_get(typename iq_detail::HandlerOf<decltype(Method)>::Owner& owner, const Namespace& ns, IqTarget target,
              const IqProcessing& how = all_at_once) {
    claim(&Row::get, handler<Method>(owner), ns, target, how);
  }
  template <auto Method>
  void on_set(typename iq_detail::HandlerOf<decltype(Method)>::Owner& owner, const Namespace& ns, IqTarget target,
              const IqProcessing& how = all_at_once) {
    claim(&Row::set, handler<Method>(owner), ns, target, how);
  }

  // Null when nobody knows the namespace.
  const Row* find(const xml::Element& query, IqTarget target) const;

  // Whose handlers are those that come from now on; null: nobody's who could be stopped.
  void registrations_are_of(Generation* generation) { registrant_ = generation; }
  void forget(const Generation& generation);

  // The namespaces that are answered for a target, for service discovery.
  std::vector<std::string_view> namespaces(IqTarget target) const;

 private:
  static constexpr IqProcessing all_at_once{.type = IqProcessing::Type::parallel, .workers = {}};

  template <auto Method>
  Handler handler(typename iq_detail::HandlerOf<decltype(Method)>::Owner& owner) {
    using Owner = typename iq_detail::HandlerOf<decltype(Method)>::Owner;
    return {&owner,
            [](void* self, const IqRequest& request) -> Answer<IqReply> {
              return (static_cast<Owner*>(self)->*Method)(request);
            },
            registrant_};
  }
  Row& row(const Namespace& ns, IqTarget target);
  void claim(Handler Row::* place, const Handler& handler, const Namespace& ns, IqTarget target,
             const IqProcessing& how);

  std::vector<Row> rows_;  // some twenty; searched by number
  const std::size_t worker_count_;
  Generation* registrant_ = nullptr;
};

}  // namespace meerkat
