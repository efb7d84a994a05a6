// SPDX-License-Identifier: Apache-2.0
#include "modules/event_pusher/options.h"

#include <algorithm>

namespace meerkat {
namespace {

using namespace config;

Section<HttpPusherOptions> http_section() {
  using H = HttpPusherHandler;
  const auto handler =
      Section<H>{"modules.mod_event_pusher.http.handlers", "Who is told of messages."}
          .option("pool_name", &H::pool_name, "The tag of the pool of the service, below [outgoing_pools.http].",
                  non_empty, also_called("pool_tag"))
          .option("path", &H::path,
                  "What comes after the path_prefix of the pool; a slash at its beginning is left out.",
                  example("\"notifications\""))
          .ignored("callback_module", "Callbacks are modules in Erlang; what the default one does is done.");
  return Section<HttpPusherOptions>{"modules.mod_event_pusher.http",
                                    "Web services that are told of the chat messages of users here."}
      .list("handlers", &HttpPusherOptions::handlers, handler)
      .check([](const HttpPusherOptions& options, Checker& checker) {
        const auto& all = options.handlers;
        for (std::size_t i = 0; i < all.size(); ++i)
          if (std::find(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(i), all[i]) !=
              all.begin() + static_cast<std::ptrdiff_t>(i))
            return checker.refuse("handlers", "two handlers are the same — leave one out");
      });
}

}  // namespace

Section<EventPusherOptions> event_pusher_section() {
  using O = EventPusherOptions;
  return Section<O>{"modules.mod_event_pusher", "Tells services outside what users here do."}
      .section("http", &O::http, http_section())
      .ignored("rabbit", "Message brokers are not told yet.")
      .ignored("push", "Push notifications (XEP-0357) are not sent yet.")
      .ignored("sns", "Amazon's SNS is not told.");
}

}  // namespace meerkat
