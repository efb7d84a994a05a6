// SPDX-License-Identifier: Apache-2.0
#include "store/amqp/session.h"

#include <poll.h>

#include <algorithm>
#include <stdexcept>

#include "base/secret.h"
#include "store/pool/unavailable.h"

namespace meerkat::amqp {
namespace {

using What = Heard::What;
using namespace std::chrono_literals;

constexpr std::uint32_t our_frame_max = 128 * 1024;
constexpr auto farewell_patience = 200ms;

SteadyTime now() { return std::chrono::steady_clock::now(); }

std::string words_of_close(const Heard& heard) { return heard.words + " (" + std::to_string(heard.code) + ")"; }

}  // namespace

void Session::connect(SteadyTime until) {
  close();
  reader_.emplace();
  to_send_.clear();
  blocked_.clear();
  socket_.connect(settings_.host, settings_.port, until);
  if (settings_.tls) start_tls(until);
  log_in(until);
  open_channel(until);
  is_well_ = true;
}

void Session::start_tls(SteadyTime until) {
  auto context = TlsContext::make(tls_options(*settings_.tls), TlsRole::client);
  if (!context) throw std::runtime_error{context.error()};
  socket_.start_tls(std::move(*context), settings_.tls->server_name(settings_.host), until);
}

// AMQP 0-9-1 §2.2.4.
void Session::log_in(SteadyTime until) {
  to_send_ = write::protocol_header;
  send(until);
  const Heard start = expect(What::start, until, "begin");
  if (!start.words.contains("PLAIN"))
    throw std::runtime_error{"the broker wants none but " + start.words + "; Meerkat logs in with PLAIN"};
  {
    const WipedAtEnd wiped{to_send_};
    write::start_ok(to_send_, settings_.username, settings_.password);
    send(until);
  }
  const Heard tune = expect(What::tune, until, "log in");
  frame_max_ = tune.frame_max == 0 ? our_frame_max : std::min(tune.frame_max, our_frame_max);
  if (frame_max_ < 4096) throw std::runtime_error{"the broker's frames are smaller than AMQP allows"};
  write::tune_ok(to_send_, frame_max_, static_cast<std::uint16_t>(heartbeat_interval.count()));
  write::open(to_send_, settings_.virtual_host);
  send(until);
  expect(What::open_ok, until, "open the virtual host");
}

void Session::open_channel(SteadyTime until) {
  write::channel_open(to_send_);
  send(until);
  expect(What::channel_open_ok, until, "open a channel");
  if (!settings_.confirms_enabled) return;
  write::confirm_select(to_send_);
  send(until);
  expect(What::confirm_ok, until, "ask for confirmations");
}

void Session::reopen_channel(SteadyTime until) {
  write::channel_close_ok(to_send_);
  open_channel(until);
}

void Session::close() noexcept {
  if (std::exchange(is_well_, false)) {
    try {
      const SteadyTime until = now() + farewell_patience;
      to_send_.clear();
      write::close(to_send_);
      send(until);
      for (auto heard = hear(until); heard && heard->what != What::close_ok;) heard = hear(until);
    } catch (const std::exception&) {
      socket_.close();  // it ends anyway
    }
  }
  socket_.close();
}

std::size_t Session::publish(const Message& message, SteadyTime until) {
  write::publish(to_send_, message, frame_max_);
  const std::size_t size = to_send_.size();
  send(until);
  return size;
}

void Session::declare(const Exchange& exchange, SteadyTime until) {
  write::exchange_declare(to_send_, exchange);
  send(until);
}

void Session::beat(SteadyTime until) {
  write::heartbeat(to_send_);
  send(until);
}

void Session::send(SteadyTime until) {
  const bool was_well = std::exchange(is_well_, false);
  try {
    socket_.write(to_send_, until);
  } catch (const SocketTimeout& late) {
    throw Unavailable{"the broker takes nothing" + (blocked_.empty() ? std::string{} : ": " + blocked_),
                      Unavailable::Why::timed_out};
  }
  sent_ += to_send_.size();
  to_send_.clear();
  is_well_ = was_well;
}

Heard Session::expect(What wanted, SteadyTime until, const char* what) {
  for (;;) {
    std::optional<Heard> heard = hear(until);
    if (!heard) throw std::runtime_error{std::string{"the broker does not let us "} + what + ": no answer in time"};
    if (heard->what == wanted) return std::move(*heard);
    if (heard->what == What::channel_close)
      throw std::runtime_error{std::string{"the broker does not let us "} + what + ": " + words_of_close(*heard)};
  }
}

std::optional<Heard> Session::hear(SteadyTime until) {
  for (;;) {
    if (std::optional<Heard> heard = hear_now()) return heard;
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - now());
    if (left.count() <= 0) return std::nullopt;
    ::pollfd watched{socket_.descriptor(), POLLIN, 0};
    ::poll(&watched, 1, static_cast<int>(std::min<std::int64_t>(left.count(), 3'600'000)));
  }
}

std::optional<Heard> Session::hear_now() {
  for (;;) {
    const bool was_well = std::exchange(is_well_, false);
    std::optional<Heard> heard = reader_->next();
    is_well_ = was_well;
    if (heard) {
      if (auto told = took_note(std::move(*heard))) return told;
      continue;
    }
    if (!receive()) return std::nullopt;
  }
}

// Deals with what is about the connection; the rest is told.
std::optional<Heard> Session::took_note(Heard heard) {
  switch (heard.what) {
    case What::close:
      write::close_ok(to_send_);
      is_well_ = false;
      send(now() + farewell_patience);
      throw std::runtime_error{"the broker closes the connection: " + words_of_close(heard)};
    case What::blocked:
      blocked_ = "it says that it is blocked: " + heard.words;
      return std::nullopt;
    case What::unblocked:
      blocked_.clear();
      return std::nullopt;
    case What::heartbeat:
    case What::other:
      return std::nullopt;
    default:
      return heard;
  }
}

// Whether more has come.
bool Session::receive() {
  const bool was_well = std::exchange(is_well_, false);
  bool ended = false;
  const std::size_t count = socket_.read_now(buffer_, ended);
  if (ended) throw std::runtime_error{"the broker has closed the connection"};
  is_well_ = was_well;
  if (count == 0) return false;
  received_ += count;
  last_heard_ = now();
  reader_->add({buffer_.data(), count});
  return true;
}

}  // namespace meerkat::amqp
