// SPDX-License-Identifier: Apache-2.0
// Asks a web service over a connection that is made for each request, on a thread of its own.
#pragma once

#include <atomic>
#include <utility>

#include "runtime/blocking_pool.h"
#include "store/http/curl_once.h"
#include "store/http/message.h"

namespace meerkat {

class OwnConnection final : public http::Service {
 public:
  // All outlive it.
  OwnConnection(BlockingPool& thread, const std::atomic<bool>& given_up, http::Connection connection)
      : thread_(thread), given_up_(given_up), connection_(std::move(connection)) {}

  Task<http::Response> request(http::Request request) override {
    http::Response response =
        co_await thread_.run([this, &request] { return http::ask_once(connection_, std::move(request), given_up_); });
    co_return response;
  }

 private:
  BlockingPool& thread_;
  const std::atomic<bool>& given_up_;
  const http::Connection connection_;
};

}  // namespace meerkat
