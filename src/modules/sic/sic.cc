// SPDX-License-Identifier: Apache-2.0
#include "modules/sic/sic.h"

#include "core/hall.h"
#include "core/iq_processing.h"

namespace meerkat {
namespace {

struct SicOptions {
  IqProcessing iqdisc{.type = IqProcessing::Type::one_queue, .workers = {}};
};

class ServerIpCheck final : public Module {
 public:
  ServerIpCheck(HostType& host, const std::shared_ptr<const SicOptions>& options) {
    for (const IqTarget target : {IqTarget::server, IqTarget::account}) {
      host.iqs.on_get<&ServerIpCheck::asked>(*this, ns::sic, target, options->iqdisc);
      host.iqs.on_set<&ServerIpCheck::set>(*this, ns::sic, target, options->iqdisc);
    }
  }

  IqReply asked(const IqRequest& request) {
    if (!is_own(request)) return StanzaError::forbidden();
    if (request.query.name() != "address") return StanzaError::bad_request();
    const StreamFacts facts = request.sender != nullptr ? request.sender->stream->facts() : StreamFacts{};
    // A request that came over no connection of this server: an answer would not be true.
    if (facts.peer.empty()) return StanzaError::item_not_found("no address is known");
    xml::Builder address{"address", ns::sic};
    address.child(xml::Builder("ip").text(facts.peer));
    if (facts.port != 0) address.child(xml::Builder("port").text(std::to_string(facts.port)));
    return address;
  }

  IqReply set(const IqRequest& request) {
    if (!is_own(request)) return StanzaError::forbidden();
    return StanzaError::not_allowed();
  }

 private:
  // XEP-0279 §4: nobody learns the address of somebody else.
  static bool is_own(const IqRequest& request) { return !request.to.has_node() || request.from.same_bare(request.to); }
};

}  // namespace

ModuleEntry sic_module() {
  return module_entry<ServerIpCheck>(
      "mod_sic", {"0279"},
      config::Section<SicOptions>{"modules.mod_sic", "Tells clients from which address they come."}.section(
          "iqdisc", &SicOptions::iqdisc, iqdisc_section(IqProcessing::Type::one_queue)));
}

}  // namespace meerkat
