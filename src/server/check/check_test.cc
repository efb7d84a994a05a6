// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <chrono>
#include <filesystem>

#include "base/test_directory.h"
#include "net/tls_certificate.h"
#include "server/check/checks.h"

using namespace meerkat;
using std::chrono::days;

namespace {

// A server for example.org with a certificate of its own that signs itself, made today.
class Certified {
 public:
  Certified() {
    const std::vector<std::string> hosts{"example.org"};
    REQUIRE(make_self_signed(hosts, directory_ / "a.crt", directory_ / "a.key", now_).has_value());
    settings_.general.hosts = hosts;
    C2sListenSettings& listener = settings_.listen.c2s.emplace_back();
    listener.tls.emplace();
    listener.tls->certfile = directory_ / "a.crt";
    listener.tls->keyfile = directory_ / "a.key";
  }

  Findings checked_after(days passed) const {
    Findings findings;
    check_certificates(settings_, now_ + passed, findings);
    return findings;
  }

 private:
  const WallTime now_ = std::chrono::system_clock::now();
  const TestDirectory directory_;
  Settings settings_;
};

bool has(const Findings& findings, Grade grade, std::string_view words) {
  return std::ranges::any_of(findings.all(), [&](const Finding& finding) {
    return finding.grade == grade && finding.text.find(words) != std::string::npos;
  });
}

}  // namespace

TEST_CASE("a certificate is warned of a month before its end, and is an error afterwards") {
  const Certified server;

  CHECK(has(server.checked_after(days{0}), Grade::ok, "more days"));
  CHECK(!has(server.checked_after(days{0}), Grade::error, ""));
  CHECK(has(server.checked_after(days{3652 - 20}), Grade::warning, "expires in 19 days"));
  CHECK(has(server.checked_after(days{3653}), Grade::error, "; renew it, clients refuse it"));
  CHECK(has(server.checked_after(days{-2}), Grade::error, "is not valid yet; check the clock"));
}

TEST_CASE("an impossible year is an error, whoever keeps the clock") {
  Findings wrong, right;

  check_clock(WallTime{} + days{10}, wrong);
  check_clock(WallTime{} + std::chrono::years{57}, right);

  CHECK(has(wrong, Grade::error, "the year is 1970; set the clock"));
  CHECK(right.worst() != Grade::error);
}

TEST_CASE("findings are told once, and the worst is the exit code") {
  Findings findings;
  CHECK(findings.worst() == Grade::ok);
  findings.ok("port", "5222 is free");
  findings.warn("clock", "\"quoted\"\n");
  findings.warn("clock", "\"quoted\"\n");

  CHECK(static_cast<int>(findings.worst()) == 1);
  CHECK(findings.json() == R"({"worst":"warning","findings":[{"grade":"ok","subject":"port","text":"5222 is free"},)"
                           R"({"grade":"warning","subject":"clock","text":"\"quoted\"\n"}]})"
                           "\n");
  CHECK(findings.table().ends_with("1 ok, 1 to look at, 0 to repair\n"));
}
