// SPDX-License-Identifier: Apache-2.0
// XEP-0030: what a host type says of itself, collected from the modules that start on it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/iq_table.h"

namespace meerkat {

struct DiscoIdentity {
  std::string category, type, name;
};

// Belongs to one host type on one worker. Namespaces of IQ handlers are features without being added here.
class Disco {
 public:
  void add_feature(IqTarget target, const Namespace& ns) { of(target).features.emplace_back(ns.uri); }
  void add_feature(IqTarget target, std::string_view var) { of(target).features.emplace_back(var); }
  void add_identity(IqTarget target, DiscoIdentity identity) { of(target).identities.push_back(std::move(identity)); }

  const std::vector<std::string>& features(IqTarget target) const { return of(target).features; }
  const std::vector<DiscoIdentity>& identities(IqTarget target) const { return of(target).identities; }

 private:
  struct Said {
    std::vector<std::string> features;
    std::vector<DiscoIdentity> identities;
  };
  Said& of(IqTarget target) { return target == IqTarget::account ? account_ : server_; }
  const Said& of(IqTarget target) const { return target == IqTarget::account ? account_ : server_; }

  Said account_, server_;
};

}  // namespace meerkat
