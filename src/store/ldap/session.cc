// SPDX-License-Identifier: Apache-2.0
#include "store/ldap/session.h"

#include <openldap.h>

#include <algorithm>
#include <array>
#include <stdexcept>

#include "store/ldap/wire.h"
#include "store/pool/unavailable.h"

namespace meerkat::ldap {
namespace {

// The largest answer that is read; an entry is one.
constexpr ber_len_t largest_message = 16 * 1024 * 1024;

struct FreeMessage {
  void operator()(LDAPMessage* message) const noexcept { ::ldap_msgfree(message); }
};
using Message = std::unique_ptr<LDAPMessage, FreeMessage>;

struct FreeMemory {
  void operator()(char* memory) const noexcept { ::ldap_memfree(memory); }
};
using Text = std::unique_ptr<char, FreeMemory>;

struct FreeControls {
  void operator()(LDAPControl** controls) const noexcept { ::ldap_controls_free(controls); }
};
using Controls = std::unique_ptr<LDAPControl*, FreeControls>;

::timeval time_left(SteadyTime until) {
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - std::chrono::steady_clock::now());
  const auto most = std::clamp<std::int64_t>(left.count(), 0, 3'600'000);
  return {.tv_sec = most / 1000, .tv_usec = most % 1000 * 1000};
}

std::string words_of_code(int code, const char* diagnostic) {
  std::string words = ::ldap_err2string(code);
  if (diagnostic != nullptr && *diagnostic != '\0') (words += ": ") += diagnostic;
  return words;
}

int native_scope(SearchScope scope) {
  switch (scope) {
    case SearchScope::base:
      return LDAP_SCOPE_BASE;
    case SearchScope::one_level:
      return LDAP_SCOPE_ONELEVEL;
    default:
      return LDAP_SCOPE_SUBTREE;
  }
}

int native_deref(Deref deref) {
  switch (deref) {
    case Deref::always:
      return LDAP_DEREF_ALWAYS;
    case Deref::finding:
      return LDAP_DEREF_FINDING;
    case Deref::searching:
      return LDAP_DEREF_SEARCHING;
    default:
      return LDAP_DEREF_NEVER;
  }
}

// What a login is answered with when the name or the password is not right, or may not be used.
bool means_wrong_password(int code) {
  constexpr std::array codes{LDAP_INVALID_CREDENTIALS,  LDAP_NO_SUCH_OBJECT,    LDAP_INAPPROPRIATE_AUTH,
                             LDAP_UNWILLING_TO_PERFORM, LDAP_INVALID_DN_SYNTAX, LDAP_INSUFFICIENT_ACCESS,
                             LDAP_CONSTRAINT_VIOLATION};
  return std::ranges::count(codes, code) > 0;
}

}  // namespace

class Session::Native {
 public:
  explicit Native(std::unique_ptr<Wire> connected) : wire(std::move(connected)) {
    // Reads the system's ldap.conf, once and for all threads; everything in it that matters is set here.
    [[maybe_unused]] static const int started = ::ldap_set_option(nullptr, LDAP_OPT_DEBUG_LEVEL, &no_debug);
    check(::ldap_init_fd(wire->socket.descriptor(), LDAP_PROTO_EXT, nullptr, &handle), "cannot begin");
    const int version = LDAP_VERSION3, unlimited = 0;
    ::ldap_set_option(handle, LDAP_OPT_PROTOCOL_VERSION, &version);
    ::ldap_set_option(handle, LDAP_OPT_REFERRALS, LDAP_OPT_OFF);
    ::ldap_set_option(handle, LDAP_OPT_RESTART, LDAP_OPT_OFF);
    ::ldap_set_option(handle, LDAP_OPT_SIZELIMIT, &unlimited);
    ::ldap_set_option(handle, LDAP_OPT_TIMELIMIT, &unlimited);
    ::Sockbuf* buffer = nullptr;
    ::ldap_get_option(handle, LDAP_OPT_SOCKBUF, static_cast<void*>(&buffer));
    ::ber_len_t largest = largest_message;
    ::ber_sockbuf_ctrl(buffer, LBER_SB_OPT_SET_MAX_INCOMING, &largest);
    ::ber_sockbuf_add_io(buffer, Wire::calls(), LBER_SBIOD_LEVEL_PROVIDER, wire.get());
  }
  ~Native() {
    wire->until = std::chrono::steady_clock::now();  // says good-bye if nothing is in the way
    ::ldap_unbind_ext(handle, nullptr, nullptr);
  }
  Native(const Native&) = delete;
  Native& operator=(const Native&) = delete;

  // Throws what broke the connection.
  void check(int code, std::string_view what) const {
    if (code == LDAP_SUCCESS) return;
    const std::string& words = wire->failure;
    if (std::chrono::steady_clock::now() >= wire->until && !words.empty())
      throw Unavailable{std::string{what} + ": " + words, Unavailable::Why::timed_out};
    throw std::runtime_error{std::string{what} + ": " + (words.empty() ? words_of_code(code, nullptr) : words)};
  }

