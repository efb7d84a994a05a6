// SPDX-License-Identifier: Apache-2.0
#include <sys/stat.h>

#include <filesystem>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/log_line.h"
#include "net/tls_context.h"
#include "server/check/checks.h"

namespace meerkat {
namespace {

constexpr int soon = 30;  // days

void check_days(const CertificateFacts& facts, WallTime now, Findings& findings) {
  const long days = facts.days_left(now).count();
  const std::string file = facts.file.string();
  if (facts.not_before > now)
    findings.fail("certificate", file + " is not valid yet; check the clock of this machine, or wait");
  else if (days < 0)
    findings.fail("certificate", fmt::format("{} expired on {}; renew it, clients refuse it", file,
                                             log_time(facts.not_after).substr(0, 10)));
  else if (days <= soon)
    findings.warn("certificate", fmt::format("{} expires in {} days; see that it is renewed", file, days));
  else
    findings.ok("certificate", fmt::format("{} ({}, {}) is valid for {} more days", file, facts.key,
                                           fmt::join(facts.names, ", "), days));
  if (facts.self_signed)
    findings.warn("certificate", file + " signed itself: clients warn their users; get one from an authority");
}

void check_names(const std::vector<CertificateFacts>& shown, const Settings& settings, Findings& findings) {
  for (const std::string& host : settings.general.hosts) {
    bool covered = false;
    std::string files;
    for (const CertificateFacts& facts : shown) {
      PeerCertificate names;
      names.dns_names = names.xmpp_addrs = facts.names;
      covered = covered || names_server(names, host, "_xmpp-client");
      files += (files.empty() ? "" : ", ") + facts.file.string();
    }
    if (!covered)
      findings.fail("certificate", fmt::format("no certificate names {} (looked at: {}); add one under tls.domains, or "
                                               "get one that names all hosts",
                                               host, files));
  }
}

void check_key_file(const std::filesystem::path& file, Findings& findings) {
  struct stat status{};
  if (::stat(file.c_str(), &status) == 0 && (status.st_mode & S_IROTH) != 0)
    findings.warn("certificate", fmt::format("everybody on this machine can read the key {}; chmod o= {}",
                                             file.string(), file.string()));
}

void check_listener(const TlsSettings& tls, const Settings& settings, WallTime now, Findings& findings) {
  TlsOptions options = tls_options(tls);
  if (options.certfile.empty()) {
    const std::filesystem::path directory = settings.internal_databases.embedded.directory;
    options.certfile = directory / "self-signed.crt";
    options.keyfile = directory / "self-signed.key";
    if (!std::filesystem::exists(options.certfile)) {
      findings.warn("certificate",
                    "no certfile is configured: the server will make a certificate that signs itself, "
                    "and clients will warn their users");
      return;
    }
  }
  options.session_tickets = false;  // needs keys, and says nothing about certificates
  const auto context = TlsContext::make(options, TlsRole::server);
  if (!context) {
    findings.fail("certificate", context.error());
    return;
  }
  for (const CertificateFacts& facts : (*context)->certificates()) check_days(facts, now, findings);
  check_names((*context)->certificates(), settings, findings);
  check_key_file(options.keyfile, findings);
  for (const TlsOptions::DomainCertificate& domain : options.domains) check_key_file(domain.keyfile, findings);
}

}  // namespace

void check_certificates(const Settings& settings, WallTime now, Findings& findings) {
  for (const C2sListenSettings& listener : settings.listen.c2s)
    if (listener.tls) check_listener(*listener.tls, settings, now, findings);
  for (const HttpListenSettings& listener : settings.listen.http)
    if (listener.tls) check_listener(*listener.tls, settings, now, findings);
}

}  // namespace meerkat
