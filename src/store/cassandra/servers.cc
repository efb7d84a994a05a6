// SPDX-License-Identifier: Apache-2.0
#include "store/cassandra/servers.h"

#include <utility>

namespace meerkat::cassandra {

Servers::Servers(std::vector<CassandraServer> servers) {
  if (servers.empty()) servers.emplace_back();
  for (CassandraServer& server : servers) all_.push_back({std::move(server), {}, false});
}

std::vector<std::size_t> Servers::order(std::size_t first) const {
  std::vector<std::size_t> places;
  const std::lock_guard lock{mutex_};
  for (const bool is_down : {false, true})
    for (std::size_t i = 0; i < all_.size(); ++i) {
      const std::size_t place = (first + i) % all_.size();
      if (all_[place].is_down == is_down) places.push_back(place);
    }
  return places;
}

void Servers::works(std::size_t place, std::string address) {
  const std::lock_guard lock{mutex_};
  all_[place].address = std::move(address);
  all_[place].is_down = false;
}

void Servers::failed(std::size_t place) {
  const std::lock_guard lock{mutex_};
  all_[place].is_down = true;
}

bool Servers::heard(const Event& event) {
  using enum Event::What;
  const bool goes = event.what == node_down || event.what == node_removed;
  if (!goes && event.what != node_up && event.what != node_new) return false;
  bool is_news = false;
  const std::lock_guard lock{mutex_};
  for (One& one : all_) {
    if (one.server.port != event.port) continue;
    if (one.address != event.address && one.server.host != event.address) continue;
    is_news = is_news || one.is_down != goes;
    one.is_down = goes;
  }
  return is_news;
}

}  // namespace meerkat::cassandra
