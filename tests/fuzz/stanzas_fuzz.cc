// SPDX-License-Identifier: Apache-2.0
// RFC 6120 §8: whatever somebody who has logged in says, in whatever pieces, leaving and coming back as they like, the
// other users of the house hear well-formed stanzas from nobody but who sent them, once each, and nothing stays behind.
//
// An input is what she says. Bytes that no XML can hold stand for what else happens, so that inputs can be read:
//   01 her portion ends           02 she hangs up, and comes back    03 she closes her stream, and comes back
//   04 he reads and answers       05 he hangs up, and comes back     06 a second passes     07 a minute passes
//   08 a text that was never there before        0e all modules are stopped, and started anew
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/log.h"
#include "client_watch.h"
#include "memory_in_use.h"
#include "require.h"
#include "server/all_modules.h"
#include "streams/legacy_session.h"
#include "streams/test_streams.h"

using namespace meerkat;
using meerkat::fuzz::require;

namespace {

// All modules, and each way to process requests.
constexpr std::string_view modules = R"(
[modules.mod_ping]
  send_pings = true
  iqdisc.type = "one_queue"
[modules.mod_time]
  iqdisc.type = "queues"
  iqdisc.workers = 3
[modules.mod_version]
  iqdisc.type = "parallel"
)";

// How the texts begin that are never used twice.
constexpr std::string_view once = "once-in-a-lifetime-";

std::vector<std::pair<std::string_view, std::unique_ptr<const ConfiguredModule>>> configured(sql::Database& database) {
  config::Problems problems;
  const auto root = config::read_toml(modules, "stanzas_fuzz", problems);
  std::vector<std::pair<std::string_view, std::unique_ptr<const ConfiguredModule>>> all;
  for (const ModuleEntry& entry : all_modules()) {
    const config::Node* table = root->find("modules")->find(entry.name);
    all.emplace_back(entry.name, entry.configure(table, problems, std::string{entry.name}));
    require(all.back().second != nullptr, "modules start with these options", problems.report());
    if (entry.keeps) database.prepare(*entry.keeps);
  }
  return all;
}

// As when the configuration is read anew: those that run are stopped first, whoever is inside.
void start_modules(StreamServer& server) {
  static const auto all = configured(server.database);
  server.on_all_hosts([](HostType& host) {
    for (const auto& [name, module] : all) {
      host.stop_module(name);
      host.start_module(name, [&module](HostType& there) { return module->start(there); });
    }
  });
}

StreamServer& house() {
  static StreamServer* const one = [] {
    set_log_level(LogLevel::none);
    auto* const made = new StreamServer{2};
    made->on_all_hosts([](HostType& host) {
      host.start_module("session", [](HostType& there) { return std::make_unique<LegacySession>(there); });
    });
    start_modules(*made);
    return made;
  }();
  return *one;
}

// One user with one session, and all that it hears.
class User {
 public:
  // `asks`: what it says may call for answers.
  User(StreamServer& server, const std::string& name, const std::string& other, bool asks)
      : server_(server), name_(name), full_(name + "@localhost/phone"), other_(other + "@localhost"), asks_(asks) {
    comes();
  }

  void comes() {
    client_.emplace(server_, name_.size() % 2);
    client_->logs_in(name_);
    watch_.emplace();
    closing_ = false;
    heard_ = taken_;
    says("<presence/>");
  }
  void hangs_up() { client_.reset(); }
  void says(std::string_view bytes) { client_->says_if_there_is_room(bytes); }
  bool is_cut_off() { return closing_; }

  void reads() {
    const std::string bytes = client_->heard();
    watch_->hears(bytes);
    require(watch_->good(), "what is heard is well-formed", bytes);
    for (const fuzz::Heard& stanza : watch_->stanzas()) hears(stanza, bytes);
    closing_ = closing_ || client_->is_at_end();
  }
  // A sign of life: what was heard before is taken, and will not be heard again.
  void shows_life() {
    if (closing_) return;
    says("<iq type='result' id='none' to='" + other_ + "/phone'/>");
    taken_ = heard_;
  }

