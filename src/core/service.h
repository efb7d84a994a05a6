// SPDX-License-Identifier: Apache-2.0
// A domain of its own that a module of a host type serves: vjud.example.org, rooms.example.org.
//
//   Directory(HostType& host, …) : service_(host, service_domain(options->host, host.name)) {
//     service_.disco.add_identity(IqTarget::server, {"directory", "user", "Users"});
//     service_.iqs.on_get<&Directory::asked>(*this, ns::search, IqTarget::server);
//     service_.answer_disco();
//   }
//
// In its tables IqTarget::server is the domain, answered where the request came in; IqTarget::account is what has a
// node before it (a room), answered at the home of that address.
#pragma once

#include <string>
#include <string_view>

#include "core/disco.h"
#include "core/host_type.h"
#include "core/iq_table.h"

namespace meerkat {

// "vjud.@HOST@" with the domain of a host type put in, prepared. Empty when that is no domain.
std::string service_domain(std::string_view pattern, std::string_view host);
// Whether there would be one.
bool is_service_pattern(std::string_view pattern);

// On one worker, a member of the module that serves it; every worker has one of its own. It is found from when it is
// made until its module is stopped; whoever waits inside the module then still finds it in its place.
class Service final {
 public:
  // Throws when the domain is served already or is none.
  Service(HostType& host, std::string_view domain);
  ~Service();
  Service(const Service&) = delete;
  Service& operator=(const Service&) = delete;

  HostType& host;
  const Jid address;
  IqTable iqs;
  Disco disco;

  std::string_view domain() const { return address.domain(); }

  // disco#info of the domain is what the tables say, and it has no items. For services without rooms or nodes.
  void answer_disco();

  // Everything but requests goes to `service.on_stanza<&Rooms::arrived>(*this)`: void arrived(Stanza). What has a node
  // in its address comes in at that address's home. Without it messages are refused with service-unavailable and the
  // rest is dropped.
  template <auto Method, class Owner>
  void on_stanza(Owner& owner) {
    owner_ = &owner;
    take_ = [](void* self, Stanza stanza) { (static_cast<Owner*>(self)->*Method)(std::move(stanza)); };
  }
  bool takes_stanzas() const { return take_ != nullptr; }
  void take(Stanza stanza) { take_(owner_, std::move(stanza)); }

 private:
  IqReply info(const IqRequest& request);
  IqReply items(const IqRequest& request);

  void* owner_ = nullptr;
  void (*take_)(void* owner, Stanza stanza) = nullptr;
};

}  // namespace meerkat
