// SPDX-License-Identifier: Apache-2.0
#include "modules/privacy/measured_store.h"

#include <utility>

namespace meerkat {
namespace {

// Functions are named as the metrics reference has them.
class MeasuredStore final : public PrivacyStore {
 public:
  MeasuredStore(std::unique_ptr<PrivacyStore> store, const BackendMetrics& metrics)
      : store_(std::move(store)),
        get_default_list_(metrics, "get_default_list"),
        get_privacy_list_(metrics, "get_privacy_list"),
        get_list_names_(metrics, "get_list_names"),
        replace_privacy_list_(metrics, "replace_privacy_list"),
        remove_privacy_list_(metrics, "remove_privacy_list"),
        set_default_list_(metrics, "set_default_list"),
        forget_default_list_(metrics, "forget_default_list") {}

  Task<std::optional<RuleList>> default_list(Jid user) override {
    return get_default_list_(store_->default_list(std::move(user)));
  }
  Task<std::optional<RuleList>> list(Jid user, std::string name) override {
    return get_privacy_list_(store_->list(std::move(user), std::move(name)));
  }
  Task<std::vector<std::string>> names(Jid user) override { return get_list_names_(store_->names(std::move(user))); }
  Task<> write(Jid user, RuleList list, Default becomes) override {
    return replace_privacy_list_(store_->write(std::move(user), std::move(list), becomes));
  }
  Task<> remove(Jid user, std::string name) override {
    return remove_privacy_list_(store_->remove(std::move(user), std::move(name)));
  }
  Task<> set_default(Jid user, std::optional<std::string> name) override {
    const BackendCall& call = name ? set_default_list_ : forget_default_list_;
    return call(store_->set_default(std::move(user), std::move(name)));
  }
  Task<bool> knows(Jid user) override { return store_->knows(std::move(user)); }
  Task<> forget(Jid user) override { return store_->forget(std::move(user)); }

 private:
  const std::unique_ptr<PrivacyStore> store_;
  const BackendCall get_default_list_;
  const BackendCall get_privacy_list_;
  const BackendCall get_list_names_;
  const BackendCall replace_privacy_list_;
  const BackendCall remove_privacy_list_;
  const BackendCall set_default_list_;
  const BackendCall forget_default_list_;
};

}  // namespace

std::unique_ptr<PrivacyStore> measured(std::unique_ptr<PrivacyStore> store, const BackendMetrics& metrics) {
  return std::make_unique<MeasuredStore>(std::move(store), metrics);
}

}  // namespace meerkat
