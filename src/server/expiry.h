// SPDX-License-Identifier: Apache-2.0
// Certificates that run out: said in good time, and once each.
#pragma once

#include <map>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "net/tls_certificate.h"

namespace meerkat {

struct ExpiryNotice {
  const CertificateFacts* certificate = nullptr;
  std::chrono::days left{};  // negative when it has expired
};

// Asked now and then, on one thread.
class Expiry {
 public:
  // `clock` outlives it.
  explicit Expiry(const Clock& clock) : clock_(clock) {}

  // Those that came below 30, 14 or 7 days, or expired, since it was asked last; a certificate that is shown for the
  // first time has come below its days now. Valid as long as `shown`.
  std::vector<ExpiryNotice> due(std::span<const CertificateFacts> shown);

 private:
  enum class Stage : std::uint8_t { fine, month, fortnight, week, expired };
  static Stage stage_of(std::chrono::days left);

  const Clock& clock_;
  std::map<std::pair<std::string, WallTime>, Stage> told_;  // by file and end
};

// Writes the lines.
void log_expiry(std::span<const ExpiryNotice> notices);

}  // namespace meerkat