  // The next message for `id`; throws when it does not come.
  Message next(int id, SteadyTime until) const {
    ::timeval patience = time_left(until);
    ::LDAPMessage* message = nullptr;
    const int kind = ::ldap_result(handle, id, LDAP_MSG_ONE, &patience, &message);
    if (kind == 0) throw Unavailable{"the directory gave no answer in time", Unavailable::Why::timed_out};
    if (kind < 0) {
      int code = LDAP_SERVER_DOWN;
      ::ldap_get_option(handle, LDAP_OPT_RESULT_CODE, &code);
      check(code == LDAP_SUCCESS ? LDAP_SERVER_DOWN : code, "the connection to the directory broke");
    }
    return Message{message};
  }

  struct Result {
    int code = LDAP_SUCCESS;
    std::string words;
    Controls controls;
  };
  Result result_of(LDAPMessage* message) const {
    Result result;
    char* diagnostic = nullptr;
    ::LDAPControl** controls = nullptr;
    check(::ldap_parse_result(handle, message, &result.code, nullptr, &diagnostic, nullptr, &controls, 0),
          "the answer of the directory cannot be read");
    const Text owned{diagnostic};
    result.controls.reset(controls);
    result.words = words_of_code(result.code, diagnostic);
    return result;
  }

  // Without the values that are longer than wanted.
  Entry entry_of(LDAPMessage* message, std::size_t largest_value) const {
    const Text dn{::ldap_get_dn(handle, message)};
    Entry entry{.dn = dn ? dn.get() : ""};
    ::BerElement* place = nullptr;
    for (Text name{::ldap_first_attribute(handle, message, &place)}; name;
         name.reset(::ldap_next_attribute(handle, message, place))) {
      Attribute& attribute = entry.attributes.emplace_back(name.get());
      ::berval** const values = ::ldap_get_values_len(handle, message, name.get());
      for (::berval** value = values; value != nullptr && *value != nullptr; ++value)
        if (largest_value == 0 || (*value)->bv_len <= largest_value)
          attribute.values.emplace_back((*value)->bv_val, (*value)->bv_len);
      ::ldap_value_free_len(values);
    }
    ::ber_free(place, 0);
    return entry;
  }

  // The end of the answers to one request; whether there are more pages.
  bool ends(LDAPMessage* message, const Search& search, std::string& cookie, Found& found) const {
    const Result result = result_of(message);
    const bool was_cut = result.code == LDAP_SIZELIMIT_EXCEEDED || result.code == LDAP_TIMELIMIT_EXCEEDED;
    if (was_cut) found.complete = false;
    if (!was_cut && result.code != LDAP_SUCCESS) throw Refused{result.code, search.base + ": " + result.words};
    cookie = was_cut || search.page_size == 0 ? std::string{} : next_page(result.controls.get());
    if (search.size_limit == 0 || found.entries.size() < search.size_limit) return !cookie.empty();
    if (found.entries.size() > search.size_limit || !cookie.empty()) found.complete = false;
    found.entries.resize(search.size_limit);
    return false;
  }

  std::unique_ptr<Wire> wire;
  LDAP* handle = nullptr;

 private:
  // RFC 2696: what asks for the next page; empty when there is none.
  std::string next_page(LDAPControl** controls) const {
    LDAPControl* const control = ::ldap_control_find(LDAP_CONTROL_PAGEDRESULTS, controls, nullptr);
    ::ber_int_t estimate = 0;
    ::berval place{};
    if (control == nullptr || ::ldap_parse_pageresponse_control(handle, control, &estimate, &place) != LDAP_SUCCESS)
      return {};
    std::string cookie{place.bv_val == nullptr ? "" : place.bv_val, place.bv_len};
    ::ber_memfree(place.bv_val);
    return cookie;
  }

  static constexpr int no_debug = 0;
};

Session::Session(const LdapConnection& settings) : settings_(settings) {}
Session::~Session() { close(); }

void Session::close() noexcept { native_.reset(); }

int Session::descriptor() const { return native_ ? native_->wire->socket.descriptor() : -1; }

std::pair<std::size_t, std::size_t> Session::traffic() {
  if (!native_) return {};
  return {std::exchange(native_->wire->sent, 0), std::exchange(native_->wire->received, 0)};
}

void Session::connect(SteadyTime until) {
  close();
  std::string words = "no server is named";
  auto left = static_cast<int>(settings_.servers.size());
  for (const std::string& server : settings_.servers) {
    // One that is silent leaves time for the others.
    const SteadyTime now = std::chrono::steady_clock::now();
    try {
      return open(server, now + (until - now) / left--);
    } catch (const std::exception& failed) {
      words = failed.what();
      close();
    }
  }
  throw std::runtime_error{words};
}

void Session::open(const std::string& server, SteadyTime until) {
  auto wire = std::make_unique<Wire>();
  wire->until = until;
  wire->socket.connect(server, settings_.port_in_use(), until);
  native_ = std::make_unique<Native>(std::move(wire));
  if (settings_.tls) start_tls(server, until);
  bind_as_ourselves(until);
}

