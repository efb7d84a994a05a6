// SPDX-License-Identifier: Apache-2.0
#include "modules/ping/ping.h"

#include <unordered_map>

#include "base/log.h"
#include "base/metrics/counted.h"
#include "base/random.h"
#include "core/events/routing_events.h"
#include "core/events/stream_events.h"
#include "core/hall.h"
#include "core/host_counts.h"
#include "core/iq_processing.h"

namespace meerkat {
namespace {

using namespace std::chrono_literals;

enum class TimeoutAction : std::uint8_t { none, kill };

struct PingOptions {
  bool send_pings = false;
  std::chrono::seconds ping_interval = 60s;
  TimeoutAction timeout_action = TimeoutAction::none;
  std::chrono::seconds ping_req_timeout = 32s;
  IqProcessing iqdisc;
};

constexpr auto answered = metrics::timed("mod_ping_response", "A client answered a ping.");
constexpr auto not_answered = metrics::counted("mod_ping_response_timeout", "A client did not answer a ping in time.");

// Lives with its host type on one worker, as do the sessions it watches.
class Ping final : public Module {
 public:
  Ping(HostType& host, std::shared_ptr<const PingOptions> options)
      : host_(host),
        options_(std::move(options)),
        own_address_(*Jid::make({}, host.name)),
        answered_(host.hall.metrics, answered, {host.name}),
        timed_out_(host.hall.metrics, not_answered, {host.name}),
        judged_(host.hall.metrics, "user_ping_response", "A client answered a ping, or did not in time.", host.name) {
    host.iqs.on_get<&Ping::asked>(*this, ns::ping, IqTarget::server, options_->iqdisc);
    host.iqs.on_set<&Ping::set>(*this, ns::ping, IqTarget::server, options_->iqdisc);
    host.iqs.on_get<&Ping::account_asked>(*this, ns::ping, IqTarget::account, options_->iqdisc);
    host.iqs.on_set<&Ping::account_set>(*this, ns::ping, IqTarget::account, options_->iqdisc);
    if (!options_->send_pings) return;
    // Before all others: a handler that waits may outlive the session, and we must not look at it then.
    host.hooks.on<&Ping::message_came>(*this, 0);
    host.hooks.on<&Ping::presence_came>(*this, 0);
    host.hooks.on<&Ping::iq_came>(*this, 0);
    host.hooks.on<&Ping::session_detached>(*this);
    host.hooks.on<&Ping::session_resumed>(*this);
    host.hooks.on<&Ping::session_ended>(*this);
  }

  IqReply asked(const IqRequest& request) {
    if (request.query.name() != "ping") return StanzaError::feature_not_implemented();
    return IqReply::empty();
  }
  IqReply set(const IqRequest&) { return StanzaError::feature_not_implemented(); }

  // XEP-0199 §4.1, §8: nobody learns from a ping whether an account exists.
  IqReply account_asked(const IqRequest& request) {
    if (!request.from.same_bare(request.to)) return StanzaError::service_unavailable();
    return asked(request);
  }
  IqReply account_set(const IqRequest& request) {
    if (!request.from.same_bare(request.to)) return StanzaError::service_unavailable();
    return set(request);
  }

  Verdict message_came(UserSendsMessage& event) { return watch(event.context.sender); }
  Verdict presence_came(UserSendsPresence& event) { return watch(event.context.sender); }
  Verdict iq_came(UserSendsIq& event) {
    const Stanza& iq = event.context.stanza;
    Session& sender = event.context.sender;
    if (!iq.is_answer() || !is_answer_to_ping(sender, iq)) return watch(sender);
    // XEP-0199 §4.1: an error proves as well that somebody is there, but MongooseIM's operators know it as a failure
    // of the client, and so do we.
    judged_.add();
    if (iq.type == StanzaType::error) {
      watched_.erase(&sender);
      failed(sender, "ping_error");
    } else {
      answered_.add(now() - watched_.at(&sender)->pinged_at);
      [[maybe_unused]] const Verdict verdict = watch(sender);
    }
    return Verdict::stop();
  }
  // XEP-0198: nobody is there who could answer.
  Verdict session_detached(SessionDetaches& event) {
    watched_.erase(&event.session);
    return Verdict::next();
  }
  Verdict session_resumed(SessionResumes& event) { return watch(event.session); }
  Verdict session_ended(SessionEnds& event) {
    watched_.erase(&event.session);
    return Verdict::next();
  }

