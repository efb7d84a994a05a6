// SPDX-License-Identifier: Apache-2.0
// How often a module asks its store, and how long the answers take: `mod_private_rdbms_count` and `…_time`, with the
// labels `function` and `host_type`. One word where the store is asked:
//
//   struct PrivateCalls {
//     explicit PrivateCalls(const BackendMetrics& metrics) : multi_get_data(metrics, "multi_get_data") {}
//     BackendCall multi_get_data;
//   };
//   PrivateCalls calls_{{host, "mod_private", options.backend}};
//   const auto kept = co_await calls_.multi_get_data(store_->find(user, uri));
#pragma once

#include <string>
#include <string_view>

#include "core/backend.h"
#include "core/timed_call.h"

namespace meerkat {

// As MongooseIM's dashboards know it: what is embedded here has the place of Mnesia there.
std::string_view metric_name(Backend backend);

// The store of a module and a host type; for making its calls, and not kept.
class BackendMetrics {
 public:
  BackendMetrics(const HostType& host, std::string_view module, Backend backend)
      : BackendMetrics(host, module, metric_name(backend)) {}
  // Where a module has other backends.
  BackendMetrics(const HostType& host, std::string_view module, std::string_view backend);

 private:
  friend class BackendCall;
  std::string event_;
  const HostType& host_;
};

// One function of a store, by the name that the metrics reference gives it.
class BackendCall final : public TimedCall {
 public:
  BackendCall(const BackendMetrics& metrics, std::string_view function);
};

}  // namespace meerkat
