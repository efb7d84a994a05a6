// SPDX-License-Identifier: Apache-2.0
#include "net/tls_client_section.h"

namespace meerkat {

using namespace config;

Section<TlsClientSettings> tls_client_section() {
  using S = TlsClientSettings;
  using N = ServerNameSettings;
  const auto server_name =
      Section<N>{"tls.server_name_indication", "The name of the server, told to it when the handshake begins."}
          .option("enabled", &N::enabled, "Ask for the server by name, and check that its certificate has the name.",
                  needs_restart)
          .option("host", &N::host, "The name, when it is not the one that we connect to.", non_empty, needs_restart,
                  example("\"db.example.org\""))
          .option("protocol", &N::protocol,
                  "How names are compared. OpenSSL does it in the one way that RFC 6125 knows, so both are the same.",
                  needs_restart);
  return Section<S>{"tls", "Encryption of the connection. Without this table there is none."}
      .option("verify_mode", &S::verify_mode,
              "What the server's certificate must be: signed by an authority of cacertfile, or else of the system; "
              "signed by itself is good as well; or anything.",
              needs_restart, example("\"peer\""))
      .option("certfile", &S::certfile, "The certificate that we show, PEM.", existing_file, needs_restart,
              example("\"/etc/meerkat/client.pem\""))
      .option("keyfile", &S::keyfile, "The private key of our certificate, PEM.", existing_file, needs_restart,
              example("\"/etc/meerkat/client.key\""))
      .option("cacertfile", &S::cacertfile, "Authorities that may have signed the server's certificate, PEM.",
              existing_file, needs_restart, example("\"/etc/meerkat/authorities.pem\""))
      .option("password", &S::password, "Opens the private key if it is locked.", secret, needs_restart)
      .option("ciphers", &S::ciphers, "Ciphers in OpenSSL's words; empty means our choice.", needs_restart,
              example("\"ECDHE+AESGCM:TLS_AES_128_GCM_SHA256\""))
      .option("versions", &S::versions, "Versions of TLS to speak; empty means both.", unique,
              one_of("tlsv1.2", "tlsv1.3"), needs_restart, example("[\"tlsv1.3\"]"))
      .option("crl_files", &S::crl_files, "Lists of revoked certificates, PEM.", existing_file, needs_restart,
              example("[\"/etc/meerkat/revoked.pem\"]"))
      .section("server_name_indication", &S::server_name_indication, server_name)
      .ignored("disconnect_on_failure", "A server whose certificate is not good is never talked to.")
      .check([](const S& tls, Checker& checker) {
        if (tls.certfile && !tls.keyfile)
          checker.refuse("certfile", "a certificate needs its key — give keyfile as well");
        if (tls.keyfile && !tls.certfile)
          checker.refuse("keyfile", "a key needs its certificate — give certfile as well");
        if (tls.verify_mode == TlsOptions::Verify::none)
          checker.warn("verify_mode", "whoever sits between can pretend to be the server");
      });
}

std::string TlsClientSettings::server_name(const std::string& host) const {
  if (verify_mode == TlsOptions::Verify::none || !server_name_indication.enabled) return {};
  return server_name_indication.host.value_or(host);
}

TlsOptions tls_options(const TlsClientSettings& settings) {
  TlsOptions options;
  options.certfile = settings.certfile.value_or("");
  options.keyfile = settings.keyfile.value_or("");
  options.cacertfile = settings.cacertfile.value_or("");
  options.password = settings.password;
  options.ciphers = settings.ciphers;
  options.versions = settings.versions;
  options.verify_mode = settings.verify_mode;
  options.crl_files = settings.crl_files;
  return options;
}

}  // namespace meerkat
