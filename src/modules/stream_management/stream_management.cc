// SPDX-License-Identifier: Apache-2.0
#include "modules/stream_management/stream_management.h"

#include <utility>

#include "core/backend.h"
#include "core/events/account_events.h"
#include "core/events/host_events.h"
#include "core/events/stream_events.h"
#include "core/hall.h"
#include "core/stream_management.h"
#include "modules/stream_management/ended_sessions.h"
#include "modules/stream_management/keeping.h"
#include "modules/stream_management/record_note.h"
#include "modules/stream_management/restoring.h"
#include "xml/builder.h"

namespace meerkat {
namespace {

struct ModuleOptions {
  StreamManagementOptions offered;
  StaleCountOptions stale_h;
  EmbeddedBackend backend = EmbeddedBackend::embedded;
};

// Lives with its host type on one worker.
class StreamManagementModule final : public Module {
 public:
  StreamManagementModule(HostType& host, const std::shared_ptr<const ModuleOptions>& options)
      : host_(host), store_(make_kept_sessions(*host.hall.database)), offered_(options, &options->offered) {
    host.stream_management = offered_;
    host.hooks.on<&StreamManagementModule::features_wanted>(*this);
    host.hooks.on<&StreamManagementModule::opens>(*this);
    host.hooks.on<&StreamManagementModule::closes>(*this);
    host.hooks.on<&StreamManagementModule::resumed>(*this);
    host.hooks.on<&StreamManagementModule::ended>(*this);
    host.hooks.on<&StreamManagementModule::resumption_fails>(*this);
    host.hooks.on<&StreamManagementModule::account_removed>(*this);
    if (!options->stale_h.enabled) return;
    ended_ = std::make_shared<EndedSessions>(host, store_, options->stale_h);
    ended_->start();
  }
  // Sessions that have it keep it.
  ~StreamManagementModule() override {
    // Started anew with other options, the module that follows has made its offer before this one goes.
    if (host_.stream_management == offered_) host_.stream_management = nullptr;
  }
  StreamManagementModule(const StreamManagementModule&) = delete;
  StreamManagementModule& operator=(const StreamManagementModule&) = delete;

  // Before authentication too, so that clients may plan (XEP-0198 §2 shows it behind).
  Verdict features_wanted(StreamFeatures& event) {
    xml::Builder("sm", ns::sm).append_to(event.features);
    return Verdict::next();
  }

  Task<Verdict> opens(HostOpens&) {
    co_await restore_sessions(host_, *store_);
    co_return Verdict::next();
  }

  Task<Verdict> closes(HostCloses&) {
    co_await keep_sessions(host_, *store_);
    co_return Verdict::next();
  }

  // From now on it lives here and nowhere else.
  Verdict resumed(SessionResumes& event) {
    forget_record(event.session, store_);
    return Verdict::next();
  }

  Verdict ended(SessionEnds& event) {
    forget_record(event.session, store_);
    // Also while the others are being kept: whose time is over just then finds no record.
    if (ended_ && event.session.notes.find<LivesOn>() == nullptr) ended_->ended(event.session);
    return Verdict::next();
  }

  Task<Verdict> resumption_fails(ResumptionFails& event) {
    if (!ended_) co_return Verdict::next();
    event.handled = co_await ended_->handled_by(event.id, event.user);
    co_return event.handled ? Verdict::stop() : Verdict::next();
  }

  Task<Verdict> account_removed(AccountRemoved& event) {
    const Jid user = event.user.bare();
    if (ended_) ended_->account_removed(user);
    co_await store_->remove_all(user);
    co_return Verdict::next();
  }

 private:
  HostType& host_;
  const std::shared_ptr<KeptSessions> store_;
  const std::shared_ptr<const StreamManagementOptions> offered_;
  std::shared_ptr<EndedSessions> ended_;  // null: nobody wants to know
};

config::Section<StaleCountOptions> stale_h_section() {
  return config::Section<StaleCountOptions>{
      "modules.mod_stream_management.stale_h",
      "A client that comes back too late to resume learns how much the server had taken from it, so that it sends "
      "nothing twice."}
      .option("enabled", &StaleCountOptions::enabled,
              "Remember that of sessions which ended; it costs one small row for each, also across restarts.")
      .option("repeat_after", &StaleCountOptions::repeat_after, "How often what is too old is removed.",
              config::was_called("stale_h_repeat_after"), config::unit("seconds"),
              config::at_least(std::chrono::seconds{1}))
      .option("geriatric", &StaleCountOptions::geriatric, "How long it is remembered.",
              config::was_called("stale_h_geriatric"), config::unit("seconds"),
              config::at_least(std::chrono::seconds{1}));
}

config::Section<StreamManagementOptions> offered_section() {
  return config::Section<StreamManagementOptions>{"modules.mod_stream_management", "What clients are offered."}
      .option("buffer", &StreamManagementOptions::buffer,
              "Keep what a client has not acknowledged, and send it again when it resumes. Without it a resumed client "
              "is sent nothing again.")
      .option("buffer_max", &StreamManagementOptions::buffer_max,
              "How many stanzas may be unacknowledged. A client that stays beyond it for 5 seconds without "
              "acknowledging anything is cut off, and its messages go elsewhere.",
              config::at_least(1))
      .option("ack", &StreamManagementOptions::ack,
              "Ask clients for acknowledgements. Without it what they do not acknowledge by themselves piles up.")
      .option("ack_freq", &StreamManagementOptions::ack_freq,
              "After how many stanzas a client is asked; what is left at the end of a burst is asked for too.",
              config::at_least(1))
      .option("resume_timeout", &StreamManagementOptions::resume_timeout,
              "How long a session waits for a client that lost its connection. Others see the client available "
              "meanwhile.",
              config::unit("seconds"), config::at_least(std::chrono::seconds{1}));
}

}  // namespace

ModuleEntry stream_management_module() {
  return module_entry<StreamManagementModule>(
      "mod_stream_management", {"0198"},
      config::Section<ModuleOptions>{"modules.mod_stream_management",
                                     "Clients acknowledge what they got and take up their sessions where a connection "
                                     "broke, also after the server "
                                     "was started anew (XEP-0198)."}
          .include(&ModuleOptions::offered, offered_section())
          .option("backend", &ModuleOptions::backend, embedded_backend_sentence)
          .section("stale_h", &ModuleOptions::stale_h, stale_h_section()),
      stream_management_schema());
}

}  // namespace meerkat
