// SPDX-License-Identifier: Apache-2.0
#include "modules/csi/client_state.h"

#include <algorithm>

#include "base/metrics/counted.h"
#include "core/events/stream_events.h"
#include "core/hall.h"
#include "modules/csi/importance.h"

namespace meerkat {
namespace {

struct CsiOptions {
  config::Limit<std::uint64_t> buffer_max{20};
};

// An inactive client costs at most this much, whatever `buffer_max` says.
constexpr std::size_t most_held_bytes = 256 * 1024;

class Waiting final : public Valve {
 public:
  // As long as `wanted` says so.
  Waiting(Hall& hall, std::uint64_t most, std::shared_ptr<const bool> wanted)
      : hall_(hall), most_(most), wanted_(std::move(wanted)) {}

  bool holds(Session& session, const Outgoing& outgoing) override {
    if (!*wanted_ || !can_wait(outgoing.what()) || most_ == 0) {
      // Order is kept: what waited goes first.
      let_all_out(session);
      return false;
    }
    forget_replaced(outgoing.what());
    held_.push_back(outgoing);
    bytes_ += outgoing.what().body->footprint();
    if (held_.size() > most_ || bytes_ > most_held_bytes) let_all_out(session);
    return true;
  }

  std::vector<Outgoing> give_back() override {
    bytes_ = 0;
    return std::exchange(held_, {});
  }

  void let_all_out(Session& session) {
    for (const Outgoing& held : give_back()) hall_.router.let_out(session, held);
  }

 private:
  void forget_replaced(const Stanza& newer) {
    const auto older = std::ranges::find_if(held_, [&](const Outgoing& held) { return replaces(newer, held.what()); });
    if (older == held_.end()) return;
    bytes_ -= older->what().body->footprint();
    // Its notice has been overtaken, so nobody needs to keep it.
    if (older->entry) older->entry->taken = true;
    held_.erase(older);
  }

  Hall& hall_;
  const std::uint64_t most_;
  const std::shared_ptr<const bool> wanted_;
  std::vector<Outgoing> held_;
  std::size_t bytes_ = 0;
};

constexpr auto went_active = metrics::counted("mod_csi_active", "A client said that somebody looks at it.");
constexpr auto went_inactive = metrics::counted("mod_csi_inactive", "A client said that nobody looks at it.");

class ClientState final : public Module {
 public:
  ClientState(HostType& host, std::shared_ptr<const CsiOptions> options)
      : host_(host),
        options_(std::move(options)),
        active_(host.hall.metrics, went_active, {host.name}),
        inactive_(host.hall.metrics, went_inactive, {host.name}) {
    host.hooks.on<&ClientState::features_wanted>(*this);
    host.hooks.on<&ClientState::client_said>(*this);
    host.hooks.on<&ClientState::session_resumed>(*this);
  }
  // Its valves stay, and hold nothing back any more.
  ~ClientState() override { *running_ = false; }

  Verdict features_wanted(StreamFeatures& event) {
    if (event.authenticated) xml::Builder("csi", ns::csi).append_to(event.features);
    return Verdict::next();
  }

  // §4.2.
  Verdict client_said(ClientSendsNonza& event) {
    if (event.element.is("active", ns::csi)) {
      active_.add();
      becomes_active(event.session);
      return Verdict::stop();
    }
    if (event.element.is("inactive", ns::csi)) {
      inactive_.add();
      becomes_inactive(event.session);
      return Verdict::stop();
    }
    return Verdict::next();
  }

  // §5.2: a resumed stream is active. As long as nobody is connected all goes on waiting, the newest of each.
  Verdict session_resumed(SessionResumes& event) {
    becomes_active(event.session);
    return Verdict::next();
  }

 private:
  void becomes_inactive(Session& session) {
    // A second <inactive/> changes nothing.
    if (session.valve) return;
    const std::uint64_t most = options_->buffer_max.most().value_or(std::numeric_limits<std::uint64_t>::max());
    session.valve = std::make_unique<Waiting>(host_.hall, most, running_);
  }

  void becomes_active(Session& session) {
    const std::unique_ptr<Valve> valve = std::move(session.valve);
    if (!valve) return;
    for (const Outgoing& held : valve->give_back()) host_.hall.router.let_out(session, held);
  }

  HostType& host_;
  std::shared_ptr<const CsiOptions> options_;
  const metrics::Counted active_;
  const metrics::Counted inactive_;
  const std::shared_ptr<bool> running_ = std::make_shared<bool>(true);
};

}  // namespace

ModuleEntry csi_module() {
  return module_entry<ClientState>(
      "mod_csi", {"0352"},
      config::Section<CsiOptions>{"modules.mod_csi",
                                  "While nobody looks at a client, presence and typing notices wait for it."}
          .option("buffer_max", &CsiOptions::buffer_max,
                  "How many stanzas wait for an inactive client; one more and all of them are sent."));
}

}  // namespace meerkat
