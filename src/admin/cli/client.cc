// SPDX-License-Identifier: Apache-2.0
#include "admin/cli/client.h"

#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include <fmt/format.h>

#include "xmpp/sasl_crypto.h"

namespace meerkat::admin {
namespace {

// Longer than any command may take.
constexpr timeval longest_silence{.tv_sec = 120, .tv_usec = 0};

class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {}
  ~Descriptor() {
    if (number_ >= 0) ::close(number_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int number() const { return number_; }

 private:
  int number_;
};

std::string advice(int error, const std::filesystem::path& socket) {
  const std::string path = std::filesystem::absolute(socket).string();
  switch (error) {
    case ENOENT:
      return fmt::format(
          "the server is not running: there is no socket {}. Start it with meerkat serve, or say where it is with "
          "--config FILE or --socket PATH",
          path);
    case ECONNREFUSED:
      return fmt::format("the server is not running: nobody listens at {}. Start it with meerkat serve", path);
    case EACCES:
    case EPERM:
      return fmt::format("{} may not be used by you: run this as root, or as the user that runs the server", path);
    default:
      return fmt::format("cannot reach the server at {}: {}", path, std::strerror(error));
  }
}

bool send_all(int descriptor, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = ::send(descriptor, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    if (sent <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

// The next line without its end; nothing when the server has gone.
class Lines {
 public:
  explicit Lines(int descriptor) : descriptor_(descriptor) {}
  std::optional<std::string> next() {
    for (;;) {
      const std::size_t end = bytes_.find('\n', searched_);
      if (end != std::string::npos) {
        std::string line = bytes_.substr(0, end);
        bytes_.erase(0, end + 1);
        searched_ = 0;
        return line;
      }
      searched_ = bytes_.size();
      std::string part(64 * 1024, '\0');
      const ssize_t count = ::recv(descriptor_, part.data(), part.size(), 0);
      if (count < 0 && errno == EINTR) continue;
      if (count <= 0) return std::nullopt;
      bytes_.append(part, 0, static_cast<std::size_t>(count));
    }
  }

 private:
  int descriptor_;
  std::string bytes_;
  std::size_t searched_ = 0;
};

}  // namespace

std::expected<void, std::string> ask_server(const std::filesystem::path& socket, const Request& request,
                                            AnswerTaker& taker) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (socket.native().size() >= sizeof address.sun_path) return std::unexpected(advice(ENAMETOOLONG, socket));
  std::memcpy(address.sun_path, socket.c_str(), socket.native().size());
  const Descriptor descriptor{::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)};
  if (descriptor.number() < 0 ||
      ::connect(descriptor.number(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
    return std::unexpected(advice(errno, socket));
  ::setsockopt(descriptor.number(), SOL_SOCKET, SO_RCVTIMEO, &longest_silence, sizeof longest_silence);

  std::string line = write_request(request);
  // A server that turns us away has answered before it hears the question.
  send_all(descriptor.number(), line);
  wipe(line);
  Lines lines{descriptor.number()};
  for (;;) {
    const auto answer = lines.next();
    if (!answer)
      return std::unexpected("the server has gone away or does not answer; look into its log for what happened");
    auto part = read_answer(*answer);
    if (!part) return std::unexpected("the server speaks another language: is it of another version?");
    const bool more = part->more;
    taker.take(std::move(*part));
    if (!more) return {};
  }
}

}  // namespace meerkat::admin
