// SPDX-License-Identifier: Apache-2.0
#include "modules/caps/known_features.h"

namespace meerkat {
namespace {

std::size_t size_of(const ClientFeatures& features) {
  std::size_t bytes = sizeof(ClientFeatures) + features.key().size();
  for (const std::string& feature : features.all()) bytes += sizeof(std::string) + feature.size();
  return bytes;
}

}  // namespace

std::shared_ptr<const ClientFeatures> KnownFeatures::find(std::string_view key) {
  const std::lock_guard guard{lock_};
  const auto found = by_key_.find(key);
  if (found == by_key_.end()) return nullptr;
  order_.splice(order_.begin(), order_, found->second);
  return order_.front();
}

void KnownFeatures::add(std::shared_ptr<const ClientFeatures> features) {
  const std::lock_guard guard{lock_};
  if (by_key_.contains(features->key())) return;
  bytes_ += size_of(*features);
  order_.push_front(std::move(features));
  by_key_.emplace(order_.front()->key(), order_.begin());
  while (order_.size() > most || bytes_ > most_bytes) drop_oldest();
}

std::size_t KnownFeatures::size() const {
  const std::lock_guard guard{lock_};
  return order_.size();
}

void KnownFeatures::drop_oldest() {
  const ClientFeatures& oldest = *order_.back();
  bytes_ -= size_of(oldest);
  by_key_.erase(oldest.key());
  order_.pop_back();
}

}  // namespace meerkat
