// SPDX-License-Identifier: Apache-2.0
#include "xmpp/scram_text.h"

#include <algorithm>
#include <charconv>

#include "base/check.h"
#include "base/text.h"

namespace meerkat {
namespace {

constexpr std::string_view multi_prefix = "==MULTI_SCRAM==,";
constexpr std::string_view single_prefix = "==SCRAM==,";
constexpr std::array<std::string_view, all_scram_hashes.size()> hash_prefixes{
    "===SHA1===", "==SHA224==", "==SHA256==", "==SHA384==", "==SHA512=="};

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  while (true) {
    const auto end = text.find(separator);
    parts.push_back(text.substr(0, end));
    if (end == std::string_view::npos) return parts;
    text.remove_prefix(end + 1);
  }
}

std::optional<std::uint32_t> count_from(std::string_view text) {
  std::uint32_t count = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
  if (error != std::errc{} || end != text.data() + text.size() || count == 0) return std::nullopt;
  if (count > 0x7fffffff) return std::nullopt;  // OpenSSL counts in int
  return count;
}

std::optional<ScramKeys> keys_from(ScramHash hash, std::uint32_t iterations, std::string_view salt,
                                   std::string_view stored_key, std::string_view server_key) {
  auto salt_bytes = from_base64(salt);
  auto stored_bytes = from_base64(stored_key);
  auto server_bytes = from_base64(server_key);
  if (!salt_bytes || !stored_bytes || !server_bytes || salt_bytes->empty()) return std::nullopt;
  if (stored_bytes->size() != digest_size(hash) || server_bytes->size() != digest_size(hash)) return std::nullopt;
  return ScramKeys{hash, iterations, std::move(*salt_bytes), std::move(*stored_bytes), std::move(*server_bytes)};
}

std::optional<ScramKeys> keys_from_part(std::string_view part, std::uint32_t iterations) {
  for (const ScramHash hash : all_scram_hashes) {
    const std::string_view prefix = hash_prefixes[static_cast<std::size_t>(hash)];
    if (!part.starts_with(prefix)) continue;
    const auto fields = split(part.substr(prefix.size()), '|');
    if (fields.size() != 3) return std::nullopt;
    return keys_from(hash, iterations, fields[0], fields[1], fields[2]);
  }
  return std::nullopt;
}

std::optional<std::vector<ScramKeys>> from_multi(std::string_view text) {
  const auto parts = split(text, ',');
  const auto iterations = count_from(parts.front());
  if (!iterations || parts.size() < 2) return std::nullopt;
  std::vector<ScramKeys> all;
  for (const std::string_view part : std::span{parts}.subspan(1)) {
    auto keys = keys_from_part(part, *iterations);
    if (!keys || std::ranges::find(all, keys->hash, &ScramKeys::hash) != all.end()) return std::nullopt;
    all.push_back(std::move(*keys));
  }
  return all;
}

std::optional<std::vector<ScramKeys>> from_single(std::string_view text) {
  const auto parts = split(text, ',');
  if (parts.size() != 4) return std::nullopt;
  const auto iterations = count_from(parts[3]);
  if (!iterations) return std::nullopt;
  auto keys = keys_from(ScramHash::sha1, *iterations, parts[2], parts[0], parts[1]);
  if (!keys) return std::nullopt;
  return std::vector{std::move(*keys)};
}

}  // namespace

std::string to_text(std::span<const ScramKeys> keys) {
  check(!keys.empty(), "there are keys to write");
  std::string text{multi_prefix};
  text += std::to_string(keys.front().iterations);
  for (const ScramKeys& one : keys) {
    check(one.iterations == keys.front().iterations, "one text has one iteration count");
    text += ',';
    text += hash_prefixes[static_cast<std::size_t>(one.hash)];
    text += base64(one.salt) + '|' + base64(one.stored_key) + '|' + base64(one.server_key);
  }
  return text;
}

std::optional<std::vector<ScramKeys>> scram_keys_from_text(std::string_view text) {
  if (text.starts_with(multi_prefix)) return from_multi(text.substr(multi_prefix.size()));
  if (text.starts_with(single_prefix)) return from_single(text.substr(single_prefix.size()));
  return std::nullopt;
}

}  // namespace meerkat
