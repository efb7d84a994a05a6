// SPDX-License-Identifier: Apache-2.0
// Who answers requests: what lies behind a path of an HTTP listener.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "net/connection.h"
#include "net/http_message.h"
#include "runtime/task.h"

namespace meerkat {

// Who has asked, and waits for the answer. On the worker of its connection.
class HttpAsker {
 public:
  // Called once, when it has gone away before the answer was there. What was asked is of no use any more: whoever holds
  // the answer back for long ends its waiting then.
  using Gone = void (*)(void* context);

  bool has_gone() const { return gone_; }
  // Replaces an earlier wish; null: nobody wants to know.
  void when_gone(Gone call, void* context) {
    call_ = call;
    context_ = context;
  }
  // For the connection.
  void goes() {
    gone_ = true;
    if (call_ != nullptr) std::exchange(call_, nullptr)(context_);
  }

 private:
  bool gone_ = false;
  Gone call_ = nullptr;
  void* context_ = nullptr;
};

// A connection whose HTTP is over: for an HttpUpgrade.
struct HttpTakenOver {
  std::unique_ptr<Connection> connection;  // settled here; its user is still the old one: change it at once
  std::shared_ptr<void> counted;           // keep it as long as the connection is open: the limits count it
  std::string heard;                       // what the peer has sent already behind its request
  PeerAddress peer;
  bool over_tls = false;
};

// One per worker and table of the configuration; used on that worker only. It lives until all its answers are there,
// also when another configuration has taken its place.
class HttpHandler {
 public:
  virtual ~HttpHandler() = default;

  // Which methods it answers; another is answered with 405 (RFC 9110 §15.5.6). HEAD is answered where GET is: with the
  // answer to GET, its body left out. OPTIONS is answered for those who do not want it.
  virtual std::vector<HttpMethod> methods() const { return {HttpMethod::get}; }
  // The largest body it wants; a larger one is answered with 413 before it is read.
  virtual std::size_t largest_body() const { return 64 * 1024; }

  // Begins on the worker of the connection, and ends there. It may take its time, however long, and may throw: that is
  // answered with 500, and logged. `request` stays where it is until the task has ended.
  virtual Task<HttpResponse> answer(const HttpRequest& request) = 0;
};

}  // namespace meerkat
