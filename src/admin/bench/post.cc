// SPDX-License-Identifier: Apache-2.0
#include "admin/bench/post.h"

#include <charconv>

#include "base/random.h"

namespace meerkat::bench {

Post::Post(Crew& crew, const BenchOptions& options)
    : crew_(crew), options_(options), arrivals_(options.those_measured), run_(random_token(48)) {}

void Post::begin() {
  crew_.hear_with(this);
  to_send_.fetch_add(std::uint64_t{options_.those_measured} * options_.messages, std::memory_order_relaxed);
  send_some();
}

void Post::heard(ClientStream& client, const xml::Element& stanza) {
  const auto type = stanza.attr("type");
  if (stanza.is("iq", ns::client) && type && *type != "get") {
    answered_.store(sent_, std::memory_order_relaxed);
    return send_some();
  }
  if (!stanza.is("message", ns::client)) return;
  if (type && *type == "error") {
    refused_.fetch_add(1, std::memory_order_relaxed);
    return;
  }
  const auto body = stanza.child("body", ns::client);
  std::string storage;
  std::string_view text = body ? body->text_view(storage) : std::string_view{};
  if (!text.starts_with(run_)) return;
  text.remove_prefix(run_.size() + 1);
  std::uint32_t number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  message_came(client.number() - crew_.clients().front().number(), number);
}

void Post::message_came(std::size_t user, std::uint32_t number) {
  Arrivals& arrivals = arrivals_[user];
  const bool in_order = number == arrivals.count();
  if (!arrivals.add(number)) {
    doubled_.fetch_add(1, std::memory_order_relaxed);
    return;
  }
  arrived_.fetch_add(1, std::memory_order_relaxed);
  if (!in_order) out_of_order_.fetch_add(1, std::memory_order_relaxed);
}

void Post::send_some() {
  ClientStream& sender = crew_.clients().back();
  const std::uint64_t all = to_send();
  if (!sender.online() || sent_ == all) return;
  for (std::uint64_t i = 0; i < at_once && sent_ < all; ++i, ++sent_) send(sender);
  std::string& out = sender.out();
  ((out += "<iq type='get' id='p") += std::to_string(sent_)) += "' to='";
  (out += options_.domain) += "'><ping xmlns='urn:xmpp:ping'/></iq>";
  sender.sent_stanza();
}

void Post::send(ClientStream& sender) const {
  std::string& out = sender.out();
  out += "<message to='";
  crew_.clients()[sent_ % options_.those_measured].append_bare_address(out);
  out += "' type='chat' id='m";
  out += std::to_string(sent_);
  out += "'><body>";
  std::string body = run_ + ' ' + std::to_string(sent_ / options_.those_measured) + ' ';
  if (body.size() < options_.body) body.append(options_.body - body.size(), 'x');
  (out += body) += "</body></message>";
  sender.sent_stanza();
}

}  // namespace meerkat::bench
