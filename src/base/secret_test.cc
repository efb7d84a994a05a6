// SPDX-License-Identifier: Apache-2.0
#include "base/secret.h"

#include <doctest/doctest.h>

#include <string>
#include <utility>

using namespace meerkat;

TEST_CASE("a wiped string is empty, and its room holds nothing of it") {
  std::string secret = secret_text("hunter2");
  const char* const room = secret.data();

  wipe(secret);

  CHECK(secret.empty());
  CHECK(std::string_view{room, secret.capacity()} == std::string(secret.capacity(), '\0'));
}

TEST_CASE("moving even a short secret on leaves no copy behind") {
  std::string secret = secret_text("hunter2");
  const char* const room = secret.data();

  const std::string taken = std::move(secret);

  CHECK(taken == "hunter2");
  CHECK(taken.data() == room);
}

TEST_CASE("a growing and shrinking buffer of secrets keeps its text in order") {
  std::string buffer;
  for (int i = 0; i < 100; ++i) append_secret(buffer, "0123456789");
  CHECK(buffer.size() == 1000);

  drop_secret_front(buffer, 995);

  CHECK(buffer == "56789");
  CHECK(std::string_view{buffer.data() + 5, 995}.find_first_not_of('\0') == std::string_view::npos);
  drop_secret_front(buffer, 5);
  CHECK(buffer.empty());
}

TEST_CASE("a secret is wiped when its block is left by an exception") {
  std::string secret = secret_text("hunter2");
  try {
    const WipedAtEnd wiped{secret};
    throw 1;
  } catch (int) {
    CHECK(secret.empty());
  }
}
