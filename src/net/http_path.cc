// SPDX-License-Identifier: Apache-2.0
#include "net/http_path.h"

#include <algorithm>
#include <charconv>

#include "xmpp/stringprep.h"

namespace meerkat {
namespace {

constexpr std::size_t most_query_fields = 256;

bool is_control(unsigned char c) { return c < 0x20 || c == 0x7f; }

// Of two digits.
std::optional<char> encoded_byte(std::string_view digits) {
  unsigned value = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value, 16);
  if (error != std::errc{} || end != digits.data() + 2) return std::nullopt;
  return static_cast<char>(value);
}

// RFC 3986 §2.1. Nothing when a percent sign is followed by anything but two digits.
std::optional<std::string> decoded(std::string_view text, bool plus_is_space) {
  std::string plain;
  plain.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '+' && plus_is_space) {
      plain += ' ';
    } else if (text[i] != '%') {
      plain += text[i];
    } else {
      const auto byte = encoded_byte(text.substr(i + 1, 2));
      if (!byte) return std::nullopt;
      plain += *byte;
      i += 2;
    }
  }
  return plain;
}

// Of a path, between two slashes; the empty one is fine.
std::optional<std::string> decoded_step(std::string_view step) {
  auto plain = decoded(step, false);
  if (!plain || *plain == "." || *plain == ".." || !is_utf8(*plain)) return std::nullopt;
  const auto is_bad = [](char c) { return c == '/' || c == '\\' || is_control(static_cast<unsigned char>(c)); };
  if (std::ranges::any_of(*plain, is_bad)) return std::nullopt;
  return plain;
}

std::optional<std::string> decoded_path(std::string_view path) {
  if (!path.starts_with('/')) return std::nullopt;
  std::string plain;
  while (!path.empty()) {
    path.remove_prefix(1);
    const std::size_t end = std::min(path.find('/'), path.size());
    const auto step = decoded_step(path.substr(0, end));
    if (!step) return std::nullopt;
    plain += '/';
    plain += *step;
    path.remove_prefix(end);
  }
  return plain;
}

std::string_view without_last_slash(std::string_view path) {
  if (path.ends_with('/')) path.remove_suffix(1);
  return path;
}

// The next step of a path that begins with a slash, which is taken away from it.
std::string_view next_step(std::string_view& path) {
  path.remove_prefix(1);
  const std::string_view step = path.substr(0, path.find('/'));
  path.remove_prefix(step.size());
  return step;
}

}  // namespace

std::optional<std::vector<std::pair<std::string, std::string>>> parse_http_form(std::string_view text) {
  std::vector<std::pair<std::string, std::string>> fields;
  while (!text.empty()) {
    const std::string_view field = text.substr(0, text.find('&'));
    text.remove_prefix(std::min(text.size(), field.size() + 1));
    if (field.empty()) continue;
    const std::size_t equals = std::min(field.find('='), field.size());
    auto name = decoded(field.substr(0, equals), true);
    auto value = decoded(field.substr(std::min(equals + 1, field.size())), true);
    const bool good = name && value && is_utf8(*name) && is_utf8(*value);
    if (!good || fields.size() == most_query_fields) return std::nullopt;
    fields.emplace_back(std::move(*name), std::move(*value));
  }
  return fields;
}

std::optional<std::string> http_host(std::string_view host_and_port) {
  std::string_view host = host_and_port;
  const std::size_t bracket = host.starts_with('[') ? host.find(']') : 0;
  if (bracket == std::string_view::npos) return std::nullopt;
  if (const std::size_t colon = host.find(':', bracket); colon != std::string_view::npos) {
    const std::string_view port = host.substr(colon + 1);
    if (port.size() > 5 || port.find_first_not_of("0123456789") != std::string_view::npos) return std::nullopt;
    host = host.substr(0, colon);
  }
  if (host.ends_with('.')) host.remove_suffix(1);
  if (host.empty() || host.size() > 255) return std::nullopt;
  std::string lower;
  for (const char c : host) {
    const bool capital = c >= 'A' && c <= 'Z';
    const bool good = capital || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_' ||
                      (bracket > 0 && (c == '[' || c == ']' || c == ':'));
    if (!good) return std::nullopt;
    lower += capital ? static_cast<char>(c - 'A' + 'a') : c;
  }
  return lower;
}

