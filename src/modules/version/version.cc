// SPDX-License-Identifier: Apache-2.0
#include "modules/version/version.h"

#include <sys/utsname.h>

#include "base/version.h"
#include "core/host_type.h"
#include "core/iq_processing.h"

namespace meerkat {
namespace {

struct VersionOptions {
  bool os_info = false;
  IqProcessing iqdisc;
};

std::string operating_system() {
  utsname names{};
  if (::uname(&names) != 0) return "unknown";
  return std::string{names.sysname} + ' ' + names.release;
}

class Version final : public Module {
 public:
  Version(HostType& host, const std::shared_ptr<const VersionOptions>& options) {
    xml::Builder query{"query", ns::version};
    query.child(xml::Builder("name").text(product_name)).child(xml::Builder("version").text(product_version));
    if (options->os_info) query.child(xml::Builder("os").text(operating_system()));
    answer_ = query;
    host.iqs.on_get<&Version::asked>(*this, ns::version, IqTarget::server, options->iqdisc);
  }

  IqReply asked(const IqRequest&) { return answer_; }

 private:
  xml::Builder answer_{"query"};
};

}  // namespace

ModuleEntry version_module() {
  return module_entry<Version>(
      "mod_version", {"0092"},
      config::Section<VersionOptions>{"modules.mod_version", "Tells the name and version of this server."}
          .option("os_info", &VersionOptions::os_info,
                  "Tell the operating system as well. Leave it off unless somebody needs it: attackers like to know.")
          .section("iqdisc", &VersionOptions::iqdisc, iqdisc_section(IqProcessing::Type::no_queue)));
}

}  // namespace meerkat
