// SPDX-License-Identifier: Apache-2.0
// Where the server listens: what [[listen.*]] says becomes options for streams and open sockets.
#pragma once

#include <cstddef>
#include <expected>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "net/inherited_sockets.h"
#include "server/settings.h"
#include "streams/c2s_options.h"

namespace meerkat {

// An open port. The sockets are closed with it, unless they were handed over.
struct Port {
  Port() = default;
  Port(Port&&) = default;
  Port& operator=(Port&&) = delete;
  ~Port();

  std::string address;           // "c2s 127.0.0.1:5222", "c2s-tls 127.0.0.1:5223"
  std::vector<int> descriptors;  // one per worker; -1 once it was handed over
  std::shared_ptr<const C2sOptions> options;
};

// What the options of a listener are made from, beside its table.
struct PortSurroundings {
  const Settings& settings;
  const Clock& clock;
  std::size_t workers;
  std::string_view fake_salt_secret;
  InheritedSockets* inherited = nullptr;  // those are listened on where they fit
};

// All that the configuration says to the streams of a listener; certificates are read.
std::expected<C2sOptions, std::string> c2s_options(const C2sListenSettings& listener, const PortSurroundings& around);

// Opens the sockets of a listener. The error says what to do.
std::expected<Port, std::string> open_port(const C2sListenSettings& listener, const PortSurroundings& around);

}  // namespace meerkat
