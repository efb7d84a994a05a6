// SPDX-License-Identifier: Apache-2.0
// The bottom of libldap's stack of buffers: bytes go over the house's own socket, with its deadlines and its TLS.
#pragma once

#include <lber.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <span>
#include <string>
#include <string_view>

#include "net/client_socket.h"

namespace meerkat::ldap {

// Where libldap's bytes go. Its own sockets and its own TLS are not used.
class Wire {
 public:
  ClientSocket socket;
  SteadyTime until{};  // of what is under way
  std::string failure;
  std::size_t sent = 0, received = 0;

  bool has_bytes() const { return begin_ < end_; }

  static ::Sockbuf_IO* calls() {
    static ::Sockbuf_IO all{setup, remove, control, read, write, close};
    return &all;
  }

 private:
  static Wire& of(::Sockbuf_IO_Desc* place) { return *static_cast<Wire*>(place->sbiod_pvt); }
  static int setup(::Sockbuf_IO_Desc* place, void* wire) {
    place->sbiod_pvt = wire;
    return 0;
  }
  static int remove(::Sockbuf_IO_Desc*) { return 0; }
  static int close(::Sockbuf_IO_Desc*) { return 0; }
  static int control(::Sockbuf_IO_Desc* place, int option, void*) {
    return option == LBER_SB_OPT_DATA_READY && of(place).has_bytes() ? 1 : 0;
  }
  static ::ber_slen_t read(::Sockbuf_IO_Desc* place, void* into, ::ber_len_t size) {
    return of(place).read({static_cast<char*>(into), size});
  }
  static ::ber_slen_t write(::Sockbuf_IO_Desc* place, void* bytes, ::ber_len_t size) {
    return of(place).write({static_cast<const char*>(bytes), size});
  }

  // Like recv: 0 is the end, -1 with errno. A whole TLS record fits, so that nothing waits where poll cannot see it.
  ::ber_slen_t read(std::span<char> into) {
    try {
      if (!has_bytes()) {
        bool ended = false;
        begin_ = end_ = 0;
        end_ = socket.read_now(buffer_, ended);
        received += end_;
        if (ended) return 0;
      }
    } catch (const std::exception& broken) {
      return fail(broken);
    }
    if (!has_bytes()) {
      errno = EWOULDBLOCK;
      return -1;
    }
    const std::size_t count = std::min(into.size(), end_ - begin_);
    std::memcpy(into.data(), buffer_.data() + begin_, count);
    begin_ += count;
    return static_cast<::ber_slen_t>(count);
  }
  ::ber_slen_t write(std::string_view bytes) {
    try {
      socket.write(bytes, until);
    } catch (const std::exception& broken) {
      return fail(broken);
    }
    sent += bytes.size();
    return static_cast<::ber_slen_t>(bytes.size());
  }
  ::ber_slen_t fail(const std::exception& broken) {
    failure = broken.what();
    errno = ECONNRESET;
    return -1;
  }

  std::array<char, 16 * 1024> buffer_{};
  std::size_t begin_ = 0, end_ = 0;
};

}  // namespace meerkat::ldap
