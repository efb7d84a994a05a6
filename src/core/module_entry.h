// SPDX-License-Identifier: Apache-2.0
// What the server knows of a module before it runs: its name, its options, and how it is started.
//
//   ModuleEntry ping_module() { return module_entry<Ping>("mod_ping", {"0199"}, ping_section()); }
#pragma once

#include <concepts>
#include <functional>
#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "config/comparison.h"
#include "config/section.h"
#include "core/backend.h"
#include "core/module.h"
#include "store/sql/migration.h"

namespace meerkat {

// A pool of [outgoing_pools] that a module cannot do without, and the option that names it, or the table without which
// it would not be needed: "http.handlers[1].pool_name", below the module's own table.
struct NeededPool {
  std::string option;
  std::string kind;  // "http"
  std::string tag;
};

// A module with the options of one host type. Immutable; shared by all workers, and outlived by what it started.
class ConfiguredModule {
 public:
  virtual ~ConfiguredModule() = default;
  // As in the list of modules.
  virtual std::string_view name() const = 0;
  // Its table as it was written, in one form: a running module whose options stay the same goes on running.
  virtual const std::string& written() const = 0;
  // The domains of its own (service.h) that it will serve beside `host`, prepared; "" for what is no domain.
  virtual std::vector<std::string> served_domains(std::string_view host) const = 0;
  virtual std::vector<NeededPool> needed_pools() const = 0;
  // Where it keeps what its entry says.
  virtual Backend keeps_in() const = 0;
  // Once per worker, before the workers run or on the worker of `host`. Throws what the module's constructor throws.
  virtual std::unique_ptr<Module> start(HostType& host) const = 0;
};

struct ModuleEntry {
  std::string_view name;  // as in the configuration: "mod_ping"
  std::vector<std::string_view> xeps;
  std::string about;

  // Reads the module's table, which stands at `path`. Null when there were errors; they are in `problems`.
  std::function<std::unique_ptr<const ConfiguredModule>(const config::Node* table, config::Problems& problems,
                                                        const std::string& path)>
      configure;
  std::function<std::vector<config::OptionDescription>()> describe;
  std::shared_ptr<const config::Spec> spec;  // of its table
  // What it keeps in a database. The server makes the tables of all modules in its own when it starts, whichever run,
  // and in a pool those of the modules that use it.
  std::optional<sql::Schema> keeps;
};

namespace module_detail {

struct NothingShared {};
template <class M>
struct SharedOf {
  using type = NothingShared;
};
template <class M>
  requires requires { typename M::Shared; }
struct SharedOf<M> {
  using type = typename M::Shared;
};

template <class M, class Options>
class Configured final : public ConfiguredModule {
 public:
  using Shared = typename SharedOf<M>::type;
  static constexpr bool shares = !std::is_same_v<Shared, NothingShared>;

  Configured(std::string_view name, std::string written, Options options)
      : name_(name), written_(std::move(written)), options_(std::make_shared<const Options>(std::move(options))) {
    if constexpr (shares) shared_ = std::make_shared<Shared>(*options_);
  }

  std::string_view name() const override { return name_; }
  const std::string& written() const override { return written_; }
  std::vector<std::string> served_domains([[maybe_unused]] std::string_view host) const override {
    if constexpr (requires { options_->served_domains(host); })
      return options_->served_domains(host);
    else
      return {};
  }
  std::vector<NeededPool> needed_pools() const override {
    if constexpr (requires { options_->needed_pools(); })
      return options_->needed_pools();
    else
      return {};
  }
  Backend keeps_in() const override {
    if constexpr (requires { options_->keeps_in(); })
      return options_->keeps_in();
    else if constexpr (requires {
                         {
                           auto { options_->backend }
                         } -> std::same_as<Backend>;
                       })
      return options_->backend;
    else
      return Backend::embedded;
  }
  std::unique_ptr<Module> start(HostType& host) const override {
    if constexpr (shares)
      return std::make_unique<M>(host, options_, shared_);
    else
      return std::make_unique<M>(host, options_);
  }

 private:
  const std::string_view name_;
  const std::string written_;
  std::shared_ptr<const Options> options_;
  std::shared_ptr<Shared> shared_;
};

}  // namespace module_detail

// `M` is constructed from (HostType&, std::shared_ptr<const Options>). When it has a nested type `Shared`, one of these
// is made per host type from (const Options&) and given to the constructors of all workers:
// (HostType&, std::shared_ptr<const Options>, std::shared_ptr<Shared>). Shared state locks itself.
// When it keeps something, Options have `Backend backend` or
// `Backend keeps_in() const`. When it serves domains of its own, they have
// `std::vector<std::string> served_domains(std::string_view host) const`; when it asks a service outside,
// `std::vector<NeededPool> needed_pools() const`.
template <class M, class Options>
ModuleEntry module_entry(std::string_view name, std::initializer_list<std::string_view> xeps,
                         config::Section<Options> section, const std::optional<sql::Schema>& keeps = {}) {
  auto shared_section = std::make_shared<const config::Section<Options>>(std::move(section));
  ModuleEntry entry{.name = name, .xeps = xeps, .about = shared_section->spec().sentence(), .keeps = keeps};
  entry.configure = [shared_section, name](const config::Node* table, config::Problems& problems,
                                           const std::string& path) -> std::unique_ptr<const ConfiguredModule> {
    const std::size_t errors_before = problems.errors();
    Options options = shared_section->read(table, problems, path);
    if (problems.errors() != errors_before) return nullptr;
    std::string written = table != nullptr ? config::canonical(*table) : std::string{};
    return std::make_unique<const module_detail::Configured<M, Options>>(name, std::move(written), std::move(options));
  };
  entry.describe = [shared_section] { return shared_section->describe(); };
  entry.spec = {shared_section, &shared_section->spec()};
  return entry;
}

}  // namespace meerkat
