// SPDX-License-Identifier: Apache-2.0
#include "net/tls_bio.h"

#include "base/check.h"

#include <algorithm>
#include <cstring>
#include <new>

#include <openssl/bio.h>

namespace meerkat {
namespace {

constinit thread_local TlsTransfer* current = nullptr;

}  // namespace

struct TlsBioMethods {
  static int read(BIO* bio, char* into, int size) noexcept {
    BIO_clear_retry_flags(bio);
    if (current == nullptr || current->in_.empty()) {
      BIO_set_retry_read(bio);
      return -1;
    }
    std::string_view& in = current->in_;
    const std::size_t taken = std::min(in.size(), static_cast<std::size_t>(std::max(size, 0)));
    std::memcpy(into, in.data(), taken);
    in.remove_prefix(taken);
    return static_cast<int>(taken);
  }

  static int write(BIO* bio, const char* from, int size) noexcept try {
    BIO_clear_retry_flags(bio);
    // Without a transfer: OpenSSL has something to say while the session is destroyed. Nobody listens any more.
    if (current != nullptr) current->out_.append(from, static_cast<std::size_t>(std::max(size, 0)));
    return size;
  } catch (const std::bad_alloc&) {
    return -1;
  }

  static long control(BIO* /*bio*/, int command, long /*number*/, void* /*pointer*/) noexcept {
    return command == BIO_CTRL_FLUSH ? 1 : 0;
  }

  static int create(BIO* bio) noexcept {
    BIO_set_init(bio, 1);
    return 1;
  }
};

namespace {

const BIO_METHOD* make_methods() {
  BIO_METHOD* methods = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "bytes of the current call");
  check(methods != nullptr, "OpenSSL gives a table of BIO methods");
  BIO_meth_set_create(methods, TlsBioMethods::create);
  BIO_meth_set_read(methods, TlsBioMethods::read);
  BIO_meth_set_write(methods, TlsBioMethods::write);
  BIO_meth_set_ctrl(methods, TlsBioMethods::control);
  return methods;
}

}  // namespace

TlsTransfer::TlsTransfer(std::string_view in, std::string& out) : in_(in), out_(out) {
  check(current == nullptr, "TLS calls do not nest");
  current = this;
}

TlsTransfer::~TlsTransfer() { current = nullptr; }

BioHandle make_tls_bio() {
  static const BIO_METHOD* const methods = make_methods();  // lives as long as the process
  return BioHandle{BIO_new(methods)};
}

}  // namespace meerkat
