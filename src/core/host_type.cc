// SPDX-License-Identifier: Apache-2.0
#include "core/host_type.h"

#include <algorithm>

#include "base/check.h"
#include "core/hall.h"
#include "core/host_counts.h"
#include "core/module_entry.h"

namespace meerkat {

void Generation::all_have_left() noexcept {
  if (stopped_) host_.has_left(*this);
}

HostType::HostType(Hall& hall, std::string name, Accounts& accounts)
    : hall(hall),
      name(std::move(name)),
      accounts(accounts),
      counts(std::make_unique<const HostCounts>(*this)),
      iqs(hall.workers.size()) {}

HostType::~HostType() = default;

void HostType::start_module(std::string_view module, const Start& start) {
  check(!has_module(module), "a module runs once per host type");
  const std::unique_ptr<Generation>& generation = modules_.emplace_back(std::make_unique<Generation>(*this, module));
  registers(generation.get());
  try {
    generation->module_ = start(*this);
  } catch (...) {
    registers(nullptr);
    forget(*generation);
    modules_.pop_back();
    throw;
  }
  registers(nullptr);
}

void HostType::start_module(const ConfiguredModule& module) {
  start_module(module.name(), [&](HostType& here) { return module.start(here); });
}

bool HostType::stop_module(std::string_view module) {
  const auto found = std::ranges::find(modules_, module, [](const auto& generation) { return generation->name(); });
  if (found == modules_.end()) return false;
  std::unique_ptr<Generation> generation = std::move(*found);
  modules_.erase(found);
  forget(*generation);
  generation->stopped_ = true;
  // A handler of it may be what runs now, so it goes at the end of the turn.
  if (generation->visits_ == 0)
    hall.worker.bury(std::move(generation));
  else
    leaving_.push_back(std::move(generation));
  return true;
}

bool HostType::has_module(std::string_view module) const {
  return std::ranges::any_of(modules_, [&](const auto& generation) { return generation->name() == module; });
}

void HostType::has_left(const Generation& generation) noexcept {
  const auto found = std::ranges::find(leaving_, &generation, [](const auto& owned) { return owned.get(); });
  if (found == leaving_.end()) return;
  hall.worker.bury(std::move(*found));
  leaving_.erase(found);
}

void HostType::registers(Generation* generation) {
  ++module_changes_;
  hooks.registrations_are_of(generation);
  iqs.registrations_are_of(generation);
  disco.registrations_are_of(generation);
  hall.services.registrations_are_of(generation);
  commands.registrations_are_of(generation);
}

void HostType::forget(const Generation& generation) {
  ++module_changes_;
  hooks.forget(generation);
  iqs.forget(generation);
  disco.forget(generation);
  hall.services.forget(generation);
  commands.forget(generation);
}

}  // namespace meerkat
