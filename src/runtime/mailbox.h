// SPDX-License-Identifier: Apache-2.0
// Many writers, one reader, no locks: an intrusive stack that is taken whole and read in the order of arrival.
#pragma once

#include <atomic>
#include <cstdint>

namespace meerkat {

class Worker;

// What is handed from one thread to another. `open` runs on the receiving worker and owns the mail from then on.
struct Mail {
  Mail* next = nullptr;
  void (*open)(Mail* self, Worker& here) noexcept = nullptr;
};

// A list of mails in order of posting; belongs to one thread.
struct MailChain {
  Mail* first = nullptr;
  Mail* last = nullptr;
  std::uint32_t count = 0;

  bool empty() const { return first == nullptr; }
  void append(Mail& mail) {
    mail.next = nullptr;
    (last != nullptr ? last->next : first) = &mail;
    last = &mail;
    ++count;
  }
};

class Mailbox {
 public:
  // Any thread. The chain must not be empty. True when the box was empty before: the reader may need to be woken.
  bool push(const MailChain& chain) {
    posted_.fetch_add(chain.count, std::memory_order_relaxed);
    // The stack grows at its head, so the chain goes in reversed and comes out in order.
    Mail* reversed = nullptr;
    for (Mail* mail = chain.first; mail != nullptr;) {
      Mail* const next = mail->next;
      mail->next = reversed;
      reversed = mail;
      mail = next;
    }
    Mail* old = head_.load(std::memory_order_relaxed);
    do {
      chain.first->next = old;
    } while (!head_.compare_exchange_weak(old, reversed, std::memory_order_seq_cst, std::memory_order_relaxed));
    return old == nullptr;
  }

  // Any thread: how many were ever pushed.
  std::uint64_t posted() const { return posted_.load(std::memory_order_relaxed); }

  bool empty() const { return head_.load(std::memory_order_seq_cst) == nullptr; }

  // The reader only: everything that has arrived, oldest first.
  Mail* take_all() {
    Mail* mail = head_.exchange(nullptr, std::memory_order_acquire);
    Mail* oldest = nullptr;
    while (mail != nullptr) {
      Mail* const next = mail->next;
      mail->next = oldest;
      oldest = mail;
      mail = next;
    }
    return oldest;
  }

 private:
  std::atomic<Mail*> head_{nullptr};
  std::atomic<std::uint64_t> posted_{0};
};

}  // namespace meerkat
