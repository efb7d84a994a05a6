// SPDX-License-Identifier: Apache-2.0
#include "admin/bench/introductions.h"

#include <utility>

namespace meerkat::bench {
namespace {

std::uint64_t key(std::uint32_t asks, std::uint32_t answers) { return std::uint64_t{asks} << 32 | answers; }

}  // namespace

Introductions::Introductions(Crew& crew, std::vector<Acquaintance> pairs, std::uint32_t in_flight)
    : crew_(crew), pairs_(std::move(pairs)), in_flight_(in_flight) {}

void Introductions::begin() {
  crew_.hear_with(this);
  ask_more();
}

bool Introductions::under_way(std::uint32_t asks, std::uint32_t answers) const {
  return under_way_.contains(key(asks, answers));
}

void Introductions::ask_more() {
  for (; under_way_.size() < in_flight_ && next_ < pairs_.size(); ++next_) {
    under_way_.insert(key(pairs_[next_].asks, pairs_[next_].answers));
    say(pairs_[next_].asks, pairs_[next_].answers, "subscribe");
  }
}

void Introductions::say(std::uint32_t from, std::uint32_t to, std::string_view type) {
  ClientStream& client = crew_.clients()[from];
  if (!client.online()) return;
  std::string& out = client.out();
  out += "<presence to='";
  crew_.clients()[to].append_bare_address(out);
  ((out += "' type='") += type) += "'/>";
  client.sent_stanza();
}

// One asks, the other agrees and asks in turn, the first agrees.
void Introductions::heard(ClientStream& client, const xml::Element& stanza) {
  const auto type = stanza.attr("type");
  const auto from = stanza.attr("from");
  if (!type || !from || !stanza.is("presence", ns::client)) return;
  const auto other = crew_.place_of(from->raw());
  if (!other) return;
  const auto here = static_cast<std::uint32_t>(client.number() - crew_.clients().front().number());
  if (*type == "subscribe") {
    say(here, *other, "subscribed");
    if (under_way(*other, here)) say(here, *other, "subscribe");
  } else if (*type == "subscribed" && under_way_.erase(key(*other, here)) == 1) {
    done_.fetch_add(1, std::memory_order_relaxed);
    ask_more();
  }
}

bool introduce(Run& run, std::vector<Acquaintance> pairs, Report& report) {
  const std::uint64_t wanted = pairs.size();
  Introductions introductions{*run.crews().front(), std::move(pairs), run.options().in_flight};
  const Meter meter{run.server()};
  run.on_all([&introductions](Crew&) { introductions.begin(); });
  const bool all = run.wait_for([&introductions] { return introductions.done(); }, wanted, "introductions");
  run.wait_for_silence();
  const Spending spent = meter.since();
  run.on_all([&introductions](Crew&) { introductions.end(); });
  report.count("introductions", introductions.done());
  report.count("introductions_missing", wanted - introductions.done());
  if (spent.server && wanted > 0)
    report.figure("server_cpu_us_per_introduction", in_us(*spent.server) / static_cast<double>(wanted));
  return all;
}

}  // namespace meerkat::bench
