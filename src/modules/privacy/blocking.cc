// SPDX-License-Identifier: Apache-2.0
// mod_blocking. XEP-0191 §5: what is blocked is what the default privacy list denies altogether, by address.
#include <algorithm>
#include <expected>
#include <utility>

#include "base/log.h"
#include "core/hall.h"
#include "core/iq_processing.h"
#include "modules/privacy/list_pushes.h"
#include "modules/privacy/privacy.h"
#include "modules/privacy/privacy_options.h"
#include "modules/privacy/privacy_sql.h"
#include "modules/privacy/rule_book.h"

namespace meerkat {
namespace {

// The default list of those who never made one.
constexpr std::string_view usual_list = "blocking";

// The addresses of <block/> or <unblock/>, each once.
std::expected<std::vector<Jid>, StanzaError> addresses_of(const xml::Element& command) {
  std::vector<Jid> addresses;
  for (const xml::Element item : command.children()) {
    if (!item.is("item", ns::blocking)) continue;
    const auto written = item.attr("jid");
    if (!written) return std::unexpected{StanzaError::bad_request("an item has a jid")};
    auto jid = Jid::parse(written->str());
    if (!jid) return std::unexpected{StanzaError::jid_malformed()};
    addresses.push_back(std::move(*jid));
  }
  std::ranges::sort(addresses);
  const auto repeated = std::ranges::unique(addresses);
  addresses.erase(repeated.begin(), repeated.end());
  return addresses;
}

// XEP-0377 §6: nothing is kept of it, but that the operator can see it.
void log_reports(const Jid& user, const xml::Element& command) {
  for (const xml::Element item : command.children()) {
    const auto report = item.child("report", ns::reporting);
    const auto jid = item.attr("jid");
    if (!report || !jid) continue;
    const auto reason = report->attr("reason");
    const std::string_view why = reason && *reason == "urn:xmpp:reporting:spam"    ? "spam"
                                 : reason && *reason == "urn:xmpp:reporting:abuse" ? "abuse"
                                                                                   : "other";
    log_notice("abuse_reported", {{"by", user.text()}, {"whom", jid->str()}, {"reason", why}});
  }
}

// §5: blocked addresses come first.
RuleList with_blocked(RuleList list, const std::vector<Jid>& addresses) {
  std::vector<Rule> rules;
  rules.reserve(addresses.size() + list.rules.size());
  for (const Jid& address : addresses)
    rules.push_back({.by = RuleBy::jid, .jid = address, .group = {}, .action = RuleAction::block});
  std::erase_if(list.rules, [&addresses](const Rule& rule) {
    return rule.blocks_address() && std::ranges::binary_search(addresses, rule.jid);
  });
  std::ranges::move(list.rules, std::back_inserter(rules));
  for (std::uint32_t order = 0; Rule & rule : rules) rule.order = ++order;
  list.rules = std::move(rules);
  return list;
}

class Blocking final : public Module {
 public:
  Blocking(HostType& host, std::shared_ptr<const BlockingOptions> options)
      : host_(host), options_(std::move(options)), book_(RuleBook::of(host, options_->backend)), use_(book_) {
    host.iqs.on_get<&Blocking::asked>(*this, ns::blocking, IqTarget::account, options_->iqdisc);
    host.iqs.on_set<&Blocking::set>(*this, ns::blocking, IqTarget::account, options_->iqdisc);
    host.disco.add_feature(IqTarget::server, ns::blocking);
    host.disco.add_feature(IqTarget::server, ns::reporting);
  }

  // §3.2.
  Task<IqReply> asked(const IqRequest& request) {
    if (!is_own(request)) co_return StanzaError::service_unavailable();
    if (request.query.name() != "blocklist") co_return StanzaError::bad_request();
    const Jid user = request.from.bare();
    IqTurn turn{book_.line, user};
    if (!turn.has_room()) co_return StanzaError::resource_constraint("too many requests wait");
    co_await turn;
    turn.take();
    const RulesPtr rules = co_await book_.default_of(user);
    // In the same turn of the worker as the result: no push is missed, and none comes before it.
    if (Session* const session = host_.hall.sessions.find_session(request.from)) session->notes.get<WantsBlockList>();
    xml::Builder list("blocklist", ns::blocking);
    if (rules)
      for (const Jid& address : blocked_addresses(rules->list()))
        list.child(xml::Builder("item").attr("jid", address.text()));
    co_return list;
  }

