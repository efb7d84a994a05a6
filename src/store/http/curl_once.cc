// SPDX-License-Identifier: Apache-2.0
#include "store/http/curl_once.h"

#include <curl/curl.h>

#include <memory>
#include <new>
#include <utility>

#include "store/http/curl_exchange.h"

namespace meerkat::http {
namespace {

constexpr int patience = 100;  // milliseconds

struct EndMulti {
  void operator()(CURLM* multi) const noexcept { curl_multi_cleanup(multi); }
};

// In the hands of libcurl as long as it is there.
class UnderWay {
 public:
  UnderWay(CURLM* multi, CURL* easy) : multi_(multi), easy_(easy) {
    if (curl_multi_add_handle(multi, easy) != CURLM_OK) throw Unavailable{"libcurl takes no request"};
  }
  ~UnderWay() { curl_multi_remove_handle(multi_, easy_); }
  UnderWay(const UnderWay&) = delete;
  UnderWay& operator=(const UnderWay&) = delete;

 private:
  CURLM* const multi_;
  CURL* const easy_;
};

[[noreturn]] void give_up(const std::string& words, Unavailable::Why why) { throw Unavailable{words, why}; }

// Until libcurl has an outcome.
CURLcode outcome_of(CURLM* multi, const std::atomic<bool>& given_up) {
  for (;;) {
    if (given_up.load(std::memory_order_relaxed)) give_up("the server is stopping", Unavailable::Why::stopped);
    int running = 0;
    int left = 0;
    CURLMcode code = curl_multi_perform(multi, &running);
    if (const CURLMsg* const message = curl_multi_info_read(multi, &left)) return message->data.result;
    if (code == CURLM_OK) code = curl_multi_poll(multi, nullptr, 0, patience, nullptr);
    if (code != CURLM_OK) give_up(curl_multi_strerror(code), Unavailable::Why::failed);
  }
}

}  // namespace

Response ask_once(const Connection& connection, Request request, const std::atomic<bool>& given_up) {
  check_can_be_sent(request);
  start_curl();
  const Place place = place_of(connection);
  HttpCall call{std::move(request)};
  const std::unique_ptr<CURLM, EndMulti> multi{curl_multi_init()};
  if (!multi) throw std::bad_alloc{};
  Exchange exchange{place, call, std::chrono::steady_clock::now() + connection.request_timeout};
  exchange.prepare(static_cast<long>(connection.request_timeout.count()));
  const UnderWay under_way{multi.get(), exchange.easy()};
  const CURLcode code = outcome_of(multi.get(), given_up);
  if (code == CURLE_OPERATION_TIMEDOUT) give_up(exchange.words(code), Unavailable::Why::timed_out);
  if (code != CURLE_OK) give_up(exchange.words(code), Unavailable::Why::failed);
  return std::move(call.response);
}

}  // namespace meerkat::http
