// SPDX-License-Identifier: Apache-2.0
// Ids, nonces and salts, all from the operating system's generator through OpenSSL's DRBG. Any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

namespace meerkat {

// Fills `bytes`; throws std::runtime_error when the system has no randomness to give.
void fill_random(std::span<std::byte> bytes);

// `count` random bytes.
std::string random_bytes(std::size_t count);

// A printable token with `bits` bits of randomness in lower-case base 32 (stream ids, resources, nonces).
std::string random_token(std::size_t bits = 128);

std::uint64_t random_u64();

// Version 4 in lower case (RFC 9562 §5.4): "6ba7b810-9dad-41d1-80b4-00c04fd430c8".
std::string random_uuid();

}  // namespace meerkat
