// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include "config/section.h"
#include "config/toml_reader.h"

using namespace meerkat::config;
using namespace std::chrono_literals;

namespace {

enum class Backend { embedded, rdbms };

struct LastOptions {
  Backend backend = Backend::embedded;
  bool tell_status = true;
};

}  // namespace

template <>
struct meerkat::config::EnumNames<Backend> {
  static constexpr EnumName names[] = {
      {Backend::embedded, "embedded"}, {Backend::rdbms, "rdbms"}, {Backend::embedded, "mnesia"}};
};

namespace {

Section<LastOptions> last_section() {
  return Section<LastOptions>{"modules.mod_last", "Remembers when each user was last here."}
      .option("backend", &LastOptions::backend, "Where the times are kept.")
      .option("tell_status", &LastOptions::tell_status, "Tell the last status text along with the time.");
}

}  // namespace

TEST_CASE("the example of the house reads as it is told there") {
  Problems problems;
  const auto root =
      read_toml("[modules.mod_last]\n  backend = \"rdms\"\n  tel_status = true\n", "server.toml", problems);
  REQUIRE(root);
  last_section().read(root->at("modules.mod_last"), problems);
  CHECK(problems.report() ==
        "server.toml:2:13: modules.mod_last.backend: \"rdms\" is not one of \"embedded\", \"rdbms\" — did you mean "
        "\"rdbms\"?\n"
        "server.toml:3:3: modules.mod_last: there is no option \"tel_status\" — did you mean \"tell_status\"?\n"
        "2 problems; nothing was started.\n");
}
