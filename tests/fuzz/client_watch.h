// SPDX-License-Identifier: Apache-2.0
// What a client makes of the bytes it is sent, by expat: the stanzas, until something is not well-formed. As in many
// clients, a space separates namespace and name; expat is offended by one in a namespace.
#pragma once

#include <expat.h>

#include <cstddef>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace meerkat::fuzz {

// One child of the stream: its expanded name ("jabber:client message") and attributes.
struct Heard {
  std::string name;
  std::map<std::string, std::string, std::less<>> attributes;
  std::string attribute(std::string_view key) const {
    const auto found = attributes.find(key);
    return found == attributes.end() ? std::string{} : found->second;
  }
};

// The stream of one client from the header that follows its login.
class ClientWatch {
 public:
  ClientWatch() : parser_(XML_ParserCreateNS("UTF-8", ' ')) {
    XML_SetUserData(parser_.get(), this);
    XML_SetElementHandler(parser_.get(), begins, ends);
    // RFC 6120 §11.1: nothing of this is ever on a stream.
    XML_SetCommentHandler(parser_.get(),
                          [](void* self, const char*) { static_cast<ClientWatch*>(self)->good_ = false; });
    XML_SetProcessingInstructionHandler(
        parser_.get(), [](void* self, const char*, const char*) { static_cast<ClientWatch*>(self)->good_ = false; });
    XML_SetStartDoctypeDeclHandler(parser_.get(), [](void* self, const char*, const char*, const char*, int) {
      static_cast<ClientWatch*>(self)->good_ = false;
    });
    hears("<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' version='1.0'>");
  }

  void hears(std::string_view bytes) {
    if (XML_Parse(parser_.get(), bytes.data(), static_cast<int>(bytes.size()), 0) != XML_STATUS_OK) good_ = false;
  }
  // Whether all that was heard so far is a good stream.
  bool good() const { return good_; }
  // Of the whole elements since it was last asked.
  std::vector<Heard> stanzas() { return std::exchange(whole_, {}); }

 private:
  static void begins(void* self, const char* name, const char** attributes) {
    auto& watch = *static_cast<ClientWatch*>(self);
    if (++watch.depth_ != 2) return;
    watch.now_ = Heard{.name = name};
    for (; *attributes != nullptr; attributes += 2) watch.now_.attributes.emplace(attributes[0], attributes[1]);
  }
  static void ends(void* self, const char*) {
    auto& watch = *static_cast<ClientWatch*>(self);
    if (--watch.depth_ == 1) watch.whole_.push_back(std::move(watch.now_));
  }

  struct Free {
    void operator()(XML_Parser parser) const { XML_ParserFree(parser); }
  };
  std::unique_ptr<std::remove_pointer_t<XML_Parser>, Free> parser_;
  bool good_ = true;
  int depth_ = 0;
  Heard now_;
  std::vector<Heard> whole_;
};

}  // namespace meerkat::fuzz
