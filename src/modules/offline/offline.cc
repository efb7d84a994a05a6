// SPDX-License-Identifier: Apache-2.0
#include "modules/offline/offline.h"

#include "core/backend.h"
#include "core/events/account_events.h"
#include "core/events/routing_events.h"
#include "core/events/stream_events.h"
#include "core/hall.h"
#include "modules/offline/keeper.h"
#include "modules/offline/offline_events.h"
#include "modules/offline/worth.h"

namespace meerkat {
namespace {

struct OfflineOptions {
  std::string access_max_user_messages = "max_user_offline_messages";
  bool store_groupchat_messages = false;
  Backend backend = Backend::embedded;
};

class Offline final : public Module {
 public:
  Offline(HostType& host, std::shared_ptr<const OfflineOptions> options)
      : options_(std::move(options)), keeper_(OfflineKeeper::of(host, options_->backend)) {
    keeper_.limit_by(options_->access_max_user_messages);
    host.disco.add_feature(IqTarget::server, "msgoffline");
    host.hooks.on<&Offline::found_nobody>(*this);
    host.hooks.on<&Offline::asked>(*this);
    // Before all others: nothing that comes from now on may overtake what was kept.
    host.hooks.on<&Offline::session_takes_messages>(*this, 0);
    host.hooks.on<&Offline::session_resumes>(*this, 0);
    host.hooks.on<&Offline::session_ends>(*this);
    // Behind those who say what it lets in.
    host.hooks.on<&Offline::session_is_restored>(*this, 90);
    host.hooks.on<&Offline::account_removed>(*this);
  }

  Verdict found_nobody(MessageFindsNobody& event) {
    switch (worth_of(event.entry.stanza, options_->store_groupchat_messages)) {
      case Worth::refused:
        return Verdict::next();
      case Worth::dropped:
        return Verdict::stop();
      case Worth::kept:
        keeper_.keep(EntryRef{event.entry});
        return Verdict::stop();
    }
    return Verdict::next();
  }

  Verdict asked(KeepingAsked& event) {
    if (worth_of(event.message, options_->store_groupchat_messages) == Worth::kept) event.kept = true;
    return Verdict::next();
  }

  Verdict session_takes_messages(SessionTakesMessages& event) {
    keeper_.has_reader(event.session);
    return Verdict::next();
  }

  Verdict session_resumes(SessionResumes& event) {
    if (event.session.takes_messages()) keeper_.has_reader(event.session);
    return Verdict::next();
  }
  Verdict session_ends(SessionEnds& event) {
    keeper_.reader_left(event.session.jid.bare());
    return Verdict::next();
  }

  Task<Verdict> session_is_restored(SessionIsRestored& event) {
    if (event.session.account != nullptr && event.session.takes_messages())
      co_await keeper_.has_waiting_reader(event.session.jid);
    co_return Verdict::next();
  }

  Task<Verdict> account_removed(AccountRemoved& event) {
    co_await keeper_.account_removed(event.user.bare());
    co_return Verdict::next();
  }

 private:
  const std::shared_ptr<const OfflineOptions> options_;
  OfflineKeeper& keeper_;  // the host type's
};

}  // namespace

ModuleEntry offline_module() {
  return module_entry<Offline>(
      "mod_offline", {"0160"},
      config::Section<OfflineOptions>{"modules.mod_offline",
                                      "Keeps messages for accounts that nobody reads just now (XEP-0160)."}
          .option("access_max_user_messages", &OfflineOptions::access_max_user_messages,
                  "The access rule whose number says how many messages may wait for an account; without a number, or "
                  "with \"infinity\", there is no limit.")
          .option("store_groupchat_messages", &OfflineOptions::store_groupchat_messages,
                  "Keep group chat messages too that come for an account itself, as those of MUC Light do.")
          .option("backend", &OfflineOptions::backend, backend_sentence, config::needs_restart),
      offline_schema());
}

}  // namespace meerkat
