// SPDX-License-Identifier: Apache-2.0
// Where the server listens: what [[listen.*]] says becomes options for streams and open sockets.
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "net/inherited_sockets.h"
#include "server/file_watch.h"
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
  C2sListenSettings settings;              // what it was made from
  std::shared_ptr<TlsTicketKeys> tickets;  // they survive a change of the certificate
  FileWatch files;                         // of its certificates
};

// What the options of a listener are made from, beside its table.
struct PortSurroundings {
  const Settings& settings;
  const Clock& clock;
  std::size_t workers;
  std::string_view fake_salt_secret;
  InheritedSockets* inherited = nullptr;  // those are listened on where they fit
  // Ports that are ours already: whether they are free is not asked.
  std::vector<std::uint16_t> own_ports = {};
};

// All that the configuration says to the streams of a listener; certificates are read.
std::expected<C2sOptions, std::string> c2s_options(const C2sListenSettings& listener, const PortSurroundings& around,
                                                   std::shared_ptr<TlsTicketKeys> tickets);

// Other options for a port that is open: they get its address, and what its listeners have in common. `port` itself is
// not changed.
std::expected<C2sOptions, std::string> changed_options(const Port& port, const C2sListenSettings& listener,
                                                       const PortSurroundings& around);
// Those that its certificates are read from.
std::vector<std::filesystem::path> tls_files(const C2sListenSettings& listener, const PortSurroundings& around);
// "c2s 127.0.0.1:5222"
std::string address_line(const C2sOptions& options);
// "127.0.0.1@tcp/5222", as MongooseIM names listeners in metrics.
std::string listener_id(const C2sOptions& options);

// Opens the sockets of a listener. The error says what to do.
std::expected<Port, std::string> open_port(const C2sListenSettings& listener, const PortSurroundings& around);

}  // namespace meerkat
