// SPDX-License-Identifier: Apache-2.0
#include "modules/private/private.h"

#include <algorithm>
#include <expected>

#include "base/log.h"
#include "core/backend_metrics.h"
#include "core/events/account_events.h"
#include "core/hall.h"
#include "core/iq_line.h"
#include "core/iq_processing.h"
#include "modules/private/private_store.h"
#include "xml/document.h"
#include "xml/writer.h"

namespace meerkat {
namespace {

struct PrivateOptions {
  Backend backend = Backend::embedded;
  std::uint32_t max_namespaces = 200;
  config::Bytes max_size{1024 * 1024};
  IqProcessing iqdisc{.type = IqProcessing::Type::one_queue, .workers = {}};
};

// As many bytes as the column has in MongooseIM's tables.
constexpr std::size_t longest_namespace = 250;

bool has_proper_namespace(const xml::Element& element) {
  const std::string_view uri = element.namespace_uri();
  return !uri.empty() && uri != ns::private_storage.uri && uri.size() <= longest_namespace;
}

// XEP-0049 §2.3: several elements of one namespace are kept together.
std::expected<std::vector<PrivateElements>, StanzaError> elements_in(const xml::Element& query) {
  std::vector<PrivateElements> all;
  for (const xml::Element child : query.children()) {
    if (!has_proper_namespace(child))
      return std::unexpected(StanzaError::not_acceptable("each element has a namespace of its own"));
    auto place = std::ranges::find(all, child.namespace_uri(), &PrivateElements::uri);
    if (place == all.end()) place = all.insert(all.end(), {std::string{child.namespace_uri()}, ""});
    xml::reserialize(place->xml, child, "");
  }
  if (all.empty()) return std::unexpected(StanzaError::not_acceptable("there is nothing to keep"));
  return all;
}

struct PrivateCalls {
  explicit PrivateCalls(const BackendMetrics& metrics)
      : multi_get_data(metrics, "multi_get_data"), multi_set_data(metrics, "multi_set_data") {}
  BackendCall multi_get_data;
  BackendCall multi_set_data;
};

class PrivateStorage final : public Module {
 public:
  PrivateStorage(HostType& host, std::shared_ptr<const PrivateOptions> options)
      : host_(host),
        options_(std::move(options)),
        store_(make_private_store(database_of(host, options_->backend))),
        calls_({host, "mod_private", options_->backend}) {
    host.iqs.on_get<&PrivateStorage::get>(*this, ns::private_storage, IqTarget::account, options_->iqdisc);
    host.iqs.on_set<&PrivateStorage::set>(*this, ns::private_storage, IqTarget::account, options_->iqdisc);
    host.hooks.on<&PrivateStorage::account_removed>(*this);
  }

  Task<IqReply> get(const IqRequest& request) {
    if (!is_own(request)) co_return StanzaError::forbidden();
    if (request.query.name() != "query") co_return StanzaError::bad_request();
    const auto wanted = request.query.first_child();
    if (!wanted) co_return StanzaError::bad_request("which namespace?");
    const std::string uri{wanted->namespace_uri()};
    for (const xml::Element child : request.query.children())
      if (child.namespace_uri() != uri) co_return StanzaError::bad_request("one namespace at a time");
    if (!has_proper_namespace(*wanted)) co_return StanzaError::not_acceptable("an element has a namespace of its own");
    const Jid user = request.from.bare();
    const auto kept = co_await calls_.multi_get_data(store_->find(user, uri));
    if (!kept) co_return as_asked(*wanted);
    const xml::Document reply{"<query xmlns='jabber:iq:private'>" + *kept + "</query>"};
    if (!reply) {
      log_error("private_data_unreadable", {{"user", user.text()}, {"namespace", uri}, {"now", "it is as if empty"}});
      co_return as_asked(*wanted);
    }
    co_return IqReply::of_xml(reply.text());
  }

  Task<IqReply> set(const IqRequest& request) {
    if (!is_own(request)) co_return StanzaError::forbidden();
    if (request.query.name() != "query") co_return StanzaError::bad_request();
    auto elements = elements_in(request.query);
    if (!elements) co_return std::move(elements.error());
    const Jid user = request.from.bare();
    const PrivateRoom room{options_->max_namespaces, options_->max_size.count};
    const bool kept = co_await calls_.multi_set_data(store_->save(user, std::move(*elements), room));
    if (!kept) co_return StanzaError::resource_constraint("there is no more room for what you keep here");
    co_return IqReply::empty();
  }

  Task<Verdict> account_removed(AccountRemoved& event) {
    const Jid user = event.user.bare();
    // Behind what its devices asked before they were sent away.
    IqTurn turn{line_of_requests(host_, ns::private_storage, IqTarget::account), user};
    co_await turn;
    turn.take();
    co_await store_->remove_all(user);
    co_return Verdict::next();
  }

 private:
  // XEP-0049 §4. The same is said of accounts that do not exist.
  static bool is_own(const IqRequest& request) { return request.from.same_bare(request.to); }

  // What was never kept is empty.
  static IqReply as_asked(const xml::Element& wanted) {
    std::string element;
    xml::reserialize(element, wanted, "");
    return xml::Builder("query", ns::private_storage).raw(element);
  }

  HostType& host_;
  const std::shared_ptr<const PrivateOptions> options_;
  const std::unique_ptr<PrivateStore> store_;
  const PrivateCalls calls_;
};

config::Section<PrivateOptions> private_section() {
  return config::Section<PrivateOptions>{"modules.mod_private", "Keeps private data of clients, such as bookmarks."}
      .option("max_namespaces", &PrivateOptions::max_namespaces, "In how many namespaces a user may keep something.",
              config::at_least(1))
      .option("max_size", &PrivateOptions::max_size, "How much a user may keep in all of them together.",
              config::at_least(config::Bytes{1024}))
      .option("backend", &PrivateOptions::backend, backend_sentence, config::needs_restart)
      .section("iqdisc", &PrivateOptions::iqdisc, iqdisc_section(IqProcessing::Type::one_queue));
}

}  // namespace

ModuleEntry private_module() {
  return module_entry<PrivateStorage>("mod_private", {"0049"}, private_section(), private_schema());
}

}  // namespace meerkat
