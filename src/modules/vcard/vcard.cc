// SPDX-License-Identifier: Apache-2.0
#include "modules/vcard/vcard.h"

#include <stdexcept>
#include <string>

#include "base/log.h"
#include "base/version.h"
#include "core/backend_metrics.h"
#include "core/events/account_events.h"
#include "core/hall.h"
#include "core/hook_count.h"
#include "core/iq_line.h"
#include "modules/vcard/avatars.h"
#include "modules/vcard/directory.h"
#include "modules/vcard/vcard_options.h"
#include "store/ldap/client.h"
#include "store/pool/outgoing_pools.h"
#include "xml/document.h"

namespace meerkat {
namespace {

// Functions are named as the metrics reference has them.
class MeasuredVcards final : public VcardStore {
 public:
  MeasuredVcards(std::unique_ptr<VcardStore> store, const BackendMetrics& metrics)
      : store_(std::move(store)),
        get_vcard_(metrics, "get_vcard"),
        set_vcard_(metrics, "set_vcard"),
        search_(metrics, "search") {}

  Task<std::optional<std::string>> find(const Jid& user) override { return get_vcard_(store_->find(user)); }
  Task<> save(const Jid& user, std::string xml, SearchedValues values) override {
    return set_vcard_(store_->save(user, std::move(xml), std::move(values)));
  }
  Task<> remove(const Jid& user) override { return store_->remove(user); }
  Task<std::vector<FoundUser>> search(const std::string& server, Search search, std::uint32_t at_most) override {
    return search_(store_->search(server, std::move(search), at_most));
  }

 private:
  const std::unique_ptr<VcardStore> store_;
  const BackendCall get_vcard_;
  const BackendCall set_vcard_;
  const BackendCall search_;
};

BackendMetrics metrics_of(const HostType& host, const VcardOptions& options) {
  return options.backend == VcardBackend::ldap ? BackendMetrics{host, "mod_vcard", "ldap"}
                                               : BackendMetrics{host, "mod_vcard", options.keeps_in()};
}

std::unique_ptr<VcardStore> make_store(const HostType& host, const VcardOptions& options) {
  if (options.backend != VcardBackend::ldap) return make_vcard_store(database_of(host, options.keeps_in()));
  const std::string& tag = options.ldap->people.pool_tag;
  ldap::Client* const pool = host.hall.pools->ldap.find(host.name, tag);
  if (pool == nullptr) throw std::runtime_error{"there is no pool outgoing_pools.ldap." + tag};
  return make_ldap_cards(*pool, *options.ldap, options.max_size);
}

class Vcards final : public Module {
 public:
  Vcards(HostType& host, std::shared_ptr<const VcardOptions> options)
      : host_(host),
        options_(std::move(options)),
        store_(std::make_unique<MeasuredVcards>(make_store(host, *options_), metrics_of(host, *options_))),
        avatars_(host, *store_),
        sets_(host.hall.metrics, "set_vcard", "A user's vCard is to be kept.", host.name),
        was_set_(host.hall.metrics, "vcard_set", "A user's vCard was kept.", host.name) {
    const IqProcessing& how = options_->iqdisc;
    for (const std::string& domain : options_->served_domains(host.name))
      directory_.emplace(host, domain, *store_, options_->matches.value_or(Directory::most_rows), how);
    host.iqs.on_get<&Vcards::asked>(*this, ns::vcard, IqTarget::account, how);
    host.iqs.on_set<&Vcards::set>(*this, ns::vcard, IqTarget::account, how);
    host.iqs.on_get<&Vcards::asked_server>(*this, ns::vcard, IqTarget::server, how);
    host.hooks.on<&Vcards::account_removed>(*this);
  }

  Task<IqReply> asked(const IqRequest& request) {
    const bool is_own = request.from.same_bare(request.to);
    if (!is_card(request)) co_return is_own ? StanzaError::bad_request() : StanzaError::service_unavailable();
    const Jid user = request.to.bare();
    auto xml = co_await store_->find(user);
    // XEP-0054 §3.1, §3.3: a stranger hears the same of an account without a vCard as of none.
    if (!xml) co_return is_own ? StanzaError::item_not_found() : StanzaError::service_unavailable();
    const xml::Document card{std::move(*xml)};
    if (!card || !card.root().is("vCard", ns::vcard)) {
      log_error("vcard_unreadable", {{"user", user.text()}, {"now", "it is as if there were none, until it is set"}});
      co_return StanzaError::service_unavailable();
    }
    co_return IqReply::of_xml(card.text()).about_known_account();
  }

  Task<IqReply> set(const IqRequest& request) {
    if (!request.from.same_bare(request.to)) co_return StanzaError::not_allowed("this is the vCard of somebody else");
    if (!is_card(request)) co_return StanzaError::bad_request();
    if (options_->backend == VcardBackend::ldap)
      co_return StanzaError::not_allowed("vCards are kept in a directory, where nothing is changed from here");
    auto card = Card::read(request.query, options_->max_size);
    if (!card) co_return std::move(card.error());
    const Jid user = request.from.bare();
    sets_.add();
    co_await store_->save(user, std::move(card->xml), std::move(card->values));
    was_set_.add();
    avatars_.changed(user, card->avatar);
    co_return IqReply::empty();
  }

  IqReply asked_server(const IqRequest& request) {
    if (!is_card(request)) return StanzaError::bad_request();
    return xml::Builder("vCard", ns::vcard)
        .child(xml::Builder("FN").text(product_name))
        .child(xml::Builder("DESC").text(std::string{product_name} + ", an XMPP server"));
  }

  Task<Verdict> account_removed(AccountRemoved& event) {
    const Jid user = event.user.bare();
    // Behind what its devices asked before they were sent away.
    IqTurn turn{line_of_requests(host_, ns::vcard, IqTarget::account), user};
    co_await turn;
    turn.take();
    co_await store_->remove(user);
    avatars_.changed(user, std::nullopt);
    co_return Verdict::next();
  }

 private:
  static bool is_card(const IqRequest& request) { return request.query.is("vCard", ns::vcard); }

  HostType& host_;
  const std::shared_ptr<const VcardOptions> options_;
  const std::unique_ptr<VcardStore> store_;
  Avatars avatars_;
  const HookCount sets_, was_set_;
  std::optional<Directory> directory_;
};

}  // namespace

ModuleEntry vcard_module() {
  return module_entry<Vcards>("mod_vcard", {"0054", "0055", "0153"}, vcard_section(), vcard_schema());
}

}  // namespace meerkat
