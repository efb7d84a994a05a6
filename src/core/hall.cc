// SPDX-License-Identifier: Apache-2.0
#include "core/hall.h"

#include <algorithm>

#include "store/pool/outgoing_pools.h"

namespace meerkat {

const OutgoingPools& no_outgoing_pools() {
  static const OutgoingPools none;
  return none;
}

HostType& Hall::add_host(std::string name, Accounts& accounts) {
  HostType& host = prepare_host(name, accounts);
  std::vector<std::string> domains{std::move(name)};
  for (const HostType* const served : hosts()) domains.push_back(served->name);
  serve(domains);
  return host;
}

HostType* Hall::ever_host_of(std::string_view domain) const {
  for (const auto& host : hosts_)
    if (host->name == domain) return host.get();
  return nullptr;
}

HostType& Hall::prepare_host(std::string_view name, Accounts& accounts) {
  if (HostType* const known = ever_host_of(name)) return *known;
  HostType& host = *hosts_.emplace_back(std::make_unique<HostType>(*this, std::string{name}, accounts));
  host.number = hosts_.size() - 1;
  return host;
}

void Hall::serve(const std::vector<std::string>& domains) {
  auto list = std::make_unique<Hosts>();
  for (const auto& host : hosts_)
    if (std::ranges::find(domains, host->name) != domains.end()) list->push_back(host.get());
  served_.store(list.get(), std::memory_order_release);
  lists_.push_back(std::move(list));
}

}  // namespace meerkat
