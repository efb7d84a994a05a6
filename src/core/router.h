// SPDX-License-Identifier: Apache-2.0
// Where a stanza goes next: to the home of a local address, to the server itself, or back with an error.
// RFC 6120 §10, RFC 6121 §8.
#pragma once

#include <deque>
#include <memory>
#include <unordered_map>

#include "core/iq_table.h"
#include "core/reached.h"
#include "core/session.h"
#include "xmpp/stanza.h"

namespace meerkat {

class Hall;

// Part of the hall of one worker. Nothing here waits; handlers that must are spawned in the hall's scope.
class Router {
 public:
  explicit Router(Hall& hall);
  ~Router();

  // Sends a stanza on its way; `from` and `to` are set. At most one push into another worker's mailbox.
  void route(Stanza stanza);

  // A stanza of a local session, its `from` stamped, after the sender's hooks: no `to` means the own account.
  void route_from(Session& sender, Stanza stanza);

  // The same when the session has ended in the meantime.
  void route_for_gone(Stanza stanza);

  // To this session and to no other, by way of its valve. Whether its rules let it in is asked before.
  void send(Session& session, const Stanza& stanza) { send(session, stanza, stanza.to); }
  // The same with another `to`.
  void send(Session& session, const Stanza& stanza, const Jid& to);
  void send(Session& session, const EntryRef& entry, Form form = Form::itself);
  // What the client of a resumed session has not acknowledged goes to it once more.
  void send_again(Session& session);
  // MessageUnacknowledged of all that a session's client has not acknowledged.
  void tell_unacknowledged(Session& session);
  // What its valve held goes on its way, oldest first.
  void let_out(Session& session, const Outgoing& held);

  // The sender hears why it went no further; nothing happens for answers (RFC 6120 §8.3.1: no error for an error).
  void refuse(const Stanza& stanza, const StanzaError& error);

  // At the home of `stanza.to`: the recipient's hooks, then delivery. In order per account.
  void arrive(HostType& host, Stanza stanza);

  // The session's stream is gone: what it had not taken goes to another session of the account, or is refused. The
  // session has no presence any more, or has been taken out of the table.
  void give_back(Session& session);

  // A message that had to wait for others goes where it would have gone. At its home.
  void go_on(HostType& host, const EntryRef& entry);

  // When the session's client has read what was waiting, those who were held may go on.
  void caught_up(Session& session);
  // They may go on in any case.
  void let_go(Session& session);

 private:
  void arrive_at_server(HostType& host, Stanza stanza);
  void route_to_service(Stanza stanza);
  struct ServiceMail;
  void arrive_at_service(Stanza stanza);
  void deliver(HostType& host, Stanza stanza);
  void deliver_message(HostType& host, Stanza stanza);
  void deliver_entry(HostType& host, Account* account, const EntryRef& entry);
  void deliver_presence(const Stanza& stanza);
  void deliver_iq(HostType& host, Stanza stanza);
  EntryRef make_entry(HostType& host, Stanza stanza, bool must_arrive);
  void deliver_to_all(Account* account, Stanza headline);
  void write(Session& session, const Stanza& stanza, const Jid& to);
  void write(Session& session, const EntryRef& entry, Form form);
  void show(Session& session, const Stanza& stanza, Form form);
  void show(Session& session, const Stanza& stanza, const Jid& to);
  void shown(Session& session, const Stanza& stanza, std::size_t size);
  void show_again(Session& session, const SentEntry& sent);
  static void tell_unacknowledged(Session& session, const EntryRef& entry);
  Reached to_best_resources(Account* account, const EntryRef& entry);
  void delivered(HostType& host, Account& account, const EntryRef& entry, const Reached& reached);
  void finds_nobody(HostType& host, EntryRef entry);
  void turned_away(const Stanza& stanza);
  void give_back(HostType& host, Account* account, const EntryRef& entry, Form form);
  void give_back_unacknowledged(Session& session, Account* account);
  void slow_down(Session& slow, const Jid& sender);

  struct Arrival;
  struct Arrivals;
  struct Free {
    Arrivals* arrivals = nullptr;
    void operator()(Arrival* arrival) const noexcept;
  };
  using ArrivalPtr = std::unique_ptr<Arrival, Free>;
  static Task<Verdict> ask_about_subscription(Arrival& arrival);
  void finish(Arrival& arrival, const Verdict& verdict);
  Task<> finish_later(Arrival& arrival, Task<Verdict> verdict);
  Task<> keep_or_refuse(HostType& host, EntryRef entry);

  struct Asking;
  bool may_ask(const Stanza& request);
  // Whose tables are asked: the host type's, or those of a service of one of its modules.
  enum class Asked : std::uint8_t { host, service };
  Task<> answer_iq(HostType& host, Stanza request, IqTarget target, Asked asked = Asked::host);
  const IqTable::Row* row_for(const Asking& asking, const xml::Element& query) const;
  Task<> give_answer(Asking& asking);
  Task<IqReply> reply_to(Asking& asking);
  void takes_time(Asking& asking);

  void next_queued(HostType& host, const Jid& address);

  // Stanzas that wait because a handler of an earlier one is waiting, by bare address: order is kept per account, with
  // or without sessions. Nearly always empty.
  std::unordered_map<Jid, std::deque<Stanza>> queued_;
  std::unique_ptr<Arrivals> arrivals_;
  Hall& hall_;
};

}  // namespace meerkat
