// SPDX-License-Identifier: Apache-2.0
#include "modules/privacy/list_pushes.h"

#include <algorithm>
#include <string>

#include "base/random.h"
#include "core/hall.h"
#include "xml/builder.h"

namespace meerkat {
namespace {

// Without `from` it is from the account itself. To how many sessions.
template <class N>
std::size_t push(HostType& host, const Jid& user, const xml::Builder& content, bool to_all) {
  const Account* const account = host.hall.sessions.find(user);
  if (account == nullptr) return 0;
  std::size_t pushed = 0;
  const Stanza push = make_stanza(StanzaKind::iq, StanzaType::set, {}, {}, "push" + random_token(32), content.str());
  for (Session* session = account->first; session != nullptr; session = session->next_of_account)
    if (to_all || session->notes.find<N>() != nullptr) {
      host.hall.router.send(*session, push, session->jid);
      ++pushed;
    }
  return pushed;
}

// Those of `all` that are not in `known`.
std::vector<Jid> without(const std::vector<Jid>& all, std::vector<Jid> known) {
  std::ranges::sort(known);
  std::vector<Jid> rest;
  std::ranges::copy_if(all, std::back_inserter(rest),
                       [&known](const Jid& one) { return !std::ranges::binary_search(known, one); });
  return rest;
}

}  // namespace

std::size_t push_list_name(HostType& host, const Jid& user, std::string_view name, Whom whom) {
  const xml::Builder query = xml::Builder("query", ns::privacy).child(xml::Builder("list").attr("name", name));
  return push<KnowsPrivacyLists>(host, user, query, whom == Whom::all);
}

std::vector<Jid> blocked_addresses(const RuleList& list) {
  std::vector<Jid> addresses;
  for (const Rule& rule : list.rules)
    if (rule.blocks_address()) addresses.push_back(rule.jid);
  return addresses;
}

void push_blocking(HostType& host, const Jid& user, std::string_view what, const std::vector<Jid>& addresses) {
  xml::Builder element(what, ns::blocking);
  for (const Jid& address : addresses) element.child(xml::Builder("item").attr("jid", address.text()));
  push<WantsBlockList>(host, user, element, false);
}

void push_blocking_changes(HostType& host, const Jid& user, const RuleList* before, const RuleList* after) {
  const std::vector<Jid> were = before != nullptr ? blocked_addresses(*before) : std::vector<Jid>{};
  const std::vector<Jid> are = after != nullptr ? blocked_addresses(*after) : std::vector<Jid>{};
  if (const auto gone = without(were, are); !gone.empty()) push_blocking(host, user, "unblock", gone);
  if (const auto come = without(are, were); !come.empty()) push_blocking(host, user, "block", come);
}

}  // namespace meerkat
