// SPDX-License-Identifier: Apache-2.0
#include "accounts/ldap.h"

#include <algorithm>
#include <chrono>
#include <iterator>
#include <memory>
#include <mutex>
#include <set>
#include <span>
#include <utility>

#include "accounts/refusal_time.h"
#include "accounts/unlisted.h"
#include "base/log.h"
#include "base/random.h"
#include "base/secret.h"
#include "store/ldap/filter.h"
#include "store/ldap/steady_directory.h"
#include "xmpp/stringprep.h"

namespace meerkat {
namespace {

// How many entries of one name are looked at; more is a mistake in the filter.
constexpr std::uint32_t most_namesakes = 16;
// How many accounts are listed, and how many of them a directory is asked for at a time.
constexpr std::uint32_t most_listed = 100'000;
constexpr std::uint32_t page_size = 500;
// How long a list that was read is good for its further pages.
constexpr std::chrono::seconds list_life{60};

class LdapAccounts final : public UnlistedAccounts {
 public:
  LdapAccounts(ldap::Directory& people, ldap::Directory& passwords, LdapAccountOptions options)
      : directory_(people, "auth.ldap"),
        passwords_(passwords, "auth.ldap"),
        options_(std::move(options)),
        nobody_("cn=" + random_token() + "," + options_.people.base) {}

  Task<std::optional<Credentials>> find(Jid user) override {
    const std::optional<std::string> dn = co_await dn_of(std::move(user));
    if (!dn) co_return std::nullopt;
    co_return Credentials{};
  }

  Task<PasswordCheck> check_password(Jid user, std::string password) override {
    const WipedAtEnd guard{password};
    const SteadyTime began = RefusalTime::now();
    const std::optional<std::string> dn = co_await dn_of(std::move(user));
    // RFC 4513 §5.1.3: the text of a password is prepared before it is sent. An empty one opens everything.
    std::optional<std::string> prepared = saslprep(password, Unassigned::allowed);
    if (!prepared || prepared->empty()) co_return dn ? PasswordCheck::wrong : PasswordCheck::no_such_account;
    const WipedAtEnd prepared_wiped{*prepared};
    // Who does not exist is tried like everybody else: neither the time nor a pool that is down must tell.
    const bool right = co_await passwords_.bind(dn ? *dn : nobody_, secret_text(*prepared));
    if (dn && right) co_return PasswordCheck::right;
    if (dn)
      refusal_time_.took_since(began);
    else
      co_await refusal_time_.pass(began);
    co_return dn ? PasswordCheck::wrong : PasswordCheck::no_such_account;
  }

  Task<bool> exists(Jid user) override {
    const std::optional<std::string> dn = co_await dn_of(std::move(user));
    co_return dn.has_value();
  }
  bool accepts_certificates() const override { return true; }

  Task<std::uint64_t> count(std::string domain) override {
    const Names all = co_await names(std::move(domain), Fresh::not_needed);
    co_return all->size();
  }
  Task<std::vector<std::string>> list(std::string domain, std::uint64_t offset, std::uint64_t limit) override {
    const Names all = co_await names(std::move(domain), offset == 0 ? Fresh::wanted : Fresh::not_needed);
    const std::uint64_t first = std::min<std::uint64_t>(offset, all->size());
    const std::span page = std::span{*all}.subspan(first, std::min<std::uint64_t>(limit, all->size() - first));
    co_return std::vector<std::string>{page.begin(), page.end()};
  }
  Task<std::vector<AccountEntry>> list_after(std::string domain, std::string name, std::uint64_t limit) override {
    const Names all = co_await names(std::move(domain), name.empty() ? Fresh::wanted : Fresh::not_needed);
    std::vector<AccountEntry> part;
    for (auto next = std::ranges::upper_bound(*all, name); next != all->end() && part.size() < limit; ++next)
      part.push_back({*next, {}, {}});
    co_return part;
  }
  Task<std::optional<AccountEntry>> entry_of(Jid user) override {
    const bool known = co_await exists(user);
    if (!known) co_return std::nullopt;
    co_return AccountEntry{std::string{user.node()}, {}, {}};
  }

 private:
  // The entry that is the user. A directory may find others as well, whose name only looks alike to it; who stands in
  // two entries is nobody, for one of them may have been written by somebody else.
  Task<std::optional<std::string>> dn_of(Jid user) {
    const std::string domain{user.domain()};
    const ldap::Found found =
        co_await directory_.search(asked(options_.people.filter_of(user.node(), domain), most_namesakes));
    std::optional<std::string> dn;
    for (const ldap::Entry& entry : found.entries) {
      if (!options_.people.is_user(entry, user.node(), domain)) continue;
      const bool suits = co_await is_suitable(entry, domain);
      if (!suits) continue;
      if (dn) {
        log_warning("ldap_user_twice", {{"user", user.text()}, {"now", "nobody logs in as this user"}});
        co_return std::nullopt;
      }
      dn = entry.dn;
    }
    co_return dn;
  }

  // In order, each once.
  using Names = std::shared_ptr<const std::vector<std::string>>;
  enum class Fresh : bool { not_needed, wanted };

