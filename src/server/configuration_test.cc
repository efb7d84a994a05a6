// SPDX-License-Identifier: Apache-2.0
// Whole configuration files: what they become, or exactly what is said of them.
#include "server/configuration.h"

#include <doctest/doctest.h>

#include <filesystem>

#include "config/toml_reader.h"
#include "server/all_modules.h"

using namespace meerkat;

namespace {

std::filesystem::path conf(std::string_view name) {
  return std::filesystem::path{__FILE__}.parent_path() / ".." / ".." / "conf" / name;
}

struct Reply {
  Configuration configuration;
  std::string report;
};

// As `meerkat serve` reads it, with everything that is wrong at once.
Reply read(std::string_view toml) {
  config::Problems problems;
  auto root = config::read_toml(toml, "meerkat.toml", problems);
  if (!root) return {{}, problems.report()};
  Reply reply{configure(std::move(*root), problems), {}};
  reply.report = problems.report();
  return reply;
}

constexpr std::string_view general = R"([general]
hosts = ["localhost"]
default_server_domain = "localhost"
)";
constexpr std::string_view listener = "[[listen.c2s]]\nport = 5222\n";

// A file with a domain and a listener, and `toml` between them.
std::string around(std::string_view toml) {
  const bool listens = toml.find("listen") != std::string_view::npos;
  return std::string{general} + std::string{toml} + std::string{listens ? std::string_view{} : listener};
}
std::string report(std::string_view toml) { return read(around(toml)).report; }
AuthSettings auth(std::string_view toml) { return read(around(toml)).configuration.settings.auth; }

}  // namespace

TEST_CASE("the configuration of the quick start has no problems, and starts its modules") {
  config::Problems problems;

  const auto read = read_configuration(conf("quickstart.toml"), problems);

  REQUIRE(read.has_value());
  CHECK(problems.report() == "");
  CHECK(read->settings.general.hosts == std::vector<std::string>{"localhost"});
  REQUIRE(read->settings.listen.c2s.size() == 2);
  CHECK(read->settings.listen.c2s[1].tls->mode == TlsMode::tls);
  REQUIRE(read->hosts.size() == 1);
  // Of its tables none was left out, or there would be a warning.
  CHECK(read->hosts[0].modules.size() >= 5);
  CHECK(read->settings.general.registration_timeout.is_infinite());
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
  CHECK(read("modules = true\n" + around("")).report ==
        "meerkat.toml:1:11: modules: modules are tables, such as [modules.mod_ping]\n"
        "1 problem; nothing was started.\n");
}

TEST_CASE("a server without domains is refused, and told what is missing") {
  CHECK(read("[general]\nloglevel = \"info\"\n" + std::string{listener}).report ==
        "meerkat.toml:1:1: general.default_server_domain: must be given — for example: default_server_domain = "
        "\"example.org\"\n"
        "meerkat.toml:1:1: general.hosts: must be given — for example: hosts = [\"example.org\"]\n"
        "2 problems; nothing was started.\n");
  CHECK(read(listener).report ==
        "meerkat.toml:1:1: general: must be given — write [general]\n"
        "1 problem; nothing was started.\n");
  CHECK(read("[general]\nhosts = []\ndefault_server_domain = \"a@b\"\n" + std::string{listener}).report ==
        "meerkat.toml:2:9: general.hosts: must not be empty — for example: hosts = [\"example.org\"]\n"
        "meerkat.toml:3:25: general.default_server_domain: \"a@b\" is not a domain, such as \"example.org\"\n"
        "2 problems; nothing was started.\n");
}

TEST_CASE("a domain that is none, or that is there twice, is refused") {
  CHECK(read("[general]\nhosts = [\"a b\"]\ndefault_server_domain = \"d\"\n" + std::string{listener}).report ==
        "meerkat.toml:2:10: general.hosts[0]: \"a b\" is not a domain, such as \"example.org\"\n"
        "1 problem; nothing was started.\n");
  CHECK(read("[general]\nhosts = [\"a\", \"a\"]\ndefault_server_domain = \"d\"\n" + std::string{listener}).report ==
        "meerkat.toml:2:15: general.hosts: \"a\" is given twice\n"
        "1 problem; nothing was started.\n");
}

TEST_CASE("a certificate without its key is refused, and so is a key without its certificate") {
  const std::string file = conf("quickstart.toml").string();

  CHECK(report(std::string{listener} + "tls.certfile = \"" + file + "\"\n") ==
        "meerkat.toml:6:5: listen.c2s[0].tls.certfile: a certificate needs its key — give keyfile as well\n"
        "1 problem; nothing was started.\n");
  CHECK(report(std::string{listener} + "tls.keyfile = \"" + file + "\"\n") ==
        "meerkat.toml:6:5: listen.c2s[0].tls.keyfile: a key needs its certificate — give certfile as well\n"
        "1 problem; nothing was started.\n");
}

