// SPDX-License-Identifier: Apache-2.0
// Whole configuration files: what they become, or exactly what is said of them.
#include "server/settings.h"

#include <doctest/doctest.h>

#include <filesystem>

#include "config/toml_reader.h"
#include "server/all_modules.h"
#include "server/read_settings.h"

using namespace meerkat;

namespace {

std::filesystem::path conf(std::string_view name) {
  return std::filesystem::path{__FILE__}.parent_path() / ".." / ".." / "conf" / name;
}

struct Reply {
  Settings settings;
  std::size_t modules = 0;
  std::string report;
};

// As `meerkat serve` reads it, with everything that is wrong at once.
Reply read(std::string_view toml) {
  config::Problems problems;
  const auto root = config::read_toml(toml, "meerkat.toml", problems);
  if (!root) return {{}, 0, problems.report()};
  Reply reply{settings_section().read(&*root, problems), 0, {}};
  reply.modules = configured_modules(reply.settings.modules, surroundings_of(reply.settings), problems).size();
  reply.report = problems.report();
  return reply;
}

constexpr std::string_view general = R"([general]
hosts = ["localhost"]
default_server_domain = "localhost"
)";
std::string report(std::string_view toml) { return read(std::string{general} + std::string{toml}).report; }
AuthSettings auth(std::string_view toml) { return read(std::string{general} + std::string{toml}).settings.auth; }

}  // namespace

TEST_CASE("the configuration of the quick start has no problems, and starts its modules") {
  config::Problems problems;

  const auto settings = read_settings(conf("quickstart.toml"), problems);

  REQUIRE(settings.has_value());
  const auto modules = configured_modules(settings->modules, surroundings_of(*settings), problems);
  CHECK(problems.report() == "");
  CHECK(modules.size() == 5);
  CHECK(settings->general.hosts == std::vector<std::string>{"localhost"});
  REQUIRE(settings->listen.c2s.size() == 2);
  CHECK(settings->listen.c2s[1].tls->mode == TlsMode::tls);
  CHECK(surroundings_of(*settings).registration_timeout.is_infinite());
}

TEST_CASE("the example that the server prints can be read") {
  config::Problems problems;
  const auto root = config::read_toml(configuration_example(), "example.toml", problems);

  REQUIRE(root.has_value());
  CHECK(problems.report() == "");
}

TEST_CASE("every module is listed once, in the reference and in the example") {
  const std::string reference = configuration_reference();
  for (const ModuleEntry& module : all_modules()) {
    const std::string name = "modules." + std::string{module.name};
    CHECK(reference.find(name) != std::string::npos);
    CHECK(configuration_example().find(name) != std::string::npos);
  }
}

TEST_CASE("an unknown module gets its place and a suggestion") {
  CHECK(report("[modules.mod_pign]\n") ==
        "meerkat.toml:4:10: modules.mod_pign: there is no such module — did you mean \"mod_ping\"?\n"
        "1 problem; nothing was started.\n");
  CHECK(report("[modules.mod_of_nobody_s_dreams]\n") ==
        "meerkat.toml:4:10: modules.mod_of_nobody_s_dreams: there is no such module\n"
        "1 problem; nothing was started.\n");
}

TEST_CASE("modules that are no tables are refused") {
  CHECK(report("[modules]\nmod_ping = true\n") ==
        "meerkat.toml:5:12: modules.mod_ping: expected a table, found true or false\n"
        "1 problem; nothing was started.\n");
  CHECK(read("modules = true\n" + std::string{general}).report ==
        "meerkat.toml:1:11: modules: modules are tables, such as [modules.mod_ping]\n"
        "1 problem; nothing was started.\n");
}

TEST_CASE("a server without domains is refused, and told what is missing") {
  CHECK(read("[general]\nloglevel = \"info\"\n").report ==
        "meerkat.toml:1:1: general.hosts: must be given — for example: hosts = [\"example.org\"]\n"
        "meerkat.toml:1:1: general.default_server_domain: must be given — for example: default_server_domain = "
        "\"example.org\"\n"
        "2 problems; nothing was started.\n");
  CHECK(read("").report ==
        "meerkat.toml:1:1: general: must be given — write [general]\n"
        "1 problem; nothing was started.\n");
  CHECK(read("[general]\nhosts = []\ndefault_server_domain = \"a@b\"\n").report ==
        "meerkat.toml:2:9: general.hosts: must not be empty\n"
        "meerkat.toml:3:25: general.default_server_domain: \"a@b\" is not a domain\n"
        "2 problems; nothing was started.\n");
}

