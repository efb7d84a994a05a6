// SPDX-License-Identifier: Apache-2.0
#include "modules/caps/caps.h"

#include <ranges>
#include <unordered_map>

#include "base/log.h"
#include "base/random.h"
#include "core/events/disco_events.h"
#include "core/events/routing_events.h"
#include "core/events/stream_events.h"
#include "core/hall.h"
#include "core/hook_count.h"
#include "modules/caps/announced.h"
#include "modules/caps/known_features.h"
#include "modules/caps/own_caps.h"
#include "xmpp/named_hash.h"
#include "xmpp/stanza_parts.h"

namespace meerkat {
namespace {

using namespace std::chrono_literals;

// More than a client has that knows every extension there is.
constexpr std::size_t most_features = 512, longest_feature = 512;
// A client that announces something new again and again is not asked each time.
constexpr std::uint32_t most_questions_per_minute = 10;

struct CapsOptions {
  std::chrono::milliseconds iq_response_timeout = 5s;
  std::vector<CapsVersion> versions{CapsVersion::v1, CapsVersion::v2};

  bool speaks(CapsVersion version) const { return std::ranges::find(versions, version) != versions.end(); }
};

// What an answer says; nothing when it is larger than any client's.
std::optional<std::vector<std::string>> features_in(const xml::Element& query) {
  std::vector<std::string> features;
  for (const xml::Element child : query.children()) {
    if (!child.is("feature", ns::disco_info)) continue;
    const auto var = child.attr("var");
    if (!var) continue;
    if (features.size() == most_features || var->raw().size() > longest_feature) return std::nullopt;
    features.push_back(var->str());
  }
  return features;
}

// A line for the key, and one for each feature.
std::string as_text(const ClientFeatures& features) {
  std::string text = features.key();
  for (const std::string& feature : features.all())
    if (feature.find('\n') == feature.npos) text.append("\n").append(feature);
  return text;
}

std::shared_ptr<const ClientFeatures> features_of_text(std::string_view text) {
  std::vector<std::string> lines;
  for (const auto line : std::views::split(text, '\n')) lines.emplace_back(line.begin(), line.end());
  std::string key = std::move(lines.front());
  lines.erase(lines.begin());
  return std::make_shared<const ClientFeatures>(std::move(key), std::move(lines));
}

// Lives with its host type on one worker; watches the sessions that live there.
class Capabilities final : public Module {
 public:
  // Of one host type, on all workers.
  struct Shared {
    explicit Shared(const CapsOptions&) {}
    KnownFeatures known;
    FormerCaps own;
  };

  Capabilities(HostType& host, std::shared_ptr<const CapsOptions> options, std::shared_ptr<Shared> shared)
      : host_(host),
        options_(std::move(options)),
        shared_(std::move(shared)),
        own_address_(*Jid::make({}, host.name)),
        recognised_(host.hall.metrics, "caps_recognised", "It is known what a client can do, or no longer.",
                    host.name) {
    if (options_->speaks(CapsVersion::v1)) host.disco.add_feature(IqTarget::server, ns::caps);
    if (options_->speaks(CapsVersion::v2)) {
      host.disco.add_feature(IqTarget::server, ns::caps2);
      host.disco.add_feature(IqTarget::server, ns::hashes);
      for (const std::string_view name : known_hashes())
        host.disco.add_feature(IqTarget::server, "urn:xmpp:hash-function-text-names:" + std::string{name});
    }
    host.hooks.on<&Capabilities::add_stream_feature>(*this);
    host.hooks.on<&Capabilities::node_asked>(*this);
    // Last of all, when the presence will be routed.
    host.hooks.on<&Capabilities::presence_came>(*this, 90);
    // Before all others: an answer to the server is nobody else's.
    host.hooks.on<&Capabilities::iq_came>(*this, 0);
    host.hooks.on<&Capabilities::session_ended>(*this);
    host.hooks.on<&Capabilities::session_is_kept>(*this);
    host.hooks.on<&Capabilities::session_is_restored>(*this);
  }

  Verdict add_stream_feature(StreamFeatures& event) {
    // Without mod_disco there would be nobody to ask.
    if (event.authenticated && !host_.disco.identities(IqTarget::server).empty())
      event.features += own().as_feature(options_->speaks(CapsVersion::v1), options_->speaks(CapsVersion::v2));
    return Verdict::next();
  }

  Verdict node_asked(DiscoNodeAsked& event) {
    if (event.target != IqTarget::server) return Verdict::next();
    if (own().is_named_by(event.node)) {
      event.query.raw(own_->answer);
      return Verdict::stop();
    }
    const auto former = shared_->own.find(event.node);
    if (!former) return Verdict::next();
    event.query.raw(former->answer);
    return Verdict::stop();
  }

  Verdict presence_came(UserSendsPresence& event) {
    const Stanza& presence = event.context.stanza;
    Session& sender = event.context.sender;
    if (presence.to) return Verdict::next();
    if (presence.type == StanzaType::available)
      announced(sender,
                announced_by(presence.element(), options_->speaks(CapsVersion::v1), options_->speaks(CapsVersion::v2)));
    else if (presence.type == StanzaType::unavailable)
      announced(sender, std::nullopt);
    return Verdict::next();
  }

  Verdict iq_came(UserSendsIq& event) {
    const Stanza& iq = event.context.stanza;
    if (questions_.empty() || !iq.is_answer() || iq.to != own_address_) return Verdict::next();
    const auto found = questions_.find(&event.context.sender);
    if (found == questions_.end() || iq.id() != found->second->id) return Verdict::next();
    const std::unique_ptr<Question> question = std::move(found->second);
    questions_.erase(found);
    if (iq.type == StanzaType::result) answered(*question, iq);
    return Verdict::stop();
  }

