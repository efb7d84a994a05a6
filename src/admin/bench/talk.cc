// SPDX-License-Identifier: Apache-2.0
#include "admin/bench/talk.h"

#include <sys/timerfd.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <system_error>

namespace meerkat::bench {
namespace {

void append_number(std::string& out, std::integral auto number, int base = 10) {
  char digits[24];
  out.append(digits, std::to_chars(digits, digits + sizeof digits, number, base).ptr);
}

// Reads one number and the space behind it.
bool take_number(std::string_view& text, std::integral auto& number, int base = 10) {
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), number, base);
  if (problem != std::errc{} || end == text.data() + text.size() || *end != ' ') return false;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()) + 1);
  return true;
}

}  // namespace

struct Talk::Note {
  std::uint32_t run = 0;
  std::uint32_t number = 0;
  std::int64_t time = 0;
};

Talk::Talk(Crew& crew, const BenchOptions& options, const TalkTimes& times, double rate)
    : crew_(crew), options_(options), times_(times), rate_(rate), next_number_(crew.size()), arrivals_(crew.size()) {}

Talk::~Talk() {
  if (alarm_ >= 0) ::close(alarm_);
}

void Talk::begin() {
  crew_.hear_with(this);
  if (rate_ > 0) {
    alarm_ = ::timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
    if (alarm_ < 0) throw std::system_error(errno, std::generic_category(), "timerfd");
    crew_.worker().loop().watch(alarm_, *this, Interest::read);
    began_ = now();
    return set_alarm();
  }
  for (std::size_t sender = 0; sender + 1 < crew_.size(); sender += 2)
    for (std::uint32_t i = 0; i < options_.window; ++i) send(sender + i % 2, now());
}

void Talk::end() {
  if (alarm_ >= 0) crew_.worker().loop().forget(alarm_);
}

// The steady clock of libstdc++ is CLOCK_MONOTONIC, as the timerfd's.
std::int64_t Talk::now() const {
  return std::chrono::nanoseconds{crew_.worker().clock().steady().time_since_epoch()}.count();
}

std::int64_t Talk::due(std::uint64_t number) const {
  return began_ + static_cast<std::int64_t>(static_cast<double>(number) / rate_ * 1e9);
}

void Talk::set_alarm() {
  const std::int64_t at = due(turns_);
  itimerspec alarm{};
  alarm.it_value.tv_sec = at / 1'000'000'000;
  alarm.it_value.tv_nsec = at % 1'000'000'000;
  ::timerfd_settime(alarm_, TFD_TIMER_ABSTIME, &alarm, nullptr);
}

void Talk::ready(Readiness) noexcept {
  std::uint64_t times = 0;
  [[maybe_unused]] const auto read = ::read(alarm_, &times, sizeof times);
  if (times_.over.load(std::memory_order_relaxed)) return;
  send_due();
  set_alarm();
}

void Talk::send_due() {
  for (const std::int64_t until = now(); due(turns_) <= until; ++turns_) send(turns_ % crew_.size(), due(turns_));
}

// Numbers are taken only when both are there: what was never sent cannot be lost.
bool Talk::send(std::size_t sender, std::int64_t time) {
  ClientStream& from = crew_.clients()[sender];
  const ClientStream& to = crew_.clients()[sender ^ 1];
  if (!from.online() || !to.online()) return false;
  const std::uint32_t number = next_number_[sender]++;
  std::string& out = from.out();
  out += "<message to='";
  to.append_address(out);
  out += "' type='chat' id='m";
  append_number(out, number);
  out += "'><body>";
  const std::size_t body = out.size();
  append_number(out, times_.run, 16);
  out += ' ';
  append_number(out, number);
  out += ' ';
  append_number(out, time);
  out += ' ';
  const std::size_t size = out.size() - body;
  if (size < options_.body) out.append(options_.body - size, 'x');
  out += "</body></message>";
  from.sent_stanza();
  sent_count_.fetch_add(1, std::memory_order_relaxed);
  return true;
}

bool Talk::read_note(std::string_view body, Note& note) {
  return take_number(body, note.run, 16) && take_number(body, note.number) && take_number(body, note.time);
}

void Talk::heard(ClientStream& client, const xml::Element& stanza) {
  if (!stanza.is("message", ns::client)) return;
  if (const auto type = stanza.attr("type"); type && *type == "error") {
    ++refused_;
    return;
  }
  const auto body = stanza.child("body", ns::client);
  Note note;
  if (!body || !read_note(body->text_view(storage_), note) || note.run != times_.run) return;
  const std::size_t receiver = client.number() - crew_.clients().front().number();
  if (!arrivals_[receiver ^ 1].add(note.number)) {
    ++doubled_;
    return;
  }
  arrived_count_.fetch_add(1, std::memory_order_relaxed);
  const std::int64_t arrived = now();
  if (note.time >= times_.measure_from.load(std::memory_order_relaxed) &&
      note.time < times_.measure_to.load(std::memory_order_relaxed))
    latency_.add(std::chrono::nanoseconds{arrived - note.time});
  if (rate_ <= 0 && !times_.over.load(std::memory_order_relaxed)) send(receiver, arrived);
}

}  // namespace meerkat::bench
