// SPDX-License-Identifier: Apache-2.0
// A module: a feature beside the stream. Its constructor is its start, its destructor its stop.
#pragma once

namespace meerkat {

class HostType;

// A running module: one object per host type and worker, touched by that worker only.
class Module {
 public:
  virtual ~Module() = default;
};

}  // namespace meerkat
