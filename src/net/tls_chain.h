// SPDX-License-Identifier: Apache-2.0
// Certificates and keys from PEM files (RFC 7468): which key belongs to which, and who vouches for whom.
#pragma once

#include <expected>
#include <filesystem>
#include <string>
#include <vector>

#include "net/tls_handles.h"

namespace meerkat {

// One certificate of ours with what is needed to show it.
struct CertificateChain {
  CertificateHandle leaf;
  KeyHandle key;
  std::vector<CertificateHandle> authorities;  // from the leaf's issuer upwards, as far as the file holds them
};

// All chains of `certfile` for whose leaf `keyfile` holds the key; at least one. `password` opens encrypted keys.
// On failure: what is wrong with which file, and what to do. Reads files.
std::expected<std::vector<CertificateChain>, std::string> read_chains(const std::filesystem::path& certfile,
                                                                      const std::filesystem::path& keyfile,
                                                                      const std::string& password);

// The whole file, or what to do about not getting it.
std::expected<std::string, std::string> read_text(const std::filesystem::path& file);

}  // namespace meerkat
