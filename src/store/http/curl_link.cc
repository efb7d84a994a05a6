// SPDX-License-Identifier: Apache-2.0
#include "store/http/curl_link.h"

#include <curl/curl.h>

#include <algorithm>
#include <stdexcept>
#include <string_view>
#include <utility>
#include <vector>

#include "store/http/curl_exchange.h"

namespace meerkat::http {
namespace {

using std::chrono::milliseconds;

SteadyTime now() { return std::chrono::steady_clock::now(); }

long milliseconds_until(SteadyTime time) {
  return static_cast<long>(std::chrono::ceil<milliseconds>(time - now()).count());
}

// How long libcurl may wait before it is asked again whether all is well.
constexpr int patience = 1000;       // milliseconds
constexpr int short_patience = 100;  // while it connects

struct EndMulti {
  void operator()(CURLM* multi) const noexcept { curl_multi_cleanup(multi); }
};

// The trouble is with the way to the service: the next request would not get through either.
bool is_no_way(CURLcode code) {
  switch (code) {
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_CONNECT:
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_ENGINE_INITFAILED:
      return true;
    default:
      return false;
  }
}

// The connection broke; on a new one it may work.
bool is_broken(CURLcode code) {
  switch (code) {
    case CURLE_SEND_ERROR:
    case CURLE_RECV_ERROR:
    case CURLE_GOT_NOTHING:
    case CURLE_PARTIAL_FILE:
    case CURLE_HTTP2:
    case CURLE_HTTP2_STREAM:
      return true;
    default:
      return false;
  }
}

class CurlLink final : public Link {
 public:
  explicit CurlLink(const Connection& connection) : connection_(connection) { start_curl(); }
  ~CurlLink() override { close(); }

  void connect(SteadyTime until) override {
    close();
    place_ = place_of(connection_);
    multi_.reset(curl_multi_init());
    if (!multi_) throw std::bad_alloc{};
    curl_multi_setopt(multi_.get(), CURLMOPT_MAX_HOST_CONNECTIONS, 1L);
    curl_multi_setopt(multi_.get(), CURLMOPT_MAXCONNECTS, 1L);
    curl_multi_setopt(multi_.get(), CURLMOPT_PIPELINING, CURLPIPE_MULTIPLEX);
    look_whether_it_is_there(until);
  }

  void close() noexcept override {
    for (const auto& exchange : under_way_) curl_multi_remove_handle(multi_.get(), exchange->easy());
    under_way_.clear();
    multi_.reset();
    has_streams_ = false;
  }

  void serve(Call& call, CallSupply& more) override {
    begin(static_cast<HttpCall&>(call), more);
    while (!under_way_.empty()) {
      while (has_streams_) {
        Call* const next = more.take();
        if (next == nullptr) break;
        begin(static_cast<HttpCall&>(*next), more);
      }
      turn(patience, has_streams_ ? more.wake_up() : -1);
      hear_of_ends(more);
    }
  }

  void keep_alive(SteadyTime until) override { look_whether_it_is_there(until); }
  int descriptor() const override { return -1; }
  void hears() override {}

 private:
  using Exchanges = std::vector<std::unique_ptr<Exchange>>;

  void look_whether_it_is_there(SteadyTime until) {
    Exchange probe{place_};
    probe.only_connects(milliseconds_until(until));
    curl_multi_add_handle(multi_.get(), probe.easy());
    CURLcode code = CURLE_OPERATION_TIMEDOUT;
    for (bool ended = false; !ended && now() < until + milliseconds{100};) {
      turn(short_patience);
      int left = 0;
      if (const CURLMsg* const message = curl_multi_info_read(multi_.get(), &left)) {
        code = message->data.result;
        ended = true;
      }
    }
    curl_multi_remove_handle(multi_.get(), probe.easy());
    if (code != CURLE_OK) throw std::runtime_error{probe.words(code)};
  }

  void begin(HttpCall& call, CallSupply& more) {
    const SteadyTime until = std::min(now() + connection_.request_timeout, more.deadline(call));
    under_way_.push_back(std::make_unique<Exchange>(place_, call, until));
    ask(*under_way_.back());
  }

  void ask(Exchange& exchange) {
    exchange.prepare(std::max(1L, milliseconds_until(exchange.until())));
    if (curl_multi_add_handle(multi_.get(), exchange.easy()) != CURLM_OK)
      throw std::runtime_error{"libcurl takes no request"};
  }

  // Waits for one more descriptor to be readable, if there is one.
  void turn(int most_milliseconds, int other = -1) {
    int running = 0;
    CURLMcode code = curl_multi_perform(multi_.get(), &running);
    ::curl_waitfd more{.fd = other, .events = CURL_WAIT_POLLIN, .revents = 0};
    if (code == CURLM_OK && running > 0)
      code = curl_multi_poll(multi_.get(), &more, other >= 0 ? 1 : 0, most_milliseconds, nullptr);
    if (code != CURLM_OK) throw std::runtime_error{curl_multi_strerror(code)};
  }

  void hear_of_ends(CallSupply& more) {
    int left = 0;
    while (const CURLMsg* const message = curl_multi_info_read(multi_.get(), &left)) {
      if (message->msg != CURLMSG_DONE) continue;
      const CURLcode code = message->data.result;
      CURL* const easy = message->easy_handle;
      curl_multi_remove_handle(multi_.get(), easy);
      const auto found = std::ranges::find_if(under_way_, [easy](const auto& one) { return one->easy() == easy; });
      if (found != under_way_.end()) ended(found, code, more);
    }
  }

  void ended(Exchanges::iterator place, CURLcode code, CallSupply& more) {
    Exchange& exchange = **place;
    exchange.count_traffic(more);
    if (code != CURLE_OK && may_ask_again(exchange, code)) return ask(exchange);
    const std::unique_ptr<Exchange> over = std::move(*place);
    under_way_.erase(place);
    if (code == CURLE_OK) {
      has_streams_ = over->used_streams();
      return more.finish(over->call());
    }
    // The pool tells the caller, and connects anew.
    if (is_no_way(code) || (code == CURLE_OPERATION_TIMEDOUT && !over->was_connected()))
      throw std::runtime_error{over->words(code)};
    const auto why = code == CURLE_OPERATION_TIMEDOUT ? Unavailable::Why::timed_out : Unavailable::Why::failed;
    more.finish(over->call(), std::make_exception_ptr(Unavailable{over->words(code), why}));
  }

  static bool may_ask_again(Exchange& exchange, CURLcode code) {
    const bool is_safe = code == CURLE_COULDNT_CONNECT || (is_broken(code) && may_be_sent_twice(exchange.request()));
    return is_safe && now() < exchange.until() && exchange.takes_another_attempt();
  }

  const Connection connection_;
  Place place_;
  std::unique_ptr<CURLM, EndMulti> multi_;
  Exchanges under_way_;
  bool has_streams_ = false;  // the latest answer came over HTTP/2
};

}  // namespace

std::unique_ptr<Link> make_curl_link(const Connection& connection) { return std::make_unique<CurlLink>(connection); }

}  // namespace meerkat::http
