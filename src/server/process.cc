// SPDX-License-Identifier: Apache-2.0
#include "server/process.h"

#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "base/log.h"

namespace meerkat {

void forbid_core_dumps() {
  const rlimit none{0, 0};
  const bool limited = ::setrlimit(RLIMIT_CORE, &none) == 0;
  // The limit does not stop a handler that the kernel pipes cores to (core(5)); not being dumpable does.
  if (::prctl(PR_SET_DUMPABLE, 0) == 0 && limited) return;
  log_warning("core_dumps_possible", {{"error", std::strerror(errno)}});
}

void warn_about_root() {
  if (::geteuid() != 0) return;
  log_warning("running_as_root",
              {{"now", "give the server a user of its own, as packaging/systemd/meerkat.service does"}});
}

}  // namespace meerkat
