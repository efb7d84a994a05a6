// SPDX-License-Identifier: Apache-2.0
// XEP-0030: what a host type says of itself, collected from the modules that start on it.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/generation.h"
#include "core/iq_table.h"

namespace meerkat {

struct DiscoIdentity {
  std::string category, type, name;
};

// Belongs to one host type on one worker. Namespaces of IQ handlers are features without being added here.
class Disco {
 public:
  void add_feature(IqTarget target, const Namespace& ns) { add_feature(target, ns.uri); }
  void add_feature(IqTarget target, std::string_view var) {
    of(target).features.emplace_back(registrant_, std::string{var});
  }
  void add_identity(IqTarget target, DiscoIdentity identity) {
    of(target).identities.emplace_back(registrant_, std::move(identity));
  }
  // XEP-0128: a data form of the kind "result", with a FORM_TYPE; XML.
  void add_form(IqTarget target, std::string form) { of(target).forms.emplace_back(registrant_, std::move(form)); }

  // The texts are valid until a module comes or goes.
  std::vector<std::string_view> features(IqTarget target) const { return words<std::string_view>(of(target).features); }
  std::vector<DiscoIdentity> identities(IqTarget target) const { return words<DiscoIdentity>(of(target).identities); }
  std::vector<std::string_view> forms(IqTarget target) const { return words<std::string_view>(of(target).forms); }

  // Who says what is added from now on; null: nobody who could be stopped.
  void registrations_are_of(Generation* generation) { registrant_ = generation; }
  void forget(const Generation& generation) {
    for (Said* said : {&account_, &server_}) {
      std::erase_if(said->features, [&](const auto& feature) { return feature.first == &generation; });
      std::erase_if(said->identities, [&](const auto& identity) { return identity.first == &generation; });
      std::erase_if(said->forms, [&](const auto& form) { return form.first == &generation; });
    }
  }

 private:
  template <class T>
  using BySpeaker = std::vector<std::pair<const Generation*, T>>;
  struct Said {
    BySpeaker<std::string> features;
    BySpeaker<DiscoIdentity> identities;
    BySpeaker<std::string> forms;
  };
  template <class As, class T>
  static std::vector<As> words(const BySpeaker<T>& said) {
    std::vector<As> all;
    all.reserve(said.size());
    for (const auto& [who, what] : said) all.emplace_back(what);
    return all;
  }
  Said& of(IqTarget target) { return target == IqTarget::account ? account_ : server_; }
  const Said& of(IqTarget target) const { return target == IqTarget::account ? account_ : server_; }

  Said account_, server_;
  const Generation* registrant_ = nullptr;
};

// Why a question about no node is not answered: bad-request when it is none, item-not-found when it names a node.
std::optional<StanzaError> disco_problem(const IqRequest& request);
// The answer to disco#info: identities, forms, and as features what was added and each namespace that is answered.
// Asked of the tables each time, as modules come and go.
xml::Builder disco_info(const Disco& disco, const IqTable& iqs, IqTarget target);

}  // namespace meerkat
