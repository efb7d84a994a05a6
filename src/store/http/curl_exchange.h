// SPDX-License-Identifier: Apache-2.0
// One request in libcurl's hands, for curl_link.cc alone.
#pragma once

#include <curl/curl.h>

#include <array>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "base/clock.h"
#include "net/tls_context.h"
#include "store/http/call.h"
#include "store/http/options.h"
#include "store/pool/link.h"

namespace meerkat::http {

// Before anything else of libcurl, by whoever comes first. Throws when it cannot be used.
void start_curl();

// Where all requests of a link go.
struct Place {
  Origin origin;
  std::string url;         // without a path
  std::string connect_to;  // curl's way to say that another host than that of the URL is meant; usually empty
  std::string prefix;
  std::shared_ptr<const TlsContext> tls;
  bool checks_name = true;
};

// Reads the certificates that the settings name. Throws, with words for the operator, when that fails.
Place place_of(const Connection& connection);

// On its link's thread. Curl holds pointers into it, so it stays where it is, and out of the multi handle at its end.
class Exchange {
 public:
  explicit Exchange(const Place& place);
  Exchange(const Place& place, HttpCall& call, SteadyTime until);
  Exchange(const Exchange&) = delete;
  Exchange& operator=(const Exchange&) = delete;

  CURL* easy() const { return easy_.get(); }
  HttpCall& call() const { return *call_; }
  const Request& request() const { return call_->request; }
  SteadyTime until() const { return until_; }

  // Asks nothing.
  void only_connects(long milliseconds);
  // Asks, from the beginning.
  void prepare(long milliseconds);

  // Once. What a kept connection did not answer was sent again by curl before, so that makes two at most.
  bool takes_another_attempt() { return !std::exchange(was_repeated_, true); }
  bool used_streams() const;
  bool was_connected() const;
  void count_traffic(CallSupply& supply) const;
  // For the operator.
  std::string words(CURLcode code) const;

 private:
  struct EndEasy {
    void operator()(CURL* easy) const noexcept { curl_easy_cleanup(easy); }
  };
  struct EndList {
    void operator()(curl_slist* list) const noexcept { curl_slist_free_all(list); }
  };

  template <class Value>
  void set(CURLoption option, Value value) {
    curl_easy_setopt(easy_.get(), option, value);
  }
  void set_way(long milliseconds);
  void set_method();
  void set_body();
  void set_headers();
  void add_header(const std::string& line);
  // What curl calls.
  static std::size_t body_came(char* bytes, std::size_t size, std::size_t count, void* self) noexcept;
  static std::size_t header_came(char* bytes, std::size_t size, std::size_t count, void* self) noexcept;
  static std::size_t body_is_wanted(char* into, std::size_t size, std::size_t count, void* self) noexcept;
  static int body_is_wanted_again(void* self, curl_off_t offset, int origin) noexcept;
  static CURLcode tls_begins(CURL* easy, void* context, void* self) noexcept;
  void take_header(std::string_view line);

  const Place& place_;
  HttpCall* call_ = nullptr;
  SteadyTime until_;
  std::unique_ptr<CURL, EndEasy> easy_;
  std::unique_ptr<curl_slist, EndList> headers_;
  std::unique_ptr<curl_slist, EndList> connect_to_;
  std::array<char, CURL_ERROR_SIZE> error_{};
  std::size_t sent_ = 0;          // of the body
  std::size_t header_bytes_ = 0;  // of the answer
  bool is_too_large_ = false;
  bool was_repeated_ = false;
};

}  // namespace meerkat::http
