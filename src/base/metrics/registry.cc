// SPDX-License-Identifier: Apache-2.0
#include "base/metrics/registry.h"

#include <algorithm>
#include <numeric>

#include "base/check.h"

namespace meerkat::metrics {
namespace {

// The buckets and the sum, or one number. That of a gauge only names it.
std::size_t cells_of(Kind kind) { return kind == Kind::histogram ? Histogram::cells : 1; }

std::size_t cells_of_measurements(const Event& event) {
  std::size_t cells = 0;
  for (const Measurement& each : event.measured()) cells += cells_of(each.kind);
  return cells;
}

bool same_measurement(const Measurement& one, const Measurement& other) {
  return one.name == other.name && one.kind == other.kind;
}

bool is_declared_alike(const Event& one, const Event& other) {
  return std::ranges::equal(one.label_keys(), other.label_keys()) &&
         std::ranges::equal(one.measured(), other.measured(), same_measurement) && one.packing == other.packing;
}

std::string_view host_type_of(const Event& event, const std::vector<std::string>& labels) {
  const auto keys = event.label_keys();
  const auto found = std::ranges::find(keys, "host_type");
  return found == keys.end() ? std::string_view{} : labels[static_cast<std::size_t>(found - keys.begin())];
}

void add(Reading& total, const Reading& one) {
  if (const auto* const number = std::get_if<std::int64_t>(&one)) {
    if (!std::holds_alternative<std::int64_t>(total)) total = std::int64_t{0};
    std::get<std::int64_t>(total) += *number;
  } else if (const auto* const distribution = std::get_if<Distribution>(&one)) {
    if (!std::holds_alternative<Distribution>(total)) total = Distribution{};
    std::get<Distribution>(total) += *distribution;
  }
}

}  // namespace

Distribution& Distribution::operator+=(const Distribution& other) {
  for (std::size_t i = 0; i < in_bucket.size(); ++i) in_bucket[i] += other.in_bucket[i];
  sum += other.sum;
  return *this;
}

std::uint64_t Distribution::count() const {
  return std::accumulate(in_bucket.begin(), in_bucket.end(), std::uint64_t{0});
}

struct Registry::Record {
  const Event* event;
  const Name* name = nullptr;  // its key
  Slot first = 0;
  std::size_t holders = 0;
  std::vector<Gauge::Value> gauges;    // one for each measurement, if any is a gauge
  std::vector<std::uint64_t> started;  // what the cells were when it was last bound by a first holder

