// SPDX-License-Identifier: Apache-2.0
// A host type: one configuration of modules and accounts, on one worker. Every worker has its own copy, so its tables
// need no locks; what must be one for all (accounts, stores) is behind references.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "core/accounts.h"
#include "core/disco.h"
#include "core/hook.h"
#include "core/iq_table.h"
#include "core/module.h"

namespace meerkat {

class Hall;

// Lives as long as its worker's hall; used on that worker only.
class HostType {
 public:
  HostType(Hall& hall, std::string name, Accounts& accounts) : hall(hall), name(std::move(name)), accounts(accounts) {}
  HostType(const HostType&) = delete;
  HostType& operator=(const HostType&) = delete;

  Hall& hall;
  const std::string name;
  Accounts& accounts;
  Hooks hooks;
  IqTable iqs;
  Disco disco;

  void start_module(std::unique_ptr<Module> module) { modules_.push_back(std::move(module)); }
  template <class Event>
  Answer<Verdict> run(Event& event) {
    return hooks.run(event);
  }

 private:
  std::vector<std::unique_ptr<Module>> modules_;
};

}  // namespace meerkat
