// SPDX-License-Identifier: Apache-2.0
#include "admin/window/page_sessions.h"

#include <algorithm>
#include <utility>

#include "base/random.h"
#include "base/text.h"
#include "xmpp/sasl_crypto.h"

namespace meerkat::admin {
namespace {

constexpr std::size_t secret_bits = 256;

std::string digest(std::string_view secret) { return digest_of(ScramHash::sha256, secret).text(); }

}  // namespace

PageTicket PageSessions::open(std::string who) {
  forget_old();
  if (sessions_.size() == most_sessions) sessions_.erase(std::ranges::min_element(sessions_, {}, &Session::used));
  PageTicket ticket{random_token(secret_bits), random_token(secret_bits)};
  const SteadyTime now = clock_.steady();
  sessions_.push_back({std::move(who), digest(ticket.id), digest(ticket.token), now, now});
  return ticket;
}

const PageSessions::Session* PageSessions::find(std::string_view id) {
  forget_old();
  const std::string wanted = digest(id);
  const auto found = std::ranges::find_if(
      sessions_, [&](const Session& session) { return equal_in_constant_time(session.id_digest, wanted); });
  if (found == sessions_.end()) return nullptr;
  found->used = clock_.steady();
  return &*found;
}

bool PageSessions::fits(const Session& session, std::string_view token) {
  return equal_in_constant_time(session.token_digest, digest(token));
}

void PageSessions::end(std::string_view id) {
  const std::string wanted = digest(id);
  std::erase_if(sessions_, [&](const Session& session) { return equal_in_constant_time(session.id_digest, wanted); });
}

std::chrono::seconds PageSessions::remaining(const Session& session) const {
  return std::chrono::duration_cast<std::chrono::seconds>(session.opened + lifetime_ - clock_.steady());
}

std::string PageSessions::make_link() {
  forget_old();
  if (links_.size() == most_links) links_.erase(links_.begin());
  std::string link = random_token(secret_bits);
  links_.push_back({digest(link), clock_.steady() + link_lifetime});
  return link;
}

bool PageSessions::use_link(std::string_view link) {
  forget_old();
  const std::string wanted = digest(link);
  return std::erase_if(links_, [&](const Link& each) { return equal_in_constant_time(each.digest, wanted); }) > 0;
}

void PageSessions::forget_old() {
  const SteadyTime now = clock_.steady();
  std::erase_if(sessions_, [&](const Session& session) {
    return now >= session.used + idle_ || now >= session.opened + lifetime_;
  });
  std::erase_if(links_, [&](const Link& link) { return now >= link.until; });
}

}  // namespace meerkat::admin