 private:
  // A session that has sent something since it was bound, or resumed.
  struct Watch {
    Ping& ping;
    Session& session;
    std::string id;  // of the ping that was sent; empty while none is out
    SteadyTime pinged_at{};
    Timer timer;
  };

  // Starts to count anew: the session gave a sign of life.
  Verdict watch(Session& session) {
    std::unique_ptr<Watch>& place = watched_[&session];
    if (!place) place = std::make_unique<Watch>(*this, session);
    Watch& watch = *place;
    watch.id.clear();
    watch.timer.set(
        timers(), options_->ping_interval, [](void* self) { send_ping(*static_cast<Watch*>(self)); }, &watch);
    return Verdict::next();
  }

  static void send_ping(Watch& watch) {
    Ping& ping = watch.ping;
    watch.id = random_token(64);
    watch.pinged_at = ping.now();
    watch.timer.set(
        ping.timers(), ping.options_->ping_req_timeout, [](void* self) { no_answer(*static_cast<Watch*>(self)); },
        &watch);
    ping.host_.hall.router.route(make_stanza(StanzaKind::iq, StanzaType::get, ping.own_address_, watch.session.jid,
                                             watch.id, xml::Builder("ping", ns::ping).str()));
  }

  // The next packet of the client starts the game anew; until then there is silence.
  static void no_answer(Watch& watch) {
    watch.id.clear();
    watch.ping.timed_out_.add();
    watch.ping.judged_.add();
    watch.ping.failed(watch.session, "ping_timeout");
  }

  // Ends the session when the operator wishes that: what is known of it is gone afterwards.
  void failed(Session& session, std::string_view why) {
    if (options_->timeout_action == TimeoutAction::none) return;
    log_info("client_does_not_answer", {{"session", session.jid.text()}, {"because", why}});
    host_.counts->hooks.user_stop_request.add();
    session.stream->end_with(StreamError::connection_timeout("No answer to a ping"));
  }

  bool is_answer_to_ping(const Session& sender, const Stanza& iq) const {
    if (iq.to && iq.to != own_address_) return false;
    const auto found = watched_.find(&sender);
    return found != watched_.end() && !found->second->id.empty() && iq.id() == found->second->id;
  }

  SteadyTime now() const { return host_.hall.worker.clock().steady(); }
  TimerWheel& timers() { return host_.hall.worker.timers(); }

  HostType& host_;
  const std::shared_ptr<const PingOptions> options_;
  const Jid own_address_;
  const metrics::Timed answered_;
  const metrics::Counted timed_out_;
  const HookCount judged_;
  std::unordered_map<const Session*, std::unique_ptr<Watch>> watched_;
};

}  // namespace
}  // namespace meerkat

template <>
struct meerkat::config::EnumNames<meerkat::TimeoutAction> {
  using enum meerkat::TimeoutAction;
  static constexpr EnumName names[] = {{none, "none"}, {kill, "kill"}};
};

namespace meerkat {

ModuleEntry ping_module() {
  return module_entry<Ping>(
      "mod_ping", {"0199"},
      config::Section<PingOptions>{"modules.mod_ping", "Answers pings, and pings clients that are silent."}
          .option("send_pings", &PingOptions::send_pings,
                  "Ping clients that have sent nothing for a while; finds connections that broke without notice.")
          .option("ping_interval", &PingOptions::ping_interval, "How long a client may be silent before it is pinged.",
                  config::at_least(1s))
          .option("timeout_action", &PingOptions::timeout_action,
                  "What happens to a client that does not answer: nothing, or its session ends.")
          .option("ping_req_timeout", &PingOptions::ping_req_timeout, "How long an answer may take.",
                  config::at_least(1s))
          .section("iqdisc", &PingOptions::iqdisc, iqdisc_section(IqProcessing::Type::no_queue)));
}

}  // namespace meerkat
