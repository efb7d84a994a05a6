// SPDX-License-Identifier: Apache-2.0
#include "core/router.h"

#include "base/slab.h"
#include "core/events/routing_events.h"
#include "core/hall.h"
#include "core/host_counts.h"
#include "core/service.h"

namespace meerkat {
namespace {

// How many stanzas for one account may stand in line behind a handler that waits.
constexpr std::size_t most_queued = 1000;

// A stanza on its way to the home of its recipient.
struct StanzaMail final : Mail {
  StanzaMail(Hall& to, const HostType& host, Stanza carried)
      : there(to), host_number(host.number), stanza(std::move(carried)) {
    open = [](Mail* self, Worker&) noexcept {
      const std::unique_ptr<StanzaMail> mail{static_cast<StanzaMail*>(self)};
      mail->there.router.arrive(mail->there.twin_of(mail->host_number), std::move(mail->stanza));
    };
  }
  Hall& there;
  std::size_t host_number;
  Stanza stanza;
};

}  // namespace

// A stanza whose recipient's handlers are being asked: it must stay in its place until the last has answered.
struct Router::Arrival {
  Arrival(HostType& host, Stanza arrived) : stanza(std::move(arrived)), event{host, stanza} {}
  Stanza stanza;
  UserReceivesStanza event;
};
// Every stanza that somebody wants to look at has one, so they are not made by the general allocator.
struct Router::Arrivals {
  Slab<Arrival> slab;
};
void Router::Free::operator()(Arrival* arrival) const noexcept { arrivals->slab.free(arrival); }

Router::Router(Hall& hall) : arrivals_(std::make_unique<Arrivals>()), hall_(hall) {}
Router::~Router() = default;

void Router::route(Stanza stanza) {
  HostType* const host = hall_.host_of(stanza.to.domain());
  if (host == nullptr) return route_to_service(std::move(stanza));
  if (!stanza.to.has_node()) return arrive_at_server(*host, std::move(stanza));
  Hall& home = hall_.at_home_of(stanza.to);
  if (&home == &hall_) return arrive(*host, std::move(stanza));
  // The other worker has its own copy of the host type, made from the same configuration.
  home.worker.post(*new StanzaMail(home, *host, std::move(stanza)));
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
  if (hall_.is_ours(answer.to.domain())) route(std::move(answer));
}

void Router::arrive(HostType& host, Stanza stanza) {
  if (!queued_.empty()) {
    const auto queue = queued_.find(stanza.to.bare());
    if (queue != queued_.end()) {
      if (queue->second.size() == most_queued) return refuse(stanza, StanzaError::resource_constraint());
      return queue->second.push_back(std::move(stanza));
    }
  }
  const HookChain<UserReceivesStanza>& chain = host.hooks.chain<UserReceivesStanza>();
  const bool changes_contacts = stanza.is_subscription() && !host.hooks.chain<SubscriptionArrives>().empty();
  host.counts->hooks.filter_local_packet.add();
  if (chain.empty() && !changes_contacts) return deliver(host, std::move(stanza));

  ArrivalPtr arrival{arrivals_->slab.make(host, std::move(stanza)), Free{arrivals_.get()}};
  Answer<Verdict> answer = changes_contacts ? ask_about_subscription(*arrival) : chain.run(arrival->event);
  if (answer.at_hand()) return finish(*arrival, answer.value());
  queued_.try_emplace(arrival->stanza.to.bare());
  hall_.scope.spawn(finish_later(*arrival.release(), answer.take_task()));
}

Task<Verdict> Router::ask_about_subscription(Arrival& arrival) {
  HostType& host = arrival.event.host;
  Verdict verdict = co_await host.run(arrival.event);
  if (!verdict.goes_on()) co_return verdict;
  host.counts->subscriptions.arrived(arrival.stanza.type);
  host.counts->hooks.roster_in_subscription.add();
  SubscriptionArrives event{host, arrival.stanza};
  verdict = co_await host.run(event);
  co_return verdict;
}

void Router::finish(Arrival& arrival, const Verdict& verdict) {
  if (verdict.goes_on()) return deliver(arrival.event.host, std::move(arrival.stanza));
  if (verdict.error() != nullptr) refuse(arrival.stanza, *verdict.error());
}

Task<> Router::finish_later(Arrival& waiting, Task<Verdict> verdict) {
  const ArrivalPtr arrival{&waiting, Free{arrivals_.get()}};
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

// A stanza on its way to the home of an address of a service.
struct Router::ServiceMail final : Mail {
  ServiceMail(Hall& to, Stanza carried) : there(to), stanza(std::move(carried)) {
    open = [](Mail* self, Worker&) noexcept {
      const std::unique_ptr<ServiceMail> mail{static_cast<ServiceMail*>(self)};
      mail->there.router.arrive_at_service(std::move(mail->stanza));
    };
  }
  Hall& there;
  Stanza stanza;
};

void Router::route_to_service(Stanza stanza) {
  if (hall_.services.find(stanza.to.domain()) == nullptr) {
    if (const HostType* const sender = hall_.host_of(stanza.from.domain())) sender->counts->no_route.add();
    return refuse(stanza, StanzaError::remote_server_not_found("this server does not talk to other servers yet"));
  }
  Hall& home = stanza.to.has_node() ? hall_.at_home_of(stanza.to) : hall_;
  if (&home == &hall_) return arrive_at_service(std::move(stanza));
  home.worker.post(*new ServiceMail(home, std::move(stanza)));
}

void Router::arrive_at_service(Stanza stanza) {
  Service* const service = hall_.services.find(stanza.to.domain());
  // Its module was stopped while the stanza was under way.
  if (service == nullptr) return refuse(stanza, StanzaError::service_unavailable());
  if (stanza.kind == StanzaKind::iq && !stanza.is_answer()) {
    const IqTarget target = stanza.to.has_node() ? IqTarget::account : IqTarget::server;
    if (may_ask(stanza)) hall_.scope.spawn(answer_iq(service->host, std::move(stanza), target, Asked::service));
    return;
  }
  if (service->takes_stanzas()) return service->take(std::move(stanza));
  if (stanza.kind == StanzaKind::message) refuse(stanza, StanzaError::service_unavailable());
}

}  // namespace meerkat
