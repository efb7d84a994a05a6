// SPDX-License-Identifier: Apache-2.0
#include "xml/builder.h"

#include <utility>

#include "base/check.h"
#include "xml/writer.h"

namespace meerkat::xml {

Builder::Builder(std::string_view name) : name_size_(name.size()) {
  out_.reserve(96);
  out_ += '<';
  out_ += name;
}

Builder::Builder(std::string_view name, const Namespace& ns) : Builder(name, ns.uri) {}

Builder::Builder(std::string_view name, std::string_view namespace_uri) : Builder(name) {
  write_attribute(out_, "xmlns", namespace_uri);
}

void Builder::add_attribute(std::string_view name, std::string_view value) {
  check(!has_content_, "attributes are written before content");
  write_attribute(out_, name, value);
}

void Builder::begin_content() {
  if (has_content_) return;
  has_content_ = true;
  out_ += '>';
}

void Builder::add_text(std::string_view text) {
  begin_content();
  escape_text(out_, text);
}

void Builder::add_child(const Builder& child) {
  begin_content();
  child.append_to(out_);
}

void Builder::add_raw(std::string_view xml) {
  if (xml.empty()) return;
  begin_content();
  out_ += xml;
}

void Builder::close(std::string& out) const {
  if (!has_content_) {
    out += "/>";
    return;
  }
  out += "</";
  out += name();
  out += '>';
}

std::string Builder::str() const& {
  std::string out;
  append_to(out);
  return out;
}

std::string Builder::str() && {
  const std::string name{this->name()};
  if (!has_content_) return std::move(out_ += "/>");
  return std::move(((out_ += "</") += name) += '>');
}

void Builder::append_to(std::string& out) const {
  out.reserve(out.size() + out_.size() + name_size_ + 3);
  out += out_;
  close(out);
}

}  // namespace meerkat::xml