 private:
  void hears(const fuzz::Heard& stanza, const std::string& bytes) {
    if (stanza.name == "http://etherx.jabber.org/streams error") {
      closing_ = true;
      return;
    }
    require(stanza.name == "jabber:client message" || stanza.name == "jabber:client presence" ||
                stanza.name == "jabber:client iq",
            "only stanzas are heard", bytes);
    const std::string from = stanza.attribute("from"), to = stanza.attribute("to");
    const bool subscription = stanza.name.ends_with("presence") && stanza.attribute("type").contains("subscribe");
    const std::string bare = full_.substr(0, full_.find('/'));
    const bool true_sender = from == other_ + "/phone" || from == full_ || from == bare || from == "localhost" ||
                             (subscription && from == other_) || (asks_ && is_answer(stanza));
    require(true_sender, "each stanza comes from who sent it", bytes);
    require(to == full_ || to == bare, "each stanza was for who hears it", bytes);
    if (const std::string id = stanza.attribute("id"); id.starts_with(once))
      require(heard_.insert(from + ' ' + stanza.name + ' ' + id).second, "nothing is heard twice", bytes);
  }
  // What was sent to somebody comes back in their name as an error, or as the answer of their account.
  static bool is_answer(const fuzz::Heard& stanza) {
    return stanza.attribute("type") == "error" || (stanza.name.ends_with("iq") && stanza.attribute("type") == "result");
  }

  StreamServer& server_;
  const std::string name_, full_, other_;
  const bool asks_;
  std::optional<StreamClient> client_;
  std::optional<fuzz::ClientWatch> watch_;
  std::set<std::string> heard_, taken_;
  bool closing_ = false;
};

class Evening {
 public:
  Evening(StreamServer& server, std::string_view script)
      : server_(server), script_(script), he_(server, "bob", "mallory", false), she_(server, "mallory", "bob", true) {}

  void passes() {
    for (const char byte : script_) {
      if (byte == '\x08')
        portion_ += std::string{once} + std::to_string(++number_) + '-';
      else if ((byte >= '\x01' && byte < '\x08') || byte == '\x0e')
        happens(byte);
      else
        portion_ += byte;
    }
    she_says();
    he_reads();
  }

 private:
  void happens(char what) {
    she_says();
    switch (what) {
      case '\x02':
        she_.hangs_up();
        return she_.comes();
      case '\x03':
        she_.says("</stream:stream>");
        she_.reads();
        she_.hangs_up();
        return she_.comes();
      case '\x04':
        he_reads();
        return he_.shows_life();
      case '\x05':
        he_.hangs_up();
        return he_.comes();
      case '\x06':
        return server_.passes(std::chrono::seconds{1});
      case '\x07':
        return server_.passes(std::chrono::minutes{1});
      case '\x0e':
        return start_modules(server_);
      default:
        return;
    }
  }
  void she_says() {
    if (portion_.empty()) return;
    she_.says(portion_);
    portion_.clear();
    she_.reads();
    if (!she_.is_cut_off()) return;
    she_.hangs_up();
    she_.comes();
  }
  void he_reads() {
    he_.reads();
    require(!he_.is_cut_off(), "nobody is cut off by what another user says");
  }

  StreamServer& server_;
  std::string_view script_;
  std::string portion_;
  int number_ = 0;
  User he_, she_;
};

void whole_evening(StreamServer& server, std::string_view script) {
  Evening{server, script}.passes();
  server.passes(std::chrono::seconds{10});
  require(server.streams() == 0 && server.sessions() == 0, "all streams and sessions end");
  for (const auto& hall : server.halls) require(hall->scope.idle(), "no answer is waited for");
  server.passes(std::chrono::hours{1});
  server.on_all_hosts([](const HostType& host) { require(host.modules_leaving() == 0, "stopped modules leave"); });
  // Nobody finds in the next evening what was kept in this one.
  server.database.clear();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view script{reinterpret_cast<const char*>(data), size};
  if (script.contains(once)) return 0;
  StreamServer& server = house();
  std::size_t before = fuzz::memory_in_use();
  whole_evening(server, script);
  // Tables and buffers grow once with a new most; what grows again and again is lost.
  for (int again = 0; fuzz::memory_in_use() > before; ++again) {
    require(again < 4, "memory returns to what it was");
    before = fuzz::memory_in_use();
    whole_evening(server, script);
  }
  return 0;
}
