// SPDX-License-Identifier: Apache-2.0
// RFC 6120 §8.2.3, RFC 6121 §8.5: requests that the server answers, for itself and for accounts.
#include <exception>
#include <optional>

#include "base/log.h"
#include "base/metrics/registry.h"
#include "core/hall.h"
#include "core/host_counts.h"
#include "core/iq_line.h"
#include "core/router.h"
#include "core/service.h"
#include "store/sql/errors.h"

namespace meerkat {
namespace {

// How many requests of one client may wait for their answers.
constexpr std::uint16_t most_unanswered = 32;

// Whether a stranger learns from it that the account exists. Handlers refuse in these words before they look.
bool says_something(const IqReply& reply) {
  if (reply.error() == nullptr) return !reply.account_is_known();
  const StanzaCondition condition = reply.error()->condition;
  return condition != StanzaCondition::service_unavailable && condition != StanzaCondition::not_allowed &&
         condition != StanzaCondition::forbidden;
}

// For the own account.
bool is_wish_of_one_who_has_gone(const SessionTable& sessions, const Stanza& request) {
  return request.type == StanzaType::set && request.from.same_bare(request.to) &&
         sessions.find_session(request.from) == nullptr;
}

}  // namespace

// A request on its way to its answer.
struct Router::Asking {
  HostType& host;
  Stanza request;
  IqTarget target;
  Asked asked;
  std::optional<IqTurn> turn;
  bool stops_sender = false;

  // Whether it is about somebody else's account.
  bool is_stranger() const {
    return asked == Asked::host && target == IqTarget::account && !request.from.same_bare(request.to);
  }
  // Why nobody answers; nothing when somebody does.
  std::optional<StanzaError> unanswerable(const IqTable::Row* row) const {
    if (row == nullptr) return StanzaError::service_unavailable();
    if (row->handler(request.type)) return std::nullopt;
    // XEP-0030 §8: strangers hear the same as of an account that does not exist.
    return is_stranger() ? StanzaError::service_unavailable() : StanzaError::not_allowed();
  }
};

const IqTable::Row* Router::row_for(const Asking& asking, const xml::Element& query) const {
  if (asking.asked == Asked::host) return asking.host.iqs.find(query, asking.target);
  const Service* const service = hall_.services.find(asking.request.to.domain());
  return service != nullptr ? service->iqs.find(query, asking.target) : nullptr;
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

Task<> Router::answer_iq(HostType& host, Stanza request, IqTarget target, Asked asked) {
  const Jid sender = request.from;
  bool sender_stopped = false;
  {
    Asking asking{.host = host, .request = std::move(request), .target = target, .asked = asked, .turn = {}};
    co_await give_answer(asking);
    sender_stopped = asking.stops_sender;
  }
  // The session may be another one by now, or none.
  Session* const waited = hall_.sessions.find_session(sender);
  if (waited == nullptr) co_return;
  if (waited->unanswered > 0) --waited->unanswered;
  if (sender_stopped) waited->stream->go_on();
}

// From here on, what comes later waits.
void Router::takes_time(Asking& asking) {
  asking.turn->take();
  if (!asking.turn->stops_sender() || asking.stops_sender) return;
  Session* const sender = hall_.sessions.find_session(asking.request.from);
  if (sender == nullptr) return;
  sender->stream->wait_for_answer();
  asking.stops_sender = true;
}

// What the request is told. Throws what the handler throws.
Task<IqReply> Router::reply_to(Asking& asking) {
  const Stanza& request = asking.request;
  HostType& host = asking.host;
  const auto query = request.element().first_child();
  if (!query) co_return StanzaError::bad_request("a get or a set has one child");
  const IqTable::Row* row = row_for(asking, *query);
  IqTurn& turn = asking.turn.emplace(row != nullptr ? row->queue : nullptr, request.from);
  if (!turn.has_room()) co_return StanzaError::resource_constraint("too many requests wait");
  if (!turn.await_ready()) {
    const SteadyTime came = hall_.worker.clock().steady();
    co_await turn;
    if (hall_.worker.clock().steady() - came > longest_in_line)
      co_return StanzaError::resource_constraint(came_too_late);
  }
  // It may have waited, here or in the router, while its account was removed: then nothing is to be kept any more.
  if (is_wish_of_one_who_has_gone(hall_.sessions, request)) {
    takes_time(asking);
    const bool known = co_await host.counts->does_user_exist(host.accounts.exists(request.to.bare()));
    if (!known) co_return StanzaError::service_unavailable();
  }
  // The module may have been stopped in the meantime.
  row = row_for(asking, *query);
  auto refused = asking.unanswerable(row);
  if (refused) co_return std::move(*refused);

  const IqRequest asked{request, *query, request.from, request.to, hall_.sessions.find_session(request.from)};
  const SteadyTime began = hall_.worker.clock().steady();
  Answer<IqReply> answer = row->handler(request.type).ask(asked);
  if (!answer.at_hand()) takes_time(asking);
  IqReply reply = co_await answer;
  if (const auto took = hall_.worker.clock().steady() - began; hall_.metrics.slow_events().is_worth(took))
    hall_.metrics.slow_events().note(
        {.took = took, .what = "iq", .detail = std::string{query->namespace_uri()}, .host_type = host.name});
  // Last of all, and only for what strangers are told: what they are refused anyway is refused in the same time,
  // whether there is such an account, and whether it is online.
  if (asking.is_stranger() && says_something(reply)) {
    takes_time(asking);
    const bool known = co_await host.counts->does_user_exist(host.accounts.exists(request.to.bare()));
    if (!known) co_return StanzaError::service_unavailable();
  }
  co_return reply;
}

Task<> Router::give_answer(Asking& asking) {
  const Stanza& request = asking.request;
  try {
    const IqReply reply = co_await reply_to(asking);
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
    StanzaError error = StanzaError::internal_server_error();
    error.type = StanzaErrorType::wait;  // it may pass
    refuse(request, error);
    co_return;
  } catch (const std::exception& failure) {
    // The fence of the IQ table.
    log_error("iq_handler_failed", {{"from", request.from.text()}, {"error", failure.what()}});
  } catch (...) {
    log_error("iq_handler_failed", {{"from", request.from.text()}, {"error", "unknown exception"}});
  }
  refuse(request, StanzaError::internal_server_error());
}

}  // namespace meerkat
