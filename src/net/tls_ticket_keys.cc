// SPDX-License-Identifier: Apache-2.0
#include "net/tls_ticket_keys.h"

#include "base/random.h"

#include <span>

#include <openssl/crypto.h>

namespace meerkat {
namespace {

TlsTicketKeys::Key draw(SteadyTime now) {
  TlsTicketKeys::Key key;
  fill_random(std::as_writable_bytes(std::span{key.name}));
  fill_random(std::as_writable_bytes(std::span{key.cipher}));
  fill_random(std::as_writable_bytes(std::span{key.mac}));
  key.made = now;
  return key;
}

}  // namespace

TlsTicketKeys::Key::~Key() {
  OPENSSL_cleanse(cipher.data(), cipher.size());
  OPENSSL_cleanse(mac.data(), mac.size());
}

TlsTicketKeys::TlsTicketKeys(const Clock& clock) : clock_(clock), current_(draw(clock.steady())) {}

TlsTicketKeys::Key TlsTicketKeys::current() {
  const std::scoped_lock lock{mutex_};
  rotate_when_old();
  return current_;
}

std::optional<TlsTicketKeys::Found> TlsTicketKeys::find(const std::array<unsigned char, 16>& name) {
  const std::scoped_lock lock{mutex_};
  rotate_when_old();
  if (current_.name == name) return Found{current_, true};
  if (previous_ && previous_->name == name) return Found{*previous_, false};
  return std::nullopt;
}

void TlsTicketKeys::rotate_when_old() {
  const SteadyTime now = clock_.steady();
  if (now - current_.made < lifetime) return;
  const bool long_ago = now - current_.made >= 2 * lifetime;
  if (long_ago) previous_.reset();
  if (!long_ago) previous_ = current_;
  current_ = draw(now);
}

}  // namespace meerkat