TEST_CASE("a certificate that is not there is refused before anything starts") {
  CHECK(report("[[listen.c2s]]\nport = 5222\ntls.certfile = \"/nowhere/a.crt\"\ntls.keyfile = \"/nowhere/a.key\"\n") ==
        "meerkat.toml:6:16: listen.c2s[0].tls.certfile: there is no file \"/nowhere/a.crt\"\n"
        "meerkat.toml:7:15: listen.c2s[0].tls.keyfile: there is no file \"/nowhere/a.key\"\n"
        "2 problems; nothing was started.\n");
}

TEST_CASE("a server without listeners is refused") {
  CHECK(read(general).report ==
        "meerkat.toml: listen.c2s: must be given, or nobody can connect — write [[listen.c2s]] with port = 5222\n"
        "1 problem; nothing was started.\n");
}

TEST_CASE("domains are compared as addresses are") {
  CHECK(read("[general]\nhosts = [\"example.org\", \"Example.ORG\"]\ndefault_server_domain = \"example.org\"\n" +
             std::string{listener})
            .report ==
        "meerkat.toml:2:25: general.hosts: \"example.org\" and \"Example.ORG\" are the same domain\n"
        "1 problem; nothing was started.\n");
}

TEST_CASE("what is for the whole server is refused in a host_config") {
  CHECK(report("[[host_config]]\nhost = \"localhost\"\ngeneral.loglevel = \"info\"\n[host_config.shaper.fast]\n") ==
        "meerkat.toml:6:9: host_config[0].general.loglevel: concerns the whole server — write it under [general]\n"
        "meerkat.toml:7:14: host_config[0].shaper: concerns the whole server — write it outside host_config, as "
        "[shaper]\n"
        "2 problems; nothing was started.\n");
}

TEST_CASE("a host type has the modules of its own table, and all others the global ones") {
  const auto reply = read(
      "[general]\nhosts = [\"a.example\", \"b.example\"]\ndefault_server_domain = \"a.example\"\n"
      "[modules.mod_ping]\n[modules.mod_time]\n[[host_config]]\nhost = \"B.example\"\nmodules.mod_disco = {}\n"
      "[[listen.c2s]]\nport = 5222\n");

  REQUIRE(reply.report == "");
  REQUIRE(reply.configuration.hosts.size() == 2);
  CHECK(reply.configuration.hosts[0].modules.size() == 2);
  CHECK(reply.configuration.hosts[1].modules.size() == 1);
}

TEST_CASE("rules of a host type come before a last clause that allows everybody") {
  const auto reply = read(
      "[general]\nhosts = [\"a.example\"]\ndefault_server_domain = \"a.example\"\n"
      "[access]\nc2s = [{acl = \"none\", value = \"deny\"}, {acl = \"all\", value = \"allow\"}]\n"
      "sessions = [{acl = \"none\", value = 5}]\n"
      "[[host_config]]\nhost_type = \"a.example\"\n"
      "access.c2s = [{acl = \"all\", value = \"deny\"}]\naccess.sessions = [{acl = \"all\", value = 7}]\n"
      "[[listen.c2s]]\nport = 5222\n");

  REQUIRE(reply.report == "");
  const auto& rules = reply.configuration.hosts[0].settings.access.access;
  REQUIRE(rules.at("c2s").size() == 3);
  CHECK(std::get<std::string>(rules.at("c2s")[1].value) == "deny");
  CHECK(std::get<std::string>(rules.at("c2s")[2].value) == "allow");
  REQUIRE(rules.at("sessions").size() == 2);
  CHECK(std::get<std::int64_t>(rules.at("sessions")[1].value) == 7);
}

TEST_CASE("a module that only MongooseIM has is left out with a warning, once") {
  CHECK(read("[general]\nhosts = [\"a.example\", \"b.example\"]\ndefault_server_domain = \"a.example\"\n"
             "[modules.mod_mam]\nbackend = \"rdbms\"\n[[listen.c2s]]\nport = 5222\n")
            .report ==
        "meerkat.toml:4:10: warning: modules.mod_mam: Meerkat does not have this module yet; it is left out\n"
        "1 warning.\n");
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
        "meerkat.toml:5:1: auth.methods: \"anonymous\" needs a table of its own — write [auth.anonymous]\n"
        "1 problem; nothing was started.\n");
}

TEST_CASE("a domain that a module serves is nobody else's") {
  const auto says = [](const std::string& report, std::string_view what) {
    return report.find(what) != std::string::npos;
  };
  CHECK(report("[modules.mod_vcard]\n") == "");
  CHECK(says(
      report("[modules.mod_vcard]\nhost = \"LOCALHOST\"\n"),
      "meerkat.toml:4:10: modules.mod_vcard: localhost cannot be served for localhost: the host localhost has that "
      "domain; let the option have @HOST@ in it"));

  constexpr std::string_view two_hosts =
      "[general]\nhosts = [\"a.example\", \"b.example\"]\ndefault_server_domain = \"a.example\"\n";
  const auto with_host = [&](std::string_view host) {
    return read(std::string{two_hosts} + std::string{listener} + "[modules.mod_vcard]\nhost = \"" + std::string{host} +
                "\"\n")
        .report;
  };
  CHECK(with_host("vjud.@HOST@") == "");
  CHECK(says(with_host("people.example"),
             "people.example cannot be served for b.example: mod_vcard of a.example has that domain"));
}
