// SPDX-License-Identifier: Apache-2.0
// Asks a web service over a pool of connections.
#pragma once

#include <memory>
#include <string>

#include "store/http/message.h"
#include "store/http/options.h"
#include "store/pool/outgoing_pool.h"

namespace meerkat::http {

// `name` is for log lines: "http.auth". Any worker may ask; redirects are not followed, proxies and ~/.netrc not used.
class Client final : public Service {
 public:
  // Starts connecting in the background.
  Client(std::string name, const HttpPoolOptions& options);

  // A request is sent again, up to two times, when the connection breaks before there is an answer: always when it
  // cannot have been sent, else only when that does no harm (message.h).
  Task<Response> request(Request request) override;

  OutgoingPool& pool() { return pool_; }

 private:
  OutgoingPool pool_;
};

std::shared_ptr<Client> open_http(std::string name, const HttpPoolOptions& options);

}  // namespace meerkat::http
