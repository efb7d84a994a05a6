// SPDX-License-Identifier: Apache-2.0
// From the store to a session.
#include "base/log.h"
#include "core/hall.h"
#include "modules/offline/box.h"
#include "modules/offline/keeper.h"
#include "xml/builder.h"
#include "xmpp/date_time.h"

namespace meerkat {
namespace {

// Rows are read in batches that begin small and grow while what they bring is small.
constexpr std::size_t most_in_batch = 100;
constexpr std::size_t small_batch_bytes = 64 * 1024;
constexpr std::size_t large_batch_bytes = 256 * 1024;

// XEP-0203 §2: one and only one; the one that it came with is the older.
std::string delay_of(const OfflineMessage& message, const xml::Element& packet, std::string_view domain) {
  if (packet.child("delay", ns::delay)) return {};
  const WallTime came{std::chrono::microseconds{message.came}};
  return xml::Builder("delay", ns::delay)
      .attr("from", domain)
      .attr("stamp", date_time(came, Fraction::milliseconds))
      .text("Offline Storage")
      .str();
}

std::optional<Stanza> stanza_of(const OfflineMessage& message, const Jid& user, xml::Parser& parser) {
  const auto index = parser.parse(message.packet, xml::StreamScope::client(), xml::Limits::none());
  const auto from = Jid::parse(message.from);
  if (!index || !from) return std::nullopt;
  const xml::Element packet{*index};
  Stanza stanza{.kind = StanzaKind::message, .from = *from, .to = user};
  if (const auto type = packet.attr("type"))
    stanza.type = stanza_type(StanzaKind::message, type->str()).value_or(StanzaType::normal);
  if (const auto to = packet.attr("to"))
    if (const auto address = Jid::parse(to->str()); address && address->same_bare(user)) stanza.to = *address;
  stanza.body = BodyRef::copy_of(*index, {});
  stanza.extras = delay_of(message, packet, user.domain());
  return stanza;
}

}  // namespace

Task<> OfflineBox::send_some() {
  const std::uint32_t removals = removals_;
  if (freed_) cursor_ = std::min(cursor_, *freed_ - 1);
  freed_.reset();
  may_have_rows_ = false;
  reading_ = true;
  try {
    const std::vector<OfflineMessage> messages = co_await keeper_.store().read_behind(user_, cursor_, batch_);
    worked();
    if (removals == removals_) send(messages);
  } catch (const std::exception& failure) {
    may_have_rows_ = true;
    failed(failure);
  }
  reading_ = false;
  for (const std::uint64_t number : std::exchange(gone_while_reading_, {})) out_.erase(number);
}

void OfflineBox::send(const std::vector<OfflineMessage>& messages) {
  Session* const there = reader();
  if (messages.size() == batch_ || there == nullptr) may_have_rows_ = true;
  if (there == nullptr) return;
  for (const OfflineMessage& message : messages) {
    cursor_ = message.number;
    if (!out_.contains(message.number)) send_one(*there, message);
  }
  if (!may_have_rows_ && !left_some_) there_ = in_flight_;
  adapt_batch(messages);
}

void OfflineBox::send_one(Session& there, const OfflineMessage& message) {
  if (message.useless_from && *message.useless_from <= keeper_.now()) {
    out_.insert(message.number);
    return discard(message.number);
  }
  Hall& hall = keeper_.host().hall;
  auto stanza = stanza_of(message, user_, hall.parser);
  if (!stanza)
    log_error("offline_message_unreadable",
              {{"user", user_.text()}, {"id", message.number}, {"now", "it stays in the table offline_message"}});
  if (!stanza || !there.lets_in(*stanza)) {
    left_some_ = true;
    return;
  }
  const EntryRef entry = hall.log.add(std::move(*stanza));
  entry->keeper = keeper_.shared_from_this();
  entry->kept_as = message.number;
  out_.insert(message.number);
  ++in_flight_;
  hall.router.send(there, entry);
}

void OfflineBox::adapt_batch(const std::vector<OfflineMessage>& messages) {
  std::size_t bytes = 0;
  for (const OfflineMessage& message : messages) bytes += message.packet.size();
  if (bytes > large_batch_bytes) batch_ = std::max<std::size_t>(batch_ / 2, 1);
  if (bytes < small_batch_bytes) batch_ = std::min(batch_ * 2, most_in_batch);
}

}  // namespace meerkat
