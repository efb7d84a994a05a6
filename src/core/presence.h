// SPDX-License-Identifier: Apache-2.0
// RFC 6121 §4: who hears of a session's presence. The account's own sessions and those who got directed presence
// always; contacts as soon as somebody has said who they are (mod_presence). What goes to contacts goes once to each
// worker where some of them may live, and costs what the contacts cost that are online.
#pragma once

#include <memory>
#include <span>

#include "core/session.h"

namespace meerkat {

class Hall;
template <class T>
class Task;

// Part of the hall of one worker. Nothing here asks a database.
class PresenceBroadcast {
 public:
  explicit PresenceBroadcast(Hall& hall) : hall_(hall) {}

  // Presence from a local session. Answers a bad priority with an error to the sender.
  void sent(Session& sender, Stanza stanza);
  // The session is over: whoever saw it available hears that it is unavailable.
  void session_ended(Session& session);

  // From now on `audience` is told of this account's presence; it begins with that of the sessions which are available.
  void meet(Account& account, Audience audience);
  // The session is told of the available resources of these accounts, as far as it is in their audience (RFC 6121
  // §4.3). To those who are here and do not know it, it is no subscriber any more, and it is told so.
  void probe(Session& session, const Audience& whom);
  // One more account sees this one (RFC 6121 §3.1.5), and hears of all its available sessions; one sees it no longer
  // (§3.2.2, §3.3.3), and hears that they are unavailable. Nothing happens while the audience is not known.
  void admit(Account& account, const Jid& contact);
  void dismiss(Account& account, const Jid& contact);
  // One session's presence as it stands, or its end, to an address that sees the account: for who changes its rules.
  void show(Session& session, const Jid& contact);
  void hide(Session& session, const Jid& contact);

  // At the home of `probe.to`: a client asks (RFC 6121 §4.3.2, §4.6.6). Whoever may not know hears nothing, as from
  // somebody who is not there.
  void probed(const Stanza& probe);

 private:
  using Keys = std::vector<AccountKey>;
  using Rules = std::shared_ptr<const StanzaRules>;
  struct News;
  struct WhoIsThere;
  struct ThereAre;
  struct Question;
  struct Answers;
  template <class Letter>
  struct LetterMail;
  template <class Letter>
  void post(Hall& home, Letter letter);
  void read(News& news);
  void read(WhoIsThere& question);
  void read(ThereAre& answer);
  void read(Question& question);
  void read(Answers& answers);

  void became_available(Session& sender, const Stanza& stanza);
  void becomes_unavailable(Session& sender, const Stanza& stanza);
  void directed(Session& sender, Stanza stanza);
  void tell_own_resources(const Session& sender, const Stanza& stanza);
  void tell_audience(const Session& sender, const Stanza& stanza);
  void tell_others(Session& sender, const Stanza& unavailable, bool was_available);
  void tell_directed(Session& sender, const Stanza& stanza, bool audience_knows);
  void tell_if_unavailable(const Stanza& stanza);
  void deliver(const Account& account, Stanza& stanza);
  // It is not read for a second when it causes too much.
  void slow_down(Session& session, std::size_t told);
  static Task<> rest(Hall& hall, Jid who);
  static Stanza last_presence(const Session& session, const Jid& to);
  Stanza gone(const Session& session, const Jid& to);

  Hall& hall_;
  BodyRef gone_;  // <presence type='unavailable'/>
  BodyRef here_;  // <presence/>
};

}  // namespace meerkat