TEST_CASE("a domain that is none, or that is there twice, is refused") {
  CHECK(read("[general]\nhosts = [\"a b\"]\ndefault_server_domain = \"d\"\n").report ==
        "meerkat.toml:2:10: general.hosts[0]: \"a b\" is not a domain\n"
        "1 problem; nothing was started.\n");
  CHECK(read("[general]\nhosts = [\"a\", \"a\"]\ndefault_server_domain = \"d\"\n").report ==
        "meerkat.toml:2:15: general.hosts: \"a\" is given twice\n"
        "1 problem; nothing was started.\n");
}

TEST_CASE("a certificate without its key is refused, and so is a key without its certificate") {
  const std::string file = conf("quickstart.toml").string();
  const std::string listener = "[[listen.c2s]]\nport = 5222\n";

  CHECK(report(listener + "tls.certfile = \"" + file + "\"\n") ==
        "meerkat.toml:6:5: listen.c2s[0].tls.certfile: a certificate needs its keyfile\n"
        "1 problem; nothing was started.\n");
  CHECK(report(listener + "tls.keyfile = \"" + file + "\"\n") ==
        "meerkat.toml:6:5: listen.c2s[0].tls.keyfile: a key needs its certfile\n"
        "1 problem; nothing was started.\n");
}

TEST_CASE("a certificate that is not there is refused before anything starts") {
  CHECK(report("[[listen.c2s]]\nport = 5222\ntls.certfile = \"/nowhere/a.crt\"\ntls.keyfile = \"/nowhere/a.key\"\n") ==
        "meerkat.toml:6:16: listen.c2s[0].tls.certfile: there is no file \"/nowhere/a.crt\"\n"
        "meerkat.toml:7:15: listen.c2s[0].tls.keyfile: there is no file \"/nowhere/a.key\"\n"
        "2 problems; nothing was started.\n");
}

TEST_CASE("a listener needs a port, and its mistakes have their place") {
  CHECK(report("[[listen.c2s]]\nip_address = \"127.0.0.1\"\nmax_stanza_size = 100\n") ==
        "meerkat.toml:4:1: listen.c2s[0].port: must be given — for example: port = 5222\n"
        "meerkat.toml:6:19: listen.c2s[0].max_stanza_size: must be at least 10000, found 100\n"
        "2 problems; nothing was started.\n");
}

TEST_CASE("without a list all mechanisms may be offered, most preferred first") {
  CHECK(mechanisms_of(auth("[auth.internal]\n")) ==
        std::vector<SaslMechanism>{all_sasl_mechanisms.begin(), all_sasl_mechanisms.end()});
}

TEST_CASE("mechanisms are listed in MongooseIM's words, and offered in the operator's order") {
  using enum SaslMechanism;
  CHECK(mechanisms_of(auth("[auth]\nsasl_mechanisms = [\"plain\", \"scram_sha256_plus\", \"scram_sha1\", \"external\", "
                           "\"anonymous\", \"scram_sha512\"]\n[auth.internal]\n")) ==
        std::vector{plain, scram_sha_256_plus, scram_sha_1, external, anonymous, scram_sha_512});
}

TEST_CASE("a mechanism that nobody knows is refused") {
  CHECK(report("[auth]\nsasl_mechanisms = [\"scram_sha_256\"]\n[auth.internal]\n") ==
        "meerkat.toml:5:20: auth.sasl_mechanisms[0]: \"scram_sha_256\" is not a SASL mechanism, such as "
        "\"scram_sha256\"\n"
        "1 problem; nothing was started.\n");
}

TEST_CASE("a method without its table is refused") {
  CHECK(report("[auth]\nmethods = [\"anonymous\"]\n[auth.internal]\n") ==
        "meerkat.toml:5:1: auth.methods: each method needs its own table, such as [auth.internal]\n"
        "1 problem; nothing was started.\n");
}
