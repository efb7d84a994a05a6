// SPDX-License-Identifier: Apache-2.0
#include "server/setup.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string_view>
#include <system_error>

#include <fmt/format.h>

#include "base/json_text.h"
#include "server/general_section.h"

namespace meerkat {
namespace {

std::filesystem::path certificates_of(const SetupWish& wish) {
  return std::filesystem::absolute(wish.config).parent_path() / "certificates";
}

// Goes into shell commands and into a TOML file, so what could end a word is refused.
bool is_email(std::string_view text) {
  const auto at = text.find('@');
  return at != std::string_view::npos && at > 0 && at + 1 < text.size() &&
         text.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.@_%+-") ==
             std::string_view::npos &&
         text.find('@', at + 1) == std::string_view::npos;
}

std::expected<void, std::string> write_new(const std::filesystem::path& file, std::string_view text, bool force) {
  const int descriptor =
      ::open(file.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW | (force ? O_TRUNC : O_EXCL), 0644);
  if (descriptor < 0 && errno == EEXIST)
    return std::unexpected(file.string() + " is there already; say --force to overwrite it, or --config for another");
  int error = descriptor < 0 ? errno : 0;
  if (error == 0 && ::write(descriptor, text.data(), text.size()) != static_cast<ssize_t>(text.size())) error = errno;
  if (error == 0 && ::fsync(descriptor) != 0) error = errno;
  if (descriptor >= 0) ::close(descriptor);
  if (error == 0) return {};
  return std::unexpected(fmt::format("cannot write {}: {}; check that its directory exists and may be written",
                                     file.string(), std::strerror(error)));
}

}  // namespace

std::string first_configuration(const SetupWish& wish) {
  const std::string certificates = certificates_of(wish).string();
  const std::string tls =
      fmt::format(R"(  # tls.certfile = {}
  # tls.keyfile = {}
)",
                  json_string(certificates + "/fullchain.pem"), json_string(certificates + "/privkey.pem"));
  return fmt::format(R"(# Meerkat for {0}. All options: meerkat config reference. After a change: meerkat check
[general]
  hosts = ["{0}"]
  default_server_domain = "{0}"
  loglevel = "notice"
[[listen.c2s]]
  port = 5222
  tls.mode = "starttls_required"
{1}[[listen.c2s]]
  port = 5223
  tls.mode = "tls"
{1}[auth.internal]
[internal_databases.embedded]
  directory = {2}
[admin.page]
  port = 5281
# Nothing is gathered about this server; true: see docs/guide/system-metrics.md.
[services.service_mongoose_system_metrics]
  report = false
[modules]
  mod_blocking = {{}}
  mod_caps = {{}}
  mod_carboncopy = {{}}
  mod_csi = {{}}
  mod_disco = {{}}
  mod_offline = {{}}
  mod_ping = {{}}
  mod_presence = {{}}
  mod_privacy = {{}}
  mod_private = {{}}
  mod_roster.versioning = true
  mod_stanzaid = {{}}
  mod_stream_management = {{}}
  mod_time = {{}}
  mod_vcard = {{}}
  mod_version = {{}}
)",
                     prepared_domain(wish.domain), tls, json_string(std::filesystem::absolute(wish.data).string()));
}

std::string next_steps(const SetupWish& wish) {
  return fmt::format(R"(Next:

1. DNS records of {0} (put your own addresses in):
     {0}.                     A      192.0.2.1
     {0}.                     AAAA   2001:db8::1
     _xmpp-client._tcp.{0}.   SRV    0 5 5222 {0}.
     _xmpps-client._tcp.{0}.  SRV    0 5 5223 {0}.
   AAAA needs ip_address = "::" below both ports in {3}; it serves IPv4 as well.
   Later, when Meerkat talks to other servers:
     _xmpp-server._tcp.{0}.   SRV    0 5 5269 {0}.

2. A certificate that clients trust. Until then the server makes one that signs itself. With port 80 free, either of
     certbot certonly --standalone --non-interactive --agree-tos -m {1} -d {0} \
       --deploy-hook 'install -d -o meerkat -m 700 {2} && install -o meerkat -m 600 "$RENEWED_LINEAGE"/fullchain.pem "$RENEWED_LINEAGE"/privkey.pem {2}/'
     lego --accept-tos --email {1} --domains {0} --http --path /var/lib/lego run \
       && install -d -o meerkat -m 700 {2} \
       && install -o meerkat -m 600 /var/lib/lego/certificates/{0}.crt {2}/fullchain.pem \
       && install -o meerkat -m 600 /var/lib/lego/certificates/{0}.key {2}/privkey.pem
   Then take the "# " away from the lines tls.certfile and tls.keyfile in {3}.

3. Look whether all is well, and start:
     meerkat check --config {3}
     systemctl enable meerkat && systemctl restart meerkat    (or: meerkat serve --config {3})

4. See it live in a browser on this machine, or through ssh -L 5281:127.0.0.1:5281:
     meerkat page
)",
                     prepared_domain(wish.domain), wish.email, certificates_of(wish).string(), wish.config.string());
}

std::expected<std::string, std::string> set_up(const SetupWish& wish) {
  if (!is_domain(wish.domain))
    return std::unexpected(fmt::format("\"{}\" is not a domain, such as example.org", wish.domain));
  if (!is_email(wish.email))
    return std::unexpected(fmt::format("\"{}\" is not an email address, such as admin@example.org", wish.email));
  std::error_code failed;
  if (wish.config.has_parent_path()) std::filesystem::create_directories(wish.config.parent_path(), failed);
  if (auto written = write_new(wish.config, first_configuration(wish), wish.force); !written)
    return std::unexpected(written.error());
  std::string done = fmt::format("{} is written.\n", wish.config.string());
  if (std::filesystem::is_directory(wish.data, failed)) return done + wish.data.string() + " was there already.\n";
  if (wish.data.has_parent_path()) std::filesystem::create_directories(wish.data.parent_path(), failed);
  if (::mkdir(wish.data.c_str(), 0700) != 0)
    return std::unexpected(fmt::format("{}but the data directory {} cannot be made: {}; make it for the server's user",
                                       done, wish.data.string(), std::strerror(errno)));
  return done + fmt::format("{} is made; it has to belong to the server's user: chown meerkat: {}\n",
                            wish.data.string(), wish.data.string());
}

}  // namespace meerkat
