// SPDX-License-Identifier: Apache-2.0
#include "base/random.h"

#include <stdexcept>

#include <openssl/rand.h>

namespace meerkat {

void fill_random(std::span<std::byte> bytes) {
  if (RAND_bytes(reinterpret_cast<unsigned char*>(bytes.data()), static_cast<int>(bytes.size())) != 1)
    throw std::runtime_error("the random generator failed");
}

std::string random_bytes(std::size_t count) {
  std::string bytes(count, '\0');
  fill_random(std::as_writable_bytes(std::span{bytes}));
  return bytes;
}

std::string random_token(std::size_t bits) {
  std::string token = random_bytes((bits + 4) / 5);
  for (char& c : token) c = "abcdefghijklmnopqrstuvwxyz234567"[static_cast<unsigned char>(c) & 31];
  return token;
}

std::uint64_t random_u64() {
  std::uint64_t number = 0;
  fill_random(std::as_writable_bytes(std::span{&number, 1}));
  return number;
}

}  // namespace meerkat
