// SPDX-License-Identifier: Apache-2.0
// What the host types of every worker become: at the start, and when the configuration changes.
#pragma once

#include <expected>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/hall.h"
#include "server/configuration.h"
#include "server/store.h"

namespace meerkat {

// Three steps, in this order, each on all workers before the next begins. Each on the worker of the hall, or before the
// workers run. The configurations outlive it.
class HostChange {
 public:
  // `before` is null at the start. The error says what to do.
  static std::expected<HostChange, std::string> make(const Configuration* before, const Configuration& after,
                                                     Store& store);

  // Host types are made and their modules started; changed modules are stopped and started anew, the others go on.
  void prepare(Hall& hall) const;
  // From now on stanzas find those that are configured, and no others.
  void serve(Hall& hall) const { hall.serve(domains_); }
  // Sessions of those that are gone end with host-gone (RFC 6120 §4.9.3.7), and their modules are stopped.
  void clear_away(Hall& hall) const;

  const std::vector<std::string>& domains() const { return domains_; }

 private:
  struct OneHost {
    Accounts* accounts = nullptr;
    LoginOffer login;
    std::shared_ptr<const AccessRules> access;
    std::vector<std::string_view> stops;
    std::vector<const ConfiguredModule*> starts;
  };
  static OneHost one_host(const HostConfiguration* before, const HostConfiguration& after);

  std::vector<std::string> domains_;                           // that are served, in the order of the file
  std::map<std::string, OneHost> hosts_;                       // by domain
  std::map<std::string, std::vector<std::string_view>> gone_;  // their modules, by domain
};

}  // namespace meerkat
