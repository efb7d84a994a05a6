// SPDX-License-Identifier: Apache-2.0
// One connection to a directory (RFC 4511) for a thread that may wait. OpenLDAP's libldap makes and reads the messages;
// bytes go over the house's own socket, so every step has a deadline and TLS is the same as everywhere.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <utility>

#include "base/clock.h"
#include "store/ldap/directory.h"
#include "store/ldap/ldap_options.h"

namespace meerkat::ldap {

// One thread at a time. What is thrown but Refused means that the connection is of no more use.
class Session {
 public:
  explicit Session(const LdapConnection& settings);
  ~Session();
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  // The first server that takes us, encrypted and logged in as the settings say. Throws with the words of the last one.
  void connect(SteadyTime until);
  void close() noexcept;

  Found search(const Search& search, SteadyTime until);
  // Whether the password is right. The next search is done by who the settings say again.
  bool bind(const std::string& dn, const std::string& password, SteadyTime until);
  // Something came that nobody asked for: throws when it was the end.
  void hears();

  int descriptor() const;
  // Bytes sent and received since the last time.
  std::pair<std::size_t, std::size_t> traffic();

 private:
  class Native;

  void open(const std::string& server, SteadyTime until);
  void start_tls(const std::string& server, SteadyTime until);
  void bind_as_ourselves(SteadyTime until);
  int simple_bind(const std::string& dn, const std::string& password, SteadyTime until, std::string& words);
  bool read_page(const Search& search, std::string& cookie, Found& found, SteadyTime until);

  const LdapConnection& settings_;
  std::unique_ptr<Native> native_;
  bool is_ourselves_ = false;  // nobody else has logged in since
};

}  // namespace meerkat::ldap