  // §3.3, §3.4, §3.5.
  Task<IqReply> set(const IqRequest& request) {
    if (!is_own(request)) co_return StanzaError::service_unavailable();
    const bool blocks = request.query.name() == "block";
    if (!blocks && request.query.name() != "unblock") co_return StanzaError::bad_request();
    auto addresses = addresses_of(request.query);
    if (!addresses) co_return std::move(addresses.error());
    const Jid user = request.from.bare();
    IqTurn turn{book_.line, user};
    if (!turn.has_room()) co_return StanzaError::resource_constraint("too many requests wait");
    co_await turn;
    turn.take();
    if (!blocks) co_return co_await unblock(user, std::move(*addresses));
    if (addresses->empty()) co_return StanzaError::bad_request("whom?");
    IqReply reply = co_await block(user, std::move(*addresses));
    if (reply.error() == nullptr) log_reports(user, request.query);
    co_return reply;
  }

 private:
  static bool is_own(const IqRequest& request) { return request.from.same_bare(request.to); }

  Task<IqReply> block(Jid user, std::vector<Jid> addresses) {
    const RulesPtr before = co_await book_.default_of(user);
    RuleList list{.name = std::string{usual_list}, .rules = {}};
    if (before) {
      list = before->list();
    } else {
      // Somebody may have declined the use of it.
      auto kept = co_await book_.store().list(user, list.name);
      if (kept) list = std::move(*kept);
    }
    list = with_blocked(std::move(list), addresses);
    if (!has_room(list, options_->max_items)) co_return StanzaError::resource_constraint("your block list is full");
    co_await write(user, std::move(list));
    push_blocking(host_, user, "block", addresses);
    co_return IqReply::empty();
  }

  // Nobody named: all of them.
  Task<IqReply> unblock(Jid user, std::vector<Jid> addresses) {
    const RulesPtr before = co_await book_.default_of(user);
    const bool all = addresses.empty();
    const auto is_meant = [&](const Rule& rule) {
      return rule.blocks_address() && (all || std::ranges::binary_search(addresses, rule.jid));
    };
    RuleList list;
    if (before) list = before->list();
    std::vector<Jid> freed;
    for (const Rule& rule : list.rules)
      if (is_meant(rule)) freed.push_back(rule.jid);
    if (!freed.empty()) {
      std::erase_if(list.rules, is_meant);
      co_await write(user, std::move(list));
    }
    if (all)
      push_blocking(host_, user, "unblock", {});
    else if (!freed.empty())
      push_blocking(host_, user, "unblock", freed);
    co_return IqReply::empty();
  }

  // From now on it is the default list; an empty one is none.
  Task<> write(Jid user, RuleList list) {
    const std::string name = list.name;
    if (list.rules.empty() && name == usual_list) {
      co_await book_.store().remove(user, name);
      co_await book_.set_default(user, nullptr);
    } else {
      const RulesPtr rules = co_await book_.compiled(user, list);
      co_await book_.store().write(user, std::move(list), Default::is_this);
      co_await book_.set_default(user, rules);
      co_await book_.list_changed(user, rules);
    }
    push_list_name(host_, user, name, Whom::who_knows_lists);
  }

  HostType& host_;
  const std::shared_ptr<const BlockingOptions> options_;
  RuleBook& book_;
  const RuleBook::Use use_;
};

}  // namespace

ModuleEntry blocking_module() {
  return module_entry<Blocking>(
      "mod_blocking", {"0191", "0377"},
      config::Section<BlockingOptions>{"modules.mod_blocking",
                                       "Lets users block addresses with one command (XEP-0191). Blocked is what the "
                                       "default privacy list denies altogether; mod_privacy is not needed for it."}
          .option("max_items", &BlockingOptions::max_items,
                  "How many addresses an account may block, together with what else its default privacy list says.",
                  config::at_least(1), config::at_most(10000))
          .option("backend", &BlockingOptions::backend, backend_sentence, config::needs_restart)
          // What a client says behind a request is judged by what it asked for.
          .section("iqdisc", &BlockingOptions::iqdisc, iqdisc_section(IqProcessing::Type::no_queue)),
      privacy_schema());
}

}  // namespace meerkat
