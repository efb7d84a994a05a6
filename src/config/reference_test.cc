// SPDX-License-Identifier: Apache-2.0
#include "config/reference.h"

#include <doctest/doctest.h>

#include "config/sample_server.h"
#include "config/toml_reader.h"

using namespace meerkat::config;

TEST_CASE("descriptions tell path, type, default and limits") {
  const auto all = sample::section().describe();
  const auto find = [&all](std::string_view path) {
    for (const OptionDescription& option : all)
      if (option.path == path) return option;
    FAIL("not described: " << path);
    return OptionDescription{};
  };
  CHECK(find("c2s[].port").mandatory);
  CHECK(find("c2s[].state_timeout").default_text == "5000");
  CHECK(find("c2s[].state_timeout").limits == std::vector<std::string>{"at least 100ms", "at most 1h"});
  CHECK(find("c2s[].max_stanza_size").type == "size: bytes, or text such as \"64KB\", or \"infinity\"");
  CHECK(find("pools.<tag>.workers").needs_restart);
  CHECK(find("password.pepper").secret);
  CHECK(find("password.scram_iterations").older_names == std::vector<std::string>{"iterations"});
  CHECK(find("ip_versions").default_text == "[4, 6]");
  CHECK(find("acl.<class>[].user").kind == Option::Kind::value);
  CHECK(find("num_acceptors").kind == Option::Kind::ignored);
}

TEST_CASE("the reference page shows tables with their options") {
  const auto page = reference_page(sample::pool().describe());

  CHECK(
      page ==
      "## `[pool]`\n"
      "\n"
      "Connections to a database.\n"
      "\n"
      "| Option | Type | Default | Meaning |\n"
      "|---|---|---|---|\n"
      "| `workers` | whole number | `10` | How many connections. At least 1, at most 100. A change needs a restart. |\n"
      "| `backend` | one of \"embedded\", \"rdbms\" | `\"rdbms\"` | What is connected to. |\n");
}

TEST_CASE("the example file shows each option, and activates what must be given") {
  const auto text = example_file(sample::section().describe());

  CHECK(text.contains("\n# Used while none is known. Text. Must be given.\ndefault_domain = \"localhost\"\n"));
  CHECK(
      text.contains("\n# Between two registrations. Time: seconds, or text such as \"10s\", or \"infinity\". At least "
                    "1.\n#registration_timeout = 600\n"));
  CHECK(text.contains("\n#[[c2s]]\n"));
  CHECK(text.contains("\n#port = 5222\n"));
  CHECK(text.contains("\n[password]\n"));
}

TEST_CASE("the example file is itself a valid configuration") {
  Problems problems;
  const auto root = read_toml(example_file(sample::section().describe()), "example.toml", problems);
  REQUIRE_MESSAGE(root.has_value(), problems.report());
  sample::section().read(&*root, problems);
  CHECK(problems.report() == "");
}
