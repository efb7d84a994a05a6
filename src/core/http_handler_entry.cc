// SPDX-License-Identifier: Apache-2.0
#include "core/http_handler_entry.h"

#include <algorithm>

namespace meerkat {
namespace {

bool is_host(std::string_view text) {
  return text == "_" || (!text.empty() && text.size() <= 253 && std::ranges::all_of(text, [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.' ||
                  c == ':' || c == '[' || c == ']';
         }));
}

bool is_path_pattern(std::string_view text) { return HttpPathPattern::parse(text).has_value(); }

}  // namespace

config::Section<HttpHandlerWhere> http_handler_where_section(const std::optional<HttpHandlerWhere>& standard) {
  using namespace config;
  using S = HttpHandlerWhere;
  const auto needed = [&](Rules& rules) { rules.mandatory = !standard; };
  return Section<S>{"listen.http[].handlers", "Where a handler answers.", standard.value_or(S{})}
      .option("host", &S::host,
              "The name by which it is asked for (without a port), or `_` for any. What has a name of its own goes "
              "first.",
              Rule{needed}, must_be("a host name, or \"_\" for any", is_host), example("\"_\""))
      .option("path", &S::path,
              "What it answers. `:name` stands for one step of the path, `[...]` at the end for any number of them; "
              "what is written out goes first.",
              Rule{needed}, must_be("a path such as \"/metrics\" or \"/api/[...]\"", is_path_pattern),
              example("\"/metrics\""));
}

std::optional<HttpPathPattern> http_handler_pattern(const ConfiguredHttpHandler& handler) {
  const std::string& path = handler.where().path;
  const bool has_rest = path.ends_with("[...]") || path.ends_with("[...]/");
  if (handler.reach() == HttpReach::path_only || has_rest) return HttpPathPattern::parse(path);
  return HttpPathPattern::parse(path + (path.ends_with('/') ? "[...]" : "/[...]"));
}

}  // namespace meerkat
