// SPDX-License-Identifier: Apache-2.0
#include "core/notes.h"

#include <doctest/doctest.h>

namespace meerkat {
namespace {

struct Wanted final : Note {
  int count = 0;
};
struct Alive final : Note {
  Alive() { ++living; }
  ~Alive() override { --living; }
  static inline int living = 0;
};

}  // namespace

TEST_CASE("a note is found by its type, and there is one of each") {
  Notes notes;
  CHECK(notes.find<Wanted>() == nullptr);

  notes.get<Wanted>().count = 7;
  notes.get<Alive>();

  CHECK(notes.get<Wanted>().count == 7);
  CHECK(notes.find<Alive>() != nullptr);
}

TEST_CASE("a note ends when it is dropped, and with what it is a note of") {
  {
    Notes notes;
    notes.get<Alive>();
    notes.get<Wanted>();
    CHECK(notes.drop<Wanted>());
    CHECK_FALSE(notes.drop<Wanted>());
    CHECK(Alive::living == 1);
  }
  CHECK(Alive::living == 0);
}

}  // namespace meerkat
