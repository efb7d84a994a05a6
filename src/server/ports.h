// SPDX-License-Identifier: Apache-2.0
// Where the server listens: what [[listen.*]] says becomes options for those who come, and open sockets; and how all of
// it changes while the server runs.
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "net/inherited_sockets.h"
#include "server/file_watch.h"
#include "server/settings.h"
#include "server/system_metrics.h"
#include "streams/c2s_service.h"
#include "streams/http_service.h"

namespace meerkat {

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

// What others are told of ports.
struct ShownPorts {
  std::vector<std::string> addresses;
  std::vector<CertificateFacts> certificates;              // each once
  std::vector<TlsListener> tls_listeners;                  // named as MongooseIM names them in metrics
  std::vector<std::shared_ptr<const ListenerLoad>> loads;  // of clients
};

// The kinds of listeners.
struct C2sPorts {
  using Settings = C2sListenSettings;
  using Options = C2sOptions;
  using Service = C2sService;

  static const std::vector<Settings>& listed(const ListenSettings& listen) { return listen.c2s; }
  // All that the configuration says to the streams of a listener, but for TLS.
  static std::expected<Options, std::string> options(const Settings& listener, const PortSurroundings& around);
  static std::string_view word(const Options& options) { return options.tls_mode == TlsMode::tls ? "c2s-tls" : "c2s"; }
};

struct HttpPorts {
  using Settings = HttpListenSettings;
  using Options = HttpOptions;
  using Service = HttpService;

  static const std::vector<Settings>& listed(const ListenSettings& listen) { return listen.http; }
  static std::expected<Options, std::string> options(const Settings& listener, const PortSurroundings& around);
  static std::string_view word(const Options& options) { return options.tls_contexts.empty() ? "http" : "https"; }
};

// An open port. The sockets are closed with it, unless they were handed over.
template <class Kind>
struct Port {
  Port() = default;
  Port(Port&&) = default;
  Port& operator=(Port&&) = delete;
  ~Port();

  std::string address;           // "c2s 127.0.0.1:5222", "c2s-tls 127.0.0.1:5223", "https [::]:5281"
  std::vector<int> descriptors;  // one per worker; -1 once it was handed over
  std::shared_ptr<const typename Kind::Options> options;
  typename Kind::Settings settings;        // what it was made from
  std::shared_ptr<TlsTicketKeys> tickets;  // they survive a change of the certificate
  FileWatch files;                         // of its certificates
};

// The ports of one kind. Everything by the main thread, or whoever changes the configuration; never on a worker.
template <class Kind>
class Ports {
 public:
  using Services = std::vector<std::unique_ptr<typename Kind::Service>>;

  // One service per worker, by its index.
  explicit Ports(const Services& services) : services_(services) {}

  // Opens the sockets. The error says what to do.
  std::expected<void, std::string> open(const PortSurroundings& around);
  // The workers listen.
  void hand_over();

  // Listeners of a new configuration, prepared beside those that run: nothing of it can fail any more once it is there.
  // Listeners are the same when address and port are. Those sockets stay; who comes goes by the new options.
  struct Change {
    struct Kept {
      std::size_t which;  // of the ports that are open
      typename Kind::Settings settings;
      std::shared_ptr<const typename Kind::Options> options;
      FileWatch files;
    };
    std::vector<Kept> kept;
    std::vector<Port<Kind>> fresh;  // open, and not handed over
    std::vector<std::size_t> gone;  // of the ports that are open
  };
  // Reads certificates and opens sockets. The error says what to do.
  std::expected<Change, std::string> prepare(const PortSurroundings& around) const;
  void apply(Change change);

  // Takes certificates that were replaced; whether there were any.
  bool take_certificates(const PortSurroundings& around, WallTime now);

  void show(ShownPorts& shown) const;
  void add_numbers(std::vector<std::uint16_t>& numbers) const;

 private:
  void hand_over(Port<Kind>& port);
  void put_in_place(Port<Kind>& port, std::shared_ptr<const typename Kind::Options> options);
  bool take_certificates(Port<Kind>& port, const PortSurroundings& around, WallTime now);

  const Services& services_;
  std::vector<Port<Kind>> ports_;
};

extern template struct Port<C2sPorts>;
extern template struct Port<HttpPorts>;
extern template class Ports<C2sPorts>;
extern template class Ports<HttpPorts>;

}  // namespace meerkat
