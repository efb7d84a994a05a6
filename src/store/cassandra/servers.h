// SPDX-License-Identifier: Apache-2.0
// What the workers of a pool know together about the servers that they may connect to.
#pragma once

#include <cstddef>
#include <cstdint>
#include <mutex>
#include <string>
#include <vector>

#include "store/cassandra/cassandra_options.h"
#include "store/cassandra/responses.h"

namespace meerkat::cassandra {

// Any thread.
class Servers {
 public:
  explicit Servers(std::vector<CassandraServer> servers);

  std::size_t size() const { return all_.size(); }
  const CassandraServer& operator[](std::size_t place) const { return all_[place].server; }
  // In which order to try them: from `first` around, those that are known to be down at the end.
  std::vector<std::size_t> order(std::size_t first) const;
  // Somebody has got through; `address` is where the server really is, by which the events of its cluster name it.
  void works(std::size_t place, std::string address);
  // Nobody should begin with it until somebody has got through to it.
  void failed(std::size_t place);
  // Of all that a cluster tells, the nodes that go and come concern us. True when something is known now that was not.
  bool heard(const Event& event);

 private:
  struct One {
    CassandraServer server;
    std::string address;
    bool is_down = false;
  };

  mutable std::mutex mutex_;
  std::vector<One> all_;  // the servers themselves never change
};

}  // namespace meerkat::cassandra
