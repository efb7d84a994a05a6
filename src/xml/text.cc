// SPDX-License-Identifier: Apache-2.0
#include "xml/text.h"

#include "xml/decoder.h"

namespace meerkat::xml {

bool Text::empty() const {
  if (!encoded_) return raw_.empty();
  return Decoder{raw_, kind_}.next().empty();
}

std::string Text::str() const {
  std::string out;
  append_to(out);
  return out;
}

void Text::append_to(std::string& out) const {
  if (!encoded_) {
    out += raw_;
    return;
  }
  Decoder decoder{raw_, kind_};
  for (std::string_view run = decoder.next(); !run.empty(); run = decoder.next()) out += run;
}

std::string_view Text::view(std::string& storage) const {
  if (!encoded_) return raw_;
  storage.clear();
  append_to(storage);
  return storage;
}

bool Text::equals(std::string_view other) const {
  Decoder decoder{raw_, kind_};
  for (std::string_view run = decoder.next(); !run.empty(); run = decoder.next()) {
    if (!other.starts_with(run)) return false;
    other.remove_prefix(run.size());
  }
  return other.empty();
}

}  // namespace meerkat::xml
