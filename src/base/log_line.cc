// SPDX-License-Identifier: Apache-2.0
#include "base/log_line.h"

#include <algorithm>
#include <chrono>
#include <iterator>

#include <fmt/format.h>

#include "base/json_text.h"

namespace meerkat {
namespace {

constexpr std::array<std::string_view, 4> own_keys{"when", "level", "what", "room"};

std::string_view cut(std::string_view text) { return text.substr(0, longest_log_value); }

bool is_plain(std::string_view text) {
  return !text.empty() &&
         std::ranges::all_of(text, [](char c) { return c > ' ' && c < 0x7f && c != '"' && c != '=' && c != '\\'; });
}

// Writes keys and values one after the other.
class Line {
 public:
  explicit Line(LogFormat format) : json_(format == LogFormat::json) {
    if (json_) text_ += '{';
  }

  void text(std::string_view key, std::string_view value) {
    begin(key);
    const std::string_view kept = cut(value);
    if (!json_ && kept.size() == value.size() && is_plain(value)) {
      text_ += value;
      return;
    }
    text_ += '"';
    append_escaped(text_, kept);
    if (kept.size() < value.size()) fmt::format_to(std::back_inserter(text_), "… ({} bytes)", value.size());
    text_ += '"';
  }

  void field(const LogField& field) {
    // A field with a key of ours would stand there twice.
    const bool ours = std::ranges::find(own_keys, field.key()) != own_keys.end();
    const std::string key = ours ? "its_" + std::string{field.key()} : std::string{field.key()};
    if (field.kind() == LogField::Kind::text) return text(key, field.text());
    begin(key);
    if (field.kind() == LogField::Kind::flag)
      text_ += field.number() != 0 ? "true" : "false";
    else
      fmt::format_to(std::back_inserter(text_), "{}", field.number());
  }

  std::string end() && {
    if (json_) text_ += '}';
    return std::move(text_);
  }

 private:
  void begin(std::string_view key) {
    if (text_.size() > (json_ ? 1u : 0u)) text_ += json_ ? ',' : ' ';
    if (json_) text_ += '"';
    text_ += key;
    text_ += json_ ? "\":" : "=";
  }

  const bool json_;
  std::string text_;
};

}  // namespace

std::string log_room(const LogPlace& place) {
  if (!place.room.empty()) return "mod_" + std::string{place.room};
  return std::string{log_floors[place.floor]};
}

std::string log_fields(LogFields fields) {
  Line line{LogFormat::logfmt};
  for (const LogField& field : fields) line.field(field);
  return std::move(line).end();
}

std::string log_time(WallTime when) {
  using namespace std::chrono;
  const auto day = floor<days>(when);
  const year_month_day date{day};
  const hh_mm_ss time{floor<milliseconds>(when - day)};
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z", static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()), time.hours().count(),
                     time.minutes().count(), time.seconds().count(), time.subseconds().count());
}

std::string log_line(LogFormat format, std::optional<WallTime> when, LogLevel level, const LogWord& what,
                     LogFields fields) {
  Line line{format};
  if (when) line.text("when", log_time(*when));
  line.text("level", name_of(level));
  line.text("what", what.word);
  line.text("room", log_room(what.place));
  for (const LogField& field : fields) line.field(field);
  return std::move(line).end();
}

}  // namespace meerkat
