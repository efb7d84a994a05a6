// SPDX-License-Identifier: Apache-2.0
// Where commands are taken: the private socket, and those who come through it.
#pragma once

#include <expected>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "admin/command.h"
#include "admin/premises.h"
#include "admin/private_socket.h"
#include "admin/window/page_settings.h"
#include "net/listener.h"

namespace meerkat::admin {

class Visitor;

// One per server. Opened and destroyed by the main thread, while the worker of the office stands still; all the rest
// happens on that worker.
class Office final : ConnectionTaker {
 public:
  // The error is a sentence for the operator.
  static std::expected<std::unique_ptr<Office>, std::string> open(const std::filesystem::path& socket,
                                                                  Premises premises,
                                                                  const std::optional<PageSettings>& page = {});
  ~Office();

  void start();
  // Nobody is let in any more; who waits for an answer still gets it, if it comes soon.
  void shut_down();
  bool is_idle() const { return visitors_.empty(); }

  const Premises& premises() const { return premises_; }
  const std::vector<Command>& commands() const { return commands_; }
  // Null when there is no page.
  PageDesk* page() const { return page_.get(); }
  const std::filesystem::path& path() const { return socket_.path(); }

 private:
  friend class Visitor;
  Office(PrivateSocket socket, Premises premises, const std::optional<PageSettings>& page);
  void accepted(int descriptor, const PeerAddress& peer) noexcept override;
  void bury(Visitor& visitor);
  Worker& worker() const { return premises_.here().worker; }

  PrivateSocket socket_;
  Premises premises_;
  const std::vector<Command> commands_;
  std::unique_ptr<PageDesk> page_;
  std::optional<Listener> listener_;
  std::vector<std::unique_ptr<Visitor>> visitors_;
};

}  // namespace meerkat::admin
