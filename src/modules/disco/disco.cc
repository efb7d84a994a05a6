// SPDX-License-Identifier: Apache-2.0
#include "modules/disco/disco.h"

#include <algorithm>

#include "base/metrics/counted.h"
#include "base/version.h"
#include "core/events/disco_events.h"
#include "core/hall.h"
#include "core/hook_count.h"
#include "core/iq_processing.h"
#include "core/service.h"
#include "modules/roster/roster_events.h"
#include "xmpp/data_form.h"
#include "xmpp/stringprep.h"

namespace meerkat {
namespace {

struct ServerContact {
  std::string name;
  std::vector<std::string> urls;
  std::optional<std::vector<std::string>> modules;
};

struct DiscoOptions {
  std::vector<std::string> extra_domains;
  std::vector<ServerContact> server_info;
  bool users_can_see_hidden_services = true;
  IqProcessing iqdisc{.type = IqProcessing::Type::one_queue, .workers = {}};
};

// XEP-0157: a form of the kind "result", only when there is something to tell.
std::string contact_form(const DiscoOptions& options) {
  FormWriter form{FormType::result, {.form_type = ns::serverinfo.uri}};
  bool any = false;
  for (const ServerContact& contact : options.server_info) {
    if (contact.modules && std::ranges::find(*contact.modules, "mod_disco") == contact.modules->end()) continue;
    form.field({.var = contact.name, .type = FieldType::list_multi, .values = contact.urls});
    any = true;
  }
  return any ? form.element().str() : std::string{};
}

constexpr auto contacts_asked =
    metrics::counted("mod_disco_roster_get", "Contacts were looked at, for whoever asks what an account is or has.");

// Each question is several hooks there.
struct DiscoCounts {
  explicit DiscoCounts(const HostType& host)
      : server_identities(host.hall.metrics, "disco_local_identity", about_server, host.name),
        server_forms(host.hall.metrics, "disco_info", about_server, host.name),
        server_features(host.hall.metrics, "disco_local_features", about_server, host.name),
        server_items(host.hall.metrics, "disco_local_items", "Somebody asked what the server has.", host.name),
        account_identities(host.hall.metrics, "disco_sm_identity", about_account, host.name),
        account_features(host.hall.metrics, "disco_sm_features", about_account, host.name),
        account_items(host.hall.metrics, "disco_sm_items", "Somebody asked what an account has.", host.name),
        contacts(host.hall.metrics, contacts_asked, {host.name}) {}

  void info(IqTarget target) const {
    if (target == IqTarget::server) server_forms.add();
    (target == IqTarget::server ? server_identities : account_identities).add();
    (target == IqTarget::server ? server_features : account_features).add();
  }
  void items(IqTarget target) const { (target == IqTarget::server ? server_items : account_items).add(); }

  static constexpr std::string_view about_server = "Somebody asked what the server is.";
  static constexpr std::string_view about_account = "Somebody asked what an account is.";
  const HookCount server_identities, server_forms, server_features, server_items;
  const HookCount account_identities, account_features, account_items;
  const metrics::Counted contacts;
};

class ServiceDiscovery final : public Module {
 public:
  ServiceDiscovery(HostType& host, std::shared_ptr<const DiscoOptions> options)
      : host_(host), options_(std::move(options)), counts_(host) {
    host.disco.add_identity(IqTarget::server, {"server", "im", std::string{product_name}});
    host.disco.add_identity(IqTarget::account, {"account", "registered", ""});
    // Not namespaces, but what MongooseIM says and clients have been seen to look for.
    host.disco.add_feature(IqTarget::server, "iq");
    host.disco.add_feature(IqTarget::server, "presence");
    if (std::string form = contact_form(*options_); !form.empty())
      host.disco.add_form(IqTarget::server, std::move(form));

    host.iqs.on_get<&ServiceDiscovery::server_info>(*this, ns::disco_info, IqTarget::server, options_->iqdisc);
    host.iqs.on_get<&ServiceDiscovery::server_items>(*this, ns::disco_items, IqTarget::server, options_->iqdisc);
    host.iqs.on_get<&ServiceDiscovery::account_info>(*this, ns::disco_info, IqTarget::account, options_->iqdisc);
    host.iqs.on_get<&ServiceDiscovery::account_items>(*this, ns::disco_items, IqTarget::account, options_->iqdisc);
    host.iqs.on_set<&ServiceDiscovery::set>(*this, ns::disco_info, IqTarget::account, options_->iqdisc);
    host.iqs.on_set<&ServiceDiscovery::set>(*this, ns::disco_items, IqTarget::account, options_->iqdisc);
  }

  Answer<IqReply> server_info(const IqRequest& request) {
    if (!is_query(request)) return IqReply{StanzaError::bad_request()};
    return info(IqTarget::server, request);
  }

