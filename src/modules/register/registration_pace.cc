// SPDX-License-Identifier: Apache-2.0
#include "modules/register/registration_pace.h"

#include "net/ip_address.h"

namespace meerkat {
namespace {

// IPv6 customers own a /64 at least, so their single addresses say little.
std::string place_of(std::string_view peer_address) {
  const auto address = IpAddress::parse(peer_address);
  if (!address) return {};
  const auto bytes = address->prefix(32, 64).bytes;
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

}  // namespace

std::optional<RegistrationPace::Turn> RegistrationPace::take_turn(std::string_view peer_address, SteadyTime now) {
  if (timeout_.count() <= 0) return Turn{};
  std::string place = place_of(peer_address);
  const std::scoped_lock lock{mutex_};
  while (!entries_.empty() && (entries_.front().until <= now || entries_.size() >= most_places)) {
    by_place_.erase(entries_.front().place);
    entries_.pop_front();
  }
  if (by_place_.contains(place)) return std::nullopt;
  const auto until = now + std::chrono::duration_cast<SteadyTime::duration>(timeout_);
  const auto entry = entries_.insert(entries_.end(), Entry{place, until});
  by_place_.emplace(entry->place, entry);
  return Turn{*this, std::move(place)};
}

void RegistrationPace::give_back(const std::string& place) noexcept {
  const std::scoped_lock lock{mutex_};
  const auto found = by_place_.find(place);
  if (found == by_place_.end()) return;
  const auto entry = found->second;
  by_place_.erase(found);
  entries_.erase(entry);
}

}  // namespace meerkat