  Slot slot_of(std::size_t measurement) const {
    std::size_t offset = 0;
    for (std::size_t i = 0; i < measurement; ++i) offset += cells_of(event->measurements[i].kind);
    return first + static_cast<Slot>(offset);
  }
};

Registry::Registry() = default;
Registry::~Registry() = default;

const Event& Registry::known(const Event& event) {
  const auto found = events_.find(event.name);
  if (found != events_.end()) {
    check(is_declared_alike(found->second, event), "an event has the same labels and measurements everywhere");
    return found->second;
  }
  const auto added = events_.emplace(event.name, event).first;
  added->second.name = added->first;
  return added->second;
}

Registry::Record& Registry::bind(const Event& event, std::vector<std::string> labels) {
  const std::lock_guard lock{mutex_};
  const Event& declared = known(event);
  check(labels.size() == declared.label_keys().size(), "an event is bound with one value for each label");
  const auto place = records_.try_emplace({declared.name, std::move(labels)}).first;
  std::unique_ptr<Record>& record = place->second;
  if (record == nullptr) {
    record = std::make_unique<Record>(&declared, &place->first);
    const std::size_t cells = declared.packing.cells > 0 ? declared.packing.cells : cells_of_measurements(declared);
    record->first = cells_.allocate(cells);
    record->started.resize(cells);
    const auto is_gauge = [](const Measurement& each) { return each.kind == Kind::gauge; };
    if (std::ranges::any_of(declared.measured(), is_gauge))
      record->gauges = std::vector<Gauge::Value>(declared.measured().size());
    by_slot_.emplace(record->first, place);
  }
  if (record->holders++ == 0) begin_at_0(*record);
  return *record;
}

void Registry::begin_at_0(Record& record) {
  cells_.sum(record.first, record.started);
  for (Gauge::Value& gauge : record.gauges) gauge.set_at.store(Gauge::never, std::memory_order_relaxed);
}

void Registry::release(Record& record) noexcept {
  const std::lock_guard lock{mutex_};
  --record.holders;
}

bool Registry::is_there(const Name& name, const Record& record) const {
  if (record.holders == 0) return false;
  const std::string_view host_type = host_type_of(*record.event, name.second);
  return host_type.empty() || !host_types_ || host_types_->contains(host_type);
}

void Registry::host_types_are(const std::vector<std::string>& names) {
  const std::lock_guard lock{mutex_};
  const auto before = std::exchange(host_types_, std::set<std::string, std::less<>>{names.begin(), names.end()});
  for (const auto& [name, record] : records_) {
    const std::string_view host_type = host_type_of(*record->event, name.second);
    if (before && !before->contains(host_type) && host_types_->contains(host_type)) begin_at_0(*record);
  }
}

SeriesReading Registry::read(const Name& name, const Record& record) const {
  SeriesReading series{*record.event, name.second, {}};
  std::vector<std::uint64_t> counted(record.started.size());
  cells_.sum(record.first, counted);
  for (std::size_t i = 0; i < counted.size(); ++i) counted[i] -= record.started[i];
  if (const Packing& packing = record.event->packing; packing.cells > 0) {
    std::vector<std::uint64_t> measured(cells_of_measurements(*record.event));
    packing.unpack(counted, measured);
    counted = std::move(measured);
  }
  std::size_t cell = 0;
  const auto next = [&] { return counted[cell++]; };
  const std::span<const Measurement> measured = record.event->measured();
  for (std::size_t i = 0; i < measured.size(); ++i) {
    if (measured[i].kind == Kind::gauge) {
      const Gauge::Value& gauge = record.gauges[i];
      const Gauge::Time set_at = gauge.set_at.load(std::memory_order_acquire);
      const bool is_set = set_at != Gauge::never;
      series.readings.push_back(is_set ? Reading{gauge.value.load(std::memory_order_relaxed)} : Reading{});
      series.gauges_set = std::max(series.gauges_set, set_at);
      ++cell;
    } else if (measured[i].kind == Kind::histogram) {
      Distribution distribution;
      for (std::uint64_t& bucket : distribution.in_bucket) bucket = next();
      distribution.sum = next();
      series.readings.emplace_back(distribution);
    } else {
      series.readings.emplace_back(static_cast<std::int64_t>(next()));
    }
  }
  return series;
}

void Registry::look_when_due() const {
  const auto now = std::chrono::steady_clock::now();
  for (Probe* const probe : probes_) {
    if (probe->looked_ != Gauge::never && now - probe->looked_ < probe_interval_) continue;
    probe->looked_ = now;
    probe->look_();
  }
}

void Registry::look() const {
  const std::lock_guard one_reader{probing_};
  look_when_due();
}

void Registry::probe_interval_is(std::chrono::nanoseconds interval) {
  const std::lock_guard lock{probing_};
  probe_interval_ = interval;
}

std::optional<Counting> Registry::counting(Slot slot) const {
  const std::lock_guard lock{mutex_};
  auto next = by_slot_.upper_bound(slot);
  if (next == by_slot_.begin()) return std::nullopt;
  const auto& [name, record] = *std::prev(next)->second;
  Counting counting{record->event, &name.second, record->first, 0};
  if (record->event->packing.cells > 0) return counting;
  while (counting.measurement + 1 < record->event->measured().size() &&
         record->slot_of(counting.measurement + 1) <= slot)
    ++counting.measurement;
  return counting;
}

std::vector<std::int64_t> values_of(const Event& event, Slot first, std::span<const Step> steps) {
  std::vector<std::uint64_t> packed(event.packing.cells), measured(cells_of_measurements(event));
  for (const Step& step : steps) packed[step.slot - first] += step.by;
  event.packing.unpack(packed, measured);
  std::vector<std::int64_t> values;
  std::size_t cell = 0;
  for (const Measurement& each : event.measured()) {
    cell += cells_of(each.kind);
    values.push_back(static_cast<std::int64_t>(measured[cell - 1]));  // the sum, where there are buckets before it
  }
  return values;
}

std::vector<SeriesReading> Registry::read() const {
  const std::lock_guard one_reader{probing_};
  look_when_due();
  std::vector<SeriesReading> all;
  const std::lock_guard lock{mutex_};
  for (const auto& [name, record] : records_)
    if (is_there(name, *record)) all.push_back(read(name, *record));
  return all;
}

Reading Registry::total(std::string_view event, std::string_view measurement) const {
  Reading total;
  const std::lock_guard lock{mutex_};
  for (auto each = records_.lower_bound({event, {}}); each != records_.end() && each->first.first == event; ++each) {
    const auto& [name, record] = *each;
    if (!is_there(name, *record)) continue;
    const std::span<const Measurement> measured = record->event->measured();
    const auto which = std::ranges::find(measured, measurement, &Measurement::name);
    if (which == measured.end()) continue;
    add(total, read(name, *record).readings[static_cast<std::size_t>(which - measured.begin())]);
  }
  return total;
}

std::vector<Event> Registry::events() const {
  std::vector<Event> all;
  const std::lock_guard lock{mutex_};
  all.reserve(events_.size());
  for (const auto& [name, event] : events_) all.push_back(event);
  return all;
}

Probe::Probe(Registry& registry, std::function<void()> look) : registry_(registry), look_(std::move(look)) {
  const std::lock_guard lock{registry_.probing_};
  registry_.probes_.push_back(this);
}

Probe::~Probe() {
  const std::lock_guard lock{registry_.probing_};
  std::erase(registry_.probes_, this);
}

Series::Series(Registry& registry, const Event& event, std::initializer_list<std::string_view> labels)
    : registry_(&registry), record_(&registry.bind(event, {labels.begin(), labels.end()})) {}

Series::~Series() {
  if (record_ != nullptr) registry_->release(*record_);
}

std::size_t Series::index_of(std::string_view measurement, Kind kind) const {
  check(record_->event->packing.cells == 0, "what is packed is counted as it is packed");
  const std::span<const Measurement> measured = record_->event->measured();
  const auto found = std::ranges::find(measured, measurement, &Measurement::name);
  check(found != measured.end() && found->kind == kind, "an event is measured as it was declared");
  return static_cast<std::size_t>(found - measured.begin());
}

void Series::took_long(std::chrono::nanoseconds time) const noexcept {
  SlowEvent slow{.took = time, .what = std::string{record_->event->name}};
  const std::span<const std::string_view> keys = record_->event->label_keys();
  for (std::size_t i = 0; i < keys.size(); ++i) {
    const std::string& value = record_->name->second[i];
    if (keys[i] == "host_type")
      slow.host_type = value;
    else
      slow.detail += (slow.detail.empty() ? "" : " ") + value;
  }
  registry_->slow_events_.note(std::move(slow));
}

Spiral Series::spiral(std::string_view measurement) const {
  return {registry_->cells_, record_->slot_of(index_of(measurement, Kind::spiral))};
}

Counter Series::counter(std::string_view measurement) const {
  return {registry_->cells_, record_->slot_of(index_of(measurement, Kind::counter))};
}

Histogram Series::histogram(std::string_view measurement) const {
  return {registry_->cells_, record_->slot_of(index_of(measurement, Kind::histogram))};
}

PackedCells Series::packed() const {
  check(record_->event->packing.cells > 0, "only an event with a packing is packed");
  return {registry_->cells_, record_->first};
}

Gauge Series::gauge(std::string_view measurement) const {
  const std::size_t index = index_of(measurement, Kind::gauge);
  return {record_->gauges[index], registry_->cells_, record_->slot_of(index)};
}

}  // namespace meerkat::metrics
