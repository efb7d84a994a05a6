// SPDX-License-Identifier: Apache-2.0
#include "core/prospect.h"

#include <doctest/doctest.h>

#include "core/test_hall.h"

using namespace meerkat;

namespace {

struct Closed final : StanzaRules {
  bool lets_in(const Stanza&) const override { return false; }
  bool lets_out(const Stanza&) const override { return true; }
};

// Keeps what finds nobody, and says nothing of it.
struct Keeper {
  Verdict keeps(MessageFindsNobody&) {
    ++kept;
    return Verdict::stop();
  }
  int kept = 0;
};

std::string_view name_of_way(Prospect::Way way) {
  switch (way) {
    case Prospect::Way::sessions:
      return "sessions";
    case Prospect::Way::nobody:
      return "nobody";
    case Prospect::Way::turned_away:
      return "turned away";
    case Prospect::Way::refused:
      return "refused";
    case Prospect::Way::dropped:
      return "dropped";
  }
  return "";
}

}  // namespace

TEST_CASE("what is foretold of a message is what happens to it") {
  for (const std::string_view setting : {"nobody", "silent", "shy", "there", "closed"}) {
    for (const std::string_view to : {"bob@localhost", "bob@localhost/phone", "bob@localhost/gone"}) {
      for (const std::string_view type : {"normal", "chat", "headline", "groupchat", "error"}) {
        CAPTURE(setting);
        CAPTURE(to);
        CAPTURE(type);
        TestServer server;
        Keeper keeper;
        server.on_all_hosts([&](HostType& host) { host.hooks.on<&Keeper::keeps>(keeper); });
        TestClient& alice = server.online("alice");
        TestClient* bob = nullptr;
        if (setting == "silent") bob = &server.login("bob");
        if (setting == "shy") bob = &server.online("bob", "phone", -1);
        if (setting == "there" || setting == "closed") bob = &server.online("bob");
        if (setting == "closed") bob->session->rules = std::make_shared<const Closed>();
        Stanza message = make_stanza(StanzaKind::message, *stanza_type(StanzaKind::message, type), alice.session->jid,
                                     *Jid::parse(to), "m", "");
        alice.heard();

        const Prospect prospect = prospect_of(message, server.home_of(message.to));
        alice.says("<message id='m' type='" + std::string{type} + "' to='" + std::string{to} + "'/>");

        std::string_view happened = "dropped";
        if (bob != nullptr && bob->hears("id='m'")) happened = "sessions";
        if (alice.hears("<service-unavailable")) happened = "refused";
        if (keeper.kept > 0) happened = "nobody";
        // Who asked for something is refused then, and the others hear nothing.
        if (prospect.way == Prospect::Way::turned_away)
          CHECK((setting == "closed" && happened != "sessions" && happened != "nobody"));
        else
          CHECK(name_of_way(prospect.way) == happened);
        CHECK(prospect.exact == (happened == "sessions" && to == "bob@localhost/phone"));
      }
    }
  }
}
