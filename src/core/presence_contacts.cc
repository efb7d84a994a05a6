// SPDX-License-Identifier: Apache-2.0
// How presence travels to contacts, and from them: one letter for each worker where some of them may live, by which the
// other side finds those who are online.
#include <algorithm>

#include "core/events/routing_events.h"
#include "core/hall.h"
#include "core/presence.h"
#include "runtime/workers.h"
#include "xml/builder.h"
#include "xmpp/date_time.h"

namespace meerkat {
namespace {

// `use(home, keys)` for each worker. Homes follow from the hash as its order does, so those of one stand together.
template <class Use>
void by_home(const Hall& here, std::span<const AccountKey> sorted, Use use) {
  while (!sorted.empty()) {
    Hall& home = here.at_home_of(sorted.front());
    const auto next =
        std::ranges::partition_point(sorted, [&here, &home](AccountKey key) { return &here.at_home_of(key) == &home; });
    const auto count = static_cast<std::size_t>(next - sorted.begin());
    use(home, sorted.first(count));
    sorted = sorted.subspan(count);
  }
}

// Whether it may hear that it is no subscriber: whom a resource shuts out learns nothing.
bool may_be_told(const Account& account, const Stanza& stanza) {
  for (const Session* session = account.first; session != nullptr; session = session->next_of_account)
    if (!session->lets_out(stanza)) return false;
  return true;
}

bool got_directed_presence(const Session& session, const Jid& who) {
  return session.directed && std::ranges::any_of(session.directed->to, [&who](const Jid& one) {
           return one == who || (one.is_bare() && one.same_bare(who));
         });
}

// XEP-0203 §4: when the presence was sent, on the word of its server.
std::string delay_since(std::uint32_t seconds, const Jid& whose) {
  return xml::Builder("delay", ns::delay)
      .attr("from", whose.domain())
      .attr("stamp", date_time(WallTime{} + std::chrono::seconds{seconds}))
      .str();
}

}  // namespace

// Presence for those of these accounts who are online.
struct PresenceBroadcast::News {
  Stanza stanza;
  Keys whom;
};
// Presence of somebody with rules: these are judged at home, and by names.
struct PresenceBroadcast::WhoIsThere {
  Stanza stanza;
  Rules rules;
  Keys whom;
  Hall& asker;
};
struct PresenceBroadcast::ThereAre {
  Stanza stanza;
  Rules rules;
  std::vector<Jid> names;
  Hall& where;
};
// A probe of one session for many accounts.
struct PresenceBroadcast::Question {
  Jid who;
  Keys whom;
  Hall& asker;
};
struct PresenceBroadcast::Answers {
  struct Answer {
    Jid from;
    BodyRef presence;
    std::uint32_t since;
  };
  Jid who;
  std::vector<Answer> all;
};

template <class Letter>
struct PresenceBroadcast::LetterMail final : Mail {
  LetterMail(Hall& to, Letter carried) : there(to), letter(std::move(carried)) {
    open = [](Mail* self, Worker&) noexcept {
      const std::unique_ptr<LetterMail> mail{static_cast<LetterMail*>(self)};
      mail->there.presence.read(mail->letter);
    };
  }
  Hall& there;
  Letter letter;
};

template <class Letter>
void PresenceBroadcast::post(Hall& home, Letter letter) {
  if (&home == &hall_) return read(letter);
  home.worker.post(*new LetterMail<Letter>(home, std::move(letter)));
}

void PresenceBroadcast::tell_audience(const Session& sender, const Stanza& stanza) {
  if (sender.account->audience.size() == 0) return;
  by_home(hall_, sender.account->audience.keys(), [&](Hall& home, std::span<const AccountKey> whom) {
    Keys keys(whom.begin(), whom.end());
    if (sender.rules)
      post(home, WhoIsThere{stanza, sender.rules, std::move(keys), hall_});
    else
      post(home, News{stanza, std::move(keys)});
  });
}

void PresenceBroadcast::read(News& news) {
  for (const AccountKey key : news.whom)
    if (const Account* const account = hall_.sessions.find(key)) deliver(*account, news.stanza);
}

// RFC 6121 §4.2.3, §4.4.3, §4.5.3: to all available resources.
void PresenceBroadcast::deliver(const Account& account, Stanza& stanza) {
  stanza.to = account.bare;
  HostType& host = account.first->host;
  if (!host.hooks.chain<UserReceivesStanza>().empty()) return hall_.router.arrive(host, stanza);
  for (Session* session = account.first; session != nullptr; session = session->next_of_account)
    if (session->available() && session->lets_in(stanza)) hall_.router.send(*session, stanza);
}

void PresenceBroadcast::read(WhoIsThere& question) {
  std::vector<Jid> names;
  for (const AccountKey key : question.whom) {
    const Account* const account = hall_.sessions.find(key);
    for (const Session* session = account ? account->first : nullptr; session; session = session->next_of_account)
      if (session->available()) names.push_back(session->jid);
  }
  if (names.empty()) return;
  post(question.asker, ThereAre{std::move(question.stanza), std::move(question.rules), std::move(names), hall_});
}

// Each resource is judged, as rules may be about one of them; those of one account stand together.
void PresenceBroadcast::read(ThereAre& answer) {
  Keys allowed;
  Stanza& stanza = answer.stanza;
  for (auto next = answer.names.begin(); next != answer.names.end();) {
    const auto first = next;
    next = std::find_if(first, answer.names.end(), [&](const Jid& name) { return !name.same_bare(*first); });
    const auto shut_out = std::partition(first, next, [&](const Jid& name) {
      stanza.to = name;
      return answer.rules->lets_out(stanza);
    });
    if (shut_out == next) {
      allowed.push_back(key_of(*first));
      continue;
    }
    for (auto name = first; name != shut_out; ++name) {
      stanza.to = *name;
      hall_.router.route(stanza);
    }
  }
  if (!allowed.empty()) post(answer.where, News{std::move(stanza), std::move(allowed)});
}

void PresenceBroadcast::meet(Account& account, Audience audience) {
  account.audience = std::move(audience);
  for (Session* session = account.first; session != nullptr; session = session->next_of_account)
    if (session->available()) tell_audience(*session, last_presence(*session, {}));
}

void PresenceBroadcast::probe(Session& session, const Audience& whom) {
  slow_down(session, whom.size());
  by_home(hall_, whom.keys(), [&](Hall& home, std::span<const AccountKey> part) {
    post(home, Question{session.jid, Keys(part.begin(), part.end()), hall_});
  });
}

void PresenceBroadcast::read(Question& question) {
  const AccountKey asker = key_of(question.who);
  Answers answers{question.who, {}};
  for (const AccountKey key : question.whom) {
    const Account* const account = hall_.sessions.find(key);
    if (account == nullptr || !account->audience.known()) continue;
    if (!account->audience.includes(asker)) {
      // RFC 6121 §4.3.2: the one who asks believes in a subscription that is none.
      Stanza none =
          make_stanza(StanzaKind::presence, StanzaType::unsubscribed, account->bare, question.who.bare(), {}, {});
      if (may_be_told(*account, none)) hall_.router.route(std::move(none));
      continue;
    }
    for (const Session* session = account->first; session != nullptr; session = session->next_of_account)
      if (session->available() && (!session->rules || session->lets_out(last_presence(*session, question.who))))
        answers.all.push_back({session->jid, session->presence, session->presence_at});
  }
  if (!answers.all.empty()) post(question.asker, std::move(answers));
}

void PresenceBroadcast::read(Answers& answers) {
  Session* const session = hall_.sessions.find_session(answers.who);
  if (session == nullptr || !session->available()) return;
  HostType& host = session->host;
  for (Answers::Answer& answer : answers.all) {
    Stanza stanza{.kind = StanzaKind::presence,
                  .type = StanzaType::available,
                  .by_server = true,
                  .from = std::move(answer.from),
                  .to = answers.who,
                  .body = std::move(answer.presence)};
    stanza.extras = delay_since(answer.since, stanza.from);
    if (!host.hooks.chain<UserReceivesStanza>().empty())
      hall_.router.arrive(host, std::move(stanza));
    else if (session->lets_in(stanza))
      hall_.router.send(*session, stanza);
  }
}

void PresenceBroadcast::probed(const Stanza& probe) {
  const Account* const account = hall_.sessions.find(probe.to);
  if (account == nullptr) return;
  const bool may_know = account->audience.includes(key_of(probe.from)) || probe.from.same_bare(account->bare);
  for (const Session* session = account->first; session != nullptr; session = session->next_of_account) {
    if (probe.to.is_full() && session->jid != probe.to) continue;
    Stanza answer = last_presence(*session, probe.from);
    if (session->available() && may_know) {
      answer.extras = delay_since(session->presence_at, session->jid);
    } else if (got_directed_presence(*session, probe.from)) {
      // RFC 6121 §4.6.6: that it is there, and no more.
      if (!here_) here_ = make_stanza(StanzaKind::presence, StanzaType::available, {}, {}, {}, {}).body;
      answer.body = here_;
    } else {
      continue;
    }
    if (session->lets_out(answer)) hall_.router.route(std::move(answer));
  }
}

void PresenceBroadcast::admit(Account& account, const Jid& contact) {
  // Who is in it already has been told, when the audience was read behind the change.
  if (!account.audience.known() || account.audience.includes(key_of(contact))) return;
  account.audience.add(key_of(contact));
  for (Session* session = account.first; session != nullptr; session = session->next_of_account)
    show(*session, contact);
}

void PresenceBroadcast::dismiss(Account& account, const Jid& contact) {
  if (!account.audience.known()) return;
  for (Session* session = account.first; session != nullptr; session = session->next_of_account) {
    if (!session->rules || session->lets_out(gone(*session, contact))) hide(*session, contact);
    // It has been told, whatever it was told by itself.
    if (session->directed && session->available()) session->directed->forget(contact);
  }
  account.audience.remove(key_of(contact));
}

void PresenceBroadcast::show(Session& session, const Jid& contact) {
  if (!session.available() || !session.account->audience.includes(key_of(contact))) return;
  Stanza stanza = last_presence(session, contact);
  if (!session.rules) return hall_.router.route(std::move(stanza));
  // Its resources may be judged differently.
  if (contact.is_bare())
    return post(hall_.at_home_of(contact), WhoIsThere{std::move(stanza), session.rules, {key_of(contact)}, hall_});
  if (session.lets_out(stanza)) hall_.router.route(std::move(stanza));
}

void PresenceBroadcast::hide(Session& session, const Jid& contact) {
  if (session.available() && session.account->audience.includes(key_of(contact)))
    hall_.router.route(gone(session, contact));
}

void PresenceBroadcast::slow_down(Session& session, std::size_t told) {
  if (!session.account->audience.has_enough(told, seconds_of(hall_.worker.clock().wall()))) return;
  session.stream->wait_for_answer();
  hall_.scope.spawn(rest(hall_, session.jid));
}

Task<> PresenceBroadcast::rest(Hall& hall, Jid who) {
  co_await sleep_for(std::chrono::seconds{1});
  if (Session* const session = hall.sessions.find_session(who)) session->stream->go_on();
}

}  // namespace meerkat
