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

#include "base/clock.h"
#include "base/metrics/registry.h"
#include "core/backend.h"
#include "runtime/task.h"

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

// One function of a store, by the name that the metrics reference gives it. On the worker of its host type, and there
// until the last call has been answered, as a module is.
class BackendCall {
 public:
  BackendCall(const BackendMetrics& metrics, std::string_view function);

  // From its making until its end, whatever way that comes, one call passes.
  class Passing {
   public:
    explicit Passing(const BackendCall& call) : call_(call), began_(call.clock_.steady()) { call.count_.add(); }
    ~Passing() { call_.time_.record(call_.clock_.steady() - began_); }
    Passing(const Passing&) = delete;
    Passing& operator=(const Passing&) = delete;

   private:
    const BackendCall& call_;
    const SteadyTime began_;
  };

  // What the store answers, or throws.
  template <class T>
  Task<T> operator()(Task<T> asked) const {
    const Passing passing{*this};
    co_return co_await asked;
  }

 private:
  const Clock& clock_;
  const metrics::Series series_;
  const metrics::Spiral count_;
  const metrics::Histogram time_;
};

}  // namespace meerkat
