// SPDX-License-Identifier: Apache-2.0
#include "runtime/mail_batch.h"

#include <algorithm>

#include "runtime/worker.h"

namespace meerkat {
namespace {

thread_local MailBatch* this_batch = nullptr;

}  // namespace

MailBatch::MailBatch() noexcept : is_current_(this_batch == nullptr && Worker::current() == nullptr) {
  if (is_current_) this_batch = this;
}

MailBatch::~MailBatch() {
  if (!is_current_) return;
  this_batch = nullptr;
  for (const auto& [to, chain] : chains_) to->push(chain);
}

MailBatch* MailBatch::current() noexcept { return this_batch; }

void MailBatch::add(Worker& to, Mail& mail) {
  auto mine = std::ranges::find(chains_, &to, &std::pair<Worker*, MailChain>::first);
  if (mine == chains_.end()) mine = chains_.emplace(mine, &to, MailChain{});
  mine->second.append(mail);
}

}  // namespace meerkat
