// SPDX-License-Identifier: Apache-2.0
// Files that change, and certificates that run out.
#include <doctest/doctest.h>

#include "base/test_directory.h"
#include "server/expiry.h"
#include "server/file_watch.h"

using namespace meerkat;

namespace {

using namespace std::chrono_literals;

std::vector<long> days(const std::vector<ExpiryNotice>& notices) {
  std::vector<long> all;
  for (const ExpiryNotice& notice : notices) all.push_back(notice.left.count());
  return all;
}

using Days = std::vector<long>;

}  // namespace

TEST_CASE("a file that was written anew is noticed once, when it has been left alone for a look") {
  const TestDirectory directory;
  FileWatch watch{{directory.write("a", "one"), directory.write("b", "two")}};

  CHECK_FALSE(watch.changed());
  directory.write("b", "three");
  CHECK_FALSE(watch.changed());
  directory.write("b", "three and more");
  CHECK_FALSE(watch.changed());
  CHECK(watch.changed());
  CHECK_FALSE(watch.changed());
}

TEST_CASE("a file that was replaced by another of the same size is noticed, through a link as well") {
  const TestDirectory directory;
  directory.write("old", "123");
  directory.write("new", "456");
  std::filesystem::create_symlink("old", directory / "link");
  FileWatch watch{{directory / "link"}};

  std::filesystem::create_symlink("new", directory / "link2");
  std::filesystem::rename(directory / "link2", directory / "link");

  CHECK_FALSE(watch.changed());
  CHECK(watch.changed());
}

TEST_CASE("a file that is gone is a change, and so is its return") {
  const TestDirectory directory;
  const auto file = directory.write("a", "one");
  FileWatch watch{{file}};

  std::filesystem::remove(file);
  CHECK_FALSE(watch.changed());
  CHECK(watch.changed());
  directory.write("a", "one");
  CHECK_FALSE(watch.changed());
  CHECK(watch.changed());
}

TEST_CASE("a certificate that runs out is told at 30, 14 and 7 days and when it has expired, once each") {
  TurnableClock clock;
  Expiry expiry{clock};
  const std::vector<CertificateFacts> shown{{.file = "a.crt", .not_after = clock.wall() + 24h * 31}};

  Days told;
  for (int hour = 0; hour < 40 * 24; ++hour) {
    for (const long left : days(expiry.due(shown))) told.push_back(left);
    clock.advance(1h);
  }

  CHECK(told == Days{29, 13, 6, -1});
}

TEST_CASE("what is found to expire soon at the start is told once, and its successor anew") {
  TurnableClock clock;
  Expiry expiry{clock};
  std::vector<CertificateFacts> shown{{.file = "a.crt", .not_after = clock.wall() + 24h * 5}};

  CHECK(days(expiry.due(shown)) == Days{5});
  CHECK(days(expiry.due(shown)) == Days{});
  shown[0].not_after += 24h * 5;
  CHECK(days(expiry.due(shown)) == Days{10});
}
