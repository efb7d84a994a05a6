// SPDX-License-Identifier: Apache-2.0
// What an account is to be sent before anything that comes for it now: what was kept while nobody was there (XEP-0160).
#pragma once

#include "core/delivery_log.h"

namespace meerkat {

// At the home of its account, which it does not own; `Account::backlog` refers to it while there is something to send.
class Backlog {
 public:
  // Something new came: it goes on its way (Router::go_on) behind what waits already.
  virtual void stands_in_line(EntryRef entry) = 0;

 protected:
  ~Backlog() = default;
};

}  // namespace meerkat
