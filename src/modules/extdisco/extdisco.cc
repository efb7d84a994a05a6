// SPDX-License-Identifier: Apache-2.0
#include "modules/extdisco/extdisco.h"

#include <optional>

#include "base/text.h"
#include "core/hall.h"
#include "core/iq_processing.h"
#include "xmpp/date_time.h"
#include "xmpp/sasl_crypto.h"

namespace meerkat {
namespace {

using namespace std::chrono_literals;

// How long a password that was made from a secret opens the service; as MongooseIM has it.
constexpr std::chrono::seconds credentials_last = 1h;

enum class Transport : std::uint8_t { udp, tcp };

struct ExternalService {
  std::string type, host;
  std::optional<std::uint16_t> port;
  std::optional<Transport> transport;
  std::optional<std::string> username, password, secret;

  bool has_credentials() const { return username || password || secret; }
};

struct ExtdiscoOptions {
  IqProcessing iqdisc;
  std::vector<ExternalService> service;
};

// Which services somebody asks for; what is absent matches all.
struct Wanted {
  std::optional<std::string> type, host, port;

  bool fits(const ExternalService& service) const {
    if (type && *type != service.type) return false;
    if (host && *host != service.host) return false;
    return !port || (service.port && *port == std::to_string(*service.port));
  }
};

std::optional<std::string> attribute(const xml::Element& of, std::string_view name) {
  const auto value = of.attr(name);
  return value ? std::optional{value->str()} : std::nullopt;
}

class ExternalServices final : public Module {
 public:
  ExternalServices(HostType& host, std::shared_ptr<const ExtdiscoOptions> options)
      : host_(host), options_(std::move(options)) {
    host.iqs.on_get<&ExternalServices::asked>(*this, ns::extdisco, IqTarget::server, options_->iqdisc);
    host.iqs.on_set<&ExternalServices::set>(*this, ns::extdisco, IqTarget::server, options_->iqdisc);
  }

  // XEP-0215 §3.1, §3.3.
  IqReply asked(const IqRequest& request) {
    // What is told opens a relay that the operator pays for.
    if (host_.hall.host_of(request.from.domain()) == nullptr) return StanzaError::forbidden();
    if (request.query.name() == "services") return services(request);
    if (request.query.name() == "credentials") return credentials(request);
    return StanzaError::bad_request();
  }
  IqReply set(const IqRequest&) { return StanzaError::not_allowed(); }

 private:
  IqReply services(const IqRequest& request) const {
    const Wanted wanted{.type = attribute(request.query, "type"), .host = {}, .port = {}};
    xml::Builder list{"services", ns::extdisco};
    if (wanted.type) list.attr("type", *wanted.type);
    for (const ExternalService& service : options_->service)
      if (wanted.fits(service)) list.child(described(service, request.from));
    return list;
  }

  IqReply credentials(const IqRequest& request) const {
    const auto asked = request.query.child("service", ns::extdisco);
    if (!asked) return StanzaError::bad_request("which service?");
    const Wanted wanted{
        .type = attribute(*asked, "type"), .host = attribute(*asked, "host"), .port = attribute(*asked, "port")};
    if (!wanted.type || !wanted.host) return StanzaError::bad_request("a service has a type and a host");
    xml::Builder list{"credentials", ns::extdisco};
    bool any = false;
    for (const ExternalService& service : options_->service) {
      if (!wanted.fits(service) || !service.has_credentials()) continue;
      list.child(described(service, request.from));
      any = true;
    }
    if (!any) return StanzaError::item_not_found("no credentials for such a service");
    return list;
  }

  xml::Builder described(const ExternalService& service, const Jid& asker) const {
    xml::Builder element{"service"};
    element.attr("type", service.type).attr("host", service.host);
    if (service.port) element.attr("port", *service.port);
    if (service.transport) element.attr("transport", *service.transport == Transport::udp ? "udp" : "tcp");
    if (service.secret) {
      add_temporary(element, *service.secret, asker);
      return element;
    }
    if (service.username) element.attr("username", *service.username);
    if (service.password) element.attr("password", *service.password);
    return element;
  }

  // The way of TURN servers with a shared secret (draft-uberti-behave-turn-rest-00 §2.2).
  void add_temporary(xml::Builder& element, std::string_view secret, const Jid& asker) const {
    const WallTime until = host_.hall.worker.clock().wall() + credentials_last;
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(until.time_since_epoch()).count();
    const std::string username = std::to_string(seconds) + ':' + std::string{asker.bare_text()};
    element.attr("username", username)
        .attr("password", base64(hmac(ScramHash::sha1, secret, username).view()))
        .attr("expires", date_time(until));
  }

  HostType& host_;
  const std::shared_ptr<const ExtdiscoOptions> options_;
};

}  // namespace
}  // namespace meerkat

template <>
struct meerkat::config::EnumNames<meerkat::Transport> {
  using enum meerkat::Transport;
  static constexpr EnumName names[] = {{udp, "udp"}, {tcp, "tcp"}};
};

namespace meerkat {
namespace {

config::Section<ExternalService> service_section() {
  return config::Section<ExternalService>{"service", "A server beside XMPP that clients may use."}
      .option("type", &ExternalService::type, "What it is, as registered for XEP-0215.", config::mandatory,
              config::non_empty, config::example("\"turn\""))
      .option("host", &ExternalService::host, "Its name or IP address.", config::mandatory, config::non_empty,
              config::example("\"turn.example.org\""))
      .option("port", &ExternalService::port, "Its port.", config::at_least(1), config::example("3478"))
      .option("transport", &ExternalService::transport, "Which protocol carries it.", config::example("\"udp\""))
      .option("username", &ExternalService::username, "The name that everybody logs in with.",
              config::example("\"guest\""))
      .option("password", &ExternalService::password, "The password that everybody logs in with.", config::secret)
      .option("secret", &ExternalService::secret,
              "Shared with the service, as coturn's static-auth-secret: every client gets credentials of its own that "
              "last an hour.",
              config::secret, config::non_empty)
      .check([](const ExternalService& service, config::Checker& checker) {
        if (service.secret && (service.username || service.password))
          checker.refuse("secret", "credentials are made from the secret: leave out username and password");
      });
}

}  // namespace

ModuleEntry extdisco_module() {
  return module_entry<ExternalServices>(
      "mod_extdisco", {"0215"},
      config::Section<ExtdiscoOptions>{"modules.mod_extdisco", "Tells clients of STUN, TURN and other servers."}
          .list("service", &ExtdiscoOptions::service, service_section())
          .section("iqdisc", &ExtdiscoOptions::iqdisc, iqdisc_section(IqProcessing::Type::no_queue)));
}

}  // namespace meerkat
