// SPDX-License-Identifier: Apache-2.0
// The domains that modules serve on one worker (service.h).
#pragma once

#include <string_view>
#include <unordered_map>
#include <vector>

namespace meerkat {

class Generation;
class HostType;
class Service;

// Part of the hall of one worker.
class Services {
 public:
  // Null when no module serves the domain (prepared).
  Service* find(std::string_view domain) const {
    if (by_domain_.empty()) return nullptr;
    const auto found = by_domain_.find(domain);
    return found == by_domain_.end() ? nullptr : found->second.service;
  }
  // Those of a host type, by their domains in order.
  std::vector<const Service*> of(const HostType& host) const;

  // Who makes what is added from now on; null: nobody who could be stopped.
  void registrations_are_of(Generation* generation) { registrant_ = generation; }
  Generation* registrant() const { return registrant_; }
  void forget(const Generation& generation);

 private:
  friend class Service;
  struct Entry {
    Service* service;
    const Generation* module;
  };

  void add(Service& service);
  void remove(const Service& service);

  std::unordered_map<std::string_view, Entry> by_domain_;  // the text is the service's own
  Generation* registrant_ = nullptr;
};

}  // namespace meerkat
