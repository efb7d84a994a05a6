// SPDX-License-Identifier: Apache-2.0
#include "server/port_change.h"

#include <utility>

namespace meerkat {
namespace {

// The first of them that nobody has taken yet; port 0 may be there more than once.
std::size_t find_same(const std::vector<Port>& open, const std::vector<bool>& taken,
                      const C2sListenSettings& listener) {
  for (std::size_t i = 0; i < open.size(); ++i)
    if (!taken[i] && open[i].settings.port == listener.port && open[i].settings.ip_address == listener.ip_address)
      return i;
  return open.size();
}

}  // namespace

std::expected<PortChange, std::string> PortChange::prepare(const std::vector<Port>& open, PortSurroundings around) {
  PortChange change;
  for (const Port& port : open) around.own_ports.push_back(port.options->address.port);
  std::vector<bool> taken(open.size());
  for (const C2sListenSettings& listener : around.settings.listen.c2s) {
    const std::size_t same = find_same(open, taken, listener);
    if (same == open.size()) {
      auto port = open_port(listener, around);
      if (!port) return std::unexpected(port.error());
      change.fresh.push_back(std::move(*port));
      continue;
    }
    taken[same] = true;
    FileWatch files{tls_files(listener, around)};
    auto options = changed_options(open[same], listener, around);
    if (!options) return std::unexpected(options.error());
    change.kept.push_back({.which = same,
                           .settings = listener,
                           .options = std::make_shared<const C2sOptions>(std::move(*options)),
                           .files = std::move(files)});
  }
  for (std::size_t i = 0; i < open.size(); ++i)
    if (!taken[i]) change.gone.push_back(i);
  return change;
}

}  // namespace meerkat