std::optional<HttpTarget> parse_http_target(std::string_view target) {
  HttpTarget parsed;
  if (target == "*") {
    parsed.is_star = true;
    return parsed;
  }
  const auto is_bad = [](char c) {
    return is_control(static_cast<unsigned char>(c)) || static_cast<unsigned char>(c) > 0x7f || c == ' ' || c == '#' ||
           c == '\\';
  };
  if (std::ranges::any_of(target, is_bad)) return std::nullopt;
  for (const std::string_view scheme : {"http://", "https://"}) {
    if (!target.starts_with(scheme)) continue;
    target.remove_prefix(scheme.size());
    const auto host = http_host(target.substr(0, target.find_first_of("/?")));
    if (!host) return std::nullopt;
    parsed.host = *host;
    target.remove_prefix(std::min(target.find_first_of("/?"), target.size()));
    break;
  }
  const std::size_t question = std::min(target.find('?'), target.size());
  std::string_view written = target.substr(0, question);
  if (written.empty() && !parsed.host.empty()) written = "/";
  auto path = decoded_path(written);
  auto query = parse_http_form(target.substr(std::min(question + 1, target.size())));
  if (!path || !query) return std::nullopt;
  parsed.path = std::move(*path);
  parsed.query = std::move(*query);
  return parsed;
}

std::optional<HttpPathPattern> HttpPathPattern::parse(std::string_view text) {
  if (!text.starts_with('/')) return std::nullopt;
  HttpPathPattern pattern;
  text = without_last_slash(text);
  while (!text.empty()) {
    const std::string_view step = next_step(text);
    const bool is_last = text.empty();
    if (step == "[...]" && is_last) {
      pattern.steps_.push_back({Kind::rest, {}});
    } else if (step.starts_with(':') && step.size() > 1) {
      pattern.steps_.push_back({Kind::binding, std::string{step.substr(1)}});
    } else {
      const auto plain = decoded_step(step);
      if (!plain || step.find_first_of("[]:?#") != std::string_view::npos) return std::nullopt;
      pattern.steps_.push_back({Kind::literal, *plain});
    }
  }
  return pattern;
}

std::optional<HttpPathPattern::Match> HttpPathPattern::match(std::string_view path) const {
  Match match;
  const std::string_view whole = without_last_slash(path);
  std::string_view left = whole;
  for (const Step& step : steps_) {
    if (step.kind == Kind::rest) {
      path.remove_prefix(whole.size() - left.size());
      match.below = path.substr(path.empty() ? 0 : 1);
      return match;
    }
    if (left.empty()) return std::nullopt;
    const std::string_view own = next_step(left);
    if (step.kind == Kind::literal && own != step.text) return std::nullopt;
    if (step.kind == Kind::binding) {
      if (own.empty()) return std::nullopt;
      match.bindings.emplace_back(step.text, own);
    }
  }
  return left.empty() ? std::optional{std::move(match)} : std::nullopt;
}

std::string HttpPathPattern::shape() const {
  std::string shape;
  for (const Step& step : steps_)
    shape += "/" + (step.kind == Kind::literal ? step.text : step.kind == Kind::binding ? ":" : "[...]");
  return shape;
}

bool HttpPathPattern::is_closer_than(const HttpPathPattern& other) const {
  for (std::size_t i = 0; i < steps_.size() && i < other.steps_.size(); ++i)
    if (steps_[i].kind != other.steps_[i].kind) return steps_[i].kind > other.steps_[i].kind;
  // "/a" goes before "/a/[...]".
  const auto ends_with_rest = [](const HttpPathPattern& pattern) {
    return !pattern.steps_.empty() && pattern.steps_.back().kind == Kind::rest;
  };
  if (steps_.size() != other.steps_.size()) return !ends_with_rest(*this) && ends_with_rest(other);
  return false;
}

}  // namespace meerkat
