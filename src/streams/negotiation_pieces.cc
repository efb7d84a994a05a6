// SPDX-License-Identifier: Apache-2.0
// The pieces of a stream as a negotiation takes them, one when it is asked for; and what is kept while the next has not
// come, because strangers come in thousands.
#include <utility>

#include "base/secret.h"
#include "core/hall.h"
#include "streams/c2s_service.h"
#include "streams/c2s_stream.h"
#include "streams/negotiation.h"
#include "streams/stream_problems.h"

namespace meerkat {
namespace {

// What a stranger may have sent ahead before we stop reading for a while.
constexpr std::size_t most_unread = 64 * 1024;

// Of a release build, coroutines included: before and behind the header, and what an exchange of SASL adds.
constexpr std::size_t weight_of_silent = 700, weight_of_opened = 950, weight_of_exchange = 1500;

}  // namespace

void Negotiation::feed(std::string_view bytes) {
  append_secret(unread_, bytes);
  // Strangers send passwords.
  hall().worker.buffers().hold_secret();
  if (waiting_ && take_piece()) return std::exchange(waiting_, {}).resume();
  stream_.weigh();
  if (unread_.size() > most_unread && !waiting_) stream_.connection_.pause_reading();
}

void Negotiation::peer_gone() {
  if (waiting_) std::exchange(waiting_, {}).resume();
}

void Negotiation::wait(std::coroutine_handle<> waiting) {
  waiting_ = waiting;
  let_go_of_piece();
  stream_.weigh();
  if (!stream_.connection_.reading()) stream_.connection_.resume_reading();
}

// Nobody looks at the last piece any more, and the next may not come for long.
void Negotiation::let_go_of_piece() {
  wipe(piece_);
  std::string{}.swap(piece_);
  if (unread_.empty()) std::string{}.swap(unread_);
  parser_ = {};
  index_ = {};
}

// What the header declared, or its `from`, may be as long as the header.
std::size_t Negotiation::weight() const {
  return unread_.capacity() + piece_.capacity() + (opened_ ? weight_of_opened : weight_of_silent) +
         (stream_.own_scope_ || claimed_from_ ? header_size_ + header_size_ / 4 : 0) +
         (exchanging_ ? weight_of_exchange : 0);
}

// Takes the next piece off the unread bytes; false when it has not come as a whole.
bool Negotiation::take_piece() {
  for (;;) {
    if (scanned_ == unread_.size()) return false;
    const std::string_view fresh = std::string_view{unread_}.substr(scanned_);
    found_ = stream_.splitter_.next(fresh, limits());
    scanned_ += found_.consumed;
    if (!user_) bytes_taken_ += found_.consumed;
    if (!user_ && bytes_taken_ > hall().limits->login_bytes()) return true;
    if (found_.found == xml::Splitter::Found::more) {
      if (opened_) refuse_second_header(unread_);
      return false;
    }
    wipe(piece_);
    append_secret(piece_, std::string_view{unread_}.substr(0, scanned_));
    drop_secret_front(unread_, scanned_);
    scanned_ = 0;
    if (found_.found != xml::Splitter::Found::space) return true;
  }
}

void Negotiation::check_piece() {
  if (is_gone()) throw Gone{};
  if (!user_ && bytes_taken_ > hall().limits->login_bytes()) {
    hall().limits->refusals.count(Refusal::login_bytes);
    throw StreamError::policy_violation("too many bytes before login");
  }
  give_time();
  if (found_.found == xml::Splitter::Found::problem) throw stream_error_of(found_.problem);
}

}  // namespace meerkat
