// SPDX-License-Identifier: Apache-2.0
// What the server knows of a kind of HTTP handler before it runs: its name, its options, and how it is started.
//
//   HttpHandlerEntry prometheus_handler() {
//     return http_handler_entry<PrometheusHandler>("mongoose_prometheus_handler", prometheus_section());
//   }
//
// The section describes what the handler has besides `host` and `path`, which every table
// [[listen.http.handlers.NAME]] has. The entry stands in the list of server/all_http_handlers.cc.
#pragma once

#include <atomic>
#include <concepts>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "config/section.h"
#include "net/http_handler.h"
#include "net/http_path.h"

namespace meerkat {

class Hall;
namespace admin {
class Office;
}

// Where a handler is started: on its worker, before it is asked anything.
struct HttpPlace {
  Hall& hall;
  // Where commands are asked, for handlers of the floor above; null where there is no such office (tests).
  const admin::Office* office = nullptr;
  // Whether the server is about to stop; null where that never happens.
  const std::atomic<bool>* stopping = nullptr;
};

// What a handler answers for.
struct HttpHandlerWhere {
  std::string host;  // in lower case; "_": any that no other handler of this path has
  std::string path;  // "/metrics", "/rest/:user/[...]"

  friend bool operator==(const HttpHandlerWhere&, const HttpHandlerWhere&) = default;
};

// With a default it need not be written.
config::Section<HttpHandlerWhere> http_handler_where_section(const std::optional<HttpHandlerWhere>& standard);

// Whether a handler answers all paths below its own as well; it finds the rest in HttpRequest::below.
enum class HttpReach : std::uint8_t { path_only, all_below };

// A handler with its options. Immutable once it was read; shared by all workers, and outlived by what it started.
class ConfiguredHttpHandler {
 public:
  virtual ~ConfiguredHttpHandler() = default;
  virtual std::string_view name() const = 0;
  virtual const HttpHandlerWhere& where() const = 0;
  virtual HttpReach reach() const = 0;
  // Then what runs by it goes on when the configuration is read anew.
  virtual bool is_same_as(const ConfiguredHttpHandler& other) const = 0;
  // Once per worker. Throws what the handler's constructor throws: such a handler answers with 500, and the log says
  // so.
  virtual std::unique_ptr<HttpHandler> start(const HttpPlace& place) const = 0;
};

// The paths that it answers; what its table says, and what lies below when it reaches that far.
std::optional<HttpPathPattern> http_handler_pattern(const ConfiguredHttpHandler& handler);

// All handlers of one listener, of whatever kind, in the order of the file.
struct HttpHandlersSettings {
  std::vector<std::shared_ptr<ConfiguredHttpHandler>> all;
};

struct HttpHandlerEntry {
  std::string_view name;                     // as in the configuration: "mongoose_prometheus_handler"
  std::shared_ptr<const config::Spec> spec;  // of its table
  // Adds a handler of this kind to a vector of them, and gives what `spec` fills.
  void* (*open)(void* handlers, const std::string& name, const void* defaults) = nullptr;
};

namespace http_handler_detail {

template <class Options>
struct Table {
  std::string_view name;
  HttpReach reach = HttpReach::path_only;
  HttpHandlerWhere where;
  Options options;
};

template <class H, class Options>
class Configured final : public ConfiguredHttpHandler {
 public:
  explicit Configured(const Table<Options>& table) : table_(table) {}

  std::string_view name() const override { return table_.name; }
  const HttpHandlerWhere& where() const override { return table_.where; }
  HttpReach reach() const override { return table_.reach; }
  bool is_same_as([[maybe_unused]] const ConfiguredHttpHandler& other) const override {
    if constexpr (std::equality_comparable<Options>) {
      const auto* const same = dynamic_cast<const Configured*>(&other);
      return same != nullptr && same->table_.where == table_.where && same->table_.options == table_.options;
    }
    return false;
  }
  std::unique_ptr<HttpHandler> start(const HttpPlace& place) const override {
    return std::make_unique<H>(place, std::make_shared<const Options>(table_.options));
  }

  static void* open(void* handlers, const std::string&, const void* defaults) {
    auto& all = *static_cast<std::vector<std::shared_ptr<ConfiguredHttpHandler>>*>(handlers);
    auto fresh = std::make_shared<Configured>(*static_cast<const Table<Options>*>(defaults));
    Table<Options>* const table = &fresh->table_;
    all.push_back(std::move(fresh));
    return table;
  }

 private:
  Table<Options> table_;
};

}  // namespace http_handler_detail

// One that no table has asked for.
template <class H, class Options>
std::shared_ptr<ConfiguredHttpHandler> http_handler_at(std::string_view name, HttpHandlerWhere where, Options options,
                                                       HttpReach reach = HttpReach::path_only) {
  return std::make_shared<http_handler_detail::Configured<H, Options>>(
      http_handler_detail::Table<Options>{name, reach, std::move(where), std::move(options)});
}

// `H` is constructed from (const HttpPlace&, std::shared_ptr<const Options>). Where two Options can be compared (`==`),
// a handler whose table stays as it is survives that the configuration is read anew. `standard`: where it answers when
// its table does not say.
template <class H, class Options>
HttpHandlerEntry http_handler_entry(std::string_view name, const config::Section<Options>& section,
                                    HttpReach reach = HttpReach::path_only,
                                    const std::optional<HttpHandlerWhere>& standard = {}) {
  using Table = http_handler_detail::Table<Options>;
  const std::string path = "listen.http[].handlers." + std::string{name} + "[]";
  auto table = std::make_shared<config::Section<Table>>(
      path, section.spec().sentence(), Table{name, reach, standard.value_or(HttpHandlerWhere{}), Options{}});
  table->include(&Table::where, http_handler_where_section(standard)).include(&Table::options, section);
  return {.name = name, .spec = {table, &table->spec()}, .open = &http_handler_detail::Configured<H, Options>::open};
}

}  // namespace meerkat
