// SPDX-License-Identifier: Apache-2.0
#include "net/tls_section.h"

namespace meerkat {

namespace {

config::Section<DomainCertificateSettings> domain_section() {
  using namespace config;
  using S = DomainCertificateSettings;
  return Section<S>{"tls.domains", "A certificate for one domain; the others get the one of the listener."}
      .option("domain", &S::domain, "The domain, or `*.example.org` for all one level below.", mandatory, non_empty,
              example("\"example.org\""))
      .option("certfile", &S::certfile, "Its certificate chain, PEM.", mandatory, existing_file,
              example("\"/etc/meerkat/example.org.pem\""))
      .option("keyfile", &S::keyfile, "Its private key, PEM.", mandatory, existing_file,
              example("\"/etc/meerkat/example.org.key\""));
}

// Everything but `mode`.
config::Section<TlsSettings> with_files(config::Section<TlsSettings> section) {
  using namespace config;
  using S = TlsSettings;
  return section
      .option("certfile", &S::certfile,
              "The certificate chain, PEM. Without it the server makes one that signs itself, good for a first try.",
              existing_file, example("\"/etc/meerkat/fullchain.pem\""))
      .option("keyfile", &S::keyfile, "The private key of the certificate, PEM.", existing_file,
              example("\"/etc/meerkat/key.pem\""))
      .option(
          "cacertfile", &S::cacertfile,
          "Authorities that may have signed client certificates, PEM. Clients are asked for a certificate where this "
          "or verify_mode is given.",
          existing_file, example("\"/etc/meerkat/authorities.pem\""))
      .option("dhfile", &S::dhfile,
              "Parameters for the old DHE key exchange of TLS 1.2; without it such clients are not served.",
              existing_file, example("\"/etc/meerkat/dh.pem\""))
      .option("password", &S::password, "Opens the private key if it is locked.", secret)
      .option("ciphers", &S::ciphers, "Ciphers in OpenSSL's words; empty means our choice.",
              example("\"ECDHE+AESGCM:TLS_AES_128_GCM_SHA256\""))
      .option("versions", &S::versions, "Versions of TLS to speak; empty means both.", unique,
              one_of("tlsv1.2", "tlsv1.3"), example("[\"tlsv1.3\"]"))
      .option(
          "verify_mode", &S::verify_mode,
          "What a client's certificate must be: signed by an authority of cacertfile, or else of the system; signed "
          "by itself is good as well; or anything. Without it and without cacertfile clients are not asked for one.",
          example("\"peer\""))
      .option("disconnect_on_failure", &S::disconnect_on_failure,
              "Refuse a client whose certificate is not good; otherwise SASL EXTERNAL decides.")
      .option("crl_files", &S::crl_files, "Lists of revoked certificates, PEM. Each authority needs one then.",
              existing_file, example("[\"/etc/meerkat/revoked.pem\"]"))
      .option("session_tickets", &S::session_tickets, "Let clients resume TLS sessions by tickets.",
              one_of("stateless"), example("\"stateless\""))
      .option(
          "lean_records", &S::lean_records,
          "After a TLS 1.3 handshake Meerkat seals the records itself, in 0.5 KB per session instead of OpenSSL's 14. "
          "Switch it off to leave all of TLS to OpenSSL.")
      .list("domains", &S::domains, domain_section())
      .option(
          "keep_secrets", &S::keep_secrets,
          "Append the secrets of sessions to the file that the environment variable SSLKEYLOGFILE names. Whoever has "
          "it can read the traffic: for finding a fault only.")
      .ignored("module", "OpenSSL is the only one.")
      .ignored("protocol_options", "Write versions instead.")
      .ignored("early_data", "Data in TLS 1.3's first flight can be replayed, so it is not read.")
      .check([](const S& tls, Checker& checker) {
        if (tls.certfile && !tls.keyfile)
          checker.refuse("certfile", "a certificate needs its key — give keyfile as well");
        if (tls.keyfile && !tls.certfile)
          checker.refuse("keyfile", "a key needs its certificate — give certfile as well");
        if (tls.keep_secrets) checker.warn("keep_secrets", "whoever has the file can read the traffic");
        const bool verifies = tls.verify_mode && *tls.verify_mode != TlsOptions::Verify::none;
        if (!tls.crl_files.empty() && !tls.cacertfile && !verifies)
          checker.warn("crl_files", "is of no use: clients are not asked for a certificate — give cacertfile as well");
      });
}

}  // namespace

config::Section<TlsSettings> https_section() {
  return with_files(config::Section<TlsSettings>{"tls",
                                                 "Encryption of this listener. Without this table there is none.",
                                                 TlsSettings{.mode = TlsMode::tls, .alpn = {"http/1.1"}}});
}

config::Section<TlsSettings> tls_section() {
  return with_files(
      config::Section<TlsSettings>{"tls", "Encryption of this listener. Without this table there is none."}.option(
          "mode", &TlsSettings::mode,
          "When connections are encrypted: on the client's wish, always by STARTTLS, or at once."));
}

TlsOptions tls_options(const TlsSettings& settings) {
  TlsOptions options;
  options.certfile = settings.certfile.value_or("");
  options.keyfile = settings.keyfile.value_or("");
  options.cacertfile = settings.cacertfile.value_or("");
  options.dhfile = settings.dhfile.value_or("");
  options.password = settings.password;
  options.ciphers = settings.ciphers;
  options.versions = settings.versions;
  // A certificate is asked for only where it was said how to check it. Clients without one are then
  // refused, unless disconnect_on_failure is off.
  const auto verify =
      settings.verify_mode.value_or(settings.cacertfile ? TlsOptions::Verify::peer : TlsOptions::Verify::none);
  options.request_client_certificate = settings.cacertfile.has_value() || verify != TlsOptions::Verify::none;
  options.verify_mode = verify;
  options.keep_secrets = settings.keep_secrets;
  options.disconnect_on_failure = settings.disconnect_on_failure;
  options.crl_files = settings.crl_files;
  options.session_tickets = settings.session_tickets.has_value();
  options.alpn = settings.alpn;
  options.lean_records = settings.lean_records;
  for (const DomainCertificateSettings& domain : settings.domains)
    options.domains.push_back({.domain = domain.domain, .certfile = domain.certfile, .keyfile = domain.keyfile});
  return options;
}

}  // namespace meerkat