void Session::start_tls(const std::string& server, SteadyTime until) {
  Wire& wire = *native_->wire;
  if (settings_.starttls) {
    int id = 0;
    native_->check(::ldap_extended_operation(native_->handle, LDAP_EXOP_START_TLS, nullptr, nullptr, nullptr, &id),
                   "cannot ask for TLS");
    const Message answer = native_->next(id, until);
    const Native::Result result = native_->result_of(answer.get());
    if (result.code != LDAP_SUCCESS) throw std::runtime_error{server + " refuses StartTLS: " + result.words};
    // RFC 4511 §4.14.2: nothing may follow the answer before TLS begins.
    if (wire.has_bytes()) throw std::runtime_error{server + " said something between StartTLS and TLS"};
  }
  auto context = TlsContext::make(tls_options(*settings_.tls), TlsRole::client);
  if (!context) throw std::runtime_error{context.error()};
  wire.socket.start_tls(std::move(*context), settings_.tls->server_name(server), until);
}

// RFC 4513 §5.1.1: without a name nobody is logged in; a directory may not want that, but has answered.
void Session::bind_as_ourselves(SteadyTime until) {
  std::string words;
  const int code = simple_bind(settings_.root_dn, settings_.password, until, words);
  if (code != LDAP_SUCCESS && !settings_.root_dn.empty())
    throw std::runtime_error{"cannot log in as " + settings_.root_dn + ": " + words};
  is_ourselves_ = true;
}

int Session::simple_bind(const std::string& dn, const std::string& password, SteadyTime until, std::string& words) {
  native_->wire->until = until;
  ::berval secret{password.size(), const_cast<char*>(password.data())};
  int id = 0;
  native_->check(::ldap_sasl_bind(native_->handle, dn.c_str(), LDAP_SASL_SIMPLE, &secret, nullptr, nullptr, &id),
                 "cannot log in");
  const Message answer = native_->next(id, until);
  Native::Result result = native_->result_of(answer.get());
  words = std::move(result.words);
  return result.code;
}

bool Session::bind(const std::string& dn, const std::string& password, SteadyTime until) {
  is_ourselves_ = false;
  std::string words;
  const int code = simple_bind(dn, password, until, words);
  if (code == LDAP_SUCCESS) return true;
  if (means_wrong_password(code)) return false;
  throw Refused{code, words};
}

Found Session::search(const Search& search, SteadyTime until) {
  if (!is_ourselves_) bind_as_ourselves(until);
  native_->wire->until = until;
  Found found;
  std::string cookie;
  while (read_page(search, cookie, found, until)) continue;
  return found;
}

// One more page, or all if there are none; whether there are more.
bool Session::read_page(const Search& search, std::string& cookie, Found& found, SteadyTime until) {
  const int deref = native_deref(search.deref);
  ::ldap_set_option(native_->handle, LDAP_OPT_DEREF, &deref);
  std::vector<char*> attributes;
  attributes.reserve(search.attributes.size() + 1);
  for (const std::string& name : search.attributes) attributes.push_back(const_cast<char*>(name.c_str()));
  attributes.push_back(nullptr);
  std::array<::LDAPControl*, 2> controls{};
  ::berval place{cookie.size(), cookie.data()};
  if (search.page_size > 0)
    native_->check(::ldap_create_page_control(native_->handle, static_cast<::ber_int_t>(search.page_size),
                                              cookie.empty() ? nullptr : &place, 0, controls.data()),
                   "cannot ask for a page");
  ::timeval limit = time_left(until);
  limit = {.tv_sec = search.time_limit ? std::max<::time_t>(search.time_limit->count(), 1) : limit.tv_sec + 1,
           .tv_usec = 0};
  int id = 0;
  const int code = ::ldap_search_ext(native_->handle, search.base.c_str(), native_scope(search.scope),
                                     search.filter.c_str(), search.attributes.empty() ? nullptr : attributes.data(), 0,
                                     controls.data(), nullptr, &limit, static_cast<int>(search.size_limit), &id);
  if (controls[0] != nullptr) ::ldap_control_free(controls[0]);
  if (code == LDAP_FILTER_ERROR) throw Refused{LDAP_PROTOCOL_ERROR, search.filter + " is no filter"};
  native_->check(code, "cannot search");
  for (;;) {
    const Message message = native_->next(id, until);
    const int kind = ::ldap_msgtype(message.get());
    if (kind == LDAP_RES_SEARCH_ENTRY) found.entries.push_back(native_->entry_of(message.get(), search.largest_value));
    if (kind == LDAP_RES_SEARCH_RESULT) return native_->ends(message.get(), search, cookie, found);
  }
}

void Session::hears() {
  ::timeval now{};
  ::LDAPMessage* message = nullptr;
  const int kind = ::ldap_result(native_->handle, LDAP_RES_ANY, LDAP_MSG_ONE, &now, &message);
  const Message owned{message};
  if (kind < 0) native_->check(LDAP_SERVER_DOWN, "the directory closed the connection");
}

}  // namespace meerkat::ldap
