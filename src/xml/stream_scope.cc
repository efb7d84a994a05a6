// SPDX-License-Identifier: Apache-2.0
#include "xml/stream_scope.h"

#include <algorithm>

namespace meerkat::xml {
namespace {

StreamScope with_stream_prefix(const Namespace& default_namespace) {
  StreamScope scope;
  scope.declare_default(default_namespace.uri);
  scope.declare("stream", ns::streams.uri);
  return scope;
}

}  // namespace

const StreamScope& StreamScope::none() {
  static const StreamScope scope;
  return scope;
}

const StreamScope& StreamScope::client() {
  static const StreamScope scope = with_stream_prefix(ns::client);
  return scope;
}

const StreamScope& StreamScope::server() {
  static const StreamScope scope = [] {
    StreamScope made = with_stream_prefix(ns::server);
    made.declare("db", ns::dialback.uri);
    return made;
  }();
  return scope;
}

const StreamScope& StreamScope::component() {
  static const StreamScope scope = with_stream_prefix(ns::component_accept);
  return scope;
}

void StreamScope::declare_default(std::string_view uri) {
  default_uri_ = uri;
  default_id_ = known_namespace(uri).id;
}

void StreamScope::declare(std::string_view prefix, std::string_view uri) {
  const auto at = std::ranges::lower_bound(prefixes_, prefix, {}, &Prefix::name);
  prefixes_.insert(at, Prefix{std::string{prefix}, std::string{uri}, known_namespace(uri).id});
}

}  // namespace meerkat::xml
