// SPDX-License-Identifier: Apache-2.0
#include "admin/office.h"

#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "admin/commands.h"
#include "admin/visitor.h"
#include "admin/window/page_desk.h"
#include "admin/wire.h"
#include "base/log.h"

namespace meerkat::admin {
namespace {

// Operators, their scripts and a monitor: more at once is a mistake.
constexpr std::size_t most_visitors = 32;

// Root, and whoever could do all of it to the server's files anyway.
bool is_welcome(const Peer& peer) { return peer.uid == 0 || peer.uid == ::geteuid(); }

void turn_away(int descriptor, const Refusal& refusal) {
  const std::string line = write_refusal(refusal);
  [[maybe_unused]] const ssize_t sent = ::send(descriptor, line.data(), line.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
  ::close(descriptor);
}

}  // namespace

std::expected<std::unique_ptr<Office>, std::string> Office::open(const std::filesystem::path& socket, Premises premises,
                                                                 const std::optional<PageSettings>& page) {
  auto opened = PrivateSocket::open(socket);
  if (!opened) return std::unexpected(opened.error());
  return std::unique_ptr<Office>{new Office(std::move(*opened), std::move(premises), page)};
}

Office::Office(PrivateSocket socket, Premises premises, const std::optional<PageSettings>& page)
    : socket_(std::move(socket)), premises_(std::move(premises)), commands_(all_commands()) {
  if (page) page_ = std::make_unique<PageDesk>(*page, premises_, commands_);
  premises_.page = page_.get();
}

Office::~Office() = default;

void Office::start() { listener_.emplace(worker(), socket_.release(), static_cast<ConnectionTaker&>(*this)); }

void Office::shut_down() {
  listener_.reset();
  // A visitor that leaves at once takes itself out of the list.
  std::vector<Visitor*> all;
  all.reserve(visitors_.size());
  for (const auto& visitor : visitors_) all.push_back(visitor.get());
  for (Visitor* const visitor : all) visitor->shut_down();
}

void Office::accepted(int descriptor, const PeerAddress&) noexcept {
  const auto peer = peer_of(descriptor);
  if (!peer || !is_welcome(*peer)) {
    log_warning("admin_refused", {{"uid", peer ? static_cast<std::int64_t>(peer->uid) : -1}});
    return turn_away(descriptor, {"not_permitted", fmt::format("only root and the user that runs the server (uid {}) "
                                                               "may give it commands",
                                                               ::geteuid())});
  }
  if (visitors_.size() >= most_visitors)
    return turn_away(descriptor,
                     {"too_many_connections", fmt::format("{} others are giving commands already; try again "
                                                          "in a minute",
                                                          most_visitors)});
  visitors_.push_back(std::make_unique<Visitor>(*this, descriptor, *peer));
  visitors_.back()->start();
}

void Office::bury(Visitor& visitor) {
  const auto found = std::ranges::find(visitors_, &visitor, &std::unique_ptr<Visitor>::get);
  if (found == visitors_.end()) return;
  std::unique_ptr<Visitor> body = std::move(*found);
  visitors_.erase(found);
  worker().bury(std::move(body));
}

}  // namespace meerkat::admin