  Answer<IqReply> server_items(const IqRequest& request) {
    if (!is_query(request)) return IqReply{StanzaError::bad_request()};
    std::string own;
    for (const Service* service : host_.hall.services.of(host_))
      own += xml::Builder("item").attr("jid", service->domain()).str();
    for (const std::string& domain : options_->extra_domains) own += xml::Builder("item").attr("jid", domain).str();
    return items(IqTarget::server, request, std::move(own));
  }

  Task<IqReply> account_info(const IqRequest& request) {
    const bool allowed = co_await may_ask(request);
    if (!allowed) co_return StanzaError::service_unavailable();
    if (!is_query(request)) co_return StanzaError::bad_request();
    Answer<IqReply> answer = info(IqTarget::account, request);
    co_return co_await answer;
  }

  Task<IqReply> account_items(const IqRequest& request) {
    const bool allowed = co_await may_ask(request);
    if (!allowed) co_return StanzaError::service_unavailable();
    if (!is_query(request)) co_return StanzaError::bad_request();
    std::string own;
    const Account* const account = host_.hall.sessions.find(request.to);
    for (const Session* one = account ? account->first : nullptr; one != nullptr; one = one->next_of_account)
      if (one->available()) own += xml::Builder("item").attr("jid", one->jid.text()).str();
    co_return co_await items(IqTarget::account, request, std::move(own));
  }

  Task<IqReply> set(const IqRequest& request) {
    const bool allowed = co_await may_ask(request);
    if (!allowed) co_return StanzaError::service_unavailable();
    co_return StanzaError::not_allowed();
  }

 private:
  // XEP-0030 §8: who may not see the presence of an account does not learn whether it exists.
  Task<bool> may_ask(const IqRequest& request) const {
    if (request.from.same_bare(request.to)) co_return true;
    counts_.contacts.add();
    const auto contacts = co_await contacts_of(host_, request.to.bare());
    if (contacts == nullptr) co_return false;
    const ContactList::Entry* const contact = contacts->find(request.from.bare());
    co_return contact != nullptr&& is_seen(contact->subscription);
  }

  static bool is_query(const IqRequest& request) { return request.query.name() == "query"; }

  static std::string node_of(const IqRequest& request) {
    const auto node = request.query.attr("node");
    return node ? node->str() : std::string{};
  }

  Answer<IqReply> info(IqTarget target, const IqRequest& request) const {
    counts_.info(target);
    if (std::string node = node_of(request); !node.empty()) return node_info(target, request, std::move(node));
    return IqReply{disco_info(host_.disco, host_.iqs, target)};
  }
  Task<IqReply> node_info(IqTarget target, const IqRequest& request, std::string node) const {
    xml::Builder query{"query", ns::disco_info};
    query.attr("node", node);
    DiscoNodeAsked event{host_, target, request, node, query};
    const Verdict verdict = co_await host_.run(event);
    if (verdict.error() != nullptr) co_return *verdict.error();
    if (verdict.goes_on()) co_return StanzaError::item_not_found();
    co_return query;
  }

  // `own` are those that are known here; XML.
  Task<IqReply> items(IqTarget target, const IqRequest& request, std::string own) const {
    counts_.items(target);
    const std::string node = node_of(request);
    xml::Builder query{"query", ns::disco_items};
    if (node.empty())
      query.raw(own);
    else
      query.attr("node", node);
    DiscoItemsAsked event{host_, target, request, node, query};
    const Verdict verdict = co_await host_.run(event);
    if (verdict.error() != nullptr) co_return *verdict.error();
    if (verdict.goes_on() && !node.empty()) co_return StanzaError::item_not_found();
    co_return query;
  }

  HostType& host_;
  const std::shared_ptr<const DiscoOptions> options_;
  const DiscoCounts counts_;
};

config::Section<ServerContact> contact_section() {
  return config::Section<ServerContact>{"server_info", "A way to reach those who run this server."}
      .option("name", &ServerContact::name, "What the addresses are for.", config::mandatory, config::non_empty,
              config::example("\"abuse-addresses\""))
      .option("urls", &ServerContact::urls, "The addresses, as URIs.", config::mandatory,
              config::example("[\"mailto:abuse@example.org\"]"))
      .option("modules", &ServerContact::modules, "Modules whose answers tell it; absent: all of them.",
              config::example("[\"mod_disco\"]"));
}

}  // namespace

ModuleEntry disco_module() {
  return module_entry<ServiceDiscovery>(
      "mod_disco", {"0030", "0157"},
      config::Section<DiscoOptions>{"modules.mod_disco", "Tells clients what the server is and can do."}
          .option("extra_domains", &DiscoOptions::extra_domains, "More services, named among the server's items.",
                  config::unique,
                  config::must_be("a domain", [](std::string_view text) { return domainprep(text).has_value(); }))
          .list("server_info", &DiscoOptions::server_info, contact_section())
          .option("users_can_see_hidden_services", &DiscoOptions::users_can_see_hidden_services,
                  "Name services among the items that have asked not to be named.")
          .section("iqdisc", &DiscoOptions::iqdisc, iqdisc_section(IqProcessing::Type::one_queue)));
}

}  // namespace meerkat