  Verdict session_ended(SessionEnds& event) {
    questions_.erase(&event.session);
    paces_.erase(&event.session);
    return Verdict::next();
  }

  Verdict session_is_kept(SessionIsKept& event) {
    if (const auto features = features_of(event.session)) event.facts.add("caps.features", as_text(*features));
    return Verdict::next();
  }

  Verdict session_is_restored(SessionIsRestored& event) {
    const std::string* const text = event.facts.find("caps.features");
    if (text == nullptr) return Verdict::next();
    // Clients of one kind share what they can do.
    const auto known = restored_.find(*text);
    std::shared_ptr<const ClientFeatures> features = known != restored_.end() ? known->second.lock() : nullptr;
    if (!features) {
      features = features_of_text(*text);
      if (restored_.size() >= KnownFeatures::most) restored_.clear();
      restored_.insert_or_assign(*text, features);
    }
    event.session.notes.get<ClientNote>().features = std::move(features);
    return Verdict::next();
  }

 private:
  // A client that was asked what it is.
  struct Question {
    Capabilities& asker;
    Session& session;
    Announced about;
    std::string id;
    Timer timer;
  };
  struct Pace {
    SteadyTime since;
    std::uint32_t questions = 0;
  };

  const OwnCaps& own() {
    if (!own_ || own_as_of_ != host_.module_changes()) {
      own_ = own_caps(host_);
      own_as_of_ = host_.module_changes();
      shared_->own.add(own_);
    }
    return *own_;
  }

  void announced(Session& session, std::optional<Announced> what) {
    ClientNote* const note = session.notes.find<ClientNote>();
    if (!what) {
      questions_.erase(&session);
      if (note != nullptr && note->features) becomes_known(session, nullptr);
      return;
    }
    const std::string key = what->key();
    if (note != nullptr && note->features && note->features->key() == key) return;
    const auto question = questions_.find(&session);
    if (question != questions_.end() && question->second->about.key() == key) return;
    questions_.erase(&session);
    if (auto known = shared_->known.find(key)) return becomes_known(session, std::move(known));
    // What it could do before is not what it can do now.
    if (note != nullptr && note->features) becomes_known(session, nullptr);
    ask(session, std::move(*what));
  }

  void becomes_known(Session& session, std::shared_ptr<const ClientFeatures> features) {
    session.notes.get<ClientNote>().features = std::move(features);
    recognised_.add();
    host_.hall.fire(ClientFeaturesKnown{host_, session});
  }

  // XEP-0115 §6.2, XEP-0390 §5.2.
  void ask(Session& session, Announced about) {
    if (!may_ask(session)) return;
    auto question = std::make_unique<Question>(*this, session, std::move(about), random_token(64));
    Question& asked = *question;
    questions_[&session] = std::move(question);
    asked.timer.set(
        host_.hall.worker.timers(), options_->iq_response_timeout,
        [](void* late) {
          const Question& over = *static_cast<Question*>(late);
          over.asker.questions_.erase(&over.session);
        },
        &asked);
    const xml::Builder query = xml::Builder("query", ns::disco_info).attr("node", asked.about.node);
    host_.hall.router.send(
        session, make_stanza(StanzaKind::iq, StanzaType::get, own_address_, session.jid, asked.id, query.str()));
  }

  bool may_ask(const Session& session) {
    const SteadyTime now = host_.hall.worker.clock().steady();
    Pace& pace = paces_.try_emplace(&session, now).first->second;
    if (now - pace.since >= 1min) pace = {now, 0};
    return pace.questions++ < most_questions_per_minute;
  }

  void answered(const Question& question, const Stanza& iq) {
    const auto query = iq.element().child("query", ns::disco_info);
    if (!query) return;
    auto features = features_in(*query);
    // XEP-0115 §5.4: a hash that cannot be computed here says nothing about other clients that announce it.
    const bool provable = question.about.can_be_proved();
    if (!features || (provable && !question.about.is_proved_by(*query, lang_of(iq)))) {
      log_debug("caps_do_not_match", {{"session", question.session.jid.text()}, {"node", question.about.node}});
      return;
    }
    const auto known = std::make_shared<const ClientFeatures>(question.about.key(), std::move(*features));
    if (provable) shared_->known.add(known);
    becomes_known(question.session, known);
  }

  HostType& host_;
  const std::shared_ptr<const CapsOptions> options_;
  const std::shared_ptr<Shared> shared_;
  const Jid own_address_;
  const HookCount recognised_;
  std::shared_ptr<const OwnCaps> own_;
  std::uint64_t own_as_of_ = 0;
  std::unordered_map<const Session*, std::unique_ptr<Question>> questions_;
  std::unordered_map<const Session*, Pace> paces_;
  std::unordered_map<std::string, std::weak_ptr<const ClientFeatures>> restored_;
};

}  // namespace
}  // namespace meerkat

template <>
struct meerkat::config::EnumNames<meerkat::CapsVersion> {
  using enum meerkat::CapsVersion;
  static constexpr EnumName names[] = {{v1, "v1"}, {v2, "v2"}};
};

namespace meerkat {

ModuleEntry caps_module() {
  return module_entry<Capabilities>(
      "mod_caps", {"0115", "0300", "0390"},
      config::Section<CapsOptions>{"modules.mod_caps", "Knows what the clients of sessions can do."}
          .ignored("backend", "What clients can do is known where their sessions live.")
          .option("iq_response_timeout", &CapsOptions::iq_response_timeout,
                  "How long a client may take to say what it can do.", config::unit("milliseconds"),
                  config::at_least(1ms))
          .option("versions", &CapsOptions::versions,
                  "Which ways of announcing it are understood and used: v1 is XEP-0115, v2 is XEP-0390.",
                  config::non_empty, config::unique));
}

}  // namespace meerkat
