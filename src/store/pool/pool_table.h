// SPDX-License-Identifier: Apache-2.0
// The pools of one kind, by host type and tag.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace meerkat {

// Filled at the start, then only read: any thread. `Client` is what modules use: sql::Database, redis::Client, …
template <class Client>
class PoolTable {
 public:
  // `host_type` is empty for the pool that all share.
  void add(std::string host_type, std::string tag, std::shared_ptr<Client> client) {
    clients_.insert_or_assign({std::move(host_type), std::move(tag)}, std::move(client));
  }
  // The pool of the host type, or else the one that all share; null when there is neither.
  Client* find(std::string_view host_type, std::string_view tag = "default") const {
    for (const std::string_view owner : {host_type, std::string_view{}}) {
      const auto found = clients_.find(std::pair{std::string{owner}, std::string{tag}});
      if (found != clients_.end()) return found->second.get();
    }
    return nullptr;
  }

 private:
  std::map<std::pair<std::string, std::string>, std::shared_ptr<Client>> clients_;
};

}  // namespace meerkat
