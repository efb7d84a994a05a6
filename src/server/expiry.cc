// SPDX-License-Identifier: Apache-2.0
#include "server/expiry.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/log.h"

namespace meerkat {

Expiry::Stage Expiry::stage_of(std::chrono::days left) {
  if (left.count() < 0) return Stage::expired;
  if (left.count() < 7) return Stage::week;
  if (left.count() < 14) return Stage::fortnight;
  return left.count() < 30 ? Stage::month : Stage::fine;
}

std::vector<ExpiryNotice> Expiry::due(std::span<const CertificateFacts> shown) {
  std::vector<ExpiryNotice> notices;
  for (const CertificateFacts& certificate : shown) {
    const std::chrono::days left = certificate.days_left(clock_.wall());
    const Stage stage = stage_of(left);
    Stage& told = told_[{certificate.file.string(), certificate.not_after}];
    if (stage > told) notices.push_back({&certificate, left});
    told = stage;
  }
  return notices;
}

void log_expiry(std::span<const ExpiryNotice> notices) {
  for (const auto& [certificate, left] : notices) {
    const std::string names = fmt::format("{}", fmt::join(certificate->names, " "));
    if (left.count() < 0)
      log_error("certificate_expired", {{"file", certificate->file.string()},
                                        {"names", names},
                                        {"days_ago", -left.count()},
                                        {"now", "clients refuse it: put a new one in its place, it is taken at once"}});
    else
      log_warning("certificate_expires", {{"file", certificate->file.string()},
                                          {"names", names},
                                          {"days_left", left.count()},
                                          {"now", "put a new one in its place, it is taken at once"}});
  }
}

}  // namespace meerkat
