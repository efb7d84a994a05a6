// SPDX-License-Identifier: Apache-2.0
#include "streams/c2s_service.h"

#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <exception>

#include "base/log.h"
#include "base/random.h"
#include "core/end_sessions.h"
#include "streams/stream_problems.h"
#include "xml/writer.h"

namespace meerkat {
namespace {

// Whoever has less than this waiting is no slow reader.
constexpr std::size_t little_waiting = 64 * 1024;

StreamError error_of(Refusal why) {
  switch (why) {
    case Refusal::address_connections:
    case Refusal::address_unauthenticated:
      return StreamError::policy_violation("Too many connections are open from your address");
    case Refusal::address_rate:
      return StreamError::policy_violation("Too many connections come from your address; wait some seconds");
    default:
      return StreamError::resource_constraint("The server is busy; come back in a minute");
  }
}

}  // namespace

C2sService::~C2sService() {
  doors_.close_all();
  for (const Line* const line : {&strangers_, &heavy_strangers_, &users_}) {
    while (line->newest != nullptr) {
      C2sStream* const stream = line->newest;
      remove(*stream);
      delete stream;
    }
  }
}

void C2sService::listen(int descriptor, std::shared_ptr<const C2sOptions> options) {
  options_.push_back(options);
  doors_.open(descriptor, std::move(options));
}

void C2sService::change(const C2sOptions& from, std::shared_ptr<const C2sOptions> to) {
  if (!doors_.has(from)) return;
  options_.push_back(to);
  doors_.change(from, std::move(to));
  forget_unused_options();
}

void C2sService::close(const C2sOptions& which) {
  doors_.close(which);
  forget_unused_options();
}

// Streams are made by ports only, so nobody begins to use what no port has.
void C2sService::forget_unused_options() {
  std::erase_if(options_, [&](const auto& options) {
    return !doors_.has(*options) && options->streams->load(std::memory_order_acquire) == 0;
  });
}

void C2sService::came(int descriptor, const PeerAddress& peer, const C2sOptions& options) noexcept {
  try {
    auto guest = let_in(peer, options);
    if (!guest) return turn_away(descriptor, options, guest.error());
    auto stream = std::make_unique<C2sStream>(descriptor, *this, options, std::move(*guest));
    enter(*stream);
    stream.release()->start();
  } catch (const std::exception& failure) {
    log_error("connection_refused", {{"error", failure.what()}});
  }
}

std::expected<std::unique_ptr<Guest>, Refusal> C2sService::let_in(const PeerAddress& peer, const C2sOptions& options) {
  if (hall.limits->memory.is_tight()) return std::unexpected(Refusal::memory);
  auto guest = hall.limits->connections.let_in(peer, options.load, hall.worker.clock().steady());
  if (guest && !make_room()) return std::unexpected(Refusal::unauthenticated);
  return guest;
}

// RFC 6120 §4.9.1.1: a stream error needs a stream. Where TLS comes first, nothing can be said.
void C2sService::turn_away(int descriptor, const C2sOptions& options, Refusal why) {
  hall.limits->refusals.count(why);
  if (options.tls_mode != TlsMode::tls) {
    std::string bytes =
        "<?xml version='1.0'?><stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'";
    xml::write_attribute(bytes, "id", random_token());
    xml::write_attribute(bytes, "from", options.default_domain);
    bytes += " version='1.0'>";
    const std::size_t before = bytes.size();
    error_of(why).append_to(bytes);
    nameless.out.add(ElementKind::stream_error, bytes.size() - before);
    bytes += "</stream:stream>";
    // What has come is taken, or the kernel would answer with a reset, which may overtake these words.
    std::array<char, 4096> unheard;
    ::recv(descriptor, unheard.data(), unheard.size(), 0);
    ::send(descriptor, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    data.sent(bytes.size(), DataTraffic::Secured::no);
    ::shutdown(descriptor, SHUT_WR);
  }
  ::close(descriptor);
}

void C2sService::came_without_header(const PeerAddress& proxy, std::string_view why) noexcept {
  hall.limits->refusals.count(Refusal::proxy_header);
  log_info("no_proxy_header", {{"from", proxy.ip.text()}, {"error", why}});
}

C2sService::Line& C2sService::line_of(const C2sStream& stream) {
  switch (stream.line_) {
    case C2sStream::Line::strangers:
      return strangers_;
    case C2sStream::Line::heavy_strangers:
      return heavy_strangers_;
    case C2sStream::Line::users:
      break;
  }
  return users_;
}

void C2sService::enter(C2sStream& stream) {
  Line& line = line_of(stream);
  stream.service_ = this;
  stream.previous_ = nullptr;
  stream.next_ = line.newest;
  (line.newest != nullptr ? line.newest->previous_ : line.oldest) = &stream;
  line.newest = &stream;
  ++line.count;
  line.weight += stream.weight_;
}

void C2sService::remove(C2sStream& stream) {
  Line& line = line_of(stream);
  (stream.previous_ != nullptr ? stream.previous_->next_ : line.newest) = stream.next_;
  (stream.next_ != nullptr ? stream.next_->previous_ : line.oldest) = stream.previous_;
  stream.previous_ = stream.next_ = nullptr;
  --line.count;
  line.weight -= stream.weight_;
}

void C2sService::stand(C2sStream& stream, C2sStream::Line line, std::uint32_t weight) {
  if (stream.line_ == line) {
    line_of(stream).weight += weight - std::uint64_t{stream.weight_};
    stream.weight_ = weight;
  } else {
    remove(stream);
    stream.line_ = line;
    stream.weight_ = weight;
    enter(stream);
  }
  if (line != C2sStream::Line::users) keep_strangers_within_bounds(stream);
}

// The few who hold much have a third for themselves, the many who hold little the rest, and either has what the other
// leaves. `newcomer` is at work, and stays.
void C2sService::keep_strangers_within_bounds(const C2sStream& newcomer) {
  const std::uint64_t most = hall.limits->memory_of_strangers() / hall.workers.size();
  while (strangers_.weight + heavy_strangers_.weight > most) {
    Line& line = heavy_strangers_.weight > most / 3 ? heavy_strangers_ : strangers_;
    C2sStream* const oldest = line.oldest != &newcomer ? line.oldest : newcomer.previous_;
    if (oldest == nullptr) return;
    hall.limits->refusals.count(Refusal::unauthenticated_memory);
    oldest->drop();
  }
}

// Who came first and has not logged in goes first: somebody who means it does not take long.
bool C2sService::make_room() {
  if (!hall.limits->connections.too_many_unauthenticated()) return true;
  const std::size_t others = hall.workers.size() - 1;
  if (strangers() > 0 && (others == 0 || has_its_share_of_strangers())) {
    drop_oldest_stranger();
    return true;
  }
  if (others == 0) return false;
  next_to_give_way(others);
  return true;
}

// All workers share the limit, and each can drop only its own: one that has few is not to suffer for those that have
// many.
bool C2sService::has_its_share_of_strangers() const {
  return strangers() >= hall.limits->connections.most_unauthenticated() / hall.workers.size();
}

void C2sService::next_to_give_way(std::size_t others) const {
  C2sService& next = *all_[(hall.worker.index() + 1) % all_.size()];
  next.hall.worker.call([&next, others] { next.give_way(others); });
}

void C2sService::give_way(std::size_t others) {
  if (!hall.limits->connections.too_many_unauthenticated()) return;
  if (strangers() > 0 && has_its_share_of_strangers())
    drop_oldest_stranger();
  else if (others > 1)
    next_to_give_way(others - 1);
}

void C2sService::drop_oldest_stranger() {
  hall.limits->refusals.count(Refusal::unauthenticated);
  (strangers_.oldest != nullptr ? strangers_ : heavy_strangers_).oldest->drop();
}

std::size_t C2sService::shed(std::uint64_t bytes) {
  std::vector<C2sStream*> slow;
  for (C2sStream* stream = users_.newest; stream != nullptr; stream = stream->next_)
    if (!stream->closing_ && stream->waiting() >= little_waiting) slow.push_back(stream);
  std::ranges::sort(slow, std::greater{}, [](const C2sStream* stream) { return stream->waiting(); });
  std::uint64_t freed = 0;
  std::size_t count = 0;
  while (count < slow.size() && freed < bytes) {
    freed += slow[count]->waiting();
    slow[count++]->drop();
  }
  hall.limits->refusals.count(Refusal::memory_slow_reader, count);
  if (freed >= bytes) return count;
  const std::size_t detached = end_largest_detached_sessions(hall, bytes - freed);
  hall.resumptions.count(Resumption::shed, detached);
  return count + detached;
}

void C2sService::bury(C2sStream& stream) {
  remove(stream);
  hall.worker.bury(std::unique_ptr<C2sStream>{&stream});
}

void C2sService::shut_down() {
  shutting_down_ = true;
  doors_.close_all();
  for (const Line* const line : {&strangers_, &heavy_strangers_, &users_}) {
    for (C2sStream* stream = line->newest; stream != nullptr;) {
      C2sStream* const next = stream->next_;
      stream->shut_down();
      stream = next;
    }
  }
}

}  // namespace meerkat
