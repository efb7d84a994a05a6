// SPDX-License-Identifier: Apache-2.0
#include "xmpp/jid.h"

#include <doctest/doctest.h>

#include <array>
#include <string>
#include <thread>
#include <unordered_set>
#include <vector>

#include "base/keyed_hash.h"

using namespace meerkat;

namespace {

Jid jid(std::string_view text) { return Jid::parse(text).value(); }
JidProblem problem(std::string_view text) { return Jid::parse(text).error(); }

}  // namespace

TEST_CASE("an address is cut at the first slash and the first at sign before it") {
  struct Row {
    std::string_view text, node, domain, resource;
  };
  // RFC 7622 §3.5, examples 1 to 15 as far as stringprep agrees, and the corners of §3.1.
  for (const auto& [text, node, domain, resource] : {
           Row{"juliet@example.com", "juliet", "example.com", ""},
           Row{"juliet@example.com/foo", "juliet", "example.com", "foo"},
           Row{"juliet@example.com/foo bar", "juliet", "example.com", "foo bar"},
           Row{"juliet@example.com/foo@bar", "juliet", "example.com", "foo@bar"},
           Row{"foo\\20bar@example.com", "foo\\20bar", "example.com", ""},
           Row{"fussball@example.com", "fussball", "example.com", ""},
           Row{"\u03c0@example.com", "\u03c0", "example.com", ""},
           Row{"king@example.com/\u265a", "king", "example.com", "\u265a"},
           Row{"example.com", "", "example.com", ""},
           Row{"example.com/foobar", "", "example.com", "foobar"},
           Row{"a.example.com/b@example.net", "", "a.example.com", "b@example.net"},
           Row{"a@b/c/d", "a", "b", "c/d"},
           Row{"a@b//", "a", "b", "/"},
           Row{"a@b/@", "a", "b", "@"},
           Row{"b/c@d/e", "", "b", "c@d/e"},
           Row{"a@[2001:db8::1]/r", "a", "[2001:db8::1]", "r"},
           Row{"a@b/\U0001f600", "a", "b", "\U0001f600"},
       }) {
    CAPTURE(text);
    const Jid parsed = jid(text);
    CHECK(parsed.node() == node);
    CHECK(parsed.domain() == domain);
    CHECK(parsed.resource() == resource);
    CHECK(parsed.text() == text);
    CHECK(parsed.has_node() == !node.empty());
    CHECK(parsed.is_full() == !resource.empty());
    CHECK(parsed.is_bare() == resource.empty());
    CHECK(parsed.is_domain() == (node.empty() && resource.empty()));
  }
}

TEST_CASE("what is no address says why") {
  struct Row {
    std::string_view text;
    JidProblem problem;
  };
  // RFC 7622 §3.5, examples 16 to 25 as far as stringprep agrees, and others.
  for (const auto& [text, expected] : {
           Row{"", JidProblem::empty},
           Row{"\"juliet\"@example.com", JidProblem::bad_node},
           Row{"foo bar@example.com", JidProblem::bad_node},
           Row{"juliet@example.com/", JidProblem::bad_resource},
           Row{"@example.com", JidProblem::bad_node},
           Row{"@example.com/", JidProblem::bad_resource},
           Row{"@/x", JidProblem::bad_node},
           Row{"henry\u2009iv@example.com", JidProblem::bad_node},
           Row{"juliet@", JidProblem::no_domain},
           Row{"juliet@/foo", JidProblem::no_domain},
           Row{"/foobar", JidProblem::no_domain},
           Row{"a@b@c", JidProblem::bad_domain},
           Row{"a@.", JidProblem::bad_domain},
           Row{"a@b..", JidProblem::bad_domain},
           Row{" a@b", JidProblem::bad_node},
           Row{"a@b ", JidProblem::bad_domain},
           Row{"a@b/\n", JidProblem::bad_resource},
           Row{"a\xff@b", JidProblem::bad_node},
           Row{"a@b\xff", JidProblem::bad_domain},
           Row{"a@b/\xff", JidProblem::bad_resource},
           Row{std::string_view{"a\0@b", 4}, JidProblem::bad_node},
           Row{std::string_view{"a@b/\0", 5}, JidProblem::bad_resource},
       }) {
    CAPTURE(text);
    REQUIRE(!Jid::parse(text));
    CHECK(name_of(problem(text)) == name_of(expected));
  }
}

TEST_CASE("an address is normalised once and for all") {
  CHECK(jid("JULIET@Example.COM./Foo").text() == "juliet@example.com/Foo");
  CHECK(jid("\u03a3@example.com").text() == "\u03c3@example.com");
  CHECK(jid("a@b/e\u0301") == jid("a@b/\u00e9"));
  CHECK(jid("a@xn--bcher-kva.example") == jid("a@b\u00fccher.example"));
  CHECK(jid("a@b/R") != jid("a@b/r"));
}

