// SPDX-License-Identifier: Apache-2.0
#include "net/tls_key_log.h"

#include <fcntl.h>
#include <unistd.h>

#include <cstdlib>
#include <string>

#include <openssl/ssl.h>

namespace meerkat {
namespace {

// One write for a line, so that lines of several workers do not mix.
void write_line(const SSL* /*session*/, const char* line) noexcept try {
  const char* const file = std::getenv("SSLKEYLOGFILE");
  if (file == nullptr || *file == '\0') return;
  const int descriptor = ::open(file, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
  if (descriptor < 0) return;
  const std::string text = std::string{line} + '\n';
  [[maybe_unused]] const auto written = ::write(descriptor, text.data(), text.size());
  ::close(descriptor);
} catch (...) {
  return;  // a line less to read
}

}  // namespace

void write_key_log(ssl_ctx_st* context) { SSL_CTX_set_keylog_callback(context, write_line); }

}  // namespace meerkat
