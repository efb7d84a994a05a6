// SPDX-License-Identifier: Apache-2.0
// RFC 7622: no text breaks the parser, and an address that was parsed is parsed again to itself, whole and in parts.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "xmpp/jid.h"
#include "xmpp/stringprep.h"

using namespace meerkat;

namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text{reinterpret_cast<const char*>(data), size};
  if (const auto password = saslprep(text)) require(saslprep(*password) == password);

  const auto jid = Jid::parse(text);
  if (!jid) return 0;
  require(Jid::parse(jid->text()) == *jid);
  require(Jid::make(jid->node(), jid->domain(), jid->resource()) == *jid);
  require(jid->bare().with_resource(jid->resource()) == *jid);
  require(jid->bare().same_bare(*jid) && jid->bare().bare_hash() == jid->bare_hash());
  require(!jid->domain().empty() && is_utf8(jid->text()));
  for (const std::string_view part : {jid->node(), jid->domain(), jid->resource()})
    require(part.size() <= max_prepared_size);
  return 0;
}
