// SPDX-License-Identifier: Apache-2.0
// Whole files: TOML in, the struct or the exact report out.
#include "config/section.h"

#include <doctest/doctest.h>

#include "config/sample_server.h"
#include "config/toml_reader.h"

using namespace meerkat::config;
using namespace std::chrono_literals;
using sample::Backend;
using sample::Server;

namespace {

struct Reply {
  Server server;
  std::string report;
};

Reply read(std::string_view toml) {
  Problems problems;
  const auto root = read_toml(toml, "server.toml", problems);
  if (!root) return {{}, problems.report()};
  Server server = sample::section().read(&*root, problems);
  return {std::move(server), problems.report()};
}

// A file that lacks nothing, so that tests speak only of what they add.
std::string report(std::string_view toml) { return read("default_domain = \"d\"\n" + std::string{toml}).report; }

constexpr std::string_view whole_file = R"(
hosts = ["localhost", "example.org"]
default_domain = "localhost"
registration_timeout = "infinity"
ratio = 1
settings = {a = "1", b = "2"}

[password]
scram_iterations = 4096

[[c2s]]
port = 5222
max_stanza_size = "64KB"
state_timeout = 2000
  [c2s.tls]
  mode = "tls"

[[c2s]]
port = 5223
shaper = "fast"

[pools.default]
workers = 5
[pools.archive]
backend = "mnesia"

[[acl.admin]]
user = "alice"
value = 3
[[acl.admin]]
user = "bob"

[modules.mod_last]
backend = "rdbms"
)";

}  // namespace

TEST_CASE("a whole file fills the struct") {
  const auto [server, report] = read(whole_file);

  CHECK(report == "");
  CHECK(server.hosts == std::vector<std::string>{"localhost", "example.org"});
  CHECK(server.registration_timeout.is_infinite());
  CHECK(server.ratio == 1.0);
  CHECK(server.settings.at("b") == "2");
  CHECK(server.password.scram_iterations == 4096);
  REQUIRE(server.c2s.size() == 2);
  CHECK(server.c2s[0].common.port == 5222);
  CHECK(server.c2s[0].max_stanza_size.most() == Bytes{65536});
  CHECK(server.c2s[0].state_timeout == 2s);
  REQUIRE(server.c2s[0].tls);
  CHECK(server.c2s[0].tls->mode == sample::TlsMode::tls);
  CHECK(!server.c2s[1].tls);
  CHECK(server.c2s[1].common.shaper == "fast");
  CHECK(server.pools.at("default").workers == 5);
  CHECK(server.pools.at("archive").backend == Backend::embedded);
  REQUIRE(server.acl.at("admin").size() == 2);
  CHECK(std::get<std::int64_t>(server.acl.at("admin")[0].value) == 3);
  CHECK(server.acl.at("admin")[1].user == "bob");
  REQUIRE(server.modules);
  CHECK(*server.modules->at("mod_last.backend")->string() == "rdbms");
}

