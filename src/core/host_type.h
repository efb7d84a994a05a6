// SPDX-License-Identifier: Apache-2.0
// A host type: one configuration of modules and accounts, on one worker. Every worker has its own copy, so its tables
// need no locks; what must be one for all (accounts, stores) is behind references.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "core/access.h"
#include "core/accounts.h"
#include "core/adhoc_commands.h"
#include "core/disco.h"
#include "core/generation.h"
#include "core/hook.h"
#include "core/iq_table.h"
#include "core/login_offer.h"
#include "core/module.h"
#include "core/notes.h"

namespace meerkat {

class Hall;
class ConfiguredModule;
class HostCounts;
struct StreamManagementOptions;

// Lives as long as its worker's hall; used on that worker only.
class HostType {
 public:
  HostType(Hall& hall, std::string name, Accounts& accounts);
  ~HostType();
  HostType(const HostType&) = delete;
  HostType& operator=(const HostType&) = delete;

  Hall& hall;
  const std::string name;
  std::size_t number = 0;  // the same on all workers; given by the hall
  Accounts& accounts;
  const std::unique_ptr<const HostCounts> counts;  // for metrics
  Hooks hooks;
  IqTable iqs;
  Disco disco;
  AdHocCommands commands;
  // Who may do what. Never null; another configuration puts others in its place, on this worker.
  std::shared_ptr<const AccessRules> access = std::make_shared<const AccessRules>();
  LoginOffer login;
  // XEP-0198, for streams that enable it from now on; null: not offered. Set by mod_stream_management.
  std::shared_ptr<const StreamManagementOptions> stream_management;
  Notes notes;  // of modules: what outlives their being started anew

  using Start = std::function<std::unique_ptr<Module>(HostType& host)>;
  // What the module registers while it starts is its own, until it is stopped. Throws what its constructor throws;
  // nothing of it is left then. `module` is its name in the list of modules, and outlives the host type.
  void start_module(std::string_view module, const Start& start);
  // The same with the options of the configuration.
  void start_module(const ConfiguredModule& module);
  // From now on it is asked nothing. It is destroyed when all who wait inside have left, at the end of this turn at the
  // earliest. False when no such module runs.
  bool stop_module(std::string_view module);
  bool has_module(std::string_view module) const;
  // How often one came or went: who puts something together from what all have said does so anew when it is another
  // number.
  std::uint64_t module_changes() const { return module_changes_; }
  // Those that were stopped while somebody was inside.
  std::size_t modules_leaving() const { return leaving_.size(); }

  template <class Event>
  Answer<Verdict> run(Event& event) {
    return hooks.run(event);
  }

 private:
  friend class Generation;

  void registers(Generation* generation);
  void forget(const Generation& generation);
  void has_left(const Generation& generation) noexcept;

  std::vector<std::unique_ptr<Generation>> modules_;
  std::vector<std::unique_ptr<Generation>> leaving_;
  std::uint64_t module_changes_ = 0;
};

}  // namespace meerkat
