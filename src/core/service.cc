// SPDX-License-Identifier: Apache-2.0
#include "core/service.h"

#include <algorithm>
#include <stdexcept>

#include "core/hall.h"
#include "xmpp/stringprep.h"

namespace meerkat {
namespace {

constexpr std::string_view placeholder = "@HOST@";

Jid address_of(std::string_view domain) {
  auto address = Jid::make({}, domain);
  if (!address || !address->is_domain()) throw std::runtime_error("\"" + std::string{domain} + "\" is not a domain");
  return std::move(*address);
}

}  // namespace

std::string service_domain(std::string_view pattern, std::string_view host) {
  std::string domain{pattern};
  for (std::size_t at = 0; (at = domain.find(placeholder, at)) != std::string::npos; at += host.size())
    domain.replace(at, placeholder.size(), host);
  return domainprep(domain).value_or("");
}

bool is_service_pattern(std::string_view pattern) { return !service_domain(pattern, "localhost").empty(); }

Service::Service(HostType& host, std::string_view domain)
    : host(host), address(address_of(domain)), iqs(host.hall.workers.size()) {
  host.hall.services.add(*this);
  iqs.registrations_are_of(host.hall.services.registrant());
  disco.registrations_are_of(host.hall.services.registrant());
}

Service::~Service() { host.hall.services.remove(*this); }

void Service::answer_disco() {
  iqs.on_get<&Service::info>(*this, ns::disco_info, IqTarget::server);
  iqs.on_get<&Service::items>(*this, ns::disco_items, IqTarget::server);
}

IqReply Service::info(const IqRequest& request) {
  if (const auto problem = disco_problem(request)) return *problem;
  return disco_info(disco, iqs, IqTarget::server);
}

IqReply Service::items(const IqRequest& request) {
  if (const auto problem = disco_problem(request)) return *problem;
  return xml::Builder("query", ns::disco_items);
}

std::vector<const Service*> Services::of(const HostType& host) const {
  std::vector<const Service*> found;
  for (const auto& [domain, entry] : by_domain_)
    if (&entry.service->host == &host) found.push_back(entry.service);
  std::ranges::sort(found, {}, [](const Service* service) { return service->domain(); });
  return found;
}

void Services::forget(const Generation& generation) {
  std::erase_if(by_domain_, [&](const auto& each) { return each.second.module == &generation; });
}

void Services::add(Service& service) {
  const bool is_free = service.host.hall.host_of(service.domain()) == nullptr &&
                       by_domain_.try_emplace(service.domain(), Entry{&service, registrant_}).second;
  if (!is_free) throw std::runtime_error(std::string{service.domain()} + " is served already");
}

void Services::remove(const Service& service) {
  const auto found = by_domain_.find(service.domain());
  if (found != by_domain_.end() && found->second.service == &service) by_domain_.erase(found);
}

}  // namespace meerkat
