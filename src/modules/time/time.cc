// SPDX-License-Identifier: Apache-2.0
#include "modules/time/time.h"

#include <ctime>

#include "core/hall.h"
#include "core/iq_processing.h"
#include "xmpp/date_time.h"

namespace meerkat {
namespace {

struct TimeOptions {
  IqProcessing iqdisc{.type = IqProcessing::Type::one_queue, .workers = {}};
};

// XEP-0082 §3.3: the numeric offset, never "Z" as some clients cannot read that here.
std::string zone_offset(WallTime at) {
  const std::time_t seconds = std::chrono::system_clock::to_time_t(at);
  std::tm local{};
  if (::localtime_r(&seconds, &local) == nullptr) return "+00:00";
  const long minutes = local.tm_gmtoff / 60;
  const long ahead = minutes < 0 ? -minutes : minutes;
  const auto two_digits = [](long number) {
    return std::string{static_cast<char>('0' + number / 10), static_cast<char>('0' + number % 10)};
  };
  return (minutes < 0 ? "-" : "+") + two_digits(ahead / 60) + ':' + two_digits(ahead % 60);
}

class Time final : public Module {
 public:
  Time(HostType& host, const std::shared_ptr<const TimeOptions>& options) : clock_(host.hall.worker.clock()) {
    host.iqs.on_get<&Time::asked>(*this, ns::time, IqTarget::server, options->iqdisc);
  }

  IqReply asked(const IqRequest&) {
    const WallTime now = clock_.wall();
    return xml::Builder("time", ns::time)
        .child(xml::Builder("tzo").text(zone_offset(now)))
        .child(xml::Builder("utc").text(date_time(now)));
  }

 private:
  const Clock& clock_;
};

}  // namespace

ModuleEntry time_module() {
  return module_entry<Time>("mod_time", {"0202"},
                            config::Section<TimeOptions>{"modules.mod_time", "Tells the time of this server."}.section(
                                "iqdisc", &TimeOptions::iqdisc, iqdisc_section(IqProcessing::Type::one_queue)));
}

}  // namespace meerkat
