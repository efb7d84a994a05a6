// SPDX-License-Identifier: Apache-2.0
#include "admin/private_socket.h"
#include "base/test_directory.h"

#include <doctest/doctest.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstring>
#include <fstream>

#include "store/sql/test_house.h"

using namespace meerkat;
using meerkat::admin::PrivateSocket;

namespace {

bool connects(const std::filesystem::path& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::strncpy(address.sun_path, path.c_str(), sizeof address.sun_path - 1);
  const int descriptor = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const bool connected = ::connect(descriptor, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
  ::close(descriptor);
  return connected;
}

}  // namespace

TEST_CASE("a private socket is its owner's alone, and goes with its server") {
  const TestDirectory directory;
  const auto path = directory.path() / "admin.sock";
  {
    const auto socket = PrivateSocket::open(path);
    REQUIRE_MESSAGE(socket.has_value(), socket.error());
    struct stat status{};
    REQUIRE(::stat(path.c_str(), &status) == 0);
    CHECK(S_ISSOCK(status.st_mode));
    CHECK((status.st_mode & 0777) == 0600);
    CHECK(connects(path));
  }
  CHECK_FALSE(std::filesystem::exists(path));
}

TEST_CASE("the socket of a living server is not taken, that of a dead one is") {
  const TestDirectory directory;
  const auto path = directory.path() / "admin.sock";
  {
    const auto living = PrivateSocket::open(path);
    REQUIRE(living.has_value());

    const auto second = PrivateSocket::open(path);

    REQUIRE_FALSE(second.has_value());
    CHECK(second.error().find("another server has it") != std::string::npos);
    CHECK(connects(path));
  }
  // A server that was killed leaves its file.
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::strncpy(address.sun_path, path.c_str(), sizeof address.sun_path - 1);
  const int dead = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  REQUIRE(::bind(dead, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
  ::close(dead);
  CHECK_FALSE(connects(path));

  const auto next = PrivateSocket::open(path);

  REQUIRE(next.has_value());
  CHECK(connects(path));
}

TEST_CASE("a file that is no socket is left alone, and a path that is too long is told") {
  const TestDirectory directory;
  const auto path = directory.path() / "admin.sock";
  std::ofstream{path} << "precious";

  CHECK_FALSE(PrivateSocket::open(path).has_value());
  CHECK(std::filesystem::file_size(path) == 8);
  const auto long_path = PrivateSocket::open(directory.path() / std::string(120, 'x'));
  REQUIRE_FALSE(long_path.has_value());
  CHECK(long_path.error().find("longer than") != std::string::npos);
  CHECK_FALSE(PrivateSocket::open(directory.path() / "missing" / "admin.sock").has_value());
}
