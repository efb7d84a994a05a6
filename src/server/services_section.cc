// SPDX-License-Identifier: Apache-2.0
#include "server/services_section.h"

namespace meerkat {

config::Section<ServicesSettings> services_section() {
  using S = ServicesSettings;
  return config::Section<S>{"services", "What runs once for the whole server, whatever its host types."}
      .section("service_mongoose_system_metrics", &S::system_metrics, system_metrics_section())
      .ignored("service_admin_extra", "Its commands are there without it.")
      .ignored("service_bosh", "BOSH is not served yet.")
      .ignored("service_domain_db", "Domains are those of the configuration; there are none in a database yet.")
      .ignored("service_traffic", "Traffic is not shown yet.");
}

}  // namespace meerkat
