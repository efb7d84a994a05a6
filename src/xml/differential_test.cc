// SPDX-License-Identifier: Apache-2.0
// Against expat: a fixed corpus and seeded mutations of it, in random portions, at the edge of readable memory.
#include <doctest/doctest.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstring>
#include <random>
#include <string>
#include <vector>

#include "../../tests/fuzz/xml_invariants.h"
#include "xml/characters.h"

using namespace meerkat::xml;

namespace {

const std::vector<std::string> corpus = {
    "<message from='a@x/1' to='b@y' type='chat' id='k1'><body>Hi &amp; bye</body>"
    "<active xmlns='http://jabber.org/protocol/chatstates'/><request xmlns='urn:xmpp:receipts'/></message>",
    "<p:a xmlns:p='urn:x' p:b='1' b=\"2\"><p:c/><![CDATA[x]]y]]></p:a>",
    "<stream:error><x xml:lang='en' xmlns:xml='http://www.w3.org/XML/1998/namespace'>t</x></stream:error>",
    "<iq type='result'><query xmlns='jabber:iq:roster'><item jid='a@b' name=\"&quot;&#x41;\r\n\t\"/>\r\n</query></iq>",
    "<m><body>\xd0\x9f\xd1\x80\xd0\xb8\xd0\xb2\xd0\xb5\xd1\x82 \xf0\x9f\x90\x88\xf0\x9f\x90\x88</body><\xc3\xa9 "
    "x='\xc3\xbc'/></m>",
    "<a xmlns=''><b xmlns:q='u' xmlns:r='u' q:x='1' r:y='2'/>]]&gt;</a>",
    "<a b='1' c='2' d='3' e='4' f='5' g='6' h='7' i='8' j='9' k='1' l='2' m='3' n='4' o='5' p='6' q='7' r='8' s='9'/>",
    "<a><!-- x --><?pi x?></a>",
    "<r xmlns='urn:xmpp:sm:3'/>"};

const std::vector<std::string> scraps = {"<",
                                         ">",
                                         "/>",
                                         "</",
                                         "'",
                                         "\"",
                                         "<a>",
                                         "</a>",
                                         "<a/>",
                                         " xmlns='u'",
                                         " xmlns:p='v'",
                                         " xmlns:xml='w'",
                                         "p:",
                                         ":",
                                         "=",
                                         "&amp;",
                                         "&#x41;",
                                         "&#0;",
                                         "&",
                                         ";",
                                         "<![CDATA[",
                                         "]]>",
                                         "]",
                                         "<!--",
                                         "-->",
                                         "<?x ",
                                         "?>",
                                         "\r\n",
                                         "\t",
                                         "\xc3\xa9",
                                         "\xef\xbf\xbf",
                                         "\x80",
                                         " a='1'",
                                         " a='2'",
                                         "xml:",
                                         "xmlns",
                                         "stream:",
                                         "</stream:stream>",
                                         "<stream:stream>",
                                         std::string(1, '\0')};

std::string mutated(std::mt19937& random) {
  std::string text = corpus[random() % corpus.size()];
  for (auto changes = random() % 4; changes > 0; --changes) {
    const std::size_t at = random() % (text.size() + 1), size = random() % 4;
    switch (random() % 5) {
      case 0:
        text.erase(at, size);
        break;
      case 1:
        text.insert(at, scraps[random() % scraps.size()]);
        break;
      case 2:
        text.replace(at, size, scraps[random() % scraps.size()]);
        break;
      case 3:
        text.insert(at, text.substr(random() % (text.size() + 1), random() % 40));
        break;
      default:
        text.insert(at, 1, text[random() % text.size()]);
    }
    if (text.empty()) text = "<";
  }
  return text;
}

// Two pages of which the second may not be touched, and the same again before.
class Edge {
 public:
  Edge() : page_(static_cast<std::size_t>(sysconf(_SC_PAGESIZE))) {
    void* const memory = mmap(nullptr, 3 * page_, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    REQUIRE(memory != MAP_FAILED);
    first_ = static_cast<char*>(memory);
    REQUIRE(mprotect(first_ + page_, page_, PROT_READ | PROT_WRITE) == 0);
  }
  ~Edge() { munmap(first_, 3 * page_); }
  Edge(const Edge&) = delete;
  Edge& operator=(const Edge&) = delete;

  std::string_view at_the_end(std::string_view text) const { return put(first_ + 2 * page_ - text.size(), text); }
  std::string_view at_the_start(std::string_view text) const { return put(first_ + page_, text); }

 private:
  static std::string_view put(char* where, std::string_view text) {
    std::memcpy(where, text.data(), text.size());
    return {where, text.size()};
  }
  std::size_t page_;
  char* first_;
};

}  // namespace

TEST_CASE("the parser agrees with expat on verdict and tree") {
  std::mt19937 random{20};
  Parser parser;
  int accepted = 0;
  for (int round = 0; round < 6000; ++round) {
    const std::string piece = mutated(random);
    const auto index = parser.parse(piece, StreamScope::client(), oracle::wide);
    accepted += index ? 1 : 0;
    const auto wrong = oracle::disagreement(piece, index);
    if (wrong) FAIL_CHECK(*wrong << " in " << piece);
    const auto broken = index ? oracle::broken_invariant(piece, *index) : std::nullopt;
    if (broken) FAIL_CHECK(*broken << " in " << piece);
  }
  CHECK(accepted > 500);
}

TEST_CASE("portions do not change what the splitter finds") {
  std::mt19937 random{21};
  for (int round = 0; round < 3000; ++round) {
    std::string stream{oracle::header};
    for (int i = 0; i < 3; ++i) stream += mutated(random);
    const Limits limits = round % 3 == 0 ? Limits{.bytes = 200, .depth = 3} : oracle::wide;
    const auto cuts = oracle::cut_up(stream, limits);
    const auto portion = [&] { return std::size_t{1} + random() % (round % 2 == 0 ? 5 : 90); };
    CHECK(cuts == oracle::cut_up(stream, limits, portion));
  }
}

TEST_CASE("nothing is read outside of the bytes given") {
  const Edge edge;
  Parser parser;
  std::mt19937 random{22};
  const auto use = [&](std::string_view bytes) {
    const auto index = parser.parse(bytes, StreamScope::client(), {});
    if (index) (void)oracle::tree_of(*index);
    Splitter splitter;
    (void)splitter.next(oracle::header, {});
    (void)splitter.next(bytes, {});
    (void)valid_characters(bytes);
    (void)Parser::check_declaration(bytes);
    (void)Parser::check_close(bytes, "a");
  };
  for (int round = 0; round < 300; ++round) {
    const std::string piece = mutated(random);
    for (std::size_t size = 0; size <= piece.size(); ++size) {
      const std::string_view part = std::string_view{piece}.substr(0, size);
      use(edge.at_the_end(part));
      use(edge.at_the_start(part));
    }
  }
}
