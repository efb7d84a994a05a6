// SPDX-License-Identifier: Apache-2.0
#include "core/router.h"

#include <exception>

#include "base/log.h"
#include "core/events/routing_events.h"
#include "core/hall.h"
#include "store/sql/errors.h"

namespace meerkat {
namespace {

// How many stanzas for one account may stand in line behind a handler that waits.
constexpr std::size_t most_queued = 1000;
// How many requests of one client may wait for their answers.
constexpr std::uint16_t most_unanswered = 32;

// A stanza on its way to the home of its recipient.
struct StanzaMail final : Mail {
  StanzaMail(Hall& to, HostType& host_there, Stanza carried) : there(to), host(host_there), stanza(std::move(carried)) {
    open = [](Mail* self, Worker&) noexcept {
      const std::unique_ptr<StanzaMail> mail{static_cast<StanzaMail*>(self)};
      mail->there.router.arrive(mail->host, std::move(mail->stanza));
    };
  }
  Hall& there;
  HostType& host;
  Stanza stanza;
};

}  // namespace

// A stanza whose recipient's handlers are being asked: it must stay in its place until the last has answered.
struct Router::Arrival {
  Arrival(HostType& host, Stanza arrived) : stanza(std::move(arrived)), event{host, stanza} {}
  Stanza stanza;
  UserReceivesStanza event;
};

void Router::route(Stanza stanza) {
  HostType* const host = hall_.host_of(stanza.to.domain());
  if (host == nullptr) {
    return refuse(stanza, StanzaError::remote_server_not_found("this server does not talk to other servers yet"));
  }
  if (!stanza.to.has_node()) return arrive_at_server(*host, std::move(stanza));
  Hall& home = hall_.at_home_of(stanza.to);
  if (&home == &hall_) return arrive(*host, std::move(stanza));
  // The other worker has its own copy of the host type, made from the same configuration.
  HostType* const host_there = home.host_of(host->name);
  home.worker.post(*new StanzaMail(home, *host_there, std::move(stanza)));
}

void Router::route_from(Session& sender, Stanza stanza) {
  if (stanza.kind == StanzaKind::presence) return hall_.presence.sent(sender, std::move(stanza));
  // RFC 6120 §10.3: without `to` it is for the sender's own account, which lives here.
  if (!stanza.to) stanza.to = sender.account->bare;
  route(std::move(stanza));
}

void Router::route_for_gone(Stanza stanza) {
  if (stanza.kind == StanzaKind::presence) return;
  if (!stanza.to) stanza.to = stanza.from.bare();
  route(std::move(stanza));
}

void Router::refuse(const Stanza& stanza, const StanzaError& error) {
  if (stanza.is_answer() || !stanza.from) return;
  // RFC 6121 §8.5.2: presence is never answered with an error, but for what asks for something.
  if (stanza.kind == StanzaKind::presence && stanza.type == StanzaType::unavailable) return;
  Stanza answer = make_error(stanza, error);
  if (hall_.host_of(answer.to.domain()) != nullptr) route(std::move(answer));
}

void Router::arrive(HostType& host, Stanza stanza) {
  const HookChain<UserReceivesStanza>& chain = host.hooks.chain<UserReceivesStanza>();
  if (chain.empty()) return deliver(host, std::move(stanza));

  if (!queued_.empty()) {
    const auto queue = queued_.find(stanza.to.bare());
    if (queue != queued_.end()) {
      if (queue->second.size() == most_queued) return refuse(stanza, StanzaError::resource_constraint());
      return queue->second.push_back(std::move(stanza));
    }
  }
  auto arrival = std::make_unique<Arrival>(host, std::move(stanza));
  Answer<Verdict> answer = chain.run(arrival->event);
  if (answer.at_hand()) return finish(*arrival, answer.value());
  queued_.try_emplace(arrival->stanza.to.bare());
  hall_.scope.spawn(finish_later(*arrival.release(), answer.take_task()));
}

void Router::finish(Arrival& arrival, const Verdict& verdict) {
  if (verdict.goes_on()) return deliver(arrival.event.host, std::move(arrival.stanza));
  if (verdict.error() != nullptr) refuse(arrival.stanza, *verdict.error());
}

Task<> Router::finish_later(Arrival& waiting, Task<Verdict> verdict) {
  const std::unique_ptr<Arrival> arrival{&waiting};
  HostType& host = arrival->event.host;
  const Jid address = arrival->stanza.to.bare();
  const Verdict said = co_await verdict;
  finish(*arrival, said);
  next_queued(host, address);
}

void Router::next_queued(HostType& host, const Jid& address) {
  auto queue = queued_.extract(address);
  if (queue.empty()) return;
  // Once somebody waits again, `arrive` puts the rest in line behind.
  for (Stanza& next : queue.mapped()) arrive(host, std::move(next));
}

void Router::arrive_at_server(HostType& host, Stanza stanza) {
  if (stanza.kind == StanzaKind::iq && !stanza.is_answer()) {
    if (may_ask(stanza)) hall_.scope.spawn(answer_iq(host, std::move(stanza), IqTarget::server));
    return;
  }
  // RFC 6121 §4.3, §8.3: presence to the server says nothing to anybody; messages to it have no reader.
  if (stanza.kind == StanzaKind::message) refuse(stanza, StanzaError::service_unavailable());
}

// Bounds the requests that one client has under way: what is dear to answer is asked for one after the other.
bool Router::may_ask(const Stanza& request) {
  Session* const asks = hall_.sessions.find_session(request.from);
  if (asks == nullptr) return true;
  if (asks->unanswered == most_unanswered) {
    refuse(request, StanzaError::resource_constraint("too many requests at once"));
    return false;
  }
  ++asks->unanswered;
  return true;
}

// The session may be another one by now, or none.
void Router::answered(const Jid& who) {
  Session* const asked = hall_.sessions.find_session(who);
  if (asked != nullptr && asked->unanswered > 0) --asked->unanswered;
}

Task<> Router::answer_iq(HostType& host, Stanza request, IqTarget target) {
  const Jid asks = request.from;
  co_await give_answer(host, std::move(request), target);
  answered(asks);
}

Task<> Router::give_answer(HostType& host, Stanza request, IqTarget target) {
  try {
    const auto query = request.element().first_child();
    if (!query) {
      refuse(request, StanzaError::bad_request("a get or a set has one child"));
      co_return;
    }
    const IqTable::Row* const row = host.iqs.find(*query, target);
    if (row == nullptr) {
      refuse(request, StanzaError::service_unavailable());
      co_return;
    }
    const IqTable::Handler& handler = request.type == StanzaType::set ? row->set : row->get;
    const bool stranger = target == IqTarget::account && !request.from.same_bare(request.to);
    if (!handler) {
      // XEP-0030 §8: strangers hear the same as of an account that does not exist.
      refuse(request, stranger ? StanzaError::service_unavailable() : StanzaError::not_allowed());
      co_return;
    }
    const IqRequest asked{request, *query, request.from, request.to, hall_.sessions.find_session(request.from)};
    const IqReply reply = co_await handler.ask(asked);
    // Last of all, and only for what strangers are told: what they are refused anyway is refused in the same time,
    // whether there is such an account, and whether it is online.
    const bool says_something =
        reply.error() == nullptr || reply.error()->condition != StanzaCondition::service_unavailable;
    if (stranger && says_something) {
      const bool known = co_await host.accounts.exists(request.to.bare());
      if (!known) {
        refuse(request, StanzaError::service_unavailable());
        co_return;
      }
    }
    if (reply.error() != nullptr)
      refuse(request, *reply.error());
    else
      route(make_result(request, *reply.content()));
    co_return;
  } catch (const AccountsBusy&) {
    refuse(request, StanzaError::resource_constraint("try again later"));
    co_return;
  } catch (const sql::Unavailable& failure) {
    // The database has said so itself, once; here it would be once per request.
    log_debug("iq_handler_failed", {{"from", request.from.text()}, {"error", failure.what()}});
  } catch (const std::exception& failure) {
    // The fence of the IQ table.
    log_error("iq_handler_failed", {{"from", request.from.text()}, {"error", failure.what()}});
  } catch (...) {
    log_error("iq_handler_failed", {{"from", request.from.text()}, {"error", "unknown exception"}});
  }
  refuse(request, StanzaError::internal_server_error());
}

}  // namespace meerkat
