// SPDX-License-Identifier: Apache-2.0
// What is asked of an LDAP directory (RFC 4511), and what it answers.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/task.h"

namespace meerkat::ldap {

enum class SearchScope : std::uint8_t { base, one_level, subtree };
// Whether an entry that only names another one is followed.
enum class Deref : std::uint8_t { never, always, finding, searching };

struct Search {
  std::string base;
  SearchScope scope = SearchScope::subtree;
  std::string filter = "(objectClass=*)";  // RFC 4515; values in it are escaped (filter.h)
  std::vector<std::string> attributes;     // those to be told; none given means all
  Deref deref = Deref::never;
  std::uint32_t size_limit = 0;   // at most so many entries; 0 leaves it to the server
  std::uint32_t page_size = 0;    // asks for so many at a time (RFC 2696), as servers want it for long answers
  std::size_t largest_value = 0;  // longer values are left out; 0 for any that the connection takes
  std::optional<std::chrono::seconds> time_limit;  // the time of the call when not given
};

struct Attribute {
  std::string name;  // as the server writes it
  std::vector<std::string> values;
};

struct Entry {
  std::string dn;
  std::vector<Attribute> attributes;

  // Names of attributes are the same in upper and lower case (RFC 4512 §2.5). Null when it has none.
  const std::vector<std::string>* values(std::string_view name) const;
  // The first value, or nothing at all.
  std::string_view value(std::string_view name) const;
};

struct Found {
  std::vector<Entry> entries;
  bool complete = true;  // false: there are more than the limits allowed
};

// The server answered that it will not do it: a wrong base, a filter it does not know, no right to look.
class Refused : public std::runtime_error {
 public:
  Refused(int code, const std::string& words) : std::runtime_error(words), code_(code) {}
  // RFC 4511 appendix A.
  int code() const { return code_; }
  bool no_such_object() const { return code_ == 32; }
  // It cannot now, and may later.
  bool is_passing() const { return code_ == 51 || code_ == 52; }

 private:
  int code_;
};

// A directory that can be asked from any worker; every call answers on the worker that asked. Throws Unavailable when
// there is no answer, and Refused.
class Directory {
 public:
  virtual ~Directory() = default;
  virtual Task<Found> search(Search search) = 0;
  // Whether the password is that of the entry. An empty one never is (RFC 4513 §5.1.2 calls it no authentication).
  virtual Task<bool> bind(std::string dn, std::string password) = 0;
};

}  // namespace meerkat::ldap