  // A directory cannot be trusted to sort, so all names are read at once. Who turns the pages of a list that was begun
  // a moment ago gets them from there.
  Task<Names> names(std::string domain, Fresh fresh) {
    const SteadyTime now = Worker::current()->clock().steady();
    if (fresh == Fresh::not_needed) {
      const std::lock_guard lock{mutex_};
      if (listed_ && listed_domain_ == domain && now - listed_at_ < list_life) co_return listed_;
    }
    const std::set<std::string> sorted = co_await read_names(domain);
    const auto all = std::make_shared<const std::vector<std::string>>(sorted.begin(), sorted.end());
    const std::lock_guard lock{mutex_};
    listed_ = all;
    listed_domain_ = std::move(domain);
    listed_at_ = now;
    co_return all;
  }

  Task<std::set<std::string>> read_names(std::string domain) {
    ldap::Search search = asked(options_.people.filter_of_all(domain), most_listed);
    search.page_size = page_size;
    const ldap::Found found = co_await directory_.search(std::move(search));
    if (!found.complete)
      log_warning("ldap_list_incomplete", {{"domain", domain},
                                           {"entries", found.entries.size()},
                                           {"why", "the directory has more entries than it gives"}});
    std::set<std::string> all;
    for (const ldap::Entry& entry : found.entries) {
      const auto user = options_.people.user_of(entry, domain);
      if (!user) continue;
      const auto address = Jid::make(*user, domain);  // what is no name here cannot log in either
      if (!address) continue;
      const bool suits = co_await is_suitable(entry, domain);
      if (suits) all.emplace(address->node());
    }
    co_return all;
  }

  ldap::Search asked(std::string filter, std::uint32_t most) const {
    ldap::Search search{.base = options_.people.base,
                        .filter = std::move(filter),
                        .attributes = options_.people.attributes(),
                        .deref = options_.people.deref,
                        .size_limit = most};
    if (options_.dn_filter) std::ranges::copy(options_.dn_filter->attributes, std::back_inserter(search.attributes));
    if (options_.local_filter) search.attributes.push_back(options_.local_filter->attribute);
    return search;
  }

  Task<bool> is_suitable(const ldap::Entry& entry, const std::string& domain) {
    if (!passes_local_filter(entry)) co_return false;
    if (!options_.dn_filter) co_return true;
    std::vector<ldap::Blank> blanks{{'d', domain}, {'D', entry.dn}};
    for (const std::string& name : options_.dn_filter->attributes)
      blanks.push_back({'s', std::string{entry.value(name)}});
    if (const auto user = options_.people.user_of(entry, domain)) blanks.push_back({'u', *user});
    ldap::Search search{.base = options_.people.base,
                        .filter = ldap::fill_filter(options_.dn_filter->filter, std::move(blanks)),
                        .attributes = {"1.1"},  // RFC 4511 §4.5.1.8: none
                        .deref = options_.people.deref,
                        .size_limit = 1};
    const ldap::Found found = co_await directory_.search(std::move(search));
    co_return !found.entries.empty();
  }

  bool passes_local_filter(const ldap::Entry& entry) const {
    if (!options_.local_filter) return true;
    const LdapLocalFilter& filter = *options_.local_filter;
    const std::vector<std::string>* const values = entry.values(filter.attribute);
    const bool equal = values != nullptr && std::ranges::is_permutation(*values, filter.values);
    return equal == (filter.operation == LdapLocalFilter::Operation::equal);
  }

  ldap::SteadyDirectory directory_, passwords_;
  const LdapAccountOptions options_;
  const std::string nobody_;  // an entry that is not there
  RefusalTime refusal_time_;
  std::mutex mutex_;
  Names listed_;
  std::string listed_domain_;
  SteadyTime listed_at_{};
};

}  // namespace

config::Section<LdapAccountOptions> ldap_accounts_section() {
  using namespace config;
  using O = LdapAccountOptions;
  const auto dn_filter =
      Section<LdapDnFilter>{"auth.ldap.dn_filter", "One more search, which must find something as well."}
          .option("filter", &LdapDnFilter::filter,
                  "What is searched: %u is the user, %d the domain, %D the name of the entry, each %s the value of one "
                  "more of the attributes.",
                  mandatory, must_be("a search filter, such as \"(member=%D)\"", ldap::is_filter), needs_restart,
                  example("\"(&(objectClass=groupOfNames)(member=%D))\""))
          .option("attributes", &LdapDnFilter::attributes, "Attributes of the entry that stand for %s, in this order.",
                  non_empty, needs_restart, example("[\"mail\"]"));
  using L = LdapLocalFilter;
  const auto local_filter =
      Section<L>{"auth.ldap.local_filter", "What the entry must have, compared here and not by the directory."}
          .option("operation", &L::operation, "The values are these, or they are not these.", mandatory, needs_restart,
                  example("\"equal\""))
          .option("attribute", &L::attribute, "The attribute.", mandatory, non_empty, needs_restart,
                  example("\"accountStatus\""))
          .option("values", &L::values, "All its values.", mandatory, needs_restart, example("[\"enabled\"]"));
  return Section<O>{"auth.ldap", "Accounts in an LDAP directory, where nothing is changed. Offers PLAIN and EXTERNAL."}
      .include(&O::people, ldap::people_section())
      .option("bind_pool_tag", &O::bind_pool_tag,
              "The pool of [outgoing_pools.ldap] that tries passwords, by logging in with them.", non_empty,
              needs_restart)
      .section("dn_filter", &O::dn_filter, dn_filter, needs_restart)
      .section("local_filter", &O::local_filter, local_filter, needs_restart);
}

std::unique_ptr<Accounts> make_ldap_accounts(ldap::Directory& people, ldap::Directory& passwords,
                                             LdapAccountOptions options) {
  return std::make_unique<LdapAccounts>(people, passwords, std::move(options));
}

}  // namespace meerkat