TEST_CASE("what is absent keeps its default") {
  const auto [server, report] = read("default_domain = \"d\"");

  CHECK(report == "");
  CHECK(server.registration_timeout.most() == 600s);
  CHECK(server.password.scram_iterations == 10'000);
  CHECK(server.ip_versions == std::vector{4, 6});
  CHECK(server.c2s.empty());
}

TEST_CASE("an absent table stands for its defaults and its missing mandatory options") {
  Problems problems;
  sample::section().read(nullptr, problems);

  CHECK(problems.report() ==
        "default_domain: must be given — for example: default_domain = \"localhost\"\n"
        "1 problem; nothing was started.\n");
}

TEST_CASE("all problems are told, in the order of the file, with what was probably meant") {
  CHECK(
      report("registration_timeout = 0\n"
             "adress = \"::\"\n"
             "[[c2s]]\n"
             "port = 70000\n"
             "[[c2s]]\n"
             "prt = 1\n"
             "tls = {mode = \"startls\", certfil = 1}\n"
             "[pools.x]\n"
             "workers = 500\n"
             "[[acl.admin]]\n"
             "match = \"al\"\n") ==
      "server.toml:2:24: registration_timeout: must be at least 1, found 0\n"
      "server.toml:3:1: there is no option \"adress\" — did you mean \"address\"?\n"
      "server.toml:5:8: c2s[0].port: must be at most 65535, found 70000\n"
      "server.toml:6:1: c2s[1].port: must be given — for example: port = 5222\n"
      "server.toml:7:1: c2s[1]: there is no option \"prt\" — did you mean \"port\"?\n"
      "server.toml:8:15: c2s[1].tls.mode: \"startls\" is not one of \"tls\", \"starttls\" — did you mean "
      "\"starttls\"?\n"
      "server.toml:8:26: c2s[1].tls: there is no option \"certfil\" — did you mean \"certfile\"?\n"
      "server.toml:10:11: pools.x.workers: must be at most 100, found 500\n"
      "server.toml:11:1: acl.admin[0].user: must be given (text)\n"
      "server.toml:12:9: acl.admin[0].match: \"al\" is not one of \"all\", \"none\", \"current_domain\" — did you mean "
      "\"all\"?\n"
      "10 problems; nothing was started.\n");
}

TEST_CASE("an unknown option that resembles none is answered with those that exist") {
  CHECK(report("[pools.a]\nzzz = 1") ==
        "server.toml:3:1: pools.a: there is no option \"zzz\" — known here: \"workers\", \"backend\"\n"
        "1 problem; nothing was started.\n");
}

TEST_CASE("a table where a list belongs is told how to be written, and the other way round") {
  CHECK(report("[c2s]\nport = 1") ==
        "server.toml:2:1: c2s: expected a list of tables, found one table — write [[c2s]] with two brackets\n"
        "1 problem; nothing was started.\n");
  CHECK(report("[[password]]\npepper = \"a\"") ==
        "server.toml:2:1: password: expected one table, found a list of tables — write [password] with one bracket\n"
        "1 problem; nothing was started.\n");
  CHECK(report("password = 5\npools = 5\nc2s = [5]\n") ==
        "server.toml:2:12: password: expected a table, found a whole number\n"
        "server.toml:3:9: pools: expected a table, found a whole number\n"
        "server.toml:4:8: c2s[0]: expected a table, found a whole number\n"
        "3 problems; nothing was started.\n");
}

TEST_CASE("a table whose name was left out is told so once") {
  CHECK(report("[pools]\nworkers = 1\nbackend = \"x\"\n[pools.a]\nworkers = 2") ==
        "server.toml:2:1: pools: its tables have a tag each, which is missing here — write [pools.default], or another "
        "tag\n"
        "1 problem; nothing was started.\n");
}

TEST_CASE("an older name is read, with a warning") {
  const auto [server, report] = read("default_domain = \"d\"\n[password]\niterations = 5000");

  CHECK(server.password.scram_iterations == 5000);
  CHECK(report ==
        "server.toml:3:1: warning: password.scram_iterations: \"iterations\" is an older name, which is still read; "
        "write \"scram_iterations\"\n"
        "1 warning.\n");
}

TEST_CASE("an option given under both names is refused") {
  CHECK(report("[password]\niterations = 1\nscram_iterations = 2")
            .contains(
                "server.toml:4:1: password.scram_iterations: is given twice: as \"iterations\" in line 3, and here as "
                "\"scram_iterations\"\n"));
}

TEST_CASE("an option without effect is accepted, with one warning that says why") {
  CHECK(report("num_acceptors = 100") ==
        "server.toml:2:1: warning: num_acceptors: has no effect: the kernel spreads connections over the workers.\n"
        "1 warning.\n");
}

TEST_CASE("errors and warnings are counted apart") {
  CHECK(report("num_acceptors = 1\nsmall = 1000").ends_with("1 problem, 1 warning; nothing was started.\n"));
}

TEST_CASE("rules over several options report at the option they name") {
  CHECK(report("[[c2s]]\nport = 1\n  [c2s.tls]\n  certfile = \"/etc/passwd\"") ==
        "server.toml:5:3: c2s[0].tls.certfile: needs keyfile as well\n"
        "1 problem; nothing was started.\n");
}

TEST_CASE("rules of an included part hold in the whole") {
  CHECK(report("[[c2s]]\nport = 1\nshaper = \"missing\"") ==
        "server.toml:4:1: c2s[0].shaper: no shaper \"missing\" under [shaper]\n"
        "1 problem; nothing was started.\n");
}

TEST_CASE("rules over several options are not asked when one of them is wrong already") {
  CHECK(report("[[c2s]]\nport = 0\nshaper = \"missing\"") ==
        "server.toml:3:8: c2s[0].port: must be at least 1, found 0\n"
        "1 problem; nothing was started.\n");
}

TEST_CASE("a secret value is not repeated") {
  CHECK(report("[password]\npepper = \"Hunter2\"") ==
        "server.toml:3:10: password.pepper: the value is not lower-case letters only\n"
        "1 problem; nothing was started.\n");
}

TEST_CASE("free names with strange characters are quoted in paths") {
  CHECK(report("[pools.\"a b\"]\nworkers = 0").starts_with("server.toml:3:11: pools.\"a b\".workers: must be"));
}

TEST_CASE("a section can be read at another path") {
  Problems problems;
  const auto root = read_toml("workers = 0", "server.toml", problems);
  sample::pool().read(&*root, problems, "host_config[0].pool");

  CHECK(problems.report().starts_with("server.toml:1:11: host_config[0].pool.workers: must be at least 1, found 0\n"));
}
