// SPDX-License-Identifier: Apache-2.0
#include "accounts/auth_section.h"

#include <doctest/doctest.h>

#include <filesystem>
#include <string>

#include <fmt/format.h>

#include "base/test_directory.h"
#include "config/toml_reader.h"

using namespace meerkat;

namespace {

struct Reply {
  AuthSettings auth;
  std::string report;
};

// What stands in [auth].
Reply read(std::string_view toml) {
  config::Problems problems;
  const auto root = config::read_toml(toml, "m.toml", problems);
  if (!root) return {{}, problems.report()};
  AuthSettings auth = auth_section().read(&*root, problems);
  return {std::move(auth), problems.report()};
}
std::string report(std::string_view toml) { return read(toml).report; }
bool complains(std::string_view toml, std::string_view of) { return report(toml).contains(of); }

constexpr std::string_view jwt_rest = "algorithm = \"HS256\"\nusername_key = \"sub\"\n";

}  // namespace

TEST_CASE("methods are asked in the order of `methods`, or of their names") {
  using enum AuthMethod;
  using Methods = std::vector<AuthMethod>;
  CHECK(read("[rdbms]\n[internal]\n[dummy]\n").auth.wanted_methods() == Methods{dummy, internal, rdbms});
  CHECK(read("methods = [\"rdbms\", \"dummy\"]\n[rdbms]\n[internal]\n[dummy]\n").auth.wanted_methods() ==
        Methods{rdbms, dummy});
  CHECK(read("").auth.wanted_methods() == Methods{internal});
}

TEST_CASE("the key of tokens is in one place, and can be read") {
  const TestDirectory place;
  const auto key = place.write("jwt.key", "a secret");
  const auto with = [](std::string_view secret) { return fmt::format("[jwt]\nsecret = {}\n{}", secret, jwt_rest); };

  CHECK(report(with("{value = \"0123\"}")) == "");
  CHECK(report(with(fmt::format("{{file = \"{}\"}}", key.string()))) == "");
  CHECK(complains(with("{file = \"/nowhere/jwt.key\"}"), "there is no file"));
  CHECK(complains(with("{env = \"MEERKAT_TEST_NO_SUCH\"}"), "there is no environment variable"));
  CHECK(complains(with("{}"), "give file, env or value"));
  CHECK(complains(with("{value = \"0123\", env = \"HOME\"}"), "in one way only"));
  CHECK(complains(fmt::format("[jwt]\n{}", jwt_rest), "secret"));
  CHECK(complains("[jwt]\nsecret = {value = \"0123\"}\nalgorithm = \"none\"\nusername_key = \"sub\"\n", "algorithm"));
}

TEST_CASE("algorithms are written as MongooseIM does, and as they are called") {
  const auto algorithm = [](std::string_view word) {
    const Reply reply =
        read(fmt::format("[jwt]\nsecret = {{value = \"0123\"}}\nalgorithm = \"{}\"\nusername_key = \"sub\"\n", word));
    REQUIRE(reply.report == "");
    return reply.auth.jwt->algorithm;
  };
  CHECK(algorithm("HS386") == JwtAlgorithm::hs384);
  CHECK(algorithm("HS384") == JwtAlgorithm::hs384);
  CHECK(algorithm("RS386") == JwtAlgorithm::rs384);
  CHECK(algorithm("ES512") == JwtAlgorithm::es512);
}

TEST_CASE("a program must be there, and one that can be run") {
  const TestDirectory place;
  const auto file = place.write("keeper", "#!/bin/sh\n");
  const std::string toml = fmt::format("[external]\nprogram = \"{}\"\ninstances = 2\n", file.string());

  CHECK(complains(toml, "is not the path of a program that can be run"));
  CHECK(complains("[external]\nprogram = \"/nowhere/keeper\"\n", "is not the path of a program that can be run"));
  CHECK(complains("[external]\ninstances = 1\n", "program"));
  std::filesystem::permissions(file, std::filesystem::perms::owner_all);
  CHECK(report(toml) == "");
  CHECK(complains(fmt::format("[external]\nprogram = \"{}\"\ninstances = 0\n", file.string()), "instances"));
}

TEST_CASE("a certificate names somebody in the ways that the operator lists") {
  using enum ExternalName;
  const Reply reply = read(
      "sasl_external = [\"standard\", \"common_name\"]\n[sasl_external_common_name]\nprefix = \"device-\"\n[pki]\n");
  CHECK(reply.report == "");
  const LoginOffer offer = login_offer(reply.auth);
  CHECK(offer.external == std::vector{standard, common_name});
  CHECK(offer.common_name_prefix == "device-");
  CHECK(offer.methods == std::vector{AuthMethod::pki});

  CHECK(complains("sasl_external = [\"auth_id\"]\n[pki]\n", "warning"));
  CHECK(complains("sasl_external = [\"my_module\"]\n[pki]\n", "sasl_external"));
}

TEST_CASE("who mixes methods with keys and without them is told what becomes of SCRAM") {
  const std::string dummy = "[internal]\n[dummy]\n";
  CHECK(complains(dummy, "SCRAM is not offered, for users of \"dummy\" could not log in by it"));
  CHECK_FALSE(login_offer(read(dummy).auth).scram_for_some);
  const std::string listed = "sasl_mechanisms = [\"scram_sha256\", \"plain\"]\n" + dummy;
  CHECK(complains(listed, "users of \"dummy\" cannot log in by SCRAM"));
  CHECK(login_offer(read(listed).auth).scram_for_some);
  CHECK(report("sasl_mechanisms = [\"plain\"]\n" + dummy) == "");
  CHECK(report("[internal]\n[pki]\n") == "");
  CHECK(report("[internal]\n[http]\n") == "");
  CHECK(complains("password.format = \"plain\"\n[internal]\n[http]\n", "users of \"http\""));
  CHECK(report("[dummy]\n") == "");
}