TEST_CASE("each part may have 1023 bytes and not one more") {
  const std::string part(1023, 'x');
  std::string domain(1023, 'x');
  for (std::size_t i = 50; i < domain.size() - 1; i += 50) domain[i] = '.';
  CHECK(jid(part + "@" + domain + "/" + part).text().size() == 3071);
  CHECK(problem(part + "x@b") == JidProblem::too_long);
  CHECK(problem("a@" + domain + "x") == JidProblem::too_long);
  CHECK(problem("a@b/" + part + "x") == JidProblem::too_long);
  CHECK(jid("a@" + domain + ".").domain() == domain);
}

TEST_CASE("an address is made of parts, none of which is cut again") {
  CHECK(Jid::make("a", "b", "c")->text() == "a@b/c");
  CHECK(Jid::make("", "b")->text() == "b");
  CHECK(Jid::make("", "b", "c/d@e")->text() == "b/c/d@e");
  CHECK(Jid::make("a/b", "c").error() == JidProblem::bad_node);
  CHECK(Jid::make("a", "b/c").error() == JidProblem::bad_domain);
  CHECK(Jid::make("", "").error() == JidProblem::empty);
  CHECK(Jid::make("a", "").error() == JidProblem::no_domain);
}

TEST_CASE("the bare address shares the block when there is no resource") {
  const Jid full = jid("a@b/c"), bare = jid("a@b");
  CHECK(full.bare() == bare);
  CHECK(full.bare().text() == "a@b");
  CHECK(full.bare_text() == "a@b");
  CHECK(bare.bare().text().data() == bare.text().data());
  CHECK(full.same_bare(bare));
  CHECK(!full.same_bare(jid("a@c")));
}

TEST_CASE("a resource is put on, replaced and taken off") {
  const Jid full = jid("a@b/c");
  CHECK(full.with_resource("d")->text() == "a@b/d");
  CHECK(full.with_resource("")->text() == "a@b");
  CHECK(full.with_resource("c")->text().data() == full.text().data());
  CHECK(jid("b").with_resource("x/y")->text() == "b/x/y");
  CHECK(full.with_resource("d")->bare_hash() == full.bare_hash());
  CHECK(full.with_resource("\n").error() == JidProblem::bad_resource);
  CHECK(full.with_resource(std::string(1024, 'x')).error() == JidProblem::too_long);
  CHECK(Jid{}.with_resource("c").error() == JidProblem::empty);
}

TEST_CASE("the empty address has empty parts and equals itself") {
  const Jid none;
  CHECK(none.empty());
  CHECK(!none);
  CHECK(none.text() == "");
  CHECK(none.node() == "");
  CHECK(none.domain() == "");
  CHECK(none.resource() == "");
  CHECK(none.bare_text() == "");
  CHECK(!none.is_full());
  CHECK(!none.is_bare());
  CHECK(!none.is_domain());
  CHECK(none.bare() == none);
  CHECK(none != jid("a"));
  CHECK(none.bare_hash() == 0);
}

TEST_CASE("hashes are those of the text") {
  CHECK(jid("A@b/c").bare_hash() == keyed_hash("a@b"));
  CHECK(jid("a@\u00e9/c").bare_hash() == keyed_hash("a@\u00e9"));
  CHECK(jid("a@b/c").hash() == keyed_hash("a@b/c"));
  CHECK(jid("a@b").hash() == keyed_hash("a@b"));
  std::unordered_set<Jid, JidHash, JidEqual> set{jid("a@b"), jid("a@b/c")};
  CHECK(set.contains(std::string_view{"a@b/c"}));
  CHECK(set.contains(jid("a@b")));
  CHECK(!set.contains(std::string_view{"a@b/d"}));
}

TEST_CASE("copies outlive the original, moves leave it empty") {
  Jid copy;
  {
    Jid original = jid("a@b/c");
    copy = original;
    const Jid moved = std::move(original);
    CHECK(original.empty());  // NOLINT(bugprone-use-after-move): that is what is asked here
    CHECK(moved == copy);
  }
  Jid& same = copy;
  copy = same;
  CHECK(copy.text() == "a@b/c");
  copy = jid("x");
  CHECK(copy.text() == "x");
}

TEST_CASE("threads may copy and drop the same address at the same time") {
  const Jid shared = jid("a@b/c");
  std::vector<std::jthread> threads;
  for (int i = 0; i < 4; ++i)
    threads.emplace_back([mine = shared] {
      for (int j = 0; j < 10'000; ++j) {
        const Jid copy = mine;
        if (copy.domain() != "b") std::abort();
      }
    });
  threads.clear();
  CHECK(shared.text() == "a@b/c");
}

TEST_CASE("addresses sort by their text") {
  CHECK(jid("a@b") < jid("a@b/c"));
  CHECK(jid("a@b/c") < jid("a@c"));
  CHECK(Jid{} < jid("a"));
}
