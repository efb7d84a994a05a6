// SPDX-License-Identifier: Apache-2.0
#include "base/secret.h"

#include <algorithm>

#include <openssl/crypto.h>

namespace meerkat {
namespace {

constexpr std::size_t beyond_inline_room = 64;  // strings of the library keep fewer bytes in themselves

}  // namespace

void wipe(void* bytes, std::size_t count) noexcept { OPENSSL_cleanse(bytes, count); }

void wipe(std::string& secret) noexcept {
  wipe(secret.data(), secret.capacity());
  secret.clear();
}

std::string secret_text(std::string_view secret) {
  std::string text;
  text.reserve(std::max(secret.size(), beyond_inline_room));
  text = secret;
  return text;
}

void append_secret(std::string& to, std::string_view more) {
  if (to.size() + more.size() > to.capacity()) {
    std::string larger;
    larger.reserve(std::max({to.size() + more.size(), 2 * to.capacity(), beyond_inline_room}));
    larger = to;
    wipe(to);
    to = std::move(larger);
  }
  to += more;
}

void drop_secret_front(std::string& from, std::size_t count) noexcept {
  const std::size_t before = from.size();
  from.erase(0, count);
  from.append(before - from.size(), '\0');  // writes over the tail, where the last bytes stood before
  from.resize(before - std::min(count, before));
}

}  // namespace meerkat
