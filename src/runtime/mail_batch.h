// SPDX-License-Identifier: Apache-2.0
// Mail for workers from a thread that is no worker's, sent together: a worker is woken once for all of it.
#pragma once

#include <utility>
#include <vector>

#include "runtime/mailbox.h"

namespace meerkat {

class Worker;

// While one lives, what its thread posts is kept until it goes. It must not outlive a wait of the thread. On a worker,
// which collects its mail itself, and within another batch it does nothing.
class MailBatch {
 public:
  MailBatch() noexcept;
  ~MailBatch();
  MailBatch(const MailBatch&) = delete;
  MailBatch& operator=(const MailBatch&) = delete;

  // The batch of this thread; null for none.
  static MailBatch* current() noexcept;
  void add(Worker& to, Mail& mail);

 private:
  std::vector<std::pair<Worker*, MailChain>> chains_;
  bool is_current_ = false;
};

}  // namespace meerkat
