// SPDX-License-Identifier: Apache-2.0
#include "admin/cli/top_screen.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "admin/cli/render.h"

namespace meerkat::admin {
namespace {

constexpr std::array<std::string_view, 8> unicode_bars{"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
constexpr std::array<std::string_view, 8> ascii_bars{"_", ".", ":", "-", "=", "+", "*", "#"};

// Cuts what is wider than the screen.
std::string fitted(std::string_view text, std::size_t columns) {
  std::string kept;
  std::size_t width = 0;
  while (!text.empty()) {
    std::size_t size = 1;
    while (size < text.size() && (static_cast<unsigned char>(text[size]) & 0xc0) == 0x80) ++size;
    width += width_of(text.substr(0, size));
    if (width > columns) break;
    kept += text.substr(0, size);
    text.remove_prefix(size);
  }
  return kept;
}

std::string micros(std::int64_t time) {
  if (time < 1000) return fmt::format("{} us", time);
  if (time < 1'000'000) return fmt::format("{:.1f} ms", static_cast<double>(time) / 1e3);
  return fmt::format("{:.1f} s", static_cast<double>(time) / 1e6);
}

std::string bytes(std::int64_t count) { return shown(Value{count}, ColumnType::bytes); }

class Page {
 public:
  Page(const TopFacts& facts, ScreenSize size, Charset charset) : facts_(facts), size_(size), charset_(charset) {}

  std::vector<std::string> write() {
    head();
    rates();
    workers();
    pools();
    slowest();
    return std::move(lines_);
  }

 private:
  void line(std::string_view text = {}) { lines_.push_back(fitted(text, size_.columns)); }

  std::int64_t now(std::string_view figure) const {
    return facts_.figures.rows.empty() ? 0 : facts_.figures.number(facts_.figures.rows.back(), figure);
  }
  std::string time_now(std::string_view figure) const {
    const auto& rows = facts_.figures.rows;
    const bool known = !rows.empty() && !std::holds_alternative<std::monostate>(facts_.figures.at(rows.back(), figure));
    return known ? micros(now(figure)) : "-";
  }

  void head() {
    static const Row none;
    const WholeAnswer& status = facts_.status;
    const Row& row = status.rows.empty() ? none : status.rows.front();
    line(fmt::format("Meerkat {}   up {}   {} workers   hosts {}", printable(status.text(row, "version")),
                     shown(status.at(row, "uptime"), ColumnType::duration), status.number(row, "workers"),
                     shown(status.at(row, "hosts"), ColumnType::texts)));
    line(fmt::format("sessions {} ({} away)   connections {} ({} not logged in)   q quits", now("sessions"),
                     now("detached"), now("connections"), now("strangers")));
    line(fmt::format("memory {}   heap {}   cpu {} %   lag {}   stanzas half {}, 95 % {}, 99 % {}",
                     bytes(now("memory")), bytes(now("heap")), now("cpu") / 10, micros(now("lag_us")),
                     time_now("stanza_p50_us"), time_now("stanza_p95_us"), time_now("stanza_p99_us")));
  }

  void rates() {
    using Rate = std::pair<std::string_view, std::string_view>;
    constexpr std::array<Rate, 12> all{{{"logins", "logins"},
                                        {"logouts", "logouts"},
                                        {"messages in", "messages_in"},
                                        {"messages out", "messages_out"},
                                        {"presence in", "presences_in"},
                                        {"presence out", "presences_out"},
                                        {"iq in", "iqs_in"},
                                        {"iq out", "iqs_out"},
                                        {"bytes in", "bytes_in"},
                                        {"bytes out", "bytes_out"},
                                        {"pool calls", "pool_calls"},
                                        {"pool failures", "pool_failures"}}};
    line();
    line(fmt::format("{:<14} {:>10}  {}", "each second", "now", "before"));
    for (const auto& [name, figure] : all) rate(name, figure);
  }

  // Nothing of what nobody counts.
  void rate(std::string_view name, std::string_view figure) {
    std::vector<std::int64_t> values;
    bool known = false;
    for (const Row& row : facts_.figures.rows) {
      const std::int64_t seconds = std::max<std::int64_t>(1, facts_.figures.number(row, "seconds", 1));
      known = known || !std::holds_alternative<std::monostate>(facts_.figures.at(row, figure));
      values.push_back(facts_.figures.number(row, figure) / seconds);
    }
    if (!known) return;
    const std::int64_t last = values.back();
    const std::string value = figure.starts_with("bytes") ? bytes(last) : std::to_string(last);
    const std::size_t room = size_.columns > 28 ? size_.columns - 28 : 0;
    line(fmt::format("{:<14} {:>10}  {}", name, value, sparkline(values, room, charset_)));
  }

  void workers() {
    line();
    line(fmt::format("{:<8} {:>6} {:<20} {:>9} {:>8} {:>7} {:>8}", "worker", "busy", "", "sessions", "mails", "at once",
                     "lag"));
    const WholeAnswer& workers = facts_.workers;
    for (const Row& row : workers.rows) {
      const std::int64_t busy = workers.number(row, "busy", -1);
      const auto bars = static_cast<std::size_t>(std::clamp<std::int64_t>(busy, 0, 1000) / 50);
      line(fmt::format("{:<8} {:>6} {:<20} {:>9} {:>8} {:>7} {:>8}", workers.number(row, "worker"),
                       busy < 0 ? "stuck" : fmt::format("{} %", busy / 10), std::string(bars, '#'),
                       workers.number(row, "sessions"), workers.number(row, "mails"), workers.number(row, "most_mails"),
                       micros(workers.number(row, "lag_us"))));
    }
  }

  void pools() {
    const WholeAnswer& pools = facts_.pools;
    if (pools.rows.empty()) return;
    line();
    line(fmt::format("{:<24} {:>9} {:>7} {:>9} {:>10} {:>8} {:>9}", "pool", "connected", "queued", "under way", "calls",
                     "failed", "mean"));
    for (const Row& row : pools.rows) {
      const std::int64_t failed =
          pools.number(row, "failed") + pools.number(row, "timed_out") + pools.number(row, "refused");
      line(fmt::format("{:<24} {:>9} {:>7} {:>9} {:>10} {:>8} {:>9}", printable(pools.text(row, "pool")),
                       pools.text(row, "connected"), pools.number(row, "queued"), pools.number(row, "under_way"),
                       pools.number(row, "calls"), failed, micros(pools.number(row, "mean_us"))));
    }
  }

  void slowest() {
    const WholeAnswer& slowest = facts_.slowest;
    if (slowest.rows.empty()) return;
    line();
    line("slowest of the last 5 minutes");
    for (const Row& row : slowest.rows)
      line(fmt::format("{:>10}  {} {} {}   {}", micros(slowest.number(row, "took_us")),
                       printable(slowest.text(row, "what")), printable(slowest.text(row, "detail")),
                       printable(slowest.text(row, "host_type")), printable(slowest.text(row, "when"))));
  }

  const TopFacts& facts_;
  const ScreenSize size_;
  const Charset charset_;
  std::vector<std::string> lines_;
};

std::string json_list(const WholeAnswer& answer) {
  std::string text = "[";
  for (const Row& row : answer.rows) text += (text.size() > 1 ? "," : "") + json_object(answer.columns, row);
  return text + "]";
}

}  // namespace

std::string sparkline(std::span<const std::int64_t> values, std::size_t columns, Charset charset) {
  const auto& bars = charset == Charset::unicode ? unicode_bars : ascii_bars;
  values = values.last(std::min(columns, values.size()));
  const std::int64_t highest = values.empty() ? 0 : std::ranges::max(values);
  std::string line;
  for (const std::int64_t value : values) {
    // Only nothing is as low as that.
    const auto most = static_cast<std::int64_t>(bars.size() - 1);
    const std::int64_t height = value <= 0 || highest <= 0 ? 0 : std::max<std::int64_t>(1, value * most / highest);
    line += bars[static_cast<std::size_t>(height)];
  }
  return line;
}

std::vector<std::string> top_screen(const TopFacts& facts, ScreenSize size, Charset charset) {
  return Page{facts, size, charset}.write();
}

std::string top_json(const TopFacts& facts) {
  const std::string status =
      facts.status.rows.empty() ? "null" : json_object(facts.status.columns, facts.status.rows.front());
  return fmt::format(R"({{"status":{},"figures":{},"workers":{},"pools":{},"slowest":{}}})", status,
                     json_list(facts.figures), json_list(facts.workers), json_list(facts.pools),
                     json_list(facts.slowest));
}

}  // namespace meerkat::admin
