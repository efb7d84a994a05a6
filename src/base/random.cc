// SPDX-License-Identifier: Apache-2.0
#include "base/random.h"

#include <stdexcept>

#include <openssl/rand.h>

#include "base/text.h"

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

std::string random_uuid() {
  std::string bytes = random_bytes(16);
  bytes[6] = static_cast<char>((bytes[6] & 0x0f) | 0x40);  // the version
  bytes[8] = static_cast<char>((bytes[8] & 0x3f) | 0x80);  // the variant
  std::string text = hex(bytes);
  for (const std::size_t at : {20, 16, 12, 8}) text.insert(at, 1, '-');
  return text;
}

}  // namespace meerkat
